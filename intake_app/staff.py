"""The desk's accounts: who may come in, as what, and what happens when somebody tries.

All statements about them are here. What says who may do what carries a MAC under a key that the
public service does not hold: a row that was put in or changed past the desk is no account.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from casework.courses import ROLES as EVERYONE
from intake_app.access_log import NOBODY, write_entry
from intake_app.credentials import Hasher, step_of, weakness
from intake_app.errors import BadEnvelope, StaffRefused
from intake_app.records import Lane, moment, seconds
from intake_app.sealing import StaffKeys, row_mac, unwrap_secret, wrap_secret
from intake_app.store import Store
from intake_app.tables import docket, staff

__all__ = ["ALL", "COMMAND", "ROLES", "Accounts", "Newcomer", "Staff"]

#: Roles of people at the desk, as they are called on it.
ROLES: Mapping[str, str] = {one: name for one, name in EVERYONE.items() if one != "petitioner"}
ALL = "*"
#: Who acts when a command does: the machine's administrator, who has no account here.
COMMAND = "command"
TRIES = 5
LOCKED = timedelta(minutes=15)
_LOGIN = re.compile(r"[a-z][a-z0-9]{1,31}")
_LONGEST_NAME = 60
_S = staff.c
_SIGNED = (
    "id", "name", "role", "institutions", "unit", "person", "password", "fresh", "totp",
    "active", "epoch", "made_at",
)  # fmt: skip
_ONE = select(staff).where(_S.id == bindparam("which"))
_FREED = (
    update(docket)
    .where(docket.c.claimed == bindparam("who"), docket.c.closed.is_(None))
    .values(claimed=None)
)
_EVERY = select(staff).order_by(_S.active.desc(), _S.role, _S.id)
_INSERT = insert(staff)
_THIS = update(staff).where(_S.id == bindparam("which"))
_FREE = or_(_S.locked_until.is_(None), _S.locked_until <= bindparam("now"))
_COUNT = (
    _THIS.where(_FREE)
    .values(failed=_S.failed + 1, locked_until=None)
    .returning(_S.failed)
)  # fmt: skip
_LOCK = _THIS.values(failed=0, locked_until=bindparam("until"))
_ENTER = _THIS.where(
    _S.active.is_(True), _FREE, or_(_S.totp_last.is_(None), _S.totp_last < bindparam("step"))
).values(totp_last=bindparam("step"), failed=0, locked_until=None)
_OTHER_DIRECTORS = select(func.count()).where(
    _S.role == "director", _S.active.is_(True), _S.id != bindparam("which")
)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What an account is made from. ``institutions``: None means all."""

    id: str
    name: str
    role: str
    institutions: frozenset[str] | None = None
    unit: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """An account without its secrets. ``sound``: the desk itself wrote it."""

    id: str
    name: str
    role: str
    institutions: frozenset[str] | None
    unit: str | None
    person: str | None
    fresh: bool
    enrolled: bool
    active: bool
    epoch: int
    locked_until: datetime | None
    made_at: datetime
    sound: bool

    @property
    def post(self) -> str:
        """The role's name."""
        return ROLES[self.role]

    @property
    def lane(self) -> Lane:
        """The only lane whose cases this person may see."""
        return "confidential" if self.role == "report" else "common"

    def covers(self, institution: str | None) -> bool:
        """Is the institution's work this person's? A case that names none is everybody's."""
        return self.institutions is None or institution is None or institution in self.institutions

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and self.locked_until > now


