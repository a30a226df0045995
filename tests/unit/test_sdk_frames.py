"""Frames in all of the SDK's formats become the same upright picture in RGB."""

from __future__ import annotations

import datetime as dt
import importlib
import sys

import numpy as np
import pytest

from parsec_nb.errors import SDKError, SDKSetupError
from parsec_nb.sdk import _frames
from parsec_nb.sdk._abi import ParsecColorFormat, ParsecRotation
from parsec_nb.sdk._frames import Frame
from parsec_nb.sdk._shared.media import FrameHeader

WIDTH, HEIGHT = 14, 10
# Red, green, blue, white; black and grey. BT.709 in limited range, computed by hand
# from the standard's luma weights 0.2126, 0.7152 and 0.0722.
YUV = {
    (255, 0, 0): (63, 102, 240),
    (0, 255, 0): (173, 42, 26),
    (0, 0, 255): (32, 240, 118),
    (255, 255, 255): (235, 128, 128),
    (0, 0, 0): (16, 128, 128),
    (128, 128, 128): (126, 128, 128),
}
YUV_FORMATS = [
    ParsecColorFormat.FORMAT_NV12,
    ParsecColorFormat.FORMAT_I420,
    ParsecColorFormat.FORMAT_NV16,
    ParsecColorFormat.FORMAT_I422,
    ParsecColorFormat.FORMAT_I444,
]
FORMATS = [*YUV_FORMATS, ParsecColorFormat.FORMAT_BGRA, ParsecColorFormat.FORMAT_RGBA]


def picture() -> np.ndarray:
    """Four coloured quadrants, each of even size."""
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    rgb[:4, :6], rgb[:4, 6:] = (255, 0, 0), (0, 255, 0)
    rgb[4:, :6], rgb[4:, 6:] = (0, 0, 255), (255, 255, 255)
    return rgb


def encode(rgb: np.ndarray, kind: ParsecColorFormat, padding: tuple[int, int]) -> bytes:
    """Return the bytes of a picture, with garbage as padding."""
    down, across = rgb.shape[0] + padding[1], rgb.shape[1] + padding[0]
    if kind in (ParsecColorFormat.FORMAT_BGRA, ParsecColorFormat.FORMAT_RGBA):
        order = [2, 1, 0] if kind is ParsecColorFormat.FORMAT_BGRA else [0, 1, 2]
        out = np.full((down, across, 4), 77, np.uint8)
        out[: rgb.shape[0], : rgb.shape[1], :3] = rgb[:, :, order]
        return out.tobytes()
    yuv = np.array([[YUV[tuple(pixel)] for pixel in row] for row in rgb.tolist()])
    full = np.full((down, across, 3), 77, np.uint8)
    full[: rgb.shape[0], : rgb.shape[1]] = yuv
    step_y = 2 if kind in YUV_FORMATS[:2] else 1
    step_x = 1 if kind is ParsecColorFormat.FORMAT_I444 else 2
    chroma = full[
        : down // step_y * step_y : step_y, : across // step_x * step_x : step_x
    ]
    if kind in (ParsecColorFormat.FORMAT_NV12, ParsecColorFormat.FORMAT_NV16):
        return full[:, :, 0].tobytes() + chroma[:, :, 1:].tobytes()
    return b"".join(
        plane.tobytes() for plane in (full[:, :, 0], chroma[:, :, 1], chroma[:, :, 2])
    )


def frame(
    rgb: np.ndarray,
    kind: ParsecColorFormat = ParsecColorFormat.FORMAT_NV12,
    padding: tuple[int, int] = (0, 0),
    rotation: ParsecRotation = ParsecRotation.ROTATION_NONE,
) -> Frame:
    """Return a frame as the SDK would deliver it."""
    data = encode(rgb, kind, padding)
    height, width = rgb.shape[:2]
    full = width + padding[0], height + padding[1]
    header = FrameHeader(7, kind, rotation, len(data), width, height, *full, 10**18)
    return Frame(header, data)


