"""What a code costs that nobody approves: half an hour of it, and five real minutes.

Half an hour passes in half a minute by clocks that run faster, which `inside`
gives to the login and to its card; the requests are real. Beside each pending
kernel an idle one runs, whose CPU time is taken off, and one that only posts.
"""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import BY_NAME, usage
from dialects import CODE_PATTERN
from peers import OURS, PEERS
from table import Row, spread

if TYPE_CHECKING:
    from bench import Bench
    from kernel import Kernel
    from peers import Peer

TITLE = "A code that nobody approves"
_ROUNDS = 3
_FACTOR = 60
_LIFETIME, _INTERVAL = 1800, 5
_LONG = 300.0
_MESSAGES, _CPU, _MEMORY_MB = 40, 0.5, 1
_BARE = """
with requests.Session() as http:
    for _ in range({count}):
        http.post('{url}', json={{'game_id': 'x'}})
        time.sleep({pause})
"""
_NOISE = {"status", "execute_input"}


@dataclass
class Spent:
    """What one login took while it was pending."""

    requests: float
    connections: float
    messages: float
    cpu: float
    memory: float


def measure(bench: Bench) -> list[Row]:
    """Let codes expire by fast clocks; for long, everybody's by real ones."""
    what = f"half an hour in {_LIFETIME / _FACTOR:.0f} s"
    logins, posts = _half_hour(bench)
    rows = _judged(what, logins, share=1)
    rows.append(
        Row(f"{what}: CPU time of as many posts", "requests", spread(posts, "s", 2))
    )
    if bench.long:
        everybody = _five_minutes(bench)
        rows += _judged(
            "5 real minutes", [everybody.pop(OURS)], share=_LONG / _LIFETIME
        )
        for name, spent in everybody.items():
            rows += [Row(f"5 real minutes: {f}", name, v) for f, v in _told([spent])]
    return rows


def _half_hour(bench: Bench) -> tuple[list[Spent], list[float]]:
    """Return what logins spent, and the CPU seconds of as many bare requests."""
    bench.codes(interval=_INTERVAL, lifetime=_LIFETIME)
    hasten = f"import inside, parsec_nb\ninside.hasten({_FACTOR})"
    bare = _BARE.format(
        url=f"{bench.stub.https}/auth/codes",
        count=round(_LIFETIME / _INTERVAL),
        pause=_INTERVAL / _FACTOR,
    )
    with ExitStack() as stack:
        logins, posts, idle = (
            [stack.enter_context(bench.kernel()) for _ in range(bench.rounds(_ROUNDS))]
            for _ in range(3)
        )
        for kernel in logins:
            kernel.run(hasten)
        for kernel in posts:
            kernel.run("import requests, time")
        pending = [_Pending(bench, kernel, BY_NAME[OURS]) for kernel in logins]
        before = [usage(kernel).cpu for kernel in [*idle, *posts]]
        cells = [kernel.start(bare) for kernel in posts]
        for login in pending:
            login.kernel.wait_for_text("expired", login.seen)
        for kernel, cell in zip(posts, cells, strict=True):
            kernel.ended(cell)
        passed = [
            usage(kernel).cpu - then
            for kernel, then in zip([*idle, *posts], before, strict=True)
        ]
        base = statistics.median(passed[: len(idle)])
        spent = [login.spent(base) for login in pending]
        return spent, [seconds - base for seconds in passed[len(idle) :]]


def _five_minutes(bench: Bench) -> dict[str, Spent]:
    bench.codes(interval=_INTERVAL, lifetime=_LIFETIME)
    with ExitStack() as stack:
        kernels = [stack.enter_context(bench.kernel(peer)) for peer in PEERS]
        idle = stack.enter_context(bench.kernel())
        pending = []
        for peer, kernel in zip(PEERS, kernels, strict=True):
            kernel.run(peer.load)
            pending.append(_Pending(bench, kernel, peer))
        before = usage(idle)
        # openeo gives up by itself after five minutes.
        time.sleep(_LONG - 5)
        passed = usage(idle).cpu - before.cpu
        return {
            peer.name: login.spent(passed)
            for peer, login in zip(PEERS, pending, strict=True)
        }


class _Pending:
    """A login that has shown its code, and what its kernel had used by then."""

    def __init__(self, bench: Bench, kernel: Kernel, peer: Peer) -> None:
        self._since = len(kernel.messages)
        kernel.start(peer.cell(bench.stub))
        _, code = kernel.wait_for_text(CODE_PATTERN, self._since)
        time.sleep(0.3)
        self.kernel = kernel
        self.seen = len(kernel.messages)
        self._grant = bench.stub.grants[code]
        self._before = usage(kernel)

    def spent(self, idle_cpu: float) -> Spent:
        """Return what has been used since then."""
        now = usage(self.kernel)
        for message in self.kernel.messages[self._since :]:
            if message.kind == "error":
                raise RuntimeError(message.content["traceback"])
        sent = self.kernel.messages[self.seen :]
        return Spent(
            requests=len(self._grant.polled_at),
            connections=len(self._grant.connections),
            messages=sum(message.kind not in _NOISE for message in sent),
            cpu=max(now.cpu - self._before.cpu - idle_cpu, 0),
            memory=now.memory - self._before.memory,
        )


def _told(spent: list[Spent]) -> list[tuple[str, str]]:
    return [
        ("requests", spread([each.requests for each in spent], digits=0)),
        ("connections", spread([each.connections for each in spent], digits=0)),
        ("kernel messages", spread([each.messages for each in spent], digits=0)),
        ("CPU time", spread([each.cpu for each in spent], "s", 2)),
        ("more memory", spread([each.memory / 1e6 for each in spent], "MB", 2)),
    ]


def _judged(what: str, spent: list[Spent], *, share: float) -> list[Row]:
    targets = [
        (_LIFETIME / _INTERVAL * share, "", max(each.requests for each in spent)),
        (1, "", max(each.connections for each in spent)),
        (_MESSAGES, "", max(each.messages for each in spent)),
        (_CPU * share, " s", statistics.median(each.cpu for each in spent)),
        (_MEMORY_MB, " MB", statistics.median(each.memory / 1e6 for each in spent)),
    ]
    return [
        Row(f"{what}: {figure}", OURS, value, f"≤ {most:.3g}{unit}", reached <= most)
        for (figure, value), (most, unit, reached) in zip(
            _told(spent), targets, strict=True
        )
    ]
