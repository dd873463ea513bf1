"""Loading: a valid county as values with lines, and every broken file told in one precise line."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from datetime import date
from datetime import time as clock
from pathlib import Path
from typing import Any

import pytest

from publisher.load import load
from publisher.office import Office
from tests.builders import (
    BUREAU,
    COUNTY,
    COUNTY_DECEMBER,
    COUNTY_PEOPLE,
    HOLIDAYS_2026,
    PROCEDURE,
    REGULATION,
    SITE,
    merged,
    rule_with,
    to_yaml,
    write,
    write_office,
)

ROSTER = f"institutions/{COUNTY}/rosters/2026-12.yml"
PEOPLE = f"institutions/{COUNTY}/people.yml"
INSTITUTION = f"institutions/{COUNTY}/institution.yml"
HEAD = "month: 2026-12\npublished: 2026-11-20\n"


def told(content: Path) -> list[str]:
    """All problems as a clerk reads them, without the leading ``content/``."""
    return [str(problem).removeprefix("content/") for problem in load(content)[1]]


def loaded(content: Path) -> Office:
    office, problems = load(content)
    assert not problems, "\n".join(map(str, problems))
    assert office is not None
    return office


# ── what is read ─────────────────────────────────────────────────────────────────────────────


def test_a_valid_county_loads_whole(tmp_path: Path) -> None:
    """Every file becomes a value; institutions come in their order, months in theirs."""
    office = loaded(write_office(tmp_path))
    county = office.primary
    assert list(office.institutions) == [COUNTY, BUREAU]
    assert [read.slug for read in county.rosters] == ["2026-11", "2026-12"]
    assert [person.name for person in county.people] == ["王芳", "李明", "赵国强", "孙丽"]
    assert [read.slug for read in office.holidays] == ["2026", "2027"]
    assert [matter.id for matter in office.matters] == ["school", "lawsuit"]
    assert [document.slug for document in office.notices] == ["december"]
    assert office.released is None


def test_rules_and_procedures_come_in_their_order_not_by_their_files_names(tmp_path: Path) -> None:
    """``order`` is what README promises: the smaller number first, equal ones by file name."""
    rule, way = ("regulations/{}.md", REGULATION), ("procedures/{}.md", PROCEDURE)
    files = {
        kind.format(slug): f"---\n{to_yaml(merged(fields, {'order': order}))}---\n\n正文。\n"
        for kind, fields in (rule, way)
        for slug, order in (("a", "20"), ("b", "10"), ("z", "5"), ("y", "20"))
    }
    office = loaded(write_office(tmp_path, regulation=None, procedure=None, files=files))

    assert [one.slug for one in office.regulations] == ["z", "b", "a", "y"]
    assert [one.slug for one in office.procedures] == ["z", "b", "a", "y"]


def test_scalars_stay_what_staff_typed(tmp_path: Path) -> None:
    """Leading zeros, hours and years survive without quotes."""
    content = write_office(tmp_path)
    path = content / "site.yml"
    path.write_text(path.read_text().replace("'099000'", "099000").replace("'12345'", "12345"))
    institution = content / INSTITUTION
    institution.write_text(institution.read_text().replace("- 8:30-11:30", "- 8:30-11:30 # 上午"))
    office = loaded(content)
    assert office.info.contact.postcode == "099000"
    assert office.info.contact.phones[0].number == "12345"
    assert office.primary.info.rules[0].times[0] == (clock(8, 30), clock(11, 30))


def test_every_value_knows_its_line(tmp_path: Path) -> None:
    """Lines point at the entry, an item, a field, and for an unknown place at the parent."""
    content = write_office(
        tmp_path,
        files={
            ROSTER: f"# 安排\n{HEAD}sessions:\n  - date: 2026-12-04\n    leaders:\n"
            "      - 王芳\n  - { date: 2026-12-11, leaders: [李明] }\n"
        },
    )
    source = loaded(content).primary.rosters[1].source
    assert source.path == f"content/{ROSTER}"
    assert [
        source.line("month"),
        source.line("sessions"),
        source.line("sessions", 0),
        source.line("sessions", 0, "leaders"),
        source.line("sessions", 0, "leaders", 0),
        source.line("sessions", 1, "date"),
        source.line("sessions", 1, "note"),
        source.line("nothing"),
    ] == [2, 4, 5, 6, 7, 8, 8, 2]


def test_comments_and_signs_within_words_stay_what_they_are(tmp_path: Path) -> None:
    """A blank after it, a # within a word or quotes, on a line of its own, after a list."""
    text = (
        f"#12月\n{HEAD}note: 到A#3会议室 # 原来在#2\n#停用\n"
        "sessions: #下面是场次\n  - {date: 2026-12-04, leaders: [王芳]} #周五\n"
        '  - {date: 2026-12-11, note: "改在 #3会议室", leaders: [王芳]} ##\n'
        "  - {date: 2026-12-18, note: 停电, leaders: [王芳]}  # ——\n"
    )
    roster = loaded(write_office(tmp_path, files={ROSTER: text})).primary.rosters[1].value

    assert roster.note == "到A#3会议室"
    assert [one.note for one in roster.sessions] == [None, "改在 #3会议室", "停电"]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_bom_and_any_line_ends_are_fine(tmp_path: Path, ends: str, mark: bytes) -> None:
    """Files saved by Notepad load like others, Markdown too."""
    content = write_office(tmp_path)
    for path in (content / "topics.yml", content / "notices/december.md"):
        path.write_bytes(mark + path.read_text().replace("\n", ends).encode())
    office = loaded(content)
    assert office.matters[1].litigation
    assert office.notices[0].body == "\n12月安排已经公布，请按时前往。\n"


