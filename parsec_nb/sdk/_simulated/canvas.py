"""Drawing on an NV12 picture, by slices: no loop over pixels while frames are made."""

from __future__ import annotations

import functools
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
    """A small picture with gaps: runs of bytes, each with its place.

    Attributes:
        width, height: In pixels, even.
        luma, chroma: (x in bytes, y in rows of the plane, the bytes).
    """

    width: int
    height: int
    luma: list[tuple[int, int, bytes]]
    chroma: list[tuple[int, int, bytes]]


def sprite(rows: list[str], palette: dict[str, Colour], scale: int) -> Sprite:
    """Return a sprite of rows of letters, which the palette knows, or spaces.

    Args:
        rows: All of one length.
        palette: The colour of each letter.
        scale: Pixels a letter, even, so that colours fit the halved chroma.
    """
    luma, chroma = [], []
    for number, row in enumerate(rows):
        for first, end in _runs(row):
            inks = [palette[letter] for letter in row[first:end]]
            grey = b"".join(bytes([ink.y]) * scale for ink in inks)
            pairs = b"".join(bytes(ink[1:]) * (scale // 2) for ink in inks)
            top = number * scale
            luma += [(first * scale, top + line, grey) for line in range(scale)]
            half = range(top // 2, (top + scale) // 2)
            chroma += [(first * scale, line, pairs) for line in half]
    return Sprite(len(rows[0]) * scale, len(rows) * scale, luma, chroma)


def _runs(row: str) -> list[tuple[int, int]]:
    """Return where the parts of a row begin and end that are not empty."""
    edges = [
        place
        for place in range(len(row) + 1)
        if (row[place : place + 1].strip() == "") != (row[:place][-1:].strip() == "")
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))


@functools.lru_cache(maxsize=512)
def _text_rows(text: str, scale: int, ink: int, paper: int) -> tuple[bytes, ...]:
    dots = {"#": bytes([ink]) * scale, " ": bytes([paper]) * scale}
    return tuple(b"".join(map(dots.__getitem__, row)) for row in font.dots(text))


def text_width(text: str, scale: int) -> int:
    """Return how many pixels a text is wide."""
    return len(text) * font.WIDTH * scale


class Canvas:
    """A picture that is drawn on; what is outside of it is left out.

    Attributes:
        data: The bytes: the rows of Y, then those of U and V by turns (NV12).
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.data = bytearray(width * height * 3 // 2)
        self._chroma = width * height

    def fill(self, x: int, y: int, width: int, height: int, ink: Colour) -> None:
        """Fill a rectangle; odd edges are moved to even ones."""
        left, right = max(0, x) & ~1, min(self.width, x + width) & ~1
        top, bottom = max(0, y) & ~1, min(self.height, y + height) & ~1
        grey = bytes([ink.y]) * (right - left)
        pairs = bytes(ink[1:]) * ((right - left) // 2)
        for row in range(top, bottom):
            self._put(left, row, grey)
        for row in range(top // 2, bottom // 2):
            self._put_chroma(left, row, pairs)

    def ellipse(self, x: int, y: int, wide: int, high: int, ink: Colour) -> None:
        """Fill an ellipse around a point, with two radii."""
        for row in range(max(0, y - high), min(self.height, y + high)):
            reach = int(wide * math.sqrt(1 - ((row + 0.5 - y) / high) ** 2))
            self._line(x - reach, x + reach, row, ink)

    def ring(self, x: int, y: int, radius: int, thick: int, ink: Colour) -> None:
        """Draw a circle around a point."""
        hole = radius - thick
        for row in range(max(0, y - radius), min(self.height, y + radius)):
            off = (row + 0.5 - y) ** 2
            outer = int(math.sqrt(radius**2 - off))
            inner = int(math.sqrt(max(0.0, hole**2 - off)))
            self._line(x - outer, x - inner, row, ink)
            self._line(x + inner, x + outer, row, ink)

    def draw(self, picture: Sprite, x: int, y: int) -> None:
        """Draw a sprite at a place inside the picture; odd numbers are rounded."""
        x, y = x & ~1, y & ~1
        width, data = self.width, self.data
        start = y * width + x
        for left, row, run in picture.luma:
            at = start + row * width + left
            data[at : at + len(run)] = run
        start = self._chroma + y // 2 * width + x
        for left, row, run in picture.chroma:
            at = start + row * width + left
            data[at : at + len(run)] = run

    def text(self, x: int, y: int, text: str, scale: int, ink: int, paper: int) -> None:
        """Write on a surface whose luma is *paper*; the chroma stays.

        What does not fit in the row is left out.
        """
        text = text[: max(0, self.width - x) // (font.WIDTH * scale)]
        for number, run in enumerate(_text_rows(text, scale, ink, paper)):
            for line in range(scale):
                self._put(x, y + number * scale + line, run)

    def _line(self, left: int, right: int, row: int, ink: Colour) -> None:
        left, right = max(0, left) & ~1, min(self.width, right) & ~1
        if left < right:
            self._put(left, row, bytes([ink.y]) * (right - left))
            if not row % 2:
                pairs = bytes(ink[1:]) * ((right - left) // 2)
                self._put_chroma(left, row // 2, pairs)

    def _put(self, x: int, row: int, run: bytes) -> None:
        if 0 <= row < self.height:
            at = row * self.width + x
            self.data[at : at + len(run)] = run

    def _put_chroma(self, x: int, row: int, run: bytes) -> None:
        at = self._chroma + row * self.width + x
        self.data[at : at + len(run)] = run
