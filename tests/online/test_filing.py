"""Filing: every form, every word kept, one receipt for one form."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from intake_app.filing import read_ticket
from intake_app.forms import clean
from intake_app.sealing import form_hash
from tests.online.citizens import JPEG, PDF, PNG, Office, Page, upload

FORMS = ("suggestion", "appeal", "report", "enquiry", "appointment")
CHILDREN = {"supplement": "补充材料", "withdrawal": "撤回"}


@pytest.mark.parametrize("slug", FORMS)
def test_what_is_sent_is_what_the_office_opens(office: Office, slug: str) -> None:
    """Every form goes from the empty page over the check to a receipt, and opens word for word."""
    given = office.answers(slug)
    citizen = office.citizen()

    check = citizen.send(slug, given, step="check")
    assert check.status == 200, check.words
    assert check.title.startswith("核对")
    number, code = citizen.receipt(citizen.send(slug, given, page=check))

    (filed,) = office.submissions()
    assert number == filed.number == "2026-000001"
    assert len(code.replace("-", "")) == 16
    assert filed.said["filed_as"] == filed.row.form_hash.hex()
    shown = filed.answers
    assert {name: value for name, value in given.items() if value != "y"} == {
        name: value for name, value in shown.items() if value != "是"
    }


def test_a_report_is_sealed_to_another_key_and_says_nothing_about_itself(office: Office) -> None:
    """A report of wrongdoing lies in its own lane, without institution or matter in the clear."""
    office.citizen().file("report", office.answers("report"))
    office.citizen().file("suggestion", office.answers("suggestion"))

    report, suggestion = office.submissions()

    assert ("confidential", "common") == (report.lane, suggestion.lane)
    assert report.row.key_id != suggestion.row.key_id
    assert (None, None) == (report.row.institution, report.row.matter)


def test_errors_come_first_linked_and_keep_every_word(office: Office) -> None:
    """An incomplete form: "错误：" in the title, linked summary, all words kept."""
    citizen = office.citizen()
    given = office.answers("appeal") | {"name": "", "facts": '头一天<b>下雨</b>&\n第二天"也"下'}

    page = citizen.send("appeal", given, step="check")

    assert page.status == 422
    assert page.title.startswith("错误\uff1a")
    targets = [one.get("href") for one in page.tree.xpath("//*[@id='problems']//a")]
    assert targets == ["#q_name"]
    assert all(page.tree.xpath(f"//*[@id='{target[1:]}']") for target in targets)
    assert page.value("q_facts").strip() == given["facts"]
    assert page.value("q_address").strip() == given["address"]


NAMES = [
    "阿依古丽·买买提·吐尔逊",
    "𠮷田䶮",
    "王\u3000小明",
    "云岭县示例农民专业合作社（筹）",
    "O'Connor-李",
    "欧阳\ue000慧",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_file(office: Office, name: str) -> None:
    """Names with "·", rare characters, spaces, organisations: stored as typed."""
    office.citizen().file("suggestion", office.answers("suggestion", name=name))

    assert office.submissions()[0].answers["name"] == name


CLEAN = [
    ("甲\u202e乙\u202c", "甲乙"),
    ("\u2066甲\u2069\u2067乙\u2069\u202a丙\u202d", "甲乙丙"),
    ("\u200b\u200d\ufeff\u2060", ""),
    (" \u3164\u2800\u00ad\n\ufe0f ", ""),
    ("نامه\u200cای", "نامه\u200cای"),
    ("👩\u200d🌾", "👩\u200d🌾"),
    ("\ue000", "\ue000"),  # a rare character of an old phone
    ("\U000323b0", "\U000323b0"),  # and one that is younger than this Python
    (" 一\r\n二\x00 ", "一\n二"),
]


@pytest.mark.parametrize(("typed", "kept"), CLEAN)
def test_what_turns_the_line_around_or_is_not_seen_goes(typed: str, kept: str) -> None:
    """No answer reads differently from what is stored, and none consists of nothing."""
    assert clean(typed) == kept


def test_a_name_that_nobody_can_see_is_no_name(office: Office) -> None:
    """It is asked for like an empty one."""
    page = office.citizen().send("appeal", office.answers("appeal", name="\u200b\u2060"))

    assert page.problems() == ["请填写\uff1a姓名或者单位名称"]


PHONES = [
    ("0990-8800018", True),
    ("13800000000", True),
    ("\uff10\uff19\uff19\uff10\uff0d\uff18\uff18\uff10\uff10\uff10\uff11\uff18", True),
    ("8800018转12", True),
    ("+86 138 0000 0000", True),
    ("(0990)8800018", True),
    ("12345", True),
    ("村委会", False),
    ("1", False),
    ("138000000001380000000013800000000", False),
]


@pytest.mark.parametrize(("phone", "good"), PHONES)
def test_telephones(office: Office, phone: str, good: bool) -> None:
    """Landlines, extensions, full-width digits are numbers; words are not."""
    page = office.citizen().send("suggestion", office.answers("suggestion", phone=phone))

    assert good == (page.status == 303), page.problems()


@pytest.mark.parametrize("phone", ["没有", "0990-8800018、13800000000", "13800000000/13900000000"])
def test_whoever_has_no_telephone_or_two_is_told_what_to_write(office: Office, phone: str) -> None:
    """One number; the box of whoever has none stays empty."""
    page = office.citizen().send("appeal", office.answers("appeal", phone=phone))

    (told,) = page.problems()
    assert told.startswith("联系电话\uff1a只写一个号码\uff0c例如 0990-8800018")
    assert told.endswith("没有的空着")


def test_nobody_needs_a_telephone_or_an_e_mail(office: Office) -> None:
    """No form that can be filed asks for an ID number or an e-mail, and none insists on a phone."""
    for slug in FORMS:
        labels = "".join(one.label for one in office.form(slug).fields)
        assert "身份证" not in labels
        assert "邮箱" not in labels
        assert not any(one.type == "phone" and one.required for one in office.form(slug).fields)


def test_a_question_that_does_not_arise_is_not_sent(office: Office) -> None:
    """What stands in a field that hangs on another choice is dropped, and the check shows it."""
    given = office.answers("appeal", who="我自己") | {"representatives": "不该有的人"}

    page = office.citizen().send("appeal", given, step="check")

    assert page.status == 200
    assert "不该有的人" not in page.words


def test_at_most_five_representatives(office: Office) -> None:
    """A visit by many sends at most five; the number of people is asked apart."""
    six = "\n".join(f"代表{n} 0990-880001{n}" for n in range(6))
    given = office.answers("appeal", who="几个人一起", people="40")

    refused = office.citizen().send("appeal", given | {"representatives": six})
    taken = office.citizen().send("appeal", given | {"representatives": six.split("\n", 1)[1]})

    assert ["代表是谁\uff1a最多5位\uff0c一行写一位\uff1b现在写了6行"] == refused.problems()
    assert taken.status == 303


# ── one form, one receipt ────────────────────────────────────────────────────────────────────


def test_a_repeated_post_gives_the_same_receipt(office: Office) -> None:
    """Pressing twice, or again tomorrow after a restart, changes nothing."""
    citizen = office.citizen()
    form = citizen.open("suggestion")
    given = office.answers("suggestion")
    first = citizen.receipt(citizen.send("suggestion", given, page=form))

    again = citizen.receipt(citizen.send("suggestion", given, page=form))

    assert first == again
    assert len(office.submissions()) == 1


def test_a_receipt_is_shown_while_the_database_is_away(office: Office) -> None:
    """What was acknowledged does not change; who has not written it down yet can still do so."""
    citizen = office.citizen()
    form = citizen.open("suggestion")
    sent = citizen.send("suggestion", office.answers("suggestion"), page=form)
    database = office.config.home / "intake.sqlite3"
    for one in office.config.home.glob(f"{database.name}*"):
        one.rename(one.with_name(f"{one.name}.away"))

    number, _ = citizen.receipt(sent)

    assert number == "2026-000001"


def test_other_words_on_a_filed_form_are_not_swallowed(office: Office) -> None:
    """Back, change, send again: told that it was filed before; the new words stay and can go."""
    citizen = office.citizen()
    form = citizen.open("suggestion")
    citizen.send("suggestion", office.answers("suggestion"), page=form)

    other = office.answers("suggestion", subject="另一件事")
    told = citizen.send("suggestion", other, page=form)
    assert told.status == 409
    assert "已经提交过" in told.words
    assert told.value("q_subject") == "另一件事"

    assert citizen.send("suggestion", other, page=told).status == 303
    assert ["一句话说清建议甲", "另一件事"] == [
        one.answers["subject"] for one in office.submissions()
    ]


def test_a_hundred_posts_of_one_form_are_one_submission(office: Office) -> None:
    """A hundred at once: one row, one number, one code."""
    citizen = office.citizen()
    form = citizen.open("suggestion")
    given = office.answers("suggestion")
    cookie = citizen.client.get_cookie("__Host-intake", domain="www.yunling.example")
    assert cookie is not None

    def send(_: int) -> tuple[str, str]:
        other = office.citizen()
        other.client.set_cookie(
            "__Host-intake", cookie.value, domain="www.yunling.example", secure=True
        )
        for _try in range(50):
            answer = other.send("suggestion", given, page=form)
            if answer.status == 303:
                return other.receipt(answer)
            assert answer.status == 503, answer.words  # busy: nothing is acknowledged
        raise AssertionError("never received")

    with ThreadPoolExecutor(20) as pool:
        receipts = set(pool.map(send, range(100)))

    assert len(receipts) == 1
    assert len(office.submissions()) == 1


# ── nothing typed is lost ────────────────────────────────────────────────────────────────────


def test_an_expired_token_keeps_the_text(office: Office) -> None:
    """The cookie is gone (browser closed): the words are there, once more sends."""
    citizen = office.citizen()
    form = citizen.open("appeal")
    citizen.client.delete_cookie("__Host-intake", domain="www.yunling.example")
    given = office.answers("appeal", facts="很长的事实。" * 300)

    page = citizen.send("appeal", given, page=form)

    assert page.status == 400
    assert "还没有提交" in page.words
    assert page.value("q_facts").strip() == given["facts"]
    assert office.submissions() == []
    assert citizen.send("appeal", given, page=page).status == 303


def test_a_restarted_server_takes_an_old_form(office: Office) -> None:
    """The form was opened before the restart and is sent after it."""
    citizen = office.citizen()
    form = citizen.open("appeal")
    moved = citizen.moved_to(office.restart())

    page = moved.send("appeal", office.answers("appeal"), page=form)

    assert page.status == 303


def test_too_fast_and_trapped_keep_the_text(open_office: Callable[..., Office]) -> None:
    """The least time and the honeypot ask once more; neither throws a word away."""
    office = open_office(min_seconds=3600)
    citizen = office.citizen()
    given = office.answers("suggestion", subject="快")

    fast = citizen.send("suggestion", given)
    assert (422, True) == (fast.status, "再看一遍" in fast.words)
    assert fast.value("q_subject") == "快"

    trapped = citizen.post(
        "/forms/suggestion/",
        {
            "csrf_token": fast.value("csrf_token"),
            "form_token": fast.value("form_token"),
            "website": "https://spam.example",
            "q_subject": "快",
        },
    )
    assert trapped.status == 422
    assert "这一栏请空着" in trapped.words
    assert trapped.value("q_subject") == "快"
    assert office.submissions() == []


def test_a_flood_keeps_the_text_and_stops_nobody_else(open_office: Callable[..., Office]) -> None:
    """Over the limit: 429 with every word; another network files; another form, too."""
    office = open_office(filing_limit="2 per minute")
    citizen = office.citizen("198.51.100.4")
    given = office.answers("suggestion", subject="第三份")
    for _ in range(2):
        assert citizen.send("suggestion", given).status == 303

    page = citizen.send("suggestion", given)

    assert page.status == 429
    assert page.value("q_subject") == "第三份"
    assert "还没有提交" in page.words
    assert office.citizen("198.51.100.5").send("suggestion", given).status == 303
    assert citizen.send("enquiry", office.answers("enquiry")).status == 303


# ── litigation ───────────────────────────────────────────────────────────────────────────────


def litigation(office: Office) -> str:
    return next(one.id for one in office.service.published.matters.values() if one.litigation)


def test_litigation_is_led_to_the_window_before_the_form(office: Office) -> None:
    """From the site's link: first the legal-service window; whoever wants to goes on."""
    matter = litigation(office)
    citizen = office.citizen()

    page = citizen.open("appointment", f"?matter={matter}")
    assert "法律服务" in page.words
    assert not page.tree.xpath("//textarea")

    assert citizen.open("appointment", f"?matter={matter}&anyway=1").tree.xpath("//textarea")


