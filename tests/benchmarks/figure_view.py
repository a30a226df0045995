"""The live view in JupyterLab and Chromium, beside jupyter_rfb and `Image.value`.

Server, kernel, Chromium and the host's frames share the machine's cores. All but the
1080p stream show the picture of the simulated host, which sends 60 frames a second; the
others show thirty arrays of it by turns, so that they need no connection. The 1080p
stream is that of the stand-in library, a flat picture.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import environments
from table import Row, spread

if TYPE_CHECKING:
    from bench import Bench

TITLE = "The live view in JupyterLab and Chromium on the same cores"
_ENVIRONMENT = "view"
_REQUIREMENTS = (
    *("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "numpy", "simplejpeg"),
    *("opencv-python-headless", "jupyter_rfb", "playwright", "psutil", "requests"),
)
_SECONDS = 8
_ROUNDS = 3
_TESTS = Path(__file__).parents[1]
# What runs, in each round by turns: who, frames a second asked for, and the condition.
_RUNS = (
    ("parsec_nb 720p", 30, ""),
    ("parsec_nb 720p", 60, ""),
    ("jupyter_rfb 720p", 60, ""),
    ("Image.value 720p", 60, ""),
    ("parsec_nb 1080p", 30, ""),
    ("parsec_nb 720p", 30, "busy"),
    ("jupyter_rfb 720p", 60, "busy"),
    ("Image.value 720p", 30, "busy"),
    ("parsec_nb 720p", 30, "slow page"),
    ("jupyter_rfb 720p", 30, "slow page"),
    ("Image.value 720p", 30, "slow page"),
    ("parsec_nb 720p", 30, "slow line"),
    ("jupyter_rfb 720p", 30, "slow line"),
)
_CONDITIONS = {
    "": "",
    "busy": ", while a cell computes",
    "slow page": ", page on a processor four times as slow",
    "slow line": ", over 2 Mbit/s and 80 ms",
}
# The goals by run: a number of a figure, and whether it is the most.
_GOALS = {
    ("parsec_nb 720p", 30, ""): {
        "fps": (29, False),
        "gap": (55, True),
        "core": (0.15, True),
        "median": (25, True),
        "p95": (60, True),
        "click": (40, True),
    },
    ("parsec_nb 720p", 60, ""): {"fps": (45, False)},
    ("parsec_nb 720p", 30, "busy"): {"fps": (15, False)},
}
# With `--long`: ten minutes, and how much more memory than after two there may be.
_LONG_SECONDS = 600
_GROWTH = 1.1
_FIGURES = {
    "fps": ("frames drawn a second", "", 1),
    "gap": ("p95 of the gaps between frames", "ms", 0),
    "median": ("sent → drawn, median", "ms", 0),
    "p95": ("sent → drawn, p95", "ms", 0),
    "core": ("the kernel's share of a core", "", 2),
    "click": ("click → message to the SDK, p95", "ms", 0),
}


def measure(bench: Bench) -> list[Row]:
    """Let each stream run, round by round."""
    environments.make(_ENVIRONMENT, _REQUIREMENTS)
    environments.install(_ENVIRONMENT, bench.wheel)
    samples: dict[tuple[str, int, str], list[dict[str, float]]] = {}
    for _ in range(bench.rounds(_ROUNDS)):
        for run in _RUNS:
            samples.setdefault(run, []).append(_figures(_watch(*run)))
    rows = []
    for run, rounds in samples.items():
        name, fps, condition = run
        for figure, (what, unit, digits) in _FIGURES.items():
            values = [one[figure] for one in rounds if figure in one]
            # The one that computes is the cell, not the view.
            if not values or (condition == "busy" and figure == "core"):
                continue
            value = spread(values, unit, digits)
            shown = f"{fps} fps asked{_CONDITIONS[condition]}: {what}"
            goal = _GOALS.get(run, {}).get(figure)
            if goal is None:
                rows.append(Row(shown, name, value))
                continue
            number, is_most = goal
            middle = statistics.median(values)
            met = middle <= number if is_most else middle >= number
            target = f"{'≤' if is_most else '≥'} {number:g} {unit}".strip()
            rows.append(Row(shown, name, value, target, met))
    return rows + (_memory() if bench.long else [])


def _memory() -> list[Row]:
    """Watch the memory of ten minutes, every two."""
    rows = []
    found = _watch("parsec_nb 720p", 30, "memory", _LONG_SECONDS)
    for process, sizes in found.items():
        most = _GROWTH * sizes[1]
        rows.append(
            Row(
                f"memory of the {process} at 0, 2, ... 10 minutes",
                "parsec_nb 720p",
                ", ".join(f"{size / 2**20:.0f}" for size in sizes) + " MiB",
                f"≤ {_GROWTH:g} of that at 2",
                max(sizes[1:]) <= most,
            )
        )
    return rows


def _watch(
    name: str, fps: int, condition: str, seconds: int = _SECONDS
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = os.pathsep.join(map(str, (_TESTS, _TESTS / "benchmarks")))
        command = [
            *(environments.python(_ENVIRONMENT), "view_page.py", name),
            *(str(fps), str(seconds), condition, folder),
        ]
        output = subprocess.check_output(
            command, env=os.environ | {"PYTHONPATH": path}, text=True
        )
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def _figures(seen: dict[str, Any]) -> dict[str, float]:
    times = [at for at, _ in seen["drawn"]]
    gaps = [after - before for before, after in pairwise(times)]
    found = {
        "fps": len(times) / seen["seconds"],
        "gap": _p95(gaps),
        "core": seen["cpu"],
    }
    sent = seen.get("sent", {})
    delays = [at - sent[str(n)] for at, n in seen["drawn"] if str(n) in sent]
    if delays:
        found |= {"median": statistics.median(delays), "p95": _p95(delays)}
    arrived = seen.get("clicked", [])
    waits = [
        min((at - pressed for at in arrived if at >= pressed), default=float("inf"))
        for pressed in seen["pressed"]
    ]
    if arrived and waits:
        found["click"] = _p95(waits)
    return found


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)] if values else float("nan")
