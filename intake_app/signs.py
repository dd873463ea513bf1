"""Codes, numbers and escrow texts; exists so that one place knows how people mistype them.

Width, case, spaces and dashes never matter. Signs easily taken for another are not in use.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from intake_app.errors import WrongPassphrase

#: 30 signs without 0 O, 1 I L, U V. Sixteen of them are 78.5 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_SIGNS = 16

_LONGEST_TYPED = 500
_KEY_BYTES = 32
_GROUPS, _GROUP_BYTES, _GROUP_SIGNS = 12, 3, 6
#: How many signs a key in escrow has, spaces apart.
ESCROW_SIGNS = _GROUPS * _GROUP_SIGNS
#: Coprime to 30, so that every wrong sign in a group changes its check sign.
_WEIGHTS = (7, 11, 13, 17, 19)


def normal_code(text: str) -> str | None:
    """The code as typed by anyone: width, case, spaces and dashes forgiven. None if it is none."""
    code = "".join(typed(text))
    return code if len(code) == CODE_SIGNS and set(code) <= set(ALPHABET) else None


def shown_code(code: str) -> str:
    """ "ABCD-EFGH-JKMN-PQRS"."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def normal_number(text: str) -> str | None:
    """ "2026-000123" from "2026年第123号", "２０２６ 123" and the like. None if it is none."""
    found = re.fullmatch(r"\D{0,5}(20[0-9]{2})\D{0,2}([0-9]{1,7})\D?", "".join(typed(text)))
    if found is None or not int(found[2]):
        return None
    return f"{found[1]}-{int(found[2]):06d}"


def from_escrow(text: str) -> bytes:
    """The private key of an escrow text. Raises WrongPassphrase naming each mistyped group."""
    groups = typed(text)
    if len(groups) != _GROUPS:
        joined = "".join(groups)
        if len(joined) != _GROUPS * _GROUP_SIGNS:
            says = f"应是{_GROUPS}组，每组{_GROUP_SIGNS}个字符，现在一共{len(joined)}个字符。"
            raise WrongPassphrase("escrow-length", says)
        groups = [joined[at : at + _GROUP_SIGNS] for at in range(0, len(joined), _GROUP_SIGNS)]
    values = [_group_value(place, group) for place, group in enumerate(groups)]
    if None in values:
        wrong = "、".join(f"第{place + 1}组" for place, one in enumerate(values) if one is None)
        raise WrongPassphrase("escrow-mistyped", f"{wrong}有字符输错了，请对照纸上重新输入。")
    whole = b"".join(value.to_bytes(_GROUP_BYTES, "big") for value in values if value is not None)
    if whole[_KEY_BYTES:] != _checksum(whole[:_KEY_BYTES]):
        raise WrongPassphrase("escrow-mistyped", "有几处输错了，请从第1组起对照纸上重新输入。")
    return whole[:_KEY_BYTES]


def escrow_text(private_key: bytes) -> str:
    """Twelve groups in three lines; the last group and a bit is the checksum of the whole."""
    whole = private_key + _checksum(private_key)
    groups = []
    for place in range(_GROUPS):
        part = whole[place * _GROUP_BYTES : (place + 1) * _GROUP_BYTES]
        signs = to_signs(int.from_bytes(part, "big"), _GROUP_SIGNS - 1)
        groups.append(signs + _check_sign(place, signs))
    return "\n".join(" ".join(groups[at : at + 4]) for at in range(0, _GROUPS, 4))


def _checksum(private_key: bytes) -> bytes:
    size = _GROUPS * _GROUP_BYTES - _KEY_BYTES
    return blake2b(private_key, digest_size=size, person=b"escrow").digest()


def _check_sign(place: int, signs: str) -> str:
    weighed = zip(_WEIGHTS, signs, strict=True)
    value = sum(weight * ALPHABET.index(sign) for weight, sign in weighed)
    return ALPHABET[(value + place) % len(ALPHABET)]


def _group_value(place: int, group: str) -> int | None:
    if len(group) != _GROUP_SIGNS or not set(group) <= set(ALPHABET):
        return None
    if _check_sign(place, group[:-1]) != group[-1]:
        return None
    value = 0
    for sign in reversed(group[:-1]):
        value = value * len(ALPHABET) + ALPHABET.index(sign)
    return value if value < 1 << 8 * _GROUP_BYTES else None


def to_signs(value: int, count: int) -> str:
    """The lowest ``count`` digits to the base of the alphabet, lowest first."""
    signs = []
    for _ in range(count):
        value, digit = divmod(value, len(ALPHABET))
        signs.append(ALPHABET[digit])
    return "".join(signs)


def typed(text: str) -> list[str]:
    """What was typed between spaces and dashes of any kind, in half-width capitals."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST_TYPED]).upper()
    return "".join(" " if _is_gap(sign) else sign for sign in plain).split()


def _is_gap(sign: str) -> bool:
    # a Chinese keyboard gives ー for a long dash; Cf holds the invisible signs of copied text
    return sign in "−ー_~" or unicodedata.category(sign) in ("Pd", "Zs", "Zl", "Zp", "Cc", "Cf")
