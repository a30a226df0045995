"""Hosting without a process: arguments, pictures, sounds, input, and new sessions."""

from __future__ import annotations

import base64
import json
import math
import os
import signal
import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from parsec_nb import Session, sdk
from parsec_nb.errors import (
    InvalidArgumentError,
    SDKConnectionError,
    SDKError,
    SDKProcessError,
    SDKSetupError,
    SessionExpiredError,
)
from parsec_nb.sdk import _abi, _input
from parsec_nb.sdk._abi import ParsecHostEventType as EventType
from parsec_nb.sdk._events import UnknownEvent
from parsec_nb.sdk._host import inputs
from parsec_nb.sdk._host.connection import HostConnection
from parsec_nb.sdk._host.events import read_host_event
from parsec_nb.sdk._host.game import GameHost
from parsec_nb.sdk._host.hosting import Sound
from parsec_nb.sdk._host.media import checked_picture, checked_sound
from parsec_nb.sdk._simulated.resampling import resample
from support.secrets import SESSION_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 5.0
READY = {"event": "ready", "version": 0x60000}
RUNNING = {"event": "status", "code": 0, "status": ""}
NEW_ID = SESSION_ID[::-1]


@pytest.fixture
def session() -> Session:
    """A session of nobody's."""
    return Session.from_id(SESSION_ID)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": ""}, "what guests see"),
        ({"name": 7}, "name must be a text"),
        ({"name": "é" * 128}, "at most 255 bytes"),
        ({"description": "a\0b"}, "description must be a text"),
        ({"description": "x" * 512}, "at most 511 bytes"),
        ({"game_id": "é"}, "what Parsec issued"),
        ({"game_id": "x" * 72}, "at most 71 bytes"),
        ({"secret": "seven77"}, "8 to 31 ASCII"),
        ({"secret": "x" * 32}, "8 to 31 ASCII"),
        ({"secret": "sécret-secret"}, "8 to 31 ASCII"),
        ({"max_guests": 0}, "max_guests=0 must be a whole number from 1 to 64"),
        ({"max_guests": 65}, "max_guests=65"),
        ({"max_guests": True}, "max_guests=True"),
        ({"fps": 2.5}, r"fps=2\.5 must be a whole number"),
        ({"signal_host": "https://x"}, "not a host name"),
        ({"upnp": "no"}, "upnp='no' must be True or False"),
        ({"upnp": None}, "upnp=None must be"),
        ({"python": 7}, "python=7 is not a program"),
        ({"on_invalid_session": 7}, "must be a function"),
        ({"session": 7}, "not int"),
    ],
)
def test_each_argument_is_checked(
    session: Session, arguments: dict[str, Any], words: str
) -> None:
    """At the call, and without the value of a secret."""
    given: dict[str, Any] = {"session": session, "name": "Pong"} | arguments

    with pytest.raises(InvalidArgumentError, match=words) as error:
        sdk.host(**given)

    assert str(arguments.get("secret", "nothing")) not in str(error.value)


def test_a_session_must_be_good() -> None:
    """One that has expired is refused in words."""
    past = datetime.fromtimestamp(0, timezone.utc)
    expired = Session(id=Session.from_id(SESSION_ID).id, expires_at=past)

    with pytest.raises(SessionExpiredError, match="Log in again"):
        sdk.host(expired, name="Pong")


