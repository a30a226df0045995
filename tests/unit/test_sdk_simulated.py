"""The simulated SDK, called through ctypes, with a made-up simulator and clock."""

from __future__ import annotations

import threading
import time
from ctypes import byref, c_void_p
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsec_nb.sdk import _abi
from parsec_nb.sdk._abi import ParsecGamepadButton as Button
from parsec_nb.sdk._abi import ParsecKeycode as Key
from parsec_nb.sdk._abi import ParsecMessageType as Message
from parsec_nb.sdk._simulated import SimulatedLibrary
from parsec_nb.sdk._simulated.canvas import Canvas, art, box, colour, ring
from parsec_nb.sdk._simulated.controls import FIELD, SIZES, Controls
from parsec_nb.sdk._simulated.scene import NOTICE, Scene
from parsec_nb.sdk._simulated.signalling import Attempt
from parsec_nb.sdk._simulated.stage import GREETING
from parsec_nb.sdk._status import ParsecStatus
from support.simulated_sdk import PEER, SECRET, Caller, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RED = bytes(colour(0xD92D3A)[1:])
SHIFT = 1
# Where the picture shows text: x, y, scale, letters.
TYPED = (120, 638, 3, 60)
PADS = (120, 684, 2, 42)
MESSAGE = (660, 684, 2, 50)
FIRST_KEY = (132, 596, 3, 8)
FRAME = 1 / 60


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Return seconds."""
        return self.now


class Server:
    """A simulator that says what a test wants, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.state = "connected"
        self.down = False
        self.asked: list[tuple[str, str, object]] = []

    def request(
        self, method: str, path: str, session_id: str, fields: Any, timeout: float
    ) -> tuple[int, dict[str, object]]:
        self.asked.append((method, path, fields))
        if self.down:
            raise ConnectionRefusedError
        if method == "POST" and "allow" in fields:
            self.state = "connected" if fields["allow"] else "declined"
        data = {"id": "abc", "state": self.state, "name": "A game", "mode": "game"}
        return self.status, data


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def server() -> Server:
    """A simulator that connects at once."""
    return Server()


@pytest.fixture
def caller(server: Server, clock: Clock) -> Iterator[Caller]:
    """An instance that is not connected."""
    caller = Caller(SimulatedLibrary(server, clock, lambda: 0.0))
    yield caller
    caller.library.ParsecDestroy(caller.pointer)


@pytest.fixture
def guest(caller: Caller) -> Caller:
    """A connected instance."""
    assert caller.connect() == 0
    return caller


@pytest.fixture
def later(clock: Clock) -> Callable[[float], None]:
    """A function that moves the clock on."""

    def move(seconds: float = FRAME) -> None:
        clock.now += seconds

    return move


def test_there_are_all_functions(caller: Caller) -> None:
    """Each has the types of the ABI; what the simulation lacks says so."""
    for name, (result, *arguments) in _abi.FUNCTIONS.items():
        function = getattr(caller.library, name)
        assert (function.restype, [*function.argtypes]) == (result, arguments)

    assert caller.library.ParsecVersion() == 0x60000
    assert caller.call("ParsecHostStart", 1, None, b"") == -5
    assert caller.call("ParsecHostPollEvents", 0, None) is False
    assert caller.call("ParsecHostStop") is None


@pytest.mark.parametrize("version", [0, 5 << 16, 7 << 16])
def test_another_version_is_refused(caller: Caller, version: int) -> None:
    """As by the real SDK."""
    pointer = c_void_p()

    status = caller.library.ParsecInit(version, None, None, byref(pointer))

    assert status == -36000
    assert not pointer


def test_the_settings_are_kept(caller: Caller) -> None:
    """What is 0 is the SDK's choice."""
    pointer, config = c_void_p(), _abi.ParsecConfig(0, 5, 0)
    text = b'{"ssHost":"example.org"}'
    caller.library.ParsecInit(_abi.PARSEC_VER, byref(config), text, byref(pointer))
    caller.library.ParsecGetConfig(pointer, byref(config))

    assert (config.upnp, config.clientPort, config.hostPort) == (0, 5, 22912)
    assert pointer.value != caller.pointer.value


