"""Measures all figures, or those that are named, and prints them in Markdown."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from importlib import import_module

import environments
from bench import Bench
from peers import PEERS
from table import markdown

FIGURES = (
    "import",
    "first_call",
    "blocked",
    "approval",
    "half_hour",
    "many",
    "leftovers",
    "size",
    "view",
    "sdk",
)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=str(FIGURES))
    parser.add_argument("--long", action="store_true", help="five real minutes, too")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="times the usual number of rounds"
    )
    given = parser.parse_args()
    if unknown := set(given.figures) - set(FIGURES):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    bench = Bench(environments.prepare(), given.long, given.scale)
    _say(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load average "
        f"{os.getloadavg()[0]:.1f}. Every figure and its peers in one run, by turns.\n"
    )
    _say("| measured | version | pointed at the stub by |\n|---|---|---|")
    for peer in PEERS:
        _say(f"| {peer.name} | {environments.version(peer.name)} | {peer.reached} |")
    missed, judged = [], 0
    for name in given.figures or FIGURES:
        began = time.monotonic()
        figure = import_module(f"figure_{name}")
        rows = figure.measure(bench)
        _say("\n" + markdown(figure.TITLE, rows))
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        judged += sum(row.met is not None for row in rows)
        missed += [row for row in rows if row.met is False]
    _say(f"Reached {judged - len(missed)} of {judged}. Not reached:")
    for row in missed:
        _say(f"- {row.what}: {row.value}, to reach {row.target}")


def _say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main()
