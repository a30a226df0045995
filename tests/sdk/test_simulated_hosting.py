"""A game hosted on the simulated SDK, and played by clients of the same simulator."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests

from parsec_nb import Session, sdk
from parsec_nb.errors import SDKConnectionError
from parsec_nb.sdk import _abi
from parsec_nb.sdk._simulated import SimulatedLibrary, wire
from parsec_nb.sdk._simulated.hosting import Hosting
from support.relay import Relay
from support.simulated_sdk import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsec_nb.simulator import Simulator

SECONDS = 10.0
BOT = "Robo (a bot)"


def until(condition: Callable[[], Any]) -> Any:
    """Wait until something is so; return it."""
    end = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def log_in(simulator: Simulator) -> Session:
    """Return a session of the simulator, without a card."""

    def post(path: str, fields: dict[str, str]) -> Any:
        url = f"{simulator.url}{path}"
        return requests.post(url, json=fields, timeout=5).json().get("data")

    code = post("/auth/codes", {"game_id": "any"})
    simulator.approve(code["user_code"])
    time.sleep(code["interval"])
    fields = {"grant_type": "auth_code", "auth_code_hash": code["hash"]}
    data = post("/auth/sessions", fields)
    given = Session.from_id(data["id"], api_url=simulator.url)
    return Session(
        id=given.id, host_peer_id=data["host_peer_id"], api_url=given.api_url
    )


@pytest.fixture(scope="module")
def session(simulator: Simulator) -> Session:
    """Whose games are hosted."""
    return log_in(simulator)


@pytest.fixture
def host(session: Session) -> Iterator[Callable[..., sdk.GameHost]]:
    """Host games."""
    hosted = []

    def host(**options: Any) -> sdk.GameHost:
        hosted.append(sdk.host(session, name="Pong", **options).result(SECONDS))
        return hosted[-1]

    yield host
    for game in hosted:
        game.stop()


@pytest.fixture
def join(session: Session) -> Iterator[Callable[..., sdk.Client]]:
    """Connect to the game as its owner, or with another session."""
    clients = []

    def join(other: Session | None = None, **options: Any) -> sdk.Client:
        peer_id = session.host_peer_id
        clients.append(sdk.connect(other or session, peer_id, **options))
        return clients[-1].result(SECONDS)

    yield join
    for client in clients:
        client.disconnect()


def texts(events: Any, kind: type) -> list[tuple[int, str]]:
    """Return the texts of events of a kind."""
    return [(each.id, each.text) for each in events if isinstance(each, kind)]


def test_a_game_is_listed_while_it_is_hosted(
    session: Session, host: Callable[..., sdk.GameHost]
) -> None:
    """In place of the session's own computer."""
    game = host(description="é", max_guests=5, game_id="1Game")
    (listed,) = (host for host in session.hosts(mode="game") if host.name == "Pong")

    assert listed.peer_id == session.host_peer_id == game.peer_id
    assert (listed.description, listed.max_players) == ("é", 5)
    game.stop()

    assert session.hosts()[0].name == "My own computer"


def test_who_has_waited_for_the_game_finds_it(
    simulator: Simulator, session: Session
) -> None:
    """Also where the simulator takes its time to hear of it."""
    with Relay(urlsplit(simulator.url).port or 0) as relay:
        relay.delay = 0.2
        slow = Session.from_id(
            str(session.id), api_url=f"http://127.0.0.1:{relay.port}"
        )
        with sdk.host(slow, name="Pong") as game:
            game.result(SECONDS)

            assert session.hosts()[0].name == "Pong"


def test_a_guest_is_let_in_as_soon_as_the_game_is_listed() -> None:
    """The host knows what it asks guests for before the simulator tells them."""
    kinds = []

    class QuickServer:
        def request(self, *arguments: Any) -> tuple[int, dict[str, object]]:
            if arguments[0] == "POST":
                line = wire.Wire.connect(arguments[3]["port"])
                asked = {"key": arguments[3]["key"], "user_name": "quick"}
                line.send(wire.JOIN, json.dumps(asked).encode())
                kinds.append(line.receive()[0])
                line.close()
            return 200, {}

    hosting = Hosting(QuickServer(), print)  # type: ignore[arg-type]
    hosting.start(2, None, "a session")
    hosting.stop()

    assert kinds[0] == wire.WELCOME


def test_a_guest_knows_the_others_from_the_first_moment() -> None:
    """With the welcome: `client.guests()` may come before another message does."""
    names = (b"you", b"Robo")
    listed = b"".join(bytes(_abi.ParsecGuest(name=name)) for name in names)

    def welcome() -> None:
        line = wire.Wire(listening.accept()[0], SECONDS)
        line.receive()
        line.send(wire.WELCOME, listed)
        ended.wait(SECONDS)
        line.close()

    class OneHost:
        def request(self, *_: Any) -> tuple[int, dict[str, object]]:
            port = listening.getsockname()[1]
            return 200, {"id": "abc", "state": "connected", "port": port}

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=welcome, daemon=True).start()
        server: Any = OneHost()
        caller = Caller(SimulatedLibrary(server, time.monotonic, time.time))

        assert caller.connect() == 0
        assert caller.guests() == ["you", "Robo"]
        ended.set()
        caller.call("ParsecClientDisconnect")