def test_nothing_waits_before_a_connection(caller: Caller) -> None:
    """Polls and calls give -3 or nothing at once, whatever the timeout."""
    began = time.monotonic()

    assert caller.poll(timeout=5_000) == -3
    assert caller.sound(timeout=5_000) == -3
    assert caller.event(timeout=5_000) is None
    assert caller.send(Message.MESSAGE_RELEASE) == -3
    assert caller.call("ParsecClientPause", 1, 1) == -3
    assert caller.call("ParsecClientSetDimensions", 0, 1, 1, 1.0) == -3
    assert caller.guests() == []
    assert caller.status == -3
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("connected", 0),
        ("waiting", 6),
        ("declined", 8),
        ("unanswered", 9),
        ("full", 11),
        ("offline", 99),
        ("lost", -12007),
        ("new", -6106),
    ],
)
def test_each_answer_has_its_status(
    caller: Caller, server: Server, state: str, status: int
) -> None:
    """What the simulator says about a connection comes out as the SDK's status."""
    server.state = state

    assert caller.connect() == status


@pytest.mark.parametrize(
    ("http", "status"),
    [(401, -3008), (403, -3008), (404, 99), (503, -6101), (500, -6106), (0, -6106)],
)
def test_each_refusal_has_its_status(
    caller: Caller, server: Server, http: int, status: int
) -> None:
    """So does an HTTP status."""
    server.status = http

    assert caller.connect() == status
    assert caller.poll(timeout=5_000) == -3


def test_a_simulator_that_is_down_cannot_be_reached(
    caller: Caller, server: Server
) -> None:
    """As a server of Parsec's that does not respond; a second attempt is allowed."""
    server.down = True
    assert caller.connect() == -6101
    server.down = False

    assert caller.connect() == 0


@pytest.mark.parametrize("state", ["connected", "waiting"])
def test_there_is_one_connection_at_a_time(
    caller: Caller, server: Server, state: str
) -> None:
    """A second attempt gives -4 and changes nothing."""
    server.state = state
    before = caller.connect()

    again = caller.call("ParsecClientConnect", None, SECRET.encode(), PEER.encode())

    assert again == -4
    assert caller.status == before


@pytest.mark.parametrize("session_id", ["", "a b", "x\r\nX: y", "é"])
def test_a_session_id_that_is_none_is_not_sent(
    caller: Caller, server: Server, session_id: str
) -> None:
    """It could end up in the words of an exception."""
    assert caller.connect(session_id=session_id) == -3008
    assert server.asked == []


@pytest.mark.parametrize(("allow", "status"), [(True, 0), (False, 8)])
def test_a_request_is_decided(
    caller: Caller,
    server: Server,
    allow: bool,  # noqa: FBT001
    status: int,
) -> None:
    """The caller can decide in the place of somebody at the simulator's page."""
    assert caller.library.decide(allow) == -3
    server.state = "waiting"
    assert caller.connect() == 6

    assert caller.library.decide(allow) == 0

    assert caller.wait(lambda status: status != 6) == status
    assert ("POST", "/simulated/connections/abc", {"allow": allow}) in server.asked


def test_a_lost_connection_ends(guest: Caller, server: Server) -> None:
    """Polls say so at once, and the reason stays."""
    server.state = "lost"

    assert guest.wait(lambda status: status != 0) == -12007
    assert guest.poll(timeout=5_000) == -3
    assert guest.details.hostMode == 0


def test_a_simulator_that_ends_is_noticed(guest: Caller, server: Server) -> None:
    """The connection was there, so it is not the server that cannot be reached."""
    server.down = True

    assert guest.wait(lambda status: status != 0) == -12007


