"""``flask --app intake_app staff …``: accounts by whoever runs the machine.

It makes the first director, and is the only way to a report officer's account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from intake_app.errors import IntakeError, StaffRefused
from intake_app.published import Published, Shelf
from intake_app.sealing import load_secrets, load_staff_keys

if TYPE_CHECKING:
    from intake_app.access_log import AccessLog
    from intake_app.config import Config
    from intake_app.staff import Accounts, Staff


@dataclass(frozen=True, slots=True)
class _Office:
    """What a command works with; opened for it and closed after it."""

    config: Config
    accounts: Accounts
    log: AccessLog
    now: datetime


@contextmanager
def _office() -> Iterator[_Office]:
    """An error inside is one sentence on stderr and exit 1."""
    from intake_app.access_log import AccessLog
    from intake_app.staff import Accounts
    from intake_app.store import Store

    config: Config = current_app.extensions["intake_config"]
    try:
        load_secrets(config.keys_dir)  # who has no keys at all is told of ``init``
        keys = load_staff_keys(config.keys_dir)
        with Store(config.store_url, patience=config.patience) as store:
            real = replace(config, now=None).clock()()
            yield _Office(config, Accounts(store, keys), AccessLog(store), real)
    except IntakeError as error:
        raise click.ClickException(error.sentence) from None


@click.group()
def staff() -> None:
    """受理台的账号：添加、列出、重设、停用。"""


@staff.command()
@click.argument("login")
@click.argument("name")
@click.option("--role", required=True, help="clerk、director、leader、unit或者report。")
@click.option("--institution", "institutions", multiple=True, help="机构，可以写几次；不写是全部。")
@click.option("--unit", help="责任单位的名称，身份是unit的要写。")
@click.option("--person", help="领导在people.yml里的id，身份是leader的要写。")
@with_appcontext
def add(
    *,
    login: str,
    name: str,
    role: str,
    institutions: tuple[str, ...],
    unit: str | None,
    person: str | None,
) -> None:
    """添加账号 LOGIN，姓名 NAME，生成初始口令，只显示一次。"""
    from intake_app.credentials import new_password
    from intake_app.staff import COMMAND, Newcomer

    with _office() as office:
        there = frozenset(institutions) or None
        if there or unit or person:
            published = Shelf(office.config.site).current()
            there = _checked(published, there, unit, person)
        made = new_password()
        new = Newcomer(login, name, role, there, unit, person)
        _given(office.accounts.add(new, made, office.now, by=COMMAND), made)


def _checked(
    published: Published, there: frozenset[str] | None, unit: str | None, person: str | None
) -> frozenset[str] | None:
    """The institutions; a leader's are those where he sits. StaffRefused for unknown names."""
    if unit and unit not in published.units:
        raise StaffRefused(
            "staff-odd", f"没有“{unit}”这个单位，可用的是{'、'.join(published.units)}。"
        )
    if person:
        there = published.sits_in(person)
        if not there:
            raise StaffRefused("staff-odd", f"people.yml里没有 {person} 这位领导。")
    if unknown := (there or frozenset()) - published.institutions.keys():
        known = "、".join(published.institutions)
        raise StaffRefused("staff-odd", f"没有“{min(unknown)}”这个机构，可用的是{known}。")
    return there


@staff.command("list")
@with_appcontext
def listing() -> None:
    """列出所有账号。"""
    with _office() as office:
        for one in office.accounts.all():
            there = "全部机构" if one.institutions is None else "、".join(sorted(one.institutions))
            more = [one.unit, one.person, there, *_states(one, office.now)]
            click.echo("  ".join([one.id, one.name, one.post, *(word for word in more if word)]))


def _states(one: Staff, now: datetime) -> Iterator[str]:
    if not one.sound:
        yield "【记录被别的程序改过，不能用；确认以后用 staff add 重新添加】"
    if not one.active:
        yield "【停用】"
    if one.locked(now):
        yield f"【锁住，到{one.locked_until:%H:%M}】"
    if one.fresh:
        yield "【还没换初始口令】"
    if not one.enrolled:
        yield "【还没设第二步验证】"


@staff.command()
@click.argument("login")
@with_appcontext
def password(login: str) -> None:
    """给 LOGIN 重设口令，只显示一次；他下次登录自己换。"""
    from intake_app.credentials import new_password
    from intake_app.staff import COMMAND

    with _office() as office:
        made = new_password()
        _given(office.accounts.reset_password(login, made, office.now, by=COMMAND), made)


def _given(one: Staff, made: str) -> None:
    click.echo(f"登录名：{one.id}\n初始口令：{made}\n身份：{one.post}")
    click.echo("口令只显示这一次。第一次登录要设第二步验证，换成自己的口令。")


def _deed(name: str, says: str, do: Callable[[_Office, str], Staff]) -> None:
    """A command that does one thing to an account."""

    @staff.command(name, help=says)
    @click.argument("login")
    @with_appcontext
    def command(login: str) -> None:
        with _office() as office:
            one = do(office, login)
            click.echo(f"{one.name}（{one.id}）：办好了。")


def _second_factor(office: _Office, login: str) -> Staff:
    return office.accounts.reset_second_factor(login, office.now, by="command")


def _unlock(office: _Office, login: str) -> Staff:
    return office.accounts.unlock(login, office.now, by="command")


def _deactivate(office: _Office, login: str) -> Staff:
    return office.accounts.set_active(login, False, office.now, by="command")


def _activate(office: _Office, login: str) -> Staff:
    return office.accounts.set_active(login, True, office.now, by="command")


_deed("second-factor", "LOGIN 的手机丢了、换了：下次登录重新设第二步验证。", _second_factor)
_deed("unlock", "LOGIN 连续输错锁住了：现在放开。", _unlock)
_deed("deactivate", "停用 LOGIN：马上退出，不能再登录。不删除，记录里要查得到。", _deactivate)
_deed("activate", "恢复停用的 LOGIN。", _activate)


@staff.command()
@click.option("--login", help="只看这个账号的。")
@click.option("--case", "case_id", type=int, help="只看这一件的，写数据库里的序号。")
@click.option("--many", default=200, help="最多几条。")
@with_appcontext
def log(login: str | None, case_id: int | None, many: int) -> None:
    """访问记录，新的在前：谁、什么时候、做了什么，没有内容。"""
    with _office() as office:
        found = office.log.of_case(case_id) if case_id else office.log.entries(login, many=many)
        for one in found:
            words = [f"{one.at:%Y-%m-%d %H:%M:%S}", one.staff, one.says, one.number, one.ref]
            click.echo("  ".join(word for word in words if word))