def test_hosting_again_takes_the_place_of_the_last_game(
    session: Session, host: Callable[..., sdk.GameHost]
) -> None:
    """As by a cell that runs again: a session hosts one game."""
    first = host(description="first")
    second = host(description="second")

    assert first.status.ended
    assert not second.status.ended
    assert session.hosts()[0].description == "second"


def test_a_game_that_ends_waits_until_its_guests_know() -> None:
    """The process ends right behind it; a guest may still be at a large picture."""

    class Deaf:
        def request(self, *arguments: Any) -> tuple[int, dict[str, object]]:
            told.append(arguments[3])
            return 200, {}

    told: list[Any] = []
    kinds: list[bytes] = []
    hosting = Hosting(Deaf(), print)  # type: ignore[arg-type]
    hosting.start(2, None, "a session")
    line = wire.Wire.connect(told[0]["port"])
    line.send(wire.JOIN, json.dumps({"key": told[0]["key"]}).encode())
    assert line.receive()[0] == wire.WELCOME
    hosting.show(4096, 2048, memoryview(bytes(4 * 4096 * 2048)))
    until(lambda: all(guest.shown for guest in hosting._guests.values() if guest.wire))

    def listen() -> None:
        began.set()
        while wire.END not in kinds:
            kinds.append(line.receive()[0])

    began = threading.Event()
    reader = threading.Timer(0.1, listen)
    reader.start()
    hosting.stop()

    assert began.is_set()
    reader.join(SECONDS)
    line.close()
    assert kinds[-1] == wire.END


def test_a_bot_joins_and_plays(host: Callable[..., sdk.GameHost]) -> None:
    """It presses arrow keys and a gamepad, and says hello."""
    game = host()
    seen: dict[type, set[str]] = {}

    for guest, done in game.input():
        assert guest.name == BOT
        pressed = getattr(done, "name", getattr(done, "button", "an axis"))
        seen.setdefault(type(done), set()).add(pressed)
        if len(seen) == 3:
            break

    assert seen[sdk.KeyInput] <= {"up", "down", "left", "right"}
    assert seen[sdk.PadButtonInput] == {"a"}
    events = list(game.events(0))
    assert [e.guest.state for e in events if isinstance(e, sdk.GuestEvent)] == [2, 4]
    assert "simulated guest" in texts(events, sdk.GuestTextEvent)[0][1]


def test_a_client_sees_and_hears_the_game(
    host: Callable[..., sdk.GameHost], join: Callable[..., sdk.Client]
) -> None:
    """Each pixel, the first row above; and the sound, at another rate."""
    game, client = host(), join()
    picture = np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8)
    wave = 0.5 * np.sin(np.arange(24_000) * 2 * np.pi * 440 / 24_000)

    game.submit_frame(picture)
    frame = client.frame()
    game.submit_sound(wave.astype(np.float32), rate=24_000)
    heard = client.sound(0.6).array

    assert (frame.array == picture).all()
    assert abs(int(abs(heard).max()) - 16_384) < 100
    # Two crossings in each period of the wave.
    crossings = (np.diff(np.sign(heard[heard[:, 0] != 0][:4_800, 0])) != 0).sum()
    assert abs(crossings - 88) <= 3


def test_the_newest_picture_counts(
    host: Callable[..., sdk.GameHost], join: Callable[..., sdk.Client]
) -> None:
    """Who joins later sees the last one; nothing waits behind it."""
    game = host()
    for shade in range(10):
        game.submit_frame(np.full((720, 1280, 3), shade, np.uint8))

    client = join()
    until(lambda: client.frame().array[0, 0, 0] == 9)
    game.submit_frame(np.full((4, 6, 4), 77, np.uint8))

    shown = until(lambda: next((f for f in [client.frame()] if f.width == 6), None))
    assert (shown.height, set(shown.array.flat)) == (4, {77})


