"""The device authorization flow: what each result changes, and when to ask next.

Pure: time comes in as numbers and responses as results, so that tests reach every
path without waiting. It follows RFC 8628 §3.4 and §3.5 in Parsec's variant: 202 is
`authorization_pending`; 401 means denied, invalid or expired, and the code's deadline
tells which.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from parsec_nb._api import models
from parsec_nb._auth import messages
from parsec_nb.errors import (
    LoginCancelledError,
    LoginDeniedError,
    LoginError,
    LoginExpiredError,
    ParsecError,
)

REQUESTING_SECONDS = 30.0
FIRST_RETRY_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
SLOW_DOWN_SECONDS = 5.0
_JITTER = 0.25


class Status(str, Enum):
    """The status of a login.

    Attributes:
        NEEDS_GAME_ID: The card asks for a game_id.
        REQUESTING: Parsec was asked for a code.
        PENDING: The code waits for its approval.
        APPROVED: There is a session.
        DENIED: Parsec did not accept the code.
        EXPIRED: The code expired before it was approved.
        FAILED: Parsec refused, or could not be reached.
        CANCELLED: The user, or a newer login, ended it.

    Example:
        >>> pending.status, pending.status.ended
        (<Status.PENDING: 'pending'>, False)
        >>> Status.PENDING == "pending"
        True
    """

    NEEDS_GAME_ID = "needs_game_id"
    REQUESTING = "requesting"
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELLED = "cancelled"

    __str__ = str.__str__

    @property
    def ended(self) -> bool:
        """Whether nothing more happens unless the user asks for a new code."""
        return self not in _GOING_ON


class Event(Enum):
    """What can happen to a login."""

    BEGIN = "a game_id or a session is there"
    ISSUE = "Parsec issued a code"
    APPROVE = "Parsec, the keyring or the environment gave a session"
    DENY = "Parsec responded with 401 before the deadline"
    EXPIRE = "the deadline passed"
    FAIL = "Parsec refused, or issued no code within 30 s"
    CANCEL = "the user, or a newer login, ended it"
    RENEW = "the user asked for a new code"


_GOING_ON = {Status.NEEDS_GAME_ID, Status.REQUESTING, Status.PENDING}

# An event that is not listed for a status changes nothing: a late response cannot
# revive a cancelled login, and an approved login is final.
TRANSITIONS: Mapping[Status, Mapping[Event, Status]] = {
    Status.NEEDS_GAME_ID: {
        Event.BEGIN: Status.REQUESTING,
        Event.CANCEL: Status.CANCELLED,
    },
    Status.REQUESTING: {
        Event.ISSUE: Status.PENDING,
        Event.APPROVE: Status.APPROVED,
        Event.FAIL: Status.FAILED,
        Event.CANCEL: Status.CANCELLED,
    },
    Status.PENDING: {
        Event.APPROVE: Status.APPROVED,
        Event.DENY: Status.DENIED,
        Event.EXPIRE: Status.EXPIRED,
        Event.FAIL: Status.FAILED,
        Event.CANCEL: Status.CANCELLED,
        Event.RENEW: Status.REQUESTING,
    },
    Status.APPROVED: {},
    Status.DENIED: {Event.RENEW: Status.REQUESTING},
    Status.EXPIRED: {Event.RENEW: Status.REQUESTING},
    Status.FAILED: {Event.RENEW: Status.REQUESTING},
    Status.CANCELLED: {Event.RENEW: Status.REQUESTING},
}


@dataclass(frozen=True)
class Instant:
    """One instant on both clocks, in seconds.

    The monotonic clock cannot be set, but stands still while a laptop sleeps; the
    wall clock is the other way round. So a deadline is kept on both.
    """

    monotonic: float
    wall: float

    @classmethod
    def now(cls) -> Instant:
        """Return the present instant."""
        return cls(time.monotonic(), time.time())

    def after(self, seconds: float) -> Instant:
        """Return the instant *seconds* later."""
        return Instant(self.monotonic + seconds, self.wall + seconds)

    def until(self, later: Instant) -> float:
        """Return the seconds to *later*, by the clock that gets there first."""
        return min(later.monotonic - self.monotonic, later.wall - self.wall)


@dataclass(frozen=True)
class RetryNotice:
    """Why the last request failed, and in how many seconds the next one starts."""

    reason: str
    seconds: float


class DeviceFlow:
    """The state of one login; not thread safe.

    Attributes:
        status: The status.
        auth_code: The code that waits for its approval.
        error: Why the login ended without a session.
        retry: The failure of the last request, if the next one may succeed.

    Args:
        jitter: Returns a number in [0, 1) for each backoff.
    """

    def __init__(self, jitter: Callable[[], float]) -> None:
        self.status = Status.NEEDS_GAME_ID
        self.auth_code: models.AuthCode | None = None
        self.error: ParsecError | None = None
        self.retry: RetryNotice | None = None
        self._jitter = jitter
        self._failures = 0
        self._approval_lost = False
        self._request_at = math.inf
        self._give_up_at = math.inf
        self._deadline = Instant(math.inf, math.inf)

    def begin(self, now: Instant) -> bool:
        """Start; False if the login has started before."""
        return self._request_code(Event.BEGIN, now)

    def renew(self, now: Instant) -> bool:
        """Start over for a new code; False if there is nothing to renew."""
        return self._request_code(Event.RENEW, now)

    def cancel(self, reason: str = messages.CANCELLED) -> bool:
        """End the login; False if it has ended already."""
        return self._apply(Event.CANCEL, LoginCancelledError(reason))

    @property
    def renewable(self) -> bool:
        """Whether a new code can be requested."""
        return Event.RENEW in TRANSITIONS[self.status]

    def tick(self, now: Instant) -> bool:
        """Let time pass; True if that ended the login."""
        passed = self.status is Status.PENDING and now.until(self._deadline) <= 0
        return passed and self._apply(Event.EXPIRE, LoginExpiredError(messages.EXPIRED))

    def request_due(self, now: Instant) -> bool:
        """Return whether the next request may start now."""
        if self.status is Status.PENDING and now.until(self._deadline) <= 0:
            return False
        return not self.status.ended and now.monotonic >= self._request_at

    def seconds_to_wait(self, now: Instant) -> float:
        """Return the seconds until the next request, deadline or shown minute."""
        to_request = self._request_at - now.monotonic
        if self.status is not Status.PENDING:
            return max(to_request, 0.0)
        left = now.until(self._deadline)
        return max(min(to_request, left, left % 60 or 60.0), 0.0)

    def minutes_left(self, now: Instant) -> int:
        """Return the minutes until the code expires, rounded up."""
        return max(math.ceil(now.until(self._deadline) / 60), 0)

    def receive(  # noqa: PLR0911 - one for each kind of result
        self, result: models.CodeResult | models.PollResult, now: Instant
    ) -> bool:
        """Take the result of a request; True if that changed the status.

        A result that arrives after the end changes nothing.
        """
        if self.status.ended:
            return False
        if isinstance(result, models.TransientFailure):
            return self._back_off(result, now)
        self.retry = None
        self._failures = 0
        if isinstance(result, models.AuthCode):
            return self._take_code(result, now)
        if isinstance(result, models.Approved):
            return self._apply(Event.APPROVE)
        if isinstance(result, ParsecError):
            return self._apply(Event.FAIL, result)
        if self.tick(now):
            return True
        if isinstance(result, models.Denied):
            if self._approval_lost:
                return self._apply(Event.FAIL, LoginError(messages.APPROVAL_LOST))
            return self._apply(Event.DENY, LoginDeniedError(messages.DENIED))
        self._request_at = now.monotonic + self._interval()
        return False

    def _request_code(self, event: Event, now: Instant) -> bool:
        if not self._apply(event):
            return False
        self.auth_code = None
        self.retry = None
        self._failures = 0
        self._approval_lost = False
        self._request_at = now.monotonic
        self._give_up_at = now.monotonic + REQUESTING_SECONDS
        return True

    def _take_code(self, auth_code: models.AuthCode, now: Instant) -> bool:
        if not self._apply(Event.ISSUE):
            return False
        self._approval_lost = False
        self.auth_code = auth_code
        self._deadline = now.after(auth_code.lifetime)
        self._request_at = now.monotonic + auth_code.interval
        return True

    def _back_off(self, failure: models.TransientFailure, now: Instant) -> bool:
        """Delay the next request, longer after each failure (RFC 8628 §3.5)."""
        if self.tick(now):
            return True
        self._approval_lost |= failure.approved
        delay = self._backoff_seconds(failure)
        self._failures += 1
        self._request_at = now.monotonic + delay
        requesting = self.status is Status.REQUESTING
        if requesting and self._request_at >= self._give_up_at:
            return self._apply(Event.FAIL, failure.error)
        self.retry = RetryNotice(failure.reason, delay)
        return False

    def _backoff_seconds(self, failure: models.TransientFailure) -> float:
        interval = self._interval()
        if failure.slow_down:
            asked = failure.retry_after
            extra = SLOW_DOWN_SECONDS * (self._failures + 1)
            return interval + extra if asked is None else max(asked, interval)
        doubled = interval * 2.0 ** min(self._failures + 1, 30)
        backoff = max(min(doubled, LONGEST_BACKOFF_SECONDS), interval)
        backoff *= 1 + _JITTER * self._jitter()
        return max(backoff, failure.retry_after or 0.0)

    def _interval(self) -> float:
        return self.auth_code.interval if self.auth_code else FIRST_RETRY_SECONDS

    def _apply(self, event: Event, error: ParsecError | None = None) -> bool:
        """Change the status by the table; nothing else changes it."""
        following = TRANSITIONS[self.status].get(event)
        if following is None:
            return False
        self.status = following
        self.error = error
        if following.ended:
            self.retry = None
            self.auth_code = None
        return True
