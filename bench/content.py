"""Invented content of any size for measuring: always the same for the same number of pages.

python bench/content.py 600 /tmp/content-600
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

TODAY = date(2026, 12, 8)
LAST_MONTH = (2026, 12)
_SAMPLE = Path(__file__).resolve().parent.parent / "content"
_LAW = ("clocks.yml", "states.yml", "courses", "documents")  # as the sample has them
_COUNTY = Path("courses/county.yml")
_NEIGHBOURS, _NOTICES = 9, 90  # institutions and notices beside the sample's in a crowd

SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹"
GIVEN = "建国志强丽华文博晓东海燕秀英国栋立新慧敏思远春梅永福家兴玉兰少平素芬"
SUBJECTS = str.split(
    "自然资源 农业农村 住房和城乡建设 人力资源和社会保障 民政 教育 卫生健康 医疗保障 水利 "
    "交通运输 生态环境 市场监管 公安 退役军人 财政 工业和信息化 林业 文化和旅游 应急管理 残疾人"
)
PLACE_NAMES = str.split(
    "青石 龙潭 和平 东门 河口 上村 西坪 南城 北河 长岭 柳树 石桥 白沙 双井 新店 "
    "大湾 枫林 古渡 马鞍 桃源 清泉 云台 红旗 胜利 光明 团结 永安 太平 高庙 金星"
)
KINDS = (("乡", "乡人民政府"), ("镇", "镇人民政府"), ("社区", "社区居民委员会"))
DAYS = (("MO", 0, "一"), ("TU", 1, "二"), ("WE", 2, "三"), ("TH", 3, "四"), ("FR", 4, "五"))
SENTENCES = (
    "来访的群众先到接待窗口登记，工作人员问清姓名、住址、要求和理由，当场给一个编号。",
    "属于{subject}方面的事，由{place}的分管领导接待，责任单位派人到场。",
    "能当场答复的当场答复，不能当场答复的，说明由谁办、哪一天给回音。",
    "预约可以打电话0990-88{number:05d}，也可以到现场，前一个工作日17:00截止。",
    "没有预约的当天也可以来，排在已经预约的后面；当天轮不上的，当场约定下一次。",
    "领导临时有事来不了的，由主管信访的领导顶上，并在接访日历上写明原来是谁、现在是谁。",
    "申诉求决类的事，自受理之日起60日内办结；情况复杂的，经批准可以延长，最多30日。",
    "对书面答复不服的，自收到之日起30日内，可以请求上一级行政机关复查。",
    "多人反映同一件事的，推选代表，最多5人，其他人可以在休息区等候。",
    "行动不便的，可以打电话请工作人员上门；需要手语翻译的，请提前一个工作日说一声。",
    "正在打官司、仲裁或者行政复议的，请到法律服务窗口，由律师告诉您去哪里办。",
    "您的姓名、电话和反映的内容不对外公开，也不会告诉被反映的人。",
    "{place}第{number}号安排自公布之日起执行，以前的安排和它不一致的，以它为准。",
    "办结以后由责任单位出具书面答复，送达的时候请您在回执上签名。",
    "接待中心东门有坡道，一楼备有轮椅、老花镜和饮水，复印材料不收费。",
    "到期没有办完的，责任单位要向您说明原因，承诺办结的日子，并接受通报。",
)
HEADINGS = (
    "依据",
    "哪天接待",
    "在哪里",
    "怎么预约",
    "要带什么",
    "怎么办理",
    "多久答复",
    "不服怎么办",
)
STEPS = ("到场登记", "分清种类", "转给责任单位", "告知受理", "调查办理", "书面答复")

# What the State Council's notices say for the years that the rosters touch.
HOLIDAYS: dict[int, tuple[tuple[str, str, str], ...]] = {
    2025: (
        ("元旦", "2025-01-01", "2025-01-01"),
        ("春节", "2025-01-28", "2025-02-04"),
        ("清明节", "2025-04-04", "2025-04-06"),
        ("劳动节", "2025-05-01", "2025-05-05"),
        ("端午节", "2025-05-31", "2025-06-02"),
        ("国庆节", "2025-10-01", "2025-10-08"),
    ),
    2026: (
        ("元旦", "2026-01-01", "2026-01-03"),
        ("春节", "2026-02-15", "2026-02-23"),
        ("清明节", "2026-04-04", "2026-04-06"),
        ("劳动节", "2026-05-01", "2026-05-05"),
        ("端午节", "2026-06-19", "2026-06-21"),
        ("中秋节", "2026-09-25", "2026-09-27"),
        ("国庆节", "2026-10-01", "2026-10-07"),
    ),
    2027: (("元旦", "2027-01-01", "2027-01-03"),),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """How much there is of everything; notices fill up to the number of pages."""

    pages: int
    institutions: int
    leaders: int  # of each institution
    months: int
    matters: int
    regulations: int
    procedures: int
    changes: int  # one in so many months has a change

    @property
    def notices(self) -> int:
        months = self.institutions * self.months
        fixed = 12  # home, lists, search, contact, the map of the site …
        people = self.institutions * (1 + self.leaders)
        documents = self.matters + self.regulations + self.procedures
        return max(1, self.pages - fixed - months - people - documents - months // self.changes)


def scale(pages: int) -> Scale:
    """A county of that many pages. What grows over the years is the archive: months that stay,
    and the notices of their changes; beside them leaders, matters and written texts."""
    if pages <= 100:
        return Scale(pages, 2, 6, 6, 8, 4, 3, changes=3)
    if pages <= 1000:
        return Scale(pages, 12, 8, 24, 32, 20, 9, changes=4)
    return Scale(pages, 60, 10, 24, 40, 70, 9, changes=4)


def crowd(target: Path, sample: Path, pages: int = 600) -> list[str]:
    """The sample county among invented neighbours, about ``pages`` pages: what a search must find
    its way through. Returns the neighbours' slugs."""
    size = scale(pages)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(sample, target)
    names = institution_names(size)[1:_NEIGHBOURS]
    for year in (2025, 2027):
        _yaml(target / f"holidays/{year}.yml", holidays(year))
    for index, name in enumerate(names, 1):
        _institution(target, size, index, f"白云市{name}", "yunling-county")
    dice = random.Random(20261208)
    for path, meta, body in documents(size, names, dice):
        if path.startswith("notices/") and int(path[-7:-3]) <= _NOTICES:
            kept = {key: value for key, value in meta.items() if key != "institution"}
            _markdown(target / path, kept, body.replace("/matters/matter-01/", "/matters/"))
    return [slug_of(index) for index in range(1, len(names) + 1)]