def test_litigation_chosen_in_the_form_keeps_the_words(office: Office) -> None:
    """Chosen in the form: the same page once, every word is carried through it."""
    citizen = office.citizen()
    given = office.answers("appointment", matter=litigation(office))

    window = citizen.send("appointment", given)
    assert "法律服务" in window.words
    assert office.submissions() == []

    names = {one.get("name") for one in window.tree.xpath("//form[@method='post']//input")} - {None}
    data: dict[str, Any] = {name: window.values(name) for name in names}
    assert citizen.post("/forms/appointment/", data | {"step": "send"}).status == 303
    assert office.submissions()[0].answers["name"] == given["name"]


def test_who_went_to_court_is_led_to_the_window_before_sending(office: Office) -> None:
    """The appeal's own question: the page for checking says where to go, and sends as well."""
    citizen = office.citizen()
    says = "请先到法律服务窗口"
    assert says not in citizen.send("appeal", office.answers("appeal"), step="check").words
    given = office.answers("appeal", legal="有")

    page = citizen.send("appeal", given, step="check")

    assert says in page.words
    assert "也可以照样提交" in page.words
    assert page.tree.xpath("//main//a[contains(@href, '/legal/')]/@target") == ["_blank"]
    assert citizen.send("appeal", given, page=page).status == 303


