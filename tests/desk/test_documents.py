"""The printed papers of a case, read back from the PDF and looked at as pictures."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import typst
from lxml import html
from pypdf import PdfReader
from pypdf.generic import PdfObject

from casework.papers import BLANK
from intake_app import documents
from intake_app.documents import Copy, Done, Item, Record, setting
from intake_app.documents.filling import Filled, fill
from intake_app.published import Paper, read
from tests.desk.cases import (
    CARDS,
    NUMBER,
    PETITIONER,
    SLIPS,
    TEXTS,
    TODAY,
    cards,
    record,
    slips,
)

ROOT = Path(__file__).parent.parent.parent
NAMES = sorted(path.stem for path in (ROOT / "content" / "documents").glob("*.yml"))
LETTERHEAD = ("assign-letter", "assign-letter-study", "transfer-letter")
HOSTILE = "#set text(red) *粗* $x^2$ <b>b</b> \\\\ // [a](b) @ref `c` {责任单位} _u_ {{x}} %s"
LONG = "承包地一直没有补偿，问过许多次。"


@pytest.fixture(scope="module")
def papers(sample_site: Path) -> Mapping[str, Paper]:
    """The templates of the sample county, as a build publishes them."""
    return read(sample_site / "data").papers


def pages(pdf: bytes) -> list[str]:
    """Each page's text without white space, as lines break wherever they fit."""
    reader = PdfReader(io.BytesIO(pdf))
    return [squeezed(page.extract_text()) for page in reader.pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def screened(shown: str) -> str:
    return squeezed("".join(map(str, html.fromstring(shown).itertext())))


def inside(thing: PdfObject, *way: str | int) -> Any:
    """What lies there in a PDF, references followed."""
    here: Any = thing.get_object()
    for one in way:
        here = here[one].get_object()
    return here


def printed(paper: Paper, case: Record, copy: Copy | None = None) -> list[str]:
    return pages(documents.pdf(paper, case, copy, TODAY))


def told(filled: Filled) -> list[str]:
    """All words of a document that a reader must find."""
    plain = replace(filled, id="", layout="", cut="", running="")
    if filled.layout == "plate":  # stands on a desk: name, post and house alone
        plain = replace(plain, title="", mark="")
    return [squeezed(one) for one in setting.words_of(plain) if one.strip()]


# ── every template ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", NAMES)
def test_paper_and_screen_say_the_same_words(papers: Mapping[str, Paper], name: str) -> None:
    """Each word of the filled template is in the PDF and on the screen, and no mark is left."""
    copy = Copy("x", "县委书记", "郑国栋", returns=True, place=1, of=8)
    words = told(fill(papers[name], record(), copy, TODAY))
    on_paper = "".join(printed(papers[name], record(), copy))
    on_screen = screened(documents.screen(papers[name], record(), copy, TODAY))

    assert [one for one in words if one not in on_paper] == []
    assert [one for one in words if one not in on_screen] == []
    for strange in ("None", "{", "}", "〓", "\ufffd"):
        assert strange not in on_paper
        assert strange not in on_screen


@pytest.mark.parametrize("name", NAMES)
def test_a_usual_case_fits_on_one_page(papers: Mapping[str, Paper], name: str) -> None:
    """Each paper of a usual case is one page, whose title it bears."""
    found = printed(papers[name], record())
    assert len(found) == 1
    title = fill(papers[name], record(), None, TODAY).title
    assert papers[name].layout == "plate" or squeezed(title) in found[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_paper_of_nothing_is_a_form_to_fill_in(papers: Mapping[str, Paper], name: str) -> None:
    """Without any case it prints on one page, with room for a pen and never "None"."""
    found = printed(papers[name], Record())
    assert len(found) == 1
    assert "None" not in found[0]
    assert "{" not in found[0]
    if papers[name].layout == "letter":
        assert BLANK in found[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_pdf_can_be_read_aloud_and_kept(papers: Mapping[str, Paper], name: str) -> None:
    """Tagged as PDF/UA, in Chinese, with its typefaces inside, and a title that tells no person."""
    pdf = documents.pdf(papers[name], record(), None, TODAY)
    reader = PdfReader(io.BytesIO(pdf))
    root = inside(reader.trailer, "/Root")

    assert inside(root, "/MarkInfo", "/Marked")
    assert str(root["/Lang"]).lower().startswith("zh")
    assert b"pdfuaid" in inside(root, "/Metadata").get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == fill(papers[name], record(), None, TODAY).title
    assert PETITIONER not in reader.metadata.title
    fonts = [
        inside(font, "/DescendantFonts", 0, "/FontDescriptor")
        for page in reader.pages
        for font in inside(page, "/Resources", "/Font").values()
    ]
    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font) for font in fonts)
    assert all(re.match(r"/[A-Z]{6}\+", str(font["/FontName"])) for font in fonts)


@pytest.mark.parametrize("name", NAMES)
def test_pictures_keep_off_the_edge_and_red_is_for_letterheads(
    papers: Mapping[str, Paper], name: str
) -> None:
    """No ink within 8 mm of an edge but a plate's fold mark; red only on letterheads and plates."""
    pdf = documents.pdf(papers[name], record(), None, TODAY)
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_pil().convert("RGB")
    width, height = image.size
    edge = 22  # 8 mm at 72 dots an inch
    within = image.crop((edge, edge, width - edge, height - edge))
    ink = sum(image.convert("L").histogram()[:200])
    kept = sum(within.convert("L").histogram()[:200])
    colours = image.getcolors(1 << 24) or []
    red = sum(count for count, (r, g, b) in colours if r > 120 and g < 70 and b < 70)

    assert ink > 500
    if papers[name].layout == "plate":
        assert ink - kept < 60
    else:
        assert ink == kept
    assert (red > 100) == (name in LETTERHEAD or papers[name].layout == "plate")


def test_the_same_words_give_the_same_bytes(papers: Mapping[str, Paper]) -> None:
    """Twice the same PDF, another for another word, also when several threads ask at once."""
    items: list[Item] = [(papers["reply"], record(), None)]
    other: list[Item] = [(papers["reply"], record(number="2026-000124"), None)]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda them: documents.several(them, TODAY), [items, other] * 4))

    assert set(made[::2]) == {made[0]}
    assert set(made[1::2]) == {made[1]}
    assert made[0] != made[1]


