"""The sound of the simulated host: a short tone for each key, silence otherwise."""

from __future__ import annotations

import functools
import math
from array import array

RATE = 48_000
# Sound comes in chunks of 10 ms: pairs of samples, 16 bits each.
CHUNK_FRAMES = 480
CHUNK_SECONDS = CHUNK_FRAMES / RATE

_CHUNKS = 25
_LOUDNESS = 2_500  # of 32,767, so that all voices together stay below a third
_VOICES = 4
_SCALE = (0, 2, 4, 7, 9)  # pentatonic: no two keys sound wrong together
_OCTAVES = 4
_LOWEST = 220.0
_SILENCE = bytes(CHUNK_FRAMES * 4)


@functools.cache
def _note(step: int) -> list[array[int]]:
    octave, degree = divmod(step, len(_SCALE))
    turn = 2 * math.pi * _LOWEST * 2 ** (octave + _SCALE[degree] / 12) / RATE
    end = _CHUNKS * CHUNK_FRAMES
    chunks = []
    for first in range(0, end, CHUNK_FRAMES):
        chunk = array("h")
        for at in range(first, first + CHUNK_FRAMES):
            # It begins within 5 ms and dies away: no click at either end.
            volume = _LOUDNESS * min(1.0, at / 240) * (1 - at / end) ** 2
            chunk.extend([round(volume * math.sin(turn * at))] * 2)
        chunks.append(chunk)
    return chunks


class Tones:
    """Which tones sound, and their next chunk."""

    def __init__(self) -> None:
        # The rest of each tone.
        self._playing: list[list[array[int]]] = []

    def start(self, key: int) -> None:
        """Begin the tone of a key; the oldest one makes room."""
        note = _note(key % (len(_SCALE) * _OCTAVES))
        self._playing = [*self._playing, [*reversed(note)]][-_VOICES:]

    def stop(self) -> None:
        """Be silent."""
        self._playing = []

    def chunk(self) -> bytes:
        """Return the next 10 ms: 480 pairs of samples."""
        chunks = [rest.pop() for rest in self._playing]
        self._playing = [rest for rest in self._playing if rest]
        if not chunks:
            return _SILENCE
        return array("h", map(sum, zip(*chunks, strict=True))).tobytes()
