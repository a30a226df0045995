"""How a login goes on: what each answer changes, and when to ask next.

Time comes in as numbers and answers as values, so this room knows no clock,
thread, HTTP or widget, and every path through it can be walked in a test without
waiting. It follows RFC 8628 §3.4 and §3.5, in Parsec's dialect: 202 is
`authorization_pending`, 401 stands for denied, invalid and expired alike, and the
code's own deadline tells them apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parsec_nb._answers import (
    Approved,
    CodeAnswer,
    CodeIssued,
    Inconclusive,
    PollAnswer,
    Refused,
    Rejected,
)
from parsec_nb._states import TRANSITIONS, Event, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._values import AuthCode, Grant
    from parsec_nb.errors import ParsecError

REQUESTING_SECONDS = 30.0
FIRST_RETRY_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
SLOW_DOWN_SECONDS = 5.0
_JITTER = 0.25


@dataclass(frozen=True)
class Moment:
    """One instant on both clocks, in seconds.

    A code's deadline is kept on both: the monotonic clock cannot be set, but
    stands still while a laptop sleeps; the wall clock is the other way round.
    """

    monotonic: float
    wall: float

    def after(self, seconds: float) -> Moment:
        """Return the moment *seconds* later."""
        return Moment(self.monotonic + seconds, self.wall + seconds)

    def until(self, later: Moment) -> float:
        """Return the seconds to *later*, by the clock that gets there first."""
        return min(later.monotonic - self.monotonic, later.wall - self.wall)


@dataclass(frozen=True)
class Trouble:
    """Why the last request settled nothing, and when the next one starts."""

    reason: str
    retry_in: float


class Flow:
    """The state of one login.

    Not thread safe; whoever holds it takes care of that.

    Args:
        jitter: Returns a number in [0, 1) for each backoff.
    """

    def __init__(self, jitter: Callable[[], float]) -> None:
        self.status = Status.NEEDS_GAME_ID
        self.auth_code: AuthCode | None = None
        self.grant: Grant | None = None
        self.error: ParsecError | None = None
        self.trouble: Trouble | None = None
        self._jitter = jitter
        self._failures = 0
        self._request_at = math.inf
        self._give_up_at = math.inf
        self._deadline = Moment(math.inf, math.inf)

    def begin(self, now: Moment) -> bool:
        """Start with a game_id; False if the login is past that."""
        return self._request_code(Event.BEGUN, now)

    def renew(self, now: Moment) -> bool:
        """Start over for a new code; False if there is nothing to renew."""
        return self._request_code(Event.RENEWED, now)

    def cancel(self) -> bool:
        """End the login; False if it has ended already."""
        return self._apply(Event.CANCELLED)

    @property
    def renewable(self) -> bool:
        """Whether a new code can be asked for."""
        return Event.RENEWED in TRANSITIONS[self.status]

    def take(self, grant: Grant) -> bool:
        """Take a session that was there before any code."""
        return self._apply(Event.GRANTED, grant=grant)

    def tick(self, now: Moment) -> bool:
        """Let time pass; True if that ended the login."""
        passed = self.status is Status.PENDING and now.until(self._deadline) <= 0
        return passed and self._apply(Event.DEADLINE)

    def request_due(self, now: Moment) -> bool:
        """Return whether the next request may start now."""
        if self.status is Status.PENDING and now.until(self._deadline) <= 0:
            return False
        return not self.status.ended and now.monotonic >= self._request_at

    def seconds_to_wait(self, now: Moment) -> float:
        """Return the seconds until the next request, deadline or shown minute."""
        to_request = self._request_at - now.monotonic
        if self.status is not Status.PENDING:
            return max(to_request, 0.0)
        left = now.until(self._deadline)
        return max(min(to_request, left, left % 60 or 60.0), 0.0)

    def minutes_left(self, now: Moment) -> int:
        """Return the minutes that the code is still good for, rounded up."""
        return max(math.ceil(now.until(self._deadline) / 60), 0)

    def receive(  # noqa: PLR0911 - one for each kind of answer
        self, answer: CodeAnswer | PollAnswer, now: Moment
    ) -> bool:
        """Take the answer to a request; True if that changed the status.

        One that comes after the end changes nothing at all.
        """
        if self.status.ended:
            return False
        if isinstance(answer, Inconclusive):
            return self._back_off(answer, now)
        self.trouble = None
        self._failures = 0
        if isinstance(answer, CodeIssued):
            return self._show_code(answer.auth_code, now)
        if isinstance(answer, Approved):
            return self._apply(Event.GRANTED, grant=answer.grant)
        if isinstance(answer, Rejected):
            return self._apply(Event.REJECTED, error=answer.error)
        if self.tick(now):
            return True
        if isinstance(answer, Refused):
            return self._apply(Event.REFUSED)
        self._request_at = now.monotonic + self._interval()
        return False

    def _request_code(self, event: Event, now: Moment) -> bool:
        if not self._apply(event):
            return False
        self.auth_code = None
        self.error = None
        self.trouble = None
        self._failures = 0
        self._request_at = now.monotonic
        self._give_up_at = now.monotonic + REQUESTING_SECONDS
        return True

    def _show_code(self, auth_code: AuthCode, now: Moment) -> bool:
        if not self._apply(Event.CODE_ISSUED):
            return False
        self.auth_code = auth_code
        self._deadline = now.after(auth_code.lifetime)
        self._request_at = now.monotonic + auth_code.interval
        return True

    def _back_off(self, answer: Inconclusive, now: Moment) -> bool:
        """Ask later, and ever later (RFC 8628 §3.5)."""
        if self.tick(now):
            return True
        delay = self._backoff_seconds(answer)
        self._failures += 1
        self._request_at = now.monotonic + delay
        requesting = self.status is Status.REQUESTING
        if requesting and self._request_at >= self._give_up_at:
            return self._apply(Event.REJECTED, error=answer.error)
        self.trouble = Trouble(answer.reason, delay)
        return False

    def _backoff_seconds(self, answer: Inconclusive) -> float:
        pause = self._interval()
        if answer.slow_down:
            told = answer.retry_after
            extra = SLOW_DOWN_SECONDS * (self._failures + 1)
            return pause + extra if told is None else max(told, pause)
        doubled = pause * 2.0 ** min(self._failures + 1, 30)
        backoff = max(min(doubled, LONGEST_BACKOFF_SECONDS), pause)
        backoff *= 1 + _JITTER * self._jitter()
        return max(backoff, answer.retry_after or 0.0)

    def _interval(self) -> float:
        return (
            FIRST_RETRY_SECONDS if self.auth_code is None else self.auth_code.interval
        )

    def _apply(
        self,
        event: Event,
        *,
        grant: Grant | None = None,
        error: ParsecError | None = None,
    ) -> bool:
        """Change the status by the table; the only place that does."""
        following = TRANSITIONS[self.status].get(event)
        if following is None:
            return False
        self.status = following
        self.grant = grant
        self.error = error
        if following.ended:
            self.trouble = None
            self.auth_code = None
        return True
