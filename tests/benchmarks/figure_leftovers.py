"""What is left of a login that has ended: threads, sockets and descriptors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench import BY_NAME, usage
from dialects import CODE_PATTERN
from peers import OURS, PEERS
from table import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench import Bench
    from dialects import Grant
    from kernel import Kernel
    from peers import Peer

    End = Callable[[Kernel, Grant], object]

TITLE = "Left after the end: threads, sockets, descriptors"
_NOTHING = "0, 0, 0"
_LIFETIME = 3.0


def measure(bench: Bench) -> list[Row]:
    """Count before a kernel's first login, and after it has ended."""
    endings: dict[str, End] = {
        "approved": _approve,
        "denied": lambda _, grant: setattr(grant, "denied", True),
        "expired": lambda _, __: time.sleep(_LIFETIME),
        "cancelled": lambda kernel, _: kernel.run("login.cancel()"),
        "superseded, and that cancelled": lambda kernel, _: kernel.run(
            "parsec_nb.login('benchmark', fresh=True).cancel()"
        ),
    }
    rows = []
    for how, end in endings.items():
        bench.codes(interval=1, lifetime=_LIFETIME if how == "expired" else 1800)
        left = _left(bench, BY_NAME[OURS], end)
        rows.append(Row(how, OURS, left, _NOTHING, left == _NOTHING))
    others = [peer for peer in PEERS if peer.name != OURS]
    rows += [
        Row("approved", peer.name, _left(bench, peer, _approve)) for peer in others
    ]
    return rows


def _approve(_: Kernel, grant: Grant) -> None:
    grant.approve()


def _left(bench: Bench, peer: Peer, end: End) -> str:
    with bench.kernel(peer) as kernel:
        kernel.run(peer.load)
        time.sleep(1)
        before = usage(kernel)
        cell = kernel.start(peer.cell(bench.stub))
        _, code = kernel.wait_for_text(CODE_PATTERN)
        end(kernel, bench.stub.grants[code])
        kernel.ended(cell)
        if peer.name == OURS:
            kernel.run("login.exception()")
        time.sleep(1)
        after = usage(kernel)
    return (
        f"{after.threads - before.threads}, {after.sockets - before.sockets}, "
        f"{after.descriptors - before.descriptors}"
    )
