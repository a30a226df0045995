"""What a guest asks of the SDK (ParsecClientConfig), as the worker is told it."""

from __future__ import annotations

from parsec_nb.errors import InvalidArgumentError

from . import messages
from ._abi import HOST_SECRET_LEN, ParsecClientConfig, ParsecProtocol

_DECODERS = {"software": 0, "hardware": 1}


def make_config(secret: str, decoder: str, *, h265: bool) -> str:
    """Return the structure's bytes in hexadecimal.

    Raises:
        InvalidArgumentError: The secret or the decoder cannot be used.
    """
    index = _DECODERS.get(decoder) if isinstance(decoder, str) else None
    if index is None:
        raise InvalidArgumentError(messages.UNKNOWN_DECODER.format(decoder=decoder))
    fits = isinstance(secret, str) and secret.isascii() and secret.isprintable()
    if not fits or len(secret) >= HOST_SECRET_LEN:
        # The value is not shown, because it lets people in.
        raise InvalidArgumentError(
            messages.UNUSABLE_SHARE.format(length=HOST_SECRET_LEN - 1)
        )
    config = ParsecClientConfig(
        protocol=ParsecProtocol.PROTO_MODE_BUD, secret=secret.encode()
    )
    for video in config.video:
        video.decoderIndex = index
        video.decoderH265 = h265
    return bytes(config).hex()


def without_h265(text: str) -> str:
    """Return the same for H.264 alone."""
    config = ParsecClientConfig.from_buffer_copy(bytes.fromhex(text))
    for video in config.video:
        video.decoderH265 = False
    return bytes(config).hex()
