"""Sealing: only the right key opens, every change shows, and what people type is understood."""

from __future__ import annotations

import base64
import inspect
import json
import random
import re
import stat
import traceback
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.pwhash import argon2id

from intake_app import sealing
from intake_app.envelopes import (
    BLOCK,
    CHUNK,
    SEALED_CHUNK,
    FileSealer,
    key_id,
    open_file,
    open_sealed,
    public_of,
    seal,
)
from intake_app.errors import (
    BadEnvelope,
    IntakeError,
    KeysMissing,
    SettingWrong,
    WrongPassphrase,
)
from intake_app.sealing import (
    LANES,
    Escrow,
    Secrets,
    answers_mac,
    code_hash,
    form_hash,
    load_secrets,
    make_keys,
    new_form_key,
    new_passphrase,
    petitioner_private,
    petitioner_public,
    query_code,
    unlock,
)
from intake_app.signs import (
    ALPHABET,
    escrow_text,
    from_escrow,
    normal_code,
    normal_number,
    shown_code,
)

#: The least that Argon2id takes: the tests are about keys, not about guessing passphrases.
QUICK = (argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)
PASSPHRASES: dict[sealing.Lane, str] = {
    "office": "K7M-4QX-9TB-HJW-22C-PDV-ZGN-3RF",
    "confidential": "另一个口令，写得长一些才行",
}
OURS = bytes(PrivateKey.generate())
OTHERS = bytes(PrivateKey.generate())
NUMBER, CODE = "2026-000123", "ABCD2345EFGH6789"


@pytest.fixture
def keys_dir(tmp_path: Path) -> Path:
    """A directory with fresh keys."""
    make_keys(tmp_path / "keys", PASSPHRASES, work=QUICK)
    return tmp_path / "keys"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    """What the public process holds."""
    where = tmp_path_factory.mktemp("held")
    make_keys(where, PASSPHRASES, work=QUICK)
    return load_secrets(where)


# ── codes and hashes ─────────────────────────────────────────────────────────────────────────


def test_the_alphabet_has_no_look_alikes() -> None:
    """30 different signs, none of 0 O, 1 I L, U; sixteen of them are 78 bits."""
    assert len(ALPHABET) == len(set(ALPHABET)) == 30
    assert not set("0O1ILU") & set(ALPHABET)
    assert ALPHABET == ALPHABET.upper()
    assert 30**16 > 2**78


def test_a_form_key_is_new_each_time_and_goes_into_a_url() -> None:
    """128 bits in 22 URL-safe signs."""
    keys = {new_form_key() for _ in range(200)}

    assert len(keys) == 200
    assert all(re.fullmatch(r"[\w-]{22}", key, re.ASCII) for key in keys)


def test_the_same_form_gives_the_same_code_and_another_form_another(secrets: Secrets) -> None:
    """A repeated post gets the same receipt, though nobody stored the code."""
    codes = [query_code(secrets, f"form {n}") for n in range(300)]

    assert codes == [query_code(secrets, f"form {n}") for n in range(300)]
    assert len(set(codes)) == 300
    assert all(len(code) == 16 and set(code) <= set(ALPHABET) for code in codes)
    assert set("".join(codes)) == set(ALPHABET)  # every sign is in use


@pytest.mark.parametrize(
    "derive",
    [
        pytest.param(lambda s: form_hash(s, "form"), id="form_hash"),
        pytest.param(lambda s: query_code(s, "form"), id="query_code"),
        pytest.param(lambda s: code_hash(s, NUMBER, CODE), id="code_hash"),
        pytest.param(lambda s: petitioner_private(s, NUMBER, CODE), id="petitioner_private"),
        pytest.param(lambda s: petitioner_public(s, NUMBER, CODE), id="petitioner_public"),
    ],
)
def test_another_offices_keys_derive_something_else(
    derive: Callable[[Secrets], object], secrets: Secrets
) -> None:
    """All that is derived depends on the look-up key alone: stable here, useless elsewhere."""
    elsewhere = Secrets(secrets.cookie, b"?" * 32, secrets.office, secrets.confidential)
    same = Secrets(b"?" * 32, secrets.lookup, b"?" * 32, b"?" * 32)

    assert derive(secrets) == derive(same) != derive(elsewhere)


