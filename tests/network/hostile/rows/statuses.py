"""Statuses that do not settle a login: it polls on, more slowly."""

from __future__ import annotations

from network.hostile.parsec import (
    ELSEWHERE,
    HAS_EXPIRED,
    HOUR,
    PENDING,
    PORTAL,
    SIGN_IN,
    SLOW_DOWN,
    approve,
    code,
    date,
    redirect,
    unsettled,
)
from network.hostile.world import LOGGED_IN, Row
from support import http_server
from support.http_server import respond
from support.secrets import SESSION_ID

RETRY_AFTER = {
    "17": 17,
    "2": 5,  # less than the interval
    "-30": 10,
    "soon": 10,
    "inf": 10,
    "nan": 10,
    "0x10": 10,
    "Wed, 99 Foo 2033": 10,
}

ROWS = [
    *(
        unsettled(
            f"{status}",
            respond(status, {"error": "busy"}),
            f"the server responds with HTTP {status}",
        )
        for status in (408, 425, 500, 503, 504, 599, 999)
    ),
    unsettled(
        "502 with a gateway's page",
        respond(502, b"<html><h1>Bad Gateway</h1></html>"),
        "the server responds with HTTP 502",
    ),
    unsettled(
        "503 with Retry-After of two minutes",
        respond(503, b"", {"Retry-After": "120"}),
        "the server responds with HTTP 503",
        pause=120,
    ),
    *(
        unsettled(
            f"429 with Retry-After: {value}",
            respond(429, {"error": "too soon"}, {"Retry-After": value}),
            SLOW_DOWN,
            pause=pause,
        )
        for value, pause in RETRY_AFTER.items()
    ),
    unsettled(
        "429 with a date half a minute later, by the server's clock",
        respond(
            429, b"", date(2 * HOUR) | {"Retry-After": date(2 * HOUR + 30)["Date"]}
        ),
        SLOW_DOWN,
        pause=30,
    ),
    unsettled(
        "429 with a date an hour ago",
        respond(429, b"", date() | {"Retry-After": date(-HOUR)["Date"]}),
        SLOW_DOWN,
        pause=5,
    ),
    *(
        Row(
            f"429 with Retry-After: {value}",
            [code(lifetime=60), respond(429, b"", {"Retry-After": value})],
            "expired",
            ["again in 1800 s", HAS_EXPIRED],
            asked=[0, 5],
            lasts=60,
        )
        for value in ("1000000000", "1e308")
    ),
    Row(
        "429 without Retry-After, twice",
        [code(), respond(429), respond(429), PENDING, approve()],
        "approved",
        [f"again in 10 s. ({SLOW_DOWN}", f"again in 15 s. ({SLOW_DOWN}", LOGGED_IN],
        asked=[0, 5, 15, 30, 35],
    ),
    unsettled("a captive portal's page", PORTAL, SIGN_IN),
    unsettled(
        "200 with a session",
        respond(200, {"data": {"id": "not" + SESSION_ID[3:]}}),
        SIGN_IN,
    ),
    unsettled("204", http_server.send(b"HTTP/1.1 204 X\r\n\r\n"), SIGN_IN),
    *(
        unsettled(
            f"{status} to another host, which would get the hash",
            redirect(status),
            ELSEWHERE,
        )
        for status in (301, 302, 303, 307, 308)
    ),
    unsettled(
        "302 to an invalid address",
        respond(302, b"", {"Location": "http://[::\xff/"}),
        ELSEWHERE,
    ),
    Row(
        "five failures, with a good response between them",
        [
            *(code(), respond(500), respond(502), http_server.reset, PENDING),
            *(respond(429), PORTAL, approve()),
        ],
        "approved",
        [
            *("in 10 s", "in 20 s", "again in 40 s", "29 more"),
            *("in 10 s", "in 20 s", LOGGED_IN),
        ],
        asked=[0, 5, 15, 35, 75, 80, 90, 110],
    ),
]
