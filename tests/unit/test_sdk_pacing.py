"""Rate and quality of a view follow what the browser reports; time is a number."""

from __future__ import annotations

import pytest

from parsec_nb.sdk._view.pacing import (
    HIGHEST_QUALITY,
    LOWEST_QUALITY,
    LOWEST_RATE,
    Pacing,
    Report,
)


class Line:
    """A view that is sent frames, and a browser that draws and reports them.

    Args:
        fps: Frames a second that the view asks for.
        source: Frames a second of the host.
        latency: Seconds that every frame takes.
        capacity: Frames of the best quality that the line takes in a second.
        drawn: Frames a second that the browser can draw.

    Attributes:
        every: Seconds between the browser's reports.
    """

    def __init__(
        self,
        fps: float = 30,
        *,
        source: float = 60,
        latency: float = 0.03,
        capacity: float = 1000,
        drawn: float = 60,
    ) -> None:
        self.now = 100.0
        self.source = source
        self.latency = latency
        self.capacity = capacity
        self.drawn = drawn
        self.every = 0.2
        self.pacing = Pacing(fps, self.now)
        self.sent_at: list[float] = []
        self._drawn_at: list[float] = []
        self._free_at = 0.0
        self._reported = 0

    def run(self, seconds: float, *, reports: bool = True) -> float:
        """Let time pass, and return the frames that were sent in the last second."""
        for tick in range(1, round(seconds * self.source) + 1):
            self.now += 1 / self.source
            if self.pacing.is_due(self.now):
                self.pacing.send(self.now)
                self.sent_at.append(self.now)
                size = self.pacing.quality / HIGHEST_QUALITY
                start = max(self.now, self._free_at)
                self._free_at = start + size / self.capacity
                self._drawn_at.append(self._free_at + self.latency)
            if reports and tick % round(self.source * self.every) == 0:
                self._report()
        return float(sum(at > self.now - 1 for at in self.sent_at))

    def _report(self) -> None:
        shown = sum(at <= self.now for at in self._drawn_at)
        came, self._reported = shown - self._reported, shown
        drawn = min(came, round(self.drawn * self.every))
        age = self.now - self._drawn_at[shown - 1] if shown else 0.0
        self.pacing.report(
            Report(shown if came else 0, age, drawn, came - drawn, self.every),
            self.now,
        )


@pytest.mark.parametrize("fps", [1, 10, 30, 45, 60])
def test_a_quick_browser_gets_what_was_asked_for(fps: int) -> None:
    """The rate holds although the source's frames do not come when they are due."""
    line = Line(fps)

    assert line.run(5) == pytest.approx(fps, abs=1)
    assert line.pacing.quality == HIGHEST_QUALITY


@pytest.mark.parametrize("latency", [0.03, 0.5])
def test_rare_reports_are_enough_while_all_goes_well(latency: float) -> None:
    """No frame waits for one, and what was lost comes back as quickly."""
    line = Line(60, latency=latency)
    line.run(2)
    line.every = 1
    line.run(5)
    assert line.run(10) == pytest.approx(60, abs=1)
    assert min(line.sent_at[-500:]) == pytest.approx(line.now - 500 / 60, abs=0.1)

    line.run(5, reports=False)
    assert line.run(10) == pytest.approx(60, abs=1)


def test_a_source_of_the_same_rate_loses_no_frame() -> None:
    """A frame that comes a little early is sent, and not left for the next one."""
    line = Line(60, source=59)

    assert line.run(3) >= 58


def test_frames_are_evenly_spaced() -> None:
    """No frame is late by more than one of the source, once the line is known."""
    line = Line(30)
    line.run(1)
    line.sent_at.clear()
    line.run(5)

    gaps = [b - a for a, b in zip(line.sent_at, line.sent_at[1:], strict=False)]
    assert max(gaps) < 0.051


def test_without_reports_the_rate_goes_down_and_never_ends() -> None:
    """A busy kernel hears nothing, and goes on slowly; a report brings it back."""
    line = Line(30)
    line.run(1)

    assert line.run(20, reports=False) == pytest.approx(LOWEST_RATE, abs=1)
    assert line.run(600, reports=False) == pytest.approx(LOWEST_RATE, abs=1)
    assert line.run(10) == pytest.approx(30, abs=1)


def test_a_rate_below_the_least_is_kept() -> None:
    """Who asks for one frame a second gets no more."""
    assert Line(1).run(30, reports=False) == 1


def test_a_line_with_a_long_way_gets_what_was_asked_for() -> None:
    """Half a second to the other side of the world costs neither rate nor quality."""
    line = Line(30, latency=0.5)

    assert line.run(60) == pytest.approx(30, abs=1)
    assert line.pacing.quality == HIGHEST_QUALITY


def test_a_slow_line_costs_quality_and_frames_and_stays_prompt() -> None:
    """Frames do not pile up for long, and the line is used."""
    line = Line(30, capacity=24)
    line.run(30)

    delays = []
    for _ in range(60):
        line.run(1)
        delays.append(line.pacing.delay)
    assert sorted(delays)[54] < 0.5
    assert LOWEST_QUALITY <= line.pacing.quality < HIGHEST_QUALITY
    assert line.run(1) > 15


def test_few_frames_are_under_way_before_the_first_report() -> None:
    """Who has a slow line does not begin with seconds of pictures in it."""
    line = Line(30)

    assert line.run(1, reports=False) <= 15 + LOWEST_RATE


def test_a_line_that_is_slow_from_the_start_is_not_filled() -> None:
    """Only so much is under way as it is known to take."""
    line = Line(30, capacity=5, latency=0.08)

    delays = []
    for _ in range(10):
        line.run(1)
        delays.append(line.pacing.delay)

    assert max(delays) < 1.5


def test_what_has_piled_up_drains_away() -> None:
    """A line that becomes slow is prompt again within seconds."""
    line = Line(30)
    line.run(5)
    line.capacity = 4
    line.run(10)

    assert line.pacing.delay < 1


def test_a_line_that_is_too_slow_gets_the_least() -> None:
    """Five small frames a second, and not none."""
    line = Line(30, capacity=2)
    line.run(30)

    assert line.pacing.quality == LOWEST_QUALITY
    assert line.pacing.rate == LOWEST_RATE


def test_a_slow_browser_costs_frames_only() -> None:
    """A browser that drops most frames gets fewer, as good as before."""
    line = Line(60, drawn=10)
    line.run(5)

    assert 5 <= line.pacing.rate < 35
    assert line.pacing.quality == HIGHEST_QUALITY


def test_the_delay_is_measured() -> None:
    """From sending to drawing, whatever the time of the report."""
    line = Line(30, latency=0.08)
    line.run(3)

    assert line.pacing.delay == pytest.approx(0.08, abs=0.005)


def test_a_report_of_a_frame_that_was_never_sent_changes_nothing() -> None:
    """A browser can report anything."""
    pacing = Pacing(30, 0.0)
    pacing.send(0.0)

    pacing.report(Report(shown=7, age=0.0, drawn=0, dropped=100, within=0.2), 1.0)

    assert (pacing.rate, pacing.quality, pacing.delay) == (30, HIGHEST_QUALITY, 0.0)


def test_old_frames_are_forgotten() -> None:
    """What a browser never reports takes no memory."""
    pacing = Pacing(30, 0.0)
    for number in range(1000):
        pacing.send(number / 30)

    assert len(pacing._sent_at) < 300
