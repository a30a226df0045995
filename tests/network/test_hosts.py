"""The hosts that a session sees, from the server to a table and a data frame."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import requests

from parsec_nb._api import parsing
from parsec_nb._api.models import Host, Hosts, Session
from parsec_nb.errors import (
    APIError,
    InvalidArgumentError,
    SessionExpiredError,
    UnreachableError,
)
from parsec_nb.simulator import Simulator
from support.http_server import ScriptedServer, close, hang, respond
from support.threads import no_more_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

ID = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A session of a simulator, got by the documented requests alone."""
    with Simulator(interval=0.05) as simulator, requests.Session() as http:
        code = http.post(f"{simulator.url}/auth/codes", json={"game_id": "g"}).json()
        simulator.approve(code["data"]["user_code"])
        body = {"grant_type": "auth_code", "auth_code_hash": code["data"]["hash"]}
        response = http.post(f"{simulator.url}/auth/sessions", json=body)
        while response.status_code != 201:
            response = http.post(f"{simulator.url}/auth/sessions", json=body)
        session_id = response.json()["data"]["id"]
        yield Session.from_id(f" {session_id}\n", api_url=simulator.url)


def test_filters_as_the_web_api_does(session: Session) -> None:
    """Mode and public reach the server; an unknown mode is refused at the call."""
    assert {host.mode for host in session.hosts()} == {"desktop", "game"}
    assert {host.mode for host in session.hosts("game")} == {"game"}
    assert all(host.public for host in session.hosts(public=True))
    assert not any(host.public for host in session.hosts(public=False))
    with pytest.raises(InvalidArgumentError, match="'laptop'"):
        session.hosts("laptop")


def test_is_shown_as_an_escaped_table(session: Session) -> None:
    """Markup in the name of a host stays text."""
    html = session.hosts()._repr_html_()

    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "No hosts" in Hosts()._repr_html_()


def test_more_hosts_than_the_server_sent_are_mentioned() -> None:
    """`has_more` is read and shown below the table."""
    hosts = parsing.hosts({"data": [{"peer_id": "p"}], "has_more": True})

    assert hosts.has_more
    assert "more hosts than these" in hosts._repr_html_()


def test_turns_into_a_data_frame(session: Session) -> None:
    """A data frame takes the list as it is; a host's fields are the columns."""
    hosts = session.hosts()

    frame = pd.DataFrame(hosts)

    assert list(frame["name"]) == [host.name for host in hosts]
    assert "peer_id" in frame.columns


@pytest.mark.parametrize("session_id", ["  ", "two parts", "é", "a\tb", "a" * 5000])
def test_what_cannot_be_a_session_id_is_refused(session_id: str) -> None:
    """It is refused at the call, and not shown."""
    with pytest.raises(InvalidArgumentError, match="not a session ID") as caught:
        Session.from_id(session_id)

    assert session_id == "  " or session_id not in str(caught.value)


def test_an_unknown_session_has_to_log_in_again(session: Session) -> None:
    """A session that Parsec does not accept is refused with what to do."""
    other = Session.from_id("f" * 64, api_url=session.api_url)

    with pytest.raises(SessionExpiredError, match="log in again"):
        other.hosts()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, SessionExpiredError), (403, SessionExpiredError), (400, APIError)],
)
def test_a_refusal_shows_no_session_id(status: int, kind: type[APIError]) -> None:
    """Where the server quotes the session ID, it is masked in its text."""
    refuse = respond(status, {"error": f"session {ID} is gone"})
    with ScriptedServer(refuse) as server:
        session = Session.from_id(ID, api_url=server.url)

        with pytest.raises(kind, match="session … is gone") as caught:
            session.hosts()

    assert type(caught.value) is kind
    assert caught.value.status == status
    assert ID not in repr(caught.value.__context__)


@pytest.mark.parametrize(
    ("behaviour", "status"), [(respond(503), 503), (respond(202), 202), (close, None)]
)
def test_an_outage_is_no_refusal(behaviour: object, status: int | None) -> None:
    """A server that fails is unreachable, also as a ConnectionError."""
    with ScriptedServer(behaviour) as server:  # type: ignore[arg-type]
        session = Session.from_id(ID, api_url=server.url)

        with pytest.raises(ConnectionError, match="Try again") as caught:
            session.hosts()

    assert isinstance(caught.value, UnreachableError)
    assert caught.value.status == status


@pytest.mark.serial
def test_a_request_that_gets_no_thread_is_unreachable(session: Session) -> None:
    """The system's refusal is an error of ours, with the reason."""
    with (
        no_more_threads(),
        pytest.raises(UnreachableError, match="cannot start another thread"),
    ):
        session.hosts()


@pytest.mark.usefixtures("_interrupts_arrive")
def test_an_interrupt_ends_the_wait_for_a_server_that_hangs() -> None:
    """Ctrl-C ends hosts() at once, and its traceback has no frame of the request."""
    with ScriptedServer(hang) as server:
        session = Session.from_id(ID, api_url=server.url)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()

        with pytest.raises(KeyboardInterrupt) as caught:
            session.hosts()

    assert time.monotonic() - began < 5
    modules = {entry.frame.f_globals["__name__"] for entry in caught.traceback}
    assert "parsec_nb._api.http" not in modules


@pytest.mark.parametrize("data", [None, [], {}, "x", [None, 7]])
def test_reads_no_hosts_out_of_anything_else(data: object) -> None:
    """`data` may be null, and an entry that is not an object is not a host."""
    assert parsing.hosts({"data": data}) == []


def test_a_long_list_is_shown_in_part() -> None:
    """A notebook shows 200 rows, and how many there are besides."""
    hosts = Hosts([Host(peer_id=f"peer {number}") for number in range(203)])

    html = hosts._repr_html_()

    assert html.count("<tr>") == 1 + 200
    assert "not shown here: 3" in html


def test_a_session_id_in_the_list_is_masked() -> None:
    """A host that is named like the session must not show it."""
    listed = [{"name": f"mine: {ID}", "user": {"name": ID}, "self": True}]
    with ScriptedServer(respond(200, {"data": listed})) as server:
        [host] = Session.from_id(ID, api_url=server.url).hosts()

    assert (host.name, host.user_name, host.is_self) == ("mine: …", "…", True)


def test_drops_characters_that_change_a_table() -> None:
    """Control and direction characters never reach a table."""
    name = "a\u202eb\x00\ud800c\n"

    [host] = parsing.hosts({"data": [{"name": name, "peer_id": "p"}]})

    assert host == Host(peer_id="p", name="abc")