def test_the_end_of_a_game_stays_the_reason() -> None:
    """Also where the simulator's answer, which says otherwise, was under way."""
    seen: list[int] = []
    ended = threading.Event()

    class LateServer(Server):
        def request(self, method: str, *rest: Any) -> tuple[int, dict[str, object]]:
            if method == "GET":
                attempt.lose(ParsecStatus.HOST_WRN_KICKED)
                ended.set()
            return super().request(method, *rest)

    attempt = Attempt(LateServer(), SECRET, PEER, lambda _, status: seen.append(status))
    assert ended.wait(5)
    attempt.end()

    assert seen == [0, ParsecStatus.HOST_WRN_KICKED]


def test_disconnecting_wakes_who_waits(guest: Caller, server: Server) -> None:
    """A poll returns at once, and the simulator is told."""
    guest.call("ParsecClientPause", 1, 1)
    results: list[object] = []
    waiting = threading.Thread(target=lambda: results.append(guest.poll(timeout=5_000)))
    waiting.start()
    time.sleep(0.1)
    began = time.monotonic()

    guest.call("ParsecClientDisconnect")
    waiting.join(5)

    assert results == [-3]
    assert time.monotonic() - began < 1
    assert guest.status == -3
    assert server.asked[-1][:2] == ("DELETE", "/simulated/connections/abc")


def test_a_picture_is_described(guest: Caller) -> None:
    """NV12 without padding; limited range; the decoder's size is known afterwards."""
    before = guest.details.decoder[0].width
    frame, data = guest.picture()

    assert (frame.format, frame.rotation) == (1, 1)
    assert (frame.width, frame.height) == (frame.fullWidth, frame.fullHeight)
    assert (frame.width, frame.height) == (1280, 720)
    assert len(data) == frame.size == 1280 * 720 * 3 // 2
    assert min(data) >= 16
    assert max(data[: 1280 * 720]) <= 235
    assert max(data[1280 * 720 :]) <= 240
    assert before == 0
    decoder = guest.details.decoder[0]
    assert (decoder.width, decoder.height) == (1280, 720)
    assert guest.details.hostMode == 2


def test_a_picture_says_what_it_is(guest: Caller) -> None:
    """Both do, with the host's name and the time."""
    assert guest.call("ParsecClientEnableStream", 1, 1) == 0
    first, second = guest.picture(), guest.picture(1)

    assert first.read(24, 12, 3, 30) == NOTICE
    assert second.read(12, 8, 2, 30) == NOTICE
    assert first.read(584, 16, 2, 20) == second.read(24, 96, 2, 20) == "A game"
    clock = time.strftime("%H:%M:%S", time.localtime(0))
    assert first.read(1112, 12, 3, 8) == second.read(24, 150, 8, 8) == clock


def test_pictures_come_sixty_times_a_second(
    guest: Caller, later: Callable[..., None]
) -> None:
    """A poll waits for the next one, or says that none came in time."""
    guest.picture()
    assert guest.poll(timeout=0) == 2000
    later(FRAME)
    assert isinstance(guest.poll(timeout=0), Picture)
    later(10)
    assert isinstance(guest.poll(timeout=0), Picture)

    # Pictures that nobody polled are not made up for.
    assert guest.poll(timeout=0) == 2000
    began = time.monotonic()
    assert isinstance(guest.poll(timeout=100), Picture)
    assert time.monotonic() - began < 0.1


def test_things_move(guest: Caller, later: Callable[..., None]) -> None:
    """With the clock, and only with it."""
    first = guest.picture()
    same = guest.picture()
    later(0.5)

    assert first.data == same.data
    assert guest.picture().data != first.data


def test_a_key_is_seen_at_once(guest: Caller, later: Callable[..., None]) -> None:
    """Its name is shown, then fades, and the time stood still meanwhile."""
    before = guest.picture()
    guest.key(Key.KEY_F5)
    held = guest.picture()
    guest.key(Key.KEY_F5, pressed=False)
    faded = guest.picture()
    later(0.8)

    assert held.read(*FIRST_KEY[:3], 2) == faded.read(*FIRST_KEY[:3], 2) == "F5"
    assert len({before.data, held.data, faded.data}) == 3
    assert guest.picture().read(*FIRST_KEY[:3], 2) == ""