# ── who gets what ────────────────────────────────────────────────────────────────────────────


def test_four_cards_differ_and_bear_one_number(papers: Mapping[str, Paper]) -> None:
    """Two cards a sheet, the number across each cut; four texts, each for its own reader."""
    found = pages(documents.several(cards(papers, record()), TODAY))
    singly = ["".join(pages(documents.several([one], TODAY))) for one in cards(papers, record())]

    assert len(found) == 2
    assert len(set(singly)) == 4
    for text in found:
        assert f"云岭县信访局接访字第{NUMBER}号" in text
    for place, (text, to) in enumerate(zip(singly, CARDS.values(), strict=True), start=1):
        assert f"第{place}联共4联" in text
        assert f"编号：{NUMBER}" in text
        assert to in text
        assert squeezed("2026年12月11日8:30–11:30") in text
    assert f"{PETITIONER}：您反映的" in singly[0]
    assert "县自然资源局：请你单位主要负责人" in singly[1]
    assert "建议补付差额。" in singly[2]
    assert [("存根" in text) for text in singly] == [False, False, False, True]
    assert "建议补付差额" not in singly[0]  # the draft is not the petitioner's


def test_eight_slips_have_eight_addressees(papers: Mapping[str, Paper]) -> None:
    """Eight pages: seven say to whom they go and that they come back; the stub stays."""
    found = pages(documents.several(slips(papers, record()), TODAY))

    assert len(found) == 8
    for place, (text, (to, name)) in enumerate(zip(found, SLIPS, strict=False), start=1):
        assert f"送：{to}{name}第{place}联共8联编号：{NUMBER}" in text
        assert "请将本单退回云岭县信访局，存档销案。" in text
        assert "退单日期" in text
        assert "由县自然资源局在2027年1月15日以前办结" in text
        assert "到期报告结果。" in text
    stub = found[7]
    assert "第8联共8联存根" in stub
    assert "请将本单退回" not in stub
    assert all(to in stub for to, _ in SLIPS[:6])


