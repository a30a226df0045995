"""Pictures and sounds of a host: numpy arrays, checked and put into the SDK's form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsec_nb.errors import InvalidArgumentError
from parsec_nb.sdk._abi import ParsecPCMFormat
from parsec_nb.sdk._checks import is_whole
from parsec_nb.sdk._frames import require

from . import messages

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RGB, _RGBA, _DIMENSIONS = 3, 4, 3
_MOST_PIXELS_ACROSS = 4096
_RATES = 8_000, 192_000
_MOST_SECONDS = 10
_STEREO = 2
_FORMATS = {
    "int16": ParsecPCMFormat.PCM_FORMAT_INT16,
    "float32": ParsecPCMFormat.PCM_FORMAT_FLOAT,
}


def checked_picture(array: Any) -> NDArray[np.uint8]:
    """Return the picture as height x width x 4, without gaps in memory.

    Raises:
        InvalidArgumentError: It is not a picture of uint8, in RGB or RGBA.
    """
    numpy = require("numpy")
    if not isinstance(array, numpy.ndarray) or array.dtype != numpy.uint8:
        kind = getattr(array, "dtype", type(array).__name__)
        raise InvalidArgumentError(messages.NOT_A_PICTURE.format(kind=kind))
    shape = array.shape
    if len(shape) != _DIMENSIONS or shape[2] not in (_RGB, _RGBA):
        raise InvalidArgumentError(messages.BAD_SHAPE.format(shape=shape))
    height, width, channels = shape
    sides = range(2, _MOST_PIXELS_ACROSS + 1, 2)
    if not (height in sides and width in sides):
        size = {"width": width, "height": height, "most": _MOST_PIXELS_ACROSS}
        raise InvalidArgumentError(messages.BAD_SIZE.format(**size))
    picture: NDArray[np.uint8] = array
    if channels == _RGB:
        picture = numpy.empty((height, width, _RGBA), numpy.uint8)
        # One channel at a time takes a third of the time.
        for channel in range(_RGB):
            picture[..., channel] = array[..., channel]
        picture[..., _RGB] = 255
    return numpy.ascontiguousarray(picture)  # type: ignore[no-any-return]


def checked_sound(array: Any, rate: Any) -> tuple[int, bytes]:
    """Return the format, and the samples of two channels.

    Raises:
        InvalidArgumentError: It is not a sound of int16 or float32.
    """
    if not is_whole(rate, *_RATES):
        raise InvalidArgumentError(messages.BAD_RATE.format(rate=rate))
    numpy = require("numpy")
    kind = str(getattr(array, "dtype", type(array).__name__))
    if kind not in _FORMATS or not isinstance(array, numpy.ndarray):
        raise InvalidArgumentError(messages.NOT_A_SOUND.format(kind=kind))
    channels = array.reshape(-1, 1) if array.ndim == 1 else array
    if channels.ndim != _STEREO or channels.shape[1] not in (1, _STEREO):
        raise InvalidArgumentError(messages.BAD_SOUND_SHAPE.format(shape=array.shape))
    seconds = len(channels) / rate
    if seconds > _MOST_SECONDS:
        raise InvalidArgumentError(messages.SOUND_TOO_LONG.format(seconds=seconds))
    stereo = numpy.broadcast_to(channels, (len(channels), _STEREO))
    return int(_FORMATS[kind]), numpy.ascontiguousarray(stereo).tobytes()
