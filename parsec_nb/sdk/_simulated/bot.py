"""A guest who joins each simulated host, and plays: presses keys, and a gamepad."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

from parsec_nb.sdk import _abi
from parsec_nb.sdk._abi import ParsecGamepadButton, ParsecKeycode, ParsecMessageType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "Robo (a bot)"
GREETING = (
    b"Hello! I am a simulated guest. I press the arrow keys, and A on my gamepad."
)

_JOINS_AFTER = 1.0
_ARROWS = tuple(
    ParsecKeycode[f"KEY_{name}"] for name in ("UP", "DOWN", "LEFT", "RIGHT")
)
_KEYS_PER_PAD = 4
_AXIS_WAY = 20_000


class Bot:
    """Plays in a thread, until it is told to end.

    Args:
        join: Called when the bot joins; returns whether it may.
        act: Called with each input message.
        seed: Of its choices.
    """

    def __init__(
        self,
        join: Callable[[], bool],
        act: Callable[[_abi.ParsecMessage], None],
        seed: int = 1,
    ) -> None:
        self._join = join
        self._act = act
        self._random = random.Random(seed)  # noqa: S311 - a game
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="simulated-guest", daemon=True).start()

    def end(self) -> None:
        """Let it go; nothing more is pressed."""
        self._ended.set()

    def _run(self) -> None:
        if self._ended.wait(_JOINS_AFTER) or not self._join():
            return
        for pause, message in self._moves():
            if self._ended.wait(pause):
                return
            self._act(message)

    def _moves(self) -> Iterator[tuple[float, _abi.ParsecMessage]]:
        while True:
            for _ in range(_KEYS_PER_PAD):
                # A game of paddles needs up and down more than the other two.
                code = self._random.choices(_ARROWS, (4, 4, 1, 1))[0]
                yield self._random.uniform(0.1, 0.4), _key(code, pressed=True)
                yield self._random.uniform(0.1, 0.6), _key(code, pressed=False)
            for pressed in (True, False):
                yield 0.15, _pad(pressed=pressed)
            yield 0.1, _stick(self._random.choice((-_AXIS_WAY, _AXIS_WAY)))
            yield 0.3, _stick(0)


def _key(code: int, *, pressed: bool) -> _abi.ParsecMessage:
    message = _abi.ParsecMessage(ParsecMessageType.MESSAGE_KEYBOARD)
    message.keyboard.code, message.keyboard.pressed = code, pressed
    return message


def _pad(*, pressed: bool) -> _abi.ParsecMessage:
    message = _abi.ParsecMessage(ParsecMessageType.MESSAGE_GAMEPAD_BUTTON)
    message.gamepadButton.button = ParsecGamepadButton.GAMEPAD_BUTTON_A
    message.gamepadButton.pressed = pressed
    return message


def _stick(value: int) -> _abi.ParsecMessage:
    message = _abi.ParsecMessage(ParsecMessageType.MESSAGE_GAMEPAD_AXIS)
    message.gamepadAxis.axis = _abi.ParsecGamepadAxis.GAMEPAD_AXIS_LY
    message.gamepadAxis.value = value
    return message
