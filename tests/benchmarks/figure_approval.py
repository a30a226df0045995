"""From an approval to the variable: by chance within one interval, and none lost.

Twice: with the real interval of 5 s, in many logins at once; and with a short
interval, one login after the other, as `login()` starts them, with their cards.
"""

from __future__ import annotations

import random
import statistics
import time
from typing import TYPE_CHECKING

from bench import timed
from dialects import CODE_PATTERN
from table import Row, milliseconds, spread

if TYPE_CHECKING:
    from bench import Bench
    from kernel import Kernel

TITLE = "From approval to the variable bound"
_COUNT = 200
_REAL, _SHORT = 5.0, 0.25
_ALLOWED = 0.020
# Kolmogorov and Smirnov: 1 in 100 uniform samples is further off than this.
_CRITICAL = 1.63

_START = """
import time
stamps = []
login = parsec_nb.login('benchmark', fresh=True)
login.add_done_callback(lambda _: stamps.append(time.monotonic()))
"""


def measure(bench: Bench) -> list[Row]:
    """Approve codes at random moments and see when the variable is there."""
    chance = random.Random(8628)
    with bench.kernel() as other, bench.kernel() as kernel:
        other.run("import inside\nsleeper = inside.Sleeper()\nsleeper.start()")
        trip = _round_trip(bench, kernel)
        rows = [Row("one round trip", "requests, kept alive", milliseconds(trip))]
        once = statistics.median(trip)
        real, lost = _at_once(bench, kernel, chance)
        rows += _rows("interval 5 s, 200 at once", _REAL, real, lost, once)
        short, lost = _one_by_one(bench, kernel, chance)
        rows += _rows("interval 0.25 s, one by one", _SHORT, short, lost, once)
        overslept = other.value("sleeper.overslept")
    rows.append(
        Row(
            "overslept meanwhile, in naps of 10 ms",
            "another kernel, idle",
            milliseconds(overslept),
        )
    )
    return rows


def _round_trip(bench: Bench, kernel: Kernel) -> list[float]:
    kernel.run("import parsec_nb, requests\nhttp = requests.Session()")
    post = f"http.post('{bench.stub.https}/auth/codes', json={{'game_id': 'x'}})"
    kernel.run(post)
    samples = []
    for _ in range(20):
        kernel.run(timed(post))
        samples.append(kernel.value("returned - began"))
    return samples


def _at_once(
    bench: Bench, kernel: Kernel, chance: random.Random
) -> tuple[list[float], int]:
    bench.codes(interval=_REAL)
    count = bench.rounds(_COUNT)
    kernel.run(
        f"from inside import Crowd\ncrowd = Crowd('{bench.stub.https}', {count})"
    )
    while len(codes := kernel.value("crowd.codes()")) < count:
        time.sleep(0.1)
    # They poll in step, so the moments have to fill whole intervals.
    moments = sorted((chance.uniform(0, 2 * _REAL), code) for code in codes)
    began = time.monotonic()
    for moment, code in moments:
        time.sleep(max(began + moment - time.monotonic(), 0))
        bench.stub.grants[code].approve()
    time.sleep(_REAL + 2)
    bound_at = kernel.value("crowd.bound_at")
    held = kernel.value(f"[globals().get(f'session_{{n}}') for n in range({count})]")
    grants = [bench.stub.grants[code] for code in codes]
    lost = sum(
        grant.session_id != there for grant, there in zip(grants, held, strict=True)
    )
    delays = [
        bound - (grant.approved_at or 0)
        for grant, bound in zip(grants, bound_at, strict=True)
    ]
    return delays, lost


def _one_by_one(
    bench: Bench, kernel: Kernel, chance: random.Random
) -> tuple[list[float], int]:
    bench.codes(interval=_SHORT)
    kernel.run("import parsec_nb")
    delays, lost = [], 0
    for _ in range(bench.rounds(_COUNT)):
        since = len(kernel.messages)
        kernel.run(_START)
        _, code = kernel.wait_for_text(CODE_PATTERN, since)
        time.sleep(chance.uniform(0, 2 * _SHORT))
        grant = bench.stub.grants[code]
        approved = grant.approve()
        time.sleep(_SHORT + 0.05)
        while not (stamps := kernel.value("stamps")):
            time.sleep(0.05)
        delays.append(stamps[0] - approved)
        lost += kernel.value("session_id") != grant.session_id
    return delays, lost


def _rows(
    what: str, interval: float, delays: list[float], lost: int, trip: float
) -> list[Row]:
    most = interval + trip + _ALLOWED
    late = sum(delay > most for delay in delays)
    distance = _distance_from_uniform(delays, interval)
    critical = _CRITICAL / len(delays) ** 0.5
    return [
        Row(
            f"{what}: approval to variable",
            f"{len(delays)} approvals",
            spread(delays, "s", 3),
            f"≤ {most:.3f} s",
            max(delays) <= most,
        ),
        Row(f"{what}: later than that", "", str(late), "0", late == 0),
        Row(
            f"{what}: distance from uniform (Kolmogorov, Smirnov)",
            f"mean {statistics.mean(delays):.3f} s",
            f"{distance:.3f}",
            f"≤ {critical:.3f}",
            distance <= critical,
        ),
        Row(f"{what}: sessions lost", "", str(lost), "0", lost == 0),
    ]


def _distance_from_uniform(delays: list[float], interval: float) -> float:
    count = len(delays)
    ranked = enumerate(sorted(min(delay / interval, 1) for delay in delays))
    return max(max(x - n / count, (n + 1) / count - x) for n, x in ranked)
