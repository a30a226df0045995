"""Prints what users see in each row, and how it ends.

`python -m network.hostile [TEXT…]`, in the folder `tests`, runs all rows, or those
with one of the texts in their name.
"""

from __future__ import annotations

import re
import sys
import textwrap
import time
from typing import TYPE_CHECKING

from network.hostile.faults import faults
from network.hostile.rows import SECTIONS
from network.hostile.world import live

if TYPE_CHECKING:
    from network.hostile.world import World

SHOWN_REQUESTS = 6


def main(texts: list[str]) -> int:
    """Run the rows, print what was seen, and return 1 if one failed."""
    run = failed = 0
    started = time.monotonic()
    for title, rows in SECTIONS.items():
        chosen = [row for row in rows if not texts or any(t in row.name for t in texts)]
        if chosen:
            print(f"\n{title}\n{'=' * len(title)}")
        for row in chosen:
            world = live(row)
            found = faults(world)
            run, failed = run + 1, failed + bool(found)
            print(f"\n{'FAILED' if found else 'ok':6} {row.name}")
            show("user", " | ".join(seen(world)))
            show("end", ending(world))
            for fault in found:
                show("wrong", fault)
    print(f"\n{run} rows, {failed} failed, {time.monotonic() - started:.0f} s")
    return min(failed, 1)


def show(label: str, text: str) -> None:
    """Print a text below a row's name."""
    indent = " " * 14
    first = f"{label:>12}  "
    print(
        textwrap.fill(text[:1000], 100, initial_indent=first, subsequent_indent=indent)
    )


def seen(world: World) -> list[str]:
    """Return what the user saw, without the minutes that only pass."""
    sentences: list[str] = []
    for sentence in [*world.sentences] or [str(world.error)]:
        minutes = re.compile(r"\d+ more minutes?")
        if not sentences or minutes.sub("", sentence) != minutes.sub("", sentences[-1]):
            sentences.append(sentence)
    return sentences


def ending(world: World) -> str:
    """Return how a login ended, and when it sent requests."""
    requested_at = world.requested_at
    times = ", ".join(f"{at:g}" for at in requested_at[:SHOWN_REQUESTS])
    more = ", …" if len(requested_at) > SHOWN_REQUESTS else ""
    error = f" ({type(world.error).__name__})" if world.error else ""
    return (
        f"{world.status}{error} after {world.clock.now:g} s; "
        f"{len(requested_at)} requests, at {times or 'no time'}{more}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
