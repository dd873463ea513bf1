"""The way from any other form to the one for reports of wrongdoing, which are kept apart.

Whoever began on another form loses no word; nothing of it is stored where many may read.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, render_template, request

from intake_app.filing import new_ticket
from intake_app.forms import LONGEST, PREFIX
from intake_app.public.visit import Visit
from intake_app.published import Form, Matter, Published
from intake_app.service import service


def matter_of(visit: Visit) -> Matter | None:
    """The matter that was chosen on a form which is not meant for it."""
    asked = visit.form.of_type("matter")
    if asked is None or visit.form.confidential:
        return None
    found = service().published.matters.get(request.form.get(PREFIX + asked.id, ""))
    return found if found and found.secret else None


def page(
    published: Published,
    matter: Matter,
    visit: Visit | None = None,
    carried: Sequence[tuple[str, str]] = (),
) -> str:
    """Where to go on; ``visit``, ``carried``: the form that was begun, and what stands in it."""
    g.personal = True
    form = next((one for one in published.forms.values() if one.confidential), None)
    kept = [("kept", token) for token in request.form.getlist("kept")]
    return render_template(
        "apart.html",
        matter=matter,
        definition=form,
        token=new_ticket(form.slug).signed if form else "",
        moved=_moved(visit.form, form) if visit and form else [],
        visit=visit,
        back=[pair for pair in carried if pair[1] != matter.id] + kept,
    )


def _moved(old: Form, new: Form) -> list[tuple[str, str]]:
    """What was typed, on another form: the same questions, and all else in its longest answer."""
    there = {one.id for one in new.fields}
    typed = {
        one.id: (one.label, text)
        for one in old.fields
        if one.type in LONGEST and (text := request.form.get(PREFIX + one.id, "").strip())
    }
    kept = {name: text for name, (_, text) in typed.items() if name in there}
    rest = [f"{label}：{text}" for name, (label, text) in typed.items() if name not in there]
    if rest and (longest := new.of_type("longtext")):
        kept[longest.id] = "\n".join([*filter(None, [kept.get(longest.id)]), *rest])
    return [(PREFIX + name, text) for name, text in kept.items()]
