"""The operator's commands: ``flask --app intake_app init | check | backup | …``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from intake_app.config import Config
from intake_app.envelopes import key_id, open_sealed, public_of
from intake_app.errors import IntakeError, SettingWrong, WrongPassphrase
from intake_app.published import Shelf
from intake_app.records import Keep, Span
from intake_app.sealing import LANES, Lane, load_secrets, make_keys, new_passphrase, unlock
from intake_app.signs import ESCROW_SIGNS, from_escrow, typed
from intake_app.staff_commands import staff

KEY_FILES = ("public.json", "desk.json", "staff.json")
BALLAST = 16 * 1024 * 1024
_LANE_WORDS: Mapping[Lane, str] = {"office": "普通信件", "confidential": "检举控告"}


def commands(app: Flask) -> AppGroup:
    """The app's own commands."""
    group = AppGroup(app.name)
    for command in (init, check, backup, restore, purge, rebuild, statistics, staff):
        group.add_command(command)
    return group


def _config() -> Config:
    config: Config = current_app.extensions["intake_config"]
    return config


def _said(work: Callable[[], Any]) -> Any:
    """Run; an error is one sentence on stderr and exit 1."""
    try:
        return work()
    except IntakeError as error:
        raise click.ClickException(error.sentence) from None
    except OSError as error:
        says = f"读写不了 {error.filename or ''}：{error.strerror}"
        raise click.ClickException(says) from None


# ── init ─────────────────────────────────────────────────────────────────────────────────────


@click.command()
@click.option("--generate", is_flag=True, help="不询问口令，自动生成，写在托管单上。")
@click.option("--sheet", type=click.Path(path_type=Path), help="托管单写到哪里。")
@click.option("--if-missing", is_flag=True, help="已经有密钥的，只更新数据库。")
@with_appcontext
def init(generate: bool, sheet: Path | None, if_missing: bool) -> None:
    """建数据目录、密钥、数据库和托管单。"""
    config = _config()
    _said(lambda: _init(config, generate, sheet or config.home / "escrow.txt", if_missing))


def _init(config: Config, generate: bool, sheet: Path, if_missing: bool) -> None:
    os.umask(0o077)
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (if_missing and (config.keys_dir / "public.json").exists()):
        _make_keys(config, generate, sheet)
        click.echo(f"托管单：{sheet}。请打印两份，分别封存，然后删掉这个文件。")
    _upgrade(config)
    ballast(config)
    click.echo(f"数据目录：{config.home}，数据库已经是最新结构。")


def _upgrade(config: Config) -> None:
    """Bring the database up; an older queue's docket is then worked out of its history."""
    from intake_app.migrations import current, head, upgrade

    before = current(config.store_url) if _there(config) else None
    upgrade(config.store_url)
    if before in (None, head()):
        return
    try:
        _rebuild(config)
    except SettingWrong:
        click.echo("网站建好以后，请运行一次 flask --app intake_app rebuild，受理台的清单才完整。")


def _there(config: Config) -> bool:
    """Is there a database to be asked? An SQLite file would be made by looking."""
    scheme, _, path = config.store_url.partition(":///")
    return not scheme.startswith("sqlite") or Path(path).exists()