def test_a_body_knows_its_first_line(tmp_path: Path) -> None:
    """The body's line counts from the top of the file."""
    content = write_office(tmp_path)
    document = loaded(content).notices[0]
    lines = (content / "notices/december.md").read_text().split("\n")
    assert "\n".join(lines[document.body_line - 1 :]) == document.body


@pytest.mark.parametrize("blank", ["", " ~", " null", " # 没有"])
def test_a_field_left_blank_is_none(tmp_path: Path, blank: str) -> None:
    """``changes:`` with nothing after it is an empty list, not an error."""
    content = write_office(tmp_path)
    path = content / f"institutions/{BUREAU}/rosters/2026-12.yml"
    path.write_text(f"{path.read_text()}changes:{blank}\nnote:{blank}\n")
    roster = loaded(content).institutions[BUREAU].rosters[1].value
    assert (roster.changes, roster.note) == ((), None)


def test_a_quoted_blank_word_stays_a_word(tmp_path: Path) -> None:
    """Only plain ``~`` and ``null`` mean nothing."""
    content = write_office(tmp_path, county_december={"note": "null"})
    assert loaded(content).primary.rosters[1].value.note == "null"


IGNORED = (
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    "README.md",
    "~$site.docx",
    "site.yml~",
    "#a#",
    "notices/README.md",
    "notices/.x.md.swp",
    "notices/december.md.bak",
    ".schema/a.json",
    "statistics/README.md",
    "institutions/README.md",
    f"institutions/{COUNTY}/.keep",
)


def test_files_that_systems_and_editors_leave_are_ignored(tmp_path: Path) -> None:
    """Backups, lock files and notes for staff are no content."""
    loaded(write_office(tmp_path, files=dict.fromkeys(IGNORED, "x")))


def test_the_record_of_the_last_release_is_read(tmp_path: Path) -> None:
    """``.released.json`` becomes ``Office.released``."""
    record = '{"sessions": {}, "months": {"a/2026-11": "2026-10-28"}}'
    released = loaded(write_office(tmp_path, files={".released.json": record})).released
    assert released is not None
    assert released["months"] == {"a/2026-11": "2026-10-28"}


# ── YAML that can't be read ──────────────────────────────────────────────────────────────────

