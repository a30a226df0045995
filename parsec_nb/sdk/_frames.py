"""A frame of the host's screen: its planes, and its picture in RGB."""

from __future__ import annotations

import importlib
import math
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

from parsec_nb.errors import SDKError, SDKSetupError

from . import messages
from ._abi import ParsecColorFormat, ParsecRotation
from ._shared.media import FrameHeader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self

    Plane = NDArray[np.uint8]

# How many pixels, down and across, share a sample of colour.
_SUBSAMPLING = {
    ParsecColorFormat.FORMAT_NV12: (2, 2),
    ParsecColorFormat.FORMAT_I420: (2, 2),
    ParsecColorFormat.FORMAT_NV16: (1, 2),
    ParsecColorFormat.FORMAT_I422: (1, 2),
    ParsecColorFormat.FORMAT_I444: (1, 1),
}
_INTERLEAVED = (ParsecColorFormat.FORMAT_NV12, ParsecColorFormat.FORMAT_NV16)
_PACKED = (ParsecColorFormat.FORMAT_BGRA, ParsecColorFormat.FORMAT_RGBA)
# Quarter turns against the clock, as numpy counts them.
_TURNS = {
    ParsecRotation.ROTATION_90: 3,
    ParsecRotation.ROTATION_180: 2,
    ParsecRotation.ROTATION_270: 1,
}

# BT.709 in limited range: rows give R, G and B from Y - 16, U - 128 and V - 128.
_LUMA = 255 / 219
_MATRIX = (
    (_LUMA, 0.0, 1.5748 * 255 / 224),
    (_LUMA, -0.187324 * 255 / 224, -0.468124 * 255 / 224),
    (_LUMA, 1.8556 * 255 / 224, 0.0),
)
_JPEG_QUALITY = 90
_kept = threading.local()


