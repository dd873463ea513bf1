"""The one command of the office: check, roster, build, serve, publish, rollback."""

from __future__ import annotations

import errno
import gc
import json
import os
import re
import sys
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casework import CaseworkError
from casework.workdays import SHANGHAI

if TYPE_CHECKING:
    from publisher.pipeline import Opened

ROOT = Path(__file__).resolve().parent


_DISK_ERRORS = {
    errno.EACCES: "没有权限，请换一个文件夹，或请管理员给权限",
    errno.EPERM: "没有权限，请换一个文件夹，或请管理员给权限",
    errno.EROFS: "磁盘是只读的，请换一个文件夹",
    errno.ENOSPC: "磁盘满了，请先清理",
    errno.ENOTDIR: "路径里有一个是文件，不是文件夹",
    errno.EEXIST: "已经有同名的文件，请换一个名字",
}


class _Commands(click.Group):
    """``python build.py --release`` means ``python build.py build --release``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise click.UsageError(f"没有“{args[0]}”这个命令，可以写：{'、'.join(self.commands)}")
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["build", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.filename is None or error.errno == errno.EPIPE:
                raise
            why = _DISK_ERRORS.get(error.errno or 0, error.strerror)
            raise _Refused(f"{os.fsdecode(error.filename)} 读写不了：{why}") from None


def _day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter("日期写成 2026-12-08 的样子") from None


content_option = click.option(
    "--content", type=click.Path(path_type=Path), default=ROOT / "content", help="内容文件夹"
)
site_option = click.option(
    "--site", type=click.Path(path_type=Path), default=ROOT / "site", help="网站文件夹"
)
today_option = click.option(
    "--today", callback=_day, metavar="YYYY-MM-DD", help="当作哪一天来生成（默认今天）"
)


@click.group(cls=_Commands)
def main() -> None:
    """接访网站：检查内容、排班、生成、预览、发布。不写命令就是 build。"""


@main.command()
@content_option
@site_option
@today_option
@click.option("--release", is_flag=True, help="正式发布的要求：不许有占位文字、空栏目、过期页面")
@click.option("--pdf/--no-pdf", default=True, help="是否生成打印用的 PDF")
def build(content: Path, site: Path, today: date | None, release: bool, pdf: bool) -> None:
    """检查内容并生成网站；有错就不动原来的网站。"""
    _safe(site, content)
    _build(content, site, today, release=release, pdf=pdf)


@main.command()
@content_option
@today_option
@click.option("--release", is_flag=True, help="按正式发布的要求检查")
def check(content: Path, today: date | None, release: bool) -> None:
    """只检查内容，不生成；没有错就什么也不说。"""
    _opened(content, today, release=release)


@main.command()
@click.argument("slug")
@click.argument("month")
@content_option
@today_option
def roster(slug: str, month: str, content: Path, today: date | None) -> None:
    """排出 SLUG 单位 MONTH（如 2027-01）的接访安排，写成文件，由您再改。"""
    from publisher.calendar import resolve
    from publisher.roster import propose_month

    ready = _opened(content, today)
    institution = ready.office.institutions.get(slug)
    if institution is None:
        raise _Refused(f"没有“{slug}”这个单位，可以写：{'、'.join(ready.office.institutions)}")
    if not re.fullmatch(r"(19|20)\d{2}-(0[1-9]|1[0-2])", month):
        raise click.BadParameter("月份写成 2027-01 的样子", param_hint="MONTH")
    target = content / "institutions" / slug / "rosters" / f"{month}.yml"
    if target.exists():
        raise _Refused(f"{target} 已经有了。要重新排，请先把它改名或移走")
    everything = resolve(
        ready.office, date.max
    )  # months that are written but not yet published too
    try:
        proposal = propose_month(ready.office, institution, month, everything)
    except CaseworkError as error:
        raise _Refused(str(error)) from None
    for line in proposal.reasons:
        click.echo(line)
    target.parent.mkdir(exist_ok=True)
    target.write_text(proposal.text, encoding="utf-8")
    click.echo(f"已写入 {target}，请打开核对，再运行 python build.py check")


@main.command()
@content_option
@today_option
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="端口（默认 8000）")
def serve(content: Path, today: date | None, port: int) -> None:
    """预览：一边改内容，一边在浏览器里看。按 Ctrl+C 结束。"""
    from publisher.preview import preview

    click.echo(f"预览地址：http://127.0.0.1:{port}/  按 Ctrl+C 结束")
    try:
        preview(content, today, _now(), port)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise _Refused(
            f"端口 {port} 用不了，多半是另一个预览还开着：请把它关掉，或换一个端口，如 --port 8080"
        ) from None


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
@content_option
@today_option
def publish(target: Path, content: Path, today: date | None) -> None:
    """按正式要求另外生成一份，发布到 TARGET/current（网站服务器指向它）。"""
    from publisher import releases
    from publisher.check import released_record

    # Not site/: another build could put something else there. Beside the content: one office's own.
    site = content.resolve().parent / ".release" / "site"
    if target.resolve().is_relative_to(content.resolve()):
        raise _Refused(f"{target} 在内容文件夹里，不能发布到这里：请换一个文件夹")
    ready = _build(content, site, today, release=True, pdf=True)
    stamp = datetime.now(SHANGHAI).strftime("%Y%m%d-%H%M%S")
    try:
        release = releases.publish(site, target, stamp)
    except releases.ReleaseError as error:
        raise _Refused(str(error)) from None
    record = released_record(ready.office, ready.calendar.today)
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    unfinished = content / ".released.json.new"
    unfinished.write_text(f"{text}\n", encoding="utf-8")
    unfinished.replace(content / ".released.json")
    click.echo(f"已发布：{release.path}")


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
def rollback(target: Path) -> None:
    """把 TARGET/current 退回上一次发布的网站。"""
    from publisher import releases

    try:
        click.echo(f"已退回：{releases.rollback(target).path}")
    except releases.ReleaseError as error:
        raise _Refused(str(error)) from None


class _Refused(click.ClickException):
    """Every line on stderr as it is, exit 1."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


