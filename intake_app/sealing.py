"""Who holds which key; exists so that one file tells who can open what.

| who has              | can open                                                              |
|----------------------|-----------------------------------------------------------------------|
| ``public.json``      | nothing: it holds public keys, and keys for cookies and look-ups       |
| number and code      | with ``public.json``: the replies to this one petitioner               |
| ``desk.json``        | nothing without a passphrase                                          |
| ``staff.json``       | who staff are: their cookies, second factors, the truth of accounts    |
| passphrase or escrow | everything of its lane; the two lanes share nothing                   |

Keys and hashes are bytes. What is sealed is in ``envelopes``, what people type in ``signs``.
"""

from __future__ import annotations

import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from secrets import choice, token_bytes, token_urlsafe
from typing import Any, Literal

from nacl.exceptions import CryptoError
from nacl.exceptions import RuntimeError as SodiumFailed
from nacl.public import PrivateKey
from nacl.pwhash import argon2id
from nacl.secret import SecretBox

from intake_app.envelopes import public_of
from intake_app.errors import (
    BadEnvelope,
    IntakeError,
    KeysMissing,
    SettingWrong,
    WrongPassphrase,
)
from intake_app.signs import ALPHABET, CODE_SIGNS, escrow_text, to_signs, typed

Lane = Literal["office", "confidential"]
LANES: tuple[Lane, ...] = ("office", "confidential")
#: Passes and bytes of memory that Argon2id spends on a passphrase.
MODERATE = (argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)

_KEY_BYTES = 32
_SHORTEST_PASSPHRASE = 12


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What the public process holds: two keys of its own, and public keys to seal to."""

    cookie: bytes
    lookup: bytes
    office: bytes
    confidential: bytes

    def __repr__(self) -> str:
        return "Secrets(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Escrow:
    """The private keys as text to print and lock away; ``from_escrow`` reads one back."""

    office: str
    confidential: str

    def __repr__(self) -> str:
        return "Escrow(…)"


@dataclass(frozen=True, slots=True, repr=False)
class StaffKeys:
    """What the desk's process holds and the public one never sees."""

    cookie: bytes
    accounts: bytes

    def __repr__(self) -> str:
        return "StaffKeys(…)"


# Codes and numbers


def new_form_key() -> str:
    """128 random bits, URL-safe: names one form on one screen, and is stored nowhere."""
    return token_urlsafe(16)


def form_hash(secrets: Secrets, form_key: str) -> bytes:
    """32 bytes by which the queue knows a repeated form."""
    return _keyed(secrets.lookup, b"form", form_key)


def query_code(secrets: Secrets, form_key: str) -> str:
    """The petitioner's 16 signs, always the same for a form, so that nobody has to store them."""
    value = int.from_bytes(_keyed(secrets.lookup, b"code", form_key, size=64), "big")
    return to_signs(value, CODE_SIGNS)


def code_hash(secrets: Secrets, number: str, code: str) -> bytes:
    """32 bytes that the queue compares when someone asks with number and code."""
    return _keyed(secrets.lookup, b"lookup", number, code)


def answers_mac(form_key: str, canonical: bytes) -> bytes:
    """32 bytes that change with any answer; without the form key they confirm no guess."""
    return _keyed(blake2b(form_key.encode()).digest(), b"answers", canonical)


def petitioner_private(secrets: Secrets, number: str, code: str) -> bytes:
    """The X25519 key that opens the replies; made anew from the code each time."""
    return _keyed(secrets.lookup, b"petition", number, code)


def petitioner_public(secrets: Secrets, number: str, code: str) -> bytes:
    """The key that replies to this petitioner are sealed to."""
    return public_of(petitioner_private(secrets, number, code))


# Key files


def load_secrets(keys_dir: Path) -> Secrets:
    """What ``public.json`` holds. Raises KeysMissing, also when others may read the file."""
    path = keys_dir / "public.json"
    found = _read(path)
    try:
        secrets = Secrets(*(_bytes(found[name]) for name in Secrets.__slots__))
    except (ValueError, KeyError, TypeError):
        raise _broken(path) from None
    if any(len(getattr(secrets, name)) != _KEY_BYTES for name in Secrets.__slots__):
        raise _broken(path)
    return secrets


def load_staff_keys(keys_dir: Path) -> StaffKeys:
    """What ``staff.json`` holds; made when it is first asked for. Raises KeysMissing.

    It is not derived from ``public.json``: whoever takes over the public service would hold it,
    could forge a clerk's cookie, and read what the desk has unlocked.
    """
    path = keys_dir / "staff.json"
    if not path.exists():
        _make_once(path, {name: _text(token_bytes(_KEY_BYTES)) for name in StaffKeys.__slots__})
    found = _read(path)
    try:
        keys = StaffKeys(*(_bytes(found[name]) for name in StaffKeys.__slots__))
    except (ValueError, KeyError, TypeError):
        raise _broken(path) from None
    if any(len(getattr(keys, name)) != _KEY_BYTES for name in StaffKeys.__slots__):
        raise _broken(path)
    return keys


def row_mac(keys: StaffKeys, *parts: str | bytes) -> bytes:
    """32 bytes that only the desk can give to a row, so that a row put in by others shows."""
    return _keyed(keys.accounts, b"row", *parts)


def wrap_secret(keys: StaffKeys, secret: str) -> bytes:
    """A second factor's secret as it is stored."""
    return SecretBox(_keyed(keys.accounts, b"factor")).encrypt(secret.encode())


