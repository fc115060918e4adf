"""The provider's door: credentials, tokens, and what they open."""

from typing import Any
from urllib.parse import unquote

import msgspec

from homeroom.reference.errors import FatalError
from homeroom.reference.onboarding.checklist import Finding, failed, passed, warning
from homeroom.reference.onboarding.targets import ProviderTarget
from homeroom.reference.transport import Response, Transport

SHORT_LIFE_S = 300
FIRST_READ = "orgs"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What the token endpoint handed out."""

    text: str
    type: str
    expires_in: float | None
    scope: str


class Door:
    """Asks for tokens and tries them; remembers what it was given."""

    def __init__(self, target: ProviderTarget, anonymous: Transport) -> None:
        self._target, self._anonymous = target, anonymous
        self.token: Token | None = None

    def look_at_anonymous(self, answer: Response) -> Finding:
        """Check that nobody is served without credentials."""
        told = f"HTTP {answer.status_code}"
        if answer.status_code in {401, 403}:
            return passed(f"{told}, as it should be without credentials")
        if answer.status_code == 200:
            return failed(f"{told}: records without any credentials", "close the API, at once")
        return warning(
            f"{told}, where 401 was expected", "check that base_url is the API's address"
        )

    def look_at_token(self) -> Finding:
        """Ask for a token as Instructure does: the key and secret in HTTP Basic."""
        response = self._ask()
        if response.status_code in {200, 201}:
            self.token = _parse(response)
            if self.token is None:
                return failed(
                    f"HTTP {response.status_code} without an access_token",
                    "check token_url; the answer must be JSON with access_token",
                )
            if self.token.type.lower() != "bearer":
                return warning(
                    f"token_type is {self.token.type!r}", "the provider should say bearer"
                )
            return passed("a bearer token, by HTTP Basic")
        refusal = self._anonymous.describe(response)
        in_form = self._ask(in_form=True)
        if in_form.status_code in {200, 201}:
            return failed(
                f"{refusal} by HTTP Basic, but HTTP {in_form.status_code} with key and secret in "
                "the form",
                "the provider must take the credentials from the Authorization header",
            )
        if response.status_code in {400, 401, 403}:
            return failed(refusal, "check client_id, client_secret and scope; ask for new ones")
        return failed(refusal, "check token_url; it often is base_url + /token")

    def look_at_lifetime(self) -> Finding:
        """Check that a token outlives a few pages."""
        lifetime = self._held().expires_in
        if lifetime is None:
            return warning(
                "no expires_in", "have it sent; until then a token is renewed when it is refused"
            )
        if lifetime < SHORT_LIFE_S:
            return warning(
                f"a token lives {lifetime:.0f} s",
                "an hour is usual; a long read needs many renewals, of which each can fail",
            )
        return passed(f"a token lives {lifetime:.0f} s")

    def look_at_several(self) -> Finding:
        """Check that a second token leaves the first alive: every thread has one of its own."""
        first = self._held()
        second = _parse(self._ask())
        if second is None:
            return failed("a second token was refused", "allow several live tokens for one client")
        status = self._try(first)
        if status == 401:
            return failed(
                "the first token was dead after the second was issued",
                "a new token must not end earlier ones: each thread of the reader asks for its own",
            )
        if self._try(second) == 401:
            return failed(
                "the second token was refused", "allow several live tokens for one client"
            )
        if second.text == first.text:
            return passed("the same token was handed out again, with what is left of its life")
        return passed("both tokens were accepted")

    def look_at_scopes(self) -> Finding:
        """Check that rosters may be read, as far as the token says."""
        granted = self._granted()
        if not granted:
            return passed("the provider does not name scopes; the reads below show them")
        if "*" in granted or granted & {"roster.readonly", "roster-core.readonly"}:
            return passed(_listed(granted))
        return failed(
            f"{_listed(granted)}: rosters are not among them",
            "grant roster.readonly (or roster-core.readonly), or set [service] scope",
        )

    def look_at_writing(self) -> Finding:
        """See whether grades could be written; nothing is."""
        granted = self._granted()
        if granted & {"*", "gradebook.createput"}:
            return passed("granted; nothing was written")
        if not granted:
            return warning(
                "cannot be seen without writing",
                "ask the provider whether this client may PUT line items and results",
            )
        return warning(
            f"{_listed(granted)}: no gradebook.createput",
            "passback needs it; rosters do not",
        )

    def look_at_signature(self, transport: Transport) -> Finding:
        """Sign two requests, one with blanks and quotes to be encoded."""
        params = {"limit": "1"}
        plain = transport.request("GET", FIRST_READ, params=params)
        if plain.status_code == 401:
            return failed(
                transport.describe(plain),
                "check client_id, client_secret and [service] oauth1_method (HMAC-SHA1 or "
                "HMAC-SHA256), and both clocks",
            )
        encoded = transport.request(
            "GET", FIRST_READ, params={**params, "filter": "name='no such org'"}
        )
        if encoded.status_code == 401:
            return failed(
                "a signature over blanks and quotes in a parameter was refused",
                "the provider must decode parameters and encode them again by RFC 3986",
            )
        return passed("signatures are accepted, blanks and quotes in parameters included")

    def _ask(self, *, in_form: bool = False) -> Response:
        key, secret = self._target.client_id, self._target.client_secret
        form = {"grant_type": "client_credentials"}
        if self._target.scope:
            form["scope"] = self._target.scope
        more: dict[str, Any] = {"data": form, "auth": (key, secret)}
        if in_form:
            more = {"data": {**form, "client_id": key, "client_secret": secret}}
        return self._anonymous.send("POST", self._target.token_url, {}, **more)

    def _try(self, token: Token) -> int:
        headers = {"Authorization": f"Bearer {token.text}"}
        params = {"limit": "1"}
        return self._anonymous.request(
            "GET", FIRST_READ, params=params, headers=headers
        ).status_code

    def _held(self) -> Token:
        if self.token is None:
            raise FatalError("there is no token")
        return self.token

    def _granted(self) -> set[str]:
        scope = self.token.scope if self.token else ""
        return {unquote(each).rstrip("/").rpartition("/")[2] for each in scope.split()}


def _parse(response: Response) -> Token | None:
    try:
        body = msgspec.json.decode(response.content, type=dict[str, Any])
        text = str(body["access_token"] or "")
    except (msgspec.MsgspecError, KeyError):
        return None
    try:
        lifetime = float(body["expires_in"])
    except (KeyError, TypeError, ValueError):
        lifetime = None
    if not text:
        return None
    return Token(
        text=text,
        type=str(body.get("token_type") or ""),
        expires_in=lifetime,
        scope=str(body.get("scope") or ""),
    )


def _listed(granted: set[str]) -> str:
    return ", ".join(sorted(granted))