def test_a_library_is_needed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of the real service gets no simulated SDK."""
    monkeypatch.delenv("PARSEC_SDK_PATH", raising=False)

    with pytest.raises(SDKSetupError):
        sdk.host(session, name="Pong")


class TestPicture:
    """What `submit_frame()` takes."""

    def test_rgb_gets_an_alpha(self) -> None:
        """Rows and columns stay where they are."""
        array = np.arange(2 * 4 * 3, dtype=np.uint8).reshape(2, 4, 3)

        picture = checked_picture(array)

        assert picture.shape == (2, 4, 4)
        assert (picture[..., :3] == array).all()
        assert (picture[..., 3] == 255).all()

    def test_a_view_is_copied_in_its_order(self) -> None:
        """Memory has no gaps afterwards, and the first row is the array's first."""
        array = np.arange(8 * 4 * 4, dtype=np.uint8).reshape(8, 4, 4)[::-2]

        picture = checked_picture(array)

        assert picture.flags.c_contiguous
        assert picture.tobytes() == array.tobytes()

    @pytest.mark.parametrize(
        ("array", "words"),
        [
            (np.zeros((4, 4, 3)), r"not of float64.*\(255 \* array\)"),
            (np.zeros((4, 4, 3), np.int16), "not of int16"),
            ([[0]], "not of list"),
            (np.zeros((4, 4), np.uint8), r"shape is \(4, 4\)"),
            (np.zeros((4, 4, 2), np.uint8), r"shape is \(4, 4, 2\)"),
            (np.zeros((4, 5, 3), np.uint8), "this one is 5x4"),
            (np.zeros((0, 4, 3), np.uint8), "this one is 4x0"),
            (np.zeros((2, 4098, 3), np.uint8), "from 2 to 4096"),
        ],
    )
    def test_what_is_none_is_refused(self, array: Any, words: str) -> None:
        """With what it is, and what would be taken."""
        with pytest.raises(InvalidArgumentError, match=words):
            checked_picture(array)


class TestSound:
    """What `submit_sound()` takes, and how the worker sends it."""

    @pytest.mark.parametrize(
        ("array", "form", "pcm"),
        [
            (np.array([1, -2], np.int16), 2, np.array([1, 1, -2, -2], np.int16)),
            (np.array([[1], [2]], np.int16), 2, np.array([1, 1, 2, 2], np.int16)),
            (np.array([[1, 2]], np.int16), 2, np.array([1, 2], np.int16)),
            (np.array([0.5], np.float32), 1, np.array([0.5, 0.5], np.float32)),
        ],
    )
    def test_samples_become_pairs(self, array: Any, form: int, pcm: Any) -> None:
        """One channel is heard on both sides."""
        assert checked_sound(array, 48_000) == (form, pcm.tobytes())

    @pytest.mark.parametrize(
        ("array", "rate", "words"),
        [
            (np.zeros(4), 48_000, "not of float64.*float32"),
            ("abc", 48_000, "not of str"),
            (np.zeros((4, 3), np.int16), 48_000, r"shape is \(4, 3\)"),
            (np.zeros((2, 2, 2), np.int16), 48_000, r"shape is \(2, 2, 2\)"),
            (np.zeros(4, np.int16), 7_999, "rate=7999"),
            (np.zeros(4, np.int16), "48k", "rate='48k'"),
            (np.zeros(4, np.int16), np.array([1, 2]), "rate=array"),
            (np.zeros(80_001, np.int16), 8_000, r"this one 10\.0 s"),
        ],
    )
    def test_what_is_none_is_refused(self, array: Any, rate: Any, words: str) -> None:
        """With what it is, and what would be taken."""
        with pytest.raises(InvalidArgumentError, match=words):
            checked_sound(array, rate)

    def test_silence_follows_what_was_submitted(self) -> None:
        """A chunk is 20 ms, at the rate and in the format of the last sound."""
        sound = Sound()
        form = int(_abi.ParsecPCMFormat.PCM_FORMAT_FLOAT)
        sound.add(form, 8_000, b"\1" * 8 * 200)

        chunks = [sound.take() for _ in range(3)]

        assert {(form, rate, pairs) for form, rate, _, pairs in chunks} == {
            (form, 8_000, 160)
        }
        assert b"".join(c[2] for c in chunks) == b"\1" * 1600 + bytes(8 * 280)

    def test_what_is_too_far_behind_is_left_out(self) -> None:
        """The newest ten seconds are kept."""
        sound = Sound()
        sound.add(2, 8_000, bytes(4 * 80_000))
        sound.add(2, 8_000, b"\1" * 4 * 79_999)

        assert sound.take()[2] == bytes(4) + b"\1" * 4 * 159

    def test_the_simulated_sdk_resamples(self) -> None:
        """As 16 bits at 48,000 pairs a second."""
        half = np.array([[0.5, -2.0]], np.float32).tobytes()
        pairs = np.array([[1, 2], [3, 4]], np.int16)

        assert np.frombuffer(
            resample(half, 48_000, is_float=True), np.int16
        ).tolist() == [16384, -32767]
        assert np.frombuffer(
            resample(pairs.tobytes(), 24_000, is_float=False), np.int16
        ).tolist() == [1, 2, 1, 2, 3, 4, 3, 4]


