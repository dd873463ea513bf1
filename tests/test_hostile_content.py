"""Hostile and mangled content: always problems or values, never an exception, never a long wait."""

from __future__ import annotations

import copy
import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.check import check, check_links, released_record
from publisher.load import load
from publisher.office import Office, Problem
from tests.builders import (
    BODIES,
    COUNTY,
    COUNTY_DECEMBER,
    COUNTY_PEOPLE,
    PARTS,
    TODAY,
    Fields,
    merged,
    to_yaml,
    write,
    write_office,
)

ROSTER = f"institutions/{COUNTY}/rosters/2026-12.yml"
HEAD = "month: 2026-12\npublished: 2026-11-20\n"
LONGEST = 5.0  # seconds of this process; a whole honest county takes a hundredth


def examined(content: Path) -> tuple[Office | None, list[Problem]]:
    """Everything that is ever asked of content, in a bounded time."""
    started = time.process_time()
    office, problems = load(content)
    found = list(problems)
    if office is not None:
        found += check(office, TODAY, release=True)
        found += check(office, date(2028, 2, 29), known=problems)
        found += check_links((*office.regulations, *office.procedures, *office.notices), {"", "a/"})
        released_record(office, TODAY)
    assert time.process_time() - started < LONGEST
    for problem in found:
        assert problem.line >= 1
        assert str(problem).isprintable(), repr(str(problem))
    return office, found


# ── names that look like attacks are only names ──────────────────────────────────────────────

