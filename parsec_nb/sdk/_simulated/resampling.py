"""Sound in other forms, as the simulated SDK's guests take it."""

from __future__ import annotations

from array import array

_RATE = 48_000
_FULL = 32_767


def resample(pcm: bytes, rate: int, *, is_float: bool) -> bytes:
    """Return samples of two channels as 16-bit ones, 48,000 a second.

    Each sample is the one that was nearest; a simulation need not sound better.

    Example:
        >>> len(resample(bytes(8), 24_000, is_float=False))
        16
    """
    samples = array("f" if is_float else "h", pcm)
    if is_float:
        samples = array("h", (round(_FULL * min(1.0, max(-1.0, s))) for s in samples))
    if rate != _RATE:
        pairs = array("i", samples.tobytes())
        count = len(pairs) * _RATE // rate
        pairs = array("i", (pairs[at * rate // _RATE] for at in range(count)))
        return pairs.tobytes()
    return samples.tobytes()