def test_what_is_derived_for_different_uses_differs(secrets: Secrets) -> None:
    """A hash of one kind says nothing of another, even of the same words."""
    derived = [
        form_hash(secrets, NUMBER),
        code_hash(secrets, NUMBER, CODE),
        code_hash(secrets, CODE, NUMBER),
        petitioner_private(secrets, NUMBER, CODE),
        petitioner_public(secrets, NUMBER, CODE),
        petitioner_private(secrets, "2026-000124", CODE),
        answers_mac(NUMBER, b""),
    ]

    assert len(set(derived)) == len(derived)
    assert {len(one) for one in derived} == {32}


def test_parts_of_a_hash_keep_their_borders(secrets: Secrets) -> None:
    """("ab", "c") and ("a", "bc") are different questions."""
    assert code_hash(secrets, "ab", "c") != code_hash(secrets, "a", "bc")


@given(one=st.binary(max_size=200), other=st.binary(max_size=200))
def test_the_mac_of_answers_tells_them_apart(one: bytes, other: bytes) -> None:
    """The same words under the same form, and only those, have the same mac."""
    assert (answers_mac("form", one) == answers_mac("form", other)) == (one == other)
    assert answers_mac("form", one) != answers_mac("another form", one)


def test_a_reply_opens_with_number_and_code_only(secrets: Secrets) -> None:
    """Whoever has another number or another code does not read it."""
    reply = seal(petitioner_public(secrets, NUMBER, CODE), "书面答复".encode())

    assert open_sealed(petitioner_private(secrets, NUMBER, CODE), reply).decode() == "书面答复"
    for number, code in [("2026-000124", CODE), (NUMBER, CODE[:-1] + "K")]:
        with pytest.raises(BadEnvelope):
            open_sealed(petitioner_private(secrets, number, code), reply)


# ── typing ───────────────────────────────────────────────────────────────────────────────────

DASHES = "-‐‑‒–—―−－﹣﹘ー〜_~"


@pytest.mark.parametrize(
    "typed",
    [
        "ABCD-2345-EFGH-6789",
        "abcd-2345-efgh-6789",
        "ABCD2345EFGH6789",
        "  ABCD 2345\tEFGH\n6789  ",
        "ＡＢＣＤ－２３４５－ＥＦＧＨ－６７８９",
        "ａｂｃｄ　２３４５　ｅｆｇｈ　６７８９",
        "\ufeffABCD\u200b2345\u00a0EFGH\u20606789\u00ad",
        *[f"ABCD{dash}2345{dash}EFGH{dash}6789" for dash in DASHES],
    ],
)
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    """Width, case, spaces, invisible signs and any dash are forgiven."""
    assert normal_code(typed) == CODE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ABCD-2345-EFGH-678",
        "ABCD-2345-EFGH-67899",
        "ABCD-2345-EFGH-678O",
        "ABCD-2345-EFGH-6780",
        "ABCD-2345-EFGH-678I",
        "ABCD-2345-EFGH-678L",
        "ABCD-2345-EFGH-678U",
        "ABCD.2345.EFGH.6789",
        "查询码",
        "ABCD2345EFGH6789" * 1000,
        " " * 500 + "ABCD2345EFGH6789",  # nobody types so much: the rest is not looked at
        "\ufdfa" * 100_000,  # one sign that grows to eighteen
        "\ud800",
    ],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    """Too short, too long, look-alikes and noise are told from a code."""
    assert normal_code(typed) is None


@given(st.text(ALPHABET, min_size=16, max_size=16))
def test_a_code_survives_being_shown_and_typed(code: str) -> None:
    """Groups of four with dashes lead back to the code."""
    assert shown_code(code) == "-".join([code[:4], code[4:8], code[8:12], code[12:]])
    assert normal_code(shown_code(code).lower()) == code


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2026-000123", "2026-000123"),
        ("2026-123", "2026-000123"),
        (" 2026 - 000123 ", "2026-000123"),
        ("2026 000 123", "2026-000123"),
        ("2026000123", "2026-000123"),
        ("２０２６－０００１２３", "2026-000123"),
        ("2026年第123号", "2026-000123"),
        ("登记编号：2026-000123", "2026-000123"),
        ("2026-1234567", "2026-1234567"),
        *[(f"2026{dash}000123", "2026-000123") for dash in DASHES],
        ("", None),
        ("2026", None),
        ("2026-", None),
        ("2026-000000", None),
        ("1926-000123", None),
        ("2026-12345678", None),
        ("2026-12-000123", None),
        ("26-123", None),
        ("查询码", None),
        ("٢٠٢٦-٠٠٠١٢٣", None),
        ("2026-000123" * 1000, None),
    ],
)
def test_numbers_are_understood_however_they_are_typed(typed: str, number: str | None) -> None:
    """Width, spaces, dashes, missing zeros and the words around a number are forgiven."""
    assert normal_number(typed) == number


