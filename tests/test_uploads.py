"""Uploads: files are known by content, counted, sealed on arrival, and never in the clear."""

from __future__ import annotations

import hashlib
import io
import random
import resource
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder, TestResponse

from intake_app.envelopes import SEALED_CHUNK, open_file, public_of
from intake_app.errors import StoreFull
from intake_app.uploads import (
    BODY_LIMIT,
    MOST_BYTES,
    MOST_FILES,
    Budget,
    SealingRequest,
    SealingStream,
    sealing_stream,
)

OURS = bytes(PrivateKey.generate())
MIB = 1024 * 1024


def jpeg() -> bytes:
    """One grey dot, baseline: table of ones, a code of one bit, that bit twice."""
    return b"".join(
        [
            b"\xff\xd8",
            b"\xff\xdb\x00\x43\x00" + b"\x01" * 64,
            b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00",
            b"\xff\xc4\x00\x14\x00\x01" + b"\x00" * 16,
            b"\xff\xc4\x00\x14\x10\x01" + b"\x00" * 16,
            b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f",
            b"\xff\xd9",
        ]
    )


def png() -> bytes:
    """One grey dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    dot = zlib.compress(b"\x00\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", dot) + chunk(b"IEND", b"")


def pdf() -> bytes:
    """One empty page, written by a library."""
    from pypdf import PdfWriter

    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=595, height=842)
    writer.write(made)
    return made.getvalue()


REAL = {"jpeg": jpeg(), "png": png(), "pdf": pdf()}


def grown(size: int, kind: str = "pdf") -> bytes:
    """A file of that kind and exactly that size."""
    return REAL[kind] + b"\n" * (size - len(REAL[kind]))


@pytest.fixture
def seen() -> list[dict[str, Any]]:
    """What the view found in the files of a request."""
    return []


@pytest.fixture
def app(seen: list[dict[str, Any]]) -> Flask:
    """A small app that takes files as the service does, opens them and remembers all."""
    made = Flask(__name__)
    made.request_class = SealingRequest
    made.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT

    @made.post("/")
    def take() -> str:
        for one in request.files.getlist("files"):
            stream = sealing_stream(one)
            opened = None
            if stream.kind and not stream.over:
                head = stream.head(one.filename or "", public_of(OURS))
                meta, clear = open_file(OURS, head, stream.chunks())
                opened = (meta.name, meta.kind, meta.size, b"".join(clear))
            seen.append(
                {"size": stream.size, "kind": stream.kind, "over": stream.over, "opened": opened}
            )
        return request.form.get("words", "")

    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def body_of(*files: tuple[bytes, str]) -> bytes:
    """A form as a browser sends it. (Flask's test client would put it into a file of its own.)"""
    begin = '--x\r\nContent-Disposition: form-data; name="files"; filename="{}"\r\n'
    kind = b"Content-Type: image/jpeg\r\n\r\n"
    parts = [begin.format(name).encode() + kind + content + b"\r\n" for content, name in files]
    words = '--x\r\nContent-Disposition: form-data; name="words"\r\n\r\n您好\r\n--x--\r\n'
    return b"".join(parts) + words.encode()


def send(client: FlaskClient, body: bytes, missing: int = 0, path: str = "/") -> TestResponse:
    """Post a body, ``missing`` bytes of which never come."""
    return client.post(
        path,
        input_stream=io.BytesIO(body),
        content_type="multipart/form-data; boundary=x",
        content_length=len(body) + missing,
    )


def post(client: FlaskClient, *files: tuple[bytes, str]) -> str:
    """Send files, get the words typed beside them."""
    answer = send(client, body_of(*files))
    assert answer.status_code == 200
    return answer.text


# ── what it is ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", list(REAL))
@pytest.mark.parametrize("name", ["照片·一.jpg", "合同.pdf", "无名", "setup.exe"])
def test_real_files_are_known_by_content_and_come_out_whole(
    client: FlaskClient, seen: list[dict[str, Any]], kind: str, name: str
) -> None:
    """Whatever they are called; the words typed beside them arrive as well."""
    assert post(client, (REAL[kind], name)) == "您好"
    assert seen == [
        {
            "size": len(REAL[kind]),
            "kind": kind,
            "over": None,
            "opened": (name, kind, len(REAL[kind]), REAL[kind]),
        }
    ]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 100, id="exe"),
        pytest.param(b"<!doctype html><script>alert(1)</script>", id="html"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', id="svg"),
        pytest.param(b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 40, id="zip and docx"),
        pytest.param(b"GIF89a\x01\x00\x01\x00", id="gif"),
        pytest.param(b"\x00\x00\x00\x18ftypheic\x00\x00", id="heic"),
        pytest.param(b"\x7fELF\x02\x01\x01", id="elf"),
        pytest.param(b"#!/bin/sh\nrm -rf /\n", id="script"),
        pytest.param(b"\n" + pdf(), id="pdf that begins later"),
        pytest.param(b"<html>" + pdf(), id="html before a pdf"),
        pytest.param(b"\xff\xd8", id="half a beginning"),
        pytest.param(b"\x89PNG\r\n\x1a", id="all but the last sign of a beginning"),
        pytest.param(b"%PDF", id="too short for a pdf"),
        pytest.param("文字".encode(), id="text"),
    ],
)
@pytest.mark.parametrize("name", ["照片.jpg", "图.png", "合同.pdf"])
def test_other_files_are_refused_whatever_they_are_called(
    client: FlaskClient, seen: list[dict[str, Any]], content: bytes, name: str
) -> None:
    """Renamed programs, pages and archives are counted and not kept."""
    post(client, (content, name))

    assert seen == [{"size": len(content), "kind": None, "over": None, "opened": None}]