class Accounts:
    """All accounts of one queue. Methods raise NotReceived, and StaffRefused with the reason.

    ``now`` is the real instant, also in an invented county: codes of a telephone follow it.
    ``by``: the account that acts, or ``COMMAND``.
    """

    def __init__(self, store: Store, keys: StaffKeys, hasher: Hasher | None = None) -> None:
        self._store = store
        self._keys = keys
        self._hasher = hasher or Hasher()

    def __repr__(self) -> str:
        return "Accounts(…)"

    def all(self) -> tuple[Staff, ...]:
        """Those in use first."""
        rows = self._store.read(lambda connection: connection.execute(_EVERY).all())
        return tuple(self._staff(row) for row in rows)

    def get(self, login: str) -> Staff | None:
        """The account, whatever its state."""
        row = self._row(login)
        return None if row is None else self._staff(row)

    # -- coming in

    def check_password(self, login: str, password: str, now: datetime) -> Staff | None:
        """Whose name and password these are; None if they are not, or the account is shut.

        Nobody learns which: an unknown name takes the same work and leaves the same kind of entry.
        """
        row = self._row(login)
        found = None if row is None else self._staff(row)
        usable = found is not None and found.sound and found.active and not found.locked(now)
        right = self._hasher.right(row.password if row is not None else None, password)
        if usable and right:
            return found
        self._wrong(login if found else None, now)
        return None

    def check_code(self, login: str, code: str, now: datetime) -> bool:
        """Take a code of the second factor, once. True: he is in, his failures are forgotten."""
        row = self._row(login)
        step = None
        if row is not None and row.totp is not None and self._staff(row).sound:
            step = step_of(self._secret(row), code, now.timestamp())

        def enter(connection: Connection) -> bool:
            values = {"which": login, "step": step, "now": seconds(now)}
            if step is None or not connection.execute(_ENTER, values).rowcount:
                return False
            write_entry(connection, login, "login", now)
            return True

        if self._store.write(enter):
            return True
        self._wrong(login if row is not None else None, now)
        return False

    def enrol(self, login: str, secret: str, code: str, now: datetime) -> bool:
        """Set the second factor of an account that has none, if the code is the secret's."""
        step = step_of(secret, code, now.timestamp())
        if step is None:
            self._wrong(login, now)
            return False

        def values(row: Mapping[str, Any]) -> dict[str, Any]:
            if row["totp"] is not None:
                raise StaffRefused("enrolled", "这个账号已经设过第二步验证。")
            return {"totp": wrap_secret(self._keys, secret), "totp_last": step, "failed": 0}

        self._alter(login, values, "second-factor-set", login, now)
        return True

    def change_password(self, login: str, old: str, new: str, now: datetime) -> Staff:
        """His own password; sessions elsewhere end. StaffRefused says what is wrong with it."""
        known = self.check_password(login, old, now)
        if known is None:
            raise StaffRefused("password-wrong", "现在的口令不对。")
        if self._hasher.right(self._hash_of(login), new):
            raise StaffRefused("password-same", "新口令和现在的一样，请换一个。")
        values = self._password(new, login, known.name, fresh=False)
        return self._alter(login, lambda _: values, "password-changed", login, now)

    def end_sessions(self, login: str, now: datetime) -> None:
        """Leave, on every screen."""
        self._alter(login, lambda _: {}, "logout", login, now)

    # -- managing

    def add(self, new: Newcomer, password: str, now: datetime, *, by: str) -> Staff:
        """An account with a password that has to be changed.

        Replaces a row of that name that the desk did not write; StaffRefused ``taken`` else.
        """
        _refuse_odd(new)
        _leave_reports_alone(new.role, new.role, own=False, by=by)
        row = _columns(new) | self._password(password, new.id, new.name, fresh=True)
        row |= {"totp": None, "totp_last": None, "active": True, "epoch": 0, "failed": 0}
        row |= {"locked_until": None, "made_at": seconds(now)}
        row["mac"] = self._mac(row)

        def add(connection: Connection) -> None:
            old = connection.execute(_ONE, {"which": new.id}).one_or_none()
            if old is not None and self._staff(old).sound:
                raise StaffRefused("taken", f"已经有登录名 {new.id}，请换一个。")
            if old is None:
                connection.execute(_INSERT, row)
            else:
                connection.execute(_THIS.values(**row), {"which": new.id})
            write_entry(connection, by, "account-added", now, ref=new.id)

        self._store.write(add)
        return self._known(new.id)

    def change(self, new: Newcomer, now: datetime, *, by: str) -> Staff:
        """Another name, role, unit, person or institutions; his sessions end."""
        _refuse_odd(new)
        columns = _columns(new)
        return self._alter(new.id, lambda _: columns, "account-changed", by, now)

    def reset_password(self, login: str, password: str, now: datetime, *, by: str) -> Staff:
        """A password given by another, to be changed at the next login; unlocks, too."""
        values = self._password(password, login, "", fresh=True)
        values |= {"failed": 0, "locked_until": None}
        return self._alter(login, lambda _: values, "password-reset", by, now)

    def reset_second_factor(self, login: str, now: datetime, *, by: str) -> Staff:
        """Forget it: it is set up anew at the next login."""
        values = {"totp": None, "totp_last": None}
        return self._alter(login, lambda _: values, "second-factor-reset", by, now)

    def unlock(self, login: str, now: datetime, *, by: str) -> Staff:
        """Let him try again before the time of the lock-out is over. His sessions go on."""
        values = {"failed": 0, "locked_until": None}
        return self._alter(login, lambda _: values, "account-unlocked", by, now, ends=False)

    def set_active(self, login: str, active: bool, now: datetime, *, by: str) -> Staff:
        """Stop or resume; who stops gives back the cases that he had taken up.

        An account is never deleted: the log names it.
        """
        what = "account-resumed" if active else "account-stopped"
        return self._alter(login, lambda _: {"active": active}, what, by, now)

    # -- inside

    def _row(self, login: str) -> Row[*tuple[Any, ...]] | None:
        values = {"which": login.replace("\0", "")}
        return self._store.read(lambda connection: connection.execute(_ONE, values).one_or_none())

    def _known(self, login: str) -> Staff:
        found = self.get(login)
        if found is None:
            raise _unknown()
        return found

    def _hash_of(self, login: str) -> str | None:
        row = self._row(login)
        return None if row is None else str(row.password)

    def _staff(self, row: Row[*tuple[Any, ...]]) -> Staff:
        values = row._asdict()
        there = values["institutions"]
        until = values["locked_until"]
        return Staff(
            **{name: values[name] for name in ("id", "name", "role", "unit", "person", "epoch")},
            institutions=None if there == ALL else frozenset(json.loads(there)),
            fresh=bool(values["fresh"]),
            enrolled=values["totp"] is not None,
            active=bool(values["active"]),
            locked_until=None if until is None else moment(until),
            made_at=moment(values["made_at"]),
            sound=compare_digest(values["mac"], self._mac(values)),
        )

    def _mac(self, row: Mapping[str, Any]) -> bytes:
        told = [row[name] for name in _SIGNED]
        plain = [one.hex() if isinstance(one, bytes) else one for one in told]
        return row_mac(self._keys, json.dumps(plain, ensure_ascii=False))

    def _secret(self, row: Row[*tuple[Any, ...]]) -> str:
        try:
            return unwrap_secret(self._keys, row.totp)
        except BadEnvelope as error:
            raise StaffRefused(error.code, error.sentence) from None

    def _password(self, new: str, *names: str, fresh: bool) -> dict[str, Any]:
        if weak := weakness(new, *names):
            raise StaffRefused("password-weak", f"{weak}。")
        return {"password": self._hasher.hash(new), "fresh": fresh}

    def _alter(
        self,
        login: str,
        change: Callable[[Mapping[str, Any]], Mapping[str, Any]],
        what: str,
        by: str,
        now: datetime,
        *,
        ends: bool = True,
    ) -> Staff:
        """Change a row, sign it anew, log it. ``ends``: sessions that were open are over."""

        def job(connection: Connection) -> None:
            old = connection.execute(_ONE, {"which": login}).one_or_none()
            if old is None or not self._staff(old).sound:
                raise _unknown()
            row = old._asdict()
            row |= change(row)
            row["epoch"] += ends
            _leave_reports_alone(old.role, row["role"], own=by == login, by=by)
            _keep_a_director(connection, old, row)
            row["mac"] = self._mac(row)
            connection.execute(_THIS.values(**row), {"which": login})
            if not row["active"]:
                connection.execute(_FREED, {"who": login})
            write_entry(connection, by, what, now, ref=None if by == login else login)

        self._store.write(job)
        return self._known(login)

    def _wrong(self, login: str | None, now: datetime) -> None:
        """Count a failure; the fifth in a row shuts the account for a while."""

        def count(connection: Connection) -> None:
            write_entry(connection, login or NOBODY, "login-failed", now)
            values = {"which": login or "", "now": seconds(now)}
            failed = connection.execute(_COUNT, values).scalar_one_or_none() or 0
            if failed >= TRIES:
                until = {"which": login, "until": seconds(now + LOCKED)}
                connection.execute(_LOCK, until)
                write_entry(connection, login or NOBODY, "locked-out", now)

        self._store.write(count)


