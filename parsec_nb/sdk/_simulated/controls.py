"""What a guest's keys, mouse and gamepads do at the simulated host."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from parsec_nb.sdk import _abi
from parsec_nb.sdk._abi import (
    ParsecGamepadAxis,
    ParsecGamepadButton,
    ParsecGamepadState,
    ParsecKeycode,
    ParsecKeymod,
    ParsecMessageType,
    ParsecMouseButton,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# Pixels of each stream's picture.
SIZES = ((1280, 720), (640, 360))
# Where the player's figure may stand: left, top, right, bottom.
FIELD = (16, 112, 904, 488)
# Public clients send positive numbers for up; the SDK's header says the opposite.
WHEEL_UP = 1
WHEEL_NOTCH = 100

RING_SECONDS = 0.6
FADE_SECONDS = 0.7

_SPEED = 320.0  # pixels a second
_FIRST_STEP = 12  # so that a short press can be seen
_MOST_KEYS, _MOST_FADED, _MOST_PADS, _MOST_LETTERS = 12, 24, 4, 200
_FULL = 32_767
_SLACK = 0.15  # of a stick's way, around its middle
_DIRECTIONS = {
    (-1, 0): ("LEFT", "A", "DPAD_LEFT"),
    (1, 0): ("RIGHT", "D", "DPAD_RIGHT"),
    (0, -1): ("UP", "W", "DPAD_UP"),
    (0, 1): ("DOWN", "S", "DPAD_DOWN"),
}
_SHIFT = ParsecKeymod.MOD_LSHIFT | ParsecKeymod.MOD_RSHIFT
_COMMAND = 0xFC0  # Ctrl, Alt and GUI: no text comes of these
# What a US keyboard writes, from each of these keys on.
_KEYPAD = {84: "/*-+", 89: "1234567890."}
_PLAIN = {30: "1234567890", 45: "-=[]\\", 51: ";'`,./", **_KEYPAD}
_SHIFTED = {30: "!@#$%^&*()", 45: "_+{}|", 51: ':"~<>?', **_KEYPAD}
_ON_PAD = {"THUMB": "STICK", "LEFT_": "L", "RIGHT_": "R"}


class Click(NamedTuple):
    """Where and when a mouse button went down."""

    stream: int
    x: int
    y: int
    at: float


class Pad:
    """One gamepad: the buttons held, and each axis from -1 to 1."""

    def __init__(self) -> None:
        self.buttons: set[str] = set()
        self.axes: dict[str, float] = {}


class Controls:
    """All that is pressed, and what came of it; times in seconds of one clock.

    Args:
        on_key: Called with the code of a key that goes down.
        on_rumble: Called with a pad's number and whether its motors run.
    """

    def __init__(
        self, on_key: Callable[[int], None], on_rumble: Callable[[int, bool], None]
    ) -> None:
        self._on_key = on_key
        self._on_rumble = on_rumble
        self.keys: dict[int, str] = {}
        # The keys and buttons of late, each with the time of its release.
        self.faded: dict[str, float] = {}
        self.text = ""
        self.message = ""
        self.mouse = [(width // 2, height // 2) for width, height in SIZES]
        self.buttons: dict[int, str] = {}
        self.clicks: deque[Click] = deque(maxlen=8)
        self.wheel = [0, 0]
        self.pads: dict[int, Pad] = {}
        self.player = [430.0, 300.0]
        self._windows = list(SIZES)
        # A button message names no stream: it is where the mouse moved last.
        self.stream = 0
        self._moved_at = 0.0

    def resize(self, stream: int, width: int, height: int) -> None:
        """Take the size of the guest's window, which absolute positions refer to."""
        if width and height and stream < len(SIZES):
            self._windows[stream] = (width, height)

    def release(self) -> None:
        """Let go of everything."""
        self.keys.clear()
        self.buttons.clear()
        for number, pad in self.pads.items():
            if "A" in pad.buttons:
                self._on_rumble(number, False)  # noqa: FBT003 - off
        self.pads = {number: Pad() for number in self.pads}

    def move(self, now: float) -> None:
        """Let the player's figure walk since the last call."""
        seconds = min(0.1, max(0.0, now - self._moved_at))
        self._moved_at = now
        x, y = self._stick()
        names = {*self.keys.values()}.union(*(p.buttons for p in self.pads.values()))
        for (across, down), keys in _DIRECTIONS.items():
            if not names.isdisjoint(keys):
                x, y = x + across, y + down
        self._step(x * _SPEED * seconds, y * _SPEED * seconds)

    def apply(self, message: _abi.ParsecMessage, now: float) -> None:
        """Do what an input message says; one that makes no sense is left out."""
        match message.type:
            case ParsecMessageType.MESSAGE_KEYBOARD:
                self._key(message.keyboard, now)
            case ParsecMessageType.MESSAGE_MOUSE_BUTTON:
                self._mouse_button(message.mouseButton, now)
            case ParsecMessageType.MESSAGE_MOUSE_WHEEL:
                self.wheel[0] += message.mouseWheel.x
                self.wheel[1] += message.mouseWheel.y
            case ParsecMessageType.MESSAGE_MOUSE_MOTION:
                self._motion(message.mouseMotion)
            case ParsecMessageType.MESSAGE_RELEASE:
                self.release()
            case _:
                self._apply_to_pad(message)

    def _apply_to_pad(self, message: _abi.ParsecMessage) -> None:
        match message.type:
            case ParsecMessageType.MESSAGE_GAMEPAD_BUTTON:
                button = message.gamepadButton
                self._pad_button(button.id, button.button, pressed=button.pressed)
            case ParsecMessageType.MESSAGE_GAMEPAD_AXIS:
                axis = message.gamepadAxis
                self._pad_axis(axis.id, axis.axis, axis.value)
            case ParsecMessageType.MESSAGE_GAMEPAD_UNPLUG:
                self.pads.pop(message.gamepadUnplug.id, None)
            case ParsecMessageType.MESSAGE_GAMEPAD_STATE:
                self._pad_state(message.gamepadState)

    def _key(self, message: _abi.ParsecKeyboardMessage, now: float) -> None:
        code = message.code
        name = ParsecKeycode(code).name.removeprefix("KEY_").removeprefix("UNKNOWN_")
        if not message.pressed:
            if self.keys.pop(code, None) and len(self.faded) < _MOST_FADED:
                self.faded[name] = now
            return
        if code not in self.keys:
            self._on_key(code)
            self.keys[code] = name
            for (across, down), keys in _DIRECTIONS.items():
                if name in keys:
                    self._step(across * _FIRST_STEP, down * _FIRST_STEP)
        while len(self.keys) > _MOST_KEYS:
            del self.keys[next(iter(self.keys))]
        # A key that is held comes again, as on a keyboard.
        self._write(code, message.mod)

    def _write(self, code: int, mod: int) -> None:
        held = {*self.keys.values()}
        if mod & _COMMAND or held & {"LCTRL", "RCTRL", "LALT", "RALT", "LGUI", "RGUI"}:
            return
        shifted = bool(mod & _SHIFT or held & {"LSHIFT", "RSHIFT"})
        letter = ""
        if ParsecKeycode.KEY_A <= code <= ParsecKeycode.KEY_Z:
            letter = chr(ord("a") + code - ParsecKeycode.KEY_A)
            if shifted != bool(mod & ParsecKeymod.MOD_CAPS):
                letter = letter.upper()
        elif code == ParsecKeycode.KEY_SPACE:
            letter = " "
        elif code in (ParsecKeycode.KEY_ENTER, ParsecKeycode.KEY_KP_ENTER):
            letter = "\n"
        elif code == ParsecKeycode.KEY_BACKSPACE:
            self.text = self.text[:-1]
        for first, letters in (_SHIFTED if shifted else _PLAIN).items():
            if first <= code < first + len(letters):
                letter = letters[code - first]
        self.text = (self.text + letter)[-_MOST_LETTERS:]

    def _mouse_button(self, message: _abi.ParsecMouseButtonMessage, now: float) -> None:
        name = ParsecMouseButton(message.button).name.removeprefix("MOUSE_")
        if not message.pressed:
            self.buttons.pop(message.button, None)
        elif len(self.buttons) < _MOST_KEYS:
            self.buttons[message.button] = name
            self.clicks.append(Click(self.stream, *self.mouse[self.stream], now))

    def _motion(self, message: _abi.ParsecMouseMotionMessage) -> None:
        stream = self.stream = min(message.stream, 1)
        size, window = SIZES[stream], self._windows[stream]
        place = []
        for moved, here, pixels, wide in zip(
            (message.x, message.y), self.mouse[stream], size, window, strict=True
        ):
            is_scaled = message.scaleRelative or not message.relative
            way = moved * pixels // wide if is_scaled else moved
            to = here + way if message.relative else way
            place.append(min(pixels - 1, max(0, to)))
        self.mouse[stream] = (place[0], place[1])

    def _pad(self, number: int) -> Pad | None:
        if number not in self.pads and len(self.pads) < _MOST_PADS:
            self.pads[number] = Pad()
        return self.pads.get(number)

    def _pad_button(self, number: int, button: int, *, pressed: bool) -> None:
        pad = self._pad(number)
        if pad is None or not 0 <= button < ParsecGamepadButton.GAMEPAD_BUTTON_MAX:
            return
        name = ParsecGamepadButton(button).name.removeprefix("GAMEPAD_BUTTON_")
        held = pad.buttons | {name} if pressed else pad.buttons - {name}
        self._hold(number, pad, held)

    def _pad_axis(self, number: int, axis: int, value: int) -> None:
        pad = self._pad(number)
        if pad is not None and 0 <= axis < ParsecGamepadAxis.GAMEPAD_AXIS_MAX:
            name = ParsecGamepadAxis(axis).name.removeprefix("GAMEPAD_AXIS_")
            pad.axes[name] = value / _FULL

    def _pad_state(self, state: _abi.ParsecGamepadStateMessage) -> None:
        pad = self._pad(state.id)
        if pad is None:
            return
        held = set()
        for bit in ParsecGamepadState:
            if state.buttons & bit:
                name = bit.name.removeprefix("GAMEPAD_STATE_")
                if "THUMB" in name or "SHOULDER" in name:
                    for long, short in _ON_PAD.items():
                        name = name.replace(long, short)
                held.add(name)
        for axis in ("LX", "LY", "RX", "RY"):
            pad.axes[axis] = getattr(state, f"thumb{axis}") / _FULL
        pad.axes["TRIGGERL"] = state.leftTrigger / 255
        pad.axes["TRIGGERR"] = state.rightTrigger / 255
        self._hold(state.id, pad, held)

    def _hold(self, number: int, pad: Pad, held: set[str]) -> None:
        if ("A" in held) != ("A" in pad.buttons):
            self._on_rumble(number, "A" in held)
        pad.buttons = held

    def _stick(self) -> tuple[float, float]:
        for pad in self.pads.values():
            x, y = pad.axes.get("LX", 0.0), pad.axes.get("LY", 0.0)
            if max(abs(x), abs(y)) > _SLACK:
                return x, -y
        return 0.0, 0.0

    def _step(self, x: float, y: float) -> None:
        left, top, right, bottom = FIELD
        self.player[0] = min(right, max(left, self.player[0] + x))
        self.player[1] = min(bottom, max(top, self.player[1] + y))
