"""How cases are handled, as staff write it: content/states.yml and content/courses/*.yml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from publisher.model import Course as Kind
from publisher.model import Line, Slug, Strict

Role = Literal["clerk", "director", "leader", "unit", "report", "petitioner"]
Signer = Literal["petitioner", "leader", "incharge", "unit-head", "director"]


def _asked(value: str) -> str:
    if not value.removesuffix("?").replace("_", "").isalpha():
        raise ValueError(f"“{value[:30]}”应写要填的栏目，例如 unit；可以不填的写 unit?")
    return value


def _needed(value: str) -> str:
    if not value.removesuffix("?").replace("-", "").isalnum():
        raise ValueError(f"“{value[:30]}”应写步骤的编号，例如 unit-report；轮到过才要的写 slips?")
    return value


Asked = Annotated[Line, AfterValidator(_asked)]
Needed = Annotated[Line, AfterValidator(_needed)]


class StateEntry(Strict):
    name: Line
    says: Line
    closed: bool = False


class StatesFile(Strict):
    states: dict[Slug, StateEntry] = Field(min_length=1)


class CopyEntry(Strict):
    id: Slug
    to: Line
    template: Slug
    returns: bool = False


class PaperEntry(Strict):
    name: Line
    copies: tuple[CopyEntry, ...] = Field(min_length=1)


class StepEntry(Strict):
    """One step, or what a variant changes of it: what is not written stays as it was."""

    name: Line | None = None
    before: Slug | None = None  # where a new step of a variant stands
    after: tuple[Slug, ...] = ()
    to: Slug | None = None
    by: tuple[Role, ...] = ()
    asks: tuple[Asked, ...] = ()
    needs: tuple[Needed, ...] = ()
    clears: tuple[Slug, ...] = ()
    papers: tuple[Slug, ...] = ()
    brings: tuple[Slug, ...] = ()
    returned: Slug | None = None
    signs: Signer | None = None
    tells: bool = False
    remedy: Line | None = None
    starts: tuple[Slug, ...] = ()
    stops: tuple[Slug, ...] = ()
    pauses: tuple[Slug, ...] = ()
    resumes: tuple[Slug, ...] = ()
    on: Asked | None = None
    late: Slug | None = None
    awaits: Slug | None = None
    aside: bool = False
    again: bool = False
    says: Line | None = None


class CourseFile(Strict):
    kind: Kind
    name: Line
    like: Slug | None = None  # the course that this one changes
    institutions: tuple[Slug, ...] = ()
    starts: tuple[Slug, ...] = ()
    without: tuple[Slug, ...] = ()  # steps of ``like`` that are not done here
    steps: dict[Slug, StepEntry] = Field(default_factory=dict)
    papers: dict[Slug, PaperEntry] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> CourseFile:
        if self.like and not self.institutions:
            raise ValueError("有 like 的办法要写 institutions（哪些单位照这样办）")
        if self.like is None and self.institutions:
            raise ValueError("没有 like 的是大家通用的办法，不写 institutions")
        if self.like is None and self.without:
            raise ValueError("没有 like 的办法不写 without，不要的步骤不写就行")
        return self
