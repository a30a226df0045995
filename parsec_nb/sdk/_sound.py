"""Sound of a host."""

from __future__ import annotations

import base64
import io
import os
import wave
from pathlib import Path
from typing import TYPE_CHECKING

from ._frames import require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Samples a second, of each of two channels (ParsecAudioCallback).
SAMPLE_RATE = 48_000
_CHANNELS = 2
_SAMPLE_BYTES = 2


class Sound:
    """A stretch of sound: two channels, 16 bits, 48,000 samples a second.

    In a notebook, a sound as a cell's last line is a player.

    Attributes:
        pcm: The samples as bytes, left and right in turn.

    Example:
        >>> sound = client.sound(0.5)
        >>> sound.array.shape[1], sound.array.dtype
        (2, dtype('int16'))
        >>> sound.seconds <= 0.5, sound.save("tone.wav").name
        (True, 'tone.wav')
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