def read(message: _abi.ParsecMessage) -> inputs.Input:
    """Return the value of a message, as from a guest with the ID 3."""
    raw = {
        "guest": bytes(_abi.ParsecGuest(id=3, name=b"Zo\xc3\xab")).hex(),
        "message": bytes(message).hex(),
    }
    done = inputs.read_input(raw)
    assert done is not None
    assert (done[0].id, done[0].name) == (3, "Zoë")
    return done[1]


def pad_messages() -> list[_abi.ParsecMessage]:
    """Return what a client's gamepad 2 sends."""
    sent: list[_abi.ParsecMessage] = []
    pad = _input.Gamepad(2, sent.extend)
    pad.button("dpad_up", True)  # noqa: FBT003 - as the SDK's `pressed`
    pad.axis("ly", -1.0)
    pad.unplug()
    return sent


@pytest.mark.parametrize(
    ("message", "value"),
    [
        (_input.Keyboard().key("up", down=True), sdk.KeyInput("up", down=True)),
        (_input.Keyboard().key("Ctrl", down=False), sdk.KeyInput("lctrl", down=False)),
        (
            _input.mouse_button("x1", down=True),
            sdk.MouseButtonInput("x1", down=True),
        ),
        (_input.mouse_move(3, 4), sdk.MouseMoveInput(3, 4, relative=False)),
        (
            _input.mouse_move(-3, 4, relative=True),
            sdk.MouseMoveInput(-3, 4, relative=True),
        ),
        (_input.wheel(5, 100), sdk.WheelInput(5, 100)),
        (pad_messages()[0], sdk.PadButtonInput(2, "dpad_up", down=True)),
        (pad_messages()[1], sdk.PadAxisInput(2, "ly", -1.0)),
        (pad_messages()[2], sdk.PadUnplugInput(2)),
        (_input.Keyboard().release_all(), sdk.ReleaseInput()),
    ],
)
def test_a_host_reads_what_a_client_sends(
    message: _abi.ParsecMessage, value: inputs.Input
) -> None:
    """In the same names."""
    assert read(message) == value


def test_a_whole_gamepad_has_the_names_of_its_parts() -> None:
    """Thumbs and shoulders are called as single buttons are."""
    message = _abi.ParsecMessage(type=_abi.ParsecMessageType.MESSAGE_GAMEPAD_STATE)
    state = message.gamepadState
    state.id, state.buttons = 1, 0xFFFF
    state.thumbLX, state.rightTrigger = -32768, 255

    value = read(message)

    assert isinstance(value, sdk.PadStateInput)
    assert value.buttons == set(_input._PAD_BUTTONS)
    assert set(value.axes) == set(_input._PAD_AXES)
    assert (value.gamepad, value.axes["lx"], value.axes["triggerr"]) == (1, -1.0, 1.0)


def test_unknown_numbers_pass() -> None:
    """A key and a button that a later SDK may add have names; a message has none."""
    key = _input.Keyboard().key("a", down=True)
    key.keyboard.code = 999
    button = _input.mouse_button("left", down=True)
    button.mouseButton.button = 77
    unknown = {"guest": bytes(180).hex(), "message": bytes([99] + [0] * 19).hex()}

    assert read(key) == sdk.KeyInput("unknown_999", down=True)
    assert read(button) == sdk.MouseButtonInput("unknown_77", down=True)
    assert inputs.read_input(unknown) is None


def host_event(kind: int, buffer: bytes | None = None, **member: Any) -> dict[str, Any]:
    """Return the report of an event."""
    event = _abi.ParsecHostEvent(type=kind, **member)
    text = None if buffer is None else base64.b64encode(buffer).decode()
    return {
        "event": "host",
        "type": kind,
        "data": bytes(event).hex(),
        "buffer": text,
    }


