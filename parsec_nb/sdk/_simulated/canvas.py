"""Drawing on an NV12 picture: sprites of byte runs, so no frame needs a pixel loop."""

from __future__ import annotations

import functools
import itertools
import math
from typing import NamedTuple

from . import font


class Colour(NamedTuple):
    """A colour as video has it: BT.709, limited range."""

    y: int
    u: int
    v: int


def colour(rgb: int) -> Colour:
    """Return a colour from its sRGB number.

    Example:
        >>> colour(0xFFFFFF)
        Colour(y=235, u=128, v=128)
    """
    red, green, blue = (byte / 255 for byte in rgb.to_bytes(3, "big"))
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    u, v = (blue - y) / 1.8556, (red - y) / 1.5748
    return Colour(round(16 + 219 * y), round(128 + 224 * u), round(128 + 224 * v))


class Sprite(NamedTuple):
    """A small picture, which may have gaps; all edges are at even pixels.

    Attributes:
        width, height: In pixels.
        luma, chroma: Runs of bytes, each with x in bytes and y in rows of its plane.
    """

    width: int
    height: int
    luma: list[tuple[int, int, bytes]]
    chroma: list[tuple[int, int, bytes]]


def art(rows: str, palette: dict[str, Colour], scale: int) -> Sprite:
    """Return a sprite of lines of letters, which the palette knows, and dots for gaps.

    Args:
        rows: Lines of one length.
        palette: The colour of each letter.
        scale: Pixels a letter, even.
    """
    lines = rows.split()
    picture = Sprite(len(lines[0]) * scale, len(lines) * scale, [], [])
    for top, line in enumerate(lines):
        column = 0
        for letter, same in itertools.groupby(line):
            width = len([*same])
            if letter != ".":
                run = box(width * scale, scale, palette[letter])
                _add(picture, run, column * scale, top * scale)
            column += width
    return picture


def box(width: int, height: int, ink: Colour) -> Sprite:
    """Return a filled rectangle."""
    grey, pairs = bytes([ink.y]) * width, bytes(ink[1:]) * (width // 2)
    return Sprite(
        width,
        height,
        [(0, row, grey) for row in range(height)],
        [(0, row, pairs) for row in range(height // 2)],
    )


def ring(wide: int, high: int, thick: int, ink: Colour) -> Sprite:
    """Return an ellipse of two radii; one as thick as them has no hole."""
    picture = Sprite(2 * wide, 2 * high, [], [])
    for top in range(0, 2 * high, 2):
        outer = _reach(wide, high, top + 1 - high)
        inner = _reach(wide - thick, high - thick, top + 1 - high)
        sides = [(-outer, -inner), (inner, outer)] if inner else [(-outer, outer)]
        for left, right in sides:
            if left < right:
                _add(picture, box(right - left, 2, ink), wide + left, top)
    return picture


def _reach(wide: int, high: int, off: int) -> int:
    """Return half the width of an ellipse at a distance from its middle, even."""
    if high <= abs(off):
        return 0
    return 2 * round(wide / 2 * math.sqrt(1 - (off / high) ** 2))


@functools.lru_cache(maxsize=96)
def label(
    text: str, scale: int, ink: Colour, paper: Colour, margin: tuple[int, int] = (0, 0)
) -> Sprite:
    """Return a text on a surface, with space at the sides and above and below it.

    The text's colour is *paper*'s: of *ink* only the brightness counts.
    """
    across, down = margin
    dots = {"#": bytes([ink.y]) * scale, " ": bytes([paper.y]) * scale}
    side = bytes([paper.y]) * across
    rows = [
        side + b"".join(map(dots.__getitem__, row)) + side for row in font.dots(text)
    ]
    height = len(rows) * scale + 2 * down
    picture = box(len(rows[0]), height, paper)
    for row in range(down, height - down):
        picture.luma[row] = (0, row, rows[(row - down) // scale])
    return picture


def _add(picture: Sprite, other: Sprite, x: int, y: int) -> None:
    picture.luma.extend((x + left, y + row, run) for left, row, run in other.luma)
    picture.chroma.extend(
        (x + left, y // 2 + row, run) for left, row, run in other.chroma
    )


class Canvas:
    """A picture that is drawn on.

    Attributes:
        width, height: In pixels, even.
        data: The bytes: the rows of Y, then those of U and V by turns (NV12).
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.data = bytearray(width * height * 3 // 2)
        # Unlike a bytearray's, its slices take bytes without a copy in between.
        self._view = memoryview(self.data)

    def copy_from(self, other: Canvas) -> None:
        """Take over a picture of the same size."""
        self._view[:] = other.data

    def draw(self, picture: Sprite, x: int, y: int) -> None:
        """Draw a sprite; odd numbers are rounded, and what is outside is left out."""
        x, y = x & ~1, y & ~1
        view, width = self._view, self.width
        luma, chroma = picture.luma, picture.chroma
        is_inside = 0 <= x <= width - picture.width
        if not (is_inside and 0 <= y <= self.height - picture.height):
            luma = _clipped(luma, x, y, width, self.height)
            chroma = _clipped(chroma, x, y // 2, width, self.height // 2)
        start = y * width + x
        for left, row, run in luma:
            at = start + row * width + left
            view[at : at + len(run)] = run
        start = width * self.height + y // 2 * width + x
        for left, row, run in chroma:
            at = start + row * width + left
            view[at : at + len(run)] = run


def _clipped(
    runs: list[tuple[int, int, bytes]], x: int, y: int, width: int, height: int
) -> list[tuple[int, int, bytes]]:
    kept = []
    for left, row, run in runs:
        if 0 <= y + row < height:
            hidden = max(0, -(x + left))
            end = max(hidden, width - x - left)
            kept.append((left + hidden, row, run[hidden:end]))
    return kept
