"""The kernel's side of the live view: JPEGs, what browsers send, and what is sent."""

from __future__ import annotations

import ctypes
import gc
import json
import time
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import simplejpeg

from parsec_nb.errors import InvalidArgumentError, SDKConnectionError
from parsec_nb.sdk._abi import (
    ParsecColorFormat,
    ParsecKeymod,
    ParsecMessage,
    ParsecMessageType,
    ParsecRotation,
)
from parsec_nb.sdk._frames import Frame
from parsec_nb.sdk._input import Keyboard
from parsec_nb.sdk._shared.media import FrameHeader
from parsec_nb.sdk._view import page_messages
from parsec_nb.sdk._view.image_view import ImageView
from parsec_nb.sdk._view.jpeg import color_matrix, encode
from parsec_nb.sdk._view.page_messages import BadMessageError
from parsec_nb.sdk._view.view import View
from parsec_nb.sdk._view.views import Views
from support.views import FakeConnection, view_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Colours, and their BT.709 in limited range by the standard's luma weights.
COLORS = {
    (255, 0, 0): (63, 102, 240),
    (0, 255, 0): (173, 42, 26),
    (0, 0, 255): (32, 240, 118),
    (255, 0, 255): (78, 214, 230),
    (255, 255, 0): (219, 16, 138),
    (0, 255, 255): (188, 154, 16),
    (255, 255, 255): (235, 128, 128),
    (0, 0, 0): (16, 128, 128),
    (128, 128, 128): (126, 128, 128),
    (200, 120, 80): (131, 102, 165),
    (60, 90, 160): (92, 162, 112),
}
STEPS = {
    ParsecColorFormat.FORMAT_NV12: (2, 2),
    ParsecColorFormat.FORMAT_I420: (2, 2),
    ParsecColorFormat.FORMAT_NV16: (1, 2),
    ParsecColorFormat.FORMAT_I422: (1, 2),
    ParsecColorFormat.FORMAT_I444: (1, 1),
}
WIDTH, HEIGHT, PADDING = 40, 24, 8


