"""What is parsed while the program loads is what would be parsed later, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher import parse
from publisher.ahead import parsing
from publisher.load import load
from tests.builders import write_office


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    yield
    parse.KNOWN.clear()


def test_a_folder_parsed_ahead_is_the_same_office(tmp_path: Path) -> None:
    """Every file of the folder is known, is used once, and says what it says without."""
    content = write_office(tmp_path)
    alone = load(content)
    with parsing(content):
        pass
    texts = {path.read_text() for path in content.rglob("*.yml")}
    assert texts <= {text for text, _ in parse.KNOWN}
    assert load(content) == alone
    assert not parse.KNOWN


def test_a_file_saved_meanwhile_is_read_anew(tmp_path: Path) -> None:
    """Not what was parsed counts but what stands in the file when it is read."""
    content = write_office(tmp_path)
    with parsing(content):
        site = content / "site.yml"
        site.write_text(site.read_text().replace("host:", "hosst:"))
    _, problems = load(content)
    assert any("hosst" in problem.message for problem in problems)


@pytest.mark.parametrize(
    "data", [b"a: [", b"\xff\xfe", b"name: &a b", b"a:\tb", b"x: " + b"1" * (1 << 20)]
)
def test_what_is_wrong_is_left_for_load_to_tell(tmp_path: Path, data: bytes) -> None:
    """A broken text, a loop of links and a folder with a file's name stop nobody here."""
    content = write_office(tmp_path)
    (content / "topics.yml").write_bytes(data)
    (content / "forms").mkdir(exist_ok=True)
    (content / "forms" / "loop.yml").symlink_to("loop.yml")
    (content / "forms" / "folder.yml").mkdir()
    with parsing(content):
        pass
    _, problems = load(content)
    told = {Path(problem.path).name for problem in problems}
    assert {"topics.yml", "loop.yml", "folder.yml"} <= told
