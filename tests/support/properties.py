"""Results and clocks for property tests, and when a client may send requests."""

from __future__ import annotations

import math

from hypothesis import settings
from hypothesis import strategies as st

from parsec_nb._api.models import (
    Approved,
    AuthCode,
    Denied,
    Pending,
    TransientFailure,
)
from parsec_nb._auth.flow import FIRST_RETRY_SECONDS, SLOW_DOWN_SECONDS, Instant, Status
from parsec_nb.errors import APIError, UnreachableError
from support.builders import session

ASKING = {Status.REQUESTING, Status.PENDING}
# Float sums of clock readings around 1e9 are good to less than this.
ROUNDING = 1e-5

# Most are short, or every code would expire before its first poll.
durations = st.sampled_from([*(0.0, 0.1, 1.0, 4.9, 5.0, 5.1) * 2, 61.0, 1799.0, 3600.0])
clock_moves = st.sampled_from(["both", "both", "wall", "wall, back"])
transient = st.builds(
    TransientFailure,
    st.just("no response"),
    st.just(UnreachableError("no response")),
    st.sampled_from([None, 0.0, 3.0, 120.0, 1e9]),
    st.booleans(),
)
fatal = st.just(APIError("no"))
sessions = st.integers(0, 10**9).map(lambda n: session(id=f"{n:064}"))
approvals = st.builds(Approved, sessions)
poll_results = st.one_of(
    *(st.just(Pending()), st.just(Pending()), transient),
    *(approvals, st.just(Denied()), fatal),
)

FIXED = settings(stateful_step_count=40, deadline=None, derandomize=True, database=None)


class Clocks:
    """Two clocks that the test moves, together and apart."""

    def __init__(self) -> None:
        self.now = Instant(monotonic=1000.0, wall=1.7e9)

    def both(self, seconds: float) -> None:
        """Let time pass."""
        self.now = self.now.after(seconds)

    def move(self, seconds: float, clock: str) -> None:
        """Let time pass, or sleep while one clock stands still, or set the other."""
        monotonic = seconds if clock == "both" else 0
        wall = -seconds if clock == "wall, back" else seconds
        self.now = Instant(self.now.monotonic + monotonic, self.now.wall + wall)


class RequestRules:
    """When a client may send requests, worked out anew from what it received."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self.start_over()

    def start_over(self) -> None:
        """Forget the code."""
        self._not_before = -math.inf
        self._deadline: Instant | None = None
        self._interval = FIRST_RETRY_SECONDS

    def check_request(self) -> None:
        """Fail if no request may start now."""
        assert self._clocks.now.monotonic >= self._not_before - ROUNDING
        assert self.seconds_left > 0

    @property
    def seconds_left(self) -> float:
        """The seconds until the code's deadline, by the clock that is first."""
        if self._deadline is None:
            return math.inf
        now, deadline = self._clocks.now, self._deadline
        return min(deadline.monotonic - now.monotonic, deadline.wall - now.wall)

    def receive(self, result: object) -> None:
        """Work out when the next request may start."""
        now = self._clocks.now
        if isinstance(result, AuthCode):
            self._interval = result.interval
            self._deadline = now.after(result.lifetime)
        pause = self._interval
        if isinstance(result, TransientFailure):
            if not result.slow_down:
                pause = max(pause, min(2 * pause, 60))
            elif result.retry_after is None:
                pause += SLOW_DOWN_SECONDS
            pause = max(pause, result.retry_after or 0)
        self._not_before = now.monotonic + pause
