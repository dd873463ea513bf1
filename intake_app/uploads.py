"""Files as they arrive; exists so that no clear byte of a file touches the disk or fills memory.

With ``SealingRequest`` as the app's request class, the multipart parser writes each file into a
``SealingStream``, which looks at its first bytes, counts, and seals chunk by chunk under a random
key. Whose key may open it is said later, to ``head``: nothing has to be set before a form is
parsed. What is over a limit is counted and thrown away, so that the page can say by how much.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Literal, cast

from flask import Request
from werkzeug.datastructures import FileStorage

from intake_app.envelopes import SEALED_CHUNK, FileSealer
from intake_app.errors import StoreFull

Kind = Literal["jpeg", "png", "pdf"]
Over = Literal["size", "count", "room"]

MOST_FILES = 5
#: Clear bytes of all files of a form together.
MOST_BYTES = 10 * 1024 * 1024
#: A body that is larger is cut off unread. Ten photographs must still get a page that explains.
BODY_LIMIT = 32 * 1024 * 1024

_BEGINNINGS: dict[bytes, Kind] = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"%PDF-": "pdf",
}
_LONGEST_BEGINNING = max(len(one) for one in _BEGINNINGS)
_IN_MEMORY = 4 * SEALED_CHUNK


@dataclass(slots=True)
class Budget:
    """What the files of one request may still take together."""

    bytes: int = MOST_BYTES
    files: int = MOST_FILES


class SealingStream(io.RawIOBase):
    """One file on its way in: written once from front to end, never read back in the clear.

    ``size``: clear bytes, those thrown away too. ``kind``: what it begins as, which says neither
    that it is whole nor harmless; None if it is no file that we take. ``over``: the limit that it
    broke. ``digest``: BLAKE2b of the clear bytes, hex.
    """

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self.size = 0
        self.over: Over | None = None
        self._budget = budget
        self._first = b""
        self._hash = blake2b(digest_size=32)
        self._sealer: FileSealer | None = None  # from the first byte on: most fields stay empty
        self._finished = False
        self._sealed = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed in close

    @property
    def kind(self) -> Kind | None:
        found = (kind for begins, kind in _BEGINNINGS.items() if self._first.startswith(begins))
        return next(found, None)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: Any, /) -> int:
        """Take clear bytes. Never fails: a full disk is told by ``over``, and the words stay."""
        clear = bytes(data)
        if clear and not self.size:
            self._sealer = FileSealer()
            self._count()
        self.size += len(clear)
        self._budget.bytes -= len(clear)
        self._first += clear[: _LONGEST_BEGINNING - len(self._first)]
        self._hash.update(clear)
        if self._budget.bytes < 0:
            self.over = self.over or "size"
        if self.over or (self.kind is None and len(self._first) == _LONGEST_BEGINNING):
            self._throw_away()
        if self._sealer is not None:
            self._keep(self._sealer.push(clear))
        return len(clear)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """The parser rewinds a file at its end; there is nothing to rewind."""
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("sealed")
        return 0

    def head(self, name: str, public_key: bytes) -> bytes:
        """Key, name, kind and size, sealed. ValueError if empty, of no known kind, over a limit."""
        return self._finish().head(public_key, name, self.kind or "")

    def chunks(self) -> Iterator[bytes]:
        """The ciphertext, from its beginning. Raises as ``head`` does."""
        self._finish()
        self._sealed.seek(0)
        while piece := self._sealed.read(SEALED_CHUNK):
            yield piece

    def close(self) -> None:
        """Forget everything. Again: no harm."""
        self._throw_away()
        super().close()

    def _count(self) -> None:
        """A field without a chosen file arrives as an empty one, and counts as none."""
        self._budget.files -= 1
        if self._budget.files < 0:
            self.over = "count"

    def _finish(self) -> FileSealer:
        sealer = self._sealer
        if sealer and self.kind and not self._finished:
            self._finished = True
            self._keep(sealer.finish())
        if self.over == "room":
            raise StoreFull("no-room", "服务器没有地方放材料了。", certain=True)
        if sealer is None or self.kind is None:
            raise ValueError("nothing was kept of this file")
        return sealer

    def _keep(self, sealed: bytes) -> None:
        try:
            self._sealed.write(sealed)
            if self._finished:
                self._sealed.flush()
        except OSError:
            self.over = "room"
            self._throw_away()

    def _throw_away(self) -> None:
        self._sealer = None
        with suppress(OSError):  # on a full disk even the close fails, and closes all the same
            self._sealed.close()


class SealingRequest(Request):
    """A Flask request whose files are sealed while they arrive, within one shared budget."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._budget = Budget()
        self._streams: list[SealingStream] = []

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        stream = SealingStream(self._budget)
        self._streams.append(stream)
        return cast(IO[bytes], stream)

    def close(self) -> None:
        """Close the files, also those that the parser left when the body was cut off."""
        super().close()
        for stream in self._streams:
            stream.close()


def sealing_stream(file: FileStorage) -> SealingStream:
    """The stream behind a file of ``request.files``."""
    if not isinstance(file.stream, SealingStream):
        raise TypeError("the app's request class is not SealingRequest")
    return file.stream