NAMES = [
    "<script>alert(1)</script>",
    "'; DROP TABLE petitions; --",
    "{{ config }}",
    "{% include '/etc/passwd' %}",
    "${jndi:ldap://x}",
    "=HYPERLINK(1)",
    "艾力·买买提",
    "𠮷野",
    'O\'Brien & "Söhne"',
    "../../etc/passwd",
    "%s%n\\x00",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_loads_unharmed(tmp_path: Path, name: str) -> None:
    """Markup, templates and rare characters stay the text that they are."""
    people = copy.deepcopy(COUNTY_PEOPLE["people"])
    people[3].update({"name": name, "post": name})
    sessions = copy.deepcopy(COUNTY_DECEMBER["sessions"])
    sessions[0]["companions"] = [name]
    content = write_office(
        tmp_path,
        county_people={"people": people},
        county_december={"sessions": sessions, "note": name},
    )
    office, problems = load(content)
    assert problems == ()
    assert office is not None
    assert check(office, TODAY) == ()
    assert office.primary.people[3].name == name
    assert office.primary.rosters[1].value.sessions[0].companions == (name,)


# ── attacks on the reader ────────────────────────────────────────────────────────────────────


def bomb(levels: int) -> str:
    """A billion laughs: each level names the one before nine times."""
    lines = ["a0: &a0 [x, x, x]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]")
    return "\n".join(lines)


ATTACKS = {
    "deep lists": "[" * 100_000,
    "deep lists after a key": f"{HEAD}sessions: " + "[" * 100_000,
    "deep tables": "{a: " * 50_000,
    "deep blocks": "- " * 100_000,
    "deep indents": "\n".join(" " * level + "a:" for level in range(400)),
    "deep keys": "? " * 100_000,
    "many braces": "{" * 100_000,
    "many closing brackets": "]" * 100_000,
    "laughs": bomb(12),
    "self reference": "a: &a [*a]",
    "merge": "a: &a {b: c}\nd:\n  <<: *a",
    "python object": "month: !!python/object/apply:os.system ['true']",
    "python name": "!!python/name:os.system ''",
    "binary": "month: !!binary aGVsbG8=",
    "set": "!!set {a, b}",
    "own tag": "%TAG ! tag:evil.example,2000:\n---\n!x y",
    "directive": "%YAML 9.9\n---\nmonth: 2026-12",
    "many documents": "---\n" * 50_000,
    "many keys": "\n".join(f"k{number}: v" for number in range(20_000)),
    "same key": "k: v\n" * 40_000,
    "long key": "k" * 200_000 + ": v",
    "long value": f"{HEAD}note: " + "字" * 80_000,
    "long number": "month: " + "9" * 200_000,
    "many anchors": "\n".join(f"k{number}: &a{number} v" for number in range(10_000)),
    "many quotes": '"' * 200_000,
    "many colons": "a: " * 60_000,
    "many errors": "a\n" * 100_000,
    "long flow": f"{HEAD}sessions: [" + "a," * 100_000 + "]",
    "many wrong sessions": f"{HEAD}sessions:\n" + "  - {date: x}\n" * 10_000,
    "null bytes": "\x00" * 1000,
    "escape codes": f"{HEAD}note: \x1b[31mred",
    "bidi": f"{HEAD}note: \u202e\u2066abc",
    "escaped bidi": f'{HEAD}note: "\\u202eabc"',
    "escaped control": f'{HEAD}note: "\\x1b[31m"',
    "escaped surrogate": f'{HEAD}note: "\\ud800"',
    "line separators": f"{HEAD}note: a\u2028sessions: b",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_on_the_parser_is_told(tmp_path: Path, attack: str) -> None:
    """Nesting, bombs, tags and floods become problems of that one file, quickly."""
    content = write_office(tmp_path, files={ROSTER: ATTACKS[attack]})
    office, problems = examined(content)
    assert office is not None
    assert [problem for problem in problems if not problem.warning]
    assert not any("evil" in problem.path for problem in problems)


ESCAPES = [
    ("\\u202e", "文字方向控制符（U+202E）"),
    ("\\x1b[31m", "转义控制符（U+001B）"),
    ("\\0", "空字符（U+0000）"),
    ("\\u200b", "零宽空格（U+200B）"),
]


@pytest.mark.parametrize(("escape", "name"), ESCAPES)
def test_an_escape_hides_no_control_character(tmp_path: Path, escape: str, name: str) -> None:
    """What may not stand in a file may not be written as an escape either."""
    content = write_office(tmp_path, files={ROSTER: f'{HEAD}note: "a{escape}"\n'})
    (problem,) = load(content)[1]
    assert (problem.line, name in problem.message) == (3, True)


def test_a_message_stays_one_line(tmp_path: Path) -> None:
    """A value with line breaks is told without them, a long one cut."""
    text = f'{HEAD}sessions: [{{date: 2026-12-04, leaders: ["a\\nb"], rule: "{"x" * 900}"}}]\n'
    office, problems = examined(write_office(tmp_path, files={ROSTER: text}))
    assert office is not None
    said = [one.message for one in problems if one.path.endswith(ROSTER)]
    assert any("a?b" in one for one in said)
    assert max(map(len, said)) <= 401


HUGE = [
    (ROSTER, 257 * 1024),
    ("notices/december.md", 1025 * 1024),
    (ROSTER, 40 * 1024 * 1024),
]


@pytest.mark.parametrize(("relative", "size"), HUGE)
def test_a_huge_file_is_refused_unread(tmp_path: Path, relative: str, size: int) -> None:
    """Files beyond the limit are told by their limit."""
    content = write_office(tmp_path, files={relative: b"#" * size})
    limit = 1024 if relative.endswith(".md") else 256
    assert [str(one) for one in load(content)[1]] == [
        f"content/{relative}:1: 文件太大：最多 {limit} KB"
    ]


MARKDOWN = {
    "links": "[" * 20_000,
    "nested links": "[a](" * 10_000,
    "quotes": ">" * 5_000 + "a",
    "emphasis": "*a " * 20_000,
    "lists": "".join("  " * level + "- a\n" for level in range(150)),
    "tables": "|" * 20_000 + "\n" + "|-" * 10_000,
    "code": "`" * 20_000,
    "html": "<a " * 20_000,
    "references": "".join(f"[a{number}]: /x\n" for number in range(10_000)),
    "script": "<script>alert(1)</script>\n\n[a](javascript:alert(1))\n",
    "entities": "&#x202e;" * 100,
}


@pytest.mark.parametrize("attack", MARKDOWN)
def test_an_attack_by_markdown_ends_quickly(tmp_path: Path, attack: str) -> None:
    """Whatever stands in a body, reading its links ends."""
    front = to_yaml(PARTS["notice"][1])
    body = f"---\n{front}---\n{MARKDOWN[attack]}"
    office, _ = examined(write_office(tmp_path, files={"notices/december.md": body}))
    assert office is not None


# ── attacks by files ─────────────────────────────────────────────────────────────────────────


def linked(target: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.symlink_to(target)

    return make


LEADS_OUT = "是指向内容文件夹以外的链接：请把内容本身放进来"
WONT_OPEN = "打不开：请检查权限，或链接是否指向自己"
NO_FILE = "不是普通文件：请换成文件本身"

FILES: list[tuple[str, Callable[[Path], None], str]] = [
    ("notices/x.md", linked("/etc/passwd"), LEADS_OUT),
    ("notices/x.md", linked("../../secret.md"), LEADS_OUT),
    ("notices/x.md", linked("x.md"), WONT_OPEN),
    ("notices/x.md", linked("nowhere.md"), WONT_OPEN),
    ("notices/x.md", linked("/dev/zero"), LEADS_OUT),
    ("notices/x.md", os.mkfifo, NO_FILE),
    ("institutions/out", linked("/etc"), LEADS_OUT),
    ("institutions/loop", linked("loop"), WONT_OPEN),
    ("institutions/up", linked("../.."), LEADS_OUT),
    ("forms/x.yml", linked("/proc/self/environ"), LEADS_OUT),
]


@pytest.mark.parametrize(("relative", "make", "message"), FILES)
def test_links_and_devices_are_refused(
    tmp_path: Path, relative: str, make: Callable[[Path], None], message: str
) -> None:
    """Nothing outside the content folder is read, and nothing that never ends."""
    content = write_office(tmp_path)
    write(tmp_path, "secret.md", "秘密")
    make(content / relative)
    assert [str(one) for one in load(content)[1]] == [f"content/{relative}:1: {message}"]


def test_site_yml_as_a_link_outwards_is_refused(tmp_path: Path) -> None:
    """Also where the file is one that must be there."""
    content = write_office(tmp_path, site=None)
    write(tmp_path, "site.yml", to_yaml(PARTS["site"][1]))
    (content / "site.yml").symlink_to("../site.yml")
    office, problems = load(content)
    assert office is None
    assert [str(one) for one in problems] == [f"content/site.yml:1: {LEADS_OUT}"]


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    """And a file in place of a folder."""
    content = write_office(tmp_path, topics=None, notice=None)
    (content / "topics.yml").mkdir()
    (content / "notices").write_text("x")
    office, problems = examined(content)
    assert office is not None
    assert f"content/topics.yml:1: {NO_FILE}" in [str(one) for one in problems]


STRANGE_FILES = ["a\nb.md", "a\x1b[31m.md", "\u202egnp.md", "%2e%2e.md", "*.md"]


@pytest.mark.parametrize("name", STRANGE_FILES)
def test_a_strange_file_name_is_told_in_printable_words(tmp_path: Path, name: str) -> None:
    """A file's name can't break the lines of the report or colour the terminal."""
    content = write_office(tmp_path, files={f"notices/{name}": "x"})
    examined(content)
    assert ["名字" in one.message for one in load(content)[1]] == [True]


def test_a_file_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    """Names from a zip made on another system may be no UTF-8."""
    content = write_office(tmp_path)
    (content / "notices" / os.fsdecode(b"\xb9\xab\xb8\xe6.md")).write_bytes(b"x")
    examined(content)
    assert ["名字" in one.message for one in load(content)[1]] == [True]


# ── whatever comes ───────────────────────────────────────────────────────────────────────────

SCALARS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "9" * 30,
            "true",
            "2026-12-04",
            "2026-02-30",
            "9999-12-31",
            "1949-01-01",
            "2099-12-31",
            "8:30-11:30",
            "0:00-23:59",
            "王芳",
            "hall",
            "friday",
            "FREQ=DAILY",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=MONTHLY;INTERVAL=999",
            "ask",
            "next-week",
            "2026-12-04 8:30",
            "https://[",
            "javascript:1",
            "petition-bureau",
            COUNTY,
        ]
    ),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), SCALARS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a tree of fields."""
    found: list[tuple[Any, Any]]
    if isinstance(value, dict):
        found = [(value, key) for key in value]
    elif isinstance(value, list):
        found = [(value, index) for index in range(len(value))]
    else:
        return []
    return found + [place for _, key in found for place in places(value[key])]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Fields]:
    """One part of the county with up to three values replaced, copied or removed."""
    short = draw(st.sampled_from(sorted(PARTS)))
    fields = copy.deepcopy(PARTS[short][1])
    for _ in range(draw(st.integers(1, 3))):
        spots = places(fields)
        container, key = draw(st.sampled_from(spots))
        others = [other[k] for other, k in spots]
        value = draw(st.one_of(VALUES, st.sampled_from(others).map(copy.deepcopy)))
        container[key] = value
        if isinstance(container, list) and draw(st.booleans()):
            container.append(copy.deepcopy(value))
    return short, fields


@settings(max_examples=80, deadline=None, derandomize=True)
@given(part=mutated())
def test_mangled_fields_never_raise(part: tuple[str, Fields]) -> None:
    """Any value in any place of any file becomes a problem or a value."""
    short, fields = part
    with tempfile.TemporaryDirectory() as folder:
        content = write_office(Path(folder))
        text = to_yaml(fields)
        if short in BODIES:
            text = f"---\n{text}---\n{BODIES[short]}"
        write(content, PARTS[short][0], text)
        examined(content)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    short=st.sampled_from(sorted(PARTS)),
    start=st.floats(0, 1),
    cut=st.integers(0, 30),
    noise=st.one_of(
        st.binary(max_size=30),
        st.text("：，“”[]{}-:#&*!|>'\"%@`\n\t 王a1", max_size=30).map(str.encode),
    ),
)
def test_mangled_bytes_never_raise(short: str, start: float, cut: int, noise: bytes) -> None:
    """A file damaged anywhere becomes problems or values."""
    with tempfile.TemporaryDirectory() as folder:
        content = write_office(Path(folder))
        path = content / PARTS[short][0]
        data = path.read_bytes()
        at = int(start * len(data))
        path.write_bytes(data[:at] + noise + data[at + cut :])
        examined(content)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.binary(max_size=200), relative=st.sampled_from([p for p, _ in PARTS.values()]))
def test_random_bytes_never_raise(data: bytes, relative: str) -> None:
    """A file of noise is told, not crashed on."""
    with tempfile.TemporaryDirectory() as folder:
        content = write_office(Path(folder), files={relative: data})
        _, problems = examined(content)
        assert problems


def test_many_changes_and_sessions_stay_quick(tmp_path: Path) -> None:
    """A roster far larger than any real month is checked in seconds."""
    sessions = [
        {"date": f"2026-12-{day:02d}", "leaders": ["王方"], "time": f"{hour}:00-{hour}:30"}
        for day in range(1, 32)
        for hour in range(8, 13)
    ]
    changes = [
        {"session": one["date"], "announced": "2026-11-21", "reason": "x", "places": ["attic"]}
        for one in sessions
    ]
    roster = merged(COUNTY_DECEMBER, {"sessions": sessions, "changes": changes})
    _, problems = examined(write_office(tmp_path, county_december=roster))
    assert len(problems) > len(sessions)
