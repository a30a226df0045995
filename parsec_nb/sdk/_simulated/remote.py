"""What a guest sees, hears and does at a game that another simulated SDK hosts."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from ctypes import addressof, c_char, sizeof
from typing import TYPE_CHECKING, Any

from parsec_nb.sdk import _abi
from parsec_nb.sdk._abi import (
    ParsecClientEvent,
    ParsecClientEventType,
    ParsecColorFormat,
    ParsecHostMode,
    ParsecRotation,
)
from parsec_nb.sdk._status import ParsecStatus

from . import wire
from .mailbox import Mailbox
from .tones import CHUNK_FRAMES

if TYPE_CHECKING:
    from collections.abc import Callable

SOUND = -1  # in place of a stream's number

_NEVER = float("inf")
_CHUNK_BYTES = 4 * CHUNK_FRAMES
# Sound that was not fetched for so long is lost.
_MOST_CHUNKS = 20


class RemoteStage(Mailbox[ParsecClientEvent]):
    """The game as one guest meets it; the caller holds a lock.

    Args:
        connection: The wire to the host, on which this guest is welcome.
        guests: Who is there, as the host sends them.
        changed: The lock of the caller's, which is told of what arrives.
        clock: Seconds.
        on_end: Called in a thread with the status with which it ended.

    Attributes:
        due: When the next picture of each stream, and the next sound, is to come.
    """

    def __init__(
        self,
        connection: wire.Wire,
        guests: bytearray,
        changed: threading.Condition,
        clock: Callable[[], float],
        on_end: Callable[[int], None],
    ) -> None:
        super().__init__()
        self._wire = connection
        self._changed = changed
        self._clock = clock
        self._on_end = on_end
        self.due = [_NEVER, _NEVER, _NEVER]
        self._paused = (False, False)
        self._newest: tuple[int, int, bytearray] = (0, 0, bytearray())
        self._drawn = (0, 0)
        self._sound: deque[bytes] = deque(maxlen=_MOST_CHUNKS)
        self._guests = _read_guests(guests)

    def begin(self) -> None:
        """Receive, in a thread."""
        threading.Thread(target=self._run, name="simulated-game", daemon=True).start()

    def is_sent(self, what: int) -> bool:
        """Return whether a stream, or the sound, is there and not paused."""
        video, sound = self._paused
        return not sound if what == SOUND else what == 0 and not video

    def pause(self, *, video: bool, sound: bool) -> None:
        """Stop or go on to take pictures and sound."""
        self._paused = (video, sound)

    def enable(self, stream: int, *, enable: bool) -> None:
        """Do nothing: a game has one stream."""

    def resize(self, stream: int, width: int, height: int) -> None:
        """Do nothing: positions are the picture's pixels."""

    def draw(self, _stream: int) -> tuple[_abi.ParsecFrame, int]:
        """Return the newest picture's description and its address."""
        width, height, pixels = self._newest
        self.due[0] = _NEVER
        self._drawn = (width, height)
        form, upright = ParsecColorFormat.FORMAT_RGBA, ParsecRotation.ROTATION_NONE
        size = width, height
        frame = _abi.ParsecFrame(form, upright, len(pixels), *size, *size)
        # Kept until the next one, because the caller reads it without the lock.
        self._shown = pixels
        return frame, addressof(c_char.from_buffer(pixels))

    def chunk(self) -> bytes:
        """Return the next 10 ms of sound."""
        chunk = self._sound.popleft()
        self.due[SOUND] = self._clock() if self._sound else _NEVER
        return chunk

    def apply(self, message: _abi.ParsecMessage) -> None:
        """Send an input message."""
        self._send(wire.INPUT, bytes(message))

    def take_text(self, number: int, text: bytes) -> None:
        """Send a text."""
        self._send(wire.TEXT, wire.NUMBER.pack(number), text)

    def fill_status(self, status: _abi.ParsecClientStatus) -> None:
        """Write all but the connection's health."""
        if self._guests:
            status.self = self._guests[0]
        status.hostMode = ParsecHostMode.HOST_GAME
        status.decoder[0].name = b"Simulated"
        status.decoder[0].width, status.decoder[0].height = self._drawn

    def guests(self) -> tuple[_abi.ParsecGuest, ...]:
        """Return this guest, then the others."""
        return self._guests

    def _send(self, kind: bytes, *parts: bytes) -> None:
        # The thread that receives reports the end.
        with suppress(OSError):
            self._wire.send(kind, *parts)

    def _run(self) -> None:
        status = int(ParsecStatus.NETWORK_ERR_BG_TIMEOUT)
        with suppress(OSError):
            while True:
                kind, data = self._wire.receive()
                if kind == wire.END:
                    (status,) = wire.NUMBER.unpack(data)
                    break
                with self._changed:
                    self._take(kind, data)
                    self._changed.notify_all()
        self._wire.close()
        self._on_end(status)

    def _take(self, kind: bytes, data: bytearray) -> None:
        if kind == wire.PICTURE:
            width, height = wire.SIZE.unpack_from(data, len(data) - wire.SIZE.size)
            del data[-wire.SIZE.size :]
            self._newest = width, height, data
            self.due[0] = self._clock()
        elif kind == wire.SOUND:
            for at in range(0, len(data) - _CHUNK_BYTES + 1, _CHUNK_BYTES):
                self._sound.append(bytes(data[at : at + _CHUNK_BYTES]))
                self.due[SOUND] = self._clock()
        elif kind == wire.GUESTS:
            self._guests = _read_guests(data)
        elif kind == wire.RUMBLE:
            event = ParsecClientEvent(ParsecClientEventType.CLIENT_EVENT_RUMBLE)
            rumble: Any = event.rumble
            rumble.gamepadID, rumble.motorBig, rumble.motorSmall = wire.MOTORS.unpack(
                data
            )
            self.add(event)
        elif kind == wire.TEXT:
            event = ParsecClientEvent(ParsecClientEventType.CLIENT_EVENT_USER_DATA)
            (event.userData.id,) = wire.NUMBER.unpack_from(data)
            event.userData.key = self.next_key()
            text = bytes(data[wire.NUMBER.size :]) + b"\0"
            self.add(event, event.userData.key, text)


def _read_guests(data: bytearray) -> tuple[_abi.ParsecGuest, ...]:
    size = sizeof(_abi.ParsecGuest)
    return tuple(
        _abi.ParsecGuest.from_buffer_copy(data, at) for at in range(0, len(data), size)
    )
