"""The director's page of accounts: who may come in, as what, and what they did here.

A director manages those whose institutions are all his own. Accounts of report officers are the
machine administrator's: a director could otherwise make himself one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake_app.credentials import new_password
from intake_app.desk.frame import nav_item
from intake_app.desk.guard import Desk, current_staff, desk, needs
from intake_app.errors import StaffRefused
from intake_app.forms import read_count
from intake_app.published import Published
from intake_app.staff import ROLES, Newcomer, Staff

bp = Blueprint("people", __name__, url_prefix="/people")
NAV = (nav_item(80, "人员", "people.listing", "director"),)
_GIVEN = tuple(one for one in ROLES if one != "report")
_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """A leader as one of several to choose from."""

    value: str
    name: str
    says: str


@bp.get("/")
@needs("director")
def listing() -> ResponseReturnValue:
    """All accounts that this director manages."""
    at = desk()
    accounts = [one for one in at.accounts.all() if _mine(one)]
    return render_template("desk/people.html", accounts=accounts, at=at.wall(), **_shown(at))


@bp.route("/new", methods=["GET", "POST"])
@needs("director")
def new() -> ResponseReturnValue:
    """Add an account; its first password is shown once."""
    if request.method == "GET":
        return _form(None)
    at = desk()
    made = new_password()
    try:
        asked = _asked(request.form.get("id", "").strip().lower(), at.home.published)
        staff = at.accounts.add(asked, made, at.wall(), by=current_staff().id)
    except StaffRefused as error:
        return _form(None, error.sentence), 422
    return _given(staff, made)


@bp.route("/of/<login>/", methods=["GET", "POST"])
@needs("director")
def change(login: str) -> ResponseReturnValue:
    """Name, role, unit, person, institutions; and what else can be done with the account."""
    staff = _managed(login)
    if request.method == "GET":
        return _form(staff)
    at = desk()
    try:
        asked = _asked(login, at.home.published)
        at.accounts.change(asked, at.wall(), by=current_staff().id)
    except StaffRefused as error:
        return _form(staff, error.sentence), 422
    return _back(f"{asked.name}的账号改好了，下次登录按新的身份。")


@bp.post("/of/<login>/password")
@needs("director")
def password(login: str) -> ResponseReturnValue:
    """Another first password, shown once."""
    staff, at, made = _managed(login), desk(), new_password()
    try:
        at.accounts.reset_password(login, made, at.wall(), by=current_staff().id)
    except StaffRefused as error:
        return _form(staff, error.sentence), 409
    return _given(staff, made)


@bp.post("/of/<login>/second-factor")
@needs("director")
def factor(login: str) -> ResponseReturnValue:
    """For a lost telephone."""
    return _do(
        login, "{}下次登录要重新设第二步验证。", lambda at: at.accounts.reset_second_factor
    )  # fmt: skip


@bp.post("/of/<login>/unlock")
@needs("director")
def unlock(login: str) -> ResponseReturnValue:
    """For who mistyped five times."""
    return _do(login, "{}可以再登录了。", lambda at: at.accounts.unlock)


@bp.post("/of/<login>/active")
@needs("director")
def active(login: str) -> ResponseReturnValue:
    """Stop, or resume. Nothing is deleted."""
    staff, at = _managed(login), desk()
    wanted = request.form.get("active") == "1"
    try:
        at.accounts.set_active(login, wanted, at.wall(), by=current_staff().id)
    except StaffRefused as error:
        return _form(staff, error.sentence), 409
    return _back(
        f"{staff.name}的账号恢复了。"
        if wanted
        else f"{staff.name}的账号停用了，领走还没有办完的放回去了，谁先领谁办。"
    )


@bp.get("/log/")
@needs("director")
def log() -> ResponseReturnValue:
    """Who did what here; of one account or, for who manages all, of everybody."""
    at = desk()
    who = request.args.get("who") or None
    accounts = [one for one in at.accounts.all() if _mine(one)]
    if who is None and current_staff().institutions is not None:
        who = current_staff().id
    if who is not None and who not in {one.id for one in accounts}:
        abort(404)
    before = request.args.get("before", type=read_count)
    entries = at.log.entries(who, before=before, many=_ENTRIES)
    older = entries[-1].id if len(entries) == _ENTRIES else None
    return render_template(
        "desk/log.html", entries=entries, accounts=accounts, who=who, older=older
    )  # fmt: skip


# ── inside ───────────────────────────────────────────────────────────────────────────────────


def _mine(one: Staff) -> bool:
    """Does the director who is here manage this account?"""
    own = current_staff().institutions
    return own is None or (one.institutions is not None and one.institutions <= own)


def _managed(login: str) -> Staff:
    found = desk().accounts.get(login)
    if found is None or not _mine(found):
        abort(404)
    return found


def _do(login: str, says: str, deed: Callable[[Desk], Callable[..., Staff]]) -> ResponseReturnValue:
    staff, at = _managed(login), desk()
    try:
        deed(at)(login, at.wall(), by=current_staff().id)
    except StaffRefused as error:
        return _form(staff, error.sentence), 409
    return _back(says.format(staff.name))


def _back(says: str) -> ResponseReturnValue:
    flash(says)
    return redirect(url_for("people.listing"), 303)


def _given(staff: Staff, made: str) -> ResponseReturnValue:
    return render_template("desk/given.html", staff=staff, password=made)


def _form(staff: Staff | None, wrong: str = "") -> str:
    at = desk()
    fixed = staff is not None and staff.role == "report"
    return render_template(
        "desk/person.html", staff=staff, wrong=wrong, fixed=fixed, at=at.wall(), **_shown(at)
    )


def _shown(at: Desk) -> dict[str, object]:
    """What the forms let choose."""
    published = at.home.published
    return {
        "roles": [(one, ROLES[one]) for one in _GIVEN],
        "institutions": _institutions(published),
        "units": published.units,
        "leaders": _leaders(published),
        "all_of_them": current_staff().institutions is None,
    }


def _institutions(published: Published) -> dict[str, str]:
    """Slug → name of those that this director may give."""
    return {
        slug: one.name
        for slug, one in published.institutions.items()
        if current_staff().covers(slug)
    }


def _leaders(published: Published) -> list[Choice]:
    """Everybody who may receive or sign, once, though he sits in several institutions."""
    found: dict[tuple[str, str], Choice] = {}
    for slug, name in _institutions(published).items():
        for one in published.institutions[slug].people:
            says = f"{one.name}（{one.post}，{name}）"
            found.setdefault((one.id, one.name), Choice(one.id, one.name, says))
    return list(found.values())


def _asked(login: str, published: Published) -> Newcomer:
    """The account as the form says it. Raises StaffRefused."""
    form = request.form
    role, person, unit = form.get("role", ""), form.get("person") or None, form.get("unit") or None
    allowed = _institutions(published)
    if role not in _GIVEN:
        raise StaffRefused("staff-odd", "请选一种身份。")
    chosen = frozenset(form.getlist("institutions")) & allowed.keys()
    if role == "leader" and person:
        chosen = published.sits_in(person) & allowed.keys()
        if not chosen:
            raise StaffRefused("staff-odd", "请从名单里选一位领导。")
    if role == "unit" and unit not in published.units:
        raise StaffRefused("staff-odd", "请从名单里选一个单位。")
    if not chosen and current_staff().institutions is not None:
        raise StaffRefused("staff-odd", "请至少选一个机构。")
    return Newcomer(login, form.get("name", ""), role, chosen or None, unit, person)
