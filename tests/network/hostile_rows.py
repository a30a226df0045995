"""What a login can meet: one table, in sections, each row a little world.

See `hostile_world.Row` for what a row says; `test_hostile_world` lives through
them all.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from hostile_world import (
    REFUSED_AT_CALL,
    START,
    Row,
    World,
    certificate,
)

from support import http_server
from support.secrets import AUTH_CODE_HASH, SESSION_ID

if TYPE_CHECKING:
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
    } | overrides
    known = {name: value for name, value in data.items() if value is not ...}
    return http_server.respond(
        201, {"data": known}, date(ahead) if headers is None else headers
    )


def approve(**overrides: Any) -> Behaviour:
    """Grant the session; ... leaves a field out."""
    data = {
        "id": SESSION_ID,
        "user_id": 1525260,
        "roles": ["host"],
        "host_peer_id": "0ujsswThIGTUYm2K8FjOOfXtY1K",
        "expires_at": START + 24 * HOUR,
    } | overrides
    known = {name: value for name, value in data.items() if value is not ...}
    return http_server.respond(201, {"data": known})


def redirect(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Lead to another host name, where the same server would see who comes."""

    def behave(connection: Any) -> None:
        port = connection.getsockname()[1]
        location = {"Location": f"http://localhost:{port}/elsewhere"}
        http_server.respond(status, body, location | headers)(connection)

    return behave


PENDING = http_server.respond(202, b"")
UNAUTHORIZED = http_server.respond(401, {"error": "denied"})
PORTAL = http_server.respond(
    200, b"<html>Welcome to our Wi-Fi! Accept our terms.</html>"
)
LOGGED_IN = "Logged in as user 1525260 (roles: host) until 2001-09-10"
NOT_ACCEPTED = "Parsec did not accept the code"
HAS_EXPIRED = "The code has expired"
NASTY = "\u202e<img src=x onerror=alert(1)>\u2028\x00\"'&\u2066\ud800é"


