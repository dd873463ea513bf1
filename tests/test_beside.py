"""Work done beside: the same result, errors told here, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from publisher.beside import beside

ROOT = Path(__file__).parent.parent
SCRIPT = """
import os, sys
from publisher.beside import beside
here = os.getpid()
with beside(lambda: (os.getpid(), b"x" * 3_000_000)) as result:
    pid, text = result()
assert pid != here and len(text) == 3_000_000
with beside(lambda: 1 / 0) as result:
    try:
        result()
    except ZeroDivisionError:
        print("told here")
with beside(lambda: b"y" * 3_000_000):
    pass
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no child left")
"""


def test_a_second_process_works_and_leaves_nothing() -> None:
    """Three megabytes come back whole; an error is raised here; an unused result is dropped."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (done.stdout.split("\n")[:2], done.stderr) == (["told here", "no child left"], "")


def test_where_threads_run_the_work_is_done_here() -> None:
    """A test runner's or a preview's process is not forked."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with beside(os.getpid) as result:
            assert result() == os.getpid()
    finally:
        stop.set()
        thread.join()


def test_an_error_is_raised_where_it_can_be_told() -> None:
    """Whatever process does the work."""

    def fail() -> None:
        raise ValueError("no")

    with beside(fail) as result, pytest.raises(ValueError, match="no"):
        result()
