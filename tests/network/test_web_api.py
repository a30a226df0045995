"""The client alone, against a real server: what a whole login cannot show.

What a login makes of servers that misbehave is in `test_hostile_world`.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest
from test_flow import code

from parsec_nb import _texts
from parsec_nb._answers import Approved, CodeIssued, Pending, Refused
from parsec_nb._session import Session
from parsec_nb._web_api import WebAPI
from parsec_nb.errors import APIError, SessionExpiredError
from support import http_server

ID = "0123456789abcdef" * 4
SESSION = {"id": ID, "user_id": 1525260, "roles": ["host"], "expires_at": 1569790281}
CODE = {
    "verification_uri": "https://parsec.gg/activate",
    "user_code": "ABCD3456",
    "hash": "0ujsswThIGTUYm2K8FjOOfXtY1K",
    "expires_at": 2_000_000_000,
    "interval": 5,
}
DATE = {"Date": "Wed, 18 May 2033 03:03:20 GMT"}  # 1,999,998,200: 1800 s before


def test_reads_the_documented_answers() -> None:
    """201, 202 and 401 mean what Parsec documents, with unknown fields ignored."""
    approved = http_server.respond(201, {"data": SESSION | {"new": 1}})
    denied = http_server.respond(401, {"error": "denied"})
    with http_server.ScriptedServer(
        approved, http_server.respond(202), denied
    ) as server:
        api = WebAPI(server.url)
        answers = [api.poll_session(code()) for _ in range(3)]
        api.close()

    assert isinstance(answers[0], Approved)
    assert answers[0].grant.id == ID
    assert answers[0].grant.user_id == 1525260
    assert answers[0].grant.roles == ("host",)
    assert answers[1:] == [Pending(), Refused()]


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
        # Parsec's clock two hours ahead of ours: its own Date tells.
        (
            {"expires_at": 2_000_007_200},
            {"Date": "Wed, 18 May 2033 05:13:20 GMT"},
            1200.0,
        ),
    ],
)
def test_a_code_lives_by_the_servers_clock(
    overrides: dict[str, Any], headers: dict[str, str], lifetime: float
) -> None:
    """The lifetime is expires_at less the server's Date, from 0 to 30 minutes."""
    issue = http_server.respond(201, {"data": CODE | overrides}, headers)
    with http_server.ScriptedServer(issue) as server:
        api = WebAPI(server.url, wall_clock=lambda: 1_999_998_200.0)
        issued = api.create_auth_code("game")
        api.close()

    assert isinstance(issued, CodeIssued)
    assert issued.auth_code.lifetime == lifetime


def test_sends_honest_requests_over_one_connection() -> None:
    """One keep-alive connection, our own User-Agent, and nothing to unpack."""
    with http_server.ScriptedServer(http_server.respond(202)) as server:
        api = WebAPI(server.url)
        for _ in range(5):
            api.poll_session(code())
        api.close()

    assert server.connections == 1
    assert len(server.requests) == 5
    assert b"User-Agent: parsec-nb/" in server.requests[4]
    assert b"Accept-Encoding: identity\r\n" in server.requests[4]


def test_a_request_may_take_ten_seconds() -> None:
    """That is what no test waits for."""
    assert inspect.signature(WebAPI).parameters["timeout"].default == 10


def test_a_socks_proxy_without_pysocks_is_told() -> None:
    """What to install stands in the words."""
    program = (
        "import sys; sys.modules['socks'] = None\n"
        "from parsec_nb._web_api import WebAPI\n"
        "print(WebAPI('https://parsec.invalid').create_auth_code('game').reason)"
    )
    environ = {"HTTPS_PROXY": "socks5h://127.0.0.1:9"}

    told = subprocess.check_output([sys.executable, "-c", program], env=environ)

    assert told.decode().strip() == _texts.PROXY_NEEDS_PYSOCKS


@pytest.mark.parametrize(
    ("status", "kind"), [(401, SessionExpiredError), (400, APIError)]
)
def test_an_error_of_the_host_list_tells_no_session_id(
    status: int, kind: type[APIError]
) -> None:
    """Where the server quotes the session ID, it is left out of its words."""
    refuse = http_server.respond(status, {"error": f"session {ID} is gone"})
    with http_server.ScriptedServer(refuse) as server:
        session = Session.from_id(ID, api_url=server.url)

        with pytest.raises(kind, match="session … is gone") as caught:
            session.hosts()

    assert caught.value.status == status
    assert ID not in repr(caught.value.__context__)
