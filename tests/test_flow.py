"""Flow diagrams are pictures in the page, whatever their length."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from publisher.flow import flow_svg
from publisher.model import FlowStep


def steps(count: int, *, branch: bool) -> list[FlowStep]:
    return [
        FlowStep(
            title=f"第{n}个步骤",
            note="最长也不超过十六个字的说明",
            text="说明",
            otherwise="不属于本机关职责的转给有权处理的机关" if branch else None,
        )
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("branch", [False, True])
@pytest.mark.parametrize("count", [2, 4, 5, 8, 12])
def test_both_pictures_hold_every_step_inside_their_frame(count: int, branch: bool) -> None:
    """Lying and standing: all boxes drawn, nothing beyond the view box, the same in words."""
    figure = ET.fromstring(str(flow_svg(steps(count, branch=branch), "来访")))
    pictures = figure.findall("svg")
    assert [one.get("class") for one in pictures] == ["wide", "tall"]

    for picture in pictures:
        width, height = (float(part) for part in (picture.get("viewBox") or "").split()[2:])
        boxes = [rect for rect in picture.findall("rect") if rect.get("class") == "bx"]
        assert len(boxes) == count
        assert len(picture.findall("polygon")) == count - 1
        for rect in picture.findall("rect"):
            assert float(rect.get("x", 0)) + float(rect.get("width", 0)) <= width
            assert float(rect.get("y", 0)) + float(rect.get("height", 0)) <= height
        assert f"第{count}步第{count}个步骤" in (picture.get("aria-label") or "")


def test_markup_in_a_step_is_shown_not_run() -> None:
    """A title with angle brackets stays text."""
    made = str(
        flow_svg([FlowStep(title="<b>甲", text="甲"), FlowStep(title="乙", text="乙")], "<i>")
    )

    assert "&lt;b&gt;甲" in made
    assert "<b>" not in made
    assert "<i>" not in made
