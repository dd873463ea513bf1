"""Reads the YAML of a content folder while the rest of the program is still being loaded.

Loading takes as long as parsing, and a machine has two cores. Whatever is not as it should be is
passed over here: ``load`` meets it again and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publisher import parse
from publisher.beside import beside

_PLACES = ("*.yml", "*/*.yml", "*/*.md", "institutions/*/*.yml", "institutions/*/rosters/*.yml")


@contextmanager
def parsing(content: Path) -> Iterator[None]:
    """Within the block, load what ``load`` needs; after it, ``parse`` knows the folder's texts."""
    with beside(lambda: dict(_parsed(content))) as parsed:
        yield
        parse.KNOWN.update(parsed())


def _parsed(content: Path) -> Iterator[tuple[tuple[str, int], parse.Parsed]]:
    """(text, lines before it) → its values, of every file that has nothing wrong in it."""
    for path in (path for where in _PLACES for path in content.glob(where)):
        try:
            if path.is_file():
                text, before = _yaml_of(path)
                yield (text, before), parse.parse(text, before)
        except (OSError, parse.UnreadableError):
            continue


def _yaml_of(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        text = parse.decode(file.read(parse.MARKDOWN_LIMIT))
    return (text, 0) if path.suffix == ".yml" else (parse.split_front_matter(text)[0], 1)
