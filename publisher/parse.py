"""Bytes of a file → text → values with their lines; every refusal says in Chinese what to mend.

Reads YAML event by event: nothing is built for tags or aliases, so a hostile file costs no more
than its size, and all scalars stay the text that staff typed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

Loc = tuple[str | int, ...]  # the place of a value: keys and list indexes from the top

YAML_LIMIT = 256 * 1024  # bytes of a file, or of what opens a text
MARKDOWN_LIMIT = 1024 * 1024
MAX_DEPTH = 20
MAX_VALUES = 20_000  # in one file; the largest real one has a thousand
MAX_FLAWS = 100
_BLANKS = ("", "~", "null", "Null", "NULL")
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\uffff\U000e0000-\U000e007f]"
)
_BAD_NAMES = {
    "\x00": "空字符",
    "\x1b": "转义控制符",
    "\u00ad": "软连字符",
    "\u200b": "零宽空格",
    "\u200c": "零宽不连字符",
    "\u200d": "零宽连字符",
    "\u2028": "行分隔符",
    "\u2029": "段分隔符",
    "\u2060": "零宽连接符",
    "\ufeff": "零宽不换行空格",
    "\ufffd": "乱码替代符",
}
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_KEY = r"^\s*(?:-\s*)*([A-Za-z_]+)"
_WIDE_COLON = re.compile(_KEY + r"\s*：")
_TIGHT_COLON = re.compile(_KEY + r":(?=[^\s/])")
_EMPTY = re.compile(r"^\s*([A-Za-z_]+):\s*(\[\s*\]|\{\s*\})\s*(?:#.*)?$")
_LOST = re.compile(r" +(#\w\S{0,20})")
_WIDE_BLANK = re.compile("[ ]*[\u00a0\u3000]")
_NO_WIDE_BLANK = "行首有全角空格，请改成英文空格"
_STARTS = (
    (_WIDE_BLANK, _NO_WIDE_BLANK),
    (re.compile(r"\s*[—–－]"), "清单的一项用了中文横线，应改为英文短横线加一个空格“- ”"),
    (re.compile(r"\s*-(?=[^\s\-\d.])"), "“-”后面要空一格"),
)


@dataclass(frozen=True, slots=True)
class Flaw:
    line: int
    message: str


class UnreadableError(Exception):
    """A text that can't be used, with everything found wrong in it."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(*flaws)
        self.flaws = flaws


@dataclass(slots=True)
class Parsed:
    value: Any = None
    lines: dict[Loc, int] = field(default_factory=dict)


# ── bytes → text ─────────────────────────────────────────────────────────────────────────────


