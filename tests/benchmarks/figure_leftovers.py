"""What is left of a login that has ended: threads, sockets and descriptors."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench import BY_NAME, usage
from dialects import CODE_PATTERN
from peers import OURS, PEERS
from table import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench import Bench, Usage
    from dialects import Grant
    from kernel import Kernel
    from peers import Peer

    End = Callable[[Kernel, Grant], object]

TITLE = "Left after the end: threads, sockets, descriptors"
_NOTHING = "0, 0, 0"
_LIFETIME = 3.0
# It keeps a pipe for each thread that displays, and closes those of ended threads.
_IPYKERNEL_TIDIES_AFTER = 11.0


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
    with ExitStack() as stack:
        ended = []
        for how, end in endings.items():
            bench.codes(interval=1, lifetime=_LIFETIME if how == "expired" else 1800)
            kernel = stack.enter_context(bench.kernel())
            ended.append(
                (how, OURS, kernel, _log_in(bench, BY_NAME[OURS], kernel, end))
            )
        for peer in PEERS:
            if peer.name != OURS:
                kernel = stack.enter_context(bench.kernel(peer))
                before = _log_in(bench, peer, kernel, _approve)
                ended.append(("approved", peer.name, kernel, before))
        time.sleep(_IPYKERNEL_TIDIES_AFTER)
        for how, name, kernel, before in ended:
            left = _difference(before, usage(kernel))
            ours = name == OURS
            judged = (_NOTHING, left == _NOTHING) if ours else ("", None)
            rows.append(Row(how, name, left, *judged))
    return rows


def _approve(_: Kernel, grant: Grant) -> None:
    grant.approve()


def _log_in(bench: Bench, peer: Peer, kernel: Kernel, end: End) -> Usage:
    """Log in and let that end; returns what was used before."""
    kernel.run(peer.load)
    time.sleep(0.5)
    before = usage(kernel)
    cell = kernel.start(peer.cell(bench.stub))
    _, code = kernel.wait_for_text(CODE_PATTERN)
    end(kernel, bench.stub.grants[code])
    kernel.ended(cell)
    if peer.name == OURS:
        kernel.run("login.exception()")
    return before


def _difference(before: Usage, after: Usage) -> str:
    return ", ".join(
        str(getattr(after, name) - getattr(before, name))
        for name in ("threads", "sockets", "descriptors")
    )