class Frame:
    """One picture of the host's screen, as the SDK decoded it.

    In a notebook, a frame as a cell's last line is shown as a picture, and the saved
    notebook keeps it.

    Attributes:
        format: How the bytes are arranged.
        width: Visible pixels across, once the picture is upright.
        height: Visible pixels down, once the picture is upright.
        number: Counts the frames of its stream from 1; gaps are frames that the SDK
            delivered and that nobody looked at.
        received_at: When it arrived; aware, UTC.
        turns: Quarter turns against the clock that make the planes upright.

    Example:
        >>> frame = client.frame()
        >>> frame.array.shape, frame.array.dtype
        ((720, 1280, 3), dtype('uint8'))
        >>> frame.nbytes, frame.to_image().size
        (1382400, (1280, 720))
        >>> view = client.frame(copy=False)  # no copy is made
        >>> brightness = view.planes[0].mean()
        >>> view.release()
    """

    def __init__(
        self,
        header: FrameHeader,
        data: bytes | memoryview,
        release: Callable[[], None] | None = None,
    ) -> None:
        self._header = header
        self._data: bytes | memoryview | None = data
        self._release = release
        self.format = ParsecColorFormat(header.format)
        self.turns = _TURNS.get(ParsecRotation(header.rotation), 0)
        sideways = self.turns % 2 == 1
        self.width = header.height if sideways else header.width
        self.height = header.width if sideways else header.height
        self.number = header.number
        self.received_at = datetime.fromtimestamp(
            header.received_ns / 1e9, timezone.utc
        )

    @property
    def nbytes(self) -> int:
        """How many bytes the planes have, padding included."""
        return self._header.size

    def __repr__(self) -> str:
        kind = self.format.name.removeprefix("FORMAT_")
        return f"<Frame {self.number}: {self.width}x{self.height} {kind}>"

    def release(self) -> None:
        """Give a frame that is no copy back; its planes must not be used any more."""
        if self._release is not None:
            self._data = None
            self.__dict__.pop("planes", None)
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    @cached_property
    def planes(self) -> tuple[Plane, ...]:
        """The visible part of the planes, as they arrived, in arrays without a copy.

        Y, U and V, each height x width; in NV12 and NV16, Y and then U and V as
        height x width x 2; in BGRA and RGBA, one array, height x width x 4. Not
        rotated.

        Raises:
            SDKError: The frame cannot be read, or was released.
            SDKSetupError: numpy is not installed.
        """
        numpy = require("numpy")
        if self._data is None:
            raise SDKError(messages.FRAME_RELEASED)
        head = self._header
        across, down = head.full_width, head.full_height
        pixels = numpy.frombuffer(self._data, numpy.uint8)
        if self.format in _PACKED:
            shapes: list[tuple[int, ...]] = [(down, across, 4)]
        elif self.format in _SUBSAMPLING:
            step_y, step_x = _SUBSAMPLING[self.format]
            chroma = down // step_y, across // step_x
            both = self.format in _INTERLEAVED
            shapes = [(down, across), *([(*chroma, 2)] if both else [chroma, chroma])]
        else:
            shapes = []
        sizes = [math.prod(shape) for shape in shapes]
        fits = head.width <= across and head.height <= down
        if not shapes or sum(sizes) > len(pixels) or not fits:
            raise SDKError(messages.UNREADABLE_FRAME.format(frame=self))
        planes, start = [], 0
        for shape, size in zip(shapes, sizes, strict=True):
            plane = pixels[start : start + size].reshape(shape)
            start += size
            # Of a sample that is only partly visible, all is kept.
            rows = -(-head.height * shape[0] // down)
            columns = -(-head.width * shape[1] // across)
            planes.append(plane[:rows, :columns])
        return tuple(planes)

    @cached_property
    def array(self) -> Plane:
        """The upright picture, height x width x 3, in RGB.

        YUV is read as BT.709 in limited range, as public clients do; the SDK does
        not document it.

        Raises:
            SDKError: The frame cannot be read, or was released.
            SDKSetupError: numpy is not installed.
        """
        numpy = require("numpy")
        planes = self.planes
        if self.format is ParsecColorFormat.FORMAT_BGRA:
            picture = planes[0][:, :, 2::-1]
        elif self.format is ParsecColorFormat.FORMAT_RGBA:
            picture = planes[0][:, :, :3]
        else:
            yuv = planes
            if self.format in _INTERLEAVED:
                yuv = planes[0], planes[1][:, :, 0], planes[1][:, :, 1]
            convert = _with_opencv if is_installed("cv2") else _with_numpy
            picture = convert(yuv, _SUBSAMPLING[self.format])
        upright: Plane = numpy.ascontiguousarray(numpy.rot90(picture, self.turns))
        return upright

    def to_image(self) -> Any:
        """Return the picture as a `PIL.Image.Image`.

        Raises:
            SDKError: The frame cannot be read, or was released.
            SDKSetupError: Pillow or numpy is not installed.
        """
        return require("PIL.Image", "Pillow").fromarray(self.array)

    def _repr_jpeg_(self) -> bytes | None:
        if not is_installed("numpy"):
            return None
        if is_installed("simplejpeg"):
            jpeg: bytes = require("simplejpeg").encode_jpeg(
                self.array, quality=_JPEG_QUALITY
            )
            return jpeg
        if not is_installed("PIL"):
            return None
        import io  # noqa: PLC0415 - rarely needed

        file = io.BytesIO()
        self.to_image().save(file, "JPEG", quality=_JPEG_QUALITY)
        return file.getvalue()


def require(module: str, package: str | None = None) -> Any:
    """Return a module of an optional package, loaded when it is first needed.

    Raises:
        SDKSetupError: It cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        name = package or module
        text = messages.MISSING_PACKAGE.format(name=name, error=error)
        raise SDKSetupError(text) from None


def is_installed(module: str) -> bool:
    """Return whether a module can be imported; it is loaded then."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def _with_numpy(yuv: tuple[Plane, ...], steps: tuple[int, int]) -> Plane:
    """Return RGB. Sums are in 32nds, so that they fit into 16 bits."""
    numpy = require("numpy")
    luma, u, v = yuv
    rows, columns = luma.shape
    step_y, step_x = steps
    down, across = -(-rows // step_y), -(-columns // step_x)
    shape = down, step_y, across, step_x
    whole = down * step_y, across * step_x
    luma, u, v = _fill(luma, *whole), _fill(u, down, across), _fill(v, down, across)
    # 149 / 4 is 32 times 255 / 219, nearly; the product fits into 16 bits.
    brightness = (luma.astype(numpy.uint16) * 149 >> 2).view(numpy.int16)
    blocks = brightness.reshape(shape)
    u, v = u.astype(numpy.float32) - 128, v.astype(numpy.float32) - 128
    picture: Plane = numpy.empty((*whole, 3), numpy.uint8)
    for channel, (_, of_u, of_v) in enumerate(_MATRIX):
        offset = (of_u * u + of_v * v - 16 * _LUMA) * 32 + 16
        total = blocks + offset.astype(numpy.int16)[:, None, :, None]
        total >>= 5
        numpy.clip(total, 0, 255, out=total)
        picture[:, :, channel] = total.reshape(whole)
    return picture[:rows, :columns]


def _with_opencv(yuv: tuple[Plane, ...], steps: tuple[int, int]) -> Plane:
    """Return RGB. OpenCV's own conversions are those of BT.601."""
    cv2, numpy = require("cv2"), require("numpy")
    luma, u, v = yuv
    (rows, columns), (step_y, step_x) = luma.shape, steps
    nearest = {"interpolation": cv2.INTER_NEAREST}
    if steps != (1, 1):
        down, across = u.shape[0] * step_y, u.shape[1] * step_x
        u, v = (
            cv2.resize(plane, (across, down), _scratch(name, down, across), **nearest)
            for name, plane in (("u", u), ("v", v))
        )
    u, v = _fill(u, rows, columns), _fill(v, rows, columns)
    matrix = numpy.array(_MATRIX, numpy.float32)
    offset = -matrix @ numpy.array([16, 128, 128], numpy.float32)
    merged = cv2.merge((luma, u, v), dst=_scratch("yuv", rows, columns, 3))
    picture: Plane = cv2.transform(merged, numpy.column_stack([matrix, offset]))
    return picture


def _scratch(name: str, *shape: int) -> Plane:
    """Return an array of this thread's, with what it held when it was used last.

    Fresh memory for each step would take several times as long as the steps.
    """
    kept: Plane | None = getattr(_kept, name, None)
    if kept is None or kept.shape != shape:
        kept = require("numpy").empty(shape, "uint8")
        setattr(_kept, name, kept)
    return kept


def _fill(plane: Plane, rows: int, columns: int) -> Plane:
    """Return the plane in that size; its last row and column are repeated."""
    numpy = require("numpy")
    missing = max(rows - plane.shape[0], 0), max(columns - plane.shape[1], 0)
    if any(missing):
        plane = numpy.pad(plane, ((0, missing[0]), (0, missing[1])), "edge")
    return plane[:rows, :columns]
