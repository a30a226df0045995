"""Parsec's documented responses, any part of which a row can change; what users see."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from network.hostile.world import LOGGED_IN, START, Row
from support import http_server
from support.secrets import AUTH_CODE_HASH, SESSION_ID

if TYPE_CHECKING:
    import socket

    from support.http_server import Behaviour

HOUR = 3600


def date(seconds: float = 0.0) -> dict[str, str]:
    """Return a Date header of so many seconds after the start, on our wall clock."""
    return {"Date": formatdate(START + seconds, usegmt=True)}


def code(
    headers: dict[str, str] | None = None,
    *,
    lifetime: float = 1800,
    ahead: float = 0,
    **overrides: Any,
) -> Behaviour:
    """Issue a code, by a clock that is *ahead* of ours; ... leaves a field out."""
    data = {
        "verification_uri": "https://parsec.gg/activate",
        "user_code": "ABCD3456",
        "hash": AUTH_CODE_HASH,
        "expires_at": START + ahead + lifetime,
        "interval": 5,
    }
    shown = date(ahead) if headers is None else headers
    return http_server.respond(201, _data(data | overrides), shown)


def session(**overrides: Any) -> dict[str, Any]:
    """Return the JSON that approves; ... leaves a field out."""
    data = {
        "id": SESSION_ID,
        "user_id": 1525260,
        "roles": ["host"],
        "host_peer_id": "0ujsswThIGTUYm2K8FjOOfXtY1K",
        "expires_at": START + 24 * HOUR,
    }
    return _data(data | overrides)


def approve(**overrides: Any) -> Behaviour:
    """Approve with a session; ... leaves a field out."""
    return http_server.respond(201, session(**overrides))


def _data(fields: dict[str, Any]) -> dict[str, Any]:
    return {"data": {name: v for name, v in fields.items() if v is not ...}}


def redirect(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Redirect to another host name, under which the same server would be asked."""

    def behave(connection: socket.socket) -> None:
        port = connection.getsockname()[1]
        location = {"Location": f"http://localhost:{port}/elsewhere"}
        http_server.respond(status, body, location | headers)(connection)

    return behave


PENDING = http_server.respond(202, b"")
UNAUTHORIZED = http_server.respond(401, {"error": "denied"})
PORTAL = http_server.respond(
    200, b"<html>Welcome to our Wi-Fi! Accept our terms.</html>"
)
# Markup, quotes, control characters and text from right to left; and what is left.
NASTY = "\u202e<img src=x onerror=alert(1)>\u2028\x00\"'&\u2066\ud800é"
NASTY_SHOWN = "<img src=x onerror=alert(1)> \"'&é"
NASTY_CODE_SHOWN = NASTY_SHOWN.replace("é", r"\xe9")

ISSUED = "ABCD3456"
NOT_ACCEPTED = "Parsec did not accept the code"
HAS_EXPIRED = "The code has expired"
LAST_MINUTE = "1 more minute."

SLOW_DOWN = "Parsec asks to slow down, HTTP 429"
SIGN_IN = "the response is not Parsec's, HTTP 20"
ELSEWHERE = "the response leads elsewhere, HTTP 30"
NOT_HTTP = "127.0.0.1 did not send a valid HTTP response"
TOO_LONG = "the response of 127.0.0.1 is too long"
IN_TIME = "127.0.0.1 did not respond in time"
CLOSED = "127.0.0.1 closed the connection"
INCOMPLETE = "the response of 127.0.0.1 is incomplete"
REFUSED = "127.0.0.1 refused the connection"
LOST = "the connection to 127.0.0.1 was lost"
# When a code is requested that cannot be had: after 2, 4 and 8 s more.
RETRIES = (0, 2, 6, 14)


def unsettled(
    name: str, poll: Behaviour, reason: str, *, pause: float = 10, **more: Any
) -> Row:
    """Return a row whose first poll settles nothing, and whose second is approved."""
    return Row(
        name,
        [code(), poll, approve()],
        "approved",
        [
            ISSUED,
            f"Can't reach Parsec, trying again in {pause:.0f} s. ({reason}",
            LOGGED_IN,
        ],
        asked=[0, 5, 5 + pause],
        **more,
    )
