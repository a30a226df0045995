"""The benchmark of a shared simulator runs, with few clients."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "simulator_load.py"


def test_few_clients_are_measured() -> None:
    """Every login is answered as decided, with and without kept connections."""
    small = ("--clients", "20", "--interval", "0.2", "--rounds", "1", "--codes", "100")

    run = subprocess.run(
        [sys.executable, BENCHMARK, *small],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert run.stdout.count("every login answered as decided") == 2, run
    assert run.stdout.count("errors 0") == 8
    assert "100 codes requested" in run.stdout
