"""A case that came to the wrong door: it is another institution's, course's or officer's.

Functions for the writer, as in ``entries``. What was written stays as it was; only who
reads it and by which course it goes are changed, and an entry says so.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, or_, select, update

from casework.courses import FIRST
from casework.record import Handling
from intake_app import entries
from intake_app.entries import Writing
from intake_app.errors import MoveForbidden
from intake_app.tables import docket, events, files, replies, submissions

__all__ = ["REPORTED", "REROUTABLE", "REROUTED", "reroute", "to_reports"]

REROUTED, REPORTED = "rerouted", "reported"
#: Before anything was handed out. Later a case goes on by 转送, 退回 or 重新办理 of its course.
_EARLY = (FIRST, "registered")
REROUTABLE = ("appeal", "short")

#: Opens an envelope with the old lane's key and seals it with the new one's.
Reseal = Callable[[bytes], bytes]


def reroute(
    connection: Connection,
    handling: Handling,
    case_id: int,
    writing: Writing,
    at: int,
    *,
    kind: str,
    institution: str | None,
) -> None:
    """The case begins anew with another institution or by another kind of course.

    Raises MoveForbidden if it is under way already, Overtaken if somebody was faster.
    """
    line = entries.hold(connection, case_id)
    if line.course not in REROUTABLE or kind not in REROUTABLE:
        raise MoveForbidden("reroute-kind", "只有申诉求决、建议和咨询可以改交、改类。")
    if line.state not in _EARLY:
        raise MoveForbidden("reroute-late", "已经办起来了，不能再改交、改类。")
    if (kind, institution) == (line.course, line.institution):
        raise MoveForbidden("reroute-same", "没有改动：还是原来的单位、原来的类别。")
    if entries.standing(connection, handling, line).sheets:
        raise MoveForbidden("reroute-late", "已经发出过单子，不能再改交、改类。")
    values = {"course": kind, "institution": institution}
    connection.execute(
        update(docket).where(docket.c.case_id == case_id).values(**values, claimed=None)
    )
    connection.execute(update(submissions).where(submissions.c.id == case_id).values(**values))
    entries.restart(connection, handling, case_id, writing, at)


def to_reports(
    connection: Connection,
    handling: Handling,
    case_id: int,
    writing: Writing,
    at: int,
    *,
    reseal: Reseal,
    key_id: str,
) -> None:
    """The case is a report of wrongdoing: from now on only the report officer opens it.

    Every envelope of it, of what was filed to it and of its files is sealed anew.
    """
    line = entries.hold(connection, case_id)
    if line.lane != "common" or line.course not in REROUTABLE:
        raise MoveForbidden("report-kind", "预约和检举控告件不能这样转。")
    values = {"lane": "confidential", "course": "report", "institution": None}
    connection.execute(
        update(docket).where(docket.c.case_id == case_id).values(**values, kin=None, claimed=None)
    )
    family = or_(submissions.c.id == case_id, submissions.c.parent == case_id)
    ids = list(connection.execute(select(submissions.c.id).where(family)).scalars())
    own = {"lane": "confidential", "key_id": key_id}
    connection.execute(update(submissions).where(family).values(**own))
    connection.execute(update(submissions).where(submissions.c.id == case_id).values(**values))
    for table, column, of in (
        (submissions, submissions.c.sealed, submissions.c.id),
        (events, events.c.sealed, events.c.case_id),
        (replies, replies.c.sealed_office, replies.c.case_id),
        (files, files.c.head, files.c.case_id),
    ):
        rows = connection.execute(
            select(table.c.id, column).where(of.in_(ids), column.is_not(None))
        ).all()
        for which, box in rows:
            changed = {column.name: reseal(box)}
            connection.execute(update(table).where(table.c.id == which).values(**changed))
    connection.execute(update(files).where(files.c.case_id.in_(ids)).values(key_id=key_id))
    entries.restart(connection, handling, case_id, writing, at)
