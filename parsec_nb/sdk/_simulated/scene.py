"""The pictures of the simulated host: a small game, and a second screen."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from .canvas import Canvas, Colour, Sprite, colour, sprite, text_width
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
_LIST = (968, 72, 288, 488)
_LINES, _LINE = 19, 24
_FIGURE = """
    hhhh    
   hhhhhh   
   hssssh   
   sesesh   
   ssssss   
    ssss    
   bbbbbb   
  bbbbbbbb  
  b bbbb b  
  s bbbb s  
    tttt    
    t  t    
    t  t    
   tt  tt   
"""
_MARKER = """
   kk   
   kk   
        
kk ww kk
kk ww kk
        
   kk   
   kk   
"""


def _figure(hair: int, shirt: int) -> Sprite:
    inks = {"h": hair, "s": 0xF2C39B, "e": 0x14181F, "b": shirt, "t": 0x2D3A55}
    palette = {letter: colour(rgb) for letter, rgb in inks.items()}
    return sprite(_FIGURE.strip("\n").split("\n"), palette, 6)


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    y, u, v = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return Colour(y, u, v)


def _background(host: str) -> bytes:
    """Return what never moves: sky, hills, meadow and panels."""
    canvas = Canvas(*SIZES[0])
    width, height = SIZES[0]
    high, low = colour(0x5AA9E6), colour(0xD6ECFA)
    for top in range(_BANNER, _GROUND, 4):
        share = (top - _BANNER) / (_GROUND - _BANNER)
        canvas.fill(0, top, width, 4, _mix(high, low, share))
    canvas.ellipse(800, 150, 44, 44, _SUN)
    canvas.ellipse(250, 400, 360, 130, _FAR_HILL)
    canvas.ellipse(760, 420, 420, 170, _FAR_HILL)
    canvas.ellipse(520, 440, 340, 110, _HILL)
    near, far = colour(0x3E8E4C), colour(0x6BBF6B)
    for top in range(_GROUND, _BOTTOM, 4):
        share = (top - _GROUND) / (_BOTTOM - _GROUND)
        canvas.fill(0, top, width, 4, _mix(far, near, share))
    canvas.fill(0, 0, width, _BANNER, _AMBER)
    canvas.text(24, 12, NOTICE, 3, _INK.y, _AMBER.y)
    canvas.text(584, 16, host[:40], 2, _INK.y, _AMBER.y)
    canvas.fill(0, _BOTTOM, width, height - _BOTTOM, _PANEL)
    for row, name in enumerate(("Keys", "Text", "Pads")):
        canvas.text(24, 596 + row * 42, name, 3, _SOFT.y, _PANEL.y)
    canvas.fill(*_LIST, _PANEL)
    canvas.text(_LIST[0] + 16, _LIST[1] + 8, "Scroll here", 2, _SOFT.y, _PANEL.y)
    return bytes(canvas.data)


class Scene:
    """Draws the game's picture.

    Args:
        controls: What the guest does.
        host: The host's name.
        wall_clock: Gives the time to show, in Unix seconds.
    """

    def __init__(
        self, controls: Controls, host: str, wall_clock: Callable[[], float]
    ) -> None:
        self.canvas = Canvas(*SIZES[0])
        self._controls = controls
        self._wall_clock = wall_clock
        self._background = _background(host)
        self._player = _figure(0x5B3A1E, 0x1F6FEB)
        self._bot = _figure(0x8C95A3, 0xB25CC9)
        self._marker = sprite(
            _MARKER.strip("\n").split("\n"), {"k": _INK, "w": _RED}, 4
        )

    def draw(self, now: float) -> None:
        """Draw the picture of this time, in seconds of the controls' clock."""
        canvas, controls = self.canvas, self._controls
        controls.move(now)
        canvas.data[:] = self._background
        clock = time.strftime("%H:%M:%S", time.localtime(self._wall_clock()))
        canvas.text(1112, 12, clock, 3, _INK.y, _AMBER.y)
        self._draw_field(now)
        self._draw_list()
        self._draw_panel(now)
        _draw_mouse(canvas, controls, 0, self._marker, now)

    def _draw_field(self, now: float) -> None:
        canvas = self.canvas
        for number, (height, speed) in enumerate(((90, 24), (140, 36), (200, 15))):
            x = int(number * 430 + now * speed) % 1500 - 110
            canvas.ellipse(x, height, 60, 20, _CLOUD)
            canvas.ellipse(x + 14, height - 14, 34, 20, _CLOUD)
        bounce = abs(math.sin(now * 2.6))
        x = 120 + int(abs(now * 90 % 1400 - 700))
        canvas.ellipse(x, 540 - int(150 * bounce), 24, 24, _BALL)
        canvas.ellipse(x - 8, 532 - int(150 * bounce), 6, 6, _SHINE)
        walk = now * 70 % 1200
        bot_x = 140 + int(abs(walk - 600))
        self._draw_figure(self._bot, "Robo", bot_x, 400)
        x, y = map(int, self._controls.player)
        self._draw_figure(self._player, "you", x, y)

    def _draw_figure(self, figure: Sprite, name: str, x: int, y: int) -> None:
        canvas = self.canvas
        canvas.draw(figure, x, y)
        width = text_width(name, 2) + 10
        left = (x + (figure.width - width) // 2) & ~1
        top = (y - 26) & ~1
        canvas.fill(left, top, width, 22, _PANEL)
        canvas.text(left + 6, top + 4, name, 2, _PALE.y, _PANEL.y)

    def _draw_list(self) -> None:
        x, y, width, _ = _LIST
        across, down = self._controls.wheel
        first = round(-down * WHEEL_UP / WHEEL_NOTCH)
        indent = round(across / WHEEL_NOTCH) % 8
        for line in range(_LINES):
            number = (first + line) % 100
            top = y + 32 + line * _LINE
            paper = _PANEL
            if number % 10 == 0:
                paper = _FADED
                self.canvas.fill(x + 8, top - 4, width - 16, _LINE, paper)
            text = f"{' ' * indent}{number:2d}  {'*' * (1 + number % 8)}"
            self.canvas.text(x + 16, top, text, 2, _PALE.y, paper.y)

    def _draw_panel(self, now: float) -> None:
        canvas, controls = self.canvas, self._controls
        faded = {k: at for k, at in controls.faded.items() if now - at < FADE_SECONDS}
        controls.faded = faded
        names = [*controls.keys.values()]
        x = 120
        for name in [*names, *(name for name in faded if name not in names)]:
            width = text_width(name, 3) + 22
            if x + width > canvas.width - 16:
                break
            paper, ink = (_BUTTON, _INK) if name in names else (_FADED, _PALE)
            canvas.fill(x, 590, width, 36, paper)
            canvas.text(x + 12, 597, name, 3, ink.y, paper.y)
            x += width + 8
        line = controls.text.split("\n")[-1][-60:]
        canvas.text(120, 638, f"{line}_", 3, _PALE.y, _PANEL.y)
        canvas.text(120, 682, _pads(controls)[:42], 2, _PALE.y, _PANEL.y)
        if controls.message:
            message = f"Message: {controls.message}"[:50]
            canvas.text(660, 682, message, 2, _AMBER.y, _PANEL.y)


class SecondScreen:
    """Draws the smaller picture of the second stream; the arguments are as above."""

    def __init__(
        self, controls: Controls, host: str, wall_clock: Callable[[], float]
    ) -> None:
        self.canvas = Canvas(*SIZES[1])
        self._controls = controls
        self._wall_clock = wall_clock
        width, height = SIZES[1]
        self.canvas.fill(0, 0, width, height, _PANEL)
        self.canvas.fill(0, 0, width, 32, _AMBER)
        self.canvas.text(12, 8, NOTICE, 2, _INK.y, _AMBER.y)
        self.canvas.text(24, 60, "Second screen", 3, _PALE.y, _PANEL.y)
        self.canvas.text(24, 96, host[:40], 2, _SOFT.y, _PANEL.y)
        self._background = bytes(self.canvas.data)
        self._marker = sprite(
            _MARKER.strip("\n").split("\n"), {"k": _PALE, "w": _RED}, 4
        )

    def draw(self, now: float) -> None:
        """Draw the picture of this time, in seconds of the controls' clock."""
        self.canvas.data[:] = self._background
        clock = time.strftime("%H:%M:%S", time.localtime(self._wall_clock()))
        self.canvas.text(24, 150, clock, 8, _PALE.y, _PANEL.y)
        way = SIZES[1][0] - 100
        x = 50 + int(abs(now * 110 % (2 * way) - way))
        self.canvas.ellipse(x, 300, 24, 24, _BALL)
        _draw_mouse(self.canvas, self._controls, 1, self._marker, now)


def _draw_mouse(
    canvas: Canvas, controls: Controls, stream: int, marker: Sprite, now: float
) -> None:
    for click in controls.clicks:
        age = max(0.0, now - click.at)
        if click.stream == stream and age < RING_SECONDS:
            radius = 20 + int(age / RING_SECONDS * 40)
            canvas.ring(click.x, click.y, radius, 6, _RED)
    x, y = controls.mouse[stream]
    width, height = SIZES[stream]
    left = min(max(0, x - marker.width // 2), width - marker.width)
    top = min(max(0, y - marker.height // 2), height - marker.height)
    canvas.draw(marker, left, top)
    if controls.buttons:
        names = "+".join(controls.buttons.values())[:12]
        wide = text_width(names, 2) + 10
        left, top = min(left + 36, width - wide), min(top + 36, height - 22)
        canvas.fill(left, top, wide, 22, _PANEL)
        canvas.text((left & ~1) + 6, (top & ~1) + 4, names, 2, _PALE.y, _PANEL.y)


def _pads(controls: Controls) -> str:
    parts = []
    for number, pad in controls.pads.items():
        axes = (
            f"{name}{way:+.1f}" for name, way in pad.axes.items() if abs(way) > 0.05
        )  # noqa: PLR2004
        parts.append(" ".join([f"{number}:", *sorted(pad.buttons), *axes]))
    return "  ".join(parts)