def test_events_are_values() -> None:
    """Guests with their state and its reason, texts with their sender."""
    guest = _abi.ParsecGuest(id=3, name=b"Zo\xc3\xab", state=8)
    change = _abi.ParsecGuestStateChangeEvent(guest, 5)
    data = _abi.ParsecUserDataEvent(guest, 7, 1)

    left = read_host_event(host_event(1, guestStateChange=change))
    text = read_host_event(host_event(2, "☃".encode(), userData=data))

    assert isinstance(left, sdk.GuestEvent)
    assert (left.guest.id, left.guest.state.name) == (3, "GUEST_DISCONNECTED")
    assert left.status.name == "HOST_WRN_KICKED"
    assert text == sdk.GuestTextEvent(left.guest, 7, "☃")
    assert read_host_event(host_event(4)) == sdk.InvalidSessionEvent()
    assert read_host_event(host_event(3)) == UnknownEvent(3)


class FakeWorker:
    """Says that it hosts, and then what the test wants."""

    over = False

    def __init__(self, start: dict[str, Any], **callbacks: Any) -> None:
        self.start = start
        self.on_event: Callable[[dict[str, Any]], None] = callbacks["on_event"]
        self.on_end: Callable[[int, str], None] = callbacks["on_end"]
        self.requests: list[tuple[str, dict[str, object]]] = []
        self.hidden: list[str] = []
        self.asked = threading.Event()
        self.on_event(READY)
        self.on_event(RUNNING)

    def hide(self, secret: str) -> None:
        self.hidden.append(secret)

    def request(self, do: str, **arguments: object) -> dict[str, Any]:
        self.requests.append((do, arguments))
        self.asked.set()
        return {"status": 0, "guests": []}

    def end(self) -> None:
        pass


class Hosted:
    """A game that a fake worker hosts."""

    def __init__(self, renew: Callable[[], Any] | None = None) -> None:
        self.workers: list[FakeWorker] = []

        def make_worker(start: dict[str, Any], **callbacks: Any) -> FakeWorker:
            self.workers.append(FakeWorker(start, **callbacks))
            return self.workers[-1]

        start: dict[str, object] = {"simulated": None, "session_id": SESSION_ID}
        self.connection = HostConnection(start, renew, make_worker=make_worker)
        self.game = GameHost(self.connection, "Pong", "peer" * 4, "secret42")
        self.connection.begin()
        self.game.result(SECONDS)

    @property
    def worker(self) -> FakeWorker:
        return self.workers[0]

    def invalidate(self) -> None:
        """Report that the session ID is no longer good, as often as the SDK may."""
        kind = int(EventType.HOST_EVENT_INVALID_SESSION_ID)
        for _ in range(3):
            self.worker.on_event(host_event(kind))


@pytest.fixture
def hosted() -> Iterator[Callable[..., Hosted]]:
    """Host games, and stop them in the end."""
    games = []

    def host(renew: Callable[[], Any] | None = None) -> Hosted:
        games.append(Hosted(renew))
        return games[-1]

    yield host
    for each in games:
        each.game.stop()


def test_input_is_given_once(hosted: Callable[..., Hosted]) -> None:
    """A game takes what is there; who waits gets what comes."""
    each = hosted()
    raw = {
        "event": "input",
        "guest": bytes(180).hex(),
        "message": bytes(_input.Keyboard().key("a", down=True)).hex(),
    }
    for _ in range(3):
        each.worker.on_event(raw)

    taken = list(each.game.input(timeout=0))
    timer = threading.Timer(0.05, each.worker.on_event, (raw,))
    timer.start()

    assert [value for _, value in taken] == [sdk.KeyInput("a", down=True)] * 3
    assert next(each.game.input())[1] == sdk.KeyInput("a", down=True)
    assert list(each.game.input(timeout=0)) == []
    each.game.stop()
    assert list(each.game.input()) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_does_not_wait_for_input(hosted: Callable[..., Hosted]) -> None:
    """What guests do arrives at its parent only."""
    game = hosted().game
    child = os.fork()
    if child == 0:
        signal.alarm(3)
        try:
            next(game.input())
        except SDKProcessError:
            os._exit(0)
        os._exit(1)

    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda game: game.input("0"),
        lambda game: game.input(math.nan),
        lambda game: game.events(-1),
        lambda game: game.events(1e30),
        lambda game: game.send_text("\ud800"),
        lambda game: game.send_text("a\0b"),
    ],
)
def test_what_cannot_be_used_is_refused_at_once(
    hosted: Callable[..., Hosted], call: Callable[[sdk.GameHost], object]
) -> None:
    """Not when it is iterated over, and not in the worker, which would end."""
    with pytest.raises(InvalidArgumentError):
        call(hosted().game)


