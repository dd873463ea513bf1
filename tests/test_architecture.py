"""The parts know of each other only what the design says."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    [
        *(ROOT / "casework").rglob("*.py"),
        *(ROOT / "publisher").rglob("*.py"),
        *(ROOT / "intake_app").rglob("*.py"),
        ROOT / "build.py",
    ]
)


def test_import_contracts_hold() -> None:
    """import-linter finds no import against the flow."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_say_why_they_exist_and_functions_stay_short(path: Path) -> None:
    """A docstring on each module; no function of 40 lines or more."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 40
    ]

    assert ast.get_docstring(tree)
    assert long == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_hidden_clock(path: Path) -> None:
    """Only the command lines and the service's one clock ask what day it is."""
    if path.name in ("build.py", "commands.py", "config.py"):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asked = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("today", "now", "utcnow", "time_ns")
        and isinstance(node.value, ast.Name) and node.value.id in ("date", "datetime", "time")
    ]  # fmt: skip

    assert asked == []
