"""From the call to the card and to the code, in a fresh kernel and after that.

CPU times, of the calling thread and of the whole process, tell what the call does
even on a machine that others keep busy.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import TYPE_CHECKING

from bench import BY_NAME, timed
from dialects import CODE_PATTERN
from peers import OURS, PEERS
from table import Row, milliseconds

if TYPE_CHECKING:
    from bench import Bench
    from kernel import Kernel, Message
    from peers import Peer

TITLE = "The first call in a kernel, and the second"
_ROUNDS = 5
_WIDGET = "application/vnd.jupyter.widget-view+json"
_FIRST_CARD, _SECOND_CALL, _CODE = 0.050, 0.020, 0.100

_SPENT = "time.process_time() - spent"

Samples = dict[str, list[float]]


def measure(bench: Bench) -> list[Row]:
    """Time fresh kernels of everybody, one after the other, round by round."""
    # The peers' cells end only after the next poll; no figure here waits for one.
    bench.codes(interval=1)
    samples: Samples = defaultdict(list)
    for number in range(bench.rounds(_ROUNDS)):
        turn = number % len(PEERS)
        for peer in PEERS[turn:] + PEERS[:turn]:
            if peer.name == OURS:
                _baselines(bench, samples)
                _ours(bench, samples)
            for scheme in peer.schemes:
                _first_code(bench, peer, scheme, samples)
    return _rows(samples)


def _baselines(bench: Bench, samples: Samples) -> None:
    with bench.kernel() as kernel:
        samples["ipywidgets"].append(_took(kernel, "import ipywidgets"))
        samples["ipywidgets worked"].append(kernel.value("worked"))
    post = f"requests.post('{bench.stub.https}/auth/codes', json={{'game_id': 'x'}})"
    with bench.kernel() as kernel:
        loaded = _took(kernel, "import requests")
        spent = kernel.value(_SPENT)
        samples["post"].append(loaded + _took(kernel, post))
        samples["post spent"].append(spent + kernel.value(_SPENT))
        samples["post again"].append(_took(kernel, post))


def _ours(bench: Bench, samples: Samples) -> None:
    peer = BY_NAME[OURS]
    with bench.kernel() as kernel:
        loaded = _took(kernel, peer.load)
        spent = kernel.value(_SPENT)
        for name, call in (
            ("first", peer.cell(bench.stub)),
            ("second", "login = parsec_nb.login('benchmark', fresh=True)"),
        ):
            since = len(kernel.messages)
            cell = kernel.start(timed(call))
            kernel.ended(cell)
            began = kernel.value("began")
            card = kernel.wait_for(_is_card, since=since)
            widgets = kernel.wait_for(_has_widgets, since=since)
            code, _ = kernel.wait_for_text(CODE_PATTERN, since)
            spent += kernel.value(_SPENT)
            samples[f"{name} spent"].append(spent)
            samples[f"{name} worked"].append(kernel.value("worked"))
            samples[f"{name} returned"].append(kernel.value("returned") - began)
            samples[f"{name} card"].append(card.at - began)
            samples[f"{name} widgets"].append(widgets.at - began)
            samples[f"{name} code"].append(code.at - began)
        since = len(kernel.messages)
        kernel.run(timed("parsec_nb.login('benchmark')"))
        began = kernel.value("began")
        shown = kernel.wait_for(_is_card, since=since)
        samples["again card"].append(shown.at - began)
        samples[OURS].append(loaded + samples["first code"][-1])


def _first_code(bench: Bench, peer: Peer, scheme: str, samples: Samples) -> None:
    with bench.kernel(peer, scheme) as kernel:
        kernel.run("import time")
        since = len(kernel.messages)
        cell = f"{peer.load}\n{peer.cell(bench.stub)}"
        kernel.start(f"began = time.monotonic()\n{cell}")
        code, match = kernel.wait_for_text(CODE_PATTERN, since)
        bench.stub.grants[match].approve()
        # A cell may block until then; only now can the kernel tell when it began.
        taken = code.at - kernel.value("began")
        samples[f"{peer.name} over {scheme}"].append(taken)


def _is_card(message: Message) -> bool:
    return message.kind == "display_data"


def _has_widgets(message: Message) -> bool:
    return _WIDGET in message.content.get("data", ())


def _took(kernel: Kernel, code: str) -> float:
    kernel.run(timed(code))
    took: float = kernel.value("returned - began")
    return took


def _rows(samples: Samples) -> list[Row]:
    middle = {name: statistics.median(values) for name, values in samples.items()}
    card_by = middle["ipywidgets"] + _FIRST_CARD
    work_by = middle["ipywidgets worked"] + _FIRST_CARD
    spent_by = middle["post spent"] + _CODE
    code_by = middle["post"] + _CODE
    again_by = middle["post again"] + _CODE

    def row(what: str, name: str, by: float) -> Row:
        target = f"≤ {1000 * by:.0f} ms"
        return Row(what, OURS, milliseconds(samples[name]), target, middle[name] <= by)

    def plain(what: str, who: str, name: str) -> Row:
        return Row(what, who, milliseconds(samples[name]))

    return [
        plain("`import ipywidgets`", "the same kernel's", "ipywidgets"),
        row("first call to card (≤ that + 50 ms)", "first card", card_by),
        plain("first call to its widgets", OURS, "first widgets"),
        row("first call until it returns", "first returned", card_by),
        plain(
            "CPU time of `import ipywidgets`", "the same kernel's", "ipywidgets worked"
        ),
        row("CPU time of the first call in its thread", "first worked", work_by),
        row("second call to card", "second card", _SECOND_CALL),
        row("second call until it returns", "second returned", _SECOND_CALL),
        row("CPU time of the second call in its thread", "second worked", _SECOND_CALL),
        row("a pending login shown again", "again card", _SECOND_CALL),
        plain("`import requests`, one `requests.post`", "requests", "post"),
        row("import and first call to code (≤ that + 100 ms)", OURS, code_by),
        plain("CPU time of that, in all threads", "requests", "post spent"),
        row("CPU time until the code is shown, in all", "first spent", spent_by),
        *(
            plain(f"the two in one cell, over {scheme}", peer.name, name)
            for scheme in ("https", "http")
            for peer in PEERS
            if (name := f"{peer.name} over {scheme}") in samples
        ),
        plain("a second `requests.post`", "requests", "post again"),
        row("second call to code (≤ that + 100 ms)", "second code", again_by),
    ]
