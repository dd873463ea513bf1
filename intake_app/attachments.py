"""Files that came with a form: refused with a reason, or stored sealed until the form is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from secrets import token_bytes

from werkzeug.datastructures import FileStorage

from intake_app.envelopes import key_id
from intake_app.filing import Kept, Ticket, kept_token
from intake_app.forms import clean
from intake_app.service import Service
from intake_app.uploads import MOST_BYTES, MOST_FILES, sealing_stream


def keep(
    home: Service, ticket: Ticket, draft: bytes, lane: str, arrived: Sequence[FileStorage]
) -> list[Kept]:
    """Seal each file to its lane's office and store it. Raises NotReceived."""
    stored = [_store(home, draft, lane, one) for one in arrived]
    return [replace(one, token=kept_token(ticket, one)) for one in stored]


def attach(
    home: Service, lane: str, arrived: Sequence[FileStorage]
) -> tuple[bytes, tuple[str, ...]]:
    """Seal and store what the desk adds to a case: the draft that they are under, and their ids."""
    draft = token_bytes(32)
    return draft, tuple(_store(home, draft, lane, one).id for one in arrived)


def _store(home: Service, draft: bytes, lane: str, file: FileStorage) -> Kept:
    key, stream = home.public_key(lane), sealing_stream(file)
    name = clean(file.filename) or "材料"
    head = stream.head(name, key)
    file_id = home.store.keep_file(draft, head, key_id(key), stream.chunks(), home.now())
    return Kept(file_id, name, stream.kind or "", stream.size, stream.digest, lane)


def refusal(arrived: Sequence[FileStorage], kept: Sequence[Kept]) -> str | None:
    """Why the files of a post are not taken; None if they are."""
    streams = [sealing_stream(one) for one in arrived]
    others = "。这次一起选的别的材料，也请再选一次" if len(arrived) > 1 else ""
    if len(arrived) + len(kept) > MOST_FILES:
        return f"材料最多{MOST_FILES}个，现在有{len(arrived) + len(kept)}个，请少选几个"
    if sum(one.size for one in streams) + sum(one.size for one in kept) > MOST_BYTES:
        return "材料一共不能超过10MB，请少选几个，或者把照片拍小一点"
    for one, stream in zip(arrived, streams, strict=True):
        if stream.size == 0:
            return f"“{one.filename}”是空的，请重新选{others}"
        if stream.over in ("size", "count"):
            return "材料太多或者太大，请少选几个"
        if stream.kind is None and stream.over is None:
            return f"“{one.filename}”{_cure(one.filename or '')}{others}"
    return None


def _cure(name: str) -> str:
    """What to do with a file of a kind that is not taken."""
    if name.lower().endswith((".heic", ".heif")):  # telephones of Apple, and many others
        return (
            "是HEIC格式的照片，这里打不开。请在手机上打开它截一张屏，交截图；"
            "或者把相机的格式改成“兼容性最佳”（JPEG），再拍一张"
        )
    return "不是照片（JPEG、PNG）也不是PDF，这里打不开。文档请另存为PDF，别的请拍成照片"
