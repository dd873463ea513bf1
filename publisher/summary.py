"""What is different from the last build, in a sentence for the clerk who ran it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

_ORDER = ("换人", "改期", "改时间", "改地点", "取消", "暂停", "恢复", "增加")


def read_calendar(site: Path) -> dict[str, Any] | None:
    """``data/calendar.json`` of a built site, or None if there is none to compare with."""
    try:
        data = json.loads((site / "data" / "calendar.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and isinstance(data.get("sessions"), list) else None


def differences(old: dict[str, Any] | None, new: dict[str, Any]) -> list[str]:
    """Lines such as ``12月:换人1次、改期1次、取消1次``; empty when nothing is different."""
    if old is None:
        return []
    known = {session["id"]: session for session in old["sessions"]}
    changed: dict[str, Counter[str]] = {}
    fresh: Counter[str] = Counter()
    for session in new["sessions"]:
        month = session["original"]["date"][:7]
        before = known.get(session["id"])
        told = len(before["changes"]) if before else 0
        if before is None and not session["changes"]:
            fresh[month] += 1
        for change in session["changes"][told:]:
            changed.setdefault(month, Counter()).update(change["what"])
    lines = [f"{_month(month)}：新公布{count}场" for month, count in sorted(fresh.items())]
    for month, counts in sorted(changed.items()):
        told_words = "、".join(f"{what}{counts[what]}次" for what in _ORDER if counts[what])
        lines.append(f"{_month(month)}：{told_words}")
    return lines


def _month(month: str) -> str:
    return f"{int(month[5:])}月"