class _Plain(yaml.SafeDumper):
    """No anchors: clerks don't write them, and the loader refuses them."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(target: Path, pages: int) -> Scale:
    """Replace ``target`` by invented content that makes about ``pages`` pages."""
    size = scale(pages)
    dice = random.Random(20261208)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(_SAMPLE, target, ignore=_but_the_law)
    ways = (_SAMPLE / _COUNTY).read_text(encoding="utf-8")
    (target / _COUNTY).write_text(ways.replace("yunling-county", slug_of(0)), encoding="utf-8")
    names = institution_names(size)
    _yaml(target / "site.yml", site(names))
    _yaml(target / "topics.yml", {"matters": list(matters(size))})
    for year in sorted({*(day.year for day in month_days(size)), 2026, 2027}):
        _yaml(target / f"holidays/{year}.yml", holidays(year))
    for index, name in enumerate(names):
        _institution(target, size, index, name)
    for path, meta, body in documents(size, names, dice):
        _markdown(target / path, meta, body)
    return size


def _institution(target: Path, size: Scale, index: int, name: str, parent: str = "county") -> None:
    folder = target / "institutions" / slug_of(index)
    people = people_of(size, index)
    _yaml(folder / "institution.yml", institution(index, name, people, parent))
    _yaml(folder / "people.yml", {"people": people})
    for number, first in enumerate(month_days(size)):
        roster = roster_of(size, index, number, first, people)
        _yaml(folder / f"rosters/{first:%Y-%m}.yml", roster)


def _but_the_law(folder: str, names: list[str]) -> list[str]:
    """What is not copied: all but the law, and what only institutions below the county need."""
    inside = Path(folder)
    if inside == _SAMPLE:
        return [name for name in names if name not in _LAW]
    texts = {name: (inside / name).read_text(encoding="utf-8") for name in names}
    special = [name for name, text in texts.items() if "\nlike:" in text or "\nstep: team" in text]
    return [name for name in special if name != _COUNTY.name]


def _yaml(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(content, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(text, encoding="utf-8")


def _markdown(path: Path, meta: dict[str, Any], body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = yaml.dump(meta, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(f"---\n{head}---\n\n{body}", encoding="utf-8")


def slug_of(index: int) -> str:
    return "county" if index == 0 else f"unit-{index:02d}"


def institution_names(size: Scale) -> list[str]:
    towns = [
        f"{PLACE_NAMES[i % len(PLACE_NAMES)]}{KINDS[i % len(KINDS)][1]}"
        for i in range(size.institutions - 1)
    ]
    return ["云岭县领导接访", *towns]


def month_days(size: Scale) -> list[date]:
    """The first days of the months that have a roster, oldest first."""
    year, month = LAST_MONTH
    firsts = []
    for back in range(size.months):
        years, index = divmod(year * 12 + month - 1 - back, 12)
        firsts.append(date(years, index + 1, 1))
    return firsts[::-1]


def site(names: list[str]) -> dict[str, Any]:
    hours = "工作日 8:30-12:00、14:30-18:00"
    phone = {"label": "预约、咨询电话", "number": "0990-8800018", "hours": hours}
    return {
        "name": "云岭县领导接访公示",
        "host": "云岭县信访局",
        "area": "云岭县",
        "fictional": {"notice": "本站是测速用的虚构内容", "today": TODAY.isoformat()},
        "url": "https://www.yunling.example/xinfang/",
        "portal": {"name": "云岭县人民政府网", "url": "https://www.yunling.example/"},
        "site_id_code": "0000000000（示例）",
        "icp": "云ICP备00000000号-1（示例）",
        "police_record": "云公网安备00000000000000号（示例）",
        "report_errors": "打电话0990-8800019",
        "primary": slug_of(0),
        "phone": phone,
        "address": "云岭县示例路18号",
        "contact": {
            "year": str(TODAY.year),
            "published": f"{TODAY.year}-01-05",
            "postal_address": f"云岭县示例路18号，共{len(names)}个接访单位",
            "postcode": "000000",
            "email": "xinfang@yunling.example",
            "phones": [phone],
            "online": "在本站“网上提交”栏目填写",
            "query": "凭编号和查询码在本站查询进展和结果。",
        },
    }


def holidays(year: int) -> dict[str, Any]:
    return {
        "year": str(year),
        "source": "测速用的节假日，照国务院办公厅通知摘录",
        "holidays": [{"name": n, "from": a, "to": b} for n, a, b in HOLIDAYS[year]],
    }


def matters(size: Scale) -> Iterator[dict[str, Any]]:
    for number in range(size.matters):
        subject = SUBJECTS[number % len(SUBJECTS)]
        yield {
            "id": f"matter-{number + 1:02d}",
            "name": f"{subject}方面的事" + (f"之{number}" if number >= len(SUBJECTS) else ""),
            "group": ("土地房屋", "社会保障", "城市管理", "其他")[number % 4],
            "words": [f"{subject}问题", f"{subject}投诉", f"第{number}类"],
            "unit": f"县{subject}局",
            "unit_phone": f"0990-88{number + 100:05d}",
            "portfolio": SUBJECTS[number % min(len(SUBJECTS), size.leaders * 2)],
            "first": f"先到县{subject}局的窗口，带上以前的答复和有关的材料，"
            "说清是哪一年、哪里的事。",
            "procedure": "procedure-1",
        }


def people_of(size: Scale, index: int) -> list[dict[str, Any]]:
    people = []
    for number in range(size.leaders):
        serial = index * size.leaders + number
        surname = SURNAMES[serial % len(SURNAMES)]
        given = GIVEN[2 * (serial % 17)] + GIVEN[(7 * serial + 1) % len(GIVEN)]
        subjects = [SUBJECTS[(2 * number + k) % len(SUBJECTS)] for k in range(2)]
        post = "县长" if index == 0 and number == 0 else f"副职领导，分管{subjects[0]}"
        people.append(
            {
                "id": f"leader-{number + 1}",
                "name": f"{surname}{given}",
                "post": post,
                "portfolio": subjects,
                **({"principal": "true"} if number == 0 else {}),
            }
        )
    return people


def institution(index: int, name: str, people: list[dict[str, Any]], parent: str) -> dict[str, Any]:
    day, _, word = DAYS[index % 5]
    hours = "工作日 8:30-12:00、14:30-18:00"
    county = {} if index == 0 else {"parent": parent}
    return {
        "name": name,
        "short": "县领导" if index == 0 else name[:3],
        "kind": "县" if index == 0 else KINDS[(index - 1) % len(KINDS)][0],
        **county,
        "order": str(10 + index),
        "summary": f"每周{word}上午由一名领导接待来访群众；遇节假日停一次。",
        "receives": "反映本辖区范围内的事，提出建议、意见或者请求的公民、法人和其他组织。",
        "places": [
            {
                "id": "hall",
                "name": f"{name}一楼接访室",
                "address": f"云岭县示例路{index + 1}号",
                "access": "大门有坡道，不用上台阶",
            }
        ],
        "phones": [{"label": "预约电话", "number": f"0990-88{index + 200:05d}", "hours": hours}],
        "hours": hours,
        "rules": [
            {
                "id": "weekly",
                "name": "领导接待日",
                "says": f"每周{word}上午，由一名领导接待；遇节假日停一次",
                "rrule": f"FREQ=WEEKLY;BYDAY={day}",
                "from": "2025-01-01",
                "times": ["8:30-11:30"],
                "places": ["hall"],
                "rota": [person["name"] for person in people],
                "holiday": "skip",
                "booking": {"by": ["电话", "现场"], "quota": "8"},
            }
        ],
        "chain": [
            {"title": title, "text": SENTENCES[number].format(subject="民政", place=name, number=1)}
            for number, title in enumerate(STEPS)
        ],
        "pledges": [SENTENCES[8], SENTENCES[11], SENTENCES[15]],
        "bring": ["写明姓名、住址、请求、事实和理由的材料", "以前的答复和有关的复印件"],
    }


def roster_of(
    size: Scale, index: int, number: int, first: date, people: list[dict[str, Any]]
) -> dict[str, Any]:
    """The weekly days of one month that are no holidays; every few months something changes."""
    weekday = DAYS[index % 5][1]
    off = {day for spans in HOLIDAYS.values() for span in spans for day in _days(*span[1:])}
    month = [first + timedelta(days=n) for n in range(31)]
    days = [d for d in month if d.month == first.month and d.weekday() == weekday and d not in off]
    names = [person["name"] for person in people]
    turn = index + number * 5
    sessions = [
        {"date": day.isoformat(), "leaders": [names[(turn + n) % len(names)]]}
        for n, day in enumerate(days)
    ]
    roster: dict[str, Any] = {
        "month": f"{first:%Y-%m}",
        "published": (first - timedelta(days=4)).isoformat(),
        "sessions": sessions,
    }
    if (index * size.months + number) % size.changes == 0:
        stand_in = names[(turn + len(days) + 1) % len(names)]
        session = sessions[0]
        if stand_in in session["leaders"]:
            stand_in = names[(turn + len(days) + 2) % len(names)]
        roster["changes"] = [
            {
                "session": session["date"],
                "announced": (first - timedelta(days=2)).isoformat(),
                "reason": "原定接访领导当天到市里开会",
                "leaders": [stand_in],
            }
        ]
    return roster


def _days(first: str, last: str) -> Iterator[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    for number in range((end - start).days + 1):
        yield start + timedelta(days=number)


def documents(
    size: Scale, names: list[str], dice: random.Random
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """(path, front matter, Markdown) of regulations, procedures and notices."""
    for number in range(size.regulations):
        index = number % len(names)
        meta: dict[str, Any] = {
            "title": f"{names[index]}接待办法（{number + 1}）",
            "kind": "本级规定",
            "order": str(number),
            "summary": "每周一天由领导接待，一件事一个编号，事后有人督办。",
            "issuer": names[index],
            "effective": "2026-10-01",
            "institution": slug_of(index),
            "updated": "2026-12-01",
        }
        yield f"regulations/rule-{number + 1:03d}.md", meta, text(names[index], dice)
    for number in range(size.procedures):
        meta = {
            "title": f"第{number + 1}种办法怎么走",
            "order": str(number),
            "summary": "从登记到拿到书面答复一共六步，不收一分钱。",
            "flow": [
                {"title": title, "note": "按时限", "text": SENTENCES[n].format(**_words(dice))}
                for n, title in enumerate(STEPS)
            ],
            "materials": ["情况说明，一页纸写清就行", "以前拿到的答复、协议"],
            "updated": "2026-12-01",
        }
        yield f"procedures/procedure-{number + 1}.md", meta, text(names[0], dice)
    for number in range(size.notices):
        index = number % len(names)
        day = TODAY - timedelta(days=number % 600)
        meta = {
            "title": f"{names[index]}第{number + 1}号通知",
            "date": day.isoformat(),
            "summary": "接待时间、地点和预约办法的安排，请群众互相转告。",
            "source": names[index],
            "institution": slug_of(index),
            "until": (day + timedelta(days=7)).isoformat(),
        }
        yield f"notices/notice-{number + 1:04d}.md", meta, text(names[index], dice)


def _words(dice: random.Random, place: str = "县里") -> dict[str, Any]:
    return {
        "subject": dice.choice(SUBJECTS),
        "place": place,
        "number": dice.randrange(1, 99_999),
    }


def text(place: str, dice: random.Random) -> str:
    """One to two kilobytes of Markdown: headings, paragraphs, a list, a table, links."""
    parts = []
    for heading in dice.sample(HEADINGS, dice.randrange(3, 5)):
        sentences = dice.sample(SENTENCES, 2)
        parts.append(f"## {heading}\n")
        parts.append("".join(s.format(**_words(dice, place)) for s in sentences) + "\n")
    points = [s.format(**_words(dice, place)) for s in dice.sample(SENTENCES, 2)]
    parts.append("\n".join(f"- {point}" for point in points) + "\n")
    parts.append("表：几个时限\n\n| 什么事 | 多长时间 | 从哪天算起 |\n|---|---|---|")
    parts.append("| 登记、转送 | 15日 | 收到的那天 |\n| 办结 | 60日 | 受理的那天 |\n")
    parts.append("哪位领导哪天接待，看[接访日历](/calendar/)和[找谁反映](/matters/matter-01/)。\n")
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description="写出测速用的虚构内容")
    parser.add_argument("pages", type=int, help="网页数，例如 600")
    parser.add_argument("target", type=Path, help="写到哪个文件夹（原有的会删掉）")
    arguments = parser.parse_args()
    print(write(arguments.target, arguments.pages))


if __name__ == "__main__":
    main()
