"""Requests for a code: none is to be had, or one with odd fields."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from network.hostile.parsec import (
    ELSEWHERE,
    HAS_EXPIRED,
    HOUR,
    IN_TIME,
    ISSUED,
    LAST_MINUTE,
    NASTY,
    NASTY_CODE_SHOWN,
    PENDING,
    PORTAL,
    REFUSED,
    RETRIES,
    approve,
    code,
    redirect,
)
from network.hostile.world import LOGGED_IN, START, Row
from support import http_server
from support.http_server import respond
from support.secrets import AUTH_CODE_HASH

if TYPE_CHECKING:
    from support.http_server import Behaviour

UNUSABLE = "Parsec's response has no usable code"
FIELDS = ("hash", "user_code", "verification_uri")
SLOW_DOWN = "Can't reach Parsec: Parsec asks to slow down, HTTP 429"


def given_up(name: str, behaviour: Behaviour, reason: str, **more: Any) -> Row:
    """Return a row in which a code is requested for 30 s, in vain."""
    sees = ["again in 8 s", f"Can't reach Parsec: {reason}", "Try again"]
    return Row(name, [behaviour], "failed", sees, asked=RETRIES, **more)


def no_code(name: str, behaviour: Behaviour, *sees: str) -> Row:
    """Return a row in which no code is to be had, and that is final."""
    return Row(name, [behaviour], "failed", sees)


def unusable(name: str, **fields: Any) -> Row:
    """Return a row with a code that a login cannot use."""
    return no_code(name, code(**fields), UNUSABLE, "demo=True")


def usable(name: str, *sees: str, first: float = 5, **fields: Any) -> Row:
    """Return a row in which an odd code is good enough, and approved at once."""
    behaviours = [code(**fields), approve()]
    return Row(name, behaviours, "approved", [*sees, LOGGED_IN], asked=[0, first])


def expires(
    name: str, *sees: str, lasts: float, interval: float = 5, **fields: Any
) -> Row:
    """Return a row with an odd code that expires."""
    issue = code(interval=interval, **fields)
    shown = [*sees, LAST_MINUTE, HAS_EXPIRED]
    return Row(name, [issue, PENDING], "expired", shown, interval=interval, lasts=lasts)


INTERVALS = (
    *((value, 5) for value in (0, -3, "soon", None, True, [3], ...)),
    *((2.5, 2.5), ("7", 7), (600, 600), (1e-9, 0.1)),
)
LONGEST: dict[str, dict[str, Any]] = {
    "no expires_at": {"expires_at": ...},
    "expires_at next year": {"lifetime": 365 * 24 * HOUR},
}
NO_TIMES: tuple[Any, ...] = ("soon", None, 1e300, float("nan"), [1], {})
DATES = ("", "yesterday", "Wed, 99 Foo 2033 25:61:61 GMT", "0", "9" * 60_000)
NO_LINKS = (
    *("javascript:alert(1)", "data:text/html,<script>alert(1)</script>"),
    *("//evil.example", "/logout", "http://[x", "https://", "file:///etc/passwd"),
    *("https://parsec.gg@evil.example", "https://parsec.gg\\@evil.example"),
    "http://evil.example:9\\[::1]",
)
# Letters and signs that look like a space, or like nothing.
BLANKS = "\u115f\u2800\u3164\uffa0\ufe0f"


def shown(value: object) -> str:
    """Return a field's value as JSON; no field for an ellipsis."""
    return "nothing" if value is ... else json.dumps(value)


