"""Two people on one case at once: one succeeds, the other is told who did what, and goes on."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.desk.daywork import asked, case_of, do, offered, send, steps
from tests.desk.staffing import Colleague, DeskOffice
from tests.online.citizens import Office, Page

WORDS = "请按测量的面积补发，\n十五日内到账。"


@pytest.fixture
def wang(desk: DeskOffice) -> Colleague:
    """王芳, a clerk."""
    desk.unlock()
    return desk.colleague("clerk", "wang")


@pytest.fixture
def ma(desk: DeskOffice, wang: Colleague) -> Colleague:
    """Another clerk, at another screen."""
    return desk.colleague("clerk", "ma")


def trouble(page: Page) -> str:
    return str(page.tree.xpath("string(//*[@id='wrong'])")).strip()


def history(who: Colleague, case: str) -> list[str]:
    """What was done, newest first."""
    return [str(one) for one in who.get(case).tree.xpath("//ol[@class='history']/li/p[1]/b/text()")]


def test_the_slower_of_two_replies_is_told_and_keeps_his_words(
    wang: Colleague, ma: Colleague
) -> None:
    """Both have the same step open; who comes second reads who was first, when, and what he did."""
    case = case_of(wang, first_asked="wang")
    steps(wang, case, "register", "accept", "unit-report")
    first, second = (one.get(f"{case}do/reply/") for one in (wang, ma))
    assert send(wang, first, f"{case}do/reply/").status == 303
    ma.office.clock.forward(minutes=5)
    answer = send(ma, second, f"{case}do/reply/", words=WORDS)

    assert answer.status == 409
    assert re.search("王芳在09:3[0-9]先做了“书面答复”", trouble(answer))
    assert "现在还不能做：这件事现在是“已书面答复”" in answer.words
    assert asked(answer)["words"] == WORDS
    assert history(wang, case)[0] == "书面答复"
    assert do(ma, case, "serve").status == 303  # and he goes on from there


def test_a_step_that_is_still_open_can_be_sent_again_as_it_was_typed(
    wang: Colleague, ma: Colleague
) -> None:
    """A colleague put the matter right meanwhile: one more click, nothing is typed twice."""
    case = case_of(wang, first_asked="wang")
    steps(wang, case, "register")
    open_page = ma.get(f"{case}do/assign/")
    shown = wang.get(f"{case}correct/")
    assert send(wang, shown, f"{case}correct/", people="5").status == 303
    answer = send(ma, open_page, f"{case}do/assign/", opinion=WORDS, unit="县水利局")
    assert answer.status == 409
    assert "更正登记项" in trouble(answer)
    assert asked(answer)["opinion"] == WORDS
    again = send(ma, answer, f"{case}do/assign/")

    assert again.status == 303
    assert history(ma, case)[0] == "交办（职权以内的）"
    assert WORDS in ma.page.text
    assert "县水利局" in ma.page.words


@pytest.mark.parametrize(
    ("where", "field", "told"),
    [("message", "words", WORDS), ("correct", "area", "青石镇上村")],
)
def test_what_is_no_step_is_kept_as_well(
    wang: Colleague, ma: Colleague, where: str, field: str, told: str
) -> None:
    """A message and a correction that come second are shown again with all their words."""
    case = case_of(wang, first_asked="wang")
    shown = ma.get(f"{case}{where}/")
    steps(wang, case, "register")
    answer = send(ma, shown, f"{case}{where}/", **{field: told})
    assert answer.status == 409
    assert "王芳" in trouble(answer)
    assert asked(answer)[field] == told

    assert send(ma, answer, f"{case}{where}/").status == 303
    assert told in ma.get(case).text


def test_the_petitioner_was_faster(wang: Colleague, config: Any) -> None:
    """His supplement arrives while a clerk writes: read it first, then send the same words."""
    public = Office(config)
    citizen = public.citizen()
    number, code = citizen.file("appeal", public.answers("appeal", receiver="县信访局"))
    case = "/cases/1/"
    steps(wang, case, "register", "accept", "unit-report")
    open_page = wang.get(f"{case}do/reply/")
    given = {"case": number, "case_code": code, "notice": "y", "content": "找到了协议。"}
    sent = citizen.send("supplement", public.answers("supplement", **given))
    assert sent.status == 303
    answer = send(wang, open_page, f"{case}do/reply/", words=WORDS)

    assert answer.status == 409
    assert "信访人" in trouble(answer)
    assert "补充材料" in trouble(answer)
    assert asked(answer)["words"] == WORDS
    assert send(wang, answer, f"{case}do/reply/").status == 303
    assert WORDS.partition("\n")[0] in public.citizen().look_up(number, code).words
    public.service.store.close()


def test_an_undoing_that_comes_second_undoes_nothing_else(wang: Colleague, ma: Colleague) -> None:
    """Two undo the same step: once it is undone, not the step before it as well."""
    case = case_of(wang, first_asked="wang")
    steps(wang, case, "register", "assign")
    pages = [one.get(case) for one in (wang, ma)]
    fields = [{name: one.value(name) for name in ("entry", "seen")} for one in pages]
    first = wang.press(f"{case}undo/", **fields[0], reason="交错了单位")
    assert "撤销了最近的一步" in wang.follow(first).words
    second = ma.press(f"{case}undo/", **fields[1], reason="交错了单位")

    shown = ma.follow(second)
    assert "王芳" in shown.words
    assert "撤销了一步" in shown.words
    assert history(ma, case)[-2] == "登记"
    assert "assign" in offered(ma.get(case))


def test_an_undoing_meets_the_step_that_follows(wang: Colleague, ma: Colleague) -> None:
    """One goes on while another takes back: who comes second is told, the case stays whole."""
    case = case_of(wang, first_asked="wang")
    steps(wang, case, "register", "assign")
    shown = ma.get(case)
    fields = {name: shown.value(name) for name in ("entry", "seen")}
    steps(wang, case, "accept")
    ma.get(case)
    answer = ma.press(f"{case}undo/", **fields, reason="交错了单位")

    assert "王芳" in ma.follow(answer).words
    assert history(ma, case)[0] == "受理"


def test_a_slip_is_ticked_off_by_one(wang: Colleague, ma: Colleague) -> None:
    """The other is told by whom, and still sees the list of slips."""
    case = case_of(wang, first_asked="wang")
    steps(wang, case, "register", "accept", "unit-report", "reply")
    pages = [one.get(f"{case}papers/") for one in (wang, ma)]
    seen = [one.value("seen") for one in pages]
    wang.press(f"{case}back/", sheet="reply-proof:proof", seen=seen[0])
    answer = ma.press(f"{case}back/", sheet="reply-proof:proof", seen=seen[1])

    shown = ma.follow(answer)
    assert "王芳" in shown.words
    assert "收回单子" in shown.words
    assert history(ma, case).count("收回单子") == 1


def test_eight_hands_at_the_same_moment(desk: DeskOffice, wang: Colleague) -> None:
    """Eight clerks press the same button of one case in the same instant: it is done once."""
    case = case_of(wang, first_asked="wang")
    steps(wang, case, "register")
    people = [desk.colleague("clerk", f"clerk{one}x") for one in "abcdefgh"]
    pages = [one.get(f"{case}do/assign/") for one in people]
    starting = threading.Barrier(len(people))
    answers: list[Page] = []

    def press(who: Colleague, shown: Page) -> Callable[[], None]:
        def run() -> None:
            starting.wait()
            answers.append(send(who, shown, f"{case}do/assign/", opinion=WORDS))

        return run

    threads = [
        threading.Thread(target=press(who, shown)) for who, shown in zip(people, pages, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(one.status for one in answers) == [303, *[409] * 7]
    assert history(wang, case).count("交办（职权以内的）") == 1
    for one in answers:
        if one.status == 409:
            assert "先做了“交办（职权以内的）”" in trouble(one)
            assert asked(one)["opinion"] == WORDS