def test_what_a_client_does_arrives_at_the_game(
    host: Callable[..., sdk.GameHost], join: Callable[..., sdk.Client]
) -> None:
    """Keys, mouse, wheel, gamepad, and texts both ways."""
    game, client = host(), join()

    client.press("w")
    client.mouse_move(10, 20)
    client.click("right")
    client.wheel(y=100)
    client.gamepad(1).axis("ly", -1.0)
    client.send_text("hello ☃", id=3)
    done = []
    for guest, value in game.input():
        if guest.name == "you":
            done.append(value)
        if len(done) == 7:
            break
    guest = next(guest for guest in game.guests() if guest.name == "you")
    game.send_text("welcome", guest, id=9)
    game.rumble(guest, 1, big=200, small=20)

    assert done == [
        *(sdk.KeyInput("w", down=True), sdk.KeyInput("w", down=False)),
        sdk.MouseMoveInput(10, 20, relative=False),
        sdk.MouseButtonInput("right", down=True),
        sdk.MouseButtonInput("right", down=False),
        *(sdk.WheelInput(0, 100), sdk.PadAxisInput(1, "ly", -1.0)),
    ]
    assert (3, "hello ☃") in texts(game.events(0.2), sdk.GuestTextEvent)
    told = list(client.events(0.2))
    assert texts(told, sdk.UserDataEvent) == [(9, "welcome")]
    assert sdk.RumbleEvent(1, 200, 20) in told
    assert client.guests()[0].name == "you"


def test_a_friend_needs_the_secret(
    simulator: Simulator,
    host: Callable[..., sdk.GameHost],
    join: Callable[..., sdk.Client],
) -> None:
    """And a place, of which the bot takes none that is needed."""
    friend = log_in(simulator)
    game = host(max_guests=1, secret="friends-only")

    with pytest.raises(SDKConnectionError):
        join(friend, secret="wrong-secret")
    client = join(friend, secret="friends-only")
    with pytest.raises(SDKConnectionError, match="full"):
        join()

    (guest,) = game.guests()
    assert guest.name.startswith("Guest ")
    client.disconnect()
    until(lambda: not game.guests())


@pytest.mark.parametrize(
    "asked", [b'{"key": "wrong"}', b"{}", b"[]", b"no JSON", bytes(8192)]
)
def test_another_process_needs_the_key(
    session: Session, host: Callable[..., sdk.GameHost], asked: bytes
) -> None:
    """Each user of the machine can reach the port; nonsense harms nobody else."""
    game = host(max_guests=1)
    joined = requests.post(
        f"{session.api_url}/simulated/connections",
        json={"peer_id": session.host_peer_id},
        headers={"Authorization": f"Bearer {session.id!s}"},
        timeout=5,
    )
    line = wire.Wire.connect(joined.json()["data"]["port"])

    line.send(wire.JOIN, asked)
    try:
        kind, data = line.receive()
    except OSError:
        kind, data = wire.END, bytearray(wire.NUMBER.pack(112))
    line.close()

    assert (kind, wire.NUMBER.unpack(data)) == (wire.END, (112,))
    assert game.guests() == []


def test_a_guest_is_kicked_and_the_others_stay(
    host: Callable[..., sdk.GameHost], join: Callable[..., sdk.Client]
) -> None:
    """The guest's error says so; so does the end of the game."""
    game, client = host(), join()
    other = join()
    until(lambda: len(game.guests()) == 3)
    first = min(guest.id for guest in game.guests() if guest.name == "you")

    game.kick(first)
    until(lambda: client.status.ended)
    with pytest.raises(SDKConnectionError, match="removed you"):
        client.frame()
    assert not other.status.ended

    game.stop()
    until(lambda: other.status.ended)
    with pytest.raises(SDKConnectionError, match="stopped hosting"):
        other.frame()


def test_a_killed_game_leaves_nothing(
    session: Session,
    host: Callable[..., sdk.GameHost],
    join: Callable[..., sdk.Client],
) -> None:
    """Its guests know at once, and the simulator forgets it after some seconds."""
    game, client = host(), join()
    os.kill(game._connection.worker().pid, signal.SIGKILL)

    begin = time.monotonic()
    until(lambda: client.status.ended)

    assert time.monotonic() - begin < 3
    until(lambda: session.hosts()[0].name == "My own computer")


def test_a_killed_client_leaves_the_game(
    host: Callable[..., sdk.GameHost], join: Callable[..., sdk.Client]
) -> None:
    """The game learns that the guest is gone."""
    game, client = host(), join()
    until(lambda: "you" in [guest.name for guest in game.guests()])
    list(game.events(0))

    os.kill(client._connection.worker().pid, signal.SIGKILL)

    until(lambda: "you" not in [guest.name for guest in game.guests()])


def test_an_unknown_session_is_invalid(simulator: Simulator) -> None:
    """The simulated SDK reports what the real one would, and goes on with another."""
    good = log_in(simulator)
    bad = Session.from_id("0" * 64, api_url=simulator.url)

    with sdk.host(bad, name="Pong", on_invalid_session=lambda: good) as game:
        until(lambda: good.hosts()[0].name == "Pong")
        assert sdk.InvalidSessionEvent() in list(game.events(0))
        assert game.log[0] == "* simulated_host = -3008"
        with sdk.host(good, name="Another"):
            assert game.status.ended
