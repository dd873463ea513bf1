"""Passwords and the codes of a second factor: how they are made and judged. No store, no Flask."""

from __future__ import annotations

import threading
import unicodedata
from hmac import compare_digest
from secrets import choice, token_urlsafe

import pyotp
from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id

from intake_app.signs import ALPHABET

__all__ = [
    "SHORTEST",
    "Hasher",
    "new_password",
    "new_secret",
    "step_of",
    "totp_address",
    "weakness",
]

SHORTEST = 12
_LONGEST = 256
#: Passes and bytes of memory for a password: 64 MiB, a tenth of a second.
WORK = (argon2id.OPSLIMIT_INTERACTIVE, argon2id.MEMLIMIT_INTERACTIVE)
_AT_ONCE = 2  # passwords that are judged at the same time, so that memory stays free
_FEWEST_SIGNS = 5
#: What is tried first wherever twelve signs are asked for; longer ones that begin so count, too.
_OBVIOUS = (
    "123456789012", "1234567890ab", "012345678901", "password1234", "passwordpass", "qwertyuiop",
    "1qaz2wsx3edc", "admin1234567", "administrator", "xinfang12345", "xinfangju123", "jiefang12345",
    "woaini123456", "woaizhongguo", "a1234567890", "abcdefghijkl", "abc123456789", "letmein12345",
    "zhongguo1234", "5201314520",
)  # fmt: skip


def new_password() -> str:
    """78 bits to be read out or copied once: four groups of four, all small letters and digits."""
    signs = ALPHABET.lower()
    return "-".join("".join(choice(signs) for _ in range(4)) for _ in range(4))


def weakness(password: str, *names: str) -> str | None:
    """Why nobody may have this password, in Chinese; None if it will do."""
    plain = _plain(password)
    small = plain.casefold()
    if len(plain) < SHORTEST:
        return f"新口令至少{SHORTEST}个字符，可以用几个不相干的词连起来"
    if len(plain) > _LONGEST:
        return f"新口令最多{_LONGEST}个字符"
    if small in {_plain(one).casefold() for one in names}:
        return "新口令不能和登录名、姓名一样"
    if len(set(small)) < _FEWEST_SIGNS or small.startswith(_OBVIOUS):
        return "这个口令太容易猜到，请换一个"
    return None


class Hasher:
    """Argon2id; an unknown name costs as much as a wrong password."""

    def __init__(self, work: tuple[int, int] = WORK) -> None:
        self._work = work
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys = self.hash(token_urlsafe())

    def hash(self, password: str) -> str:
        """What is stored."""
        passes, memory = self._work
        with self._turns:
            made = argon2id.str(_plain(password).encode("utf-8", "replace"), passes, memory)
        return bytes(made).decode("ascii")

    def right(self, kept: str | None, password: str) -> bool:
        """Is it the password of ``kept``? None, for nobody, is a no that takes as long."""
        known = self._nobodys if kept is None else kept
        with self._turns:
            try:
                typed = _plain(password).encode("utf-8", "replace")
                good = argon2id.verify(known.encode("ascii"), typed)
            except InvalidkeyError:
                good = False
        return bool(good) and kept is not None


def new_secret() -> str:
    """160 random bits for an authenticator app, in base 32."""
    return str(pyotp.random_base32())


def totp_address(secret: str, login: str, issuer: str) -> str:
    """The ``otpauth:`` address that an authenticator app reads from a picture."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer))


def step_of(secret: str, typed: str, at: float) -> int | None:
    """The half minute (counted from 1970) that the code belongs to: this one or one beside it.

    The caller takes each half minute once (RFC 6238, 5.2). None for a wrong code.
    """
    code = "".join(_plain(typed).split())
    if not (code.isascii() and code.isdecimal()):
        return None
    totp = pyotp.TOTP(secret)
    now = int(at) // totp.interval
    steps = (now, now - 1, now + 1)
    found = [one for one in steps if compare_digest(totp.generate_otp(one), code)]
    return found[0] if found else None


def _plain(text: str) -> str:
    """Full-width signs of a Chinese keyboard are the narrow ones."""
    return unicodedata.normalize("NFKC", text)
