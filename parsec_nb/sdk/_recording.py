"""Recordings of frames and sound."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from parsec_nb.errors import InvalidArgumentError

from . import messages
from ._checks import checked_positive
from ._connection import Connection
from ._frames import Frame, require
from ._sound import SAMPLE_RATE, Sound

# The worker keeps so much sound.
_MOST_SECONDS = 30
_MOST_FRAMES_PER_SECOND = 240
_MOST_BYTES = 2**30
# Of a film's clock, a second; the usual number.
_TICKS = 90_000


class Recording:
    """Frames and sound of the same time; `client.record()` returns one.

    Attributes:
        frames: The frames, oldest first.
        sound: The sound.
        fps: Frames a second that were kept at most.

    Example:
        >>> recording = client.record(1)
        >>> recording.sound.seconds <= 1, len(recording.frames) <= 16
        (True, True)
        >>> recording.save("recording.wav").name
        'recording.wav'
    """

    def __init__(self, frames: Sequence[Frame], sound: Sound, fps: float) -> None:
        self.frames = tuple(frames)
        self.sound = sound
        self.fps = fps

    def __repr__(self) -> str:
        return f"<Recording: {len(self.frames)} frames, {self.sound.seconds:.2f} s>"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the recording, and return the file's path.

        Args:
            path: A name that ends in `.mp4` for frames and sound, which needs
                PyAV and numpy, or in `.wav` for the sound alone.

        Raises:
            SDKSetupError: PyAV or numpy is not installed.
            InvalidArgumentError: The name ends in something else.
        """
        target = Path(path).expanduser()
        kind = target.suffix.lower()
        if kind == ".wav":
            return self.sound.save(target)
        if kind != ".mp4":
            raise InvalidArgumentError(messages.UNKNOWN_FILE_KIND.format(name=target))
        self._save_mp4(target)
        return target

    def _save_mp4(self, target: Path) -> None:
        av, numpy = require("av", "av (PyAV)"), require("numpy")
        with av.open(str(target), "w") as file:
            video = file.add_stream(
                "libx264", rate=Fraction(self.fps).limit_denominator(1000)
            )
            # H.264 in 4:2:0 needs even sizes; a later change of size is scaled.
            video.width = self.frames[0].width // 2 * 2
            video.height = self.frames[0].height // 2 * 2
            video.pix_fmt = "yuv420p"
            video.codec_context.time_base = Fraction(1, _TICKS)
            audio = file.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
            begin = self.frames[0].received_at
            ticks = -1
            for frame in self.frames:
                picture = av.VideoFrame.from_ndarray(frame.array, format="rgb24")
                elapsed = (frame.received_at - begin).total_seconds()
                # A clock may be set back.
                ticks = max(round(elapsed * _TICKS), ticks + 1)
                picture.pts, picture.time_base = ticks, Fraction(1, _TICKS)
                file.mux(video.encode(picture))
            samples = self.sound.array.reshape(1, -1)
            chunk = av.AudioFrame.from_ndarray(
                numpy.ascontiguousarray(samples), format="s16", layout="stereo"
            )
            chunk.sample_rate = SAMPLE_RATE
            if samples.size:
                file.mux(audio.encode(chunk))
            for stream in (video, audio):
                file.mux(stream.encode(None))


def record_sound(connection: Connection, seconds: float) -> Sound:
    """Return the sound of the next seconds."""
    seconds = checked_positive("seconds", seconds, _MOST_SECONDS)
    media = connection.worker().media
    start = media.sound_written
    _pass_time(connection, seconds)
    count = min(media.sound_written - start, round(seconds * SAMPLE_RATE))
    return Sound(media.sound(start, count))


def record(
    connection: Connection,
    newest: Callable[[], Frame],
    seconds: float,
    fps: float,
) -> Recording:
    """Return the frames and the sound of the next seconds; shows the progress."""
    from ._card import Progress  # noqa: PLC0415 - needs IPython

    seconds = checked_positive("seconds", seconds, _MOST_SECONDS)
    fps = checked_positive("fps", fps, _MOST_FRAMES_PER_SECOND)
    size = newest().nbytes * seconds * fps
    if size > _MOST_BYTES:
        text = messages.RECORDING_TOO_BIG.format(gigabytes=size / 2**30)
        raise InvalidArgumentError(text)
    media = connection.worker().media
    sound_start = media.sound_written
    begin = due = time.monotonic()
    end = begin + seconds
    frames: list[Frame] = []
    with Progress(seconds) as progress:
        while (now := time.monotonic()) < end:
            frame = newest()
            if not frames or frame.number != frames[-1].number:
                frames.append(frame)
            progress.show(now - begin)
            due = max(due + 1 / fps, now)
            _pass_time(connection, max(min(due, end) - time.monotonic(), 0.0))
    count = min(media.sound_written - sound_start, round(seconds * SAMPLE_RATE))
    return Recording(frames, Sound(media.sound(sound_start, count)), fps)


def _pass_time(connection: Connection, seconds: float) -> None:
    """Wait, unless the connection ends meanwhile."""
    connection.wait_while(lambda: not connection.status.ended, seconds)
    connection.worker()
