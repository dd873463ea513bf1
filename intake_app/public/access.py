"""Who may see which case: number and query code, and for how long this browser keeps them.

The session cookie holds them sealed. A case left alone for twenty minutes is closed again.
"""

from __future__ import annotations

import time
from secrets import token_urlsafe
from typing import Any

from flask import session

from intake_app.filing import filed_before
from intake_app.public.words import TROUBLES, Trouble
from intake_app.records import Case, Filed, moment, seconds
from intake_app.sealing import code_hash
from intake_app.service import Service, limits
from intake_app.signs import normal_code, normal_number

IDLE = 20 * 60  # seconds
RECEIPT_TIME = 2 * 60 * 60  # seconds
MOST_RECEIPTS = 3


def look_up(home: Service, number: str, code: str) -> tuple[Case | None, Trouble | None]:
    """The case, or why not. Wrong codes are counted for each number and for each network.

    A number is counted together with the network, too, so that a stranger who tries codes on it
    does not keep its owner out.
    """
    said, secret = normal_number(number), normal_code(code)
    if not limits().may_try(said or ""):
        return None, TROUBLES["codes"]
    hashed = code_hash(home.secrets, said or "", secret or "")
    case = home.store.find(said or "", hashed)
    if case is None or secret is None:
        limits().wrong_code(said or "")
        return None, TROUBLES["code"]
    return case, None


def open_case(number: str, code: str) -> None:
    """Let this browser see the case for a while."""
    session["case"] = [normal_number(number), normal_code(code), int(time.time())]


def close_case() -> None:
    session.pop("case", None)


def case_code() -> str:
    """The code that opened the case; empty if none is open."""
    return str(session["case"][1]) if "case" in session else ""


def known_case(home: Service) -> Case | None:
    """The case that this browser opened, unless it was left alone for too long."""
    held = session.get("case")
    if not held:
        return None
    number, code, at = held
    if time.time() - at > IDLE:
        close_case()
        return None
    case = home.store.find(number, code_hash(home.secrets, number, code))
    if case is None:
        close_case()
    else:
        session["case"] = [number, code, int(time.time())]
    return case


def remember_receipt(form_key: str, filed: Filed) -> str:
    """Keep the way to the last receipts; the handle in the address is random and tells nothing.

    What a receipt says never changes unless a place was booked, and so goes along with it.
    """
    held: dict[str, Any] = dict(session.get("receipts", {}))
    handle = next((one for one, (key, *_) in held.items() if key == form_key), token_urlsafe(8))
    says = [filed.case_id, filed.number, seconds(filed.at), filed.form] if not filed.booking else []
    held[handle] = [form_key, int(time.time()), *says]
    newest = sorted(held.items(), key=lambda one: one[1][1])[-MOST_RECEIPTS:]
    session["receipts"] = dict(newest)
    return handle


def receipt_of(home: Service, handle: str) -> tuple[str, Filed] | None:
    """Form key and receipt, if this browser may still see it. Raises NotReceived."""
    key, since, *says = session.get("receipts", {}).get(handle, ("", 0))
    if not key or time.time() - since >= RECEIPT_TIME:
        return None
    if says:
        case_id, number, at, form = says
        return key, Filed(case_id, number, moment(at), form, None, repeated=True)
    filed = filed_before(home, key)
    return (key, filed) if filed else None


def forget_receipt(handle: str) -> None:
    held = dict(session.get("receipts", {}))
    held.pop(handle, None)
    session["receipts"] = held