# ── files ────────────────────────────────────────────────────────────────────────────────────


def send_files(office: Office, *named: tuple[bytes, str], page: Page | None = None) -> Page:
    citizen = office.citizen()
    given = office.answers("suggestion") | {"files": [upload(*one) for one in named]}
    return citizen.send("suggestion", given, page=page)


def test_files_arrive_sealed_and_whole(office: Office) -> None:
    """JPEG, PNG and PDF by content; the office reads them back byte for byte."""
    sent = {"照片.jpg": JPEG, "图.png": PNG, "合同.pdf": PDF * 1000}

    page = send_files(office, *((data, name) for name, data in sent.items()))

    assert page.status == 303
    assert office.submissions()[0].files == sent


REFUSED = [
    ((b"MZ\x90\0" + b"\0" * 99, "照片.jpg"), "不是照片"),
    ((b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "图.png"), "不是照片"),
    ((b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + b"\0" * 99, "IMG_12.HEIC"), "截一张屏"),
    ((b"PK\x03\x04" + b"\0" * 99, "合同.docx"), "另存为PDF"),
    ((b"", "空.pdf"), "是空的"),
    ((JPEG + b"\0" * (10 * 1024 * 1024), "大.jpg"), "不能超过10MB"),
]


@pytest.mark.parametrize(("file", "says"), REFUSED)
def test_refused_files_keep_the_words(office: Office, file: tuple[bytes, str], says: str) -> None:
    """Other kinds, empty and too large ones: told by name or limit, the text stays."""
    page = send_files(office, file)

    assert page.status == 422
    assert says in page.problems()[0]
    assert page.value("q_subject") == "一句话说清建议甲"