ROWS = [
    Row(
        "503, a reset and a portal's page, then a code",
        [respond(503), http_server.reset, PORTAL, code(), approve()],
        "approved",
        ["Asking Parsec", "again in 2 s", "in 4 s", "in 8 s", ISSUED, LOGGED_IN],
        asked=[*RETRIES, 19],
    ),
    given_up("503 for ever", respond(503), "the server responds with HTTP 503"),
    given_up(
        "down for ever", http_server.close, REFUSED, url="http://{closed}", arrive=0
    ),
    given_up("no response for ever", http_server.hang, IN_TIME, timeout=0.3),
    given_up(
        "a captive portal's page for ever",
        PORTAL,
        "the response is not Parsec's, HTTP 200; maybe a Wi-Fi login page. Check",
    ),
    given_up("a redirect for ever", redirect(302), f"{ELSEWHERE}2"),
    Row(
        "no response within 10 s each",
        [http_server.hang],
        "failed",
        ["again in 2 s", f"Can't reach Parsec: {IN_TIME}"],
        asked=[0, 12, 26],
        lasts=36,
        timeout=0.3,
        before=dict.fromkeys((0, 1, 2), lambda world: world.take(10)),
    ),
    Row(
        "429 for ever",
        [respond(429)],
        "failed",
        ["again in 6 s", "again in 11 s", SLOW_DOWN],
        asked=[0, 6, 17],
    ),
    no_code(
        "429 with Retry-After of an hour",
        respond(429, b"", {"Retry-After": "3600"}),
        SLOW_DOWN,
    ),
    *(
        no_code(
            f"{status} for the game_id",
            respond(status, {"error": "app not allowed"}),
            "does not issue a code for the game_id 'game'. Check it letter by letter.",
            "reports say that since 2023",
            "Session.from_id()",
            f"(HTTP {status}, Parsec says: app not allowed)",
        )
        for status in (400, 401, 403, 404)
    ),
    *(
        unusable(f"a code with {shown(value)} for its {name}", **{name: value})
        for name in FIELDS
        for value in (None, "", 7, [AUTH_CODE_HASH], ...)
    ),
    unusable(
        "a code whose link holds the hash",
        verification_uri=f"https://parsec.gg/activate?hash={AUTH_CODE_HASH}",
    ),
    unusable("a code that is its own hash", user_code=AUTH_CODE_HASH),
    unusable("a hash that would write a header", hash="a\r\nX-Evil:1"),
    no_code("a code that is an empty object", respond(201, {}), UNUSABLE),
    *(
        usable(f"an interval of {shown(value)}", interval=value, first=first)
        for value, first in INTERVALS
    ),
    *(
        Row(
            f"an interval of {value} s",
            [code(interval=value, lifetime=90)],
            "expired",
            ["2 more minutes", LAST_MINUTE, HAS_EXPIRED],
            asked=[0],
            lasts=90,
        )
        for value in ("1000000000", "1.7e308")
    ),
    *(
        expires(name, "30 more minutes", lasts=1800, interval=60, **fields)
        for name, fields in LONGEST.items()
    ),
    *(
        expires(
            f"expires_at of {shown(value)}",
            "30 more minutes",
            lasts=1800,
            interval=600,
            expires_at=value,
        )
        for value in NO_TIMES
    ),
    Row(
        "expires_at in the past",
        [code(lifetime=-60), PENDING],
        "expired",
        [HAS_EXPIRED],
        asked=[0],
    ),
    expires("expires_at as a text", lasts=12, expires_at=str(START + 12)),
    *(
        expires(
            f"a Date of {date[:40]!r}",
            lasts=12,
            lifetime=12,
            headers={"Date": date} if date else {},
        )
        for date in DATES
    ),
    Row(
        "a Date in the old form without a zone, to a computer in Tokyo",
        [
            code({"Date": "Sun Sep  9 03:46:40 2001"}, ahead=2 * HOUR, lifetime=12),
            PENDING,
        ],
        "expired",
        [LAST_MINUTE, HAS_EXPIRED],
        lasts=12,
        environ={"TZ": "Asia/Tokyo"},
    ),
    *(
        usable(f"a link that is {uri}", uri, "not a link here", verification_uri=uri)
        for uri in NO_LINKS
    ),
    usable(
        "a link with letters that look like nothing",
        f"https://parsec.gg{shown(BLANKS)[1:-1]}.evil.example",
        "not a link here",
        verification_uri=f"https://parsec.gg{BLANKS}.evil.example",
    ),
    usable(
        "a code with letters that look like nothing",
        f"ABC{shown(BLANKS)[1:-1]}D",
        user_code=f"ABC{BLANKS}D",
    ),
    usable(
        "a link with markup, and text from right to left",
        f"https://parsec.gg/{NASTY_CODE_SHOWN}",
        verification_uri=f"https://parsec.gg/{NASTY}",
    ),
    usable(
        "a code with markup, and text from right to left",
        NASTY_CODE_SHOWN,
        user_code=NASTY,
    ),
    usable(
        "a link of a megabyte",
        "https://parsec.gg/aaaa",
        verification_uri="https://parsec.gg/" + "a" * 10**6,
    ),
    usable(
        "a link of 2,000 Chinese characters, too long for a QR code",
        "https://parsec.gg/\\u4e2d",
        verification_uri="https://parsec.gg/" + "\u4e2d" * 1900,
    ),
    usable("a code of a megabyte", "AAAA", user_code="A" * 10**6),
]