@pytest.mark.parametrize(
    ("codes", "mod", "text"),
    [
        ([Key.KEY_H, Key.KEY_I, Key.KEY_SPACE, Key.KEY_1], 0, "hi 1_"),
        ([Key.KEY_H, Key.KEY_1, Key.KEY_SEMICOLON], SHIFT, "H!:_"),
        ([Key.KEY_H, Key.KEY_1], 0x2000, "H1_"),
        ([Key.KEY_H, Key.KEY_I, Key.KEY_BACKSPACE], 0, "h_"),
        ([Key.KEY_H, Key.KEY_ENTER, Key.KEY_I], 0, "i_"),
        ([Key.KEY_H, Key.KEY_F1, Key.KEY_HOME, 9999], 0, "h_"),
        ([Key.KEY_KP_7, Key.KEY_KP_PLUS, Key.KEY_SLASH], 0, "7+/_"),
        ([Key.KEY_C], 64, "_"),
    ],
)
def test_what_is_typed_is_shown(
    guest: Caller, codes: list[int], mod: int, text: str
) -> None:
    """As a US keyboard writes it."""
    guest.tap(*codes, mod=mod)

    assert guest.picture().read(*TYPED) == text


def test_a_held_shift_counts_without_its_bit(guest: Caller) -> None:
    """Some clients send the key alone."""
    guest.key(Key.KEY_LSHIFT)
    guest.tap(Key.KEY_A)
    guest.key(Key.KEY_LSHIFT, pressed=False)
    guest.tap(Key.KEY_A)

    assert guest.picture().read(*TYPED) == "Aa_"


def marker(picture: Picture) -> tuple[int, int]:
    """Return the middle of the mouse's marker, whose only red part it is."""
    places = picture.places(RED)
    (x, y), (right, bottom) = min(places), max(places)
    return (x + right + 2) // 2, (y + bottom + 2) // 2


@pytest.mark.parametrize(
    ("window", "x", "y", "place"),
    [
        (None, 300, 200, (300, 200)),
        ((640, 360), 300, 200, (600, 400)),
        ((2560, 1440), 300, 200, (150, 100)),
        ((0, 0), 300, 200, (300, 200)),
    ],
)
def test_the_mouse_is_where_the_window_says(
    guest: Caller,
    window: tuple[int, int] | None,
    x: int,
    y: int,
    place: tuple[int, int],
) -> None:
    """Absolute positions are scaled from the window that the client told."""
    if window:
        assert guest.call("ParsecClientSetDimensions", 0, *window, 1.0) == 0

    guest.send(Message.MESSAGE_MOUSE_MOTION, mouseMotion={"x": x, "y": y})

    assert marker(guest.picture()) == place


def test_the_mouse_moves_by_distances(guest: Caller) -> None:
    """They are scaled only where that is asked for; the edge holds them."""
    guest.call("ParsecClientSetDimensions", 0, 640, 360, 1.0)
    way = {"x": 20, "y": -10, "relative": True}
    places = []
    for motion in (way, way | {"scaleRelative": True}):
        guest.send(Message.MESSAGE_MOUSE_MOTION, mouseMotion=motion)
        places.append(marker(guest.picture()))
    far = {"x": -(2**31), "y": 2**31 - 1, "relative": True}
    guest.send(Message.MESSAGE_MOUSE_MOTION, mouseMotion=far)

    assert places == [(660, 350), (700, 330)]
    assert len(guest.picture().places(RED)) > 0


def test_a_click_draws_rings(guest: Caller, later: Callable[..., None]) -> None:
    """They grow and vanish; the button's name stays while it is held."""
    before = guest.picture()
    guest.send(Message.MESSAGE_MOUSE_BUTTON, mouseButton={"button": 3, "pressed": True})
    clicked = guest.picture()
    later(0.3)
    grown = guest.picture()
    later(0.4)
    gone = guest.picture()
    guest.send(Message.MESSAGE_MOUSE_BUTTON, mouseButton={"button": 3})

    few = len(before.places(RED))
    assert few < len(clicked.places(RED)) < len(grown.places(RED))
    assert len(gone.places(RED)) == few
    assert gone.read(640 + 18 + 6, 360 + 18 + 4, 2, 1) == "R"
    assert guest.picture().read(640 + 18 + 6, 360 + 18 + 4, 2, 1) != "R"


