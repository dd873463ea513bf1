"""The private keys while the desk is open: in this process's memory, and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from intake_app.envelopes import public_of
from intake_app.errors import KeysMissing, VaultLocked
from intake_app.records import Lane
from intake_app.sealing import Lane as Key
from intake_app.sealing import Secrets, unlock

__all__ = ["LANES", "LANE_WORDS", "Vault"]

_KEYS: Mapping[Lane, Key] = {"common": "office", "confidential": "confidential"}
LANES: tuple[Lane, ...] = tuple(_KEYS)
LANE_WORDS: Mapping[Lane, str] = {"common": "普通信件", "confidential": "检举控告"}


class Vault:
    """What opens a lane's envelopes, once somebody gave the lane's passphrase. Thread-safe."""

    def __init__(self, keys_dir: Path, secrets: Secrets) -> None:
        self._keys_dir = keys_dir
        self._secrets = secrets
        self._held: dict[Lane, bytes] = {}
        self._one = threading.Lock()  # unlocking takes a second and much memory

    def __repr__(self) -> str:
        return "Vault(…)"

    def __reduce__(self) -> str:
        raise TypeError("keys stay in their process")

    def is_open(self, lane: Lane) -> bool:
        return lane in self._held

    def key(self, lane: Lane) -> bytes:
        """The lane's private key. Raises VaultLocked."""
        found = self._held.get(lane)
        if found is None:
            raise VaultLocked("locked", f"{LANE_WORDS[lane]}的正文还锁着。", lane=lane)
        return found

    def open(self, lane: Lane, passphrase: str) -> None:
        """Raises WrongPassphrase; KeysMissing if the key files are not there or not a pair."""
        with self._one:
            key = unlock(self._keys_dir, _KEYS[lane], passphrase)
        if public_of(key) != getattr(self._secrets, _KEYS[lane]):
            says = "desk.json 和 public.json 不是一套，请把同一次生成的两个文件放在一起。"
            raise KeysMissing("keys-mixed", says)
        self._held[lane] = key

    def close(self, lane: Lane) -> None:
        """Lock again, for everybody."""
        self._held.pop(lane, None)
