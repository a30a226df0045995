"""How long a pending login keeps its cell, and every other cell, waiting."""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING

from dialects import CODE_PATTERN
from peers import OURS, PEERS
from table import Row, spread

if TYPE_CHECKING:
    from bench import Bench
    from kernel import Kernel

TITLE = "What waits while a code is pending (approved 6 to 11 s after it is shown)"
_ROUNDS = 3
_NOTICED = 0.1


def measure(bench: Bench) -> list[Row]:
    """Let everybody's code be approved at the same moment, round by round."""
    bench.codes(interval=5)
    chance = random.Random(8628)
    cell: dict[str, list[float]] = defaultdict(list)
    other: dict[str, list[float]] = defaultdict(list)
    for _ in range(bench.rounds(_ROUNDS)):
        with ExitStack() as stack:
            kernels = {
                peer.name: stack.enter_context(bench.kernel(peer)) for peer in PEERS
            }
            _round(bench, kernels, chance.uniform(6, 11), cell, other)
    rows = []
    for peer in PEERS:
        for what, samples in (("its own cell", cell), ("any other cell", other)):
            seconds = samples[peer.name]
            rows.append(
                Row(
                    f"{what} waits, once the code is shown",
                    peer.name,
                    spread(seconds, "s", 2),
                    "0 s" if peer.name == OURS else "",
                    statistics.median(seconds) < _NOTICED
                    if peer.name == OURS
                    else None,
                )
            )
    return rows


def _round(
    bench: Bench,
    kernels: dict[str, Kernel],
    pending: float,
    cell: dict[str, list[float]],
    other: dict[str, list[float]],
) -> None:
    for peer in PEERS:
        kernels[peer.name].run(peer.load)
    logins, others, shown, codes = {}, {}, {}, {}
    for peer in PEERS:
        kernel = kernels[peer.name]
        since = len(kernel.messages)
        logins[peer.name] = kernel.start(peer.cell(bench.stub))
        message, codes[peer.name] = kernel.wait_for_text(CODE_PATTERN, since)
        shown[peer.name] = message.at
        others[peer.name] = (kernel.start("1 + 1"), time.monotonic())
    time.sleep(pending)
    for code in codes.values():
        bench.stub.grants[code].approve()
    for peer in PEERS:
        kernel = kernels[peer.name]
        ended = kernel.ended(logins[peer.name])
        cell[peer.name].append(max(ended - shown[peer.name], 0))
        identity, began = others[peer.name]
        other[peer.name].append(kernel.ended(identity) - began)
