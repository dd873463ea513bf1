"""Staff's Markdown becomes HTML: no raw HTML, no code by indent, tables with captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

# the hotlines that a petitioner is sent to: 12345 and those of single offices, see topics.yml
_HOTLINE = (
    r"12(?:3(?:09|15|28|33|37|38|45|48|51|55|68|69|80|85|88|93)|110)|(?<=[打拨])1(?:10|19|20)"
)
_PHONE = re.compile(
    rf"(?<![\d-])(0\d{{2,3}}-\d{{7,8}}|1[3-9]\d{{9}}|400-\d{{3}}-\d{{4}}|{_HOTLINE})(?![\d-])"
)
_SPAN = re.compile(r"(?<=\d:\d\d)-(?=\d{1,2}:\d\d)")  # written 8:30-11:30, set 8:30–11:30
_CAPTION = re.compile(r"^表[:\uff1a]\s*")
_HAN = re.compile(r"[\u2e80-\u9fff\uff00-\uffef\U00020000-\U000323af]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the second level, for a page's table of contents."""

    id: str
    text: str


def _parser() -> MarkdownIt:
    """Links of any scheme and pictures are parsed, so that the check can tell of them."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["code"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    rules = {
        "link_open": _link_open,
        "link_close": _link_close,
        "th_open": _th_open,
        "text": _text,
        "softbreak": _softbreak,
        "image": _image,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


def _link_open(
    renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    """Links of the site become relative; a scheme that could run something is left out."""
    env["in_link"] = True
    href = str(tokens[idx].attrGet("href") or "")
    if href.startswith("/") and not href.startswith("//"):
        href = f"{env['root']}{href[1:]}"
    elif not href.startswith(("https://", "http://", "tel:", "mailto:")):
        href = ""
    return str(Markup('<a href="{}">').format(href)) if href else "<a>"


def _link_close(
    renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    env["in_link"] = False
    return "</a>"


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    """Pictures have no place in a text (the check says so); their words stay."""
    return str(escape(tokens[idx].content))


def _th_open(
    renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[idx].attrSet("scope", "col")
    return renderer.renderToken(tokens, idx, options, env)


def _text(
    renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    """Telephone numbers can be tapped, except inside a link."""
    content = tokens[idx].content
    return str(escape(content) if env.get("in_link") else phones(content))


def _softbreak(
    renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
) -> str:
    """A line end between Chinese characters is no space."""
    before = tokens[idx - 1].content[-1:] if idx else ""
    after = tokens[idx + 1].content[:1] if idx + 1 < len(tokens) else ""
    return "" if _HAN.match(before) and _HAN.match(after) else "\n"


def phones(text: str) -> Markup:
    """Escaped text with telephone numbers to tap, and spans of hours with their dash."""
    parts = _PHONE.split(_SPAN.sub("–", text))
    return Markup("").join(
        Markup('<a class="tel" href="tel:{0}">{0}</a>').format(part) if index % 2 else part
        for index, part in enumerate(parts)
    )


_MARKDOWN = _parser()


@lru_cache(maxsize=8192)
def parse(body: str) -> Sequence[Token]:
    """The tokens of a body; parsed once for the check and the page, so nobody may change them."""
    return _MARKDOWN.parse(body)


@lru_cache(maxsize=8192)
def to_html(body: str, root: str) -> tuple[Markup, tuple[Heading, ...]]:
    """HTML of a Markdown body on a page from which ``root`` leads to the site's root.

    Headings of the second level get ids ``s1``, ``s2`` … and come back as a table of contents.
    """
    tokens = list(_captions(parse(body)))
    headings: list[Heading] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            heading = Heading(f"s{len(headings) + 1}", _words(tokens[index + 1]))
            tokens[index] = token.copy(attrs={"id": heading.id})
            headings.append(heading)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {"root": root})
    return Markup(html), tuple(headings)


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _captions(tokens: Sequence[Token]) -> Iterator[Token]:
    """A paragraph “表:…” right before a table becomes the table's caption."""
    index = 0
    while index < len(tokens):
        run = [token.type for token in tokens[index : index + 4]]
        first = tokens[index + 1].content if len(run) > 1 else ""
        if run == ["paragraph_open", "inline", "paragraph_close", "table_open"] and (
            match := _CAPTION.match(first)
        ):
            yield tokens[index + 3]
            caption = Token("html_block", "", 0)
            caption.content = f"<caption>{escape(first[match.end() :])}</caption>"
            yield caption
            index += 4
        else:
            yield tokens[index]
            index += 1