def test_what_was_chosen_along_with_a_refused_file_is_asked_for_again(office: Office) -> None:
    """None of them was kept: it is said, and not found out by the office."""
    page = send_files(office, (JPEG, "照片.jpg"), (b"MZ" + b"\0" * 99, "程序.exe"))

    assert "别的材料，也请再选一次" in page.problems()[0]


def test_six_files_are_one_too_many(office: Office) -> None:
    """At most five."""
    page = send_files(office, *((JPEG, f"{n}.jpg") for n in range(6)))

    assert "最多5个" in page.problems()[0]


def test_a_good_file_survives_a_mistake_elsewhere(office: Office) -> None:
    """Browsers forget chosen files; the service keeps them, shows them, and drops them if asked."""
    citizen = office.citizen()
    given = office.answers("suggestion")
    both = [upload(JPEG, "一.jpg"), upload(PDF, "二.pdf")]

    wrong = citizen.send("suggestion", given | {"subject": "", "files": both}, step="check")
    assert (422, 2) == (wrong.status, len(wrong.values("kept")))
    drop = wrong.tree.xpath("//button[starts-with(@value, 'drop:')]")[0].get("value")
    fewer = citizen.send("suggestion", given, step=drop, page=wrong)
    assert len(fewer.values("kept")) == 1

    assert citizen.send("suggestion", given, page=fewer).status == 303
    assert office.submissions()[0].files == {"二.pdf": PDF}


