"""The games that simulated SDKs host, as the simulator lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb.simulator._games import SILENCE_SECONDS, Games
from parsec_nb.simulator._state import Session

if TYPE_CHECKING:
    from .conftest import API, Clock

FIELDS: dict[str, Any] = {
    "name": "Pong",
    "description": "",
    "game_id": "",
    "secret": "friends-only",
    "max_players": 4,
    "players": 1,
    "port": 4711,
    "key": "some key",
    "again": False,
}


class Owner:
    """A session that hosts a game."""

    def __init__(self, api: API) -> None:
        self._api = api
        self.session = api.session()

    def request(self, method: str, path: str, fields: Any = None) -> Any:
        """Send a request of this session; return the status and the data."""
        headers = {"Authorization": f"Bearer {self.session['id']}"}
        answer = self._api.request(method, path, headers=headers, json=fields or {})
        return answer.status_code, answer.json().get("data")

    def announce(self, **changed: Any) -> int:
        """List the game; return the status."""
        status: int = self.request("POST", "/simulated/games", FIELDS | changed)[0]
        return status

    def end(self, key: object = FIELDS["key"]) -> int:
        """Say that the game of that key has ended; return the status."""
        status: int = self.request("DELETE", "/simulated/games", {"key": key})[0]
        return status

    def names(self) -> list[str]:
        """Return the names of the hosts that this session sees."""
        return [host["name"] for host in self.request("GET", "/v2/hosts")[1]]

    def join(self, owner: Owner, secret: str = "") -> Any:
        """Ask for a connection to another one's game."""
        fields = {"peer_id": owner.session["host_peer_id"], "secret": secret}
        return self.request("POST", "/simulated/connections", fields)


@pytest.fixture
def owner(api: API) -> Owner:
    """A session that hosts."""
    return Owner(api)


def test_a_game_is_listed_until_it_is_silent(owner: Owner, clock: Clock) -> None:
    """For its owner, in place of the own computer."""
    computer = owner.names()[0]
    assert owner.announce() == 200
    assert owner.names()[0] == "Pong"

    clock.now += SILENCE_SECONDS - 1
    assert owner.announce(players=2) == 200
    clock.now += SILENCE_SECONDS
    listed = owner.request("GET", "/v2/hosts")[1][0]
    assert (listed["name"], listed["players"], listed["mode"]) == ("Pong", 2, "game")
    clock.now += 1

    assert owner.names()[0] == computer


def test_a_game_ends(owner: Owner) -> None:
    """Once."""
    owner.announce()

    assert owner.end() == 200
    assert owner.names()[0] != "Pong"
    assert owner.end() == 404


def test_a_session_lists_the_game_that_began_last(owner: Owner, clock: Clock) -> None:
    """What an older one says, of itself or of its end, leaves it listed."""
    older = {"name": "Old", "key": "old key"}
    owner.announce(**older)
    owner.announce()
    owner.announce(**older, again=True)

    assert owner.names()[0] == "Pong"
    assert owner.end("old key") == 404
    assert owner.names()[0] == "Pong"
    clock.now += SILENCE_SECONDS + 1
    owner.announce(**older, again=True)
    assert owner.names()[0] == "Old"


def test_a_friend_joins_with_the_secret(owner: Owner, api: API) -> None:
    """The address and the key are for those only who may."""
    friend = Owner(api)
    owner.announce()

    assert friend.names()[0] != "Pong"
    for secret in ("", "friends-onlx", "\ud800"):
        assert friend.join(owner, secret)[0] == 404
    own, theirs = owner.join(owner)[1], friend.join(owner, "friends-only")[1]

    assert (own["port"], own["user_name"]) == (4711, "you")
    assert theirs["key"] == own["key"] == "some key"
    assert theirs["user_name"] == f"Guest {friend.session['user_id']}"


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "x" * 256},
        {"name": None},
        {"secret": ["friends-only"]},
        {"key": "x" * 65},
        {"port": 65_536},
        {"port": "4711"},
        {"players": True},
        {"max_players": -1},
    ],
)
def test_what_makes_no_sense_is_refused(owner: Owner, changed: dict[str, Any]) -> None:
    """A field of another type or size."""
    assert owner.announce(**changed) == 400
    assert owner.names()[0] != "Pong"


def test_a_secret_must_be_a_text(owner: Owner) -> None:
    """Another type is refused, not compared."""
    owner.announce()

    assert owner.join(owner, secret=7)[0] == 400  # type: ignore[arg-type]


def test_many_games_make_room(clock: Clock) -> None:
    """The one of which nothing was heard for longest goes."""
    games = Games(clock, capacity=10)
    sessions = [Session(f"session {n}", n, f"peer {n}", 0) for n in range(30)]

    for session in sessions:
        assert games.announce(session, FIELDS)

    assert len(games._kept) == 10
    assert games.hosts(sessions[0])[0]["name"] != "Pong"
    assert games.hosts(sessions[-1])[0]["name"] == "Pong"