@settings(max_examples=60)
@given(
    kind=st.sampled_from(list(REAL)),
    more=st.integers(0, 200_000),
    step=st.sampled_from([1, 2, 3, 7, 8, 1000, 65_536]),
)
def test_the_pieces_in_which_a_file_arrives_do_not_matter(kind: str, more: int, step: int) -> None:
    """A slow line sends it byte by byte: the same kind, size, digest and content."""
    content = grown(len(REAL[kind]) + (more if step > 100 else more % 500), kind)
    with SealingStream(Budget()) as stream:
        for at in range(0, len(content), step):
            assert stream.write(content[at : at + step]) == len(content[at : at + step])
        head = stream.head("a", public_of(OURS))
        meta, clear = open_file(OURS, head, stream.chunks())

        assert (stream.kind, stream.size, stream.over) == (kind, len(content), None)
        assert stream.digest == hashlib.blake2b(content, digest_size=32).hexdigest()
        assert b"".join(clear) == content
        assert (meta.kind, meta.size) == (kind, len(content))


def test_a_kept_file_can_be_read_and_sealed_again_for_another_key() -> None:
    """A second try after a busy store reads the same ciphertext from its beginning."""
    others = bytes(PrivateKey.generate())
    with SealingStream(Budget()) as stream:
        stream.write(REAL["png"])
        first, again = b"".join(stream.chunks()), b"".join(stream.chunks())
        head = stream.head("a", public_of(others))

        assert first == again
        assert len(first) == SEALED_CHUNK
        assert b"".join(open_file(others, head, [first])[1]) == REAL["png"]


# ── how much ─────────────────────────────────────────────────────────────────────────────────


def test_an_empty_file_is_told_as_such(client: FlaskClient, seen: list[dict[str, Any]]) -> None:
    """Size 0 and no kind; nothing to keep."""
    post(client, (b"", "空.pdf"))

    assert seen == [{"size": 0, "kind": None, "over": None, "opened": None}]


