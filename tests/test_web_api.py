"""The client against real servers that misbehave."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING, Any

import hostile
import pytest
from test_flow import code

from parsec_nb._answers import (
    Approved,
    CodeIssued,
    Inconclusive,
    Pending,
    Refused,
    Rejected,
)
from parsec_nb._service import checked_api_url
from parsec_nb._session import Session
from parsec_nb._web_api import WebAPI
from parsec_nb.errors import (
    APIError,
    InvalidArgumentError,
    SessionExpiredError,
    UnreachableError,
)

if TYPE_CHECKING:
    from hostile import Behaviour

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


def poll(*behaviours: Behaviour, timeout: float = 0.5) -> Any:
    """Poll once at a server that behaves so."""
    with hostile.HostileServer(*behaviours) as server:
        api = WebAPI(server.url, direct=True, timeout=timeout)
        try:
            return api.poll_session(code())
        finally:
            api.close()


def request_code(*behaviours: Behaviour) -> Any:
    """Ask once for a code at a server that behaves so."""
    with hostile.HostileServer(*behaviours) as server:
        api = WebAPI(server.url, direct=True, wall_clock=lambda: 1_999_998_200.0)
        try:
            return api.create_auth_code("game")
        finally:
            api.close()


INCONCLUSIVE = {
    "200": hostile.answer(200, {"data": SESSION}),
    "a sign-in page": hostile.answer(200, b"<html>Welcome to our Wi-Fi</html>"),
    "a redirect": hostile.answer(302, b"", {"Location": "http://127.0.0.1:9/"}),
    "408": hostile.answer(408),
    "425": hostile.answer(425),
    "429": hostile.answer(429, {"error": "too soon"}),
    "500": hostile.answer(500),
    "502 with HTML": hostile.answer(502, b"<html>Bad Gateway</html>"),
    "503": hostile.answer(503),
    "closed without an answer": hostile.close,
    "reset before the answer": hostile.reset,
    "reset inside the answer": hostile.reset_inside,
    "a truncated body": hostile.close_inside,
    "a minute's silence": hostile.hang,
    "one byte every 100 ms, in the header": hostile.drip(b"HTTP/1.1 201 X\r\n" * 9),
    "one byte every 100 ms, in the body": lambda connection: (
        hostile.raw(b"HTTP/1.1 201 X\r\nContent-Length: 900\r\n\r\n")(connection),
        hostile.drip(b" " * 900)(connection),
    )[0],
    "201 of 5 MB of [": hostile.answer(201, b"[" * 5_000_000),
    "201 of 1 MB of [": hostile.answer(201, b"[" * 1_000_000),
    "201 in no UTF-8": hostile.answer(201, b'{"data": "\xff\xfe"}'),
    "201 as a gzip bomb": hostile.answer(
        201, gzip.compress(b" " * 10**8), {"Content-Encoding": "gzip"}
    ),
    "no HTTP": hostile.raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
}


@pytest.mark.parametrize("name", INCONCLUSIVE)
def test_an_inconclusive_answer_is_no_failure(name: str) -> None:
    """What says nothing about the login is told as a reason, soon, and not raised."""
    started = time.monotonic()

    result = poll(INCONCLUSIVE[name])

    assert isinstance(result, Inconclusive)
    assert result.reason
    assert isinstance(result.error, UnreachableError)
    assert result.error.__context__ is None
    assert time.monotonic() - started < 1.5


REJECTED = {
    "400": hostile.answer(400, {"error": "bad hash"}),
    "404": hostile.answer(404, b"nothing"),
    "201 without id": hostile.answer(201, {"data": {}}),
    "201 with a number": hostile.answer(201, {"data": {"id": 7}}),
    "201 with an empty id": hostile.answer(201, {"data": {"id": ""}}),
    "201 with a list": hostile.answer(201, {"data": {"id": [ID]}}),
    "201 with null": hostile.answer(201, {"data": None}),
    "201 with an id of two lines": hostile.answer(201, {"data": {"id": "a\r\nb"}}),
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_final_no_ends_the_login_in_words(name: str) -> None:
    """Any other 4xx, and an approval without a usable session ID, is final."""
    result = poll(REJECTED[name], timeout=5)

    assert isinstance(result, Rejected)
    assert isinstance(result.error, APIError)
    assert "Get a new code" in str(result.error)
    assert ID not in str(result.error)


def test_reads_the_documented_answers() -> None:
    """202, 201 and 401 mean what Parsec documents, with unknown fields ignored."""
    approved = poll(hostile.answer(201, {"data": SESSION | {"new": 1}}))

    assert isinstance(approved, Approved)
    assert approved.grant.id == ID
    assert approved.grant.roles == ("host",)
    assert isinstance(poll(hostile.answer(202, b"")), Pending)
    assert isinstance(poll(hostile.answer(401, {"error": "denied"})), Refused)


def test_null_fields_of_an_approval_do_not_lose_the_session() -> None:
    """Only the ID is needed."""
    nulls = dict.fromkeys(("user_id", "roles", "host_peer_id", "expires_at"))

    approved = poll(hostile.answer(201, {"data": {"id": ID, **nulls}}))

    assert isinstance(approved, Approved)
    assert approved.grant.expires_at is None


def test_a_server_that_is_not_there_refuses() -> None:
    """A refused connection is told as one."""
    with hostile.HostileServer(hostile.close) as server:
        url = server.url
    api = WebAPI(url, direct=True)

    result = api.poll_session(code())

    api.close()
    assert isinstance(result, Inconclusive)
    assert "refused the connection" in result.reason


def test_obeys_retry_after_in_seconds_and_as_a_date() -> None:
    """Both forms of Retry-After are understood; a date by the server's own clock."""
    seconds = poll(hostile.answer(429, {}, {"Retry-After": "17"}))
    date = {"Retry-After": "Wed, 18 May 2033 03:03:50 GMT"} | DATE
    dated = poll(hostile.answer(503, {}, date))

    assert (seconds.retry_after, seconds.slow_down) == (17.0, True)
    assert (dated.retry_after, dated.slow_down) == (30.0, False)