def test_a_copy_that_stays_is_marked(papers: Mapping[str, Paper]) -> None:
    """The same letter for the petitioner and for the file: only the latter says 存根."""
    sent = printed(papers["accepted"], record(), Copy("p", PETITIONER, place=1, of=2))[0]
    kept = printed(papers["accepted"], record(), Copy("s", "存根", kept=True, place=2, of=2))[0]
    assert "第1联共2联" in sent
    assert "存根" not in sent
    assert "第2联共2联存根" in kept


# template → what must stand in it
WORDS: list[tuple[str, list[str]]] = [
    ("register-form", ["副县长", "2026年12月11日", "同意补付，限期到账。", "接访领导签字", "3人"]),
    ("receipt", ["7K3M-9QXT-4WAD-HR2C", NUMBER, "已于2026年11月30日登记", "0990-8800018"]),
    ("accepted", ["已于2026年12月1日受理", "60日内办结", "2027年1月30日", "县自然资源局"]),
    ("declined", ["已经由法院受理。", "向云岭县人民政府书面请求复查。特此告知", "不予受理"]),
    ("assigned", ["于2026年12月2日交由县自然资源局办理", "0990-8800082", "15日内"]),
    ("transferred", ["已于2026年12月3日转送该单位", "转送的理由：属于该局职责。", "5个工作日内"]),
    ("assign-letter", ["县自然资源局：", "交办意见：请核实面积。", "2027年1月15日", "请予办理"]),
    ("transfer-letter", ["县自然资源局：", "属于该局职责。", "不要自行转送"]),
    ("reply", ["一、差额应当补付。", "二、一月十五日前到账。", "之日起30日内", "书面请求复查。"]),
    ("review-reply", ["于2027年1月28日收到您的请求", "30日内", "抄送：县自然资源局"]),
    ("extension", ["经郭建平批准", "延长的理由：需要重新测量。", "最迟于2027年3月1日前办结"]),
    ("hearing", ["定于2027年1月8日举行听证"]),
    ("service-proof", ["信访事项答复意见书", "2027年1月20日", "当面", "代收人"]),
    ("plate", ["张䶮", "副县长", "云岭县信访局"]),
    ("contents", ["信访材料2026年11月30日3", "张䶮2026年12月2日1", "立卷人"]),
    ("leader-sheet", [PETITIONER, "2027年1月30日（2027年1月29日前办到）", "复查答复：暂停计算",
                      "2026年11月30日登记（李红）", "领导意见"]),
    ("circular", ["关于县自然资源局", "拖欠工资", "2026年12月2日", "请抓紧办理", "云岭县信访局"]),
    ("screening", ["补偿款差额三户未付韩向阳2026年12月31日", "电梯停用两个月", "填表人"]),
    ("bookings", ["2026-000201", "13800000001", "拖欠工资", "2026年12月11日", "制表人"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "words"), WORDS, ids=[name for name, _ in WORDS])
def test_papers_hold_their_names_numbers_and_days(
    papers: Mapping[str, Paper], name: str, words: Sequence[str]
) -> None:
    """What each paper is printed for stands in it, read back from the PDF."""
    found = "".join(printed(papers[name], record()))
    assert [one for one in words if squeezed(one) not in found] == []


# ── values ───────────────────────────────────────────────────────────────────────────────────

LETTER = Paper(
    id="own",
    title="样张",
    layout="letter",
    step=None,
    head=None,
    number=None,
    to=None,
    body=("正文",),
    fields=(),
    columns=(),
    blank_rows=0,
    remedy=None,
    closing=None,
    sign=None,
    date=None,
    signatures=(),
    returned=None,
    kept=None,
    cc=(),
    notes=(),
    one_page=False,
    landscape=False,
)
BODIES: list[tuple[str, Record, tuple[str, ...]]] = [
    ("由{责任单位}办理。", Record(), (f"由{BLANK}办理。",)),
    ("定于{接访日期}。", Record(), ("定于______年____月____日。",)),
    ("{理由}", Record(), (BLANK,)),
    ("{事实}{信访人理由}", record({"facts": ""}), ("公告写明三个月内付清。",)),
    ("理由：{理由}", record(texts={"reason": "面积不清。"}), ("理由：面积不清。",)),
    ("因为{理由}，请等。", record(texts={"reason": "面积不清。\n"}), ("因为面积不清，请等。",)),
    ("人数{人数}", record(facts={"people": 3}), ("人数3人",)),
    ("人数{人数}", record(facts={"people": "三四十人"}), ("人数三四十人",)),
    ("到{要求期限}", record(facts={"due": "2027-01-05"}), ("到2027年1月5日",)),
    ("到{要求期限}", record(facts={"due": "开春"}), ("到开春",)),
    ("{答复意见}完", record(texts={"words": "一\r\n\r\n二\t三"}), ("一", "二 三完")),
    ("{信访人}说{请求}", record({"name": "{请求}", "request": "{编号}"}), ("{请求}说{编号}",)),
    ("{没有这个占位}。", record(), (BLANK,)),
    ("{ 编号 }号", record(), (f"{NUMBER}号",)),
    ("甲{信访人}乙", record({"name": "王\u202e芳\u0007\u200b"}), ("甲王芳乙",)),
]


@pytest.mark.parametrize(("body", "case", "expected"), BODIES)
def test_values_stand_in_sentences(body: str, case: Record, expected: tuple[str, ...]) -> None:
    """Known values as people write them, unknown ones as room for a pen, once and never again."""
    assert fill(replace(LETTER, body=(body,)), case, None, TODAY).body == expected


def test_a_step_s_own_words_come_before_the_latest(papers: Mapping[str, Paper]) -> None:
    """A notice of declining that is printed again later still tells its own reasons."""
    again = record(steps=(Done(TODAY, "延长", id="extend"),))
    assert "已经由法院受理。" in printed(papers["declined"], again)[0]
    only_latest = record(texts={key: text for key, text in TEXTS.items() if "." not in key})
    assert "最后一次写的理由。" in printed(papers["declined"], only_latest)[0]


def test_a_record_tells_nobody_by_accident() -> None:
    """What ends in a log or an error has the number at most."""
    case = record()
    filled = fill(LETTER, case, Copy("x", PETITIONER), TODAY)
    shown = f"{case!r} {case.answers!r} {filled!r} {Copy('x', PETITIONER)!r}"
    assert NUMBER in shown
    assert PETITIONER not in shown
    assert "征地" not in shown


# ── the long, the rare, the hostile ──────────────────────────────────────────────────────────


def test_long_facts_run_over_pages_that_all_bear_the_number(papers: Mapping[str, Paper]) -> None:
    """5,000 characters are printed to the last, each page with number and count."""
    facts = (LONG * 400)[:4990] + "写到这里为止。"
    found = printed(papers["register-form"], record({"facts": facts}))
    whole = "".join(re.sub(rf"编号：{NUMBER}—\d+—共\d+页", "", text) for text in found)

    assert 4 <= len(found) <= 7
    assert facts in whole
    for place, text in enumerate(found, start=1):
        assert f"编号：{NUMBER}—{place}—共{len(found)}页" in text


def test_pages_of_several_papers_are_counted_each_for_itself(papers: Mapping[str, Paper]) -> None:
    """In one print of a long form and a long letter, each begins again at page 1."""
    case = record({"facts": LONG * 150}, texts=TEXTS | {"reply.words": LONG * 80})
    items: list[Item] = [(papers["register-form"], case, None), (papers["reply"], case, None)]
    alone = [len(printed(paper, case)) for paper, _, _ in items]
    found = pages(documents.several(items, TODAY))
    counted = [re.search(r"—(\d+)—共(\d+)页", text) for text in found]

    assert all(one > 1 for one in alone)
    assert [(int(one[1]), int(one[2])) for one in counted if one] == [
        (page, count) for count in alone for page in range(1, count + 1)
    ]


def test_a_signature_never_stands_alone(papers: Mapping[str, Paper]) -> None:
    """However long the reply, its last sentence is on the page that is signed."""
    for lines in range(36, 60, 3):
        case = record(texts=TEXTS | {"reply.words": LONG * lines})
        last = printed(papers["reply"], case)[-1]
        assert "您如不服本意见" in last
        assert "县自然资源局2026年12月8日" in last


def test_the_leader_s_sheet_is_one_page_whatever_was_written(papers: Mapping[str, Paper]) -> None:
    """The longest answers are cut, visibly, and the page holds all the rest."""
    case = record(
        {"name": "买买提·" * 15, "address": "长" * 200, "request": LONG * 62, "facts": LONG * 312},
        texts={"draft.opinion": LONG * 60},
        steps=tuple(Done(TODAY, "写初步处理意见和办法", "李红") for _ in range(40)),
    )
    found = printed(papers["leader-sheet"], case)
    assert len(found) == 1
    assert found[0].count("……") >= 3
    assert "接访领导签字" in found[0]


def test_a_card_with_too_much_takes_a_page_of_its_own(papers: Mapping[str, Paper]) -> None:
    """Nothing is cut off: cards that don't fit their halves stand alone, the others together."""
    case = record({"name": "买买提·" * 15}, texts=TEXTS | {"draft.opinion": LONG * 20})
    wide = replace(papers["card-leader"], fields=tuple(
        replace(one, limit=None) for one in papers["card-leader"].fields))  # fmt: skip
    items = [(wide if paper.id == "card-leader" else paper, case, copy)
             for paper, _, copy in cards(papers, case)]  # fmt: skip
    found = pages(documents.several(items, TODAY))

    assert len(found) == 3
    assert LONG * 20 in found[1]
    assert all(NUMBER in text for text in found)


@pytest.mark.parametrize("name", ["assign-letter", "card-unit", "slip", "register-form", "plate"])
def test_hostile_words_stay_words(papers: Mapping[str, Paper], name: str) -> None:
    """Markup of any language is printed and shown as it was written."""
    case = record(
        {"name": HOSTILE, "request": HOSTILE, "address": HOSTILE},
        facts={"unit": HOSTILE, "leader": HOSTILE, "matter": HOSTILE},
        texts={"meet.opinion": HOSTILE},
    )
    assert squeezed(HOSTILE) in "".join(printed(papers[name], case))
    shown = str(documents.screen(papers[name], case, None, TODAY))
    assert "<b>" not in shown
    assert squeezed(HOSTILE) in screened(shown)


RARE = [
    ("王䶮", "王䶮", ()),
    ("阿不都热合曼·吐尔逊·" * 5, "阿不都热合曼·吐尔逊·" * 5, ()),
    ("𠮷田龘靐", "𠮷田龘靐", ()),
    ("王ئاي芳", "王〓〓〓芳", ("ئ", "ا", "ي")),
    ("李☺", "李〓", ("☺",)),
]


@pytest.mark.parametrize(("name", "shown", "missing"), RARE)
def test_rare_characters_print_or_are_told(
    papers: Mapping[str, Paper], name: str, shown: str, missing: tuple[str, ...]
) -> None:
    """A character that no typeface has is a 〓 on paper, and the desk can say which it is."""
    items: list[Item] = [(papers["accepted"], record({"name": name}), None)]
    assert squeezed(shown) in pages(documents.several(items, TODAY))[0]
    assert documents.unprintable(items, TODAY) == tuple(sorted(missing))


def test_what_was_set_is_forgotten(papers: Mapping[str, Paper]) -> None:
    """The typesetter's memory of other people's papers does not grow with each print."""

    def used(batch: int) -> int:
        items: list[Item] = [
            (papers["leader-sheet"], record(number=f"2026-{batch}{one:05}"), None)
            for one in range(10)
        ]
        documents.several(items, TODAY)
        setting._THREAD.submit(lambda: None).result()  # by now it has forgotten
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    used(0)
    after_one, *_, after_six = [used(batch) for batch in range(1, 7)]
    assert after_six - after_one < 120 * 1024**2


def test_what_cannot_be_set_says_no_word(
    papers: Mapping[str, Paper], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An error of the typesetter, which may quote the case, does not come out."""
    (tmp_path / "papers.typ").write_text("#panic(sys.inputs.papers)", encoding="utf-8")
    broken = typst.Compiler(root=tmp_path, ignore_system_fonts=True)
    monkeypatch.setattr(setting, "FOLDER", tmp_path)
    monkeypatch.setattr(setting, "_compiler", lambda: broken)

    with pytest.raises(setting.SettingFailed) as failed:
        setting._press([fill(papers["reply"], record(), None, TODAY)])
    assert PETITIONER not in str(failed.value)
    assert failed.value.__context__ is None