def test_the_wheel_scrolls_the_list(guest: Caller) -> None:
    """Down shows later lines; back is where it was; small steps add up."""

    def first_line() -> str:
        return guest.picture().read(1000, 104, 2, 2).strip()

    lines = [first_line()]
    for y in (-300, 100, 100, 100, 40, 60):
        guest.send(Message.MESSAGE_MOUSE_WHEEL, mouseWheel={"y": y})
        lines.append(first_line())

    assert lines == ["0", "3", "2", "1", "0", "0", "99"]


@pytest.mark.parametrize(
    ("keys", "pad", "way"),
    [
        ([Key.KEY_RIGHT], None, (1, 0)),
        ([Key.KEY_A, Key.KEY_W], None, (-1, -1)),
        ([], {"gamepadButton": {"button": Button.GAMEPAD_BUTTON_DPAD_DOWN}}, (0, 1)),
        ([], {"gamepadAxis": {"axis": 1, "value": 32767}}, (0, -1)),
        ([], {"gamepadState": {"thumbLX": -32768, "buttons": 0}}, (-1, 0)),
        ([], {"gamepadState": {"buttons": 8}}, (1, 0)),
        ([], {"gamepadAxis": {"axis": 0, "value": 2000}}, (0, 0)),
    ],
)
def test_the_figure_walks(
    keys: list[int], pad: dict[str, Any] | None, way: tuple[int, int]
) -> None:
    """Arrow keys, WASD, a pad's cross and left stick lead it; RELEASE stops it."""
    controls = new_controls()
    x, y = controls.player

    for code in keys:
        controls.apply(message(Message.MESSAGE_KEYBOARD, keyboard=pressed(code)), 0)
    kinds = {"gamepadButton": 5, "gamepadAxis": 6, "gamepadState": 8}
    for member, fields in (pad or {}).items():
        sent = {**fields, "pressed": True} if member == "gamepadButton" else fields
        controls.apply(message(kinds[member], **{member: sent}), 0)
    controls.move(0.1)
    moved = controls.player[0] - x, controls.player[1] - y
    controls.apply(message(Message.MESSAGE_RELEASE), 0)
    place = [*controls.player]
    controls.move(0.2)

    assert tuple((step > 0) - (step < 0) for step in moved) == way
    assert controls.player == place


def new_controls(rumbles: list[Any] | None = None) -> Controls:
    """Return controls at 0 seconds."""
    controls = Controls(lambda _: None, lambda *got: (rumbles or []).append(got))
    controls.move(0)
    return controls


def pressed(code: int) -> dict[str, Any]:
    """Return the fields of a key that goes down."""
    return {"code": code, "pressed": True}


def message(kind: int, **members: dict[str, Any]) -> _abi.ParsecMessage:
    """Return an input message."""
    built = _abi.ParsecMessage(kind)
    for member, fields in members.items():
        for name, value in fields.items():
            setattr(getattr(built, member), name, value)
    return built


def test_a_pad_is_shown_and_shaken(guest: Caller) -> None:
    """Its buttons and axes are named; A shakes it while held; it can be unplugged."""
    while guest.event():
        pass
    fields = {"id": 3, "button": Button.GAMEPAD_BUTTON_A, "pressed": True}
    guest.send(Message.MESSAGE_GAMEPAD_BUTTON, gamepadButton=fields)
    axis = {"id": 3, "axis": 0, "value": 32767}
    guest.send(Message.MESSAGE_GAMEPAD_AXIS, gamepadAxis=axis)
    held = guest.picture().read(*PADS)
    guest.send(
        Message.MESSAGE_GAMEPAD_BUTTON, gamepadButton=fields | {"pressed": False}
    )
    events = [guest.event(), guest.event()]
    guest.send(Message.MESSAGE_GAMEPAD_UNPLUG, gamepadUnplug={"id": 3})

    assert held == "3: A LX+1.0"
    assert [event and event.type for event in events] == [2, 2]
    rumbles = [event.rumble for event in events if event]
    assert [rumble.gamepadID for rumble in rumbles] == [3, 3]
    assert [bool(rumble.motorBig) for rumble in rumbles] == [True, False]
    assert guest.picture().read(*PADS) == ""


