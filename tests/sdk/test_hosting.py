"""Hosting with the stand-in in C: what the SDK is given, and what comes of it."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from parsec_nb import Session, sdk
from parsec_nb.errors import (
    SDKConnectionError,
    SDKProcessError,
    SDKSetupError,
)
from support.libparsec import (
    QUADRANTS,
    TEXT,
    TEXT_ID,
    environment,
    fingerprint,
    fnv1a,
    quadrant_centres,
    read_record,
)
from support.secrets import SESSION_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 10.0
PEER_ID = "wxyzpeerwxyzpeer"
SHARE = "hjkm-qrst-vwxz"
NEW_ID = SESSION_ID[::-1]
Host = "Callable[..., sdk.GameHost]"


def until(condition: Callable[[], Any]) -> Any:
    """Wait until something is so; return it."""
    end = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


@pytest.fixture
def host(
    libparsec: Path, openssl: Path, record: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., sdk.GameHost]]:
    """Host a game with the stand-in, which gets the given settings."""
    hosted = []
    session = Session(
        id=Session.from_id(SESSION_ID).id, host_peer_id=PEER_ID, game_id="1Game"
    )

    def host(options: dict[str, Any] | None = None, **settings: Any) -> sdk.GameHost:
        for name, value in environment(record, **settings).items():
            monkeypatch.setenv(name, value)
        given: dict[str, Any] = {
            "name": "Pong ☃",
            "library": libparsec,
            "openssl": openssl,
            "secret": SHARE,
        }
        hosted.append(sdk.host(session, **given | (options or {})))
        return hosted[-1]

    yield host
    for game in hosted:
        game.stop()


@pytest.fixture
def calls(record: Path) -> Callable[[str], list[dict[str, str]]]:
    """Return what a function of the SDK was called with, by its name in the record."""
    return lambda name: [e.fields for e in read_record(record) if e.name == name]


def pixels(record: Path, shape: tuple[int, int]) -> Any:
    """Return the texture's pixels, once they have that height and width."""
    path = record.with_name("record.ppm")
    head = f"P6 {shape[1]} {shape[0]} 255\n".encode()
    until(lambda: path.exists() and path.read_bytes().startswith(head))
    data = path.read_bytes()[len(head) :]
    return np.frombuffer(data, np.uint8).reshape(*shape, 3)


def test_the_sdk_gets_the_settings(
    host: Callable[..., sdk.GameHost], calls: Callable[..., Any]
) -> None:
    """In game mode, with the defaults of the SDK where nothing was chosen."""
    options = {"description": "é", "max_guests": 3, "fps": 50}

    host(options).result(SECONDS)

    (started,) = calls("hostStart")
    chosen = {
        "mode": "2",
        "name": "Pong ☃",
        "desc": "é",
        "gameID": "1Game",
        "session": fingerprint(SESSION_ID),
        "secret": fingerprint(SHARE),
        "maxGuests": "3",
        "video0.encoderFPS": "50",
        "gamepadType": "1",
        "video0.output": "none",
        "video0.encoderMaxBitrate": "10",
        "adminMute": "1",
        "publicGame": "0",
    }
    assert started.items() >= chosen.items()


def test_a_picture_arrives_upright(
    host: Callable[..., sdk.GameHost], record: Path
) -> None:
    """The texture's first row is the array's, and each pixel is the same."""
    game = host().result(SECONDS)
    picture = np.zeros((48, 64, 3), np.uint8)
    for (row, column), colour in zip(quadrant_centres(64, 48), QUADRANTS, strict=True):
        picture[row - 12 : row + 12, column - 16 : column + 16] = colour

    game.submit_frame(picture)
    shown = pixels(record, (48, 64))

    assert (shown == picture).all()
    assert [tuple(shown[place]) for place in quadrant_centres(64, 48)] == [*QUADRANTS]


def test_pictures_change_their_size(
    host: Callable[..., sdk.GameHost], record: Path
) -> None:
    """Larger and smaller ones, with alpha and without."""
    game = host().result(SECONDS)
    noise = np.random.default_rng(0)

    for height, width, channels in ((90, 162, 3), (720, 1280, 4), (2, 2, 4)):
        picture = noise.integers(0, 256, (height, width, channels), np.uint8)
        game.submit_frame(picture)
        assert (pixels(record, (height, width)) == picture[..., :3]).all()


def test_the_last_picture_is_submitted_again(
    host: Callable[..., sdk.GameHost], calls: Callable[..., Any]
) -> None:
    """A guest who joins later sees it; without any there is nothing to submit."""
    game = host().result(SECONDS)
    time.sleep(0.3)
    assert calls("submitFrame") == []

    game.submit_frame(np.zeros((2, 2, 3), np.uint8))

    until(lambda: len(calls("submitFrame")) >= 4)
    assert {call["read"] for call in calls("submitFrame")} == {"1"}


def test_sound_is_followed_by_silence(
    host: Callable[..., sdk.GameHost], calls: Callable[..., Any]
) -> None:
    """In chunks of 20 ms, as it was submitted."""
    game = host().result(SECONDS)
    samples = np.arange(2 * 1_600, dtype=np.float32).reshape(-1, 2) / 3_200
    silence = {
        "format": "2",
        "sampleRate": "48000",
        "frames": "960",
        "pcm": f"{fnv1a(bytes(3840)):08x}",
    }

    def loud() -> list[dict[str, str]]:
        return [call for call in calls("submitAudio") if call["format"] == "1"]

    until(lambda: calls("submitAudio"))
    game.submit_sound(samples, rate=40_000)
    sent = until(lambda: calls("submitAudio") if len(loud()) > 4 else None)

    chunks = [samples[:800], samples[800:], np.zeros((800, 2), np.float32)]
    assert sent[0] == silence
    assert [call["pcm"] for call in loud()[:3]] == [
        f"{fnv1a(chunk.tobytes()):08x}" for chunk in chunks
    ]
    assert loud()[0].items() >= {"sampleRate": "40000", "frames": "800"}.items()


