"""The sample county, built once by the real command, for every test that looks at its site."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from tests.browsing import browser, sample, serve  # noqa: F401 - fixtures

ROOT = Path(__file__).parent.parent
settings.register_profile("project", derandomize=True, deadline=None)
settings.load_profile("project")


@dataclass(frozen=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str


def run_build(*args: str | Path) -> Ran:
    """``python build.py ARGS`` as staff run it."""
    command = [sys.executable, str(ROOT / "build.py"), *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample county's site, without PDFs."""
    site = tmp_path_factory.mktemp("sample") / "xinfang"  # where its site.yml says it is
    ran = run_build("--site", site, "--no-pdf")
    assert ran.code == 0, ran.err
    return site