def test_a_whole_pad_is_one_message(guest: Caller) -> None:
    """Its bits and its axes have the names of the single messages."""
    state = {"id": 0, "buttons": 0x1140, "leftTrigger": 255, "thumbRY": -32768}
    guest.send(Message.MESSAGE_GAMEPAD_STATE, gamepadState=state)

    shown = guest.picture().read(*PADS)

    assert shown == "0: A LSHOULDER LSTICK RY-1.0 TRIGGERL+1.0"


def test_release_lets_go_of_everything(
    guest: Caller, later: Callable[..., None]
) -> None:
    """Keys, buttons and pads are up, the tone is off, the pad is still."""
    guest.sound()
    guest.key(Key.KEY_F1)
    guest.send(Message.MESSAGE_MOUSE_BUTTON, mouseButton={"button": 1, "pressed": True})
    fields = {"button": Button.GAMEPAD_BUTTON_A, "pressed": True}
    guest.send(Message.MESSAGE_GAMEPAD_BUTTON, gamepadButton=fields)
    while guest.event():
        pass

    assert guest.send(Message.MESSAGE_RELEASE) == 0

    later(1)
    picture = guest.picture()
    assert picture.read(*FIRST_KEY[:3], 2) == ""
    assert picture.read(*PADS) == "0:"
    assert picture.read(640 + 18 + 6, 360 + 18 + 4, 2, 1) != "L"
    samples = guest.sound()
    assert isinstance(samples, list)
    assert not any(samples)
    event = guest.event()
    assert event
    assert (event.type, event.rumble.motorBig) == (2, 0)


def test_a_key_sounds_for_a_while(guest: Caller, later: Callable[..., None]) -> None:
    """A modest tone, the same on both sides, then silence; keys differ in it."""
    heard = []
    for code in (Key.KEY_A, Key.KEY_B):
        guest.tap(code)
        tone: list[int] = []
        for _ in range(30):
            later(0.01)
            chunk = guest.sound(timeout=0)
            assert isinstance(chunk, list)
            assert len(chunk) == 960
            tone += chunk
        heard.append(tone)

    for tone in heard:
        assert tone[::2] == tone[1::2]
        assert 1_000 < max(tone) < 4_000
        assert not any(tone[-960:])
    assert heard[0] != heard[1]


def test_many_keys_stay_modest(guest: Caller, later: Callable[..., None]) -> None:
    """The samples of several tones are added, and do not overflow."""
    for code in range(4, 30):
        guest.tap(code)
    later(0.01)
    chunks = [guest.sound() for _ in range(3)]

    assert all(isinstance(chunk, list) for chunk in chunks)
    assert (
        2_000 < max(max(chunk) for chunk in chunks if isinstance(chunk, list)) < 11_000
    )


def test_sound_comes_in_time(guest: Caller, later: Callable[..., None]) -> None:
    """10 ms each 10 ms; what is older than a fifth of a second is lost."""
    assert isinstance(guest.sound(timeout=0), list)
    assert guest.sound(timeout=0) == 6000
    later(10)
    chunks = [guest.sound(timeout=0) for _ in range(40)]

    assert 20 <= sum(isinstance(chunk, list) for chunk in chunks) <= 22


def test_a_pause_stops_one_or_both(guest: Caller, later: Callable[..., None]) -> None:
    """Neither is sent while it is paused; both go on afterwards."""
    results = []
    for video, sound in ((True, False), (False, True), (True, True), (False, False)):
        assert guest.call("ParsecClientPause", video, sound) == 0
        later(0.1)
        polled = guest.poll(timeout=0), guest.sound(timeout=0)
        results.append(tuple(p if isinstance(p, int) else "came" for p in polled))

    assert results == [(2000, "came"), ("came", 6000), (2000, 6000), ("came", "came")]


