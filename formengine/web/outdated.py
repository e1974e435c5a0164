"""Whether an applicant has to hear first that their form has another version (REL-12)."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from formengine.services import moving
from formengine.web.visits import Visit


def first(v: Visit) -> Response | None:
    """The way to the page that tells of it, None where there is nothing to tell: the draft goes on as it is."""
    if request.method != "GET":
        return None
    form, draft, forms = v.the_form(), v.the_draft(), v.site.engine.forms
    withdrawn = forms.is_withdrawn(draft.form_hash)
    if not withdrawn and forms.served().get(form.id) == draft.form_hash:
        return None
    if not withdrawn and moving.ahead(forms, form, draft, now=v.now) is None:
        return None
    return redirect(f"/{form.id}/version{v.query}", 303)