@given(st.text(max_size=80))
def test_anything_can_be_typed(typed: str) -> None:
    """No text raises; what is taken for a code or number is one."""
    assert (normal_code(typed) or CODE).isascii()
    assert re.fullmatch(r"\d{4}-\d{6,7}", normal_number(typed) or NUMBER, re.ASCII)


# ── envelopes ────────────────────────────────────────────────────────────────────────────────


@given(st.binary(max_size=5000))
def test_an_envelope_opens_with_its_key_alone(payload: bytes) -> None:
    """What went in comes out; another key gets nothing; two envelopes of it never look alike."""
    box = seal(public_of(OURS), payload)

    assert open_sealed(OURS, box) == payload
    assert box != seal(public_of(OURS), payload)
    with pytest.raises(BadEnvelope):
        open_sealed(OTHERS, box)


@pytest.mark.parametrize(
    ("length", "blocks"), [(0, 1), (1, 1), (BLOCK - 1, 1), (BLOCK, 2), (BLOCK + 1, 2)]
)
def test_an_envelope_hides_the_length_of_what_is_in_it(length: int, blocks: int) -> None:
    """Lengths grow in steps of 1 KiB: a short answer looks like a shorter one."""
    assert len(seal(public_of(OURS), b"x" * length)) == 48 + blocks * BLOCK


@settings(max_examples=60)
@given(at=st.integers(0, 48 + BLOCK - 1), bit=st.integers(0, 7))
def test_one_changed_bit_shows(at: int, bit: int) -> None:
    """Wherever in the envelope it is."""
    box = bytearray(seal(public_of(OURS), "您好".encode()))
    box[at] ^= 1 << bit
    with pytest.raises(BadEnvelope):
        open_sealed(OURS, bytes(box))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda box: b"", id="empty"),
        pytest.param(lambda box: box[:40], id="shorter than its own head"),
        pytest.param(lambda box: box[:-1], id="cut"),
        pytest.param(lambda box: box[1:], id="beheaded"),
        pytest.param(lambda box: box + b"\0", id="longer"),
        pytest.param(lambda box: box[::-1], id="turned round"),
        pytest.param(lambda box: box + box, id="twice"),
    ],
)
def test_a_changed_envelope_shows(change: Callable[[bytes], bytes]) -> None:
    """Cut, lengthened or mixed up: never opened, always the same error."""
    with pytest.raises(BadEnvelope) as caught:
        open_sealed(OURS, change(seal(public_of(OURS), b"secret")))
    assert caught.value.code == "envelope"


def test_an_envelope_without_padding_is_refused() -> None:
    """Anybody can seal to a public key; what was not padded by us is no envelope."""
    with pytest.raises(BadEnvelope):
        open_sealed(OURS, SealedBox(PublicKey(public_of(OURS))).encrypt(b"\0" * BLOCK))


def test_key_ids_tell_keys_apart() -> None:
    """16 hex digits, the same for the same key."""
    assert re.fullmatch(r"[0-9a-f]{16}", key_id(public_of(OURS)))
    assert key_id(public_of(OURS)) == key_id(public_of(OURS)) != key_id(public_of(OTHERS))


# ── files ────────────────────────────────────────────────────────────────────────────────────


def sealed_file(content: bytes, step: int = 10_000) -> tuple[bytes, bytes]:
    """Head and ciphertext of a file that arrived in pieces of ``step`` bytes."""
    sealer = FileSealer()
    pushed = [sealer.push(content[at : at + step]) for at in range(0, len(content), step)]
    sealed = b"".join([*pushed, sealer.finish()])
    return sealer.head(public_of(OURS), "照片·一.jpg", "jpeg"), sealed