def unwrap_secret(keys: StaffKeys, box: bytes) -> str:
    """The secret again. Raises BadEnvelope."""
    try:
        return SecretBox(_keyed(keys.accounts, b"factor")).decrypt(box).decode()
    except CryptoError:
        raise BadEnvelope("factor", "第二步验证的密钥打不开，请重设。") from None


def new_passphrase() -> str:
    """8 groups of 3 signs, 117 bits; case, spaces and dashes do not matter when it is typed."""
    return "-".join("".join(choice(ALPHABET) for _ in range(3)) for _ in range(8))


def make_keys(
    keys_dir: Path, passphrases: Mapping[Lane, str], *, work: tuple[int, int] = MODERATE
) -> Escrow:
    """Write new ``public.json`` and ``desk.json``, mode 0600; give the sheet to lock away.

    Raises IntakeError if either is there: new keys would not open what is stored. Raises
    SettingWrong for passphrases that are short or equal.
    """
    words = {lane: "".join(typed(passphrases[lane])) for lane in LANES}
    shortest = min(len(one) for one in words.values())
    if shortest < _SHORTEST_PASSPHRASE or len(set(words.values())) < len(LANES):
        says = f"两个口令要不一样，各至少{_SHORTEST_PASSPHRASE}个字符。"
        raise SettingWrong("passphrase-weak", says)
    paths = keys_dir / "desk.json", keys_dir / "public.json"
    for path in paths:
        if path.exists():
            raise IntakeError("keys-exist", f"已经有密钥文件 {path}，不能覆盖。请换一个空目录。")
    private = {lane: bytes(PrivateKey.generate()) for lane in LANES}
    public = {"cookie": token_bytes(_KEY_BYTES), "lookup": token_bytes(_KEY_BYTES)}
    public |= {lane: public_of(private[lane]) for lane in LANES}
    wrapped = {lane: _wrap(private[lane], words[lane], work) for lane in LANES}
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_new(paths, (wrapped, {name: _text(key) for name, key in public.items()}))
    return Escrow(**{lane: escrow_text(private[lane]) for lane in LANES})


def unlock(keys_dir: Path, which: Lane, passphrase: str) -> bytes:
    """The lane's private key. Takes a second by design. Raises WrongPassphrase, KeysMissing."""
    path = keys_dir / "desk.json"
    found = _read(path)
    try:
        entry = found[which]
        work = int(entry["passes"]), int(entry["memory"])
        wrapping = _stretch("".join(typed(passphrase)), _bytes(entry["salt"]), work)
        box = _bytes(entry["box"])
    except (ValueError, KeyError, TypeError):
        raise _broken(path) from None
    try:
        return SecretBox(wrapping).decrypt(box)
    except CryptoError:
        raise WrongPassphrase("passphrase-wrong", "口令不对，请再输一遍。") from None


def _keyed(key: bytes, person: bytes, *parts: str | bytes, size: int = 32) -> bytes:
    """Keyed BLAKE2b. Each part goes in with its length: ("ab", "c") is not ("a", "bc")."""
    state = blake2b(key=key, person=person, digest_size=size)
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        state.update(len(raw).to_bytes(8, "big") + raw)
    return state.digest()


def _stretch(words: str, salt: bytes, work: tuple[int, int]) -> bytes:
    passes, memory = work
    try:
        return argon2id.kdf(_KEY_BYTES, words.encode("utf-8", "replace"), salt, passes, memory)
    except SodiumFailed:
        says = f"内存不够，这一步要用{memory >> 20}MB。请停掉别的程序再试。"
        raise IntakeError("memory", says) from None


def _wrap(private_key: bytes, passphrase: str, work: tuple[int, int]) -> dict[str, str | int]:
    salt = token_bytes(argon2id.SALTBYTES)
    box = SecretBox(_stretch(passphrase, salt, work)).encrypt(private_key)
    return {"salt": _text(salt), "passes": work[0], "memory": work[1], "box": _text(box)}


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                says = f"密钥文件 {path} 别的用户也能读，请先运行 chmod 600 {path}"
                raise KeysMissing("keys-open", says)
            found = json.load(file)
    except OSError:
        says = (
            f"没有密钥文件 {path}，或者读不了。头一次用，请运行 flask --app intake_app init；"
            "用过的，请从备份恢复，新的密钥打不开旧的内容。"
        )
        raise KeysMissing("keys-missing", says) from None
    except ValueError:
        raise _broken(path) from None
    if not isinstance(found, dict):
        raise _broken(path)
    return found


def _write_new(paths: tuple[Path, ...], contents: tuple[object, ...]) -> None:
    """Write all or none, to the disk itself, and never over a file that is there."""
    made: list[Path] = []
    try:
        for path, content in zip(paths, contents, strict=True):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            made.append(path)
            with os.fdopen(handle, "w") as file:
                json.dump(content, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
    except OSError:
        for path in made:
            path.unlink()
        raise


def _make_once(path: Path, content: object) -> None:
    """Write a file that appears whole; if another process was first, its file stays."""
    part = path.with_name(f"{path.name}.{token_urlsafe(6)}")
    try:
        _write_new((part,), (content,))
        with suppress(FileExistsError):
            path.hardlink_to(part)
    except OSError as error:
        says = f"密钥文件 {path} 写不下来（{error.strerror}）。"
        raise KeysMissing("keys-unwritable", says) from None
    finally:
        part.unlink(missing_ok=True)


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return b64decode(text, validate=True)


def _broken(path: Path) -> KeysMissing:
    return KeysMissing("keys-broken", f"密钥文件 {path} 坏了，请从备份恢复。")
