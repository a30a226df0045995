"""What a browser sends from a view: read with suspicion, and turned into input.

Whoever can run scripts in the notebook's page can send anything. So each number has
its range, each list its length, and what does not fit is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from parsec_nb.sdk import _input
from parsec_nb.sdk._abi import (
    ParsecGamepadStateMessage,
    ParsecKeycode,
    ParsecKeymod,
    ParsecMessage,
    ParsecMessageType,
)

from .pacing import Report

# A frame of the browser's, one sixtieth of a second, has far fewer.
_MOST_EVENTS = 256
_MOST_VIEWER = 64
_MOST_PIXELS = 65_535
_MOST_PADS = 16
_SECONDS = 3600.0
_MOST_WITHIN = 1.0
_BUTTONS = ("left", "middle", "right", "x1", "x2")
_LOCKS = (0, ParsecKeymod.MOD_CAPS, ParsecKeymod.MOD_NUM)
_CODES = frozenset(int(code) for code in ParsecKeycode)


class BadMessageError(Exception):
    """A browser sent something that no view sends."""


def sender(content: object) -> tuple[str, str]:
    """Return the kind of a message, and the number of the view that sent it."""
    if not isinstance(content, dict):
        raise BadMessageError
    kind, name = content.get("type"), content.get("viewer")
    if not (isinstance(kind, str) and isinstance(name, str)):
        raise BadMessageError
    if not 0 < len(name) <= _MOST_VIEWER:
        raise BadMessageError
    return kind, name


def flag(content: dict[str, Any], name: str) -> bool:
    """Return a value that must be true or false."""
    return _flag(content.get(name))


def report(content: dict[str, Any]) -> Report:
    """Return what a view tells of the frames that it was sent."""
    return Report(
        _whole(content.get("shown"), 0, 2**53),
        _number(content.get("age"), 0, _SECONDS * 1000) / 1000,
        _whole(content.get("drawn"), 0, 10_000),
        _whole(content.get("dropped"), 0, 10_000),
        _number(content.get("within"), 0, _MOST_WITHIN * 1000) / 1000,
    )


def events(content: object, keyboard: _input.Keyboard) -> list[ParsecMessage]:
    """Return the input messages of a batch; refuses the batch if one event is bad."""
    if not isinstance(content, list) or not 0 < len(content) <= _MOST_EVENTS:
        raise BadMessageError
    return [_event(event, keyboard) for event in content]


def _event(event: object, keyboard: _input.Keyboard) -> ParsecMessage:
    if not isinstance(event, list) or not event or not isinstance(event[0], str):
        raise BadMessageError
    kind, *values = event
    length, read = _READERS.get(kind, (-1, _key))
    if len(values) != length:
        raise BadMessageError
    return read(values, keyboard)


def _key(values: Sequence[Any], keyboard: _input.Keyboard) -> ParsecMessage:
    code, down, locks = values
    if _whole(code, 0, _MOST_PIXELS) not in _CODES:
        raise BadMessageError
    message = keyboard.code(ParsecKeycode(code), down=_flag(down))
    for bit in (1, 2):
        message.keyboard.mod |= _LOCKS[_whole(locks, 0, 3) & bit]
    return message


def _move(values: Sequence[Any], _: object) -> ParsecMessage:
    x, y, relative = values
    low = -_MOST_PIXELS if _flag(relative) else 0
    return _input.mouse_move(
        _whole(x, low, _MOST_PIXELS), _whole(y, low, _MOST_PIXELS), relative=relative
    )


def _button(values: Sequence[Any], _: object) -> ParsecMessage:
    name = _BUTTONS[_whole(values[0], 0, len(_BUTTONS) - 1)]
    return _input.mouse_button(name, down=_flag(values[1]))


def _wheel(values: Sequence[Any], _: object) -> ParsecMessage:
    x, y = (_whole(value, -_MOST_PIXELS, _MOST_PIXELS) for value in values)
    return _input.wheel(x, y)


def _pad(values: Sequence[Any], _: object) -> ParsecMessage:
    """Read a gamepad's state: number, buttons, four axes, two triggers."""
    number, buttons, *axes, left, right = values
    message = ParsecMessage(type=ParsecMessageType.MESSAGE_GAMEPAD_STATE)
    message.gamepadState = ParsecGamepadStateMessage(
        _whole(number, 0, _MOST_PADS - 1),
        _whole(buttons, 0, 0xFFFF),
        *(_whole(axis, -32768, 32767) for axis in axes),
        _whole(left, 0, 255),
        _whole(right, 0, 255),
    )
    return message


def _unplug(values: Sequence[Any], _: object) -> ParsecMessage:
    message = ParsecMessage(type=ParsecMessageType.MESSAGE_GAMEPAD_UNPLUG)
    message.gamepadUnplug.id = _whole(values[0], 0, _MOST_PADS - 1)
    return message


_READERS: dict[
    str, tuple[int, Callable[[Sequence[Any], _input.Keyboard], ParsecMessage]]
] = {
    "key": (3, _key),
    "move": (3, _move),
    "button": (2, _button),
    "wheel": (2, _wheel),
    "pad": (8, _pad),
    "unplug": (1, _unplug),
}


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadMessageError
    return value


def _number(value: Any, low: float, high: float) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    # Neither NaN nor infinity is between two numbers.
    if not number or not low <= value <= high:
        raise BadMessageError
    return float(value)


def _whole(value: object, low: int, high: int) -> int:
    number = _number(value, low, high)
    if number != int(number):
        raise BadMessageError
    return int(number)
