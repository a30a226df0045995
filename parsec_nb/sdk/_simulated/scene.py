"""The pictures of the simulated host: a small game, and a second screen."""

from __future__ import annotations

import functools
import math
import time
from typing import TYPE_CHECKING

from .canvas import Canvas, Colour, Sprite, art, box, colour, label, ring
from .controls import FADE_SECONDS, RING_SECONDS, SIZES, WHEEL_NOTCH, WHEEL_UP

if TYPE_CHECKING:
    from collections.abc import Callable

    from .controls import Controls

NOTICE = "SIMULATION - not a real host"

_AMBER, _INK, _PALE = colour(0xFFC53D), colour(0x14181F), colour(0xF2F5F9)
_PANEL, _BUTTON, _FADED = colour(0x1B2330), colour(0xE8ECF2), colour(0x5D6B80)
_SOFT = colour(0xA9B6C8)
_CLOUD, _HILL, _FAR_HILL = colour(0xEAF2F8), colour(0x4E9A5B), colour(0x7DB7A0)
_SUN, _BALL, _SHINE, _RED = map(colour, (0xFFE08A, 0xE5484D, 0xFFB3B5, 0xD92D3A))

_BANNER = 48
_GROUND = 372
_BOTTOM = 584
_LIST_X, _LIST_Y, _LIST_WIDTH = 984, 72, 272
_LINES, _LINE = 19, 24
_FIGURE = """
....hhhh....
...hhhhhh...
...hssssh...
...sesesh...
...ssssss...
....ssss....
...bbbbbb...
..bbbbbbbb..
..b.bbbb.b..
..s.bbbb.s..
....tttt....
....t..t....
....t..t....
...tt..tt...
"""
_MARKER = """
...kk...
...kk...
........
kk.ww.kk
kk.ww.kk
........
...kk...
...kk...
"""
# For names on the field: ink, paper and margins.
_TAG = (_PALE, _PANEL, (6, 4))
_MARK = art(_MARKER, {"k": _INK, "w": _RED}, 4)


