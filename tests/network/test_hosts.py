"""The hosts that a session sees, from the simulator to a table and a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
import requests

from parsec_nb import _wire
from parsec_nb._hosts import Host, Hosts
from parsec_nb._session import Session
from parsec_nb.errors import InvalidArgumentError, SessionExpiredError
from parsec_nb.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A session of a simulator, got by the bare documented requests."""
    with Simulator(interval=0.05) as simulator, requests.Session() as http:
        code = http.post(f"{simulator.url}/auth/codes", json={"game_id": "g"}).json()
        simulator.approve(code["data"]["user_code"])
        body = {"grant_type": "auth_code", "auth_code_hash": code["data"]["hash"]}
        answer = http.post(f"{simulator.url}/auth/sessions", json=body)
        while answer.status_code != 201:
            answer = http.post(f"{simulator.url}/auth/sessions", json=body)
        session_id = answer.json()["data"]["id"]
        yield Session.from_id(f" {session_id}\n", api_url=simulator.url)


def test_filters_as_the_web_api_does(session: Session) -> None:
    """Mode and public reach the service."""
    assert {host.mode for host in session.hosts()} == {"desktop", "game"}
    assert {host.mode for host in session.hosts("game")} == {"game"}
    assert all(host.public for host in session.hosts(public=True))
    with pytest.raises(InvalidArgumentError, match="'laptop'"):
        session.hosts("laptop")


def test_shows_as_an_escaped_table(session: Session) -> None:
    """A host may be called anything; it stays text."""
    html = session.hosts()._repr_html_()

    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "No hosts" in Hosts()._repr_html_()


def test_turns_into_a_data_frame(session: Session) -> None:
    """A data frame takes the list as it is; a host's fields are the columns."""
    hosts = session.hosts()

    frame = pd.DataFrame(hosts)

    assert list(frame["name"]) == [host.name for host in hosts]
    assert "peer_id" in frame.columns


def test_an_unknown_session_has_to_log_in_again(session: Session) -> None:
    """What Parsec does not accept any more says what to do."""
    other = Session.from_id("f" * 64, api_url=session.api_url)

    with pytest.raises(SessionExpiredError, match="log in again"):
        other.hosts()


@pytest.mark.parametrize("data", [None, [], {}, "x", [None, 7]])
def test_reads_no_hosts_out_of_anything_else(data: object) -> None:
    """`data` may be null, and junk is no host."""
    assert _wire.hosts({"data": data}) == []


def test_drops_what_turns_text_around() -> None:
    """Control and direction characters never reach a table."""
    [host] = _wire.hosts({"data": [{"name": "a\u202eb\x00\ud800c\n", "peer_id": "p"}]})

    assert host == Host(peer_id="p", name="abc")
