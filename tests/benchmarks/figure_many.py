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
_SECONDS = 10
# What is still called a straight line, from the least count to the greatest.
_STRAIGHT = 1.5


def measure(bench: Bench) -> list[Row]:
    """Look at a kernel without a login, then with many, for some polls."""
    bench.codes(interval=5)
    per_login = {count: _measured(bench, count) for count in _COUNTS}
    rows = []
    names = ("threads", "descriptors", "memory, kB", "CPU, ms a minute")
    for index, name in enumerate(names):
        values = [per_login[count][index] for count in _COUNTS]
        straight = values[-1] <= max(values[:-1]) * _STRAIGHT
        for count, value in zip(_COUNTS, values, strict=True):
            last = count == _COUNTS[-1]
            rows.append(
                Row(
                    f"{name}, for each of {count} logins",
                    "",
                    f"{value:.1f}",
                    f"≤ {_STRAIGHT} times that of fewer" if last else "",
                    straight if last else None,
                )
            )
    return rows


def _measured(bench: Bench, count: int) -> tuple[float, ...]:
    with bench.kernel() as kernel:
        _crowd(bench, kernel, 1)
        kernel.run("crowd.cancel()")
        idle = _cpu_seconds(kernel)
        before = usage(kernel)
        _crowd(bench, kernel, count)
        pending = usage(kernel)
        cpu = _cpu_seconds(kernel) - idle
        kernel.run("crowd.cancel()")
    return (
        (pending.threads - before.threads) / count,
        (pending.descriptors - before.descriptors) / count,
        (pending.memory - before.memory) / 1000 / count,
        cpu * 1000 * 60 / _SECONDS / count,
    )


def _crowd(bench: Bench, kernel: Kernel, count: int) -> None:
    kernel.run(f"from inside import Crowd\ncrowd = Crowd('{bench.stub.http}', {count})")
    while kernel.value("len(crowd.codes())") < count:
        time.sleep(0.2)


def _cpu_seconds(kernel: Kernel) -> float:
    before = usage(kernel)
    time.sleep(_SECONDS)
    return usage(kernel).cpu - before.cpu