def every(interval: float, until: float) -> list[float]:
    """Return when a login asks that nothing disturbs: at once, and at intervals."""
    return [interval * i for i in range(-int(-until // interval))]


def down(world: World) -> None:
    """Take the server down."""
    world.server.go_down()


def up(world: World) -> None:
    """Let the server come back."""
    world.server.come_back()


COURSE = [
    Row(
        "202, 202, then 201",
        "says twice that nobody has approved yet, then approves",
        [code(), PENDING, PENDING, approve()],
        "approved",
        [0, 5, 10, 15],
        ["ABCD3456", "30 more minutes", LOGGED_IN, "in the variable session_id"],
    ),
    Row(
        "401 before the deadline",
        "says 401 while the code is good",
        [code(), PENDING, UNAUTHORIZED],
        "denied",
        [0, 5, 10],
        ["ABCD3456", NOT_ACCEPTED, "denied in the browser, or it was no longer valid"],
    ),
    Row(
        "401 after the deadline",
        "takes so long to say 401 that the code expires meanwhile",
        [code(lifetime=12), PENDING, UNAUTHORIZED],
        "expired",
        [0, 5, 10],
        [HAS_EXPIRED],
        lasts=12,
        before={2: lambda world: world.take(2)},
    ),
    Row(
        "201 after the deadline",
        "approves so slowly that the code expires meanwhile",
        [code(lifetime=12), PENDING, approve()],
        "approved",
        [0, 5, 10],
        [LOGGED_IN],
        lasts=15,
        before={2: lambda world: world.take(5)},
    ),
    Row(
        "202 for ever",
        "says for half an hour that nobody has approved yet",
        [code(interval=20), PENDING],
        "expired",
        every(20, 1800),
        ["30 more minutes", "29 more minutes", "1 more minute.", HAS_EXPIRED],
        lasts=1800,
    ),
    Row(
        "silence for ever",
        "never answers a poll",
        [code(lifetime=100), http_server.hang],
        "expired",
        [0, 5, 15, 35, 75],
        ["again in 10 s", "in time", "again in 20 s", "again in 40 s", HAS_EXPIRED],
        lasts=100,
        timeout=1,
    ),
    Row(
        "cancelled, approved too late",
        "approves a poll that was on its way when the user cancelled",
        [code(), approve()],
        "cancelled",
        [0, 5],
        ["The login was cancelled"],
        before={1: lambda world: world.cancel()},
    ),
    Row(
        "clock two hours ahead",
        "has a clock two hours ahead of ours",
        [code(ahead=2 * HOUR, lifetime=60), PENDING],
        "expired",
        every(5, 60),
        ["1 more minute.", HAS_EXPIRED],
        lasts=60,
    ),
    Row(
        "clock two hours behind",
        "has a clock two hours behind ours",
        [code(ahead=-2 * HOUR, lifetime=60), PENDING],
        "expired",
        every(5, 60),
        ["1 more minute.", HAS_EXPIRED],
        lasts=60,
    ),
    Row(
        "our clock set back",
        "waits while this computer's clock is set back by two hours",
        [code(lifetime=60), PENDING],
        "expired",
        every(5, 60),
        ["1 more minute.", HAS_EXPIRED],
        lasts=60,
        jumps={12: -2 * HOUR},
    ),
    Row(
        "our clock set forward, a little",
        "waits while this computer's clock is set forward by 30 s",
        [code(lifetime=60), PENDING, PENDING, PENDING, approve()],
        "approved",
        [0, 5, 10, 15, 20],
        [LOGGED_IN],
        jumps={12: 30},
    ),
    Row(
        "our clock set forward, a lot",
        "waits while this computer's clock is set forward by two hours",
        [code(), PENDING],
        "expired",
        [0, 5, 10],
        [HAS_EXPIRED],
        lasts=15,
        jumps={12: 2 * HOUR},
    ),
    Row(
        "a nap",
        "waits while this computer sleeps for ten minutes",
        [code(), PENDING, PENDING, approve()],
        "approved",
        [0, 5, 10, 15],
        ["30 more minutes", "20 more minutes", LOGGED_IN],
        jumps={12: 600},
    ),
    Row(
        "a night",
        "approves while this computer sleeps for eight hours, and forgets",
        [code(), PENDING, PENDING, UNAUTHORIZED],
        "expired",
        [0, 5, 10],
        [HAS_EXPIRED, "or the approval was lost on the way"],
        lasts=15,
        jumps={12: 8 * HOUR},
    ),
]


def unsettled(
    name: str,
    does: str,
    behaviour: Behaviour,
    words: str,
    *,
    pause: float = 10,
    **more: Any,
) -> Row:
    """Return a row whose first poll settles nothing, and whose second is approved."""
    told = f"Can't reach Parsec, trying again in {pause:.0f} s. ({words}"
    return Row(
        name,
        does,
        [code(), behaviour, approve()],
        "approved",
        [0, 5, 5 + pause],
        ["ABCD3456", told, LOGGED_IN],
        **more,
    )


SLOW_DOWN = "Parsec asks to slow down, HTTP 429"
SIGN_IN = "the answer is not Parsec's, HTTP 20"
ELSEWHERE = "the answer leads elsewhere, HTTP 30"
NO_HTTP = "127.0.0.1 sent what is no HTTP answer"
TOO_LONG = "the answer of 127.0.0.1 is too long"
IN_TIME = "127.0.0.1 did not answer in time"
CUT_OFF = "127.0.0.1 broke the connection off"
BROKE_OFF = "the answer of 127.0.0.1 broke off"

STATUSES = [
    unsettled(
        f"{status}",
        f"answers a poll with {status}",
        http_server.respond(status, {"error": "busy"}),
        f"the server answers HTTP {status}",
    )
    for status in (408, 425, 500, 503, 504, 599)
] + [
    unsettled(
        "502 with HTML",
        "answers a poll with a gateway's page",
        http_server.respond(502, b"<html><h1>Bad Gateway</h1></html>"),
        "the server answers HTTP 502",
    ),
    unsettled(
        "503 with Retry-After",
        "answers a poll with 503, and asks for two minutes",
        http_server.respond(503, b"", {"Retry-After": "120"}),
        "the server answers HTTP 503",
        pause=120,
    ),
    unsettled(
        "429 with seconds",
        "asks to slow down, for 17 s",
        http_server.respond(429, {"error": "too soon"}, {"Retry-After": "17"}),
        SLOW_DOWN,
        pause=17,
    ),
    unsettled(
        "429 with a date",
        "asks to slow down, until half a minute later by its own clock",
        http_server.respond(
            429, b"", date(2 * HOUR) | {"Retry-After": date(2 * HOUR + 30)["Date"]}
        ),
        SLOW_DOWN,
        pause=30,
    ),
    unsettled(
        "429 with a date that is over",
        "asks to slow down, until an hour ago",
        http_server.respond(429, b"", date() | {"Retry-After": date(-HOUR)["Date"]}),
        SLOW_DOWN,
        pause=5,
    ),
    unsettled(
        "429 with less than the interval",
        "asks to slow down, for 2 s",
        http_server.respond(429, b"", {"Retry-After": "2"}),
        SLOW_DOWN,
        pause=5,
    ),
    Row(
        "429 with nothing, twice",
        "asks to slow down, twice, and does not say how much",
        [
            code(),
            http_server.respond(429),
            http_server.respond(429),
            PENDING,
            approve(),
        ],
        "approved",
        [0, 5, 15, 30, 35],
        [f"again in 10 s. ({SLOW_DOWN}", f"again in 15 s. ({SLOW_DOWN}", LOGGED_IN],
    ),
    *(
        unsettled(
            f"429 with {value}",
            f"asks to slow down, with a Retry-After of {value}",
            http_server.respond(429, b"", {"Retry-After": value}),
            SLOW_DOWN,
            pause=10,
        )
        for value in ("-30", "soon", "inf", "nan", "0x10", "Wed, 99 Foo 2033")
    ),
    *(
        Row(
            f"429 with {value}",
            f"asks to slow down, for {value} s",
            [code(lifetime=60), http_server.respond(429, b"", {"Retry-After": value})],
            "expired",
            [0, 5],
            ["again in 1800 s", HAS_EXPIRED],
            lasts=60,
        )
        for value in ("1000000000", "1e308")
    ),
    unsettled(
        "a sign-in page",
        "lets a captive portal answer a poll with its page",
        PORTAL,
        SIGN_IN,
    ),
    unsettled(
        "200 with a session",
        "answers a poll with the session, but with 200",
        http_server.respond(200, {"data": {"id": "not" + SESSION_ID[3:]}}),
        SIGN_IN,
    ),
    unsettled(
        "204",
        "answers a poll with 204",
        http_server.send(b"HTTP/1.1 204 X\r\n\r\n"),
        SIGN_IN,
    ),
    *(
        unsettled(
            f"a redirect, {status}",
            "leads a poll to another host, which would get the hash",
            redirect(status),
            ELSEWHERE,
        )
        for status in (301, 302, 303, 307, 308)
    ),
    unsettled(
        "a redirect to nowhere",
        "leads a poll to what is no address",
        http_server.respond(302, b"", {"Location": "http://[::\xff/"}),
        ELSEWHERE,
    ),
    unsettled(
        "a redirect with a gzip bomb",
        "leads a poll elsewhere, with a body that unpacks to 1 GB",
        redirect(302, http_server.gzip_bomb(1000), **{"Content-Encoding": "gzip"}),
        ELSEWHERE,
        at_most=2,
    ),
    Row(
        "all of it in turn",
        "fails in five ways with a good answer between them",
        [
            code(),
            http_server.respond(500),
            http_server.respond(502),
            http_server.reset,
            PENDING,
            http_server.respond(429),
            PORTAL,
            approve(),
        ],
        "approved",
        [0, 5, 15, 35, 75, 80, 90, 110],
        [
            "in 10 s",
            "in 20 s",
            "again in 40 s",
            "29 more",
            "in 10 s",
            "in 20 s",
            LOGGED_IN,
        ],
    ),
]

CONNECTIONS = [
    Row(
        "refused, then back",
        "goes down while a login is pending, and comes back",
        [code(), approve()],
        "approved",
        [0, 5, 15, 35],
        ["again in 10 s. (127.0.0.1 refused the connection", "in 20 s", LOGGED_IN],
        before={1: down, 3: up},
        arrive=2,
    ),
    unsettled(
        "reset before the answer",
        "resets the connection instead of answering, as a stale one is",
        http_server.reset,
        CUT_OFF,
    ),
    unsettled(
        "reset inside the answer",
        "resets the connection within the body",
        http_server.reset_inside,
        CUT_OFF,
    ),
    unsettled(
        "closed without an answer",
        "closes the connection instead of answering",
        http_server.close,
        CUT_OFF,
    ),
    unsettled(
        "closed inside the answer",
        "closes the connection within the body",
        http_server.close_inside,
        BROKE_OFF,
    ),
    Row(
        "closed between polls",
        "ends the idle connection between any two polls",
        [code(), PENDING, PENDING, approve()],
        "approved",
        [0, 5, 10, 15],
        ["ABCD3456", LOGGED_IN],
        before={n: lambda world: world.server.drop_connections() for n in (1, 2, 3)},
    ),
    unsettled(
        "a minute's silence",
        "takes a poll and says nothing",
        http_server.hang,
        IN_TIME,
        timeout=1,
    ),
    Row(
        "a black hole",
        "never takes a connection, and does not refuse one either",
        [code()],
        "failed",
        [0, 2, 6, 14],
        ["again in 2 s. (127.0.0.1 did not answer in time", "Try again"],
        url="http://{black_hole}",
        arrive=0,
        timeout=0.1,
    ),
    unsettled(
        "one byte every 100 ms, header",
        "drips its header",
        http_server.drip(b"HTTP/1.1 201 X\r\n" * 9),
        IN_TIME,
        timeout=1,
    ),
    unsettled(
        "one byte every 100 ms, body",
        "drips its body",
        http_server.drip(b" " * 900, b"HTTP/1.1 201 X\r\nContent-Length: 900\r\n\r\n"),
        IN_TIME,
        timeout=1,
    ),
    unsettled(
        "one byte every 100 ms, chunks",
        "drips a chunked body that has no end",
        http_server.drip(
            b"1\r\n \r\n" * 99, b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
        IN_TIME,
        timeout=1,
    ),
    unsettled(
        "chunks without end",
        "sends a chunked body that has no end, as fast as it can",
        http_server.flood(
            b"400\r\n" + b" " * 1024 + b"\r\n",
            b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        SIGN_IN,
    ),
    unsettled(
        "a body without end",
        "sends a body that has no end, as fast as it can",
        http_server.flood(b" ", b"HTTP/1.1 201 X\r\n\r\n"),
        SIGN_IN,
    ),
    unsettled(
        "trailers without end",
        "ends a chunked body with trailers that have no end",
        http_server.flood(
            b"a: b\r\n",
            b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        ),
        TOO_LONG,
    ),
    unsettled(
        "headers without end",
        "sends headers without end, as fast as it can",
        http_server.flood(b"a: b\r\n", b"HTTP/1.1 201 X\r\n"),
        NO_HTTP,
    ),
    unsettled(
        "one header without end",
        "sends one header that has no end",
        http_server.flood(b"a", b"HTTP/1.1 201 X\r\na: "),
        NO_HTTP,
    ),
    unsettled(
        "5 MB of headers",
        "sends 80 headers of 60 kB",
        http_server.send(
            b"HTTP/1.1 202 X\r\n" + (b"a: " + b"b" * 60_000 + b"\r\n") * 80 + b"\r\n"
        ),
        TOO_LONG,
    ),
    unsettled(
        "100 Continue without end",
        "sends informational answers without end",
        http_server.flood(b"HTTP/1.1 100 Continue\r\n\r\n"),
        TOO_LONG,
    ),
    Row(
        "100 Continue, a few",
        "sends a few informational answers before the real one",
        [
            code(),
            http_server.send(
                b"HTTP/1.1 100 Continue\r\n\r\n" * 3
                + b"HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n"
            ),
            approve(),
        ],
        "approved",
        [0, 5, 10],
        [LOGGED_IN],
    ),
    unsettled(
        "103 Early Hints",
        "sends early hints before the real answer",
        http_server.send(
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            b"HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n"
        ),
        "the answer is not Parsec's, HTTP 103",
    ),
    Row(
        "two answers to one poll",
        "sends a 401 behind a 202, as if to a poll that was not sent yet",
        [
            code(),
            http_server.send(
                b"HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n"
                b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n"
            ),
            approve(),
        ],
        "approved",
        [0, 5, 10],
        [LOGGED_IN],
    ),
    unsettled(
        "a gzip bomb",
        "approves in 1 MB of gzip that unpack to 1 GB",
        http_server.respond(
            201, http_server.gzip_bomb(1000), {"Content-Encoding": "gzip"}
        ),
        SIGN_IN,
        at_most=2,
    ),
    unsettled(
        "5 MB of [",
        "approves with 5 MB of [",
        http_server.respond(201, b"[" * 5_000_000),
        SIGN_IN,
    ),
    unsettled(
        "1 MB of [",
        "approves with 1 MB of [",
        http_server.respond(201, b"[" * 10**6),
        SIGN_IN,
    ),
    unsettled(
        "no UTF-8",
        "approves in bytes that are no UTF-8",
        http_server.respond(201, b'{"data": {"id": "\xff\xfe\xfd"}}'),
        SIGN_IN,
    ),
    unsettled(
        "a number of 5,000 digits",
        "approves with a user_id that Python refuses to read",
        http_server.respond(201, b'{"data": {"user_id": 1' + b"0" * 5000 + b"}}"),
        SIGN_IN,
    ),
    Row(
        "HTTP/1.0",
        "speaks the oldest HTTP, and closes after each answer",
        [
            code(),
            *[http_server.send_and_close(b"HTTP/1.0 202 X\r\n\r\n")] * 2,
            approve(),
        ],
        "approved",
        [0, 5, 10, 15],
        [LOGGED_IN],
    ),
    Row(
        "cookies",
        "sets cookies, and would see them again",
        [
            code(date() | {"Set-Cookie": f"a={AUTH_CODE_HASH}; Max-Age=9999"}),
            http_server.respond(202, b"", {"Set-Cookie": "b=c; Path=/"}),
            approve(),
        ],
        "approved",
        [0, 5, 10],
        [LOGGED_IN],
    ),
    unsettled(
        "a status of 999",
        "answers a poll with a status that there is not",
        http_server.respond(999),
        "the server answers HTTP 999",
    ),
    unsettled(
        "no HTTP",
        "answers like an SSH server",
        http_server.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        NO_HTTP,
    ),
    unsettled(
        "a body of a terabyte",
        "announces a body of a terabyte, and closes",
        http_server.send_and_close(
            b"HTTP/1.1 201 X\r\nContent-Length: 1000000000000\r\n\r\n{}"
        ),
        BROKE_OFF,
    ),
    unsettled(
        "a body of two lengths",
        "announces two lengths of one body",
        http_server.send_and_close(
            b"HTTP/1.1 201 X\r\nContent-Length: 7\r\nContent-Length: 8\r\n\r\n{}"
        ),
        NO_HTTP,
    ),
]

ANSWERS = [
    *(
        Row(
            f"{status} at a poll",
            f"answers a poll with {status}",
            [code(), http_server.respond(status, {"error": "bad hash"})],
            "failed",
            [0, 5],
            ["refused to say", f"(HTTP {status}, Parsec says: bad hash)"],
        )
        for status in (400, 403, 404, 409, 410, 422, 499)
    ),
    Row(
        "404 with HTML",
        "answers a poll with a web server's own page",
        [code(), http_server.respond(404, b"<html>Not Found</html>")],
        "failed",
        [0, 5],
        ["refused to say", "Get a new code. (HTTP 404)"],
    ),
    Row(
        "an error of 1 MB",
        "answers a poll with 400 and 1 MB of words",
        [code(), http_server.respond(400, {"error": "no" * 500_000})],
        "failed",
        [0, 5],
        ["(HTTP 400, Parsec says: nonono"],
    ),
    Row(
        "an error of 5 MB",
        "answers a poll with 400 and 5 MB of words",
        [code(), http_server.respond(400, {"error": "no" * 2_500_000})],
        "failed",
        [0, 5],
        ["(HTTP 400)"],
    ),
    Row(
        "an error that tells the hash",
        "quotes the hash in its words for an error",
        [
            code(),
            http_server.respond(
                422, {"error": f"auth_code_hash={AUTH_CODE_HASH} is odd"}
            ),
        ],
        "failed",
        [0, 5],
        ["(HTTP 422, Parsec says: auth_code_hash=… is odd)"],
    ),
    Row(
        "an error with markup",
        "writes markup and text from right to left into an error",
        [code(), http_server.respond(400, {"error": NASTY})],
        "failed",
        [0, 5],
        ["Parsec says: <img src=x onerror=alert(1)> \"'&é)"],
    ),
    *(
        Row(
            f"an error that is {json.dumps(value)}",
            "gives an error that is no text",
            [code(), http_server.respond(400, {"error": value})],
            "failed",
            [0, 5],
            ["(HTTP 400)"],
        )
        for value in (None, 7, ["no"], {"no": "no"})
    ),
    Row(
        "401 with 5 MB",
        "denies, with a body of 5 MB",
        [code(), http_server.respond(401, b" " * 5_000_000)],
        "denied",
        [0, 5],
        [NOT_ACCEPTED],
    ),
    *(
        Row(
            f"201 with {what}",
            f"approves, with {what} for a session ID",
            [code(), http_server.respond(201, {"data": data})],
            "failed",
            [0, 5],
            ["approved the code, but its answer holds no usable session ID"],
        )
        for what, data in {
            "nothing": {},
            "null": {"id": None},
            "a number": {"id": 7},
            "an empty text": {"id": ""},
            "a list": {"id": [SESSION_ID]},
            "an object": {"id": {"id": SESSION_ID}},
            "two lines": {"id": f"{SESSION_ID}\r\nX-Evil:1"},
            "a megabyte": {"id": "a" * 10**6},
            "no object around it": [SESSION_ID],
            "null around it": None,
        }.items()
    ),
    Row(
        "201 with null fields",
        "approves, and tells nothing but the session ID",
        [
            code(),
            approve(user_id=None, roles=None, host_peer_id=None, expires_at=None),
        ],
        "approved",
        [0, 5],
        ["Logged in. The session ID is in the variable session_id."],
    ),
    Row(
        "201 with the ID alone",
        "approves with a session ID and no other field",
        [code(), approve(user_id=..., roles=..., host_peer_id=..., expires_at=...)],
        "approved",
        [0, 5],
        ["Logged in. The session ID is in the variable session_id."],
    ),
    Row(
        "201 with unknown fields",
        "approves with fields that nobody has heard of",
        [
            code(new={"a": [1]}),
            approve(id2=SESSION_ID, nested={"deep": [AUTH_CODE_HASH]}),
        ],
        "approved",
        [0, 5],
        [LOGGED_IN],
    ),
    Row(
        "201 with fields of other kinds",
        "approves with a text for a number and a number for a text",
        [
            code(),
            approve(user_id="7", roles="host", host_peer_id=7, expires_at=[1]),
        ],
        "approved",
        [0, 5],
        ["Logged in. The session ID is in the variable session_id."],
    ),
    Row(
        "201 with numbers beyond reason",
        "approves with a user_id of 4,000 digits and an expiry after the end of time",
        [code(), approve(user_id=10**4000, expires_at=10**300)],
        "approved",
        [0, 5],
        ["Logged in (roles: host). The session ID"],
    ),
    Row(
        "201 with 50,000 roles",
        "approves with a list of roles that has no end",
        [code(), approve(roles=["guest"] * 50_000)],
        "approved",
        [0, 5],
        [f"(roles: {', '.join(['guest'] * 10)}) until"],
    ),
    Row(
        "201 that tells the ID twice",
        "approves, and repeats the session ID and the hash among the roles",
        [
            code(),
            approve(roles=["host", SESSION_ID, f"x{SESSION_ID}x", AUTH_CODE_HASH]),
        ],
        "approved",
        [0, 5],
        ["Logged in as user 1525260 (roles: host, …, x…x"],
    ),
    Row(
        "201 with markup",
        "writes markup and text from right to left into everything",
        [code(), approve(roles=[NASTY], host_peer_id=NASTY, user_id=NASTY)],
        "approved",
        [0, 5],
        ["Logged in (roles: <img src=x onerror=alert(1)> \"'&é)"],
    ),
]


def no_code(
    name: str, does: str, behaviour: Behaviour, *words: str, **more: Any
) -> Row:
    """Return a row in which no code is to be had, and that is final."""
    return Row(name, does, [behaviour], "failed", [0], words, **more)


def coded(name: str, does: str, behaviour: Behaviour, *words: str, **more: Any) -> Row:
    """Return a row in which an odd code is good enough, and approved at once."""
    first = more.pop("first", 5)
    return Row(
        name, does, [behaviour, approve()], "approved", [0, first], [*words, LOGGED_IN]
    )


UNUSABLE = "Parsec's answer holds no usable code"

CODES = [
    Row(
        "three failures, then a code",
        "answers 503, resets, sends a sign-in page, and then issues a code",
        [http_server.respond(503), http_server.reset, PORTAL, code(), approve()],
        "approved",
        [0, 2, 6, 14, 19],
        ["Asking Parsec", "again in 2 s", "in 4 s", "in 8 s", "ABCD3456", LOGGED_IN],
    ),
    Row(
        "503 for ever",
        "answers the request for a code with 503, always",
        [http_server.respond(503)],
        "failed",
        [0, 2, 6, 14],
        [
            "again in 8 s",
            "Can't reach Parsec: the server answers HTTP 503",
            "Try again",
        ],
    ),
    Row(
        "down for ever",
        "is not there",
        [],
        "failed",
        [0, 2, 6, 14],
        ["again in 8 s", "Can't reach Parsec: 127.0.0.1 refused the connection"],
        url="http://{closed}",
        arrive=0,
    ),
    Row(
        "silent for ever",
        "never answers the request for a code",
        [http_server.hang],
        "failed",
        [0, 2, 6, 14],
        ["again in 8 s", "Can't reach Parsec: 127.0.0.1 did not answer in time"],
        timeout=0.3,
    ),
    Row(
        "silent, each time for 10 s",
        "never answers the request for a code, for as long as may be",
        [http_server.hang],
        "failed",
        [0, 12, 26],
        ["again in 2 s", "Can't reach Parsec: 127.0.0.1 did not answer in time"],
        lasts=36,
        timeout=0.3,
        before=dict.fromkeys((0, 1, 2), lambda world: world.take(10)),
    ),
    Row(
        "a sign-in page for ever",
        "lets a captive portal answer the request for a code",
        [PORTAL],
        "failed",
        [0, 2, 6, 14],
        ["again in 8 s", "maybe a Wi-Fi sign-in page. Check your internet"],
    ),
    Row(
        "a redirect for ever",
        "leads the request for a code to another host",
        [redirect(302)],
        "failed",
        [0, 2, 6, 14],
        ["again in 8 s", "the answer leads elsewhere, HTTP 302"],
    ),
    Row(
        "429 for ever",
        "asks to slow down, and issues no code",
        [http_server.respond(429)],
        "failed",
        [0, 6, 17],
        ["again in 6 s", "again in 11 s", "Can't reach Parsec: Parsec asks to slow"],
    ),
    Row(
        "429 for an hour",
        "asks to come back for a code in an hour",
        [http_server.respond(429, b"", {"Retry-After": "3600"})],
        "failed",
        [0],
        ["Can't reach Parsec: Parsec asks to slow down, HTTP 429"],
    ),
    *(
        no_code(
            f"{status} for a code",
            f"refuses the game_id with {status}",
            http_server.respond(status, {"error": "app not allowed"}),
            "issues no code for the game_id 'game'. Check it letter by letter.",
            "reports say that since 2023",
            "Session.from_id()",
            f"(HTTP {status}, Parsec says: app not allowed)",
        )
        for status in (400, 401, 403, 404)
    ),
    *(
        no_code(
            f"{json.dumps(value)} for the {name}",
            f"issues a code with {json.dumps(value)} for its {name}",
            code(**{name: value}),
            UNUSABLE,
            "demo=True",
        )
        for name in ("hash", "user_code", "verification_uri")
        for value in (None, "", 7, [AUTH_CODE_HASH])
    ),
    *(
        no_code(
            f"no {name}",
            f"issues a code without {name}",
            code(**{name: ...}),
            UNUSABLE,
            "demo=True",
        )
        for name in ("hash", "user_code", "verification_uri")
    ),
    no_code(
        "a link that tells the hash",
        "issues a code with the hash in its link",
        code(verification_uri=f"https://parsec.gg/activate?hash={AUTH_CODE_HASH}"),
        UNUSABLE,
    ),
    no_code(
        "a code that tells the hash",
        "issues a code that is its own hash",
        code(user_code=AUTH_CODE_HASH),
        UNUSABLE,
    ),
    no_code(
        "a hash of two lines",
        "issues a code whose hash would write a header of its own",
        code(hash="a\r\nX-Evil:1"),
        UNUSABLE,
    ),
    no_code(
        "a code without anything",
        "issues a code that is an empty object",
        http_server.respond(201, {}),
        UNUSABLE,
    ),
    *(
        coded(
            f"an interval of {json.dumps(value)}",
            f"issues a code with an interval of {json.dumps(value)}",
            code(interval=value),
            first=first,
        )
        for value, first in (
            (0, 5),
            (-3, 5),
            ("soon", 5),
            (None, 5),
            (True, 5),
            ([3], 5),
            (2.5, 2.5),
            ("7", 7),
            (600, 600),
            (1e-9, 0.1),
        )
    ),
    coded(
        "no interval",
        "issues a code without an interval",
        code(interval=...),
    ),
    *(
        Row(
            f"an interval of {value}",
            f"issues a code with an interval of {value} s",
            [code(interval=value, lifetime=90)],
            "expired",
            [0],
            ["2 more minutes", "1 more minute.", HAS_EXPIRED],
            lasts=90,
        )
        for value in ("1000000000", "1.7e308")
    ),
    Row(
        "no expires_at",
        "issues a code and leaves out when it expires",
        [code(expires_at=..., interval=60), PENDING],
        "expired",
        every(60, 1800),
        ["30 more minutes", "1 more minute.", HAS_EXPIRED],
        lasts=1800,
    ),
    Row(
        "expires_at next year",
        "issues a code that is good for a year",
        [code(lifetime=365 * 24 * HOUR, interval=60), PENDING],
        "expired",
        every(60, 1800),
        ["30 more minutes", HAS_EXPIRED],
        lasts=1800,
    ),
    Row(
        "expires_at in the past",
        "issues a code that has expired",
        [code(lifetime=-60), PENDING],
        "expired",
        [0],
        [HAS_EXPIRED],
    ),
    Row(
        "expires_at as a text",
        "issues a code with its expiry in a text",
        [code(expires_at=str(START + 12)), PENDING],
        "expired",
        [0, 5, 10],
        ["1 more minute.", HAS_EXPIRED],
        lasts=12,
    ),
    *(
        Row(
            f"expires_at of {json.dumps(value)}",
            f"issues a code that expires at {json.dumps(value)}",
            [code(expires_at=value, interval=600), PENDING],
            "expired",
            [0, 600, 1200],
            ["30 more minutes", HAS_EXPIRED],
            lasts=1800,
        )
        for value in ("soon", None, 1e300, float("nan"), [1], {})
    ),
    *(
        Row(
            f"a Date of {value}",
            "issues a code, and its clock cannot be read",
            [code({"Date": value} if value else {}, lifetime=12), PENDING],
            "expired",
            [0, 5, 10],
            ["1 more minute.", HAS_EXPIRED],
            lasts=12,
        )
        for value in (
            "",
            "yesterday",
            "Wed, 99 Foo 2033 25:61:61 GMT",
            "0",
            "9" * 60_000,
        )
    ),
    Row(
        "a Date in the old form",
        "tells the time in the old form that names no zone, to a computer in Tokyo",
        [
            code({"Date": "Sun Sep  9 03:46:40 2001"}, ahead=2 * HOUR, lifetime=12),
            PENDING,
        ],
        "expired",
        [0, 5, 10],
        ["1 more minute.", HAS_EXPIRED],
        lasts=12,
        environ={"TZ": "Asia/Tokyo"},
    ),
    *(
        coded(
            f"a link that is {uri}",
            "issues a code whose link is no web address",
            code(verification_uri=uri),
            uri,
        )
        for uri in (
            "javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "//evil.example",
            "/logout",
            "http://[x",
            "https://",
            "file:///etc/passwd",
        )
    ),
    coded(
        "a link with markup",
        "writes markup and text from right to left into the link",
        code(verification_uri="https://parsec.gg/" + NASTY),
        "https://parsec.gg/<img src=x onerror=alert(1)> \"'&é",
    ),
    coded(
        "a code with markup",
        "writes markup and text from right to left into the code",
        code(user_code=NASTY),
        "<img src=x onerror=alert(1)> \"'&é",
    ),
    coded(
        "a link of a megabyte",
        "issues a code whose link has no end",
        code(verification_uri="https://parsec.gg/" + "a" * 10**6),
        "https://parsec.gg/aaaa",
    ),
    coded(
        "a link of 2,000 Chinese characters",
        "issues a code whose link is too long for a QR code",
        code(verification_uri="https://parsec.gg/" + "\u4e2d" * 1900),
        "https://parsec.gg/\u4e2d",
    ),
    coded(
        "a code of a megabyte",
        "issues a code that nobody can type",
        code(user_code="A" * 10**6),
        "AAAA",
    ),
]

PROXY = "the proxy in HTTPS_PROXY or ALL_PROXY"
UNVERIFIED = "the TLS certificate of 127.0.0.1 cannot be verified"
NO_TLS = "no TLS connection to 127.0.0.1 can be made"
PROXY_FAILED = f"{PROXY} failed"
BY_PROXY = f"127.0.0.1, by way of {PROXY},"
TRUSTED = {"REQUESTS_CA_BUNDLE": "{ca}"}
OWN = {"tls": certificate("127.0.0.1", "localhost")}
PROXIED = TRUSTED | {"HTTPS_PROXY": "http://{proxy}"}


def unreachable(name: str, does: str, words: str, **more: Any) -> Row:
    """Return a row in which nothing arrives, and that is told at the end."""
    ends = [
        f"Can't reach Parsec: {words}",
        "Check your internet connection, and api_url if you gave one",
        "Try again",
    ]
    told = f"Can't reach Parsec, trying again in 8 s. ({words}"
    defaults: dict[str, Any] = {"arrive": 0}
    return Row(
        name, does, [PENDING], "failed", [0, 2, 6, 14], [told, *ends], **defaults | more
    )


def reached(name: str, does: str, **more: Any) -> Row:
    """Return a row in which a login goes well."""
    behaviours = [code(), PENDING, approve()]
    return Row(name, does, behaviours, "approved", [0, 5, 10], [LOGGED_IN], **more)


WAYS = [
    reached("IPv6", "listens on ::1", listens={"host": "::1"}),
    reached(
        "localhost", "is called by the name localhost", url="http://localhost:{port}"
    ),
    unreachable(
        "a name that is not there",
        "has a name that nobody knows",
        "the name parsec.invalid cannot be looked up",
        url="https://parsec.invalid",
    ),
    unreachable(
        "a name server that is silent",
        "has a name whose look-up gets no answer",
        "silent.invalid did not answer in time",
        url="https://{silent_name}",
        timeout=0.1,
    ),
    *(
        Row(
            f"{url}",
            "would get the session ID, or the hash, in the clear or not at all",
            [],
            REFUSED_AT_CALL,
            [],
            [words],
            url=url,
        )
        for url, words in {
            "http://kessel-api.parsecgaming.com": "plain http works only to this",
            "http://127.0.0.1.evil.example": "plain http works only to this computer",
            "http://10.0.0.1": "plain http works only to this computer",
            "http://localhost.evil.example": "plain http works only to this computer",
            "https://user:word@parsec.example": "holds a user name or a password",
            "ftp://parsec.example": "is no web address",
            "parsec.example": "is no web address",
            "https://": "is no web address",
        }.items()
    ),
    reached(
        "TLS", "has a certificate of a trusted authority", listens=OWN, environ=TRUSTED
    ),
    unreachable(
        "TLS of a stranger",
        "has a certificate of an authority that nobody trusts",
        UNVERIFIED,
        listens=OWN,
    ),
    unreachable(
        "TLS of another authority",
        "has a certificate of another authority than the one that is trusted",
        UNVERIFIED,
        listens=OWN,
        environ={"REQUESTS_CA_BUNDLE": "{stranger}"},
    ),
    unreachable(
        "TLS of another host",
        "has a certificate for another host",
        UNVERIFIED,
        listens={"tls": certificate("parsec.example")},
        environ=TRUSTED,
    ),
    unreachable(
        "TLS of yesterday",
        "has a certificate that has expired",
        UNVERIFIED,
        listens={
            "tls": certificate(
                "127.0.0.1",
                not_before=datetime(2001, 1, 1, tzinfo=timezone.utc),
                not_after=datetime(2001, 9, 9, tzinfo=timezone.utc),
            )
        },
        environ=TRUSTED,
    ),
    unreachable(
        "no TLS",
        "speaks plain http where TLS is due",
        NO_TLS,
        listens={"greeting": http_server.send(b"HTTP/1.1 400 X\r\n\r\n")},
        url="https://{server}",
    ),
    unreachable(
        "TLS that hangs",
        "takes the connection, and says nothing",
        IN_TIME,
        url="https://{server}",
        timeout=0.1,
    ),
    unreachable(
        "TLS that drips",
        "drips its handshake",
        IN_TIME,
        listens={"greeting": http_server.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 900)},
        url="https://{server}",
        timeout=0.3,
    ),
    unreachable(
        "TLS that ends",
        "closes the connection instead of a handshake",
        CUT_OFF,
        listens={"greeting": http_server.close},
        url="https://{server}",
    ),
    unreachable(
        "REQUESTS_CA_BUNDLE of nothing",
        "is fine, but REQUESTS_CA_BUNDLE names no file",
        "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names no file",
        listens=OWN,
        environ={"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"},
    ),
    unreachable(
        "REQUESTS_CA_BUNDLE of garbage",
        "is fine, but REQUESTS_CA_BUNDLE holds no certificate",
        NO_TLS,
        listens=OWN,
        environ={"REQUESTS_CA_BUNDLE": __file__},
    ),
    reached(
        "a .netrc",
        "has a name for which this computer keeps a password",
        listens=OWN,
        environ=TRUSTED | {"NETRC": "{netrc}"},
    ),
    reached(
        "HTTPS_PROXY",
        "is behind a proxy",
        listens=OWN,
        environ=PROXIED,
        proxied=1,
    ),
    reached(
        "ALL_PROXY",
        "is behind a proxy for everything",
        listens=OWN,
        environ=TRUSTED | {"all_proxy": "http://{proxy}"},
        proxied=1,
    ),
    reached(
        "NO_PROXY",
        "is a host that NO_PROXY sets apart",
        listens=OWN,
        environ=PROXIED | {"NO_PROXY": "127.0.0.1"},
    ),
    reached(
        "HTTP_PROXY",
        "is on this computer, in the clear: no proxy may see it",
        environ={"HTTP_PROXY": "http://{proxy}", "ALL_PROXY": "http://{proxy}"},
    ),
    unreachable(
        "HTTPS_PROXY, TLS of a stranger",
        "is behind a proxy that shows a certificate of its own",
        f"the TLS certificate of {BY_PROXY} cannot be verified",
        listens=OWN,
        environ={"HTTPS_PROXY": "http://{proxy}"},
        proxied=4,
    ),
    unreachable(
        "HTTPS_PROXY, down",
        "is behind a proxy that is not there",
        PROXY_FAILED,
        listens=OWN,
        environ={"HTTPS_PROXY": "http://{closed}"},
    ),
    *(
        unreachable(
            f"HTTPS_PROXY, {status}",
            f"is behind a proxy that answers {status}",
            PROXY_FAILED,
            listens=OWN,
            environ=PROXIED,
            proxy=[http_server.respond(status, b"<html>who are you?</html>")],
            proxied=4,
        )
        for status in (403, 407, 502)
    ),
    *(
        unreachable(
            f"HTTPS_PROXY, {how}",
            "is behind a proxy that takes its time",
            words,
            listens=OWN,
            environ=PROXIED,
            proxy=[behaviour],
            proxied=4,
            timeout=0.4,
        )
        for how, behaviour, words in (
            ("hangs", http_server.hang, f"{BY_PROXY} did not answer in time"),
            (
                "drips",
                http_server.drip(b"HTTP/1.1 200 X\r\n" * 9),
                f"{BY_PROXY} did not answer in time",
            ),
            ("closes", http_server.close, f"{BY_PROXY} broke the connection off"),
        )
    ),
    unreachable(
        "HTTPS_PROXY of nonsense",
        "is fine, but HTTPS_PROXY is no address",
        f"{PROXY} is no address",
        listens=OWN,
        environ=TRUSTED | {"HTTPS_PROXY": "://:nonsense"},
    ),
    *(
        reached(
            f"HTTPS_PROXY of {kind}",
            "is behind a SOCKS proxy",
            listens=OWN,
            environ=TRUSTED | {"HTTPS_PROXY": f"{kind}://{{socks}}"},
            proxied=1,
        )
        for kind in ("socks5", "socks5h")
    ),
    unreachable(
        "HTTPS_PROXY of SOCKS, down",
        "is behind a SOCKS proxy that is not there",
        f"{BY_PROXY} refused the connection",
        listens=OWN,
        environ=TRUSTED | {"HTTPS_PROXY": "socks5h://{closed}"},
    ),
]

SECTIONS = {
    "The course of a login": COURSE,
    "Answers that settle nothing": STATUSES,
    "Connections that break": CONNECTIONS,
    "Answers that settle it": ANSWERS,
    "Codes": CODES,
    "Ways there": WAYS,
}