def opened(head: bytes, sealed: Iterable[bytes], key: bytes = OURS) -> bytes:
    """All clear bytes of a file."""
    return b"".join(open_file(key, head, sealed)[1])


CONTENT = random.Random(1).randbytes(3 * CHUNK + 777)


@settings(max_examples=40)
@given(
    size=st.one_of(
        st.integers(0, 3 * CHUNK),
        st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK]),
    ),
    step=st.sampled_from([777, 4096, CHUNK - 1, CHUNK, CHUNK + 1, 10 * CHUNK]),
    cut=st.sampled_from([1000, SEALED_CHUNK - 1, SEALED_CHUNK, 10 * SEALED_CHUNK]),
)
def test_a_file_survives_whatever_the_pieces(size: int, step: int, cut: int) -> None:
    """The cuts on the way in and on the way out don't matter."""
    head, sealed = sealed_file(CONTENT[:size], step)
    meta, clear = open_file(OURS, head, (sealed[n : n + cut] for n in range(0, len(sealed), cut)))

    assert b"".join(clear) == CONTENT[:size]
    assert (meta.name, meta.kind, meta.size) == ("照片·一.jpg", "jpeg", size)


@pytest.mark.parametrize(
    ("size", "chunks"), [(0, 1), (1, 1), (CHUNK - 1, 1), (CHUNK, 2), (2 * CHUNK + 5, 3)]
)
def test_a_sealed_file_hides_its_exact_size(size: int, chunks: int) -> None:
    """What is stored is whole chunks: a known document isn't recognised by its size."""
    assert len(sealed_file(CONTENT[:size])[1]) == chunks * SEALED_CHUNK


def _parts(sealed: bytes) -> list[bytes]:
    return [sealed[at : at + SEALED_CHUNK] for at in range(0, len(sealed), SEALED_CHUNK)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: [], id="nothing"),
        pytest.param(lambda c: c[:-1], id="last chunk cut"),
        pytest.param(lambda c: [*c[:-1], c[-1][:-1]], id="last byte cut"),
        pytest.param(lambda c: c[1:], id="first chunk cut"),
        pytest.param(lambda c: [c[0], *c[2:]], id="middle chunk cut"),
        pytest.param(lambda c: [c[1], c[0], *c[2:]], id="two chunks swapped"),
        pytest.param(lambda c: [c[0], c[0], *c[1:]], id="a chunk twice"),
        pytest.param(lambda c: [*c, c[-1]], id="the end twice"),
        pytest.param(lambda c: [*c, c[0]], id="a chunk after the end"),
        pytest.param(lambda c: [*c, b"\0"], id="a byte after the end"),
        pytest.param(lambda c: [*c, *_parts(sealed_file(b"x")[1])], id="another file after it"),
        pytest.param(lambda c: [*c[:-1], _parts(sealed_file(b"x")[1])[-1]], id="another's end"),
        pytest.param(lambda c: [b"\0" + c[0], *c[1:]], id="shifted"),
    ],
)
def test_a_file_that_was_cut_mixed_or_lengthened_shows(
    change: Callable[[list[bytes]], list[bytes]],
) -> None:
    """No order of chunks but the whole original opens to its end."""
    head, sealed = sealed_file(CONTENT)
    with pytest.raises(BadEnvelope):
        opened(head, change(_parts(sealed)))


@settings(max_examples=40)
@given(at=st.integers(0, 4 * SEALED_CHUNK - 1), bit=st.integers(0, 7))
def test_one_changed_bit_of_a_file_shows(at: int, bit: int) -> None:
    """Wherever in the file it is, its padding included."""
    head, sealed = sealed_file(CONTENT)
    changed = bytearray(sealed)
    changed[at] ^= 1 << bit
    with pytest.raises(BadEnvelope):
        opened(head, [bytes(changed)])


def test_a_file_of_whole_chunks_still_needs_its_end() -> None:
    """Its last chunk holds nothing but padding; without it the file is not known to be whole."""
    head, sealed = sealed_file(CONTENT[: 2 * CHUNK])
    with pytest.raises(BadEnvelope):
        opened(head, _parts(sealed)[:-1])


