"""The floor of the paint bench: a page's content in one plain HTML file, as a careful person would
write it by hand: the same words, links, tables and fields, twenty lines of CSS, no script.

What a phone does not show (the month's grid beside the list of the same days) is left out, and so
are classes, drawings of the logo and everything that only our own stylesheet needs.
"""

from __future__ import annotations

import re
from typing import Any

import lxml.html
from lxml import etree

PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
body {{ margin: 0 auto; max-width: 60rem; padding: 0 1rem; font: 18px/1.7 sans-serif }}
h1 {{ font-size: 1.5rem; color: #9f1519 }}
h2 {{ font-size: 1.25rem; border-left: .3rem solid #9f1519; padding-left: .5rem }}
a {{ color: #9f1519 }}
nav ul {{ list-style: none; display: flex; flex-wrap: wrap; gap: .5rem 1rem; padding: .5rem }}
nav ul {{ background: #9f1519 }}
nav a {{ color: #fff; line-height: 44px }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border: 1px solid #c9c6c2; padding: .4rem; text-align: left; vertical-align: top }}
input, select, textarea, button {{ font: inherit; min-height: 44px; max-width: 100% }}
textarea, input[type=text], input[type=tel], select {{ width: 100%; box-sizing: border-box }}
section, fieldset {{ border: 1px solid #c9c6c2; padding: 1rem; margin: 1rem 0 }}
s {{ color: #595959 }}
footer {{ border-top: 3px double #9f1519; margin-top: 2rem }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #161616; color: #ececec }}
  a, h1 {{ color: #ff9b93 }}
}}
</style>
</head>
<body>
{body}
</body>
</html>
"""
_KEPT = {
    "href", "src", "type", "name", "value", "for", "id", "action", "method", "enctype", "rows",
    "scope", "checked", "selected", "lang", "aria-label", "aria-describedby", "open", "label",
    "accept", "multiple", "autocomplete", "inputmode",
}  # fmt: skip
_NOT_ON_A_PHONE = "//*[contains(@class, 'cal-grid') or contains(@class, 'wide')]"
_ONLY_OURS = "//body//script | //body//style | //header//svg | //*[@id='tools']"


def by_hand(page: str) -> str:
    """The floor of this page."""
    tree: Any = lxml.html.fromstring(page)
    for one in tree.xpath(f"{_NOT_ON_A_PHONE} | {_ONLY_OURS}"):
        one.drop_tree()
    kept_ids = set(tree.xpath("//@for")) | set(tree.xpath("//@aria-describedby"))
    kept_ids |= {href[1:] for href in tree.xpath("//@href") if href.startswith("#")}
    for one in tree.body.iter(etree.Element):
        _strip(one, kept_ids)
    for one in tree.body.xpath(".//span[not(@*)]"):
        one.drop_tag()
    inner = "".join(etree.tostring(one, encoding="unicode", method="html") for one in tree.body)
    return PAGE.format(title=tree.findtext(".//title"), body=re.sub(r"\s*\n\s*", "\n", inner))


def _strip(one: Any, kept_ids: set[str]) -> None:
    inside_svg = any(parent.tag == "svg" for parent in (one, *one.iterancestors()))
    for name in list(one.attrib):
        unused = name == "id" and one.attrib[name] not in kept_ids
        if not inside_svg and (name not in _KEPT or unused):
            del one.attrib[name]
