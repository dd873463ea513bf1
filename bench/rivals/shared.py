"""What the other apps share with each other, so that only their frameworks differ: the questions,
the frame of the page, the table and how it is written.

``RIVAL_DATA`` names the published ``data/`` folder, ``RIVAL_DATABASE`` the SQLite file,
``RIVAL_THREADS`` how many threads a worker has where the app itself makes them.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

SIGNING_KEY = "the same in every worker, for measuring only"
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
PATIENCE = 30  # seconds that SQLite's own busy handler waits
TEXTS = ("receiver", "relation", "name", "address", "phone", "subject", "present", "advice")
COLUMNS = (*TEXTS, "publish")
_TABLES = f"""
CREATE TABLE IF NOT EXISTS submissions (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, code TEXT NOT NULL,
    {", ".join(f"{name} TEXT NOT NULL" for name in COLUMNS)}
);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, submission_id INTEGER NOT NULL REFERENCES submissions (id),
    name TEXT NOT NULL, content BLOB NOT NULL
);
"""
_INSERT = (
    f"INSERT INTO submissions (at, code, {', '.join(COLUMNS)}) "
    f"VALUES (?, ?, {', '.join('?' * len(COLUMNS))})"
)
#: A template of Jinja and of Django alike; ``%s`` is the body.
PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>建议意见 - {{ frame.name }}</title>
{{ frame.head|safe }}
</head>
<body>
{{ frame.top|safe }}<main id="main" class="wrap prose" tabindex="-1">
<h1>{{ frame.title }}</h1>
%s
</main>
{{ frame.foot|safe }}</body>
</html>
"""
BEFORE = """<p class="lead">{{ frame.summary }}</p>
<details open><summary>填表之前</summary><ul>
{% for line in frame.before %}<li>{{ line }}</li>{% endfor %}</ul></details>
"""
AFTER = """<p class="send"><button class="btn go" type="submit">提交</button></p>
<p class="soft">提交以后，下一页会给您登记编号和查询码，请准备纸笔。</p>
"""
RECEIPT = """<section class="card receipt"><h2>请抄下这两样</h2>
<dl class="facts"><dt>登记编号</dt><dd class="big">{{ filed.number }}</dd><dt>查询码</dt>
<dd class="big">{{ filed.code }}</dd><dt>收到时间</dt><dd>{{ filed.at }}</dd></dl></section>
<h2>接下来</h2><ol>{% for line in frame.then %}<li>{{ line }}</li>{% endfor %}</ol>
"""


@dataclass(frozen=True)
class Published:
    """The form and the frame as our own service reads them."""

    data: Path

    @cached_property
    def form(self) -> Mapping[str, Any]:
        found = json.loads((self.data / "forms.json").read_bytes())["forms"]
        return next(one for one in found if one["slug"] == "suggestion")

    @cached_property
    def frame(self) -> Mapping[str, Any]:
        """The site's name, head, top and foot, and what the form says around its questions."""
        raw = json.loads((self.data / "frame.json").read_bytes())
        made = {key: raw[key].replace("@/", "/") for key in ("name", "head", "top", "foot")}
        css = Path("intake_app/templates/form.css").read_text(encoding="utf-8")
        made["head"] += f"<style>{raw['css']}{css}</style>"
        return made | {key: self.form[key] for key in ("title", "summary", "before", "then")}

    def ask(self, name: str) -> Mapping[str, Any]:
        """A question: ``label``, ``hint`` or None, ``choices``, ``limit`` or None."""
        return next(one for one in self.form["fields"] if one["id"] == name)

    def pairs(self, name: str) -> list[tuple[str, str]]:
        return [(one, one) for one in self.ask(name)["choices"]]


@dataclass(frozen=True, slots=True)
class Filed:
    number: str
    code: str
    at: str


class Database:
    """A connection per thread, one commit a submission."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self.connection().executescript(_TABLES)

    def connection(self) -> sqlite3.Connection:
        if not hasattr(self._own, "connection"):
            made = sqlite3.connect(self._path, isolation_level=None, timeout=PATIENCE)
            for pragma in PRAGMAS:
                made.execute(f"PRAGMA {pragma}")
            self._own.connection = made
        return self._own.connection  # type: ignore[no-any-return]

    def insert(self, given: Mapping[str, Any], files: Sequence[tuple[str, bytes]]) -> int:
        """The new row's id, after the commit."""
        database = self.connection()
        row = [datetime.now().astimezone().isoformat("T", "seconds"), new_code()]
        row += [given.get(name) or "" for name in COLUMNS]
        database.execute("BEGIN IMMEDIATE")
        try:
            made = database.execute(_INSERT, row).lastrowid or 0
            for name, content in files:
                database.execute(
                    "INSERT INTO files (submission_id, name, content) VALUES (?, ?, ?)",
                    (made, name, content),
                )
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
        return made

    def filed(self, row: int) -> Filed:
        found = self.connection().execute("SELECT code, at FROM submissions WHERE id = ?", (row,))
        code, at = found.fetchone()
        return Filed(number(row, at), code, at)


def new_code() -> str:
    return secrets.token_hex(8)


def number(row: int, at: str) -> str:
    return f"{at[:4]}-{row:06d}"


def stored(path: Path) -> list[dict[str, str]]:
    """What a rival kept of each submission: the answers, and the bytes of its files."""
    size = "SELECT coalesce(sum(length(content)), 0) FROM files WHERE submission_id = kept.id"
    with sqlite3.connect(path) as database:
        found = database.execute(
            f"SELECT {', '.join(COLUMNS)}, ({size}) FROM submissions AS kept ORDER BY id"
        ).fetchall()
    return [dict(zip((*COLUMNS, "files"), map(str, row), strict=True)) for row in found]


def published() -> Published:
    return Published(Path(os.environ["RIVAL_DATA"]))


def database() -> Database:
    return Database(Path(os.environ["RIVAL_DATABASE"]))
