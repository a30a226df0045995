"""Connections that fail, and servers that do not speak HTTP properly."""

from __future__ import annotations

from network.hostile.parsec import (
    CLOSED,
    IN_TIME,
    INCOMPLETE,
    NOT_HTTP,
    PENDING,
    REFUSED,
    RETRIES,
    TOO_LONG,
    approve,
    code,
    date,
    unsettled,
)
from network.hostile.world import LOGGED_IN, Row, World
from support.http_server import (
    close,
    close_inside,
    drip,
    flood,
    hang,
    reset,
    reset_inside,
    respond,
    send,
    send_and_close,
)
from support.secrets import AUTH_CODE_HASH

HEAD_201, HEAD_202 = b"HTTP/1.1 201 X\r\n", b"HTTP/1.1 202 X\r\n"
EMPTY_202, EMPTY_401 = (
    f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()
    for status in (202, 401)
)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = HEAD_201 + b"Transfer-Encoding: chunked\r\n\r\n"


def down(world: World) -> None:
    """Take the server down."""
    world.server.go_down()


def up(world: World) -> None:
    """Let the server come back."""
    world.server.come_back()


def drop_connections(world: World) -> None:
    """Close the idle connection, as servers do."""
    world.server.drop_connections()


ROWS = [
    Row(
        "down while the login is pending, then back",
        [code(), approve()],
        "approved",
        [f"again in 10 s. ({REFUSED}", "in 20 s", LOGGED_IN],
        asked=[0, 5, 15, 35],
        before={1: down, 3: up},
        arrive=2,
    ),
    Row(
        "an address that neither accepts nor refuses a connection",
        [code()],
        "failed",
        [f"again in 2 s. ({IN_TIME}", "Try again"],
        asked=RETRIES,
        url="http://{black_hole}",
        arrive=0,
        timeout=0.1,
    ),
    Row(
        "the connection is closed between any two polls",
        [code(), PENDING, PENDING, approve()],
        "approved",
        ["ABCD3456", LOGGED_IN],
        before=dict.fromkeys((1, 2, 3), drop_connections),
    ),
    unsettled("reset before the response", reset, CLOSED),
    unsettled("reset inside the response", reset_inside, CLOSED),
    unsettled("closed without a response", close, CLOSED),
    unsettled("closed inside the response", close_inside, INCOMPLETE),
    unsettled("no response to one poll", hang, IN_TIME, timeout=1),
    *(
        unsettled(f"one byte every 100 ms of {what}", poll, IN_TIME, timeout=1)
        for what, poll in {
            "the head": drip(HEAD_201 * 9),
            "the body": drip(b" " * 900, HEAD_201 + b"Content-Length: 900\r\n\r\n"),
            "the chunks": drip(b"1\r\n \r\n" * 99, CHUNKED),
        }.items()
    ),
    *(
        unsettled(f"{what} without end", poll, reason)
        for what, poll, reason in (
            ("chunks", flood(b"400\r\n" + b" " * 1024 + b"\r\n", CHUNKED), TOO_LONG),
            ("a body", flood(b" ", HEAD_201 + b"\r\n"), TOO_LONG),
            ("trailers", flood(b"a: b\r\n", CHUNKED + b"0\r\n"), TOO_LONG),
            ("headers", flood(b"a: b\r\n", HEAD_201), NOT_HTTP),
            ("one header", flood(b"a", HEAD_201 + b"a: "), NOT_HTTP),
            ("100 Continue", flood(CONTINUE), TOO_LONG),
        )
    ),
    unsettled(
        "5 MB of headers",
        send(HEAD_202 + (b"a: " + b"b" * 60_000 + b"\r\n") * 80 + b"\r\n"),
        TOO_LONG,
    ),
    Row(
        "100 Continue, a few times", [code(), send(CONTINUE * 3 + EMPTY_202), approve()]
    ),
    unsettled(
        "103 Early Hints before the response",
        send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + EMPTY_202),
        "the response is not Parsec's, HTTP 103",
    ),
    Row(
        "401 behind a 202, as if to a poll that was not sent yet",
        [code(), send(EMPTY_202 + EMPTY_401), approve()],
    ),
    Row(
        "HTTP/1.0, closed after each response",
        [code(), *[send_and_close(b"HTTP/1.0 202 X\r\n\r\n")] * 2, approve()],
    ),
    Row(
        "cookies are set, and must not come back",
        [
            code(date() | {"Set-Cookie": f"a={AUTH_CODE_HASH}; Max-Age=9999"}),
            respond(202, b"", {"Set-Cookie": "b=c; Path=/"}),
            approve(),
        ],
    ),
    unsettled("an SSH server", send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), NOT_HTTP),
    unsettled(
        "a Content-Length of a terabyte",
        send_and_close(HEAD_201 + b"Content-Length: 1000000000000\r\n\r\n{}"),
        INCOMPLETE,
    ),
    unsettled(
        "two lengths of one body",
        send_and_close(HEAD_201 + b"Content-Length: 7\r\nContent-Length: 8\r\n\r\n{}"),
        NOT_HTTP,
    ),
]
