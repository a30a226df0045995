"""What an import costs: a fresh process, beside one that does nothing."""

from __future__ import annotations

import statistics
import subprocess
import time
from typing import TYPE_CHECKING

from environments import python
from peers import OURS, PEERS
from table import Row, interleaved, spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench import Bench

TITLE = "Import, in a fresh process"
_ROUNDS = 15
_TARGET = 1.3


def measure(bench: Bench) -> list[Row]:
    """Time every import against `pass` in the same environment."""
    imports = [(peer.name, peer.load) for peer in PEERS]
    imports += [
        (OURS, "from parsec_nb import login"),
        (OURS, "import ipywidgets"),
        (OURS, "import requests"),
        ("huggingface_hub", "import huggingface_hub"),
    ]
    contenders: dict[str, Callable[[], float]] = {}
    for name, statement in imports:
        contenders[f"{name}: {statement}"] = _ratio(name, statement)
    for contender in contenders.values():
        contender()
    samples = interleaved(bench.rounds(_ROUNDS), contenders)
    rows = []
    for name, statement in imports:
        ratios = samples[f"{name}: {statement}"]
        ours = statement == f"import {OURS}"
        rows.append(
            Row(
                f"`{statement}` over `pass`",
                name,
                spread(ratios, "times", 2),
                f"≤ {_TARGET} times" if ours else "",
                statistics.median(ratios) <= _TARGET if ours else None,
            )
        )
    return rows


def _ratio(name: str, statement: str) -> Callable[[], float]:
    def measured() -> float:
        return _seconds(name, statement) / _seconds(name, "pass")

    return measured


def _seconds(name: str, statement: str) -> float:
    began = time.perf_counter()
    subprocess.run([python(name), "-c", statement], check=True)
    return time.perf_counter() - began
