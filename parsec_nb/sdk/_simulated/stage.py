"""What one guest of the simulated host sees, hears, does and is told."""

from __future__ import annotations

import math
from ctypes import addressof, c_char
from typing import TYPE_CHECKING

from parsec_nb.sdk import _abi
from parsec_nb.sdk._abi import (
    ParsecClientEvent,
    ParsecClientEventType,
    ParsecColorFormat,
    ParsecGuestState,
    ParsecHostMode,
    ParsecRotation,
)

from .controls import SIZES, Controls
from .mailbox import Mailbox
from .scene import Scene, SecondScreen
from .tones import CHUNK_SECONDS, Tones

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME_SECONDS = 1 / 60
GREETING = "Welcome! This is a simulation: press keys, move the mouse, type."
SOUND = -1  # in place of a stream's number

_BOT = "Robo (a bot)"
_MOST_TEXT = 4_096
# Sound that was not fetched for so long is lost.
_MOST_DELAY = 0.2
_ARROW = """
X...........
XX..........
XoX.........
XooX........
XoooX.......
XooooX......
XoooooX.....
XooooooX....
XoooooooX...
XooooXXXXX..
XooXooX.....
XoX.XooX....
XX..XooX....
X....XooX...
.....XooX...
......XX....
"""
_INKS = {"X": b"\x14\x18\x1f\xff", "o": b"\xff\xff\xff\xff", ".": bytes(4)}


