"""A login in a hostile world: every row of the table, each a test.

`python tests/test_hostile_world.py [WORD…]` lives through all rows, or those with
a WORD in their name, and prints what the server did, what the user saw, and how
it ended.
"""

from __future__ import annotations

import re
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest
from hostile_faults import faults
from hostile_rows import SECTIONS
from hostile_world import live

if TYPE_CHECKING:
    from hostile_world import Row, World

ROWS = [row for rows in SECTIONS.values() for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_login_in_a_hostile_world(row: Row) -> None:
    """It ends as it must, says so, asks no sooner than allowed, and leaks nothing."""
    assert faults(live(row)) == []


def test_every_row_has_a_name_of_its_own() -> None:
    """A row can be asked for by its name."""
    assert len({row.name for row in ROWS}) == len(ROWS)


def main(words: list[str]) -> int:
    """Live through the rows, print what was seen, and return how many went wrong."""
    bad = 0
    started = time.monotonic()
    for title, rows in SECTIONS.items():
        chosen = [row for row in rows if not words or any(w in row.name for w in words)]
        if chosen:
            print(f"\n{title}\n{'=' * len(title)}")
        for row in chosen:
            world = live(row)
            found = faults(world)
            bad += bool(found)
            print(f"\n{'FAILED' if found else 'ok':6} {row.name}")
            for label, text in (
                ("server", row.does),
                ("user", " | ".join(seen(world))),
                ("end", ending(world)),
                *(("wrong", fault) for fault in found),
            ):
                print(
                    textwrap.fill(
                        text[:1000],
                        100,
                        initial_indent=f"       {label:7}",
                        subsequent_indent=" " * 14,
                    )
                )
    print(f"\n{len(ROWS)} rows, {bad} failed, {time.monotonic() - started:.0f} s")
    return min(bad, 1)


def seen(world: World) -> list[str]:
    """Return what the user saw, without the minutes that only pass."""
    sentences: list[str] = []
    for sentence in [*world.sentences] or [str(world.error)]:
        minutes = re.compile(r"\d+ more minutes?")
        if not sentences or minutes.sub("", sentence) != minutes.sub("", sentences[-1]):
            sentences.append(sentence)
    return sentences


def ending(world: World) -> str:
    """Return how a login ended, and when it asked."""
    asked = ", ".join(f"{moment:g}" for moment in world.asked[:6])
    more = ", …" if len(world.asked) > 6 else ""
    error = f" ({type(world.error).__name__})" if world.error else ""
    return (
        f"{world.status}{error} after {world.clock.now:g} s; "
        f"{len(world.asked)} requests, at {asked or 'no time'}{more}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