def test_a_repeat_with_the_same_files_is_the_same_form(office: Office) -> None:
    """A double tap sends the files twice; they are kept once and the receipt is one."""
    citizen = office.citizen()
    form = citizen.open("suggestion")
    given = office.answers("suggestion")

    receipts = {
        citizen.receipt(
            citizen.send("suggestion", given | {"files": [upload(JPEG, "一.jpg")]}, page=form)
        )
        for _ in range(2)
    }

    assert len(receipts) == 1
    (filed,) = office.submissions()
    assert filed.files == {"一.jpg": JPEG}


def test_uploads_of_one_network_are_bounded(open_office: Callable[..., Office]) -> None:
    """Megabytes are counted, sent or not; the words stay, and other networks go on."""
    office = open_office(upload_limit="7 per hour")
    citizen = office.citizen()
    given = office.answers("suggestion", subject="大")
    big = {"files": [upload(JPEG + b"\0" * (4 * 1024 * 1024), "大.jpg")]}

    assert citizen.send("suggestion", given | big, step="check").status == 200
    big = {"files": [upload(JPEG + b"\0" * (4 * 1024 * 1024), "大.jpg")]}
    page = citizen.send("suggestion", given | big, step="check")

    assert page.status == 429
    assert page.value("q_subject") == "大"
    assert office.citizen("198.51.100.77").send("suggestion", given).status == 303


def test_files_that_were_forgotten_meanwhile_are_asked_for_again(office: Office) -> None:
    """Unsent files go after a day: whoever sends later keeps the words and chooses them again."""
    citizen = office.citizen()
    given = office.answers("suggestion", subject="晚")
    check = citizen.send("suggestion", given | {"files": [upload(JPEG, "一.jpg")]}, step="check")
    kept = citizen.send("suggestion", given, step="edit", page=check).tree.xpath("//button/@value")
    office.service.store.drop_file(*_draft(office, check, kept))

    page = citizen.send("suggestion", given, page=check)

    assert page.status == 503
    assert "材料" in page.words
    assert page.value("q_subject") == "晚"
    assert office.submissions() == []


def _draft(office: Office, page: Page, kept: list[str]) -> tuple[bytes, str]:
    with office.app.test_request_context():
        ticket = read_ticket("suggestion", page.value("form_token"))
    assert ticket
    drop = next(one for one in kept if one.startswith("drop:"))
    return form_hash(office.service.secrets, ticket.form_key), drop.removeprefix("drop:")
