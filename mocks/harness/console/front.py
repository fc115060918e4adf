"""What stands before control plane and console on their common port."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from homeroom.mocks.harness.answers import send_answer

CONTROL = "/__control__"


class FrontDoor:
    """Refuses foreign hosts, then sends each request to the control plane or to the console."""

    def __init__(self, control: ASGIApp, console: ASGIApp, hosts: Collection[str] | None) -> None:
        """`hosts` are the names it may be called by, without ports; None allows any."""
        self._control, self._console, self._hosts = control, console, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and not self._is_for_us(scope):
            # A page of another site whose name was made to point here still sends its own name.
            body = {"error": f"this host is not served; call it by {', '.join(self._hosts or ())}"}
            await send_answer(send, body, 421, {}, json_type="application/json")
        elif scope["type"] == "http" and not _is_control(scope["path"]):
            await self._console(scope, receive, send)
        else:
            await self._control(scope, receive, send)

    def _is_for_us(self, scope: Scope) -> bool:
        if self._hosts is None:
            return True
        for key, value in scope["headers"]:
            if key == b"host":
                return _name(value.decode("latin-1")) in self._hosts
        return True


def _name(host: str) -> str:
    if host.startswith("["):
        return host.split("]", 1)[0] + "]"
    return host.rsplit(":", 1)[0].lower()


def _is_control(path: str) -> bool:
    return path == CONTROL or path.startswith(f"{CONTROL}/")
