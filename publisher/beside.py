"""One piece of work in a second process, while this one goes on with another."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def beside(make: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Start ``make`` and yield a function that waits for its result, to be called once.

    Forking is only sound in a process of one thread; elsewhere, and if the second process fails,
    the work is done here, when it is asked for. So an error is raised where it can be told.
    """
    if threading.active_count() > 1 or not hasattr(os, "fork"):
        yield make
        return
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(here)  # else it would wait for ever to be read by itself
        _send(make, there)
    os.close(there)
    ended: list[int] = []
    with os.fdopen(here, "rb") as pipe:

        def result() -> T:
            told = pipe.read()
            whole = os.waitpid(child, 0)[1] == 0
            ended.append(child)
            made: T = pickle.loads(told) if whole else make()
            return made

        try:
            yield result
        finally:
            pipe.close()  # a child that still writes is ended by this
            if not ended:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def _send(make: Callable[[], object], there: int) -> None:
    """The second process: it says nothing, sends all or nothing, and runs no clean-up of ours."""
    status = 1
    try:
        made = pickle.dumps(make(), protocol=pickle.HIGHEST_PROTOCOL)
        with os.fdopen(there, "wb") as pipe:
            pipe.write(made)
        status = 0
    finally:
        os._exit(status)