def _unknown() -> StaffRefused:
    return StaffRefused("staff-unknown", "没有这个账号，或者它的记录被别的程序改过。")


def _keep_a_director(
    connection: Connection, old: Row[*tuple[Any, ...]], new: Mapping[str, Any]
) -> None:
    """Somebody must be left who can manage the others."""
    was = old.role == "director" and old.active
    stays = new["role"] == "director" and new["active"]
    if was and not stays and not connection.execute(_OTHER_DIRECTORS, {"which": old.id}).scalar():
        raise StaffRefused("last-director", "这是最后一个在用的负责人账号，请先另设一个负责人。")


def _leave_reports_alone(old: str, new: str, *, own: bool, by: str) -> None:
    """A director who could make or take over such an account could read what accuses him."""
    touched = "report" in (old, new)
    if touched and by != COMMAND and not (own and old == new):
        says = f"{ROLES['report']}的账号只能由系统管理员用命令办理。"
        raise StaffRefused("command-only", says)


def _columns(new: Newcomer) -> dict[str, Any]:
    there = ALL if new.institutions is None else json.dumps(sorted(new.institutions))
    return {
        "id": new.id,
        "name": new.name.strip(),
        "role": new.role,
        "institutions": there,
        "unit": new.unit if new.role == "unit" else None,
        "person": new.person if new.role == "leader" else None,
    }


def _refuse_odd(new: Newcomer) -> None:
    """Raise StaffRefused for what cannot be an account; all that is wrong in one sentence."""
    wrong = list(_oddities(new))
    if wrong:
        raise StaffRefused("staff-odd", "；".join(wrong) + "。")


def _oddities(new: Newcomer) -> Iterable[str]:
    if not _LOGIN.fullmatch(new.id) or new.id == COMMAND:
        yield "登录名用2到32个小写字母和数字，字母开头，例如 wangfang"
    if not 0 < len(new.name.strip()) <= _LONGEST_NAME:
        yield f"姓名不能空着，最多{_LONGEST_NAME}个字"
    if new.role not in ROLES:
        yield "没有这种身份，可用的是" + "、".join(
            f"{one}（{name}）" for one, name in ROLES.items()
        )
    if new.role == "unit" and not new.unit:
        yield "责任单位的账号要选一个单位"
    if new.role == "leader" and not new.person:
        yield "接访领导的账号要选一位领导"
    if new.institutions is not None and not new.institutions:
        yield "至少选一个机构，或者选全部"
