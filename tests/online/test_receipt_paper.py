"""The receipt on paper: what a citizen keeps, looked at as a picture."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests import pictures
from tests.online.citizens import Office
from tests.pictures import filled, white_margins


@pytest.mark.parametrize("slug", ["suggestion", "appeal", "report", "enquiry", "appointment"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_receipt_is_one_page_that_can_be_kept(
    office: Office, browser: Browser, slug: str, scheme: str
) -> None:
    """White margins, real letters, number and code on it, dark words even from a dark screen."""
    citizen = office.citizen()
    number, code = citizen.file(slug, office.answers(slug))
    assert citizen.page is not None
    shown = citizen.page.text
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(shown)
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    page.close()
    (picture,) = pictures.pictures(pdf)
    words = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    paper = re.sub(r"\s", "", unicodedata.normalize("NFKC", words))

    assert white_margins(picture, 12)
    assert filled(picture) > 0.2
    assert picture.histogram()[255] / (picture.width * picture.height) > 0.8
    assert pictures.missing_glyphs(pdf) == 0
    for wanted in (number, code, "回执", "登记编号", "查询码", "status/"):
        assert wanted in paper
    for gone in ("抄好了", "存成文件", "搜索"):
        assert gone not in paper
