"""The device flow, exhaustively, with numbers as time."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from parsec_nb._api.models import (
    Approved,
    Denied,
    Pending,
    TransientFailure,
)
from parsec_nb._auth.flow import TRANSITIONS, DeviceFlow, Event, Instant, Status
from parsec_nb.errors import (
    APIError,
    LoginCancelledError,
    LoginDeniedError,
    LoginExpiredError,
    UnreachableError,
)
from support.builders import NO_RESPONSE, auth_code, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._api.models import PollResult

START = Instant(monotonic=1000.0, wall=5_000_000.0)
APPROVED = Approved(session())
REFUSED = APIError("no")


def requesting(jitter: float = 0.0) -> DeviceFlow:
    """Build a flow that has just begun."""
    flow = DeviceFlow(jitter=lambda: jitter)
    flow.begin(START)
    return flow


def pending(jitter: float = 0.0, **code: float) -> DeviceFlow:
    """Build a flow whose code has just arrived."""
    flow = requesting(jitter)
    flow.receive(auth_code(**code), START)
    return flow


def happen(flow: DeviceFlow, event: Event) -> None:
    """Make *event* happen, by the call that stands for it."""
    calls: dict[Event, Callable[[], object]] = {
        Event.BEGIN: lambda: flow.begin(START),
        Event.ISSUE: lambda: flow.receive(auth_code(), START),
        Event.APPROVE: lambda: flow.receive(APPROVED, START),
        Event.DENY: lambda: flow.receive(Denied(), START),
        Event.EXPIRE: lambda: flow.tick(START.after(1800)),
        Event.FAIL: lambda: flow.receive(REFUSED, START),
        Event.CANCEL: flow.cancel,
        Event.RENEW: lambda: flow.renew(START),
    }
    calls[event]()


WAYS = {
    Status.NEEDS_GAME_ID: [],
    Status.REQUESTING: [Event.BEGIN],
    Status.PENDING: [Event.BEGIN, Event.ISSUE],
    Status.APPROVED: [Event.BEGIN, Event.ISSUE, Event.APPROVE],
    Status.DENIED: [Event.BEGIN, Event.ISSUE, Event.DENY],
    Status.EXPIRED: [Event.BEGIN, Event.ISSUE, Event.EXPIRE],
    Status.FAILED: [Event.BEGIN, Event.ISSUE, Event.FAIL],
    Status.CANCELLED: [Event.BEGIN, Event.ISSUE, Event.CANCEL],
}
ERRORS = {
    Status.DENIED: LoginDeniedError,
    Status.EXPIRED: LoginExpiredError,
    Status.FAILED: APIError,
    Status.CANCELLED: LoginCancelledError,
}
EXPECTED = {
    (Status.NEEDS_GAME_ID, Event.BEGIN): Status.REQUESTING,
    (Status.NEEDS_GAME_ID, Event.CANCEL): Status.CANCELLED,
    (Status.REQUESTING, Event.ISSUE): Status.PENDING,
    (Status.REQUESTING, Event.APPROVE): Status.APPROVED,
    (Status.REQUESTING, Event.FAIL): Status.FAILED,
    (Status.REQUESTING, Event.CANCEL): Status.CANCELLED,
    (Status.PENDING, Event.APPROVE): Status.APPROVED,
    (Status.PENDING, Event.DENY): Status.DENIED,
    (Status.PENDING, Event.EXPIRE): Status.EXPIRED,
    (Status.PENDING, Event.FAIL): Status.FAILED,
    (Status.PENDING, Event.CANCEL): Status.CANCELLED,
    (Status.PENDING, Event.RENEW): Status.REQUESTING,
    (Status.DENIED, Event.RENEW): Status.REQUESTING,
    (Status.EXPIRED, Event.RENEW): Status.REQUESTING,
    (Status.FAILED, Event.RENEW): Status.REQUESTING,
    (Status.CANCELLED, Event.RENEW): Status.REQUESTING,
}


def flow_in(status: Status) -> DeviceFlow:
    """Build a flow in any status, by the events that lead there."""
    flow = DeviceFlow(jitter=lambda: 0.0)
    for event in WAYS[status]:
        happen(flow, event)
    assert flow.status is status
    return flow


@pytest.mark.parametrize(
    ("status", "event"), list(itertools.product(Status, Event)), ids=str
)
def test_every_event_in_every_status(status: Status, event: Event) -> None:
    """An event leads where the table shows, and is ignored where it is not listed."""
    flow = flow_in(status)

    happen(flow, event)

    assert flow.status is EXPECTED.get((status, event), status)


def test_the_table_has_a_row_for_every_status() -> None:
    """No status is missing, and only an approved login is final."""
    assert set(TRANSITIONS) == set(Status)
    assert [status for status in Status if not TRANSITIONS[status]] == [Status.APPROVED]


@pytest.mark.parametrize("status", Status)
def test_each_end_has_its_error_and_holds_no_secret(status: Status) -> None:
    """An ended flow keeps its reason; it holds no code any more and never a session."""
    flow = flow_in(status)

    assert type(flow.error) is ERRORS.get(status, type(None))
    assert (flow.auth_code is not None) is (status is Status.PENDING)
    assert APPROVED.session not in vars(flow).values()
    if status.ended:
        assert not flow.request_due(START.after(10.0**6))


def test_waits_the_interval_before_the_first_poll_and_between_any_two() -> None:
    """No poll starts sooner than the interval after the code, or the last response."""
    flow = pending(interval=7.0)

    assert not flow.request_due(START.after(6.9))
    assert flow.request_due(START.after(7.0))
    flow.receive(Pending(), START.after(8.0))
    assert not flow.request_due(START.after(14.9))
    assert flow.request_due(START.after(15.0))


def test_backs_off_ever_longer_and_recovers_at_the_first_good_response() -> None:
    """Failures double the pause up to a minute; a 202 restores the interval."""
    flow = pending()
    now = START
    pauses = []
    for _ in range(6):
        flow.receive(NO_RESPONSE, now)
        assert flow.retry is not None
        pauses.append(flow.retry.seconds)
        now = now.after(pauses[-1])

    flow.receive(Pending(), now)

    assert pauses == [10, 20, 40, 60, 60, 60]
    assert flow.retry is None
    assert flow.request_due(now.after(5))
    flow.receive(NO_RESPONSE, now.after(5))
    assert flow.retry is not None
    assert flow.retry.seconds == 10


def test_a_renewal_starts_over() -> None:
    """A new code is requested at once, and its failures count anew."""
    flow = pending()
    for _ in range(3):
        flow.receive(NO_RESPONSE, START)

    assert flow.renew(START.after(1))

    assert flow.retry is None
    assert flow.request_due(START.after(1))
    flow.receive(NO_RESPONSE, START.after(1))
    assert flow.retry is not None
    assert flow.retry.seconds == 2


def test_jitter_only_lengthens_a_pause() -> None:
    """Two clients that fail together do not retry together, nor too soon."""
    flow = pending(jitter=0.999)

    flow.receive(NO_RESPONSE, START)

    assert flow.retry is not None
    assert 10 < flow.retry.seconds < 12.5


@pytest.mark.parametrize(
    ("retry_after", "pause"), [(30.0, 30.0), (2.0, 5.0), (None, 10.0)]
)
def test_slows_down_on_429(retry_after: float | None, pause: float) -> None:
    """429 obeys Retry-After, never below the interval, and adds 5 s without one."""
    flow = pending()
    error = UnreachableError("429")

    flow.receive(TransientFailure("429", error, retry_after, slow_down=True), START)

    assert flow.retry is not None
    assert flow.retry.seconds == pause


def test_expires_by_the_monotonic_clock_even_if_the_wall_clock_is_set_back() -> None:
    """A wall clock that is set back does not make a code last longer."""
    flow = pending()

    assert not flow.tick(Instant(START.monotonic + 1799, START.wall - 7200))
    assert flow.tick(Instant(START.monotonic + 1800, START.wall - 7200))


def test_expires_by_the_wall_clock_after_a_sleep() -> None:
    """A laptop that slept does not poll for a code that expired meanwhile."""
    flow = pending()
    woken = Instant(START.monotonic + 1, START.wall + 7200)

    assert not flow.request_due(woken)
    assert flow.tick(woken)
    assert flow.status is Status.EXPIRED


@pytest.mark.parametrize("result", [Denied(), Pending(), NO_RESPONSE], ids=type)
def test_what_settles_nothing_before_the_deadline_expires_at_it(
    result: PollResult,
) -> None:
    """At the deadline a 401 means expired, and neither 202 nor a failure goes on."""
    flow = pending()

    assert flow.receive(result, START.after(1800))

    assert flow.status is Status.EXPIRED
    assert flow.retry is None


def test_an_approval_that_was_lost_is_not_a_denial() -> None:
    """A 401 after a 201 that could not be read fails with what happened."""
    flow = pending()
    lost = TransientFailure("unreadable", NO_RESPONSE.error, approved=True)
    flow.receive(lost, START)
    flow.receive(NO_RESPONSE, START)

    flow.receive(Denied(), START)

    assert flow.status is Status.FAILED
    assert "was approved, but" in str(flow.error)


def test_a_new_code_forgets_that_an_approval_was_lost() -> None:
    """A 401 to the next code is a denial again."""
    flow = pending()
    flow.receive(TransientFailure("", NO_RESPONSE.error, approved=True), START)
    flow.renew(START)
    flow.receive(auth_code(), START)

    flow.receive(Denied(), START)

    assert flow.status is Status.DENIED


def test_an_approval_after_the_deadline_still_counts() -> None:
    """A session that Parsec sent is accepted, however late its response came."""
    flow = pending()

    flow.receive(APPROVED, START.after(1801))

    assert flow.status is Status.APPROVED


def test_gives_up_on_a_code_after_30_seconds() -> None:
    """A code is requested again for 30 s, then the login fails with the reason."""
    flow = requesting()
    now = START
    requests = 0

    while flow.status is Status.REQUESTING:
        flow.receive(NO_RESPONSE, now)
        requests += 1
        now = now.after(flow.seconds_to_wait(now))

    assert flow.status is Status.FAILED
    assert flow.error is NO_RESPONSE.error
    assert requests == 4
    assert now.monotonic - START.monotonic <= 30


def test_wakes_at_the_deadline_and_at_every_minute() -> None:
    """A long interval delays neither the end nor the minutes that are shown."""
    flow = pending(interval=10.0**9, lifetime=90.0)

    assert flow.seconds_to_wait(START) == 30
    assert flow.minutes_left(START) == 2
    assert flow.seconds_to_wait(START.after(30)) == 60
    assert flow.minutes_left(START.after(30)) == 1