def decode(data: bytes) -> str:
    """UTF-8 with or without BOM, any line ends; control and invisible characters are refused."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableError(Flaw(1, "这是Word、Excel或压缩文件，不是文字文件：请用记事本新建"))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(Flaw(1, f"文件不是UTF-8编码，是UTF-16：{_SAVE_AS}"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec cuts the BOM off what it decodes, so its offsets may be 3 short: same line.
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(
            Flaw(line, f"文件不是UTF-8编码{_looks_like(data)}：{_SAVE_AS}")
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    flaws = [
        Flaw(text.count("\n", 0, found.start()) + 1, _bad_character(found[0]))
        for found in INVISIBLE.finditer(text)
    ]
    if flaws:
        raise UnreadableError(*{(flaw.line, flaw.message): flaw for flaw in flaws[:50]}.values())
    return text


_SAVE_AS = "用记事本打开，另存为时编码选 UTF-8"


def _looks_like(data: bytes) -> str:
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "，像是GBK"


def _bad_character(char: str) -> str:
    code = f"U+{ord(char):04X}"
    if char in _BIDI:
        return f"有看不见的文字方向控制符（{code}），请删去后重新输入这一行"
    name = _BAD_NAMES.get(char)
    if name is None:
        kind = unicodedata.category(char)
        name = "控制字符" if kind == "Cc" else "看不见的字符"
    return f"有{name}（{code}），请删去后重新输入这一行"


def printable(text: str, most: int = 400) -> str:
    """A message without what could break its line or colour a terminal, and not endless."""
    shown = "".join(char if char.isprintable() else "?" for char in text[:most])
    return shown if len(text) <= most else f"{shown}…"


def split_front_matter(text: str) -> tuple[str, str, int]:
    """The fields between the two ``---`` lines, the body, and the line on which the body begins."""
    if not text.strip():
        raise UnreadableError(Flaw(1, "文件是空的"))
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise UnreadableError(
            Flaw(1, "开头应有一行 ---，下面写标题、日期等栏目，再以一行 --- 结束")
        )
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:index]), "\n".join(lines[index + 1 :]), index + 2
    raise UnreadableError(Flaw(1, "开头的栏目没有结束：栏目写完后另起一行写 ---，下面才是正文"))


# ── text → values ────────────────────────────────────────────────────────────────────────────


#: What was parsed ahead, by text and offset; each is taken out when it is used.
KNOWN: dict[tuple[str, int], Parsed] = {}


def parse(text: str, offset: int = 0) -> Parsed:
    """The values of a YAML text and their lines; ``offset`` lines stand before it in the file.

    Raises ``UnreadableError``.
    """
    known = KNOWN.pop((text, offset), None)
    return known if known is not None else _parse(text, offset)


def _parse(text: str, offset: int) -> Parsed:
    if not text.strip():
        raise UnreadableError(Flaw(1 + offset, "文件是空的"))
    tabs = [number for number, line in enumerate(text.split("\n"), 1) if "\t" in line]
    if tabs:
        says = "第{}行用了制表符（Tab），请改成空格"
        raise UnreadableError(*(Flaw(n + offset, says.format(n + offset)) for n in tabs[:20]))
    builder = _Builder(text, offset)
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise UnreadableError(*builder.flaws, _explain(error, text, offset)) from None
    if builder.flaws:
        raise UnreadableError(*builder.flaws)
    if builder.parsed.value is None:
        raise UnreadableError(Flaw(1 + offset, "文件是空的"))
    if not isinstance(builder.parsed.value, dict):
        raise UnreadableError(Flaw(1 + offset, "文件应由“栏目: 内容”组成，每行一个栏目"))
    return builder.parsed


@dataclass(slots=True)
class _Frame:
    """A list or table being filled; ``key`` is what awaits its value."""

    loc: Loc
    value: dict[str, Any] | list[Any]
    flow: bool
    key: str | None = None
    key_line: int = 0
    keys: dict[str, int] = field(default_factory=dict)


class _Builder:
    """Builds plain values from parser events, noting lines and collecting flaws."""

    def __init__(self, text: str, offset: int) -> None:
        self.parsed = Parsed()
        self.flaws: list[Flaw] = []
        self._text = text
        self._offset = offset + 1
        self._stack: list[_Frame] = []
        self._documents = 0
        self._values = 0

    def take(self, event: Any) -> None:
        if len(self.flaws) >= MAX_FLAWS:
            raise UnreadableError(*self.flaws)
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(event)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._stack.pop()
        elif kind is yaml.AliasEvent:
            self._stop(
                event, f"“*{event.anchor}”是YAML的引用，这里不用：请写出内容；是文字的请加引号"
            )
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                self._stop(event, "一个文件只能有一份内容：请删去中间的“---”行，或分成两个文件")

    def _stop(self, event: Any, message: str) -> None:
        raise UnreadableError(*self.flaws, Flaw(self._line(event), message))

    def _line(self, event: Any) -> int:
        return int(event.start_mark.line) + self._offset

    def _undecorated(self, event: Any) -> None:
        if event.anchor is not None:
            self._stop(event, f"“&{event.anchor}”是YAML的记号，这里不用：请删去；是文字的请加引号")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._stop(event, f"“{tag[:40]}”是YAML的类型标记，这里不用：请删去；是文字的请加引号")

    def _open(self, event: Any) -> None:
        self._undecorated(event)
        if len(self._stack) >= MAX_DEPTH:
            self._stop(event, f"层次太深（超过{MAX_DEPTH}层），请检查括号和缩进")
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._stop(event, "栏目名应是文字，不能是清单或括号；以“{”“[”开头的文字请加引号")
        value: dict[str, Any] | list[Any] = {} if type(event) is yaml.MappingStartEvent else []
        loc = self._put(value, event)
        self._stack.append(_Frame(loc, value, bool(event.flow_style)))

    def _scalar(self, event: Any) -> None:
        self._undecorated(event)
        if event.style == '"' and (bad := INVISIBLE.search(event.value)):  # written as an escape
            self.flaws.append(Flaw(self._line(event), _bad_character(bad[0])))
        plain = not event.style
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, event, plain)
            return
        if plain:
            self._suspicious(event, top)
        value = None if plain and event.value in _BLANKS else event.value
        self._put(value, event)

    def _key(self, top: _Frame, event: Any, plain: bool) -> None:
        key, line = event.value, self._line(event)
        if not key or (plain and key in _BLANKS):
            self.flaws.append(Flaw(line, "冒号前面缺少栏目名"))
        elif key in top.keys:
            says = f"“{key}”写了两次：第{top.keys[key]}行已经有一个，请删去一个"
            item = len(self._stack) > 1 and isinstance(self._stack[-2].value, list)
            forgot = "；是另外一条的，开头要加“- ”" if item and not top.flow else ""
            self.flaws.append(Flaw(line, says + forgot))
        elif plain and (message := _bad_colon(key) or (_WIDE_BLANK.match(key) and _NO_WIDE_BLANK)):
            self.flaws.append(Flaw(line, message))
        top.keys.setdefault(key, line)
        top.key, top.key_line = key, line

    def _put(self, value: Any, event: Any) -> Loc:
        """Store a value where it belongs; return its place."""
        self._values += 1
        if self._values > MAX_VALUES:
            self._stop(event, f"内容太多（超过{MAX_VALUES}项），请分成几个文件")
        if not self._stack:
            self.parsed.value = value
            self.parsed.lines[()] = self._line(event)
            return ()
        top = self._stack[-1]
        if isinstance(top.value, list):
            loc = (*top.loc, len(top.value))
            top.value.append(value)
            self.parsed.lines[loc] = self._line(event)
            return loc
        key = top.key or ""
        loc = (*top.loc, key)
        if key not in top.value:
            top.value[key] = value
            self.parsed.lines[loc] = top.key_line
        top.key = None
        return loc

    def _suspicious(self, event: Any, top: _Frame | None) -> None:
        """A plain text that swallowed what was meant as a field or several items, or lost its end.

        A comment is told from lost words by the blank after its ``#``.
        """
        first = event.start_mark.line
        if event.end_mark.line > first:
            raw = self._text[event.start_mark.index : event.end_mark.index].split("\n")
        else:
            raw = [event.value]
        for number, line in enumerate(raw):
            message = _bad_colon(line)
            if message:
                self.flaws.append(Flaw(first + number + self._offset, message))
        if top is not None and top.flow and isinstance(top.value, list) and "，" in event.value:
            says = "方括号清单里有中文逗号“，”：分隔几项要用英文逗号“,”；是一句话的请加英文引号"
            self.flaws.append(Flaw(self._line(event), says))
        if lost := _LOST.match(self._text, event.end_mark.index):
            says = f"“{lost[1]}”会当作注释丢掉：是内容的，整段加英文引号；是注释的，# 后面空一格"
            self.flaws.append(Flaw(int(event.end_mark.line) + self._offset, says))


@cache
def _fields() -> frozenset[str]:
    from publisher.glossary import GLOSSES  # brings the models' library: few texts need it

    return frozenset(name.rpartition(".")[2] for name in GLOSSES)


def _bad_colon(line: str) -> str | None:
    if (wide := _WIDE_COLON.match(line)) and wide[1] in _fields():
        return _wide_colon(wide[1])
    if (tight := _TIGHT_COLON.match(line)) and tight[1] in _fields():
        return f"“{tight[1]}:”的冒号后面要空一格"
    return None


def _wide_colon(key: str) -> str:
    return f"“{key}：”用了中文冒号，应改为英文冒号加一个空格“{key}: ”"


# ── what the parser says, in Chinese ─────────────────────────────────────────────────────────

# part of libyaml's message → what to tell; the first that fits counts
_CAUSES: tuple[tuple[str, str], ...] = (
    ("mapping values are not allowed", "这里不该有冒号：缩进不齐，或内容里有“: ”而没有加引号"),
    ("could not find expected ':'", "缺少英文冒号：栏目应写成“栏目: 内容”，冒号后空一格"),
    ("did not find expected key", "缩进不齐，或引号后面还有文字：同一级的栏目要左边对齐"),
    ("did not find expected '-' indicator", "缩进不齐：同一条里的栏目、同一清单的“-”都要左边对齐"),
    ("block sequence entries are not allowed", "“-”不能写在这里：清单的第一项要另起一行"),
    ("expected ',' or ']'", "方括号没有配对，或各项之间缺少英文逗号"),
    ("expected ',' or '}'", "花括号没有配对，或各项之间缺少英文逗号"),
    ("cannot start any token", "这个符号不能开头：以 @、`、% 等符号开头的内容请加英文引号"),
    ("unexpected end of stream", "引号没有配对"),
    ("unknown escape character", "双引号里有反斜杠“\\”：请改用单引号"),
    ("alphabetic or numeric character", "以“*”或“&”开头的内容请加英文引号"),
    ("tag", "以“!”开头的内容请加英文引号"),
    ("expected node content", "这里缺少内容，或多了一个逗号、括号"),
    ("document", "多余的“---”或“...”行，请删去"),
    ("directive", "不能以“%”开头，请加英文引号"),
    ("comment", "“|”或“>”后面不能有文字：正文从下一行开始，多缩进两格"),
    ("block scalar", "“|”或“>”后面不能有文字：正文从下一行开始，多缩进两格"),
)

_UNKNOWN_CAUSE = "写法有误，请检查缩进、冒号和引号"


def _explain(error: yaml.YAMLError, text: str, offset: int) -> Flaw:
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or "")
    last = mark.line if mark else 0
    first = min(context.line, last) if context else last
    lines = text.split("\n")
    for number in range(min(last, len(lines) - 1), max(first, last - 10) - 2, -1):
        message = _usual_error(lines[number]) if number >= 0 else None
        if message:
            return Flaw(number + 1 + offset, message)
    if emptied := _filled_below(lines, last):
        return Flaw(emptied[0] + 1 + offset, emptied[1])
    within = str(getattr(error, "context", None) or "")
    opened = any(part in within for part in ("quoted scalar", "flow sequence", "flow mapping"))
    line = (first if opened else min(last, len(lines) - 1)) + 1 + offset
    causes = (says for said in (problem, within) for part, says in _CAUSES if part in said)
    return Flaw(line, next(causes, _UNKNOWN_CAUSE))


def _filled_below(lines: list[str], last: int) -> tuple[int, str] | None:
    """``changes: []`` with an entry written below it."""
    if last >= len(lines) or not lines[last].lstrip().startswith("-"):
        return None
    for number in range(last - 1, -1, -1):
        bare = lines[number].strip()
        if bare and not bare.startswith("#"):
            empty = _EMPTY.match(lines[number])
            says = f"“{empty[1]}:”下面写了内容，请删去后面的 {empty[2]}" if empty else ""
            return (number, says) if says else None
    return None


def _usual_error(line: str) -> str | None:
    """The error that a line most likely holds when the parser stumbled near it."""
    bare = line.strip()
    if not bare or bare.startswith("#"):
        return None
    colon = _bad_colon(line)
    if colon:
        return colon
    if bare.count('"') % 2:
        half = "（一半是中文引号“”）" if re.search("[“”]", bare) else ""
        return f"引号没有配对{half}：前后都要用英文引号"
    if wide := re.search("[［］【】｛｝]", re.sub("“[^”]*”", "", bare)):
        return f"用了中文括号“{wide[0]}”，应改为英文括号"
    return next((says for start, says in _STARTS if start.match(line)), None)