def test_a_guest_comes_and_plays(host: Callable[..., sdk.GameHost]) -> None:
    """What the guest does, is and says arrives in order."""
    game = host(guest=1).result(SECONDS)

    done = [next(game.input()) for _ in range(3)]
    events = [event for _, event in zip(range(3), game.events(), strict=False)]
    (guest,) = game.guests()

    assert (guest.id, guest.name, guest.user_id) == (1, "Zoë", 1525260)
    assert [value for _, value in done] == [
        sdk.KeyInput("a", down=True),
        sdk.KeyInput("a", down=False),
        sdk.MouseMoveInput(12, -34, relative=True),
    ]
    assert {who.name for who, _ in done} == {"Zoë"}
    assert [event.guest.state for event in events[:2]] == [2, 4]  # type: ignore[attr-defined]
    assert events[2] == sdk.GuestTextEvent(guest, TEXT_ID, TEXT)


def test_a_guest_is_written_to_shaken_and_kicked(
    host: Callable[..., sdk.GameHost], calls: Callable[..., Any]
) -> None:
    """By the guest or by the ID; somebody who is not there is an error."""
    game = host(guest=1).result(SECONDS)
    (guest,) = until(game.guests)

    game.send_text("to all", id=3)
    game.send_text("to one", guest)
    game.rumble(guest, gamepad=2, big=255, small=1)
    game.kick(guest.id)

    texts = [tuple(call.values()) for call in calls("hostUserData")]
    assert texts == [("1", "3", "to all"), ("1", "0", "to one")]
    assert [tuple(call.values()) for call in calls("submitRumble")] == [
        ("1", "2", "255", "1")
    ]
    left = [*game.events(0.5)][-1]
    assert isinstance(left, sdk.GuestEvent)
    assert (left.guest.state, left.status.name) == (8, "HOST_WRN_KICKED")
    assert game.guests() == []
    with pytest.raises(SDKConnectionError, match="no such guest"):
        game.kick(guest)


def test_an_invalid_session_is_replaced(
    host: Callable[..., sdk.GameHost], calls: Callable[..., Any]
) -> None:
    """The settings stay, and so does the game."""
    options = {"on_invalid_session": lambda: Session.from_id(NEW_ID)}

    game = host(options, invalid=1).result(SECONDS)
    (renewed,) = until(lambda: calls("hostSetConfig"))

    (started,) = calls("hostStart")
    assert renewed.pop("session") == fingerprint(NEW_ID)
    assert renewed.items() <= started.items()
    assert sdk.InvalidSessionEvent() in list(game.events(0.1))
    assert game.guests() == []


def test_an_invalid_session_ends_hosting(host: Callable[..., sdk.GameHost]) -> None:
    """Unless there is somebody to ask for another one."""
    game = host(invalid=1)

    until(lambda: game.status.ended)

    with pytest.raises(SDKConnectionError, match="Log in again"):
        game.guests()


def test_secrets_are_in_no_line(
    host: Callable[..., sdk.GameHost], record: Path, calls: Callable[..., Any]
) -> None:
    """Neither session IDs, nor the peer ID, nor what guests need to know."""
    options = {"on_invalid_session": lambda: Session.from_id(NEW_ID)}

    game = host(options, invalid=1, log=5, print=1, status=-6101).result(SECONDS)
    until(lambda: calls("hostSetConfig"))
    until(lambda: any("signal_thread" in line for line in game.log))
    until(lambda: sum(line.count("***") for line in game.log) >= 4)

    shown = "\n".join((*game.log, repr(game), record.read_text()))
    for secret in (SESSION_ID, NEW_ID, PEER_ID, SHARE):
        assert secret not in shown


def test_the_death_of_the_worker_is_an_error(host: Callable[..., sdk.GameHost]) -> None:
    """It is known at once, and nothing hangs."""
    game = host().result(SECONDS)
    os.kill(game._connection.worker().pid, signal.SIGKILL)

    begin = time.monotonic()
    assert list(game.input()) == []

    assert time.monotonic() - begin < 3
    with pytest.raises(SDKProcessError, match="SIGKILL"):
        game.submit_frame(np.zeros((2, 2, 3), np.uint8))


def test_nothing_is_left(
    host: Callable[..., sdk.GameHost], calls: Callable[..., Any]
) -> None:
    """Hosting stops at the SDK; no memory of it, no process and no thread stays."""
    threads = threading.active_count()
    with host(guest=1) as game:
        until(game.guests)
        pid = game._connection.worker().pid
        game.submit_frame(np.zeros((2, 2, 3), np.uint8))

    assert calls("hostStop") == [{"unfreed": "0"}]
    assert threading.active_count() == threads
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert "ended here" in str(game._connection.error)


def test_without_opengl_nothing_is_hosted(
    host: Callable[..., sdk.GameHost],
    calls: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says what to install."""
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nowhere.json")

    with pytest.raises(SDKSetupError, match=r"OpenGL.*apt install"):
        host().result(SECONDS)

    assert calls("hostStart") == []