def test_nothing_is_read_after_the_end_even_from_the_one_who_sealed() -> None:
    """A second end, properly sealed, would be a second file within the first."""
    sealer = FileSealer()
    sealed = sealer.push(b"first") + sealer.finish()
    more = bindings.crypto_secretstream_xchacha20poly1305_push(
        sealer._stream,
        bindings.sodium_pad(b"", CHUNK),
        tag=bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL,
    )
    head = sealer.head(public_of(OURS), "a", "pdf")

    assert opened(head, [sealed]) == b"first"
    with pytest.raises(BadEnvelope):
        opened(head, [sealed + more])


def test_a_head_opens_its_own_file_only() -> None:
    """Neither another file's head nor another's key opens a file."""
    head, sealed = sealed_file(CONTENT)
    other_head, _ = sealed_file(CONTENT)
    with pytest.raises(BadEnvelope):
        opened(other_head, [sealed])
    with pytest.raises(BadEnvelope):
        opened(head, [sealed], OTHERS)
    with pytest.raises(BadEnvelope):
        opened(head[:-1], [sealed])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"\xff",
        b"{}",
        b'{"name": "a", "kind": "pdf", "size": 1, "key": "", "header": ""}',
        b'{"name": "a", "kind": "pdf", "size": "many", "key": "?", "header": 1}',
        b'{"name": "a", "kind": "pdf", "size": Infinity, "key": "", "header": ""}',
        b"9" * 5000,
        b"[" * 100_000,
    ],
)
def test_a_head_that_somebody_else_made_up_is_refused(payload: bytes) -> None:
    """A public key seals anything; only our own kind of head is read."""
    with pytest.raises(BadEnvelope):
        open_file(OURS, seal(public_of(OURS), payload), [])


def test_a_head_with_another_size_shows() -> None:
    """The head says how many bytes come out; another count is no file of ours."""
    head, sealed = sealed_file(b"abc")
    said = json.loads(open_sealed(OURS, head)) | {"size": 4}
    with pytest.raises(BadEnvelope):
        opened(seal(public_of(OURS), json.dumps(said).encode()), [sealed])


def test_a_sealer_is_used_in_order() -> None:
    """No head before the end, nothing more after it."""
    sealer = FileSealer()
    with pytest.raises(ValueError, match="not finished"):
        sealer.head(public_of(OURS), "a", "pdf")
    sealer.finish()
    with pytest.raises(ValueError, match="is finished"):
        sealer.push(b"more")
    with pytest.raises(ValueError, match="is finished"):
        sealer.finish()


# ── keys on the disk ─────────────────────────────────────────────────────────────────────────


def test_fresh_keys_work_for_both_lanes_and_the_lanes_share_nothing(keys_dir: Path) -> None:
    """What is sealed to a lane opens with that lane's passphrase and with no other."""
    held = load_secrets(keys_dir)
    for lane, public in [("office", held.office), ("confidential", held.confidential)]:
        box = seal(public, lane.encode())
        for one in LANES:
            private = unlock(keys_dir, one, PASSPHRASES[one])
            if one == lane:
                assert open_sealed(private, box) == lane.encode()
            else:
                with pytest.raises(BadEnvelope):
                    open_sealed(private, box)
    assert len({held.cookie, held.lookup, held.office, held.confidential}) == 4


def test_the_public_file_alone_opens_no_envelope(keys_dir: Path) -> None:
    """None of its bytes, read as they are or decoded, at any place, is a key that opens one."""
    held = load_secrets(keys_dir)
    boxes = [seal(held.office, b"x"), seal(held.confidential, b"x")]
    boxes.append(seal(petitioner_public(held, NUMBER, CODE), b"x"))
    raw = (keys_dir / "public.json").read_bytes()
    texts = [base64.b64decode(text) for text in json.loads(raw).values()]
    for blob in [raw, raw[::-1], *texts, b"".join(texts), *(one[::-1] for one in texts)]:
        for at in range(len(blob) - 31):
            for box in boxes:
                with pytest.raises(BadEnvelope):
                    open_sealed(blob[at : at + 32], box)