YAML_ERRORS: list[tuple[str, int, str]] = [
    # full-width punctuation, the usual error of whoever types Chinese
    ("month： 2026-12\n", 1, "“month：”用了中文冒号，应改为英文冒号加一个空格“month: ”"),
    (
        "month: 2026-12\npublished：2026-11-20\nnote: x\n",
        2,
        "“published：”用了中文冒号，应改为英文冒号加一个空格“published: ”",
    ),
    (
        "month: 2026-12\nnote: x\npublished：2026-11-20\n",
        3,
        "“published：”用了中文冒号，应改为英文冒号加一个空格“published: ”",
    ),
    (
        f"{HEAD}sessions:\n  - date: 2026-12-04\n    leaders：[王芳]\n    note: x\n",
        5,
        "“leaders：”用了中文冒号，应改为英文冒号加一个空格“leaders: ”",
    ),
    (
        f"{HEAD}sessions:\n  - {{ date: 2026-12-04, leaders: [王芳，李明] }}\n",
        4,
        "方括号清单里有中文逗号“，”：分隔几项要用英文逗号“,”；是一句话的请加英文引号",
    ),
    (
        f'{HEAD}sessions:\n  - {{ date: "2026-12-04”, leaders: [王芳] }}\n',
        4,
        "引号没有配对（一半是中文引号“”）：前后都要用英文引号",
    ),
    (
        f"{HEAD}sessions:\n  - date: 2026-12-04\n    leaders: [王芳】\n",
        5,
        "用了中文括号“】”，应改为英文括号",
    ),
    (
        f"{HEAD}note：时间: 8:30\n",
        3,
        "“note：”用了中文冒号，应改为英文冒号加一个空格“note: ”",
    ),
    # what YAML would take for a comment
    *(
        (
            f"{HEAD}{text}\n",
            line,
            f"“{lost}”会当作注释丢掉：是内容的，整段加英文引号；是注释的，# 后面空一格",
        )
        for text, line, lost in (
            ("note: 改在 #3会议室，请留意", 3, "#3会议室，请留意"),
            ("note: #3会议室", 3, "#3会议室"),
            ("note: 改在\n  二楼 #3 会议室", 4, "#3"),
            ("sessions:\n  - {date: 2026-12-04, leaders: [王芳 #县长\n    ]}", 4, "#县长"),
        )
    ),
    # blanks, quotes, brackets, indents
    ("month:2026-12\n", 1, "“month:”的冒号后面要空一格"),
    ("month: 2026-12\npublished:2026-11-20\nnote: x\n", 2, "“published:”的冒号后面要空一格"),
    (f"{HEAD}sessions:\n  -date: 2026-12-04\n   note: x\n", 4, "“-”后面要空一格"),
    (f'{HEAD}note: "重要\nsessions: []\n', 3, "引号没有配对：前后都要用英文引号"),
    (f"{HEAD}note: '重要\nsessions: []\n", 3, "引号没有配对"),
    (
        f"{HEAD}sessions: [a\nnote: x\n",
        3,
        "方括号没有配对，或各项之间缺少英文逗号",
    ),
    (f"{HEAD}sessions:\n  - {{ date: x\n  - y\n", 4, "花括号没有配对，或各项之间缺少英文逗号"),
    (
        f"{HEAD}sessions:\n  - date: 2026-12-04\n     leaders: [王芳]\n",
        5,
        "这里不该有冒号：缩进不齐，或内容里有“: ”而没有加引号",
    ),
    (f"{HEAD}note: 注意: 改地点\n", 3, "这里不该有冒号：缩进不齐，或内容里有“: ”而没有加引号"),
    (
        f"{HEAD}sessions:\n  - date: 2026-12-04\n   leaders: [王芳]\n",
        5,
        "缩进不齐：同一条里的栏目、同一清单的“-”都要左边对齐",
    ),
    (
        f"{HEAD}changes: []\n\n  # 写在这里\n  - session: 2026-12-04\n",
        3,
        "“changes:”下面写了内容，请删去后面的 []",
    ),
    (
        f"{HEAD}changes:\n  - session: 2026-12-04\n    reason: x\n　　cancelled: true\n",
        6,
        "行首有全角空格，请改成英文空格",
    ),
    (
        f"{HEAD}sessions:\n  - {{date: 2026-12-04}}\n  — {{date: 2026-12-11}}\n",
        5,
        "清单的一项用了中文横线，应改为英文短横线加一个空格“- ”",
    ),
    (
        f"{HEAD}sessions:\n  - {{date: 2026-12-04, rule:jiedai}}\n",
        4,
        "“rule:”的冒号后面要空一格",
    ),
    (
        f"{HEAD}changes:\n  - session: 2026-12-04\n    cancelled: true\n    session: 2026-12-11\n",
        6,
        "“session”写了两次：第4行已经有一个，请删去一个；是另外一条的，开头要加“- ”",
    ),
    (f"{HEAD}sessions: - date: 2026-12-04\n", 3, "“-”不能写在这里：清单的第一项要另起一行"),
    (f"{HEAD}note: @重要\n", 3, "这个符号不能开头：以 @、`、% 等符号开头的内容请加英文引号"),
    (f"{HEAD}note: *重要*\n", 3, "以“*”或“&”开头的内容请加英文引号"),
    (f"{HEAD}note: !重要\n", 3, "以“!”开头的内容请加英文引号"),
    (f'{HEAD}note: "C:\\工作"\n', 3, "双引号里有反斜杠“\\”：请改用单引号"),
    (
        f'{HEAD}note: "重要"通知\n',
        3,
        "缩进不齐，或引号后面还有文字：同一级的栏目要左边对齐",
    ),
    (
        f"{HEAD}note: | 正文\n  x\n",
        3,
        "“|”或“>”后面不能有文字：正文从下一行开始，多缩进两格",
    ),
    (f"{HEAD}sessions:\n\t- date: x\n", 4, "第4行用了制表符（Tab），请改成空格"),
    # what YAML allows and this content does not
    (f"{HEAD}month: 2026-12\n", 3, "“month”写了两次：第1行已经有一个，请删去一个"),
    ("month: &a 2026-12\n", 1, "“&a”是YAML的记号，这里不用：请删去；是文字的请加引号"),
    ("month: *a\n", 1, "“*a”是YAML的引用，这里不用：请写出内容；是文字的请加引号"),
    (
        "month: !!python/object:os.system x\n",
        1,
        "“!!python/object:os.system”是YAML的类型标记，这里不用：请删去；是文字的请加引号",
    ),
    ("month: !x 2026-12\n", 1, "“!x”是YAML的类型标记，这里不用：请删去；是文字的请加引号"),
    (
        "month: 2026-12\n---\npublished: 2026-11-20\n",
        2,
        "一个文件只能有一份内容：请删去中间的“---”行，或分成两个文件",
    ),
    ("%month: 2026-12\n", 1, "不能以“%”开头，请加英文引号"),
    ("{[a]: b}\n", 1, "栏目名应是文字，不能是清单或括号；以“{”“[”开头的文字请加引号"),
    ("? {a: b}\n: c\n", 1, "栏目名应是文字，不能是清单或括号；以“{”“[”开头的文字请加引号"),
    ("~: b\n", 1, "冒号前面缺少栏目名"),
    ("- month: 2026-12\n", 1, "文件应由“栏目: 内容”组成，每行一个栏目"),
    ("十二月安排\n", 1, "文件应由“栏目: 内容”组成，每行一个栏目"),
    ("", 1, "文件是空的"),
    ("# 还没有写\n", 1, "文件是空的"),
    # characters that nobody sees
    (f"{HEAD}note: a\u202eb\n", 3, "有看不见的文字方向控制符（U+202E），请删去后重新输入这一行"),
    (f"{HEAD}note: a\u200bb\n", 3, "有零宽空格（U+200B），请删去后重新输入这一行"),
    (f"{HEAD}note: a\x07b\n", 3, "有控制字符（U+0007），请删去后重新输入这一行"),
    (f"{HEAD}note: a\x00b\n", 3, "有空字符（U+0000），请删去后重新输入这一行"),
    (f"{HEAD}note: a\ufffdb\n", 3, "有乱码替代符（U+FFFD），请删去后重新输入这一行"),
]