def test_a_new_session_takes_the_place_of_an_invalid_one(
    hosted: Callable[..., Hosted],
) -> None:
    """The function is called once, in a thread, and its session goes to the SDK."""
    called: list[str] = []

    def renew() -> Session:
        called.append(threading.current_thread().name)
        return Session.from_id(NEW_ID)

    each = hosted(renew)
    each.invalidate()
    assert each.worker.asked.wait(SECONDS)
    each.invalidate()

    assert each.worker.requests == [("renew", {"session_id": NEW_ID})]
    assert each.worker.hidden == [NEW_ID]
    assert called == ["parsec_nb-sdk-renew"]
    assert list(each.game.events(timeout=0)) == [sdk.InvalidSessionEvent()]
    assert each.game.status == "connected"


def fail() -> Session:
    """Raise an error that quotes a secret."""
    raise KeyError(SESSION_ID)


def fail_to_log_in() -> Session:
    """Raise one of this package's errors."""
    raise SDKSetupError("the words")  # noqa: EM101, TRY003


@pytest.mark.parametrize(
    ("renew", "words"),
    [
        (None, r"Log in again: session = await parsec_nb\.login.*on_invalid_session="),
        (lambda: None, "must return a Session, not NoneType"),
        (lambda: "text", "must return a Session, not str"),
        (fail, "raised KeyError"),
        (fail_to_log_in, "the words"),
    ],
)
def test_hosting_ends_without_a_new_session(
    hosted: Callable[..., Hosted], renew: Callable[[], Any] | None, words: str
) -> None:
    """The error says why and what to do, and quotes nothing."""
    each = hosted(renew)

    each.invalidate()
    ended = each.connection.wait_while(lambda: not each.game.status.ended, SECONDS)

    assert ended
    with pytest.raises(SDKError, match=words) as error:
        each.game.guests()
    assert SESSION_ID not in str(error.value)


def test_after_the_end_each_call_says_so(hosted: Callable[..., Hosted]) -> None:
    """In the words of a host."""
    game = hosted().game
    game.stop()

    for call in (
        game.guests,
        lambda: game.submit_frame(np.zeros((2, 2, 3), np.uint8)),
        lambda: game.submit_sound(np.zeros(2, np.int16)),
        lambda: game.kick(1),
        lambda: game.send_text("hi"),
        lambda: game.rumble(1),
    ):
        with pytest.raises(SDKConnectionError, match=r"Host again with sdk\.host"):
            call()
    assert list(game.events()) == []


def test_a_motor_s_force_may_be_numpy_s(hosted: Callable[..., Hosted]) -> None:
    """A game computes with it."""
    each = hosted()

    each.game.rumble(1, big=np.uint8(200))  # type: ignore[arg-type]

    ((_, arguments),) = each.worker.requests
    assert json.dumps(arguments["big"]) == "200"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"big": 256}, "big=256"),
        ({"small": -1}, "small=-1"),
        ({"big": 0.5}, r"big=0\.5"),
        ({"gamepad": -1}, "is not a number"),
        ({"guest": "Zoë"}, "is not a number"),
    ],
)
def test_a_motor_s_force_is_checked(
    hosted: Callable[..., Hosted], arguments: dict[str, Any], words: str
) -> None:
    """It is a byte."""
    with pytest.raises(InvalidArgumentError, match=words):
        hosted().game.rumble(**{"guest": 1} | arguments)


def test_the_share_text_has_what_a_friend_needs(hosted: Callable[..., Hosted]) -> None:
    """The secret is there and in no repr."""
    game = hosted().game

    assert "peer" * 4 in game.share_text
    assert 'secret="secret42"' in game.share_text
    assert repr(game) == "<GameHost 'Pong': connected>"


def test_no_opengl_is_a_fault_of_the_set_up(hosted: Callable[..., Hosted]) -> None:
    """It says what to install."""
    each = hosted()

    each.worker.on_event({"event": "refused", "reason": "opengl", "detail": "NONE"})
    each.connection.wait_while(lambda: not each.game.status.ended, SECONDS)

    with pytest.raises(SDKSetupError, match=r"OpenGL, and NONE.*apt install"):
        each.game.guests()