def test_the_second_stream_is_off_until_asked_for(
    guest: Caller, later: Callable[..., None]
) -> None:
    """It is smaller, has a mouse of its own, and can be switched off again."""
    off = guest.poll(1, timeout=0)
    assert guest.call("ParsecClientEnableStream", 1, 1) == 0
    picture = guest.picture(1)
    motion = {"x": 100, "y": 250, "stream": 1}
    guest.send(Message.MESSAGE_MOUSE_MOTION, mouseMotion=motion)
    later(FRAME)
    moved = guest.picture(1)
    assert guest.call("ParsecClientEnableStream", 1, 0) == 0
    later(FRAME)

    assert off == guest.poll(1, timeout=0) == guest.poll(2, timeout=0) == 2000
    assert (picture.frame.width, picture.frame.height) == (640, 360)
    assert marker(moved) == (100, 250)
    assert guest.picture().places(RED) == []
    assert guest.details.decoder[1].width == 640


def test_a_guest_is_welcomed(guest: Caller) -> None:
    """With a pointer's image and a text; each buffer is there once."""
    cursor, greeting = guest.event(), guest.event()
    assert cursor
    assert greeting
    shape = cursor.cursor.cursor

    assert (cursor.type, greeting.type, guest.event()) == (1, 3, None)
    assert shape.imageUpdate
    assert shape.size == shape.width * shape.height * 4
    image = guest.buffer(cursor.cursor.key, shape.size)
    assert image
    assert {image[at] for at in range(3, len(image), 4)} == {0, 255}
    key = greeting.userData.key
    assert guest.buffer(key) == GREETING.encode()
    assert guest.buffer(key) is None
    assert guest.library._lent == {}


def test_a_text_comes_back(guest: Caller) -> None:
    """It is also shown; what is not ASCII is a question mark in the picture."""
    while guest.event():
        pass

    assert guest.call("ParsecClientSendUserData", 7, "good\nday é".encode()) == 0

    event = guest.event()
    assert event
    assert (event.type, event.userData.id) == (3, 7)
    assert guest.buffer(event.userData.key) == "good\nday é".encode()
    assert guest.picture().read(*MESSAGE) == "Message: good day ?"


def test_an_event_wakes_who_waits(guest: Caller) -> None:
    """A poll returns as soon as there is one."""
    while guest.event():
        pass
    timer = threading.Timer(
        0.05, lambda: guest.call("ParsecClientSendUserData", 1, b"now")
    )
    timer.start()
    began = time.monotonic()

    event = guest.event(timeout=5_000)
    timer.join()

    assert event
    assert time.monotonic() - began < 1
    assert guest.event(timeout=1) is None


def test_the_guests_are_named(guest: Caller) -> None:
    """The guest and a bot; the list is freed."""
    assert guest.guests() == ["you", "Robo (a bot)"]
    assert guest.call("ParsecClientGetGuests", None) == 2
    assert guest.library._lent == {}


def test_metrics_move(guest: Caller, later: Callable[..., None]) -> None:
    """They are plausible, and none stands still."""
    figures = []
    for _ in range(2):
        metrics = guest.details.self.metrics[0]
        assert 0 < metrics.encodeLatency < 10
        assert 0 < metrics.decodeLatency < 10
        assert 0 < metrics.networkLatency < 50
        assert 1 < metrics.bitrate < 20
        figures.append([getattr(metrics, name) for name, _ in metrics._fields_])
        later(61)

    first, second = figures
    assert all(a != b for a, b in zip(first[:3], second[:3], strict=True))
    assert all(a != b for a, b in zip(first[4:], second[4:], strict=True))


def events_of(guest: Caller) -> list[int]:
    """Return the key, or 0, of every event that is there."""
    keys = []
    while event := guest.event():
        keys.append(event.userData.key if event.type == 3 else 0)
    return keys


