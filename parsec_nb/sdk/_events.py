"""The values that a connection reports: metrics, guests, and events of the host."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ._abi import (
    ParsecClientEvent,
    ParsecClientEventType,
    ParsecCursor,
    ParsecGuest,
    ParsecGuestState,
    ParsecMetrics,
    ParsecStatus,
)


@dataclass(frozen=True)
class Metrics:
    """The health of one video stream at one time (ParsecMetrics).

    Attributes:
        at: When it was measured; aware, UTC.
        packets_sent: Video packets since the connection began.
        fast_rts: Fast retransmissions since then; they may mean loss.
        slow_rts: Slow retransmissions since then; they most likely mean loss.
        queued_frames: Frames that wait to be decoded.
        encode_latency: Mean time that the host needs for a frame, in ms.
        decode_latency: Mean time that this computer needs for a frame, in ms.
        network_latency: Mean round trip, in ms.
        bitrate: Mean bit rate of the video, in Mbit/s.
        network_failure: Whether packets do not get through just now.

    Example:
        >>> metrics = client.metrics()
        >>> 0 < metrics.network_latency < 100
        True
    """

    at: datetime
    packets_sent: int
    fast_rts: int
    slow_rts: int
    queued_frames: int
    encode_latency: float
    decode_latency: float
    network_latency: float
    bitrate: float
    network_failure: bool


@dataclass(frozen=True)
class Guest:
    """A person who is connected to the host (ParsecGuest).

    Attributes:
        id: The guest's number at this host.
        user_id: The person's number at Parsec.
        name: The person's name.
        state: What the guest does: waits, connects, is connected, left or failed.
        owner: Whether the person owns the host.
        external_id: The person's ID in an enterprise account; else empty.

    Example:
        >>> client.guests()[0]
        Guest(id=1, user_id=..., name='you', state=..., owner=True, external_id='')
    """

    id: int
    user_id: int
    name: str
    state: ParsecGuestState
    owner: bool
    external_id: str = ""


@dataclass(frozen=True)
class Event:
    """Something that the host reported; each kind is a class of its own."""


@dataclass(frozen=True)
class CursorEvent(Event):
    """The host's mouse pointer changed (ParsecCursor).

    Attributes:
        hidden: Whether the host hides its pointer.
        relative: Whether the host wants relative motion, as a game does.
        position: Where the pointer reappears when relative motion ends, x and y.
        stream: The video stream, 0 or 1.
        size: The image's width and height; (0, 0) without a new image.
        hot_spot: The pixel of the image that points, x and y.
        image: The image's bytes, RGBA, 4 a pixel; empty without a new image.
    """

    hidden: bool
    relative: bool
    position: tuple[int, int]
    stream: int
    size: tuple[int, int] = (0, 0)
    hot_spot: tuple[int, int] = (0, 0)
    image: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class RumbleEvent(Event):
    """The host shakes a gamepad.

    Attributes:
        gamepad: The gamepad's number, as this client chose it.
        big: The strength of the big motor, 0 to 255.
        small: The strength of the small motor, 0 to 255.
    """

    gamepad: int
    big: int
    small: int


@dataclass(frozen=True)
class UserDataEvent(Event):
    """The host's program sent a text.

    Attributes:
        id: The number that the program gave it.
        text: The text.
    """

    id: int
    text: str


@dataclass(frozen=True)
class BlockedEvent(Event):
    """The host blocks this guest's input and output, or does so no longer.

    Attributes:
        blocked: Whether it does.
    """

    blocked: bool


@dataclass(frozen=True)
class StreamEvent(Event):
    """A video stream changed.

    Attributes:
        stream: The video stream, 0 or 1.
        status: Its status now; below 0 it failed.
    """

    stream: int
    status: ParsecStatus


@dataclass(frozen=True)
class UnknownEvent(Event):
    """An event that SDK 6.0 does not document.

    Attributes:
        type: The SDK's number of its kind.
    """

    type: int


def _cursor(raw: ParsecCursor, image: bytes) -> CursorEvent:
    position = raw.positionX, raw.positionY
    known = bool(raw.hidden), bool(raw.relative), position, raw.stream
    if not raw.imageUpdate:
        return CursorEvent(*known)
    size, hot_spot = (raw.width, raw.height), (raw.hotX, raw.hotY)
    return CursorEvent(*known, size, hot_spot, image)


def metrics_of(raw: ParsecMetrics, at: datetime, *, network_failure: bool) -> Metrics:
    """Return the metrics in the SDK's structure."""
    return Metrics(
        at,
        raw.packetsSent,
        raw.fastRTs,
        raw.slowRTs,
        raw.queuedFrames,
        raw.encodeLatency,
        raw.decodeLatency,
        raw.networkLatency,
        raw.bitrate,
        network_failure,
    )


def guest_of(raw: ParsecGuest) -> Guest:
    """Return the guest in the SDK's structure."""
    return Guest(
        raw.id,
        raw.userID,
        raw.name.decode(errors="replace"),
        ParsecGuestState(raw.state),
        bool(raw.owner),
        raw.externalID.decode(errors="replace"),
    )


_READERS: dict[int, Callable[[ParsecClientEvent, bytes], Event]] = {
    ParsecClientEventType.CLIENT_EVENT_CURSOR: (
        lambda raw, buffer: _cursor(raw.cursor.cursor, buffer)
    ),
    ParsecClientEventType.CLIENT_EVENT_RUMBLE: (
        lambda raw, _: RumbleEvent(
            raw.rumble.gamepadID, raw.rumble.motorBig, raw.rumble.motorSmall
        )
    ),
    ParsecClientEventType.CLIENT_EVENT_USER_DATA: (
        lambda raw, buffer: UserDataEvent(
            raw.userData.id, buffer.decode(errors="replace")
        )
    ),
    ParsecClientEventType.CLIENT_EVENT_BLOCKED: lambda *_: BlockedEvent(blocked=True),
    ParsecClientEventType.CLIENT_EVENT_UNBLOCKED: (
        lambda *_: BlockedEvent(blocked=False)
    ),
    ParsecClientEventType.CLIENT_EVENT_STREAM: (
        lambda raw, _: StreamEvent(raw.stream.stream, ParsecStatus(raw.stream.status))
    ),
}


def read_event(message: dict[str, Any]) -> Event:
    """Return the event that the worker reported."""
    raw = ParsecClientEvent.from_buffer_copy(bytes.fromhex(message["data"]))
    buffer = base64.b64decode(message.get("buffer") or "")
    read = _READERS.get(raw.type)
    return read(raw, buffer) if read else UnknownEvent(raw.type)
