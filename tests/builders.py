"""Writes a small valid county to a folder, for tests that need content and change a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

TODAY = date(2026, 11, 22)
COUNTY = "qinghe-county"
BUREAU = "petition-bureau"

Fields = dict[str, Any]

SITE: Fields = {
    "name": "青禾县领导接访公示",
    "host": "青禾县信访局",
    "area": "青禾县",
    "url": "https://www.example.cn/xinfang/",
    "portal": {"name": "青禾县人民政府", "url": "https://www.example.cn/"},
    "site_id_code": "9900000001",
    "icp": "示例ICP备00000001号",
    "police_record": "示例公网安备99000000000001号",
    "report_errors": "发现错误请拨打 0990-8800018",
    "primary": COUNTY,
    "phone": {"label": "县信访局", "number": "0990-8800018", "hours": "工作日 8:30-17:30"},
    "address": "青禾县人民路1号",
    "hosts": ["www.gjxfj.gov.cn"],
    "contact": {
        "year": "2026",
        "published": "2026-01-05",
        "postal_address": "青禾县人民路1号县信访局",
        "postcode": "099000",
        "email": "xinfang@example.cn",
        "phones": [{"label": "热线", "number": "12345"}],
        "online": "https://www.gjxfj.gov.cn/",
        "query": "凭受理编号到接待窗口或打电话查询。",
    },
}

HOLIDAYS_2026: Fields = {
    "year": "2026",
    "source": "国务院办公厅关于2026年部分节假日安排的通知",
    "holidays": [
        {"name": "元旦", "from": "2026-01-01", "to": "2026-01-03"},
        {"name": "春节", "from": "2026-02-15", "to": "2026-02-23"},
        {"name": "清明节", "from": "2026-04-04", "to": "2026-04-06"},
        {"name": "劳动节", "from": "2026-05-01", "to": "2026-05-05"},
        {"name": "端午节", "from": "2026-06-19", "to": "2026-06-21"},
        {"name": "中秋节", "from": "2026-09-25", "to": "2026-09-27"},
        {"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07"},
    ],
    "makeup": [
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ],
}

HOLIDAYS_2027: Fields = {
    "year": "2027",
    "source": "测试用的假设安排，不是通知",
    "holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}],
}

TOPICS: Fields = {
    "matters": [
        {
            "id": "school",
            "name": "入学转学",
            "group": "教育",
            "words": ["上学", "转学"],
            "unit": "县教育局",
            "unit_phone": "0990-8800031",
            "portfolio": "教育",
            "first": "先到县教育局基础教育科",
        },
        {
            "id": "lawsuit",
            "name": "诉讼和判决",
            "group": "涉法涉诉",
            "words": ["打官司", "判决"],
            "unit": "县人民法院",
            "first": "先到县人民法院诉讼服务中心",
            "litigation": "true",
            "procedure": "visit",
        },
    ]
}

COUNTY_INSTITUTION: Fields = {
    "name": "中共青禾县委、青禾县人民政府",
    "short": "县领导",
    "kind": "县",
    "order": "1",
    "summary": "县领导每周五上午接待来访群众。",
    "receives": "反映重大疑难事项的群众",
    "places": [
        {"id": "hall", "name": "县人民来访接待中心一楼", "address": "青禾县人民路1号"},
        {"id": "annex", "name": "县政务服务中心三楼", "address": "青禾县建设路8号"},
    ],
    "phones": [{"label": "预约电话", "number": "0990-8800018"}],
    "hours": "工作日 8:30-11:30、14:30-17:30",
    "rules": [
        {
            "id": "friday",
            "name": "县领导接待日",
            "says": "每周五上午，由一名县领导接待",
            "rrule": "FREQ=WEEKLY;BYDAY=FR",
            "from": "2026-01-01",
            "times": ["8:30-11:30"],
            "places": ["hall"],
            "rota": ["王芳", "李明", "赵国强"],
            "must_sit": ["王芳"],
            "substitute": "李明",
            "booking": {"by": ["电话", "现场"], "quota": "8"},
        }
    ],
    "chain": [{"title": "登记", "text": "到一楼窗口登记"}],
    "pledges": ["当场登记，按期答复"],
}

COUNTY_PEOPLE: Fields = {
    "people": [
        {
            "id": "wang-fang",
            "name": "王芳",
            "post": "县长",
            "portfolio": ["财政"],
            "principal": "true",
        },
        {"id": "li-ming", "name": "李明", "post": "副县长", "portfolio": ["教育", "卫生健康"]},
        {"id": "zhao-guoqiang", "name": "赵国强", "post": "副县长", "portfolio": ["自然资源"]},
        {"id": "sun-li", "name": "孙丽", "post": "信访联络员", "receives": "false"},
    ]
}

COUNTY_NOVEMBER: Fields = {
    "month": "2026-11",
    "published": "2026-10-28",
    "sessions": [
        {"date": "2026-11-06", "leaders": ["王芳"]},
        {"date": "2026-11-13", "leaders": ["赵国强"]},
        {"date": "2026-11-20", "leaders": ["李明"]},
        {"date": "2026-11-27", "leaders": ["赵国强"]},
    ],
    "changes": [
        {
            "session": "2026-11-13",
            "announced": "2026-11-11",
            "reason": "赴省里开会",
            "leaders": ["李明"],
        }
    ],
}

COUNTY_DECEMBER: Fields = {
    "month": "2026-12",
    "published": "2026-11-20",
    "sessions": [
        {"date": "2026-12-04", "leaders": ["王芳"], "companions": ["孙丽"]},
        {"date": "2026-12-11", "leaders": ["李明"]},
        {"date": "2026-12-18", "leaders": ["赵国强"], "places": ["annex"]},
        {"date": "2026-12-25", "leaders": ["王芳"]},
    ],
}

BUREAU_INSTITUTION: Fields = {
    "name": "青禾县信访局",
    "short": "县信访局",
    "kind": "信访机构",
    "parent": COUNTY,
    "order": "2",
    "summary": "工作日全天接待，局领导每周二下午接待。",
    "receives": "来访群众",
    "places": [{"id": "office", "name": "县信访局接待室", "address": "青禾县人民路1号"}],
    "phones": [{"label": "值班电话", "number": "0990-8800019"}],
    "hours": "工作日 8:30-11:30、14:30-17:30",
    "rules": [
        {
            "id": "tuesday",
            "name": "局领导接待日",
            "says": "每周二下午，由一名局领导接待",
            "rrule": "FREQ=WEEKLY;BYDAY=TU",
            "from": "2026-01-01",
            "times": ["14:30-17:30"],
            "places": ["office"],
            "rota": ["陈静", "周海"],
        },
        {
            "id": "daily",
            "name": "日常接待",
            "says": "工作日全天接待",
            "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            "from": "2026-01-01",
            "times": ["8:30-11:30", "14:30-17:30"],
            "places": ["office"],
            "named": "false",
        },
    ],
    "chain": [{"title": "登记", "text": "在接待室登记", "within": "当场"}],
    "pledges": ["首问负责"],
}

BUREAU_PEOPLE: Fields = {
    "people": [
        {"id": "chen-jing", "name": "陈静", "post": "局长", "portfolio": ["全面工作"]},
        {"id": "zhou-hai", "name": "周海", "post": "副局长"},
    ]
}


def _tuesdays(month: str, published: str, *days: int) -> Fields:
    leaders = ("陈静", "周海")
    return {
        "month": month,
        "published": published,
        "sessions": [
            {"date": f"{month}-{day:02d}", "leaders": [leaders[turn % 2]]}
            for turn, day in enumerate(days)
        ],
    }


BUREAU_NOVEMBER = _tuesdays("2026-11", "2026-10-28", 3, 10, 17, 24)
BUREAU_DECEMBER = _tuesdays("2026-12", "2026-11-20", 1, 8, 15, 22, 29)

REGULATION: Fields = {
    "title": "信访工作条例",
    "kind": "法规",
    "summary": "现行有效的信访工作规定。",
    "issuer": "中共中央、国务院",
    "number": "2022年2月25日发布",
    "issued": "2022-02-25",
    "effective": "2022-05-01",
    "official": "国家信访局网站",
    "official_url": "https://www.gjxfj.gov.cn/",
    "updated": "2026-01-05",
}

PROCEDURE: Fields = {
    "title": "来访办理流程",
    "summary": "从登记到答复的几步。",
    "flow": [
        {"title": "登记", "text": "到窗口登记"},
        {"title": "答复", "text": "书面答复", "note": "60日内"},
    ],
    "updated": "2026-01-05",
}

NOTICE: Fields = {
    "title": "12月县领导接访安排公布",
    "date": "2026-11-20",
    "summary": "12月安排已经公布。",
    "source": "青禾县信访局",
}

FORM: Fields = {
    "title": "建议意见",
    "summary": "对工作提建议。",
    "fields": [
        {"id": "name", "label": "姓名", "type": "text"},
        {
            "id": "kind",
            "label": "类别",
            "type": "choice",
            "choices": ["建议", "意见"],
        },
        {
            "id": "detail",
            "label": "具体意见",
            "type": "longtext",
            "limit": "2000",
            "when": {"kind": "意见"},
        },
    ],
    "updated": "2026-01-05",
    "course": "short",
}

APPEALS = {"handle", "extension", "review-request", "review"}
APPEALS |= {"second-review-request", "second-review"}


def _limit(slug: str, length: str, starts: str, unit: str = "日") -> Fields:
    courses = ["appeal"] if slug in APPEALS else ["appeal", "short"]
    limit = {"id": slug, "name": slug, "length": length, "unit": unit, "starts": starts}
    return {**limit, "article": "《信访工作条例》", "courses": courses}


CLOCKS: Fields = {
    "clocks": [
        _limit("register", "15", "收到"),
        _limit("tell", "15", "收到"),
        _limit("objection", "5", "收到转送", "工作日"),
        _limit("handle", "60", "受理"),
        _limit("extension", "30", "期限届满"),
        _limit("review-request", "30", "收到书面答复"),
        _limit("review", "30", "收到复查请求"),
        _limit("second-review-request", "30", "收到复查意见"),
        _limit("second-review", "30", "收到复核请求"),
    ],
    "keep": [
        {"what": "submissions", "months": "24", "starts": "办结"},
        {"what": "bookings", "months": "6", "starts": "接访日"},
        {"what": "uploads", "days": "1", "starts": "上传"},
        {"what": "access", "months": "6", "starts": "访问"},
    ],
}

# short name, for ``write_office(**overrides)`` → path in content/ and fields
PARTS: dict[str, tuple[str, Fields]] = {
    "site": ("site.yml", SITE),
    "holidays_2026": ("holidays/2026.yml", HOLIDAYS_2026),
    "holidays_2027": ("holidays/2027.yml", HOLIDAYS_2027),
    "topics": ("topics.yml", TOPICS),
    "clocks": ("clocks.yml", CLOCKS),
    "county": (f"institutions/{COUNTY}/institution.yml", COUNTY_INSTITUTION),
    "county_people": (f"institutions/{COUNTY}/people.yml", COUNTY_PEOPLE),
    "county_november": (f"institutions/{COUNTY}/rosters/2026-11.yml", COUNTY_NOVEMBER),
    "county_december": (f"institutions/{COUNTY}/rosters/2026-12.yml", COUNTY_DECEMBER),
    "bureau": (f"institutions/{BUREAU}/institution.yml", BUREAU_INSTITUTION),
    "bureau_people": (f"institutions/{BUREAU}/people.yml", BUREAU_PEOPLE),
    "bureau_november": (f"institutions/{BUREAU}/rosters/2026-11.yml", BUREAU_NOVEMBER),
    "bureau_december": (f"institutions/{BUREAU}/rosters/2026-12.yml", BUREAU_DECEMBER),
    "form": ("forms/suggestion.yml", FORM),
    "regulation": ("regulations/petition-work.md", REGULATION),
    "procedure": ("procedures/visit.md", PROCEDURE),
    "notice": ("notices/december.md", NOTICE),
}

BODIES = {
    "regulation": "## 要点\n\n当面登记，按期答复。\n",
    "procedure": "## 怎么办\n\n带上材料到窗口。见[联系方式](/contact/)。\n",
    "notice": "12月安排已经公布，请按时前往。\n",
}


class _Dumper(yaml.CSafeDumper):
    """Writes out what stands twice, as people do, instead of an anchor and an alias."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def to_yaml(fields: object) -> str:
    """Fields as a YAML text, in their own order."""
    text: str = yaml.dump(fields, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    return text


def merged(fields: Fields, changed: Mapping[str, Any]) -> Fields:
    """The fields with some replaced; a field given as None is left out."""
    return {key: value for key, value in {**fields, **changed}.items() if value is not None}


def rule_with(institution: Fields = COUNTY_INSTITUTION, index: int = 0, **changed: Any) -> Fields:
    """Override for an institution: its rules with one of them changed (``since`` is ``from``)."""
    if "since" in changed:
        changed["from"] = changed.pop("since")
    rules = list(institution["rules"])
    rules[index] = merged(rules[index], changed)
    return {"rules": rules}


def write(content: Path, relative: str, data: str | bytes) -> Path:
    """One file below ``content``."""
    path = content / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def _handled(content: Path) -> None:
    """Who takes petitions online also says how they are handled: as the sample county does."""
    sample = Path(__file__).parent.parent / "content"
    copied = [sample / "states.yml", *(sample / "documents").glob("*.yml")]
    copied += [sample / "courses" / f"{one}.yml" for one in USUAL]
    for path in copied:
        if path.stem.startswith(("slip", "team")):
            continue  # of courses of their own
        write(content, path.relative_to(sample).as_posix(), path.read_bytes())


USUAL = ("appeal", "short", "report", "appointment")


def write_office(
    tmp_path: Path,
    *,
    files: Mapping[str, str | bytes | Fields | None] | None = None,
    **overrides: Mapping[str, Any] | None,
) -> Path:
    """Write the county to ``tmp_path/content`` and return that folder.

    ``overrides``: fields by the short name in ``PARTS``; None leaves the whole file out.
    ``files``: whole files by path, as text, bytes or fields; None leaves the file out.
    """
    unknown = overrides.keys() - PARTS.keys()
    assert not unknown, f"no such part: {unknown}; there are {sorted(PARTS)}"
    content = tmp_path / "content"
    content.mkdir(exist_ok=True)
    for short, (relative, fields) in PARTS.items():
        changed = overrides.get(short, {})
        if changed is None:
            continue
        text = to_yaml(merged(fields, changed))
        if short in BODIES:
            text = f"---\n{text}---\n\n{BODIES[short]}"
        write(content, relative, text)
    if (overrides.get("site") or {}).get("online"):
        _handled(content)
    for relative, data in (files or {}).items():
        if data is None:
            (content / relative).unlink()
        else:
            write(content, relative, to_yaml(data) if isinstance(data, dict) else data)
    return content