def _make_keys(config: Config, generate: bool, sheet: Path) -> None:
    """Keys and their sheet, both or none: keys without a sheet lose all that is filed later."""
    phrases = {lane: new_passphrase() if generate else _ask(lane) for lane in LANES}
    made = [config.keys_dir / name for name in ("public.json", "desk.json")]
    there = any(one.exists() for one in made)
    try:
        handle = os.open(sheet, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        says = f"托管单写不到 {sheet}（{error.strerror}），没有做密钥。可以用 --sheet 换个地方。"
        raise IntakeError("sheet", says) from None
    try:
        escrow = make_keys(config.keys_dir, phrases)
        today = config.clock()().date()
        text = escrow_sheet(config, escrow, phrases if generate else None, today)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        for one in (sheet, *(() if there else made)):
            one.unlink(missing_ok=True)
        raise


def _ask(lane: Lane) -> str:
    text: str = click.prompt(
        f"打开{_LANE_WORDS[lane]}的口令（至少12个字符）", hide_input=True, confirmation_prompt=True
    )
    return text


def escrow_sheet(
    config: Config, escrow: Any, phrases: Mapping[Lane, str] | None, today: date
) -> str:
    """What is printed and locked away: without it a forgotten passphrase loses everything."""
    public = load_secrets(config.keys_dir)
    lines = [
        "网上受理系统密钥托管单",
        f"{today:%Y-%m-%d} 生成",
        "",
        "忘了口令、换了机器，靠这张单子打开已经收到的信件。谁拿到它，谁就能看全部内容。",
        "两份分别装进信封，封口签名，锁在两个地方。计算机上的文件打印以后删掉。",
        "",
    ]
    for lane in LANES:
        lines += [f"【{_LANE_WORDS[lane]}】密钥编号 {key_id(getattr(public, lane))}"]
        if phrases:
            lines += [f"口令：{phrases[lane]}"]
        lines += ["托管密钥：", getattr(escrow, lane), ""]
    return "\n".join([*lines, "封存人：            封存日期：            存放地点：", ""])


def _private(path: Path, data: bytes) -> None:
    """Write for the owner's eyes alone, in place of what may be there."""
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_bytes(data)
    fresh.replace(path)


def ballast(config: Config) -> None:
    """Room that is given back when the disk is full, so that purging can begin."""
    os.umask(0o077)
    path = config.home / "ballast"
    if not path.exists() and shutil.disk_usage(config.home).free > config.floor + 2 * BALLAST:
        path.write_bytes(secrets.token_bytes(BALLAST))


# ── check ────────────────────────────────────────────────────────────────────────────────────


@click.command()
@with_appcontext
def check() -> None:
    """看看能不能收信：密钥、数据库、网站数据、办理办法、磁盘、限流计数。"""
    config = _config()
    wrong = 0
    for name, look in _looks(config):
        try:
            said = look()
        except IntakeError as error:
            wrong += 1
            click.echo(f"不行  {name}：{error.sentence}", err=True)
        else:
            click.echo(f"正常  {name}{f'：{said}' if said else ''}")
    sys.exit(1 if wrong else 0)


def _looks(config: Config) -> list[tuple[str, Callable[[], str]]]:
    def database() -> str:
        from intake_app.migrations import check_current
        from intake_app.store import Store

        check_current(config.store_url)
        with Store(config.store_url, patience=config.patience) as store:
            store.probe(config.clock()())
        return config.store_url.split(":", 1)[0]

    def room() -> str:
        from intake_app.service import room

        return f"剩余{room(config) // (1024 * 1024)}MB"

    def keys() -> str:
        load_secrets(config.keys_dir)
        left = config.home / "escrow.txt"
        return f"托管单还在 {left}，打印封存以后请删掉" if left.exists() else ""

    def courses() -> str:
        from intake_app.docket import Docket
        from intake_app.store import Store

        published = Shelf(config.site).current()
        with Store(config.store_url, patience=config.patience) as store:
            stray = Docket(store).stray(published.handling.courses)
        if stray:
            says = f"{'、'.join(stray)}停在办法里已经没有的状态上，请在 content/courses 里恢复它"
            raise SettingWrong("courses", f"{says}，再运行 build.py。")
        return ""

    return [
        ("密钥", keys),
        ("数据库", database),
        ("网站数据", lambda: f"{len(Shelf(config.site).current().forms)}张表"),
        ("办理办法", courses),
        ("磁盘", room),
        ("限流计数", partial(_counting, config)),
    ]


def _counting(config: Config) -> str:
    from intake_app.counts import reach

    reach(config.rate_storage)
    return ""


# ── backup and restore ───────────────────────────────────────────────────────────────────────


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_appcontext
def backup(folder: Path) -> None:
    """把数据库和密钥备份到 FOLDER 里的一个新目录。备份时照常收信。"""
    config = _config()
    _said(lambda: click.echo(f"已经备份到 {make_backup(config, folder, config.clock()())}"))


def make_backup(config: Config, folder: Path, now: datetime) -> Path:
    """``folder/intake-YYYYmmdd-HHMMSS`` with the database, the key files and their checksums."""
    from intake_app.store import Store

    os.umask(0o077)
    target = folder / f"intake-{now:%Y%m%d-%H%M%S}"
    target.mkdir(parents=True, mode=0o700)
    with Store(config.store_url, patience=config.patience) as store:
        store.backup(target / "database")
    for name in KEY_FILES:
        if (config.keys_dir / name).exists():
            _private(target / name, (config.keys_dir / name).read_bytes())
    sums = {one.name: _sum(one) for one in sorted(target.iterdir())}
    _private(target / "sums.json", json.dumps(sums, indent=1).encode())
    return target


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@click.command()
@click.argument("backup_folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--escrow", is_flag=True, help="用托管单上的密钥试开，不用口令。")
@click.option("--replace", is_flag=True, help="允许换掉现有的数据库和密钥。")
@with_appcontext
def restore(backup_folder: Path, escrow: bool, replace: bool) -> None:
    """从备份恢复，并试着打开其中的信件，证明真的能用。"""
    config = _config()
    _said(lambda: _restore(config, backup_folder, escrow, replace))


def _restore(config: Config, source: Path, escrow: bool, replace: bool) -> None:
    from intake_app.upkeep import put_back, samples

    os.umask(0o077)
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    config.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _whole(source)
    fresh = {name: (source / name).read_bytes() for name in KEY_FILES if (source / name).exists()}
    for name, data in fresh.items():
        there = config.keys_dir / name
        if there.exists() and there.read_bytes() != data and not replace:
            says = f"{there} 是另一套密钥，没有恢复。确实要换掉，请加 --replace。"
            raise IntakeError("other-keys", says)
    keys = {lane: _key(source, lane, escrow) for lane in LANES}
    by_id = {key_id(public_of(key)): key for key in keys.values()}
    opened = 0
    for one in samples(source / "database", config.store_url):
        if one.key_id not in by_id:
            raise IntakeError("key-foreign", f"{one.number} 是用另一把密钥锁的，这把打不开")
        open_sealed(by_id[one.key_id], one.sealed)
        opened += 1
    put_back(source / "database", config.store_url, replace=replace)
    for name, data in fresh.items():
        _private(config.keys_dir / name, data)
    tried = f"试开了{opened}份，都能打开。" if opened else "备份里没有信件。"
    click.echo(f"已经恢复，两把密钥都对。{tried}")


def _whole(source: Path) -> None:
    """Raise IntakeError unless the backup is all there and as it was written."""
    try:
        sums: dict[str, str] = json.loads((source / "sums.json").read_text())
        broken = [name for name, value in sums.items() if _sum(source / name) != value]
        missing = {"database", "public.json"} - sums.keys()
    except (OSError, ValueError, AttributeError):
        raise IntakeError("backup-broken", f"{source} 不是完整的备份。") from None
    if bad := sorted({*broken, *missing}):
        raise IntakeError("backup-broken", f"备份已经损坏：{'、'.join(bad)}")


def _key(source: Path, lane: Lane, escrow: bool) -> bytes:
    """The lane's private key as typed. WrongPassphrase if it is not the backup's."""
    words = _LANE_WORDS[lane]
    if not escrow:
        return unlock(source, lane, click.prompt(f"打开{words}的口令", hide_input=True))
    key = from_escrow(_typed_escrow(words))
    if public_of(key) != getattr(load_secrets(source), lane):
        raise WrongPassphrase("escrow-other", f"这不是这份备份里{words}的密钥，请核对托管单。")
    return key


def _typed_escrow(words: str) -> str:
    """The lines of the sheet, one after the other, until they are as many signs as a key has."""
    lines: list[str] = []
    while len("".join(typed(" ".join(lines)))) < ESCROW_SIGNS:
        lines.append(click.prompt(f"托管单上{words}的密钥，第{len(lines) + 1}行"))
    return " ".join(lines)


# ── purge ────────────────────────────────────────────────────────────────────────────────────


@click.command()
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天算，默认今天。")
@with_appcontext
def purge(today: datetime | None) -> None:
    """删除保存期满的信件、预约和没有提交的材料。每天运行一次。"""
    config = _config()
    day = today.date() if today else config.clock()().date()
    _said(lambda: _purge(config, day))


def _purge(config: Config, today: date) -> None:
    from intake_app.store import Store

    keep = keeping(Shelf(config.site).current().keep)
    (config.home / "ballast").unlink(missing_ok=True)  # a full disk can delete nothing
    try:
        with Store(config.store_url, patience=config.patience) as store:
            gone = store.purge(today, keep)
    finally:
        ballast(config)
    click.echo(
        f"删除了{gone.submissions}件、没有提交的材料{gone.uploads}份、"
        f"访问记录{gone.access}条。{gone.remains or ''}"
    )


def keeping(rules: tuple[Mapping[str, Any], ...]) -> Keep:
    """The retention times of content/clocks.yml. What is not named is kept without limit."""
    spans = {
        one["what"]: Span(months=one.get("months") or 0, days=one.get("days") or 0) for one in rules
    }
    what = ("submissions", "bookings", "uploads", "access")
    return Keep(*(spans.get(one) for one in what))


# ── rebuild ──────────────────────────────────────────────────────────────────────────────────


@click.command()
@with_appcontext
def rebuild() -> None:
    """按现在的办法和期限，重算受理台清单里每件事的状态和日子。改了办法、期限以后运行。"""
    _said(lambda: _rebuild(_config()))


def _rebuild(config: Config) -> None:
    from intake_app.docket import Docket
    from intake_app.store import Store

    handling = Shelf(config.site).current().handling
    with Store(config.store_url, patience=config.patience, handling=lambda: handling) as store:
        click.echo(f"重算了{Docket(store).rebuild()}件。")


# ── statistics ───────────────────────────────────────────────────────────────────────────────


@click.command()
@click.argument("month")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def statistics(month: str, file: Path) -> None:
    """把 MONTH（如 2026-11）的统计写进 FILE，小数字已经藏起来，给网站公布用。"""
    config = _config()
    text = _said(lambda: _statistics(config, month))
    file.write_text(text, encoding="utf-8")
    click.echo(f"已经写进 {file}，请核对以后运行 python build.py check。")


def _statistics(config: Config, month: str) -> str:
    from intake_app.access_log import AccessLog
    from intake_app.digest import Month, Rows
    from intake_app.docket import Docket, Scope
    from intake_app.service import Service
    from intake_app.staff import COMMAND
    from intake_app.statistics import statistics as told

    asked = Month.read(month)
    if asked is None:
        raise IntakeError("month", f"“{month}”不是月份，请写成 2026-11 这样。")
    home = Service(config, load_secrets(config.keys_dir), Shelf(config.site), config.clock())
    real = dataclasses.replace(config, now=None).clock()()
    with home.store as store:
        rows = Rows.read(partial(Docket(store).between, Scope()), asked)
        text = told(asked, rows, home.published, home.now().date())
        AccessLog(store).note(COMMAND, "exported", real, ref=f"statistics {asked}")
    return text
