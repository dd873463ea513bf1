"""A desk of the sample county, with colleagues of every role."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake_app.config import Config
from intake_app.migrations import upgrade
from tests.desk.staffing import Clock, DeskOffice
from tests.intake.conftest import database_url, empty_url, postgres, sqlite_url, store  # noqa: F401 - fixtures
from tests.online.conftest import NOW, config, keys, site  # noqa: F401 - fixtures


@pytest.fixture
def clock() -> Clock:
    """Tuesday morning, 8 December 2026."""
    return Clock(NOW)


@pytest.fixture(scope="session")
def empty_queue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file; copying it is quicker than migrating for each test."""
    made = tmp_path_factory.mktemp("queue") / "intake.sqlite3"
    upgrade(f"sqlite:///{made}")
    return made


@pytest.fixture
def open_desk(
    config: Config,  # noqa: F811
    clock: Clock,
    empty_queue: Path,
) -> Iterator[Callable[..., DeskOffice]]:
    """Start desks: ``open_desk()`` or with other settings, ``open_desk(desk_idle_minutes=5)``."""
    opened: list[DeskOffice] = []

    def start(**changes: object) -> DeskOffice:
        chosen = replace(config, **changes)  # type: ignore[arg-type]
        if chosen.database_url:
            upgrade(chosen.store_url)
        else:
            shutil.copyfile(empty_queue, chosen.home / empty_queue.name)
        opened.append(DeskOffice(chosen, clock))
        return opened[-1]

    yield start
    for one in opened:
        one.service.store.close()


@pytest.fixture
def desk(open_desk: Callable[..., DeskOffice]) -> DeskOffice:
    """One desk with the settings of ``config``."""
    return open_desk()