def test_the_desk_file_shows_no_private_key(keys_dir: Path) -> None:
    """Private keys are wrapped: neither they nor the passphrases are on the disk in the clear."""
    raw = b"".join(path.read_bytes() for path in keys_dir.iterdir())
    for lane in LANES:
        private = unlock(keys_dir, lane, PASSPHRASES[lane])
        for shown in (private, base64.b64encode(private), PASSPHRASES[lane].encode()):
            assert shown not in raw


def test_passphrases_are_stretched_by_default() -> None:
    """Without being told otherwise, a guess costs what Argon2id calls moderate."""
    assert inspect.signature(make_keys).parameters["work"].default == sealing.MODERATE
    assert sealing.MODERATE == (argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)


def test_key_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """0600 in a directory of 0700, whatever the umask says."""
    make_keys(tmp_path / "deep" / "keys", PASSPHRASES, work=QUICK)

    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert found["public.json"] == found["desk.json"] == 0o600
    assert found["keys"] == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
@pytest.mark.parametrize("name", ["public.json", "desk.json"])
def test_a_key_file_that_others_may_touch_is_refused(keys_dir: Path, name: str, mode: int) -> None:
    """The error names the file and the command that cures it."""
    (keys_dir / name).chmod(mode)
    reads: dict[str, Callable[[], object]] = {
        "public.json": lambda: load_secrets(keys_dir),
        "desk.json": lambda: unlock(keys_dir, "office", PASSPHRASES["office"]),
    }
    with pytest.raises(KeysMissing) as caught:
        reads[name]()
    assert caught.value.code == "keys-open"
    assert f"chmod 600 {keys_dir / name}" in caught.value.sentence


def test_a_key_file_that_only_its_owner_reads_is_fine(keys_dir: Path) -> None:
    """0400, as mounted secrets have it."""
    (keys_dir / "public.json").chmod(0o400)
    assert load_secrets(keys_dir).lookup


def test_without_keys_the_error_names_the_command(tmp_path: Path) -> None:
    """And warns that new keys do not open what is there."""
    with pytest.raises(KeysMissing, match="flask --app intake_app init") as caught:
        load_secrets(tmp_path)
    assert "从备份恢复" in caught.value.sentence


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "{}", '{"cookie": 1}', "\ufeff{}", "short"]
)
def test_broken_key_files_are_told_from_missing_ones(keys_dir: Path, content: str) -> None:
    """A file that is no key file is not guessed at."""
    if content == "short":
        names = ("cookie", "lookup", "office", "confidential")
        content = json.dumps(dict.fromkeys(names, "AAAA"))
    for name in ("public.json", "desk.json"):
        (keys_dir / name).write_text(content, encoding="utf-8")
    for read in (load_secrets, lambda where: unlock(where, "office", "x" * 20)):
        with pytest.raises(KeysMissing) as caught:
            read(keys_dir)
        assert caught.value.code == "keys-broken"


@pytest.mark.parametrize("name", ["public.json", "desk.json"])
def test_keys_are_never_overwritten(tmp_path: Path, name: str) -> None:
    """Either file is enough to refuse; nothing is written beside it."""
    (tmp_path / name).write_text("old", encoding="utf-8")
    with pytest.raises(IntakeError) as caught:
        make_keys(tmp_path, PASSPHRASES, work=QUICK)
    assert caught.value.code == "keys-exist"
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["old"]