class _Screen:
    """A picture that is drawn anew each time, on what does not move."""

    STREAM = 0

    def __init__(
        self, controls: Controls, host: str, wall_clock: Callable[[], float]
    ) -> None:
        self.canvas = Canvas(*SIZES[self.STREAM])
        self._controls = controls
        self._wall_clock = wall_clock
        self._base = Canvas(*SIZES[self.STREAM])
        self._draw_base(host)

    def draw(self, now: float) -> None:
        """Draw the picture of this time, in seconds of the controls' clock."""
        self.canvas.copy_from(self._base)
        self._draw_moving(now)
        self._draw_mouse(now)

    def _draw_base(self, host: str) -> None:
        raise NotImplementedError

    def _draw_moving(self, now: float) -> None:
        raise NotImplementedError

    def _clock(self) -> str:
        return time.strftime("%H:%M:%S", time.localtime(self._wall_clock()))

    def _draw_mouse(self, now: float) -> None:
        controls, canvas = self._controls, self.canvas
        for click in controls.clicks:
            age = max(0.0, now - click.at)
            if click.stream == self.STREAM and age < RING_SECONDS:
                picture = _click_ring(20 + int(age / RING_SECONDS * 20) * 2)
                canvas.draw(
                    picture, click.x - picture.width // 2, click.y - picture.height // 2
                )
        if controls.stream != self.STREAM:
            return
        x, y = controls.mouse[self.STREAM]
        canvas.draw(_MARK, x - _MARK.width // 2, y - _MARK.height // 2)
        if controls.buttons:
            names = label("+".join(controls.buttons.values())[:12], 2, *_TAG)
            # Below the marker, or above it where there is no room.
            left = min(x + 18, canvas.width - names.width)
            top = y + 18 if y + 18 + names.height <= canvas.height else y - 40
            canvas.draw(names, left, top)


class Scene(_Screen):
    """Draws the game: two figures on a meadow, and what the guest does.

    Args:
        controls: What the guest does.
        host: The host's name.
        wall_clock: Gives the time to show, in Unix seconds.

    Attributes:
        canvas: The picture.
    """

    def _draw_base(self, host: str) -> None:
        base = self._base
        _gradient(base, _BANNER, _GROUND, 0x5AA9E6, 0xD6ECFA)
        base.draw(ring(44, 44, 44, _SUN), 756, 106)
        for x, y, wide, high, ink in (
            (250, 400, 360, 130, _FAR_HILL),
            (760, 420, 420, 170, _FAR_HILL),
            (520, 440, 340, 110, _HILL),
        ):
            base.draw(ring(wide, high, wide, ink), x - wide, y - high)
        _gradient(base, _GROUND, _BOTTOM, 0x6BBF6B, 0x3E8E4C)
        base.draw(box(base.width, _BANNER, _AMBER), 0, 0)
        base.draw(label(NOTICE, 3, _INK, _AMBER), 24, 12)
        base.draw(label(host[:40], 2, _INK, _AMBER), 584, 16)
        base.draw(box(base.width, base.height - _BOTTOM, _PANEL), 0, _BOTTOM)
        for row, name in enumerate(("Keys", "Text", "Pads")):
            base.draw(label(name, 3, _SOFT, _PANEL), 24, 596 + row * 42)
        self._player = _figure(0x5B3A1E, 0x1F6FEB)
        self._bot = _figure(0x8C95A3, 0xB25CC9)
        self._ball = ring(24, 24, 24, _BALL)
        self._shine = ring(6, 6, 6, _SHINE)
        self._cloud = ring(60, 20, 60, _CLOUD), ring(34, 20, 34, _CLOUD)
        self._list_place = (0, 0)
        self._draw_list()

    def _draw_list(self) -> None:
        first, indent = self._list_place
        paper = box(_LIST_WIDTH, 32 + _LINES * _LINE, _PANEL)
        self._base.draw(paper, _LIST_X, _LIST_Y)
        title = label("Scroll here", 2, _SOFT, _PANEL)
        self._base.draw(title, _LIST_X + 16, _LIST_Y + 8)
        for line in range(_LINES):
            number = (first + line) % 100
            surface = _FADED if number % 10 == 0 else _PANEL
            text = f"{' ' * indent}{number:2d}  {'*' * (1 + number % 8)}"
            row = label(f"{text:<20}", 2, _PALE, surface, (8, 4))
            self._base.draw(row, _LIST_X + 8, _LIST_Y + 28 + line * _LINE)

    def _draw_moving(self, now: float) -> None:
        canvas, controls = self.canvas, self._controls
        across, down = controls.wheel
        place = round(-down * WHEEL_UP / WHEEL_NOTCH), round(across / WHEEL_NOTCH) % 4
        if place != self._list_place:
            self._list_place = place
            self._draw_list()
            canvas.copy_from(self._base)
        controls.move(now)
        canvas.draw(label(self._clock(), 3, _INK, _AMBER), 1112, 12)
        self._draw_field(now)
        self._draw_panel(now)

    def _draw_field(self, now: float) -> None:
        canvas = self.canvas
        for number, (y, speed) in enumerate(((70, 24), (120, 36), (176, 15))):
            x = _to_and_fro(number * 530 + now * speed, _LIST_X - 130)
            canvas.draw(self._cloud[0], x, y)
            canvas.draw(self._cloud[1], x + 40, y - 14)
        x = 96 + _to_and_fro(now * 90, 760)
        y = 516 - int(150 * abs(math.sin(now * 2.6)))
        canvas.draw(self._ball, x, y)
        canvas.draw(self._shine, x + 10, y + 10)
        self._draw_figure(self._bot, "Robo", 140 + _to_and_fro(now * 70, 600), 400)
        x, y = map(int, self._controls.player)
        self._draw_figure(self._player, "you", x, y)

    def _draw_figure(self, figure: Sprite, name: str, x: int, y: int) -> None:
        tag = label(name, 2, *_TAG)
        self.canvas.draw(figure, x, y)
        self.canvas.draw(tag, x + (figure.width - tag.width) // 2, y - tag.height - 4)

    def _draw_panel(self, now: float) -> None:
        canvas, controls = self.canvas, self._controls
        for name, at in [*controls.faded.items()]:
            if now - at > FADE_SECONDS:
                del controls.faded[name]
        held = [*controls.keys.values()]
        x = 120
        for name in [*held, *(name for name in controls.faded if name not in held)]:
            paper, ink = (_BUTTON, _INK) if name in held else (_FADED, _PALE)
            key = label(name, 3, ink, paper, (12, 6))
            if x + key.width > canvas.width:
                break
            canvas.draw(key, x, 590)
            x += key.width + 8
        text = controls.text.split("\n")[-1][-60:]
        canvas.draw(label(f"{text}_", 3, _PALE, _PANEL), 120, 638)
        canvas.draw(label(_pads(controls)[:42], 2, _PALE, _PANEL), 120, 684)
        if controls.message:
            message = f"Message: {controls.message}"[:50]
            canvas.draw(label(message, 2, _AMBER, _PANEL), 660, 684)


class SecondScreen(_Screen):
    """Draws the smaller picture of the second stream, with a large clock."""

    STREAM = 1

    def _draw_base(self, host: str) -> None:
        base = self._base
        base.draw(box(base.width, base.height, _PANEL), 0, 0)
        base.draw(box(base.width, 32, _AMBER), 0, 0)
        base.draw(label(NOTICE, 2, _INK, _AMBER), 12, 8)
        base.draw(label("Second screen", 3, _PALE, _PANEL), 24, 60)
        base.draw(label(host[:40], 2, _SOFT, _PANEL), 24, 96)
        self._ball = ring(24, 24, 24, _BALL)

    def _draw_moving(self, now: float) -> None:
        self.canvas.draw(label(self._clock(), 8, _PALE, _PANEL), 24, 150)
        self.canvas.draw(self._ball, 24 + _to_and_fro(now * 110, 540), 280)


def _figure(hair: int, shirt: int) -> Sprite:
    inks = {"h": hair, "s": 0xF2C39B, "e": 0x14181F, "b": shirt, "t": 0x2D3A55}
    palette = {letter: colour(rgb) for letter, rgb in inks.items()}
    return art(_FIGURE, palette, 6)


@functools.cache
def _click_ring(radius: int) -> Sprite:
    return ring(radius, radius, 6, _RED)


def _gradient(canvas: Canvas, top: int, bottom: int, first: int, last: int) -> None:
    for y in range(top, bottom, 4):
        share = (y - top) / (bottom - top)
        mixed = (
            round(a + (b - a) * share)
            for a, b in zip(colour(first), colour(last), strict=True)
        )
        canvas.draw(box(canvas.width, 4, Colour(*mixed)), 0, y)


def _to_and_fro(way: float, length: int) -> int:
    """Return a place between 0 and a length, which comes back at its ends."""
    return int(length - abs(way % (2 * length) - length))


def _pads(controls: Controls) -> str:
    parts = []
    for number, pad in controls.pads.items():
        axes = {name: f"{way:+.1f}" for name, way in pad.axes.items()}
        moved = (f"{name}{way}" for name, way in axes.items() if way[1:] != "0.0")
        parts.append(" ".join([f"{number}:", *sorted(pad.buttons), *moved]))
    return "  ".join(parts)
