"""Many logins pending in one process: what each one adds, for 10, 100 and 1,000."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench import usage
from table import Row

if TYPE_CHECKING:
    from bench import Bench
    from kernel import Kernel

TITLE = "Many logins pending in one process (interval 5 s, without cards)"
_COUNTS = (10, 100, 1000)
_TLS_COUNTS = (10, 100)
_SECONDS = 10
# What is still called a straight line, from the least count to the greatest.
_STRAIGHT = 1.5


def measure(bench: Bench) -> list[Row]:
    """Look at a kernel without a login, then with many, for some polls."""
    bench.codes(interval=5)
    return [
        *_lines("http", bench.stub.http, _COUNTS, bench),
        *_lines("https", bench.stub.https, _TLS_COUNTS, bench),
    ]


def _lines(scheme: str, url: str, counts: tuple[int, ...], bench: Bench) -> list[Row]:
    per_login = [_measured(bench, url, count) for count in counts]
    rows = []
    for index, what in enumerate(
        ("threads", "descriptors", "memory, kB", "CPU, ms a minute")
    ):
        values = [measured[index] for measured in per_login]
        straight = values[-1] <= max(values[:-1]) * _STRAIGHT
        rows.append(
            Row(
                f"{what}, for each login",
                f"{', '.join(map(str, counts))} logins, {scheme}",
                ", ".join(f"{value:.1f}" for value in values),
                f"the last ≤ {_STRAIGHT} times the others",
                straight,
            )
        )
    return rows


def _measured(bench: Bench, url: str, count: int) -> tuple[float, ...]:
    with bench.kernel() as kernel:
        _crowd(kernel, url, 1)
        kernel.run("crowd.cancel()")
        idle = _cpu_seconds(kernel)
        before = usage(kernel)
        _crowd(kernel, url, count)
        pending = usage(kernel)
        cpu = _cpu_seconds(kernel) - idle
        kernel.run("crowd.cancel()")
    return (
        (pending.threads - before.threads) / count,
        (pending.descriptors - before.descriptors) / count,
        (pending.memory - before.memory) / 1000 / count,
        cpu * 1000 * 60 / _SECONDS / count,
    )


def _crowd(kernel: Kernel, url: str, count: int) -> None:
    kernel.run(f"from inside import Crowd\ncrowd = Crowd('{url}', {count})")
    while kernel.value("len(crowd.codes())") < count:
        time.sleep(0.2)


def _cpu_seconds(kernel: Kernel) -> float:
    before = usage(kernel).cpu
    time.sleep(_SECONDS)
    return usage(kernel).cpu - before
