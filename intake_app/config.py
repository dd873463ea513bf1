"""The settings, read once from an injected mapping into a frozen object.

Nothing else reads the environment. Every setting is a field of ``Config`` with its name, its
default and a sentence; docs/operation.md is tested against them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from casework.workdays import SHANGHAI
from intake_app.errors import SettingWrong

_MEGABYTE = 1024 * 1024
_DATABASE = re.compile(r"(sqlite|postgresql)(\+\w+)?://.+")
_COUNTED = re.compile(r"memory://|rediss?(\+\w+)?://.+")
_LIMIT = re.compile(r"\d+ per (\d+ )?(second|minute|hour|day)s?")


def _number(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError(text)
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 60:
        raise ValueError(text)
    return value


def _limit(text: str) -> str:
    if not all(_LIMIT.fullmatch(one.strip()) for one in text.split(";")):
        raise ValueError(text)
    return text


def _like(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return text

    return parse


def _yes(text: str) -> bool:
    return {"1": True, "0": False}[text]


def _moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=value.tzinfo or SHANGHAI)


def _prefix(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError(text)
    return text.rstrip("/")


def _setting(default: Any, says: str, parse: Callable[[str], Any] = str) -> Any:
    return field(default=default, metadata={"says": says, "parse": parse})


@dataclass(frozen=True, slots=True)
class Config:
    """Where things are and how much is allowed. Sizes in bytes, times in seconds."""

    home: Path = _setting(Path("var"), "数据目录：数据库和密钥", Path)
    site: Path = _setting(Path("site"), "build.py 生成的网站，读里面的 data/", Path)
    keys: Path | None = _setting(None, "密钥目录，默认是数据目录里的 keys", Path)
    database_url: str = _setting(
        "",
        "数据库地址，像 sqlite:////srv/intake.sqlite3 或者 postgresql+psycopg://用户@主机/库名",
        _like(_DATABASE),
    )
    prefix: str = _setting("", "本服务在网址里的路径，例如 /xinfang/online", _prefix)
    serve_site: bool = _setting(False, "1：静态网站也由本服务发送", _yes)
    proxies: int = _setting(0, "前面有几层可信的反向代理", _number)
    workers: int = _setting(2, "服务进程数", _count)
    threads: int = _setting(6, "每个进程的线程数", _count)
    rate_storage: str = _setting(
        "memory://", "限流计数放在哪里，memory:// 或者多台机器用 redis://主机", _like(_COUNTED)
    )
    filing_limit: str = _setting("20 per minute", "一个网络一种表单可以提交的次数", _limit)
    upload_limit: str = _setting("400 per hour", "一个网络可以传多少MB", _limit)
    page_limit: str = _setting("600 per minute", "一个网络可以提交、查进度的次数", _limit)
    code_limit: str = _setting("10 per 15 minutes", "一个编号可以输错查询码的次数", _limit)
    min_seconds: int = _setting(2, "少于几秒填完的，请再看一遍", _number)
    floor_mb: int = _setting(256, "磁盘剩余少于多少MB就停止受理", _number)
    desk_prefix: str = _setting("", "受理台在网址里的路径，单独一个地址的不用写", _prefix)
    desk_idle_minutes: int = _setting(30, "受理台几分钟不动就退出", _count)
    desk_session_hours: int = _setting(10, "受理台登录以后最多几小时", _count)
    desk_login_limit: str = _setting(
        "20 per 15 minutes", "一个网络可以输错受理台口令、验证码的次数", _limit
    )
    patience: float = _setting(2.0, "数据库忙时最多等几秒", _seconds)
    now: datetime | None = _setting(None, "演示和测试用：从这一刻起走的钟", _moment)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str]) -> Config:
        """Read ``INTAKE_*``; SettingWrong names all settings that are unknown or unusable."""
        known = {f"INTAKE_{one.name.upper()}": one for one in fields(cls)}
        given, wrong = {}, []
        for name, text in mapping.items():
            if not name.startswith("INTAKE_") or text == "":
                continue
            if name not in known:
                wrong.append(f"没有 {name} 这个设置")
                continue
            try:
                given[known[name].name] = known[name].metadata["parse"](text)
            except (ValueError, KeyError):
                wrong.append(f"{name} 的值不对\uff1a{known[name].metadata['says']}")
        if wrong:
            raise SettingWrong("setting", "\uff1b".join(wrong))
        return cls(**given)

    @property
    def keys_dir(self) -> Path:
        return self.keys or self.home / "keys"

    @property
    def store_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.home / 'intake.sqlite3').absolute()}"

    @property
    def floor(self) -> int:
        return self.floor_mb * _MEGABYTE

    def clock(self) -> Callable[[], datetime]:
        """The only clock of the service: Asia/Shanghai, shifted if ``now`` is set."""
        ahead = self.now - datetime.now(SHANGHAI) if self.now else timedelta()
        return lambda: datetime.now(SHANGHAI) + ahead


def documented() -> list[tuple[str, str, str]]:
    """Name, default and sentence of every setting."""
    return [
        (
            f"INTAKE_{one.name.upper()}",
            "" if one.default in (None, MISSING) else str(one.default),
            one.metadata["says"],
        )
        for one in fields(Config)
    ]
