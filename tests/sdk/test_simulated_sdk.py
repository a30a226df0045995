"""The simulated SDK and the simulator together, over HTTP on loopback."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests

from parsec_nb.sdk import _simulated
from parsec_nb.simulator import Simulator
from support.simulated_sdk import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN, ASKS, OFFLINE, GAME, FULL, DROPS = range(6)


class Clock:
    """Unix seconds, which a test can move on."""

    ahead = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    """The simulator's clock."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    """A simulator whose clock a test can move on."""
    with Simulator(interval=0.01, clock=clock) as running:
        yield running


class Guest(Caller):
    """A logged-in instance of the simulated SDK."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(_simulated.load(simulator.url))
        answer = self._post(simulator, "/auth/codes", {"game_id": "any"})
        simulator.approve(answer["user_code"])
        time.sleep(0.02)
        fields = {"grant_type": "auth_code", "auth_code_hash": answer["hash"]}
        self.session_id: str = self._post(simulator, "/auth/sessions", fields)["id"]
        headers = {"Authorization": f"Bearer {self.session_id}"}
        hosts = requests.get(f"{simulator.url}/v2/hosts", headers=headers, timeout=5)
        self.hosts = hosts.json()["data"]

    def _post(
        self, simulator: Simulator, path: str, fields: dict[str, str]
    ) -> dict[str, str]:
        response = requests.post(f"{simulator.url}{path}", json=fields, timeout=5)
        data: dict[str, str] = response.json()["data"]
        return data

    def ask(self, host: int) -> int:
        """Connect to a host of the list; return the status."""
        return self.connect(self.hosts[host]["peer_id"], self.session_id)


@pytest.fixture
def guest(simulator: Simulator) -> Iterator[Guest]:
    """A logged-in instance."""
    guest = Guest(simulator)
    yield guest
    guest.library.ParsecDestroy(guest.pointer)


@pytest.mark.parametrize(
    ("host", "status", "mode"),
    [(OWN, 0, 1), (ASKS, 6, 0), (OFFLINE, 99, 0), (GAME, 0, 2), (FULL, 11, 0)],
)
def test_each_host_has_its_way(guest: Guest, host: int, status: int, mode: int) -> None:
    """As the list of hosts says; where it connects there is a picture of it."""
    assert guest.ask(host) == status
    assert guest.details.hostMode == mode
    if status == 0:
        assert guest.picture().read(584, 16, 2, 30) == guest.hosts[host]["name"]
    else:
        assert guest.poll() == -3


@pytest.mark.parametrize(("allow", "status"), [(True, 0), (False, 8)])
def test_a_request_is_decided(
    guest: Guest,
    allow: bool,  # noqa: FBT001
    status: int,
) -> None:
    """By the caller itself, as the card of a notebook does."""
    assert guest.ask(ASKS) == 6

    assert guest.library.decide(allow) == 0

    assert guest.wait(lambda status: status != 6) == status
    assert isinstance(guest.poll(), int) == (status != 0)


def test_the_bad_line_drops(guest: Guest, clock: Clock) -> None:
    """The picture stops, with a reason; another attempt connects again."""
    assert guest.ask(DROPS) == 0
    guest.picture()
    clock.ahead += 3.5
    time.sleep(0.6)
    assert guest.status == 0
    clock.ahead += 4

    assert guest.wait(lambda status: status != 0) == -12007
    assert guest.poll() == -3
    assert guest.ask(DROPS) == 0


def test_an_unknown_host_and_an_unknown_session(guest: Guest) -> None:
    """One does not exist, the other has to log in again."""
    assert guest.connect("nobody", guest.session_id) == 99
    assert guest.connect(guest.hosts[OWN]["peer_id"], "0" * 64) == -3008


@pytest.mark.parametrize(("host", "status"), [(OWN, -12007), (ASKS, -6101)])
def test_a_simulator_that_ends(
    guest: Guest, simulator: Simulator, host: int, status: int
) -> None:
    """A connection is lost; a request could not be finished, nor can a new one."""
    before = guest.ask(host)
    simulator.stop()

    assert guest.wait(lambda status: status != before) == status
    assert guest.ask(host) == -6101


def test_a_simulator_that_was_started_again(guest: Guest, simulator: Simulator) -> None:
    """It knows neither the connection nor the session, so a login is needed."""
    assert guest.ask(OWN) == 0
    port = simulator.port
    simulator.stop()
    with Simulator(port=port):
        assert guest.wait(lambda status: status != 0) in {-12007, -3008}
        assert guest.ask(OWN) == -3008


def guests_are_connecting() -> bool:
    """Return whether the thread of an attempt is still there."""
    return any(thread.name == "simulated-host" for thread in threading.enumerate())


def test_a_disconnected_guest_leaves_at_once(
    guest: Guest, simulator: Simulator
) -> None:
    """The simulator keeps nothing of it, not even of one that is still connecting."""
    for host in (OWN, ASKS):
        guest.ask(host)
        guest.call("ParsecClientDisconnect")
        assert guest.status == -3
        assert simulator._state.connections._kept == {}

    arguments = guest.session_id.encode(), guest.hosts[OWN]["peer_id"].encode()
    for _ in range(20):
        assert guest.call("ParsecClientConnect", None, *arguments) == 0
        guest.call("ParsecClientDisconnect")
    end = time.monotonic() + 5
    while simulator._state.connections._kept or guests_are_connecting():
        assert time.monotonic() < end
        time.sleep(0.01)
    assert guest.status == -3


@pytest.mark.serial
def test_sixty_frames_a_second_take_little(guest: Guest) -> None:
    """Drawing is cheap enough for a worker beside a kernel (about 0.03 of a core)."""
    assert guest.ask(GAME) == 0
    guest.picture()
    used, end, count = time.process_time(), time.monotonic() + 1, 0
    while time.monotonic() < end:
        count += not isinstance(guest.poll(), int)

    if sys.gettrace() is None:
        assert 30 <= count <= 62
        assert time.process_time() - used < 0.5
