"""Takes secrets out of what is kept: values we know, in plain and in the forms they travel in."""

import base64
from collections.abc import Iterable
from urllib.parse import quote

REDACTED = "[redacted]"
# Shorter values are no secrets and would tear holes in ordinary words.
MIN_LENGTH = 6


class Redactor:
    """Replaces known secrets in text, longest first so that none is left in half."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._ordered: list[str] = []
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """Hide `secret` from now on, also percent-encoded and in base64."""
        if len(secret) < MIN_LENGTH:
            return
        encoded = base64.b64encode(secret.encode()).decode()
        self._forms |= {secret, quote(secret, safe=""), encoded.rstrip("=")}
        self._ordered = sorted(self._forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return `text` without any secret that was learned."""
        for form in self._ordered:
            if form in text:
                text = text.replace(form, REDACTED)
        return text