@pytest.mark.parametrize(("text", "line", "message"), YAML_ERRORS)
def test_bad_yaml_is_told_with_its_cure(tmp_path: Path, text: str, line: int, message: str) -> None:
    """One line per error, on the line to mend; the rest of the office still loads."""
    content = write_office(tmp_path, files={ROSTER: text})
    office, _ = load(content)
    assert told(content) == [f"{ROSTER}:{line}: {message}"]
    assert office is not None
    assert [read.slug for read in office.primary.rosters] == ["2026-11"]


def test_all_errors_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    """A clerk mends a file in one go."""
    text = f"{HEAD}month: 2026-12\nnote: x\nnote: y\npublished：x\n"
    content = write_office(tmp_path, files={ROSTER: text})
    assert [one.split(": ")[0] for one in told(content)] == [
        f"{ROSTER}:{line}" for line in (3, 5, 6)
    ]


ENCODINGS = [
    ("name: 青禾县\n".encode("gbk"), 1, "，像是GBK："),
    ("a: b\nname: 青禾县\n".encode("gbk"), 2, "，像是GBK："),
    ("name: 青禾县\n".encode("utf-16"), 1, "，是UTF-16："),
    (b"a: b\nname: \xff\xff\xff", 2, "："),
]


@pytest.mark.parametrize(("data", "line", "looks"), ENCODINGS)
def test_other_encodings_are_named(tmp_path: Path, data: bytes, line: int, looks: str) -> None:
    """A file saved as GBK or UTF-16 is told so, with what to choose when saving."""
    content = write_office(tmp_path, files={"topics.yml": data})
    assert told(content) == [
        f"topics.yml:{line}: 文件不是UTF-8编码{looks}用记事本打开，另存为时编码选 UTF-8"
    ]


