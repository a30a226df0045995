"""Responses to a poll that settle a login: refusals, denials and approvals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from network.hostile.parsec import NASTY, NASTY_SHOWN, NOT_ACCEPTED, approve, code
from network.hostile.world import LOGGED_IN, Row
from support.http_server import respond
from support.secrets import AUTH_CODE_HASH, SESSION_ID

if TYPE_CHECKING:
    from support.http_server import Behaviour

REFUSED = "Parsec refused to tell whether the code is approved. Get a new code."
ONLY_THE_ID = "Logged in. The session ID is in the variable session_id."


def refused(name: str, poll: Behaviour, *sees: str) -> Row:
    """Return a row in which a poll is refused, and that is final."""
    return Row(name, [code(), poll], "failed", [REFUSED, *sees])


def approved(name: str, shown: str = LOGGED_IN, **fields: Any) -> Row:
    """Return a row in which the first poll is approved, with other fields."""
    return Row(name, [code(), approve(**fields)], "approved", [shown])


UNUSABLE_DATA = {
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
}

ROWS = [
    *(
        refused(
            f"{status}",
            respond(status, {"error": "bad hash"}),
            f"(HTTP {status}, Parsec says: bad hash)",
        )
        for status in (400, 403, 404, 409, 410, 422, 499)
    ),
    refused("404 with a web server's page", respond(404, b"<html>"), "(HTTP 404)"),
    refused(
        "400 with an error of 1 MB",
        respond(400, {"error": "no" * 500_000}),
        "(HTTP 400, Parsec says: nonono",
    ),
    refused(
        "400 with an error of 5 MB",
        respond(400, {"error": "no" * 2_500_000}),
        "(HTTP 400)",
    ),
    refused(
        "422 with an error that holds the hash",
        respond(422, {"error": f"auth_code_hash={AUTH_CODE_HASH} is odd"}),
        "(HTTP 422, Parsec says: auth_code_hash=… is odd)",
    ),
    refused(
        "400 with markup, and text from right to left",
        respond(400, {"error": NASTY}),
        f"Parsec says: {NASTY_SHOWN})",
    ),
    *(
        refused(
            f"400 with an error that is {json.dumps(value)}",
            respond(400, {"error": value}),
            "(HTTP 400)",
        )
        for value in (None, 7, ["no"], {"no": "no"})
    ),
    *(
        Row(f"401 with {name}", [code(), poll], "denied", [NOT_ACCEPTED])
        for name, poll in {
            "5 MB": respond(401, b" " * 5_000_000),
            "a body that is not gzip": respond(
                401, b"no", {"Content-Encoding": "gzip"}
            ),
        }.items()
    ),
    *(
        Row(
            f"201 with {name} for a session ID",
            [code(), respond(201, {"data": data})],
            "failed",
            ["approved the code, but its response has no usable session ID"],
        )
        for name, data in UNUSABLE_DATA.items()
    ),
    approved(
        "201 with null in all fields but the ID",
        ONLY_THE_ID,
        **dict.fromkeys(("user_id", "roles", "host_peer_id", "expires_at")),
    ),
    approved(
        "201 with the ID alone",
        ONLY_THE_ID,
        **dict.fromkeys(("user_id", "roles", "host_peer_id", "expires_at"), ...),
    ),
    Row(
        "201 with unknown fields",
        [
            code(new={"a": [1]}),
            approve(id2=SESSION_ID, nested={"deep": [AUTH_CODE_HASH]}),
        ],
    ),
    approved(
        "201 with fields of other types",
        ONLY_THE_ID,
        user_id="7",
        roles="host",
        host_peer_id=7,
        expires_at=[1],
    ),
    approved(
        "201 with numbers that are too large",
        "Logged in (roles: host). The session ID",
        user_id=10**4000,
        expires_at=10**300,
    ),
    approved(
        "201 with 50,000 roles",
        f"(roles: {', '.join(['guest'] * 10)}) until",
        roles=["guest"] * 50_000,
    ),
    approved(
        "201 with the ID and the hash among the roles",
        "Logged in as user 1525260 (roles: host, …, x…x",
        roles=["host", SESSION_ID, f"x{SESSION_ID}x", AUTH_CODE_HASH],
    ),
    approved(
        "201 with markup, and text from right to left",
        f"Logged in (roles: {NASTY_SHOWN})",
        roles=[NASTY],
        host_peer_id=NASTY,
        user_id=NASTY,
    ),
]