@pytest.mark.parametrize(
    ("sizes", "over"),
    [
        ([MOST_BYTES], [None]),
        ([MOST_BYTES + 1], ["size"]),
        ([MOST_BYTES // 2, MOST_BYTES // 2], [None, None]),
        ([MOST_BYTES // 2, MOST_BYTES // 2 + 1], [None, "size"]),
        ([MOST_BYTES + 1, 1000], ["size", "size"]),
        ([1000] * 5, [None] * 5),
        ([1000] * 6, [None] * 5 + ["count"]),
        ([3 * MIB] * 4, [None, None, None, "size"]),
    ],
)
def test_the_limits_hold_over_all_files_together(
    client: FlaskClient, seen: list[dict[str, Any]], sizes: list[int], over: list[str | None]
) -> None:
    """Exactly 10 MB and five files are fine; what is more is counted in full and not kept."""
    assert (MOST_BYTES, MOST_FILES) == (10 * MIB, 5)
    post(client, *[(grown(size), f"{at}.pdf") for at, size in enumerate(sizes)])

    assert [one["over"] for one in seen] == over
    assert [one["size"] for one in seen] == sizes
    assert [one["opened"] is None for one in seen] == [one is not None for one in over]


def test_fields_without_a_chosen_file_count_as_none(
    client: FlaskClient, seen: list[dict[str, Any]]
) -> None:
    """A browser sends an empty part for each empty field."""
    post(client, *[(b"", "")] * 3, *[(REAL["png"], "a.png")] * 5)

    assert [one["over"] for one in seen if one["size"]] == [None] * 5


def test_each_request_has_its_own_budget(client: FlaskClient, seen: list[dict[str, Any]]) -> None:
    """What one citizen sent takes nothing from the next."""
    for _ in range(3):
        post(client, (grown(MOST_BYTES), "a.pdf"))

    assert [one["over"] for one in seen] == [None] * 3


@pytest.mark.parametrize(
    "content", [b"", b"MZ not ours", grown(MOST_BYTES + 1)], ids=["empty", "unknown", "too large"]
)
def test_a_refused_file_gives_neither_head_nor_chunks(content: bytes) -> None:
    """A view that forgets to look cannot store it."""
    with SealingStream(Budget()) as stream:
        stream.write(content)
        with pytest.raises(ValueError, match="nothing was kept"):
            stream.head("a.pdf", public_of(OURS))
        with pytest.raises(ValueError, match="nothing was kept"):
            next(stream.chunks())


def test_the_clear_text_cannot_be_read_back() -> None:
    """Neither read nor sought: what goes in comes out sealed only."""
    with SealingStream(Budget()) as stream:
        stream.write(REAL["pdf"])
        assert stream.seek(0) == 0
        for attempt in (stream.read, stream.readline, lambda: stream.seek(1), stream.tell):
            with pytest.raises((io.UnsupportedOperation, NotImplementedError)):
                attempt()


def test_a_file_of_another_request_class_is_an_error() -> None:
    """An app without SealingRequest would write files in the clear: it fails at once."""
    with pytest.raises(TypeError, match="SealingRequest"):
        sealing_stream(FileStorage(io.BytesIO(b"%PDF-")))


# ── nothing in the clear, nothing left ───────────────────────────────────────────────────────


class Slow(io.RawIOBase):
    """A body that is made while it is read, so that it is never whole in memory."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


HEAD = (
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n'
    b"Content-Type: application/pdf\r\n\r\n"
)
TAIL = b'\r\n--x\r\nContent-Disposition: form-data; name="words"\r\n\r\nok\r\n--x--\r\n'


def stream_body(size: int) -> tuple[Iterator[bytes], int]:
    """A multipart body with one PDF of that size, of noise, and its whole length."""
    noise = random.Random(3).randbytes(MIB - 1)

    def pieces() -> Iterator[bytes]:
        yield HEAD + b"%PDF-"
        left = size - 5
        while left > 0:
            yield noise[: min(left, len(noise))]
            left -= len(noise)
        yield TAIL

    return pieces(), len(HEAD) + size + len(TAIL)


@pytest.mark.parametrize("size", [50 * MIB, MOST_BYTES], ids=["50 MB, thrown away", "10 MB, kept"])
def test_memory_stays_flat(size: int) -> None:
    """However large the file: three megabytes at any moment, one of which is this test's own."""
    made = Flask(__name__)
    made.request_class = SealingRequest
    found: list[tuple[int, object, int]] = []

    @made.post("/")
    def take() -> str:
        stream = sealing_stream(request.files["files"])
        sealed = 0 if stream.over else sum(len(one) for one in stream.chunks())
        found.append((stream.size, stream.over, sealed))
        return request.form["words"]

    pieces, length = stream_body(size)
    environ = EnvironBuilder(method="POST").get_environ()
    environ["CONTENT_TYPE"] = "multipart/form-data; boundary=x"
    environ["CONTENT_LENGTH"] = str(length)
    environ["wsgi.input"] = io.BufferedReader(Slow(pieces), 65_536)
    tracemalloc.start()
    try:
        with made.request_context(environ):
            assert made.full_dispatch_request().get_data() == b"ok"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    kept = size <= MOST_BYTES
    chunks = size // 65_536 + 1
    assert found == [(size, None if kept else "size", chunks * SEALED_CHUNK if kept else 0)]
    assert peak < 3 * MIB


def open_files() -> dict[str, bytes]:
    """Every nameless file that this process has open, with all its bytes."""
    found = {}
    for handle in Path("/proc/self/fd").iterdir():
        try:
            if "(deleted)" in str(handle.readlink()):
                found[handle.name] = handle.read_bytes()
        except OSError:
            continue
    return found


def test_no_clear_byte_touches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spooled file holds ciphertext only, has no name, and is gone afterwards."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    word = "张三·反映龙潭乡的事".encode()
    content = grown(MIB) + word * 20_000
    before = open_files().keys()
    stream = SealingStream(Budget())
    for at in range(0, len(content), 50_000):
        stream.write(content[at : at + 50_000])
    stream.seek(0)
    sealed = b"".join(stream.chunks())
    spooled = {name: raw for name, raw in open_files().items() if name not in before}

    assert sealed in spooled.values()  # it is on the disk, this is the file
    for raw in [*spooled.values(), *(path.read_bytes() for path in tmp_path.rglob("*"))]:
        assert word not in raw
        assert b"%PDF" not in raw
        assert b"\n" * 20 not in raw
    assert list(tmp_path.rglob("*")) == []
    stream.close()
    assert open_files().keys() == before


def test_nothing_is_left_after_a_request(client: FlaskClient, seen: list[dict[str, Any]]) -> None:
    """Kept, refused or too many: no file stays open, though the view closed none."""
    before = open_files().keys()
    post(client, *[(grown(MIB), "a.pdf")] * 4, (b"MZ" + b"\0" * MIB, "b.pdf"))

    assert len(seen) == 5
    assert open_files().keys() == before


def test_a_body_that_breaks_off_leaves_nothing(app: Flask, seen: list[dict[str, Any]]) -> None:
    """The citizen's line breaks in the middle of a file: no file is taken, none left open."""
    before = open_files().keys()
    answer = send(app.test_client(), HEAD + grown(2 * MIB), missing=1000)

    assert (answer.status_code, answer.text, seen) == (200, "", [])
    assert open_files().keys() == before


def test_files_are_closed_with_their_request_not_when_somebody_tidies_up(app: Flask) -> None:
    """Also one that the parser never finished, and while something still refers to it."""
    streams: list[Any] = []

    class Remembering(SealingRequest):
        def _get_file_stream(self, *given: Any, **more: Any) -> Any:
            streams.append(super()._get_file_stream(*given, **more))
            return streams[-1]

    app.request_class = Remembering
    send(app.test_client(), body_of((grown(MIB), "a.pdf"), (b"", "")))
    send(app.test_client(), HEAD + grown(2 * MIB), missing=1000)

    assert [one.closed for one in streams] == [True] * 3


def test_a_full_disk_is_told_and_leaves_nothing(app: Flask) -> None:
    """No room for ciphertext: the form's words are parsed, and asking for the file says it."""
    seen: list[tuple[str | None, int]] = []

    @app.post("/full")
    def full() -> str:
        stream = sealing_stream(request.files["files"])
        seen.append((stream.over, stream.size))
        with pytest.raises(StoreFull) as caught:
            stream.head("a.pdf", public_of(OURS))
        assert caught.value.certain
        return request.form["words"]

    before = open_files().keys()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, hard))  # no file may grow beyond 1 MB
    try:
        answer = send(app.test_client(), body_of((grown(3 * MIB), "a.pdf")), path="/full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert answer.status_code == 200
    assert [("room", 3 * MIB)] == seen
    assert open_files().keys() == before


@pytest.mark.parametrize("leave", [lambda one: one.close(), lambda one: None])
def test_a_stream_may_be_closed_twice_or_forgotten(
    leave: Callable[[SealingStream], None],
) -> None:
    """Neither raises nor warns, and the file behind it is gone."""
    before = open_files().keys()
    stream = SealingStream(Budget())
    stream.write(grown(2 * MIB))
    assert open_files().keys() != before
    leave(stream)
    leave(stream)
    del stream

    assert open_files().keys() == before