def _now() -> date:
    return datetime.now(SHANGHAI).date()


def _opened(content: Path, today: date | None, *, release: bool = False) -> Opened:
    """Content without errors; warnings are told on the way."""
    from publisher.ahead import parsing

    with parsing(content):
        from publisher.pipeline import RefusedError, opened

    try:
        ready = opened(content, today, _now(), release=release)
    except RefusedError as refused:
        raise _Refused(str(refused)) from None
    return _told(ready)


def _safe(site: Path, content: Path) -> None:
    from publisher.releases import ReleaseError, refuse_other_folder

    try:
        refuse_other_folder(site, content)
    except ReleaseError as error:
        raise _Refused(str(error)) from None


def _told(ready: Opened) -> Opened:
    for problem in ready.warnings:
        click.echo(str(problem), err=True)
    return ready


def _build(content: Path, site: Path, today: date | None, *, release: bool, pdf: bool) -> Opened:
    """The site of content without errors; what is new in it is told."""
    from publisher.ahead import parsing

    say = partial(click.echo, err=True)
    say("检查内容，准备网页……")
    with parsing(content):
        from publisher.pipeline import RefusedError, build_site, prepared

    try:
        ready = prepared(content, today, _now(), release=release, pdf=pdf)
        _told(ready.opened)
        for line in build_site(ready, site, pdf=pdf, say=say):
            click.echo(line)
    except RefusedError as refused:
        raise _Refused(str(refused)) from None
    return ready.opened


if __name__ == "__main__":
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # it would look for some at each start
    gc.set_threshold(1_000_000, 50, 50)  # a build makes much and throws little away
    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(ended.code or 0))  # else a county is freed by object: a tenth of a build
