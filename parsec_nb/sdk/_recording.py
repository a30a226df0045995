"""Takes frames and sound of the next seconds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from parsec_nb.errors import InvalidArgumentError

from . import messages
from ._card import Progress
from ._connection import Connection
from ._frames import Frame
from ._sound import SAMPLE_RATE, Recording, Sound, checked_seconds

if TYPE_CHECKING:
    from ._client import Client

_MOST_RECORDED_BYTES = 2**30


def listen(connection: Connection, seconds: float) -> Sound:
    """Return the sound of the next seconds; `Client.sound` describes it."""
    checked_seconds(seconds)
    media = connection.worker().media
    start = media.sound_written
    _pass_time(connection, seconds)
    count = min(media.sound_written - start, round(seconds * SAMPLE_RATE))
    return Sound(media.sound(start, count))


def record(
    client: Client, connection: Connection, seconds: float, fps: float
) -> Recording:
    """Return frames and sound of the next seconds; `Client.record` describes it."""
    checked_seconds(seconds)
    first = client.frame()
    size = first.nbytes * seconds * fps
    if not size <= _MOST_RECORDED_BYTES:
        text = messages.RECORDING_TOO_BIG.format(gigabytes=size / 2**30)
        raise InvalidArgumentError(text)
    media = connection.worker().media
    sound_start = media.sound_written
    begin = time.monotonic()
    frames: list[Frame] = []
    with Progress(seconds) as progress:
        while (elapsed := time.monotonic() - begin) < seconds:
            frame = client.frame()
            if not frames or frame.number != frames[-1].number:
                frames.append(frame)
            progress.show(elapsed)
            due = begin + (len(frames) + 1) / fps
            left = min(due, begin + seconds) - time.monotonic()
            _pass_time(connection, max(left, 0.0))
    count = min(media.sound_written - sound_start, round(seconds * SAMPLE_RATE))
    return Recording(frames, Sound(media.sound(sound_start, count)), fps)


def _pass_time(connection: Connection, seconds: float) -> None:
    """Wait, unless the connection ends meanwhile."""
    connection.wait_while(lambda: not connection.status.ended, seconds)
    connection.worker()
