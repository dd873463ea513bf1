"""Small sites whose pages all carry the mark of their build; run as a program it never stops.

It says ``done`` when it begins, and after each site that stands.
Apart from the tests because a process that is started to be killed must start quickly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from publisher import releases

PAGES = 60
NO_SUCH_FLAG = 1 << 20  # the kernel answers EINVAL, as where names can't be exchanged


def pages(mark: str) -> dict[str, str]:
    return {
        f"notices/{n}/index.html" if n else "index.html": f"<p>{mark}</p>" * 200
        for n in range(PAGES)
    }


def fill(folder: Path, mark: str) -> None:
    for name, text in pages(mark).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def make(site: Path, mark: str) -> None:
    with releases.replacing(site) as new:
        fill(new, mark)


def _said() -> None:
    sys.stdout.write("done\n")
    sys.stdout.flush()


def _build(folder: Path) -> None:
    while True:
        for mark in ("一", "二"):
            make(folder / "site", mark)
            _said()


def _renames(folder: Path) -> None:
    releases._RENAME_EXCHANGE = NO_SUCH_FLAG
    _build(folder)


def _publish(folder: Path) -> None:
    while True:
        for mark in ("一", "二"):
            releases.publish(folder / mark, folder / "www", "r")
            _said()


if __name__ == "__main__":
    endless: dict[str, Callable[[Path], None]] = {
        "build": _build,
        "renames": _renames,
        "publish": _publish,
    }
    _said()
    endless[sys.argv[1]](Path(sys.argv[2]))
