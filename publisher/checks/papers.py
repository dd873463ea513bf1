"""Templates of printed documents: what they name is known, what the law asks for is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from casework.papers import DESK, MARK, PLACEHOLDERS, ROWS, lacking, marks
from publisher.checks.facts import Facts
from publisher.explain import near
from publisher.model import Paper
from publisher.office import Problem

_BRACES = re.compile(r"[{}｛｝]")
_WIDE = ("｛", "｝")


def placeholders(facts: Facts) -> Iterator[Problem]:
    """Every placeholder is one that the desk can fill in, written in its brackets."""
    known = [name for name in PLACEHOLDERS if name not in ROWS]
    for read in facts.office.papers:
        for loc, text in read.value.texts:
            everywhere = loc[0] != "columns"
            for name in marks(text):
                if name not in PLACEHOLDERS:
                    cure = near(name, known if everywhere else PLACEHOLDERS) or _LISTED
                    yield read.source.problem(f"没有占位“{{{name}}}”{cure}", *loc)
                elif everywhere and name in ROWS:
                    says = f"占位“{{{name}}}”只能写在清单的 columns（各列）里"
                    yield read.source.problem(says, *loc)
            if found := _BRACES.search(MARK.sub("", text)):
                says = "占位要用英文花括号" if found[0] in _WIDE else "花括号没有配对"
                yield read.source.problem(f"{says}，写成 {{责任单位}} 的样子", *loc)


_LISTED = "，可以用的都列在 content/README.md 里"


def required(facts: Facts) -> Iterator[Problem]:
    """What a document says by law, or is of no use without; and the step that it tells of."""
    steps = {step for read in facts.office.courses for step in read.value.steps}
    for read in facts.office.papers:
        for name in lacking(read.slug, (text for _, text in read.value.texts)):
            says = f"“{read.value.title}”里要有占位 {{{name}}}：{PLACEHOLDERS[name].says}"
            yield read.source.problem(says, _place(read.value))
        step = read.value.step
        if step and steps and step not in steps and not facts.lost_in("courses"):
            cure = near(step, sorted(steps))
            yield read.source.problem(f"没有哪一种办法有“{step}”这一步{cure}", "step")


def _place(paper: Paper) -> str:
    return "body" if paper.body else "columns" if paper.columns else "fields"


def there(facts: Facts) -> Iterator[Problem]:
    """Every template that a course hands out, and those that the desk prints by itself."""
    office = facts.office
    known = {read.slug for read in office.papers}
    for read in office.courses:
        for name, papers in read.value.papers.items():
            for index, copy in enumerate(papers.copies):
                if copy.template not in known and not facts.lost(f"documents/{copy.template}"):
                    cure = near(copy.template, sorted(known)) or "，请新建这个文件"
                    says = f"documents 里没有“{copy.template}.yml”{cure}"
                    loc = ("papers", name, "copies", index, "template")
                    yield read.source.problem(says, *loc)
    if office.courses:
        for one in DESK:
            if one not in known:
                cure = "缺少文书样式：受理台要打印它，请新建这个文件"
                yield Problem(f"{facts.root}/documents/{one}.yml", 1, cure)
