"""How many frames a second a view gets, and of which JPEG quality; without a clock."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

LOWEST_RATE = 5.0
HIGHEST_QUALITY = 80
LOWEST_QUALITY = 40

# A line or a browser that is so much later than at its best, in seconds, gets less;
# one below gets more. Its best may become worse, by so much at each report.
_LATE = 0.2
_PROMPT = 0.1
_DRIFT = 0.002
# Frames of so many seconds, besides those of the best delay and of the time until the
# next report, are under way at most, at the rate at which they were drawn; at more, or
# without reports, frames come at the lowest rate.
_UNDER_WAY = 0.3
# So many of the first ones, before anything is known of the line.
_FIRST = 4
# How much of that rate is kept at a report that tells of less.
_FORGET = 0.9
# What a line or a browser that is prompt gets more of, in each second up to one.
_RATE_GAIN, _QUALITY_GAIN = 5.0, 10.0
# Frames whose time is remembered; more are not under way at once.
_REMEMBERED = 256


class Report(NamedTuple):
    """What a browser tells five times a second; once, while all goes well.

    Attributes:
        shown: The number of the frame that is drawn; 0 for none since the last report.
        age: Seconds since it was drawn.
        drawn: Frames drawn since the last report.
        dropped: Frames since then that came, and that newer ones replaced.
        within: Seconds until the next report, at most.
    """

    shown: int
    age: float
    drawn: int
    dropped: int
    within: float


class Pacing:
    """The rate and the quality of one view. All times are seconds of one clock.

    Args:
        fps: Frames a second at most.
        now: The time.

    Attributes:
        rate: Frames a second, just now.
        quality: The JPEG quality, just now.
        delay: Seconds from sending a frame to drawing it, and to the report of that.
        due: When the next frame may be sent.
        sent: The number of the last frame that was sent.
    """

    def __init__(self, fps: float, now: float) -> None:
        self._most = fps
        self._least = min(LOWEST_RATE, fps)
        self._sent_at: OrderedDict[int, float] = OrderedDict()
        self._best: float | None = None
        self._shown = 0
        self._drawn_rate = 0.0
        self._reported_at = now
        self._within = 0.0
        self.rate = fps
        self.quality = HIGHEST_QUALITY
        self.delay = 0.0
        self.due = now
        self.sent = 0

    def is_due(self, now: float) -> bool:
        """Return whether a frame may be sent.

        A third of an interval early is in time: a source of the same rate would else
        lose every other frame.
        """
        return now >= self.due - 0.3 / self.rate

    def send(self, now: float) -> int:
        """Take note that a frame is sent, and return its number, from 1."""
        seconds = self._within + _UNDER_WAY + (self._best or 0.0)
        piled_up = self.sent - self._shown >= max(self._drawn_rate * seconds, _FIRST)
        rate = self._least if piled_up else self.rate
        self.due = max(self.due + 1 / rate, now + 0.7 / rate)
        self.sent += 1
        self._sent_at[self.sent] = now
        if len(self._sent_at) > _REMEMBERED:
            self._sent_at.popitem(last=False)
        return self.sent

    def begin(self, now: float) -> None:
        """Send the next frame at once, as the view comes into sight."""
        self.due = now
        self._shown = self.sent

    def report(self, report: Report, now: float) -> None:
        """Adapt to what a browser reports."""
        sent_at = self._sent_at.get(report.shown)
        if sent_at is None:
            return
        self._shown = max(self._shown, report.shown)
        passed = max(now - self._reported_at, 0.1)
        drawn_rate = report.drawn / passed
        self._drawn_rate = max(drawn_rate, _FORGET * self._drawn_rate)
        self._reported_at = now
        self._within = report.within
        self.delay = max(now - sent_at - report.age, 0.0)
        best = self.delay if self._best is None else self._best + _DRIFT
        self._best = min(best, self.delay)
        late = self.delay - self._best
        if late > _LATE:
            if self.quality > LOWEST_QUALITY:
                self.quality = max(self.quality - 10, LOWEST_QUALITY)
            else:
                self._slow_down()
        elif report.dropped > report.drawn:
            self._slow_down()
        elif late < _PROMPT and not report.dropped:
            passed = min(passed, 1.0)
            self.rate = min(self.rate + _RATE_GAIN * passed, self._most)
            quality = self.quality + round(_QUALITY_GAIN * passed)
            self.quality = min(quality, HIGHEST_QUALITY)

    def _slow_down(self) -> None:
        self.rate = max(self.rate * 0.75, self._least)
