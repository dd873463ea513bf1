"""What MkDocs and Zensical both take: sources in a directory, and settings over ``mkdocs.yml``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).resolve().parent.parent / "mkdocs.yml"
# YAML breaks a line at, or refuses, characters that JSON allows as they are.
_YAML_SHY = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What an office lays over ``mkdocs.yml``; ``extra`` is ``config.extra`` in the theme."""

    name: str
    url: str
    today: date
    extra: Mapping[str, Any] = field(default_factory=dict)
    config: Path = CONFIG


def page_source(meta: Mapping[str, Any], html: str) -> bytes:
    """A page for MkDocs and Zensical: front matter, then one block of finished HTML."""
    front = json.dumps(meta, ensure_ascii=False, allow_nan=False)
    front = _YAML_SHY.sub(lambda found: f"\\u{ord(found[0]):04x}", front)
    return f"---\n{front}\n---\n\n{html.strip()}\n".encode()


def overrides(settings: SiteSettings, work: Path, out: Path) -> dict[str, Any]:
    """The settings that lie over ``mkdocs.yml``, as MkDocs and Zensical name them."""
    return {
        "site_name": settings.name,
        "site_url": settings.url,
        "docs_dir": str(work.resolve()),
        "site_dir": str(out.resolve()),
        "extra": dict(settings.extra),
    }


def write_sources(files: Mapping[str, bytes], work: Path) -> None:
    """Make ``work`` hold exactly ``files``, touching only what differs, so that a watcher rests."""
    for folder, subfolders, names in os.walk(work, topdown=False):
        here = Path(folder)
        for name in names:
            if (here / name).relative_to(work).as_posix() not in files:
                (here / name).unlink()
        for name in subfolders:
            _remove_if_empty(here / name)
    made = {work}
    for name, content in files.items():
        target = work / name
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        if not (target.is_file() and target.read_bytes() == content):
            target.write_bytes(content)


def _remove_if_empty(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif not any(folder.iterdir()):
        folder.rmdir()
