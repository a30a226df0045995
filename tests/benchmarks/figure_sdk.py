"""The SDK's layers between a library and numpy, on the stand-in of the tests.

They are parsec_nb's own: nothing of Parsec's SDK or service is measured.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import environments
from table import Row, milliseconds, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench import Bench

TITLE = "The SDK's layers, 1280 x 720 at 60 frames a second, on a stand-in"
_OURS = "parsec_nb.sdk"
_MOST_MS = {
    "numpy": ("`frame().array` with numpy", 13.0),
    "opencv": ("`frame().array` with OpenCV", 2.0),
    "jpeg": ("JPEG from the planes", 3.0),
    "returned": ("`connect()` returns", 20.0),
    "ready": ("worker ready after `connect()`", 150.0),
    "death": ("death of the worker to the exception", 100.0),
}
_FIRST = "the first `connect()` of a process, imports included"
_MOST_ARRIVAL_MS, _MOST_LATE_MS = 0.5, 3.0
_MOST_SHARE = 0.08


def measure(bench: Bench) -> list[Row]:
    """Measure in a process that has what the extra `sdk` brings."""
    measured = _measure(bench)
    arrival = [1000 * sample for sample in measured["arrival"]]
    late = statistics.quantiles(arrival, n=100)[98]
    middle, share = statistics.median(arrival), statistics.median(measured["share"])
    rows = [
        Row(
            "callback to a numpy view",
            _OURS,
            f"{middle:.2f} ms, p99 {late:.2f}, of {len(arrival)}",
            f"≤ {_MOST_ARRIVAL_MS} ms, p99 ≤ {_MOST_LATE_MS:g}",
            middle <= _MOST_ARRIVAL_MS and late <= _MOST_LATE_MS,
        ),
        Row(
            "worker, without a view",
            _OURS,
            spread(measured["share"], "cores", 3),
            f"≤ {_MOST_SHARE}",
            share <= _MOST_SHARE,
        ),
    ]
    for name, (what, most) in _MOST_MS.items():
        rows.append(_milliseconds(what, measured[name], most))
        if name == "jpeg":
            rows.append(
                Row(
                    "JPEG from RGB, planes converted with OpenCV",
                    "jupyter_rfb",
                    milliseconds(measured["rfb"]),
                )
            )
        if name == "returned":
            rows.append(Row(_FIRST, _OURS, milliseconds(measured["first"])))
    for how, left in measured["left"].items():
        rows.append(
            Row(
                f"left after {how}: processes, descriptors, threads, files",
                _OURS,
                ", ".join(map(str, left)),
                "0, 0, 0, 0",
                not any(left),
            )
        )
    return rows


def _milliseconds(what: str, samples: Sequence[float], most: float) -> Row:
    met = 1000 * statistics.median(samples) <= most
    return Row(what, _OURS, milliseconds(samples), f"≤ {most:g} ms", met)


def _measure(bench: Bench) -> dict[str, Any]:
    interpreter = environments.prepare_sdk(bench.wheel)
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        build = (
            "import sys, pathlib; from support.libparsec import build, build_openssl;"
            "folder = pathlib.Path(sys.argv[1]);"
            "print(build(folder)); print(build_openssl(folder))"
        )
        library, openssl = subprocess.check_output(
            [interpreter, "-c", build, folder],
            env=os.environ | {"PYTHONPATH": str(here.parent)},
            text=True,
        ).split()
        given = {"LIBRARY": library, "OPENSSL": openssl, "SCALE": str(bench.scale)}
        variables = {f"BENCH_{name}": value for name, value in given.items()}
        ran = subprocess.run(
            [interpreter, here / "inside_sdk.py"],
            env=os.environ | {"PYTHONPATH": str(here)} | variables,
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            check=True,
        )
    result: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return result
