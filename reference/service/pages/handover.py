"""The district's one page: where a one-time link leads, and its credentials are entered."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request

from homeroom.reference.onboarding.credentials import CredentialsError
from homeroom.reference.onboarding.links import LinkError
from homeroom.reference.service.pages.app import desk, parts

views = Blueprint("handover", __name__)
# What may be shown again after a mistake: never the key, nor the secret.
REPEATED = ("base_url", "token_url", "auth")
FIELDS = (*REPEATED, "client_id", "client_secret")
Page = str | tuple[str, int]


@views.get("/connect/<token>")
def page(token: str) -> Page:
    """Show the form of an open link; looking spends nothing."""
    return _form(token, {}, {})


@views.post("/connect/<token>")
def enter(token: str) -> Page:
    """Take what the district entered; where it cannot be right, the link stays open."""
    given = {name: request.form.get(name, "") for name in FIELDS}
    try:
        parts().throttle.check("link", request.remote_addr or "")
        desk().spend_link(token, given)
    except CredentialsError as error:
        return _form(token, given, error.problems)
    except LinkError as error:
        return _closed(error)
    return render_template("handed_over.html")


def _form(token: str, given: Mapping[str, str], problems: Mapping[str, str]) -> Page:
    try:
        parts().throttle.check("link", request.remote_addr or "")
        link, district = desk().links.look(token)
    except LinkError as error:
        return _closed(error)
    values = {name: given.get(name, "") for name in REPEATED}
    page = render_template(
        "handover.html", district=district, link=link, values=values, problems=problems
    )
    return page, 422 if problems else 200


def _closed(error: LinkError) -> tuple[str, int]:
    # Spent and expired ones count too: who has a real link does not try it ten times a minute.
    parts().throttle.fail("link", request.remote_addr or "")
    return render_template("closed.html", message=str(error)), 410
