"""Figures as a Markdown table: medians with their spread, beside what to reach."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        what: The figure.
        who: Whose figure it is.
        value: The figure itself, in words.
        target: What there is to reach, if anything.
        met: Whether that is reached.
    """

    what: str
    who: str
    value: str
    target: str = ""
    met: bool | None = None


def spread(samples: Sequence[float], unit: str = "", digits: int = 1) -> str:
    """Return the median of *samples* with the least and the greatest."""
    low, middle, high = (
        f"{value:.{digits}f}"
        for value in (min(samples), statistics.median(samples), max(samples))
    )
    shown = middle if low == high else f"{middle} ({low} to {high})"
    return f"{shown} {unit}".strip()


def milliseconds(samples: Iterable[float]) -> str:
    """Return the spread of *samples*, in seconds, in milliseconds."""
    return spread([1000 * sample for sample in samples], "ms")


def markdown(title: str, rows: Iterable[Row]) -> str:
    """Return a table in Markdown."""
    lines = [
        f"### {title}",
        "",
        "| figure | who | median (min to max) | to reach | |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        verdict = {None: "", True: "yes", False: "**no**"}[row.met]
        lines.append(
            f"| {row.what} | {row.who} | {row.value} | {row.target} | {verdict} |"
        )
    return "\n".join(lines) + "\n"


def interleaved(
    rounds: int, contenders: Mapping[str, Callable[[], float]]
) -> dict[str, list[float]]:
    """Measure each contender once a round, another one first each time."""
    names = list(contenders)
    samples: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            samples[name].append(contenders[name]())
    return samples
