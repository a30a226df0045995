"""JPEG pictures of frames, straight from the planes where that is possible."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

from parsec_nb.sdk._abi import ParsecColorFormat
from parsec_nb.sdk._frames import Frame, is_installed, require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Plane = NDArray[np.uint8]

_PACKED = {
    ParsecColorFormat.FORMAT_BGRA: "BGRA",
    ParsecColorFormat.FORMAT_RGBA: "RGBA",
}
_INTERLEAVED = (ParsecColorFormat.FORMAT_NV12, ParsecColorFormat.FORMAT_NV16)

# A browser reads a JPEG as BT.601 in full range. The colour planes are BT.709 in
# limited range, so their strongest colours would lie outside of what it keeps; at
# three quarters of their strength all are inside. The first matrix gives R, G and B
# from Y, U - 128 and V - 128 as they were, the second one does as the browser.
_STRENGTH = 0.75
_LUMA, _CHROMA = 255 / 219, 255 / 224 / _STRENGTH
_BT709 = (
    (_LUMA, 0.0, 1.5748 * _CHROMA),
    (_LUMA, -0.187324 * _CHROMA, -0.468124 * _CHROMA),
    (_LUMA, 1.8556 * _CHROMA, 0.0),
)
_WEAKER = bytes(round(128 + _STRENGTH * (value - 128)) for value in range(256))
# What BT.601 in full range gives Y, U - 128 and V - 128 from: R, G and B.
_TO_BT601 = (
    (0.299, 0.587, 0.114),
    (-0.168736, -0.331264, 0.5),
    (0.5, -0.418688, -0.081312),
)
_BLACK = -16 / 255 * _LUMA


def color_matrix() -> str:
    """Return the values of the SVG feColorMatrix that corrects a JPEG of planes."""
    rows = (
        [
            *(
                sum(row[k] * _TO_BT601[k][channel] for k in range(3))
                for channel in range(3)
            ),
            0.0,
            _BLACK,
        ]
        for row in _BT709
    )
    values = [value for row in rows for value in row]
    return " ".join(f"{value:.6f}" for value in [*values, 0, 0, 0, 1, 0])


class Picture(NamedTuple):
    """A JPEG of a frame.

    Attributes:
        data: The JPEG.
        corrected: Whether its colours are right as they are; else the colour matrix
            is to be applied.
        turns: Quarter turns against the clock that make it upright.
    """

    data: bytes
    corrected: bool
    turns: int


def check_encoder() -> None:
    """Check that pictures can be made.

    Raises:
        SDKSetupError: numpy is missing, or both simplejpeg and Pillow.
    """
    require("numpy")
    if not is_installed("PIL"):
        require("simplejpeg")


def encode(frame: Frame, quality: int) -> Picture:
    """Return a JPEG of a frame.

    Raises:
        SDKError: The frame cannot be read, or was released.
        SDKSetupError: A package is missing.
    """
    if not is_installed("simplejpeg"):
        return Picture(encode_upright(frame, quality), corrected=True, turns=0)
    numpy, simplejpeg = require("numpy"), require("simplejpeg")
    planes = frame.planes
    if frame.format in _PACKED:
        pixels = numpy.ascontiguousarray(planes[0])
        space = _PACKED[frame.format]
        data = simplejpeg.encode_jpeg(pixels, quality, space, "420")
        return Picture(data, corrected=True, turns=frame.turns)
    luma, *colors = planes
    if frame.format in _INTERLEAVED:
        u, v = _weaken(colors[0], 2)
    else:
        u, v = (_weaken(plane)[0] for plane in colors)
    try:
        data = simplejpeg.encode_jpeg_yuv_planes(luma, u, v, quality)
    except ValueError:
        # A last row or column without a sample of colour: sizes that are odd.
        return Picture(encode_upright(frame, quality), corrected=True, turns=0)
    return Picture(data, corrected=False, turns=frame.turns)


def encode_upright(frame: Frame, quality: int) -> bytes:
    """Return a JPEG that needs no correction, which takes about five times as long.

    Raises:
        SDKError: The frame cannot be read, or was released.
        SDKSetupError: A package is missing.
    """
    if not is_installed("simplejpeg"):
        file = io.BytesIO()
        frame.to_image().save(file, "JPEG", quality=quality)
        return file.getvalue()
    jpeg: bytes = require("simplejpeg").encode_jpeg(frame.array, quality, "RGB", "420")
    return jpeg


def _weaken(plane: Plane, parts: int = 1) -> list[Any]:
    """Return a plane at three quarters of its strength: each *parts*-th byte of it.

    numpy frees the GIL at each step. Beside a cell that computes, a thread has to wait
    5 ms each time until it gets it back; methods of bytes keep it.
    """
    numpy = require("numpy")
    rows, columns = plane.shape[:2]
    # Whole rows, with the padding: they are one piece of memory.
    whole = numpy.lib.stride_tricks.as_strided(
        plane, (rows, plane.strides[0]), (plane.strides[0], 1)
    )
    weak = whole.tobytes().translate(_WEAKER)
    return [
        numpy.frombuffer(weak[part::parts], numpy.uint8).reshape(rows, -1)[:, :columns]
        for part in range(parts)
    ]