def test_a_failed_write_leaves_no_half_of_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the second file fails, the first goes too, and init can be run again."""
    calls: list[int] = []

    def sync(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "no space left")

    monkeypatch.setattr("os.fsync", sync)
    with pytest.raises(OSError, match="no space"):
        make_keys(tmp_path, PASSPHRASES, work=QUICK)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("office", "confidential"),
    [
        ("", "long enough words"),
        ("short", "long enough words"),
        ("long enough words", "x- - - - - - - -"),
        ("long enough words", "LONG-ENOUGH-WORDS"),
    ],
)
def test_weak_or_equal_passphrases_are_refused(
    tmp_path: Path, office: str, confidential: str
) -> None:
    """Short ones, and one for both lanes; nothing is written."""
    with pytest.raises(SettingWrong, match="口令"):
        make_keys(tmp_path, {"office": office, "confidential": confidential}, work=QUICK)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "typed",
    [
        "k7m-4qx-9tb-hjw-22c-pdv-zgn-3rf",
        "K7M4QX9TBHJW22CPDVZGN3RF",
        "K7M 4QX 9TB HJW 22C PDV ZGN 3RF",
        "Ｋ７Ｍ－４ＱＸ－９ＴＢ－ＨＪＷ－２２Ｃ－ＰＤＶ－ＺＧＮ－３ＲＦ",
    ],
)
def test_a_passphrase_is_understood_however_it_is_typed(keys_dir: Path, typed: str) -> None:
    """Case, width, spaces and dashes do not matter."""
    assert public_of(unlock(keys_dir, "office", typed)) == load_secrets(keys_dir).office


@pytest.mark.parametrize("typed", ["", "K7M-4QX-9TB-HJW-22C-PDV-ZGN-3RG", "口令", "x" * 10_000])
def test_a_wrong_passphrase_is_told_as_such(keys_dir: Path, typed: str) -> None:
    """Not as a broken file."""
    with pytest.raises(WrongPassphrase, match="口令不对"):
        unlock(keys_dir, "office", typed)


def test_new_passphrases_are_eight_short_groups_that_work(tmp_path: Path) -> None:
    """Strong enough for make_keys, of the alphabet without look-alikes, each time another."""
    made = [new_passphrase() for _ in range(50)]

    assert len(set(made)) == 50
    assert all(re.fullmatch(rf"([{ALPHABET}]{{3}}-){{7}}[{ALPHABET}]{{3}}", one) for one in made)
    make_keys(tmp_path, {"office": made[0], "confidential": made[1]}, work=QUICK)
    assert unlock(tmp_path, "confidential", made[1].lower())


# ── escrow ───────────────────────────────────────────────────────────────────────────────────


def test_the_escrow_sheet_opens_what_the_passphrases_open(tmp_path: Path) -> None:
    """Each lane's text is that lane's private key."""
    sheet = make_keys(tmp_path, PASSPHRASES, work=QUICK)

    assert from_escrow(sheet.office) == unlock(tmp_path, "office", PASSPHRASES["office"])
    assert public_of(from_escrow(sheet.confidential)) == load_secrets(tmp_path).confidential


@given(st.binary(min_size=32, max_size=32))
def test_an_escrow_text_leads_back_to_its_key(key: bytes) -> None:
    """Twelve groups of six in three lines, typed in small letters, dashed or in one piece."""
    text = escrow_text(key)

    assert re.fullmatch(rf"(([{ALPHABET}]{{6}} ?){{4}}\n?){{3}}", text)
    for typed in (text, text.lower(), text.replace(" ", "－"), "".join(text.split())):
        assert from_escrow(typed) == key


def _mistyped(text: str, place: int, group: str) -> str:
    groups = text.split()
    groups[place] = group
    return " ".join(groups)


def test_every_mistyped_sign_is_found_and_its_group_named() -> None:
    """Each of the 72 signs, each of the 29 others: the sentence names just that group."""
    text = escrow_text(OURS)
    tried = 0
    for place, group in enumerate(text.split()):
        for at, right in enumerate(group):
            for wrong in set(ALPHABET) - {right}:
                changed = _mistyped(text, place, group[:at] + wrong + group[at + 1 :])
                with pytest.raises(WrongPassphrase) as caught:
                    from_escrow(changed)
                assert caught.value.sentence.startswith(f"第{place + 1}组有字符输错了")
                tried += 1
    assert tried == 72 * 29


@pytest.mark.parametrize("place", range(12))
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda g: g[:-1], id="a sign left out"),
        pytest.param(lambda g: g + "2", id="a sign too many"),
        pytest.param(lambda g: "0" + g[1:], id="a zero"),
        pytest.param(lambda g: "o" + g[1:], id="a letter o"),
        pytest.param(lambda g: g[:5] + "·", id="another sign"),
    ],
)
def test_slips_of_other_kinds_name_their_group(place: int, change: Callable[[str], str]) -> None:
    """Left out, too many, not of the alphabet: that group, not a count of all."""
    text = escrow_text(OURS)
    with pytest.raises(WrongPassphrase, match=f"^escrow-mistyped: 第{place + 1}组有"):
        from_escrow(_mistyped(text, place, change(text.split()[place])))


def test_several_mistyped_groups_are_all_named() -> None:
    """So that the paper is looked at once."""
    groups = escrow_text(OURS).split()
    groups[1], groups[10] = groups[10], groups[1]
    with pytest.raises(WrongPassphrase, match="第2组、第11组"):
        from_escrow(" ".join(groups))


@pytest.mark.parametrize(
    ("typed", "says"), [("", "一共0个"), ("ABC DEF", "一共6个"), ("2" * 71, "一共71个")]
)
def test_a_text_of_another_length_says_how_long_it_should_be(typed: str, says: str) -> None:
    """And how long it is."""
    with pytest.raises(WrongPassphrase, match=f"应是12组，每组6个字符，现在{says}"):
        from_escrow(typed)


def test_two_slips_that_hide_each_other_are_found_by_the_whole() -> None:
    """In one group, chosen so that its check sign still fits: the group can't be told."""
    group = escrow_text(OURS).split()[4]
    first, second = (ALPHABET.index(sign) for sign in group[:2])
    slipped = ALPHABET[(first + 7) % 30] + ALPHABET[(second + 1) % 30] + group[2:]  # 7·7 + 11 = 60

    with pytest.raises(WrongPassphrase, match="有几处输错了，请从第1组起"):
        from_escrow(_mistyped(escrow_text(OURS), 4, slipped))


