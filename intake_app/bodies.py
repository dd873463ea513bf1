"""A large body while it arrives: enciphered under a key that only memory holds.

A slow sender must hold no thread, so the body is gathered before the app sees it; it may be files
of a citizen, so no clear byte of it may touch the disk; and memory stays flat.
"""

from __future__ import annotations

import io
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from nacl.secret import SecretBox
from nacl.utils import random

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 64 * 1024
_SEALED = _CHUNK + SecretBox.NONCE_SIZE + SecretBox.MACBYTES


class VeiledBody(io.RawIOBase):
    """Filled with ``take``, closed to that by ``whole``, then read once like any stream."""

    def __init__(self) -> None:
        super().__init__()
        self._box = SecretBox(random(SecretBox.KEY_SIZE))
        self._file = SpooledTemporaryFile(max_size=_SEALED)  # noqa: SIM115 - closed in close
        self._clear = bytearray()

    def take(self, piece: bytes) -> None:
        """Clear bytes as they come. Raises OSError if there is no room for them."""
        self._clear += piece
        while len(self._clear) >= _CHUNK:
            self._put(bytes(self._clear[:_CHUNK]))
            del self._clear[:_CHUNK]

    def whole(self) -> None:
        """All has come; from here on it is read. Raises OSError as ``take`` does."""
        self._put(bytes(self._clear))
        self._clear.clear()
        self._file.seek(0)

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer, /) -> int:
        if not self._clear and (sealed := self._file.read(_SEALED)):
            self._clear += self._box.decrypt(sealed)
        target = memoryview(into).cast("B")
        count = min(len(target), len(self._clear))
        target[:count] = self._clear[:count]
        del self._clear[:count]
        return count

    def close(self) -> None:
        self._file.close()
        super().close()

    def _put(self, clear: bytes) -> None:
        self._file.write(self._box.encrypt(clear))