@pytest.mark.parametrize(
    ("interval", "seconds"),
    [
        (7, 7.0),
        ("7", 7.0),
        (2.5, 2.5),
        (10**9, 1e9),
        (0, 5.0),
        (-1, 5.0),
        ("soon", 5.0),
        (None, 5.0),
        (True, 5.0),
        ([3], 5.0),
    ],
)
def test_takes_the_interval_where_it_is_one(interval: object, seconds: float) -> None:
    """A positive number, or a string of one, is the interval; else it is 5 s."""
    issued = request_code(hostile.answer(201, {"data": CODE | {"interval": interval}}))

    assert isinstance(issued, CodeIssued)
    assert issued.auth_code.interval == seconds


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
    issued = request_code(hostile.answer(201, {"data": CODE | overrides}, headers))

    assert isinstance(issued, CodeIssued)
    assert issued.auth_code.lifetime == lifetime


@pytest.mark.parametrize("missing", ["hash", "user_code", "verification_uri"])
def test_a_code_that_cannot_be_used_is_a_failure(missing: str) -> None:
    """Without hash, code or link there is nothing to show or to poll."""
    data = {name: value for name, value in CODE.items() if name != missing}

    assert isinstance(request_code(hostile.answer(201, {"data": data})), Rejected)


def test_a_refused_game_id_is_explained() -> None:
    """The words name the game_id, the server's reason, and two ways out."""
    refused = request_code(hostile.answer(403, {"error": "app not allowed"}))

    assert isinstance(refused, Rejected)
    for words in ("'game'", "app not allowed", "2023", "from_id", "demo=True", "403"):
        assert words in str(refused.error)


def test_sends_honest_requests_over_one_connection() -> None:
    """One keep-alive connection, our own User-Agent, no cookie is sent back."""
    cookie = hostile.answer(202, b"", {"Set-Cookie": "a=b"})
    with hostile.HostileServer(cookie) as server:
        api = WebAPI(server.url, direct=True)
        for _ in range(5):
            api.poll_session(code())
        api.close()

    assert server.connections == 1
    assert len(server.requests) == 5
    assert b"User-Agent: parsec-nb/" in server.requests[4]
    assert b"cookie" not in server.requests[4].lower()


def test_follows_no_redirect() -> None:
    """The hash never goes to where a redirect points."""
    with hostile.HostileServer(hostile.answer(202, b"")) as other:
        location = {"Location": f"{other.url}/auth/sessions"}
        for status in (301, 302, 303, 307, 308):
            poll(hostile.answer(status, b"", location))

    assert other.requests == []


def test_a_session_that_is_not_accepted_says_log_in_again() -> None:
    """401 and 403 of the host list mean that the session is over."""
    with hostile.HostileServer(hostile.answer(403, {"error": "gone"})) as server:
        session = Session.from_id(ID, api_url=server.url)

        with pytest.raises(SessionExpiredError, match=r"gone.*login") as caught:
            session.hosts()

    assert caught.value.status == 403
    assert ID not in repr(caught.value.__context__)


@pytest.mark.parametrize(
    "url", ["http://example.com", "ftp://example.com", "example.com", "https://", "a b"]
)
def test_refuses_a_base_url_before_anything_is_sent(url: str) -> None:
    """Plain http to another machine, and what is no URL, is refused at the call."""
    with pytest.raises(InvalidArgumentError):
        checked_api_url(url)
