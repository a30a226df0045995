"""The web API's client against a real server: what a whole login cannot show.

What a login makes of servers that misbehave is in `test_hostile_world`.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb._api import messages
from parsec_nb._api.client import WebAPI
from parsec_nb._api.models import (
    Approved,
    AuthCode,
    Denied,
    Pending,
    TransientFailure,
)
from support import http_server
from support.builders import auth_code
from support.threads import no_more_threads

if TYPE_CHECKING:
    from parsec_nb._api.models import PollResult

ID = "0123456789abcdef" * 4
SESSION = {
    "id": ID,
    "user_id": 1525260,
    "roles": ["host"],
    "host_peer_id": "peer",
    "expires_at": 1569790281,
}
CODE = {
    "verification_uri": "https://parsec.gg/activate",
    "user_code": "ABCD3456",
    "hash": "0ujsswThIGTUYm2K8FjOOfXtY1K",
    "expires_at": 2_000_000_000,
    "interval": 5,
}
DATE = {"Date": "Wed, 18 May 2033 03:03:20 GMT"}  # 1,999,998,200: 1800 s before


def poll(server: http_server.ScriptedServer, times: int) -> list[PollResult]:
    """Poll so many times, over one client."""
    api = WebAPI(server.url)
    polled = [api.poll_session(auth_code(), "game") for _ in range(times)]
    api.close()
    return polled


def test_reads_the_documented_responses() -> None:
    """201, 202 and 401 mean what Parsec documents, with unknown fields ignored."""
    approved = http_server.respond(201, {"data": SESSION | {"new": 1}})
    denied = http_server.respond(401, {"error": "denied"})
    pending = http_server.respond(202)
    with http_server.ScriptedServer(approved, pending, denied) as server:
        first, *others = poll(server, 3)

    assert isinstance(first, Approved)
    session = first.session
    assert (session.id, session.user_id, session.roles) == (ID, 1525260, ("host",))
    assert (session.host_peer_id, session.game_id) == ("peer", "game")
    assert session.api_url == server.url
    assert session.expires_at is not None
    assert session.expires_at.timestamp() == 1569790281
    assert session.expired
    assert others == [Pending(), Denied()]


@pytest.mark.parametrize(
    ("overrides", "headers", "lifetime"),
    [
        ({}, DATE, 1800.0),
        ({"expires_at": 2_000_007_200}, DATE, 1800.0),
        ({"expires_at": 1_999_998_260}, DATE, 60.0),
        ({"expires_at": 5}, DATE, 0.0),
        ({"expires_at": None}, DATE, 1800.0),
        ({"expires_at": 10**30}, DATE, 1800.0),
        ({}, {}, 1800.0),
        # Parsec's clock is two hours ahead of ours, as its Date shows.
        (
            {"expires_at": 2_000_007_200},
            {"Date": "Wed, 18 May 2033 05:13:20 GMT"},
            1200.0,
        ),
    ],
)
def test_a_code_lasts_by_the_servers_clock(
    overrides: dict[str, Any], headers: dict[str, str], lifetime: float
) -> None:
    """The lifetime is expires_at less the server's Date, from 0 to 30 minutes."""
    issue = http_server.respond(201, {"data": CODE | overrides}, headers)
    with http_server.ScriptedServer(issue) as server:
        api = WebAPI(server.url, wall_clock=lambda: 1_999_998_200.0)
        issued = api.create_auth_code("game")
        api.close()

    assert isinstance(issued, AuthCode)
    assert issued.lifetime == lifetime


def test_sends_honest_requests_over_one_connection() -> None:
    """There is one keep-alive connection, our User-Agent, and no compression."""
    with http_server.ScriptedServer(http_server.respond(202)) as server:
        poll(server, 5)

    assert server.connections == 1
    assert len(server.requests) == 5
    assert b"User-Agent: parsec-nb/" in server.requests[4]
    assert b"Accept-Encoding: identity\r\n" in server.requests[4]


def test_a_request_may_take_ten_seconds() -> None:
    """The contract's limit is the default, which no test waits for."""
    assert inspect.signature(WebAPI).parameters["timeout"].default == 10


@pytest.mark.serial
def test_a_connection_that_gets_no_thread_is_retried() -> None:
    """The user is shown why, and the next request connects."""
    with http_server.ScriptedServer(http_server.respond(202)) as server:
        api = WebAPI(server.url)
        with no_more_threads():
            failure = api.poll_session(auth_code(), "game")
        result = api.poll_session(auth_code(), "game")
        api.close()

    assert isinstance(failure, TransientFailure)
    assert failure.reason == messages.NO_THREAD
    assert result == Pending()


def test_a_socks_proxy_without_pysocks_is_named() -> None:
    """The reason says what to install."""
    program = (
        "import sys; sys.modules['socks'] = None\n"
        "from parsec_nb._api.client import WebAPI\n"
        "print(WebAPI('https://parsec.invalid').create_auth_code('game').reason)"
    )
    environ = os.environ | {"HTTPS_PROXY": "socks5h://127.0.0.1:9"}

    printed = subprocess.check_output([sys.executable, "-c", program], env=environ)

    assert printed.decode().strip() == messages.PROXY_NEEDS_PYSOCKS