@settings(max_examples=300)
@given(st.data())
def test_two_slips_never_make_another_key(data: st.DataObject) -> None:
    """What the signs of a group do not catch, the checksum of the whole does."""
    joined = "".join(escrow_text(OURS).split())
    places = data.draw(st.lists(st.integers(0, 71), min_size=2, max_size=4, unique=True))
    typed = list(joined)
    for place in places:
        typed[place] = data.draw(st.sampled_from(ALPHABET))
    if "".join(typed) == joined:
        assert from_escrow(joined) == OURS
        return
    with pytest.raises(WrongPassphrase):
        from_escrow("".join(typed))


# ── nothing slips out ────────────────────────────────────────────────────────────────────────


def test_nothing_secret_is_shown_by_accident(tmp_path: Path) -> None:
    """repr and str of keys, sheets and files, as a log or a debugger would print them."""
    sheet = make_keys(tmp_path, PASSPHRASES, work=QUICK)
    held = load_secrets(tmp_path)
    head, sealed = sealed_file(b"x")
    meta, _ = open_file(OURS, head, [sealed])
    shown = " ".join(f"{one!r} {one}" for one in (held, sheet, meta, [held], {"a": sheet}))

    for secret in (held.cookie, held.lookup, held.office, held.confidential):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    for group in (sheet.office + " " + sheet.confidential).split():
        assert group not in shown
    assert "照片" not in shown
    assert repr(Escrow("a1", "b2")) == "Escrow(…)"


@pytest.mark.parametrize(
    "provoke",
    [
        lambda where: open_sealed(OTHERS, seal(public_of(OURS), b"Geheim-Wort")),
        lambda where: opened(sealed_file(b"Geheim-Wort")[0], [b"Geheim-Wort"]),
        lambda where: unlock(where, "office", "Geheim-Wort"),
        lambda where: from_escrow("Geheim-Wort"),
        lambda where: from_escrow("Geheim " * 12),
    ],
)
def test_an_error_repeats_nothing_that_was_typed_or_sealed(
    keys_dir: Path, provoke: Callable[[Path], object]
) -> None:
    """Its sentence and all that it was raised from."""
    with pytest.raises(IntakeError) as caught:
        provoke(keys_dir)
    error = caught.value
    told = "".join(traceback.format_exception_only(error)) + repr(error) + error.sentence
    assert "geheim" not in told.lower()
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


def test_sentences_are_whole_and_chinese(keys_dir: Path) -> None:
    """Each error reads as a sentence: Chinese signs, Chinese full stop or the command itself."""
    with pytest.raises(WrongPassphrase) as caught:
        unlock(keys_dir, "office", "no")
    sentence = caught.value.sentence
    assert sentence.endswith("。")
    assert any(unicodedata.name(sign).startswith("CJK") for sign in sentence)