def plain_frame(
    kind: ParsecColorFormat,
    rgb: tuple[int, int, int],
    *,
    width: int = WIDTH,
    height: int = HEIGHT,
    rotation: int = ParsecRotation.ROTATION_NONE,
) -> Frame:
    """Return a frame of one colour, with garbage as padding."""
    across, down = width + PADDING, height + PADDING
    if kind in STEPS:
        step_y, step_x = STEPS[kind]
        planes = [np.full((down, across), 77, np.uint8)]
        planes[0][:height, :width] = COLORS[rgb][0]
        for value in COLORS[rgb][1:]:
            plane = np.full((down // step_y, across // step_x), 7, np.uint8)
            plane[: -(-height // step_y), : -(-width // step_x)] = value
            planes.append(plane)
        if kind in (ParsecColorFormat.FORMAT_NV12, ParsecColorFormat.FORMAT_NV16):
            planes[1:] = [np.stack(planes[1:], axis=-1)]
        data = b"".join(plane.tobytes() for plane in planes)
    else:
        picture = np.full((down, across, 4), 77, np.uint8)
        order = [2, 1, 0] if kind is ParsecColorFormat.FORMAT_BGRA else [0, 1, 2]
        picture[:height, :width, :3] = np.array(rgb)[order]
        data = picture.tobytes()
    header = FrameHeader(
        1, int(kind), int(rotation), len(data), width, height, across, down, 0
    )
    return Frame(header, data)


def as_a_browser_shows(frame: Frame, quality: int = 80) -> np.ndarray:
    """Decode as a browser does, and apply the colour matrix."""
    picture = encode(frame, quality)
    decoded = simplejpeg.decode_jpeg(picture.data).astype(float) / 255
    if not picture.corrected:
        matrix = np.array([float(value) for value in color_matrix().split()])
        matrix = matrix.reshape(4, 5)
        decoded = decoded @ matrix[:3, :3].T + matrix[:3, 4]
    shown = np.rot90(np.clip(decoded, 0, 1) * 255, picture.turns)
    return np.rint(shown).astype(int)


@pytest.mark.parametrize("rgb", COLORS)
@pytest.mark.parametrize(
    "kind", [*STEPS, ParsecColorFormat.FORMAT_BGRA, ParsecColorFormat.FORMAT_RGBA]
)
def test_colors_are_right_in_every_format(
    kind: ParsecColorFormat, rgb: tuple[int, int, int]
) -> None:
    """The strongest colours, too, within a few steps; no padding is seen."""
    shown = as_a_browser_shows(plain_frame(kind, rgb))

    assert shown.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(shown - rgb).max() <= 5


@pytest.mark.parametrize("size", [(39, 24), (40, 23), (39, 23)])
@pytest.mark.parametrize("kind", STEPS)
def test_odd_sizes_are_shown(kind: ParsecColorFormat, size: tuple[int, int]) -> None:
    """A last column or row that shares its colour with nothing is there."""
    frame = plain_frame(kind, (255, 0, 0), width=size[0], height=size[1])

    shown = as_a_browser_shows(frame)

    assert shown.shape == (size[1], size[0], 3)
    assert np.abs(shown - (255, 0, 0)).max() <= 8


def test_a_buffer_of_odd_size_is_shown() -> None:
    """It has no colour for its last row and column."""
    data = bytes([126]) * (39 * 23) + b"\x80" * (2 * 19 * 11)
    sizes = (len(data), 39, 23, 39, 23)
    header = FrameHeader(1, ParsecColorFormat.FORMAT_NV12, 1, *sizes, 0)

    shown = as_a_browser_shows(Frame(header, data))

    assert shown.shape == (23, 39, 3)
    assert np.abs(shown - 128).max() <= 3


@pytest.mark.parametrize("rotation", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "kind", [ParsecColorFormat.FORMAT_NV12, ParsecColorFormat.FORMAT_BGRA]
)
def test_a_turned_picture_tells_how_to_turn_it(
    kind: ParsecColorFormat, rotation: int
) -> None:
    """Turned by the browser, it has the frame's upright size."""
    frame = plain_frame(kind, (0, 0, 255), rotation=rotation)

    assert as_a_browser_shows(frame).shape == (frame.height, frame.width, 3)


def read(*events: list[Any]) -> list[ParsecMessage]:
    """Read a batch of input."""
    return page_messages.events(list(events), Keyboard())


def test_input_becomes_the_sdks_messages() -> None:
    """Keys with modifiers and locks, mouse, wheel and gamepads."""
    shift, key, move, jump, button, wheel, pad, gone = read(
        ["key", 225, True, 0],
        ["key", 4, True, 3],
        ["move", 100, 200, False],
        ["move", -3, 4, True],
        ["button", 2, True],
        ["wheel", 0, 100],
        ["pad", 1, 0x1001, 100, -200, 300, -400, 0, 255],
        ["unplug", 1],
    )

    assert shift.keyboard.mod == ParsecKeymod.MOD_LSHIFT
    locks = ParsecKeymod.MOD_CAPS | ParsecKeymod.MOD_NUM
    assert (key.keyboard.code, key.keyboard.pressed) == (4, True)
    assert key.keyboard.mod == ParsecKeymod.MOD_LSHIFT | locks
    assert (move.mouseMotion.x, move.mouseMotion.y) == (100, 200)
    assert not move.mouseMotion.relative
    assert (jump.mouseMotion.x, jump.mouseMotion.y) == (-3, 4)
    assert jump.mouseMotion.relative
    assert (button.mouseButton.button, button.mouseButton.pressed) == (3, True)
    assert (wheel.mouseWheel.x, wheel.mouseWheel.y) == (0, 100)
    state = pad.gamepadState
    assert (state.id, state.buttons, state.thumbLX, state.thumbRY) == (
        *(1, 0x1001, 100),
        -400,
    )
    assert (state.leftTrigger, state.rightTrigger) == (0, 255)
    assert gone.type == ParsecMessageType.MESSAGE_GAMEPAD_UNPLUG


@pytest.mark.parametrize(
    "event",
    [
        [],
        "key",
        ["key"],
        ["key", 3, True, 0],
        ["key", 4, 1, 0],
        ["key", "4", True, 0],
        ["key", 4.5, True, 0],
        ["key", 4, True, 4],
        ["key", True, True, 0],
        ["move", -1, 0, False],
        ["move", 70_000, 0, True],
        ["move", float("nan"), 0, False],
        ["move", float("inf"), 0, False],
        ["move", 0, 0, None],
        ["move", 0, 0],
        ["button", 5, True],
        ["button", -1, True],
        ["button", True, True],
        ["wheel", 10**9, 0],
        ["wheel", None, 0],
        ["pad", 16, 0, 0, 0, 0, 0, 0, 0],
        ["pad", 0, 0x10000, 0, 0, 0, 0, 0, 0],
        ["pad", 0, 0, 40_000, 0, 0, 0, 0, 0],
        ["pad", 0, 0, 0, 0, 0, 0, 0, 256],
        ["unplug", 99],
        ["release"],
        [["key"], 4, True, 0],
        {"key": 4},
        None,
    ],
)
def test_bad_input_is_refused_with_its_batch(event: Any) -> None:
    """Who can run scripts in the page can send anything; nothing of it arrives."""
    with pytest.raises(BadMessageError):
        read(["key", 4, True, 0], event)


@pytest.mark.parametrize("batch", [None, [], {}, "key", [["key", 4, True, 0]] * 257])
def test_a_bad_batch_is_refused(batch: Any) -> None:
    """A batch is a list, neither empty nor endless."""
    with pytest.raises(BadMessageError):
        page_messages.events(batch, Keyboard())


REPORT = {"shown": 1, "age": 5, "drawn": 1, "dropped": 0, "within": 200}


@pytest.mark.parametrize(
    "given",
    [
        *({name: None} for name in REPORT),
        {"shown": -1},
        {"age": -5},
        {"age": float("nan")},
        {"drawn": 10**9},
        {"shown": 10**400},
        {"shown": "1"},
        {"within": 60_000},
    ],
)
def test_a_bad_report_is_refused(given: dict[str, Any]) -> None:
    """Numbers have a range, and are numbers."""
    assert page_messages.report(REPORT) == (1, 0.005, 1, 0, 0.2)

    with pytest.raises(BadMessageError):
        page_messages.report(REPORT | given)


class Owner:
    """What a view keeps alive, in place of a client."""


class Stage:
    """Views of one connection, whose frames the test writes.

    Attributes:
        sent: What each view sent to its pages: contents, and lengths of data.
    """

    def __init__(self) -> None:
        self.connection = FakeConnection()
        self.worker = self.connection.worker()
        self.keyboard = Keyboard()
        self.views = Views(self.connection, self.keyboard, "Host <1>")  # type: ignore[arg-type]
        self.owner = Owner()
        self.sent: dict[View, list[tuple[dict[str, Any], int]]] = {}

    def view(self, fps: float = 60, *, takes_input: bool = True) -> View:
        view: View = self.views.make(self.owner, fps, takes_input=takes_input)
        log: list[tuple[dict[str, Any], int]] = []

        def send(content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
            log.append((content, len(buffers[0]) if buffers else 0))

        view.send = send
        self.sent[view] = log
        return view

    def open(self, **options: Any) -> View:
        """Return a view that a page shows."""
        view = self.view(**options)
        self.say(view, "hello")
        self.say(view, "visible", visible=True)
        return view

    @staticmethod
    def say(view: View, kind: str, viewer: str = "page", **content: Any) -> None:
        """Send a message as a page does."""
        message = {"type": kind, "viewer": viewer, **content}
        view._handle_custom_msg(message, [])

    def report(self, view: View, shown: int = 0, drawn: int = 0) -> None:
        """Report as a page does that draws all that comes."""
        self.say(view, "report", **REPORT | {"shown": shown, "drawn": drawn})

    def kinds(self, view: View) -> list[str]:
        return [content["type"] for content, _ in self.sent[view]]

    def numbers(self, view: View) -> list[int]:
        frames = (c for c, _ in self.sent[view] if c["type"] == "frame")
        return [content["number"] for content in frames]

    def inputs(self) -> list[int]:
        """Return the kinds of the input messages that went to the worker."""
        return [
            ParsecMessage.from_buffer_copy(bytes.fromhex(message)).type
            for _, arguments in self.worker.posted
            for message in arguments["messages"]
        ]


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Views of one connection, which ends with the test."""
    stage = Stage()
    yield stage
    stage.connection.end()
    assert view_threads() == []


def wait_for(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until a thread has done something."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_nothing_is_encoded_before_a_page_shows_the_view(stage: Stage) -> None:
    """Neither after the call, nor for a page that has it out of sight."""
    stage.worker.write()
    view = stage.view()
    assert view_threads() == []

    stage.say(view, "hello")

    assert view_threads() == []
    assert stage.kinds(view) == ["status"]


def test_frames_arrive_once_each_while_the_view_is_in_sight(stage: Stage) -> None:
    """The newest at once, each further one when it comes; none out of sight."""
    stage.worker.write()
    view = stage.open()
    wait_for(lambda: stage.numbers(view) == [1])
    time.sleep(0.1)
    assert stage.numbers(view) == [1]

    stage.worker.write()
    wait_for(lambda: stage.numbers(view) == [1, 2])
    content, size = stage.sent[view][-1]
    assert (content["width"], content["height"], content["turns"]) == (32, 16, 0)
    assert size > 100

    stage.say(view, "visible", visible=False)
    wait_for(lambda: not view_threads())
    stage.worker.write()
    time.sleep(0.05)
    assert stage.numbers(view) == [1, 2]

    stage.say(view, "visible", visible=True)
    wait_for(lambda: stage.numbers(view) == [1, 2, 3])


def test_a_page_that_comes_back_gets_the_picture_that_stands(stage: Stage) -> None:
    """After a reload, the host may show nothing new for long."""
    stage.worker.write()
    view = stage.open()
    wait_for(lambda: stage.numbers(view) == [1])
    stage.say(view, "gone")

    stage.say(view, "visible", "another page", visible=True)

    wait_for(lambda: stage.numbers(view) == [1, 2])


def test_two_views_share_one_thread(stage: Stage) -> None:
    """Each has its rate, the frames are encoded once."""
    quick, slow = stage.open(fps=60), stage.open(fps=5)
    assert len(view_threads()) == 1

    for _ in range(40):
        stage.worker.write()
        time.sleep(0.02)
        stage.report(quick, shown=quick.pacing.sent, drawn=1)

    assert len(stage.numbers(quick)) > 3 * len(stage.numbers(slow)) > 0
    assert len(view_threads()) == 1


def test_input_goes_to_the_worker_and_is_released(stage: Stage) -> None:
    """By blur, out of sight, or a page that goes; only if there was any."""
    view = stage.open()
    for kind, more in (
        ("release", {}),
        ("visible", {"visible": False}),
        ("gone", {}),
    ):
        stage.worker.posted.clear()
        stage.say(view, "visible", visible=True)
        stage.say(view, "release")
        assert stage.inputs() == []

        stage.say(view, "input", events=[["key", 225, True, 0]])
        stage.say(view, kind, **more)

        assert stage.inputs() == [
            ParsecMessageType.MESSAGE_KEYBOARD,
            ParsecMessageType.MESSAGE_RELEASE,
        ]


def test_a_view_without_input_sends_none(stage: Stage) -> None:
    """Whatever the page says, also of the widget's state."""
    view = stage.open(takes_input=False)
    view.set_state({"takes_input": True})

    stage.say(view, "input", events=[["key", 4, True, 0]])

    assert stage.inputs() == []


@pytest.mark.parametrize(
    "message",
    [
        {},
        None,
        "hello",
        {"type": "hello", "viewer": "x" * 65},
        {"type": "hello", "viewer": 7},
        {"type": "visible", "viewer": "page"},
        {"type": "input", "viewer": "stranger", "events": [["key", 4, True, 0]]},
        {"type": "input", "viewer": "page", "events": [["key", 4]]},
        {"type": "sound", "viewer": "page", "on": "yes"},
        {"type": "nonsense", "viewer": "page"},
        {"type": ["hello"], "viewer": "page"},
    ],
)
def test_rubbish_from_a_page_is_dropped(stage: Stage, message: Any) -> None:
    """No exception, which would be shown in the notebook, and no effect."""
    view = stage.view()
    stage.say(view, "hello")
    before = list(stage.sent[view])

    # Not through ipywidgets, which would catch an exception and print it.
    view._hear(view, message, [])

    assert stage.sent[view] == before
    assert stage.inputs() == []
    assert view_threads() == []


def test_pages_that_crash_are_forgotten(stage: Stage) -> None:
    """A view has a bounded number of pages."""
    view = stage.view()
    for number in range(100):
        stage.say(view, "hello", f"page {number}")

    assert len(view._viewers) <= 16


def test_figures_come_once_a_second(stage: Stage) -> None:
    """However often a page reports."""
    view = stage.open()
    began = time.monotonic()
    stage.report(view)

    def figures() -> int:
        stage.report(view)
        return stage.kinds(view).count("figures")

    assert figures() == 1
    wait_for(lambda: figures() == 2)
    assert time.monotonic() - began > 0.8


def test_sound_is_sent_to_who_listens(stage: Stage) -> None:
    """In tenths of a second, from the moment of the request."""
    chunk = ctypes.create_string_buffer(4 * 480)
    view = stage.open()
    stage.say(view, "sound", on=True)
    for _ in range(30):
        stage.worker.media.write_sound(ctypes.addressof(chunk), 480)
        time.sleep(0.01)
    wait_for(lambda: "sound" in stage.kinds(view))
    sizes = {size for content, size in stage.sent[view] if content["type"] == "sound"}
    assert sizes == {4 * 4800}

    stage.say(view, "sound", on=False)
    time.sleep(0.1)
    count = stage.kinds(view).count("sound")
    for _ in range(20):
        stage.worker.media.write_sound(ctypes.addressof(chunk), 480)
    time.sleep(0.1)
    assert stage.kinds(view).count("sound") == count


def test_the_end_is_told_and_no_thread_is_left(stage: Stage) -> None:
    """At once: whoever disconnects can count on it."""
    view = stage.open()
    assert view_threads()

    stage.connection.end()

    assert view_threads() == []
    content, _ = stage.sent[view][-1]
    assert (content["type"], content["ended"], content["live"]) == (
        *("status", True),
        False,
    )
    assert "The host left." in content["text"]


def test_a_view_keeps_the_client_while_it_is_shown(stage: Stage) -> None:
    """From the call on, until the last page that showed it is gone, or the end."""
    view = stage.view()
    owner = weakref.ref(stage.owner)
    del stage.owner
    gc.collect()
    assert owner() is not None
    stage.say(view, "hello")
    gc.collect()
    assert owner() is not None

    # A page that is reloaded is gone first, and then out of sight.
    stage.say(view, "gone")
    stage.say(view, "visible", visible=False)

    gc.collect()
    assert owner() is None


def test_no_picture_is_part_of_the_state(stage: Stage) -> None:
    """A program that saves the state of the widgets saves text."""
    stage.worker.write(640, 480)
    view = stage.open()
    wait_for(lambda: stage.numbers(view))

    state = {k: v for k, v in view.get_state().items() if k not in ("_esm", "_css")}

    assert all(not isinstance(value, (bytes, memoryview)) for value in state.values())
    assert len(json.dumps(state)) < 4000


def test_a_saved_notebook_keeps_a_line_of_text(stage: Stage) -> None:
    """As text and as escaped HTML, without a picture."""
    data, _ = stage.view()._repr_mimebundle_()

    assert set(data) == {
        "text/plain",
        "text/html",
        "application/vnd.jupyter.widget-view+json",
    }
    assert data["text/plain"] == "Live view of Host <1>, which is not saved."
    assert "Host &lt;1&gt;" in data["text/html"]


def test_a_connection_that_has_ended_has_no_view() -> None:
    """The call tells the reason, as all others."""
    stage = Stage()
    stage.connection.end()

    with pytest.raises(SDKConnectionError):
        stage.view()


@pytest.mark.parametrize("fps", [0, -1, 121, float("nan"), None, "30", True])
def test_a_rate_that_cannot_be_is_refused(stage: Stage, fps: Any) -> None:
    """At the call, with the value."""
    with pytest.raises(InvalidArgumentError, match="fps="):
        stage.view(fps)


def test_a_closed_view_is_served_no_more(stage: Stage) -> None:
    """Its thread ends, and its client is free."""
    view = stage.open()

    view.close()

    wait_for(lambda: not view_threads())
    assert not view.visible


def test_without_anywidget_an_image_shows_the_picture(stage: Stage) -> None:
    """While a page shows it; afterwards, the state holds no picture."""
    stage.worker.write()
    encoder = stage.views._encoder
    view = ImageView(stage.owner, "Host", stage.connection, encoder, fps=60)  # type: ignore[arg-type]
    assert view.pacing.rate == 15
    assert view_threads() == []

    view._view_count = 1
    wait_for(lambda: view._image.value)
    shown = simplejpeg.decode_jpeg(view._image.value)
    assert shown.shape == (16, 32, 3)

    view._view_count = 0
    wait_for(lambda: not view_threads())
    assert view._image.value == b""


def test_a_page_that_is_silent_holds_no_key(stage: Stage) -> None:
    """It may have crashed; the next frame that it gets releases what it holds."""
    view = stage.open()
    stage.say(view, "input", events=[["key", 26, True, 0]])
    view._heard_at -= 10

    stage.worker.write()

    wait_for(lambda: ParsecMessageType.MESSAGE_RELEASE in stage.inputs())


def test_an_unreadable_frame_does_not_end_the_view(stage: Stage) -> None:
    """The next one is shown."""
    view = stage.open()
    stage.worker.write(pixels=99)
    time.sleep(0.1)
    assert stage.numbers(view) == []

    stage.worker.write()

    wait_for(lambda: stage.numbers(view) == [1])
