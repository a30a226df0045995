"""What an attacker's address, response or handler could get out of a request."""

from __future__ import annotations

import json
import os
import signal
import threading
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb._api.client import WebAPI
from parsec_nb._api.models import Pending, Session
from parsec_nb._api.secret import SessionID
from parsec_nb.errors import InvalidArgumentError, SessionExpiredError
from support.builders import auth_code
from support.http_server import ScriptedServer, hang, respond
from support.secrets import SESSION_ID, Search

if TYPE_CHECKING:
    from collections.abc import Iterator

MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    "api_url",
    [
        "http://{evil}\\[::1]",
        "http://{evil}\\@127.0.0.1",
        "http://{evil}#@127.0.0.1",
        "http://user@{evil}",
        "http://{evil}\u3164",
        "http://{evil}/\x1b[2J",
        "http://192.0.2.1",
        "http://127.0.0.1.nip.io",
        "",
        b"http://127.0.0.1",
        None,
    ],
)
def test_an_address_that_could_be_misread_gets_no_session_id(
    api_url: Any,
) -> None:
    """It is refused before a connection is made, and printed without effects."""
    with ScriptedServer(respond(200, {"data": []})) as evil:
        host = evil.url.removeprefix("http://")
        if isinstance(api_url, str):
            api_url = api_url.replace("{evil}", host)
        constructed = Session(SessionID(SESSION_ID), api_url=api_url)

        with pytest.raises(InvalidArgumentError) as caught:
            constructed.hosts()
        if api_url:
            with pytest.raises(InvalidArgumentError):
                Session.from_id(SESSION_ID, api_url=api_url)

    assert evil.requests == []
    assert str(caught.value).isprintable()
    assert "\u3164" not in str(caught.value)


@pytest.mark.parametrize("given", [b"a" * 64, bytearray(b"a" * 64), None, 7, ["a"]])
def test_what_is_not_text_is_not_a_session_id(given: Any) -> None:
    """It is refused with the package's own error, which does not show it."""
    with pytest.raises(InvalidArgumentError, match="not a session ID") as caught:
        Session.from_id(given)

    assert "aa" not in str(caught.value)


def test_the_body_of_a_response_that_needs_none_is_not_parsed() -> None:
    """A 202 with 1 MiB of JSON costs no more memory than its bytes."""
    body = json.dumps({"data": [{}] * 250_000}).encode()
    assert MEBIBYTE * 0.9 < len(body) < MEBIBYTE
    with ScriptedServer(respond(202, body), respond(202, body)) as server:
        api = WebAPI(server.url)
        api.poll_session(auth_code(), "game")
        tracemalloc.start()

        result = api.poll_session(auth_code(), "game")

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        api.close()
    assert result == Pending()
    assert peak < 4 * MEBIBYTE


class HandlerError(Exception):
    """What a user's own signal handler raises."""


@pytest.fixture
def _handler_raises() -> Iterator[None]:
    def handle(*_: object) -> None:
        raise HandlerError

    before = signal.signal(signal.SIGUSR1, handle)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("_handler_raises")
@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no such signal there")
def test_an_exception_of_a_signal_handler_keeps_no_session_id() -> None:
    """None of its frames, which tracebacks with variables show, has the bearer."""
    search = Search((SESSION_ID,))
    with ScriptedServer(hang) as server:
        session = Session.from_id(SESSION_ID, api_url=server.url)
        arguments = (os.getpid(), signal.SIGUSR1)
        threading.Timer(0.3, os.kill, arguments).start()

        with pytest.raises(HandlerError) as caught:
            session.hosts()

    modules = set()
    for entry in caught.traceback[1:]:
        modules.add(entry.frame.f_globals["__name__"].partition(".")[0])
        search.text("frame", repr(entry.frame.f_locals))
    assert len(caught.traceback) > 2
    assert search.hits == []
    # Their frames have the request's headers, in objects that a debugger unfolds.
    assert modules.isdisjoint({"http", "requests", "socket", "ssl", "urllib3"})


def test_an_error_that_quotes_the_session_id_with_tricks_is_masked() -> None:
    """Invisible characters inside it do not get it past the mask."""
    hidden = "\u200b".join(SESSION_ID)
    with ScriptedServer(respond(403, {"error": f"no {hidden}!"})) as server:
        session = Session.from_id(SESSION_ID, api_url=server.url)

        with pytest.raises(SessionExpiredError, match="no …!") as caught:
            session.hosts()

    assert SESSION_ID not in str(caught.value)
