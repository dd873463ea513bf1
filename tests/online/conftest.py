"""The service over a copy of the sample county's data, with keys that a test can open."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from casework.workdays import SHANGHAI
from intake_app.config import Config
from intake_app.migrations import upgrade
from intake_app.sealing import make_keys
from tests.intake.conftest import empty_url, postgres  # noqa: F401 - fixtures
from tests.online.citizens import PHRASES, QUICK, Office
from tests.online.servers import start_server  # noqa: F401 - a fixture

NOW = datetime(2026, 12, 8, 9, 30, tzinfo=SHANGHAI)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key files, made once: their passphrases are known to the tests alone."""
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder, PHRASES, work=QUICK)
    return folder


@pytest.fixture
def site(sample_site: Path, tmp_path: Path) -> Path:
    """The published data of the sample county, to be changed at will."""
    copy = tmp_path / "site"
    shutil.copytree(sample_site / "data", copy / "data")
    return copy


@pytest.fixture
def config(site: Path, keys: Path, tmp_path: Path) -> Config:
    """Settings for one test: an SQLite queue of its own, generous limits, no least time."""
    home = tmp_path / "home"
    home.mkdir()
    return Config(
        home=home,
        site=site,
        keys=keys,
        prefix="/online",
        filing_limit="100000 per minute",
        page_limit="100000 per minute",
        upload_limit="100000 per hour",
        code_limit="5 per 15 minutes",
        min_seconds=0,
        floor_mb=1,
        now=NOW,
    )


@pytest.fixture
def open_office(config: Config) -> Iterator[Callable[..., Office]]:
    """Start offices: ``open_office()`` or with other settings, ``open_office(min_seconds=5)``."""
    opened: list[Office] = []

    def start(**changes: object) -> Office:
        chosen = replace(config, **changes)  # type: ignore[arg-type]
        upgrade(chosen.store_url)
        opened.append(Office(chosen))
        return opened[-1]

    yield start
    for one in opened:
        with closing(one.service.store):
            pass


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    """One office with the settings of ``config``."""
    return open_office()
