"""What guests do at a host: keys, mouse and gamepads as Python values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parsec_nb.sdk._abi import (
    ParsecGamepadAxis,
    ParsecGamepadButton,
    ParsecGamepadState,
    ParsecGuest,
    ParsecKeycode,
    ParsecMessage,
    ParsecMessageType,
)
from parsec_nb.sdk._events import Guest, guest_of
from parsec_nb.sdk._input import MOUSE_BUTTONS, WHEEL_UP

_FULL = 32_768
_FULL_TRIGGER = 255
_MOUSE_BUTTONS = {button: name for name, button in MOUSE_BUTTONS.items()}


@dataclass(frozen=True)
class Input:
    """Something that a guest did; each kind is a class of its own.

    Example:
        >>> isinstance(sdk.ReleaseInput(), sdk.Input)
        True
    """


@dataclass(frozen=True)
class KeyInput(Input):
    """A key went down or up.

    Attributes:
        name: The key's name, as `client.key()` takes it.
        down: Whether it went down; a key that is held may come again.

    Example:
        >>> sdk.KeyInput("up", down=True)
        KeyInput(name='up', down=True)
    """

    name: str
    down: bool


@dataclass(frozen=True)
class MouseButtonInput(Input):
    """A mouse button went down or up.

    Attributes:
        button: `left`, `middle`, `right`, `x1` or `x2`.
        down: Whether it went down.

    Example:
        >>> sdk.MouseButtonInput("left", down=True)
        MouseButtonInput(button='left', down=True)
    """

    button: str
    down: bool


@dataclass(frozen=True)
class MouseMoveInput(Input):
    """The mouse moved.

    Attributes:
        x: The pixel of the picture, from the left; or the distance, to the right.
        y: The pixel, from the top; or the distance, downwards.
        relative: Whether these are distances.

    Example:
        >>> sdk.MouseMoveInput(320, 180, relative=False)
        MouseMoveInput(x=320, y=180, relative=False)
    """

    x: int
    y: int
    relative: bool


@dataclass(frozen=True)
class WheelInput(Input):
    """The wheel turned; 100 is about one notch.

    Attributes:
        x: Positive is right.
        y: Positive is up.

    Example:
        >>> sdk.WheelInput(0, 100)
        WheelInput(x=0, y=100)
    """

    x: int
    y: int


@dataclass(frozen=True)
class PadButtonInput(Input):
    """A gamepad's button went down or up.

    Attributes:
        gamepad: The gamepad's number, as the guest chose it.
        button: The button's name, as `client.gamepad(0).button()` takes it.
        down: Whether it went down.

    Example:
        >>> sdk.PadButtonInput(0, "a", down=True)
        PadButtonInput(gamepad=0, button='a', down=True)
    """

    gamepad: int
    button: str
    down: bool


@dataclass(frozen=True)
class PadAxisInput(Input):
    """A gamepad's axis moved.

    Attributes:
        gamepad: The gamepad's number, as the guest chose it.
        axis: `lx`, `ly`, `rx`, `ry`, `triggerl` or `triggerr`.
        value: -1.0 (left, down) to 1.0 (right, up).

    Example:
        >>> sdk.PadAxisInput(0, "ly", -1.0)
        PadAxisInput(gamepad=0, axis='ly', value=-1.0)
    """

    gamepad: int
    axis: str
    value: float


@dataclass(frozen=True)
class PadStateInput(Input):
    """All of a gamepad at once, as some clients send it.

    Attributes:
        gamepad: The gamepad's number, as the guest chose it.
        buttons: The names of the buttons that are down.
        axes: The value of each axis, by its name.

    Example:
        >>> sdk.PadStateInput(0, frozenset({"a"}), {"lx": 0.5}).axes
        {'lx': 0.5}
    """

    gamepad: int
    buttons: frozenset[str]
    axes: dict[str, float]


@dataclass(frozen=True)
class PadUnplugInput(Input):
    """A gamepad is gone.

    Attributes:
        gamepad: Its number.

    Example:
        >>> sdk.PadUnplugInput(0)
        PadUnplugInput(gamepad=0)
    """

    gamepad: int


@dataclass(frozen=True)
class ReleaseInput(Input):
    """The guest let go of all keys and buttons.

    Example:
        >>> sdk.ReleaseInput()
        ReleaseInput()
    """


# XInput's names for what has another name as a single button.
_STATE_NAMES = {"thumb": "stick", "left_": "l", "right_": "r"}


def _name(value: Any, prefix: str) -> str:
    name: str = value.name
    return name.removeprefix(prefix).lower()


def _pad_state(message: ParsecMessage) -> PadStateInput:
    raw = message.gamepadState
    buttons = set()
    for bit in ParsecGamepadState:
        if raw.buttons & bit:
            name = _name(bit, "GAMEPAD_STATE_")
            if name.endswith(("thumb", "shoulder")):
                for long, short in _STATE_NAMES.items():
                    name = name.replace(long, short)
            buttons.add(name)
    axes = {
        "lx": raw.thumbLX / _FULL,
        "ly": raw.thumbLY / _FULL,
        "rx": raw.thumbRX / _FULL,
        "ry": raw.thumbRY / _FULL,
        "triggerl": raw.leftTrigger / _FULL_TRIGGER,
        "triggerr": raw.rightTrigger / _FULL_TRIGGER,
    }
    return PadStateInput(raw.id, frozenset(buttons), axes)


_READERS: dict[int, Callable[[ParsecMessage], Input]] = {
    ParsecMessageType.MESSAGE_KEYBOARD: lambda message: KeyInput(
        _name(ParsecKeycode(message.keyboard.code), "KEY_"),
        bool(message.keyboard.pressed),
    ),
    ParsecMessageType.MESSAGE_MOUSE_BUTTON: lambda message: MouseButtonInput(
        _MOUSE_BUTTONS.get(
            message.mouseButton.button, f"unknown_{message.mouseButton.button}"
        ),
        bool(message.mouseButton.pressed),
    ),
    ParsecMessageType.MESSAGE_MOUSE_WHEEL: lambda message: WheelInput(
        message.mouseWheel.x, WHEEL_UP * message.mouseWheel.y
    ),
    ParsecMessageType.MESSAGE_MOUSE_MOTION: lambda message: MouseMoveInput(
        message.mouseMotion.x,
        message.mouseMotion.y,
        bool(message.mouseMotion.relative),
    ),
    ParsecMessageType.MESSAGE_GAMEPAD_BUTTON: lambda message: PadButtonInput(
        message.gamepadButton.id,
        _name(ParsecGamepadButton(message.gamepadButton.button), "GAMEPAD_BUTTON_"),
        bool(message.gamepadButton.pressed),
    ),
    ParsecMessageType.MESSAGE_GAMEPAD_AXIS: lambda message: PadAxisInput(
        message.gamepadAxis.id,
        _name(ParsecGamepadAxis(message.gamepadAxis.axis), "GAMEPAD_AXIS_"),
        message.gamepadAxis.value / _FULL,
    ),
    ParsecMessageType.MESSAGE_GAMEPAD_UNPLUG: lambda message: PadUnplugInput(
        message.gamepadUnplug.id
    ),
    ParsecMessageType.MESSAGE_GAMEPAD_STATE: _pad_state,
    ParsecMessageType.MESSAGE_RELEASE: lambda _: ReleaseInput(),
}


def read_input(message: dict[str, Any]) -> tuple[Guest, Input] | None:
    """Return what a guest did, as the worker reported it; None if it is unknown."""
    guest = ParsecGuest.from_buffer_copy(bytes.fromhex(message["guest"]))
    raw = ParsecMessage.from_buffer_copy(bytes.fromhex(message["message"]))
    read = _READERS.get(raw.type)
    return (guest_of(guest), read(raw)) if read else None
