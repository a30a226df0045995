"""Turns key names, text, and mouse and gamepad actions into the SDK's messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from parsec_nb.errors import InvalidArgumentError

from . import messages
from ._abi import (
    ParsecGamepadAxis,
    ParsecGamepadButton,
    ParsecKeycode,
    ParsecKeymod,
    ParsecMessage,
    ParsecMessageType,
    ParsecMouseButton,
)
from ._checks import checked_flag, is_number

_Name = TypeVar("_Name", bound=int)

# The header calls negative values up; the SDK's own clients send positive ones.
WHEEL_UP = 1
_INT32 = 2**31

_KEYS = {
    name.removeprefix("KEY_").lower(): code
    for name, code in ParsecKeycode.__members__.items()
} | {
    "ctrl": ParsecKeycode.KEY_LCTRL,
    "control": ParsecKeycode.KEY_LCTRL,
    "shift": ParsecKeycode.KEY_LSHIFT,
    "alt": ParsecKeycode.KEY_LALT,
    "altgr": ParsecKeycode.KEY_RALT,
    "gui": ParsecKeycode.KEY_LGUI,
    "meta": ParsecKeycode.KEY_LGUI,
    "win": ParsecKeycode.KEY_LGUI,
    "cmd": ParsecKeycode.KEY_LGUI,
    "esc": ParsecKeycode.KEY_ESCAPE,
    "return": ParsecKeycode.KEY_ENTER,
    "del": ParsecKeycode.KEY_DELETE,
    "ins": ParsecKeycode.KEY_INSERT,
    "pgup": ParsecKeycode.KEY_PAGEUP,
    "pgdn": ParsecKeycode.KEY_PAGEDOWN,
}
_MODIFIERS = {
    ParsecKeycode.KEY_LSHIFT: ParsecKeymod.MOD_LSHIFT,
    ParsecKeycode.KEY_RSHIFT: ParsecKeymod.MOD_RSHIFT,
    ParsecKeycode.KEY_LCTRL: ParsecKeymod.MOD_LCTRL,
    ParsecKeycode.KEY_RCTRL: ParsecKeymod.MOD_RCTRL,
    ParsecKeycode.KEY_LALT: ParsecKeymod.MOD_LALT,
    ParsecKeycode.KEY_RALT: ParsecKeymod.MOD_RALT,
    ParsecKeycode.KEY_LGUI: ParsecKeymod.MOD_LGUI,
    ParsecKeycode.KEY_RGUI: ParsecKeymod.MOD_RGUI,
}
MOUSE_BUTTONS = {
    "left": ParsecMouseButton.MOUSE_L,
    "middle": ParsecMouseButton.MOUSE_MIDDLE,
    "right": ParsecMouseButton.MOUSE_R,
    "x1": ParsecMouseButton.MOUSE_X1,
    "x2": ParsecMouseButton.MOUSE_X2,
}
_PAD_BUTTONS = {
    name.removeprefix("GAMEPAD_BUTTON_").lower(): button
    for name, button in ParsecGamepadButton.__members__.items()
    if button < ParsecGamepadButton.GAMEPAD_BUTTON_MAX
}
_PAD_AXES = {
    name.removeprefix("GAMEPAD_AXIS_").lower(): axis
    for name, axis in ParsecGamepadAxis.__members__.items()
    if axis < ParsecGamepadAxis.GAMEPAD_AXIS_MAX
}

# What the keys of a US keyboard type, without Shift and with it.
_LAYOUT = (
    *zip("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", strict=True),
    *zip("1234567890", "!@#$%^&*()", strict=True),
    *(("\n", ""), ("\x1b", ""), ("\b", ""), ("\t", ""), (" ", "")),
    *zip("-=[]\\", "_+{}|", strict=True),
    # The code between is a key that US keyboards do not have.
    ("", ""),
    *zip(";'`,./", ':"~<>?', strict=True),
)
_TYPED = {
    character: (ParsecKeycode(code), shifted)
    for code, pair in enumerate(_LAYOUT, start=ParsecKeycode.KEY_A)
    for shifted, character in zip((False, True), pair, strict=True)
    if character
}


class Keyboard:
    """Turns key names and text into messages; knows which modifiers are held."""

    def __init__(self) -> None:
        self._held: set[ParsecKeycode] = set()

    def key(self, name: str, *, down: bool) -> ParsecMessage:
        """Return the message that presses or releases the key with that name."""
        code = _lookup(_KEYS, name, messages.UNKNOWN_KEY)
        return self._key(code, down=checked_flag("down", down))

    def code(self, code: ParsecKeycode, *, down: bool) -> ParsecMessage:
        """Return the message that presses or releases the key with that code."""
        return self._key(code, down=down)

    def press(self, names: Iterable[str]) -> list[ParsecMessage]:
        """Return the messages that press the keys in order, and release them."""
        keys = [_lookup(_KEYS, name, messages.UNKNOWN_KEY) for name in names]
        if not keys:
            raise InvalidArgumentError(messages.NO_KEY)
        return self._press(keys)

    def type(self, text: str) -> list[ParsecMessage]:
        """Return the messages that type the text on a US keyboard."""
        if not isinstance(text, str):
            raise InvalidArgumentError(messages.NOT_A_TEXT.format(value=text))
        text = text.replace("\r\n", "\n")
        unknown = sorted(set(text) - set(_TYPED))
        if unknown:
            shown = " ".join(map(repr, unknown[:5]))
            raise InvalidArgumentError(messages.NOT_TYPABLE.format(characters=shown))
        typed: list[ParsecMessage] = []
        for character in text:
            code, shifted = _TYPED[character]
            shift = [ParsecKeycode.KEY_LSHIFT] if shifted else []
            typed += self._press([*shift, code])
        return typed

    def release_all(self) -> ParsecMessage:
        """Return the message that releases whatever is pressed."""
        self._held.clear()
        return ParsecMessage(type=ParsecMessageType.MESSAGE_RELEASE)

    def _press(self, keys: list[ParsecKeycode]) -> list[ParsecMessage]:
        held = self._held.copy()
        pressed = [self._key(key, down=True) for key in keys]
        # A modifier that was held before stays held.
        return pressed + [
            self._key(key, down=False) for key in reversed(keys) if key not in held
        ]

    def _key(self, code: ParsecKeycode, *, down: bool) -> ParsecMessage:
        if code in _MODIFIERS:
            (self._held.add if down else self._held.discard)(code)
        message = ParsecMessage(type=ParsecMessageType.MESSAGE_KEYBOARD)
        message.keyboard.code = code
        message.keyboard.mod = sum(_MODIFIERS[key] for key in self._held)
        message.keyboard.pressed = down
        return message


def mouse_move(
    x: float, y: float, *, relative: bool = False, stream: int = 0
) -> ParsecMessage:
    """Return the message that moves the mouse to a position, or by a distance."""
    message = ParsecMessage(type=ParsecMessageType.MESSAGE_MOUSE_MOTION)
    message.mouseMotion.x = _whole("x", x)
    message.mouseMotion.y = _whole("y", y)
    message.mouseMotion.relative = checked_flag("relative", relative)
    message.mouseMotion.stream = checked_stream(stream)
    return message


def mouse_button(button: str, *, down: bool) -> ParsecMessage:
    """Return the message that presses or releases a mouse button."""
    message = ParsecMessage(type=ParsecMessageType.MESSAGE_MOUSE_BUTTON)
    message.mouseButton.button = _lookup(MOUSE_BUTTONS, button, messages.UNKNOWN_BUTTON)
    message.mouseButton.pressed = checked_flag("down", down)
    return message


def wheel(x: float, y: float) -> ParsecMessage:
    """Return the message that turns the wheel; positive is right and up."""
    message = ParsecMessage(type=ParsecMessageType.MESSAGE_MOUSE_WHEEL)
    message.mouseWheel.x = _whole("x", x)
    message.mouseWheel.y = WHEEL_UP * _whole("y", y)
    return message


class Gamepad:
    """A virtual gamepad of this client; `client.gamepad(0)` returns one.

    Args:
        number: The gamepad's number, from 0.
        send: Sends messages to the host.

    Example:
        >>> pad = client.gamepad(0)
        >>> pad.press("a")
        >>> pad.axis("lx", -1.0)  # the left stick, wholly to the left
        >>> pad.unplug()
    """

    def __init__(
        self, number: int, send: Callable[[list[ParsecMessage]], object]
    ) -> None:
        self._number = _whole("number", number, low=0)
        self._send = send

    def button(self, name: str, down: bool) -> None:  # noqa: FBT001 - as for client.key
        """Press or release a button.

        Args:
            name: `a`, `b`, `x`, `y`, `back`, `guide`, `start`, `lstick`, `rstick`,
                `lshoulder`, `rshoulder`, `dpad_up`, `dpad_down`, `dpad_left` or
                `dpad_right`.
            down: True to press, False to release.
        """
        self._send([self._button(name, down=down)])

    def press(self, *names: str) -> None:
        """Press the buttons in order, and release them in the opposite order."""
        pressed = [self._button(name, down=True) for name in names]
        released = [self._button(name, down=False) for name in reversed(names)]
        self._send(pressed + released)

    def axis(self, name: str, value: float) -> None:
        """Move an axis.

        Args:
            name: `lx`, `ly`, `rx`, `ry` for the sticks, `triggerl`, `triggerr`.
            value: -1.0 (left, down) to 1.0 (right, up).
        """
        if not (is_number(value) and -1.0 <= value <= 1.0):
            raise InvalidArgumentError(messages.NOT_AN_AXIS_VALUE.format(value=value))
        message = ParsecMessage(type=ParsecMessageType.MESSAGE_GAMEPAD_AXIS)
        message.gamepadAxis.axis = _lookup(_PAD_AXES, name, messages.UNKNOWN_AXIS)
        message.gamepadAxis.id = self._number
        message.gamepadAxis.value = max(round(value * 32768) - (value > 0), -32768)
        self._send([message])

    def unplug(self) -> None:
        """Tell the host that this gamepad is gone."""
        message = ParsecMessage(type=ParsecMessageType.MESSAGE_GAMEPAD_UNPLUG)
        message.gamepadUnplug.id = self._number
        self._send([message])

    def _button(self, name: str, *, down: bool) -> ParsecMessage:
        message = ParsecMessage(type=ParsecMessageType.MESSAGE_GAMEPAD_BUTTON)
        message.gamepadButton.button = _lookup(
            _PAD_BUTTONS, name, messages.UNKNOWN_PAD_BUTTON
        )
        message.gamepadButton.id = self._number
        message.gamepadButton.pressed = checked_flag("down", down)
        return message


def checked_stream(stream: int) -> int:
    """Return the number of a video stream, 0 or 1."""
    if stream not in (0, 1) or isinstance(stream, float):
        raise InvalidArgumentError(messages.UNKNOWN_STREAM.format(stream=stream))
    return int(stream)


def checked_id(number: int) -> int:
    """Return the number of a message, from 0 on."""
    return _whole("id", number, low=0)


def _lookup(names: dict[str, _Name], name: object, unknown: str) -> _Name:
    found = names.get(name.lower()) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(names)
        raise InvalidArgumentError(unknown.format(name=name, known=known))
    return found


def _whole(name: str, value: Any, low: int = -_INT32) -> int:
    """Return a number that fits into the message, rounded."""
    if is_number(value):
        whole: int = round(value)
        if low <= whole < _INT32:
            return whole
    text = messages.NOT_A_NUMBER.format(name=name, value=value)
    raise InvalidArgumentError(text)