class Stage(Mailbox[ParsecClientEvent]):
    """The simulated host as one guest meets it; the caller holds a lock.

    Args:
        host: The host's name.
        mode: "desktop" or "game".
        clock: Seconds, for what moves.
        wall_clock: Unix seconds, for the clock in the picture.

    Attributes:
        controls: What the guest presses.
        due: When the next picture of each stream, and the next sound, is to come.
    """

    def __init__(
        self,
        host: str,
        mode: str,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        super().__init__()
        self._mode = mode
        self._clock = clock
        self._began = now = clock()
        self._tones = Tones()
        self.controls = Controls(self._tones.start, self._rumble)
        self.controls.move(now)
        arguments = (self.controls, host, wall_clock)
        self._screens = (Scene(*arguments), SecondScreen(*arguments))
        self._frames = [_frame(*size) for size in SIZES]
        self._addresses = [
            addressof(c_char.from_buffer(screen.canvas.data))
            for screen in self._screens
        ]
        self.due = [now, now, now]
        self._is_enabled = [True, False]
        self._paused = (False, False)
        self._drawn = [0, 0]
        self._add_cursor()
        self._add_text(0, GREETING.encode())

    def is_sent(self, what: int) -> bool:
        """Return whether a stream, or the sound, is enabled and not paused."""
        video, sound = self._paused
        if what == SOUND:
            return not sound
        return 0 <= what < len(SIZES) and self._is_enabled[what] and not video

    def pause(self, *, video: bool, sound: bool) -> None:
        """Stop or go on to send pictures and sound."""
        self._paused = (video, sound)

    def enable(self, stream: int, *, enable: bool) -> None:
        """Switch a stream of pictures on or off."""
        if stream < len(SIZES):
            self._is_enabled[stream] = enable

    def resize(self, stream: int, width: int, height: int) -> None:
        """Take the size of the guest's window, which absolute positions refer to."""
        self.controls.resize(stream, width, height)

    def draw(self, stream: int) -> tuple[_abi.ParsecFrame, int]:
        """Draw the next picture; return its description and its address."""
        now = self._clock()
        # Pictures that were not fetched in time are not made up for.
        self.due[stream] = max(self.due[stream], now - FRAME_SECONDS / 2)
        self.due[stream] += FRAME_SECONDS
        self._drawn[stream] += 1
        self._screens[stream].draw(now)
        return self._frames[stream], self._addresses[stream]

    def chunk(self) -> bytes:
        """Return the next 10 ms of sound."""
        oldest = self._clock() - _MOST_DELAY
        self.due[SOUND] = max(self.due[SOUND], oldest) + CHUNK_SECONDS
        return self._tones.chunk()

    def apply(self, message: _abi.ParsecMessage) -> None:
        """Take an input message."""
        self.controls.apply(message, self._clock())
        if message.type == _abi.ParsecMessageType.MESSAGE_RELEASE:
            self._tones.stop()

    def take_text(self, number: int, text: bytes) -> None:
        """Show what the guest wrote, and send it back."""
        text = text[:_MOST_TEXT].decode("utf-8", "ignore").encode()
        self.controls.message = " ".join(text.decode().split())
        self._add_text(number, text)

    def fill_status(self, status: _abi.ParsecClientStatus) -> None:
        """Write all but the connection's health."""
        status.self = self.guests()[0]
        status.hostMode = (
            ParsecHostMode.HOST_GAME
            if self._mode == "game"
            else ParsecHostMode.HOST_DESKTOP
        )
        for stream, (width, height) in enumerate(SIZES):
            decoder = status.decoder[stream]
            decoder.name = b"Simulated"
            if self._drawn[stream]:
                decoder.width, decoder.height = width, height

    def guests(self) -> tuple[_abi.ParsecGuest, ...]:
        """Return the guest, then the bot."""
        is_desktop = self._mode != "game"
        guests = []
        for number, name in enumerate(("you", _BOT), start=1):
            guest = _abi.ParsecGuest()
            guest.id = guest.userID = number
            guest.name = name.encode()
            guest.state = ParsecGuestState.GUEST_CONNECTED
            guest.owner = is_desktop and number == 1
            for right in ("gamepad", "keyboard", "mouse"):
                setattr(guest.perms, right, True)
            for stream in range(len(SIZES)):
                self._measure(guest.metrics[stream], stream, number)
            guests.append(guest)
        return tuple(guests)

    def _measure(self, metrics: _abi.ParsecMetrics, stream: int, guest: int) -> None:
        """Make up plausible numbers, which move."""
        if not self.is_sent(stream):
            return
        seconds = self._clock() - self._began
        swing = math.sin(seconds * 0.7 + guest)
        metrics.packetsSent = int(seconds * 900)
        metrics.fastRTs = int(seconds / 15)
        metrics.slowRTs = int(seconds / 60)
        metrics.queuedFrames = int(swing > 0.95)  # noqa: PLR2004
        metrics.encodeLatency = 3.2 + 0.6 * swing
        metrics.decodeLatency = 1.1 + 0.2 * math.cos(seconds * 1.3)
        metrics.networkLatency = 9 + 3 * math.sin(seconds * 0.31 + guest)
        metrics.bitrate = (9.5 + 2 * swing) / (1 + 3 * stream)

    def _rumble(self, pad: int, on: bool) -> None:  # noqa: FBT001
        event = ParsecClientEvent(ParsecClientEventType.CLIENT_EVENT_RUMBLE)
        event.rumble.gamepadID = pad
        event.rumble.motorBig, event.rumble.motorSmall = (200, 120) if on else (0, 0)
        self.add(event)

    def _add_cursor(self) -> None:
        rows = _ARROW.split()
        image = b"".join(_INKS[dot] for row in rows for dot in row)
        event = ParsecClientEvent(ParsecClientEventType.CLIENT_EVENT_CURSOR)
        cursor = event.cursor.cursor
        cursor.width, cursor.height = len(rows[0]), len(rows)
        cursor.size = len(image)
        cursor.imageUpdate = True
        event.cursor.key = self.next_key()
        self.add(event, event.cursor.key, image)

    def _add_text(self, number: int, text: bytes) -> None:
        event = ParsecClientEvent(ParsecClientEventType.CLIENT_EVENT_USER_DATA)
        event.userData.id = number
        event.userData.key = self.next_key()
        self.add(event, event.userData.key, text + b"\0")


def _frame(width: int, height: int) -> _abi.ParsecFrame:
    size = width * height * 3 // 2
    form, rotation = ParsecColorFormat.FORMAT_NV12, ParsecRotation.ROTATION_NONE
    return _abi.ParsecFrame(form, rotation, size, width, height, width, height)