@pytest.fixture(params=["numpy", "opencv"])
def _library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Convert with numpy alone, and with OpenCV."""
    if request.param == "numpy":
        monkeypatch.setitem(sys.modules, "cv2", None)
    else:
        importlib.import_module("cv2")


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("padding", [(0, 0), (2, 6), (18, 0)], ids=str)
@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_every_format_gives_the_picture(
    kind: ParsecColorFormat, padding: tuple[int, int]
) -> None:
    """Padding is left out, and colours are right to one step of 255."""
    seen = frame(picture(), kind, padding).array

    assert (seen.shape, seen.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)
    assert np.abs(seen.astype(int) - picture()).max() <= 1
    assert seen.flags.c_contiguous


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("kind", YUV_FORMATS, ids=lambda kind: kind.name)
def test_a_picture_of_odd_size(kind: ParsecColorFormat) -> None:
    """The last row and column have a sample of colour that is only partly theirs."""
    rgb = picture()[:7, :9]

    seen = frame(rgb, kind, padding=(1, 1)).array

    assert seen.shape == (7, 9, 3)
    assert np.abs(seen.astype(int) - rgb).max() <= 1


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("kind", YUV_FORMATS, ids=lambda kind: kind.name)
def test_a_buffer_of_odd_size(kind: ParsecColorFormat) -> None:
    """The last row and column may have no sample of colour; the one before is taken."""
    rgb = np.full((5, 7, 3), 255, np.uint8)

    assert np.abs(frame(rgb, kind).array.astype(int) - rgb).max() <= 1


@pytest.mark.parametrize(
    ("rotation", "turns"),
    [
        (ParsecRotation.ROTATION_UNKNOWN, 0),
        (ParsecRotation.ROTATION_NONE, 0),
        (ParsecRotation.ROTATION_90, -1),
        (ParsecRotation.ROTATION_180, 2),
        (ParsecRotation.ROTATION_270, 1),
        (ParsecRotation(9), 0),
    ],
    ids=str,
)
def test_a_rotated_picture_is_shown_upright(
    rotation: ParsecRotation, turns: int
) -> None:
    """It is turned clockwise by so much; width and height are those of the result."""
    turned = frame(picture(), rotation=rotation)

    expected = np.rot90(picture(), turns)
    assert np.abs(turned.array.astype(int) - expected).max() <= 1
    assert (turned.height, turned.width) == expected.shape[:2]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_a_picture_stays_as_it_is(kind: ParsecColorFormat) -> None:
    """The next one, of any size, is made in other memory."""
    first = frame(picture(), kind).array
    before = first.copy()

    later = [frame(np.zeros((8, 12, 3), np.uint8), kind).array for _ in range(2)]

    assert np.array_equal(first, before)
    assert not np.shares_memory(*later)


@pytest.mark.usefixtures("_library")
def test_colours_outside_of_the_range_are_clipped() -> None:
    """Hosts may send values below 16 and above 235; they do not wrap around."""
    data = bytes(range(256)) + bytes(255 - i for i in range(128))
    header = FrameHeader(1, 1, 1, len(data), 16, 16, 16, 16, 0)

    seen = Frame(header, data).array.astype(float)

    y = np.arange(256.0).reshape(16, 16) - 16
    uv = (255 - np.arange(128.0)).reshape(8, 8, 2) - 128
    u, v = uv.repeat(2, 0).repeat(2, 1).transpose(2, 0, 1)
    scale, chroma = 255 / 219, 255 / 224
    exact = np.stack(
        [
            scale * y + 1.5748 * chroma * v,
            scale * y - 0.187324 * chroma * u - 0.468124 * chroma * v,
            scale * y + 1.8556 * chroma * u,
        ],
        -1,
    )
    assert np.abs(seen - exact.clip(0, 255)).max() <= 1


@pytest.mark.parametrize(
    "header",
    [
        FrameHeader(1, 0, 1, 96, 8, 8, 8, 8, 0),
        FrameHeader(1, 99, 1, 96, 8, 8, 8, 8, 0),
        FrameHeader(1, 1, 1, 95, 8, 8, 8, 8, 0),
        FrameHeader(1, 1, 1, 96, 9, 8, 8, 8, 0),
        FrameHeader(1, 5, 1, 96, 8, 8, 8, 8, 0),
    ],
    ids=["unknown", "newer", "short", "wider than the buffer", "too few bytes"],
)
def test_an_unreadable_frame_is_an_error_with_words(header: FrameHeader) -> None:
    """The SDK's numbers are not trusted to fit to each other."""
    with pytest.raises(SDKError, match=r"cannot be read.*client\.frame"):
        _ = Frame(header, bytes(header.size)).array


def test_what_a_frame_tells() -> None:
    """Number, size, time, and no pixels."""
    one = frame(picture())

    assert repr(one) == "<Frame 7: 14x10 NV12>"
    assert one.received_at == dt.datetime.fromtimestamp(1e9, dt.timezone.utc)
    assert [plane.shape for plane in one.planes] == [(10, 14), (5, 7, 2)]
    assert one.nbytes == 210


def test_a_view_is_released_once() -> None:
    """Its planes are views of the memory; after the release it cannot be read."""
    released = []
    data = memoryview(encode(picture(), ParsecColorFormat.FORMAT_NV12, (0, 0)))
    header = FrameHeader(1, 1, 1, len(data), WIDTH, HEIGHT, WIDTH, HEIGHT, 0)

    with Frame(header, data, lambda: released.append(1)) as view:
        assert np.shares_memory(view.planes[0], np.frombuffer(data, np.uint8))

    assert released == [1]
    with pytest.raises(SDKError, match="was released"):
        _ = view.planes


@pytest.mark.parametrize(
    ("missing", "works"),
    [((), True), (("simplejpeg",), True), (("simplejpeg", "PIL"), False)],
    ids=["all", "Pillow", "none"],
)
def test_a_frame_as_the_last_line_is_a_picture(
    monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...], *, works: bool
) -> None:
    """A JPEG by the library that is there; without one, the text is left."""
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)

    jpeg = frame(picture())._repr_jpeg_()

    assert (jpeg is not None and jpeg.startswith(b"\xff\xd8")) == works


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(SDKSetupError, match="pip install numpy"):
        _ = frame_without_numpy().array
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(SDKSetupError, match="pip install Pillow"):
        _frames.require("PIL.Image", "Pillow")


def frame_without_numpy() -> Frame:
    """Return a frame whose making needs no numpy."""
    return Frame(FrameHeader(1, 1, 1, 6, 2, 2, 2, 2, 0), bytes(6))


def test_an_image_of_pillow() -> None:
    """Its pixels are the array's."""
    assert np.array_equal(
        np.asarray(frame(picture()).to_image()), frame(picture()).array
    )
