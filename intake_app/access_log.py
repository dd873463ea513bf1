"""Who did what, to which case, when; kept by law, and so that curiosity leaves a trace.

An entry holds identifiers alone: never content, never a petitioner's name. Entries are added, and
deleted by ``purge`` when they are old; there is no other way to change them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Executable, bindparam, case, insert, select

from intake_app.records import moment, seconds
from intake_app.store import Store
from intake_app.tables import access, staff, submissions

__all__ = ["DEEDS", "NOBODY", "AccessLog", "Deed", "write_entry"]

#: Everything that is logged, as the director reads it.
DEEDS: Mapping[str, str] = {
    "opened": "打开正文",
    "file": "打开材料",
    "printed": "打印",
    "searched": "搜索正文",
    "exported": "导出",
    "denied": "没有权限，被拒绝",
    "login": "登录",
    "login-failed": "登录没有成功",
    "locked-out": "连续输错，账号锁定",
    "logout": "退出",
    "unlocked": "解锁正文",
    "unlock-failed": "解锁口令不对",
    "locked": "锁上正文",
    "password-changed": "换了自己的口令",
    "second-factor-set": "设了自己的第二步验证",
    "account-added": "添加账号",
    "account-changed": "改了账号",
    "password-reset": "重设口令",
    "second-factor-reset": "重设第二步验证",
    "account-unlocked": "解除账号锁定",
    "account-stopped": "停用账号",
    "account-resumed": "恢复账号",
}
#: A login name that is nobody's is not kept: it may be a password typed into the wrong field.
NOBODY = "-"
_INSERT = insert(access)
#: Numbers of reports of wrongdoing are the report officer's alone.
_NUMBER = case((submissions.c.lane == "common", submissions.c.number)).label("number")
_ENTRIES = (
    select(access, staff.c.name, _NUMBER)
    .outerjoin(staff, staff.c.id == access.c.staff)
    .outerjoin(submissions, submissions.c.id == access.c.case_id)
    .order_by(access.c.id.desc())
)
_OF_CASE = (
    select(access, staff.c.name, submissions.c.number)
    .outerjoin(staff, staff.c.id == access.c.staff)
    .outerjoin(submissions, submissions.c.id == access.c.case_id)
    .where(access.c.case_id == bindparam("case_id"))
    .order_by(access.c.id)
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed. ``name``: the account's, if there is one still; ``number``: None also if purged."""

    id: int
    at: datetime
    staff: str
    name: str | None
    what: str
    case_id: int | None
    number: str | None
    ref: str | None

    @property
    def says(self) -> str:
        return DEEDS[self.what]


def write_entry(
    connection: Connection,
    who: str,
    what: str,
    now: datetime,
    *,
    case_id: int | None = None,
    ref: str | None = None,
) -> None:
    """Add an entry inside a transaction of the caller's. ValueError for what is no deed."""
    if what not in DEEDS:
        raise ValueError(what)
    row = {"at": seconds(now), "staff": who, "case_id": case_id, "what": what, "ref": ref}
    connection.execute(_INSERT, row)


class AccessLog:
    """The log of one queue. Raises NotReceived: what can't be logged must not be done."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(
        self,
        who: str,
        what: str,
        now: datetime,
        *,
        case_id: int | None = None,
        ref: str | None = None,
    ) -> None:
        """Add an entry; returns after the commit."""
        self._store.write(
            lambda connection: write_entry(connection, who, what, now, case_id=case_id, ref=ref)
        )

    def note_each(self, who: str, what: str, now: datetime, case_ids: Iterable[int]) -> None:
        """An entry for each case, in one transaction; returns after the commit."""
        ids = list(case_ids)

        def job(connection: Connection) -> None:
            for case_id in ids:
                write_entry(connection, who, what, now, case_id=case_id)

        if ids:
            self._store.write(job)

    def entries(
        self, who: str | None = None, *, before: int | None = None, many: int = 100
    ) -> tuple[Deed, ...]:
        """The newest entries, of one account or of all; ``before`` an entry's id, to page on."""
        statement = _ENTRIES.limit(many)
        if who is not None:
            statement = statement.where(access.c.staff == who)
        if before is not None:
            statement = statement.where(access.c.id < before)
        return self._read(statement, {})

    def of_case(self, case_id: int) -> tuple[Deed, ...]:
        """All that was done to a case, oldest first."""
        return self._read(_OF_CASE, {"case_id": case_id})

    def _read(self, statement: Executable, values: Mapping[str, object]) -> tuple[Deed, ...]:
        rows = self._store.read(lambda connection: connection.execute(statement, values).all())
        return tuple(Deed(**row._asdict() | {"at": moment(row.at)}) for row in rows)
