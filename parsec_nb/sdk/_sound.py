"""Sound of a host, and recordings of frames and sound."""

from __future__ import annotations

import base64
import io
import os
import wave
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from parsec_nb.errors import InvalidArgumentError

from . import messages
from ._frames import Frame, require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Samples a second, of each of two channels (ParsecAudioCallback).
SAMPLE_RATE = 48_000
_CHANNELS = 2
_SAMPLE_BYTES = 2
_MOST_SECONDS = 30


class Sound:
    """A stretch of sound: two channels, 16 bits, 48,000 samples a second.

    In a notebook, a sound as a cell's last line is a player.

    Attributes:
        pcm: The samples as bytes, left and right in turn.

    Example:
        >>> sound = client.sound(0.5)
        >>> sound.array.shape[1], sound.array.dtype
        (2, dtype('int16'))
        >>> sound.save("tone.wav")
    """

    def __init__(self, pcm: bytes) -> None:
        self.pcm = pcm

    def __repr__(self) -> str:
        return f"<Sound: {self.seconds:.2f} s>"

    @property
    def seconds(self) -> float:
        """How long it is; shorter than asked for if the host sent less."""
        return len(self.pcm) / (SAMPLE_RATE * _CHANNELS * _SAMPLE_BYTES)

    @property
    def array(self) -> NDArray[np.int16]:
        """The samples, frames x 2.

        Raises:
            SDKSetupError: numpy is not installed.
        """
        numpy = require("numpy")
        samples: NDArray[np.int16] = numpy.frombuffer(self.pcm, "<i2")
        return samples.reshape(-1, _CHANNELS)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a WAV file, and return its path."""
        target = Path(path).expanduser()
        target.write_bytes(self._wav())
        return target

    def _wav(self) -> bytes:
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(_CHANNELS)
            writer.setsampwidth(_SAMPLE_BYTES)
            writer.setframerate(SAMPLE_RATE)
            writer.writeframes(self.pcm)
        return file.getvalue()

    def _repr_html_(self) -> str:
        data = base64.b64encode(self._wav()).decode()
        return f'<audio controls src="data:audio/wav;base64,{data}"></audio>'


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
        >>> recording.save("recording.wav")
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
            video.time_base = Fraction(1, 1000)
            audio = file.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
            begin = self.frames[0].received_at
            for frame in self.frames:
                picture = av.VideoFrame.from_ndarray(frame.array, format="rgb24")
                elapsed = (frame.received_at - begin).total_seconds()
                picture.pts, picture.time_base = round(elapsed * 1000), video.time_base
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


def checked_seconds(seconds: float) -> None:
    """Refuse a length of sound that the ring does not hold."""
    number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not (number and 0 < seconds <= _MOST_SECONDS):
        text = messages.BAD_SECONDS.format(seconds=seconds, most=_MOST_SECONDS)
        raise InvalidArgumentError(text)
