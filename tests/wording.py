"""How the public is spoken to: one word for one thing, plain dates, no leaks, short sentences.

The words are those of the domain's glossary; what a page says is held against this table by the
tests of the site and of the form service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# what must not stand there → the one word for it
ONE_WORD = {
    r"接待领导": "接访领导",
    r"电子信箱|电邮|邮箱地址|E-?mail": "电子邮箱",
    r"联系我们|联络": "联系方式",
    r"表单(?!独)|申请表格": "表格",
    r"(?<!中的)时限": "期限",
    r"办理进展|查询进[度展]|查看进度": "查进度",
    r"受理(?:编号|号)|信访编号|登记号": "登记编号",
    r"查询号|密码|口令": "查询码",
    r"上访|信访件": "来访、信访事项",
    r"复审|重新审查": "复查",
    r"书面回复|答覆": "书面答复",
    r"撤消|撤件|撤诉": "撤回",
    r"预定|预订|约号|挂号(?!信)": "预约",
    r"排号|轮候|(?<!先)后补": "候补",
    r"停访|停止接访|中止接访": "暂停接访",
    r"换领导|替班": "换人",
    r"手机号|电话号(?!码)|身份证号(?!码)": "电话、身份证号码",
    r"登陆": "登录",
    r"帐[号户]": "账号",
    r"你(?!们)|阁下|贵方": "您",
    r"举报信|检举信": "检举控告",
    r"求决类信访|意见建议": "申诉求决、建议意见",
    r"包结案|销案|结案(?!报告)": "办结",
    r"交办单位|经办单位": "责任单位",
    r"礼拜|星期天|周天": "星期日",
}
# written in Latin letters because people know them so
KNOWN = {"ICP", "PDF", "JPEG", "PNG", "MB", "CSV", "JSON", "Atom", "Excel", "A4", "A3", "GB"}
_ADDRESS = re.compile(r"(?:https?://)?[\w.+/-]*(?:@[\w.-]+|(?:\w[\w-]*\.)+[a-z]{2,}[\w/.-]*)")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_'-]*")
_CODE = re.compile(r"\b(?:undefined|None|null|NaN|nan|True|False|object Object)\b|\{\{|\}\}|\{%")
_DATES = {
    r"(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)": "日期写成2026年12月8日",
    r"月0\d日|年0\d月|\d月\d{1,2}号(?!楼|院|窗)": "日期写成12月8日",
    r"(?<![\d:])0\d:[0-5]\d": "时间写成8:30",
    r"上午 ?(?:1[3-9]|2\d):|(?:下午|晚上) ?(?:[1-9]|1[01]):": "时间写成下午 14:30",
    r"\d点半|\d点钟|\d:\d\d ?(?:AM|PM|am|pm)": "时间写成8:30",
}
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”》）][,;:?!()][\u4e00-\u9fff“《（]|[\u4e00-\u9fff][,;?!]")
_BLOCKS = (
    "p", "li", "td", "th", "div", "dt", "dd", "h1", "h2", "h3",
    "a", "button", "option", "label", "legend", "text", "title", "desc",
)  # fmt: skip
LONGEST = 60


def words_of(tree: Any) -> str:
    """What a page says, shown or read aloud, without words that it marks as another language's."""
    for one in tree.xpath("//script|//style|//*[@lang and not(self::html)]"):
        one.drop_tree()
    body = tree.xpath("//body")[0]
    for one in body.iter(*_BLOCKS):  # else the end of one and the beginning of the next make words
        one.tail = f"\n{one.tail or ''}"
    told = body.xpath(".//@alt|.//@title|.//@placeholder|.//@aria-label")
    return "\n".join(["".join(body.itertext()), *told])


def complaints(words: str) -> Iterator[str]:
    """What is wrong with the words, each with what should stand there."""
    for wrong, right in ONE_WORD.items():
        for found in re.finditer(wrong, words):
            yield f"{_around(words, found)}: {right}"
    for wrong, right in _DATES.items():
        for found in re.finditer(wrong, words):
            yield f"{_around(words, found)}: {right}"
    for found in (*_CODE.finditer(words), *_HALF_WIDTH.finditer(words)):
        yield _around(words, found)
    for found in _LATIN.finditer(_ADDRESS.sub(" ", words)):
        if found[0] not in KNOWN:
            yield f"{found[0]}: 不是中文"


def _around(words: str, found: re.Match[str]) -> str:
    return " ".join(words[max(0, found.start() - 8) : found.end() + 8].split())


def long_sentences(tree: Any) -> list[str]:
    """Sentences of the page's own part that nobody reads to their end."""
    found = []
    for one in tree.xpath("//main//*[self::p or self::li or self::dd or self::td]"):
        if one.xpath(".//p|.//li|.//dl|.//table|.//label"):
            continue
        text = "".join("".join(one.itertext()).split())
        found += [part for part in re.split(r"[。！？；]", text) if _length(part) > LONGEST]
    return found


def _length(sentence: str) -> int:
    """In characters; a number or a span of hours is taken in at one look."""
    return len(re.sub(r"[\x00-\x7f–]+", "0", sentence))