@pytest.mark.parametrize("data", [b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_a_word_file_under_another_name_is_told_so(tmp_path: Path, data: bytes) -> None:
    """Saving a .docx as UTF-8 would not help: the file has to be written anew."""
    content = write_office(tmp_path, files={"topics.yml": data})
    assert told(content) == [
        "topics.yml:1: 这是Word、Excel或压缩文件，不是文字文件：请用记事本新建"
    ]


# ── values that don't fit ────────────────────────────────────────────────────────────────────

CHINESE_LIST = "写成 [甲, 乙]，或每行一项、以“- ”开头"
FIELD_ERRORS: list[tuple[Mapping[str, Any], list[str]]] = [
    (
        {"county_december": {"month": None}},
        [f"{ROSTER}:1: 缺少 month（月份）"],
    ),
    (
        {"county_december": {"publishd": "2026-11-20", "published": None}},
        [f"{ROSTER}:19: 不认识的栏目“publishd”，是不是“published”？"],
    ),
    (
        {"county_december": {"weather": "晴"}},
        [
            f"{ROSTER}:20: 不认识的栏目“weather”，这里可以写："
            "month、published、note、sessions、skips、changes"
        ],
    ),
    (
        {"county_december": {"published": "2026年11月20日"}},
        [f"{ROSTER}:2: published（公布日期）：日期应写成 2026-12-08 的样子"],
    ),
    (
        {"county_december": {"published": "2026-11-31"}},
        [f"{ROSTER}:2: published（公布日期）：没有 2026-11-31 这一天"],
    ),
    (
        {"county_december": {"published": "0026-11-20"}},
        [f"{ROSTER}:2: published（公布日期）：年份 26 不对，请检查"],
    ),
    (
        {"county_december": {"published": "“2026-11-20”"}},
        [f"{ROSTER}:2: published（公布日期）：日期应写成 2026-12-08 的样子；不要用中文引号"],
    ),
    (
        {"county_december": {"month": "２０２６-12"}},
        [f"{ROSTER}:1: month（月份）：月份应写成 2026-12 的样子"],
    ),
    (
        {"county_december": {"sessions": "王芳"}},
        [f"{ROSTER}:3: sessions（场次）应是清单，不能是“王芳”：{CHINESE_LIST}"],
    ),
    (
        {"county_december": {"sessions": [{"date": "2026-12-04", "leaders": "【王芳】"}]}},
        [f"{ROSTER}:5: leaders（接访领导）用了中文括号，应改为英文方括号，写成 [甲, 乙]"],
    ),
    (
        {"county_december": {"sessions": ["2026-12-04 王芳"]}},
        [f"{ROSTER}:4: sessions（场次）第1项应是一组“栏目: 内容”，不能是“2026-12-04 王芳”"],
    ),
    (
        {"county_december": {"sessions": [{"date": "2026-12-04", "leaders": [["王芳"]]}]}},
        [f"{ROSTER}:6: leaders（接访领导）第1项应是文字，不能是（一个清单）"],
    ),
    (
        {
            "county_december": {
                "changes": [
                    {
                        "session": "12-4",
                        "announced": "2026-12-01",
                        "reason": "出差",
                        "cancelled": "是",
                    }
                ]
            }
        },
        [
            f"{ROSTER}:21: session（原定场次）：“12-4”应写成原定日期 2026-12-10；"
            "同日有几场的，写成 2026-12-10 14:30",
            f"{ROSTER}:24: cancelled（取消）应写 true（是）或 false（否），不能是“是”",
        ],
    ),
    (
        {
            "county_december": {
                "changes": [{"session": "2026-12-04", "announced": "2026-12-01", "reason": "出差"}]
            }
        },
        [f"{ROSTER}:21: 这条变动没有写变了什么：写 leaders、date、time、places 或 cancelled: true"],
    ),
    (
        {"county_people": {"people": [{"id": "wang", "name": "王芳", "postt": "县长"}]}},
        [f"{PEOPLE}:4: 不认识的栏目“postt”，是不是“post”？"],
    ),
    (
        {"county_people": {"people": [{"id": "Wang Fang", "name": "王芳"}]}},
        [
            f"{PEOPLE}:2: id（编号）：“Wang Fang”应写编号（id）："
            "只能用小写字母、数字和短横线，例如 wang-fang",
            f"{PEOPLE}:2: 缺少 post（职务）",
        ],
    ),
    (
        {"county_people": {"people": [{"id": "wang", "name": "", "post": "职" * 301}]}},
        [
            f"{PEOPLE}:3: name（姓名）是空的，请填写",
            f"{PEOPLE}:4: post（职务）太长：最多 300 个字，现在 301 个字",
        ],
    ),
    ({"county_people": {"people": []}}, [f"{PEOPLE}:1: people（人员）至少要有 1 项"]),
    (
        {"county": {"kind": "县级", "order": "一", "representatives": "9", "hours": "8:30-11:30"}},
        [
            f"{INSTITUTION}:3: kind（单位类别）不能是“县级”，是不是“县”？可以写："
            "县、区、乡、镇、村、社区、信访机构、残联、学校、部门",
            f"{INSTITUTION}:4: order（排列次序）应是整数，不能是“一”",
            f"{INSTITUTION}:17: hours（办公时间）：“8:30-11:30”应写成"
            "“工作日 8:30-11:30、14:30-17:30”或“周一至周五 8:30-11:30”",
            f"{INSTITUTION}:45: representatives（多人反映时的代表人数）应不大于 5，现在是 9",
        ],
    ),
    (
        {"county": rule_with(times=["11:30-8:30", "8点半"])},
        [
            f"{INSTITUTION}:25: 开始时间 11:30 应早于结束时间 8:30",
            f"{INSTITUTION}:26: 时间应写成 8:30-11:30 的样子",
        ],
    ),
    (
        {"county": rule_with(substitutes={"李明": ["王芳"]})},
        [f"{INSTITUTION}:41: 李明应是文字，不能是（一个清单）"],
    ),
    (
        {
            "county_december": {
                "changes": [
                    {
                        "session": "2026-12-16",
                        "announced": "2026-11-21",
                        "reason": "加开",
                        "added": {"date": "2026-12-16", "leader": ["王芳"]},
                    }
                ]
            }
        },
        [f"{ROSTER}:26: 不认识的栏目“leader”，是不是“leaders”？"],
    ),
    (
        {"county": rule_with(rota=None)},
        [
            f"{INSTITUTION}:19: 由领导接访的规则须写 rota（轮值名单）；日常接待写 named: false",
        ],
    ),
    (
        {"county": rule_with(mode="上访")},
        [
            f"{INSTITUTION}:40: mode（接访方式）不能是“上访”，是不是“下访”？可以写："
            "定点接访、预约接访、下访、带案处访、联合接访"
        ],
    ),
    (
        {"site": {"phone": {"label": "咨询", "number": "0990-880"}, "contact": "见首页"}},
        [
            "site.yml:15: number（电话号码）：“0990-880”不像电话号码："
            "座机写成 0990-8800018，手机写 11 位，热线写成 12345",
            "site.yml:19: contact（年度联系方式）应是一组“栏目: 内容”，不能是“见首页”",
        ],
    ),
    (
        {"site": {"contact": SITE["contact"] | {"postcode": '“099000"'}}},
        [
            'site.yml:24: postcode（邮政编码）：““099000"”不像邮政编码：写6个数字，例如 "834000"',
        ],
    ),
    (
        {"notice": {"date": None, "sumary": "摘要", "summary": None}},
        [
            "notices/december.md:2: 缺少 date（日期）",
            "notices/december.md:4: 不认识的栏目“sumary”，是不是“summary”？",
        ],
    ),
]


@pytest.mark.parametrize(("overrides", "expected"), FIELD_ERRORS)
def test_a_value_that_does_not_fit_is_told_on_its_line(
    tmp_path: Path, overrides: dict[str, Any], expected: list[str]
) -> None:
    """Each error names the field in Chinese, says what is wrong, and tells the cure."""
    assert told(write_office(tmp_path, **overrides)) == expected


def test_a_required_field_left_blank_is_told_on_its_line(tmp_path: Path) -> None:
    """``published:`` with nothing after it points at that line, not at the file's head."""
    content = write_office(tmp_path, files={ROSTER: "month: 2026-12\npublished:\nsessions: []\n"})
    assert told(content) == [f"{ROSTER}:2: published（公布日期）还没有填写"]


# ── files that are missing, stray or misnamed ────────────────────────────────────────────────

STRAYS = [
    ("site.yaml", "不认识的文件“site.yaml”，是不是 site.yml？请改名"),
    ("Topics.yml", "不认识的文件“Topics.yml”，是不是 topics.yml？请改名"),
    ("topics.yml.txt", "不认识的文件“topics.yml.txt”，是不是 topics.yml？请改名"),
    ("notice/a.md", "不认识的文件“notice”，是不是 notices？请改名"),
    ("说明.docx", "提醒：不认识的文件“说明.docx”，不会公布；不用的请移走"),
    (f"institutions/{COUNTY}/poeple.yml", "不认识的文件“poeple.yml”，是不是 people.yml？请改名"),
    (
        f"institutions/{COUNTY}/rosters/2027-01.yaml",
        "不认识的文件“2027-01.yaml”，是不是 2027-01.yml？请改名",
    ),
    (
        f"institutions/{COUNTY}/rosters/2026-13.yml",
        "名字“2026-13”不对：应是年月，例如 2026-12.yml",
    ),
    (
        "institutions/县政府/people.yml",
        "名字“县政府”不对：只能用小写字母、数字和短横线，例如 xinfangju",
    ),
    ("notices/放假.md", "名字“放假”不对：只能用小写字母、数字和短横线，例如 jiefang-gonggao.md"),
    ("notices/a.markdown", "不认识的文件“a.markdown”，是不是 a.md？请改名"),
    ("notices/photo.jpg", "提醒：不认识的文件“photo.jpg”，不会公布；不用的请移走"),
    ("holidays/26.yml", "名字“26”不对：应是年份，例如 2026.yml"),
]


@pytest.mark.parametrize(("path", "message"), STRAYS)
def test_a_file_that_is_not_content_is_told(tmp_path: Path, path: str, message: str) -> None:
    """What was meant to be content is an error with its right name, the rest a warning."""
    shown = path.rpartition("/")[0] if path.startswith(("notice/", "institutions/县")) else path
    content = write_office(tmp_path, files={path: "x"})
    assert told(content) == [f"{shown}:1: {message}"]


@pytest.mark.parametrize(
    ("part", "path", "whole"),
    [
        ("site", "site.yml", False),
        ("topics", "topics.yml", True),
        ("clocks", "clocks.yml", True),
        ("county", INSTITUTION, False),
        ("county_people", PEOPLE, False),
    ],
)
def test_a_missing_file_is_told(tmp_path: Path, part: str, path: str, whole: bool) -> None:
    """Without the site or a part of an institution there is no office."""
    content = write_office(tmp_path, **{part: None})
    name = path.rpartition("/")[2]
    assert told(content) == [f"{path}:1: 缺少文件 {name}，请新建这个文件"]
    assert (load(content)[0] is not None) == whole


def test_a_misnamed_file_is_told_once(tmp_path: Path) -> None:
    """``people.yaml`` alone is one error, not a stray file and a missing one."""
    content = write_office(
        tmp_path, county_people=None, files={PEOPLE.replace("yml", "yaml"): COUNTY_PEOPLE}
    )
    assert told(content) == [
        f"institutions/{COUNTY}/people.yaml:1: 不认识的文件“people.yaml”，是不是 people.yml？请改名"
    ]


@pytest.mark.parametrize("folder", ["nothing", "empty"])
def test_no_content_at_all_is_one_problem(tmp_path: Path, folder: str) -> None:
    """A wrong or empty folder is told, whatever it is called."""
    (tmp_path / "empty").mkdir()
    assert told(tmp_path / folder) == [f"{folder}:1: 没有找到内容文件夹，或文件夹是空的"]


def test_no_institution_is_told(tmp_path: Path) -> None:
    """A site without institutions is no office."""
    content = write_office(tmp_path)
    shutil.rmtree(content / "institutions")
    office, _ = load(content)
    assert office is None
    assert told(content) == ["institutions:1: institutions 里还没有一个单位"]


FRONT_MATTER = [
    ("# 公告\n", 1, "开头应有一行 ---，下面写标题、日期等栏目，再以一行 --- 结束"),
    ("---\ntitle: x\n", 1, "开头的栏目没有结束：栏目写完后另起一行写 ---，下面才是正文"),
    ("---\n---\n正文\n", 1, "开头的栏目是空的：请写 title（标题）等栏目"),
    (
        "---\ntitle: x\ndate：2026-11-20\n---\n正文\n",
        3,
        "“date：”用了中文冒号，应改为英文冒号加一个空格“date: ”",
    ),
    ("", 1, "文件是空的"),
]


@pytest.mark.parametrize(("text", "line", "message"), FRONT_MATTER)
def test_front_matter_errors_are_told(tmp_path: Path, text: str, line: int, message: str) -> None:
    """Lines count from the top of the file."""
    content = write_office(tmp_path, files={"notices/a.md": text})
    assert told(content) == [f"notices/a.md:{line}: {message}"]


BAD_RECORDS = [
    "{",
    "[]",
    "",
    "[" * 100_000,
    '{"sessions": {"a": 1}, "months": {}}',
    '{"sessions": {}, "months": {"a": 1}}',
]


@pytest.mark.parametrize("text", BAD_RECORDS)
def test_a_damaged_record_is_told(tmp_path: Path, text: str) -> None:
    """A record that can't be read must not pass for an empty one."""
    content = write_office(tmp_path, files={".released.json": text})
    assert told(content) == [
        ".released.json:1: 已公布安排的记录坏了：请从上一次发布或备份里恢复这个文件"
    ]


def test_problems_come_in_order_and_alike_each_time(tmp_path: Path) -> None:
    """By file and line, so that two runs can be compared."""
    content = write_office(
        tmp_path,
        site={"nane": "x"},
        county_people={"people": [{"id": "A"}]},
        holidays_2026=merged(HOLIDAYS_2026, {"makeup": ["x", "y"]}),
    )
    first, second = told(content), told(content)
    assert first == second
    assert [one.split(":")[0] for one in first] == sorted(one.split(":")[0] for one in first)


def test_loading_grows_in_step_with_the_content(tmp_path: Path) -> None:
    """Four times the rosters take about four times the time, not sixteen."""
    content = write_office(tmp_path)

    def seconds(months: int) -> float:
        for index in range(months):
            day = date(2000 + index // 12, index % 12 + 1, 1)
            roster = merged(COUNTY_DECEMBER, {"month": f"{day:%Y-%m}"})
            write(content, f"institutions/{BUREAU}/rosters/{day:%Y-%m}.yml", to_yaml(roster))
        started = time.process_time()
        load(content)
        return time.process_time() - started

    small, large = seconds(60), seconds(240)
    assert large < small * 10
