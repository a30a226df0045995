"""Whether another attempt to connect can help, when, and with what settings."""

from __future__ import annotations

from collections.abc import Sequence

from parsec_nb.errors import ParsecError, SDKConnectionError

from ._config import without_h265

# As public clients wait, and not for ever.
RECONNECT_DELAYS = (2.5, 5.0, 10.0, 20.0, 40.0)
# A decoder's faults, from DECODE_ERR_INIT to DECODE_ERR_SYMBOL.
_DECODER_FAULTS = range(-23, -9)


def next_attempt(
    start: dict[str, object], error: ParsecError | None, delays: Sequence[float]
) -> tuple[float, dict[str, object]] | None:
    """Return the delay before another attempt, and the worker's first message for it.

    Args:
        start: The worker's first message for the last attempt.
        error: What ended that.
        delays: The delays that are left.

    Returns:
        None if there is to be no other attempt.
    """
    if not isinstance(error, SDKConnectionError) or not delays:
        return None
    if error.status in _DECODER_FAULTS:
        config = without_h265(str(start["config"]))
        if config != start["config"]:
            return delays[0], {**start, "config": config}
    return None if error.permanent else (delays[0], start)
