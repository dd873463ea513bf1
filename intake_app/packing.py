"""Pages packed for slow lines in such a way that their size tells nothing of what is in them.

To compress a reader's words beside a token lets whoever sees sizes guess the token (BREACH). So
only what is the same for everybody is compressed, each such piece once and by itself, and kept;
all else goes between these pieces as it is, in the same gzip stream.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from flask import Response, g, request

_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # gzip, no name, no date
_END = b"\x03\0"  # an empty last block
_BLOCK = 65_535  # bytes that a stored block can hold


def pack(response: Response) -> Response:
    """After each request: gzip for whoever takes it. ``g.pieces``, else the frame, is packed."""
    frame = g.get("framing")
    if frame is None or response.mimetype != "text/html" or response.is_streamed:
        return response
    response.headers.add("Vary", "Accept-Encoding")
    if "HTTP_ACCEPT_ENCODING" in request.environ and request.accept_encodings["gzip"] > 0:
        pieces = g.get("pieces", (frame.head, frame.top, frame.foot))
        response.set_data(packed(response.get_data(), pieces))
        response.headers["Content-Encoding"] = "gzip"
    return response


def packed(page: bytes, pieces: Iterable[str]) -> bytes:
    """A gzip stream of the page, compressing the ``pieces`` that stand in it in this order."""
    parts = [_HEAD, *_blocks(page, [_piece(one) for one in pieces]), _END]
    return b"".join((*parts, struct.pack("<II", zlib.crc32(page), len(page))))


def _blocks(page: bytes, pieces: Sequence[tuple[bytes, bytes]]) -> Iterator[bytes]:
    at = 0
    for plain, small in pieces:
        found = page.find(plain, at)
        if found < 0:
            continue
        yield from _stored(page[at:found])
        yield small
        at = found + len(plain)
    yield from _stored(page[at:])


def _stored(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), _BLOCK):
        part = content[at : at + _BLOCK]
        yield struct.pack("<BHH", 0, len(part), len(part) ^ _BLOCK)
        yield part


@lru_cache(maxsize=64)
def _piece(text: str) -> tuple[bytes, bytes]:
    """A piece and its deflate blocks, which end at a whole byte and refer to nothing before."""
    plain = text.encode()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return plain, deflate.compress(plain) + deflate.flush(zlib.Z_FULL_FLUSH)
