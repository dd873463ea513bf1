"""Sealed texts and sealed files; exists so that what leaves the process is ciphertext of one form.

An envelope shows that it was not changed, not who wrote it: public keys are public. Keys and
envelopes are bytes.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from intake_app.errors import BadEnvelope

#: Envelopes grow in steps of this many bytes, so that their length says little.
BLOCK = 1024
#: Clear bytes of a file's chunk, and what a chunk takes once sealed. The last one is padded.
CHUNK = 64 * 1024
SEALED_CHUNK = CHUNK + bindings.crypto_secretstream_xchacha20poly1305_ABYTES

_FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


@dataclass(frozen=True, slots=True)
class FileMeta:
    """What is known of a file apart from its bytes. The name may tell a person's."""

    name: str = field(repr=False)
    kind: str
    size: int


def public_of(private_key: bytes) -> bytes:
    """The public half of an X25519 key."""
    return bytes(PrivateKey(private_key).public_key)


def key_id(public_key: bytes) -> str:
    """16 hex digits to tell keys apart in the queue and on paper."""
    return blake2b(public_key, digest_size=8, person=b"key-id").hexdigest()


def seal(public_key: bytes, payload: bytes) -> bytes:
    """An envelope that only the private key opens, a multiple of ``BLOCK`` and 48 bytes long."""
    return SealedBox(PublicKey(public_key)).encrypt(bindings.sodium_pad(payload, BLOCK))


def open_sealed(private_key: bytes, box: bytes) -> bytes:
    """The payload. Raises BadEnvelope when the box was changed or is for another key."""
    try:
        padded = SealedBox(PrivateKey(private_key)).decrypt(box)
        return bindings.sodium_unpad(padded, BLOCK)
    except CryptoError:
        raise _bad_envelope() from None


class FileSealer:
    """Seals a file while it passes, under a key of its own that goes, sealed, into its head.

    All chunks are ``SEALED_CHUNK`` bytes: what is stored tells a file's size in steps of 64 KiB,
    too coarse to show that it is a copy of some known document.
    """

    def __init__(self) -> None:
        self.size = 0
        self._key = bindings.crypto_secretstream_xchacha20poly1305_keygen()
        self._stream = bindings.crypto_secretstream_xchacha20poly1305_state()
        self._header = bindings.crypto_secretstream_xchacha20poly1305_init_push(
            self._stream, self._key
        )
        self._rest = bytearray()
        self._finished = False

    def push(self, data: bytes) -> bytes:
        """Take clear bytes, give the whole sealed chunks that they complete, if any."""
        if self._finished:
            raise ValueError("the file is finished")
        self.size += len(data)
        self._rest += data
        whole = len(self._rest) // CHUNK * CHUNK
        ready = b"".join(
            self._seal(bytes(self._rest[at : at + CHUNK]), _MESSAGE)
            for at in range(0, whole, CHUNK)
        )
        del self._rest[:whole]
        return ready

    def finish(self) -> bytes:
        """The last sealed chunk. Without it the file does not open."""
        last = self._seal(bindings.sodium_pad(bytes(self._rest), CHUNK), _FINAL)
        self._rest.clear()
        self._finished = True
        return last

    def head(self, public_key: bytes, name: str, kind: str) -> bytes:
        """The envelope with the file's key, name, kind and size. ValueError before the end."""
        if not self._finished:
            raise ValueError("the file is not finished")
        meta = {"name": name, "kind": kind, "size": self.size}
        keys = {"key": b64encode(self._key).decode(), "header": b64encode(self._header).decode()}
        return seal(public_key, json.dumps(meta | keys).encode())

    def _seal(self, clear: bytes, tag: int) -> bytes:
        if self._finished:
            raise ValueError("the file is finished")
        return bindings.crypto_secretstream_xchacha20poly1305_push(self._stream, clear, tag=tag)


def open_file(
    private_key: bytes, head: bytes, chunks: Iterable[bytes]
) -> tuple[FileMeta, Iterator[bytes]]:
    """What ``FileSealer`` sealed; ``chunks`` may be cut anywhere. Memory stays flat.

    Raises BadEnvelope, the iterator too: a file cut short shows only at its end, so what was read
    before is thrown away then.
    """
    stream = bindings.crypto_secretstream_xchacha20poly1305_state()
    try:
        found = json.loads(open_sealed(private_key, head))
        meta = FileMeta(str(found["name"]), str(found["kind"]), int(found["size"]))
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(
            stream, b64decode(found["header"]), b64decode(found["key"])
        )
    except (LookupError, ArithmeticError, ValueError, TypeError, RecursionError, CryptoError):
        raise _bad_envelope() from None
    return meta, _clear(stream, meta.size, chunks)


def _clear(
    stream: bindings.crypto_secretstream_xchacha20poly1305_state,
    size: int,
    chunks: Iterable[bytes],
) -> Iterator[bytes]:
    rest, last = bytearray(), False
    for chunk in chunks:
        rest += chunk
        while len(rest) >= SEALED_CHUNK and not last:
            sealed = bytes(rest[:SEALED_CHUNK])
            del rest[:SEALED_CHUNK]
            try:
                clear, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(stream, sealed)
                last = tag == _FINAL
                clear = bindings.sodium_unpad(clear, CHUNK) if last else clear
            except CryptoError:
                raise _bad_envelope() from None
            size -= len(clear)
            yield clear
        if last and rest:
            break
    if rest or size or not last:
        raise _bad_envelope()


def _bad_envelope() -> BadEnvelope:
    says = "密封的内容被改动过、不完整，或者不是用这把钥匙封的。"
    return BadEnvelope("envelope", says)
