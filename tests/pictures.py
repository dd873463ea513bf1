"""Paper as people see it: pages of a PDF as pictures, and what is wrong with their ink or type."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
from PIL import Image, ImageChops
from pypdf import PdfReader
from pypdf.generic import ContentStream

DPI = 100
PAPERS = {"a4": (210, 297), "a3": (297, 420)}


def px(millimetres: float) -> int:
    return round(millimetres / 25.4 * DPI)


def pictures(pdf: bytes) -> list[Image.Image]:
    """Every page in shades of grey."""
    document = pypdfium2.PdfDocument(pdf)
    found = [page.render(scale=DPI / 72).to_pil().convert("L") for page in document]
    document.close()
    return found


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is not white."""
    box = ImageChops.invert(picture).getbbox()
    assert box, "an empty page"
    return box


def white_margins(picture: Image.Image, millimetres: float = 8) -> bool:
    """Whether the outer strip that many printers can't reach is empty."""
    left, top, right, bottom = ink(picture)
    edge = px(millimetres)
    return (
        left >= edge
        and top >= edge
        and right <= picture.width - edge
        and bottom <= picture.height - edge
    )


def filled(picture: Image.Image, foot: float = 0) -> float:
    """Down to which part of the page there is something above the foot, 0 to 1."""
    above = picture.crop((0, 0, picture.width, picture.height - px(foot)))
    return ink(above)[3] / picture.height


def fonts(pdf: bytes) -> list[Any]:
    """The descriptors of all fonts on all pages; None for one that is drawn in the file itself."""
    found: list[Any] = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        resources: Any = page["/Resources"]
        for font in resources.get("/Font", {}).values():
            one = font.get_object()
            if one["/Subtype"] == "/Type3":
                found.append(None)
                continue
            inner = one["/DescendantFonts"][0].get_object() if "/DescendantFonts" in one else one
            found.append(inner["/FontDescriptor"].get_object())
    return found


def missing_glyphs(pdf: bytes) -> int:
    """How often the box stands that a font shows for what it has not: glyph 0 of a wide font."""
    reader = PdfReader(io.BytesIO(pdf))
    return sum(_boxes(page, reader) for page in reader.pages)


def _boxes(page: Any, reader: PdfReader) -> int:
    found, wide = 0, False
    fonts_of_page = page["/Resources"].get("/Font", {})
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator == b"Tf":
            wide = fonts_of_page[operands[0]].get_object()["/Subtype"] == "/Type0"
        shown = operands[0] if operator == b"TJ" else operands if operator == b"Tj" else ()
        for one in shown:
            raw = getattr(one, "original_bytes", None) or (one if isinstance(one, bytes) else b"")
            found += wide and b"\0\0" in {raw[i : i + 2] for i in range(0, len(raw), 2)}
    return found