def test_memory_is_bounded(guest: Caller) -> None:
    """Whatever a client sends and never fetches."""
    for number in range(400):
        guest.call("ParsecClientSendUserData", number, b"x" * 10_000)
        guest.tap(10_000 + number)
        guest.key(20_000 + number)
        fields = {"id": number, "button": 1, "pressed": True}
        guest.send(Message.MESSAGE_GAMEPAD_BUTTON, gamepadButton=fields)
        guest.send(
            Message.MESSAGE_MOUSE_BUTTON,
            mouseButton={"button": number, "pressed": True},
        )

    assert guest.picture().read(*PADS)[:4] == "0: B"
    assert len(events_of(guest)) == 256
    for number in range(400):
        guest.call("ParsecClientSendUserData", number, b"y" * 10_000)
    keys = events_of(guest)
    assert len(keys) == 256
    assert len(guest.buffer(keys[-1]) or b"") == 4096
    stage = guest.library._instances[guest.pointer.value]._stage
    assert len(stage._buffers) < 256
    controls = stage.controls
    kept = controls.keys, controls.faded, controls.pads, controls.buttons
    assert max(map(len, kept)) <= 24


@settings(deadline=None)
@given(st.lists(st.binary(min_size=20, max_size=20), max_size=20), st.floats(0, 1e6))
def test_no_input_message_breaks_the_picture(sent: list[bytes], now: float) -> None:
    """Any bytes can come; the figure stays on the field."""
    controls = new_controls()
    scene = Scene(controls, "host", lambda: 0.0)
    for data in sent:
        # Half of them with a type that exists.
        typed = bytes([data[0] % 10, 0, 0, 0]) + data[4:]
        for each in (data, typed):
            controls.apply(_abi.ParsecMessage.from_buffer_copy(each), now)
        scene.draw(now)

    left, top, right, bottom = FIELD
    assert left <= controls.player[0] <= right
    assert top <= controls.player[1] <= bottom
    assert all(
        0 <= at < size
        for place, sizes in zip(controls.mouse, SIZES, strict=True)
        for at, size in zip(place, sizes, strict=True)
    )


@pytest.mark.parametrize("x", [-8, -2, 0, 10, 12, 17, 40])
@pytest.mark.parametrize("y", [-8, -2, 0, 10, 12, 17, 40])
def test_a_sprite_is_cut_off_at_the_edge(x: int, y: int) -> None:
    """What is outside is not drawn, and nothing else changes."""
    ink = colour(0xFFFFFF)
    canvas = Canvas(16, 16)

    canvas.draw(box(6, 6, ink), x, y)

    x, y = x & ~1, y & ~1
    for row in range(16):
        for column in range(16):
            inside = x <= column < x + 6 and y <= row < y + 6
            assert canvas.data[row * 16 + column] == ink.y * inside
            place = 256 + row // 2 * 16 + column
            assert canvas.data[place] == 128 * inside


def test_colours_are_limited_bt_709() -> None:
    """Black, white and the three primary colours have the standard's numbers."""
    found = [colour(rgb) for rgb in (0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0x0000FF)]

    assert found == [
        (16, 128, 128),
        (235, 128, 128),
        (63, 102, 240),
        (173, 42, 26),
        (32, 240, 118),
    ]


def test_shapes_are_what_they_say() -> None:
    """Art leaves its gaps, a ring its hole; both keep to their size."""
    ink = colour(0xFF0000)
    cross = art("..k\nkk.", {"k": ink}, 2)
    circle = ring(20, 20, 4, ink)

    assert (cross.width, cross.height) == (6, 4)
    assert sorted(cross.luma) == sorted(
        [
            *((4, row, bytes([ink.y]) * 2) for row in (0, 1)),
            *((0, row, bytes([ink.y]) * 4) for row in (2, 3)),
        ]
    )
    middle = [(left, len(run)) for left, row, run in circle.luma if row == 20]
    assert middle == [(0, 4), (36, 4)]
