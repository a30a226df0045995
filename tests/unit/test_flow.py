"""The state table, exhaustively, with numbers as time."""

from __future__ import annotations

import itertools
from datetime import datetime, timezone
from typing import Any

import pytest

from parsec_nb._answers import (
    Approved,
    CodeIssued,
    Inconclusive,
    Pending,
    Refused,
    Rejected,
)
from parsec_nb._flow import Flow, Moment
from parsec_nb._states import TRANSITIONS, Event, Status
from parsec_nb._values import AuthCode, Grant, Secret, SessionID
from parsec_nb.errors import APIError, UnreachableError

START = Moment(monotonic=1000.0, wall=5_000_000.0)
GRANT = Grant(id=SessionID("0123456789abcdef" * 4))
NO_ANSWER = Inconclusive("no answer", UnreachableError("no answer"))


def code(**overrides: Any) -> AuthCode:
    """Build an auth code as Parsec documents it."""
    values: dict[str, Any] = {
        "user_code": "ABCD3456",
        "verification_uri": "https://parsec.gg/activate",
        "expires_at": datetime(2026, 1, 1, tzinfo=timezone.utc),
        "interval": 5.0,
        "lifetime": 1800.0,
        "auth_code_hash": Secret("hash"),
    }
    return AuthCode(**values | overrides)


def pending(**overrides: Any) -> Flow:
    """Build a flow whose code has just arrived."""
    flow = Flow(jitter=lambda: 0.0)
    flow.begin(START)
    flow.receive(CodeIssued(code(**overrides)), START)
    return flow


def flow_in(status: Status) -> Flow:
    """Build a flow in any status, by the way that leads there."""
    flow = Flow(jitter=lambda: 0.0) if status is Status.NEEDS_GAME_ID else pending()
    if status is Status.REQUESTING:
        flow.renew(START)
    elif status is Status.APPROVED:
        flow.receive(Approved(GRANT), START)
    elif status is Status.DENIED:
        flow.receive(Refused(), START)
    elif status is Status.EXPIRED:
        flow.tick(START.after(1800))
    elif status is Status.FAILED:
        flow.receive(Rejected(APIError("no")), START)
    elif status is Status.CANCELLED:
        flow.cancel()
    assert flow.status is status
    return flow


def happen(flow: Flow, event: Event) -> None:
    """Let *event* happen, by the call that stands for it."""
    calls = {
        Event.BEGUN: lambda: flow.begin(START),
        Event.CODE_ISSUED: lambda: flow.receive(CodeIssued(code()), START),
        Event.GRANTED: lambda: flow.receive(Approved(GRANT), START),
        Event.REFUSED: lambda: flow.receive(Refused(), START),
        Event.DEADLINE: lambda: flow.tick(START.after(1800)),
        Event.REJECTED: lambda: flow.receive(Rejected(APIError("no")), START),
        Event.CANCELLED: flow.cancel,
        Event.RENEWED: lambda: flow.renew(START),
    }
    calls[event]()


EXPECTED = {
    (Status.NEEDS_GAME_ID, Event.BEGUN): Status.REQUESTING,
    (Status.NEEDS_GAME_ID, Event.CANCELLED): Status.CANCELLED,
    (Status.REQUESTING, Event.CODE_ISSUED): Status.PENDING,
    (Status.REQUESTING, Event.GRANTED): Status.APPROVED,
    (Status.REQUESTING, Event.REJECTED): Status.FAILED,
    (Status.REQUESTING, Event.CANCELLED): Status.CANCELLED,
    (Status.PENDING, Event.GRANTED): Status.APPROVED,
    (Status.PENDING, Event.REFUSED): Status.DENIED,
    (Status.PENDING, Event.DEADLINE): Status.EXPIRED,
    (Status.PENDING, Event.REJECTED): Status.FAILED,
    (Status.PENDING, Event.CANCELLED): Status.CANCELLED,
    (Status.PENDING, Event.RENEWED): Status.REQUESTING,
    (Status.DENIED, Event.RENEWED): Status.REQUESTING,
    (Status.EXPIRED, Event.RENEWED): Status.REQUESTING,
    (Status.FAILED, Event.RENEWED): Status.REQUESTING,
    (Status.CANCELLED, Event.RENEWED): Status.REQUESTING,
}


@pytest.mark.parametrize(
    ("status", "event"), list(itertools.product(Status, Event)), ids=str
)
def test_every_event_in_every_status(status: Status, event: Event) -> None:
    """An event leads where the table says, and nowhere from where it is not listed."""
    flow = flow_in(status)

    happen(flow, event)

    assert flow.status is EXPECTED.get((status, event), status)


def test_the_table_has_a_row_for_every_status() -> None:
    """No status is forgotten, and only an approved login is final."""
    assert set(TRANSITIONS) == set(Status)
    assert [status for status in Status if not TRANSITIONS[status]] == [Status.APPROVED]


def test_waits_the_interval_before_the_first_poll_and_between_any_two() -> None:
    """No poll starts sooner than the interval after the code, or the last answer."""
    flow = pending(interval=7.0)

    assert not flow.request_due(START.after(6.9))
    assert flow.request_due(START.after(7.0))
    flow.receive(Pending(), START.after(8.0))
    assert not flow.request_due(START.after(14.9))
    assert flow.request_due(START.after(15.0))


def test_backs_off_ever_longer_and_recovers_at_the_first_good_answer() -> None:
    """Failures double the pause up to a minute; a 202 brings the interval back."""
    flow = pending()
    now = START
    pauses = []
    for _ in range(6):
        flow.receive(NO_ANSWER, now)
        assert flow.trouble is not None
        pauses.append(flow.trouble.retry_in)
        now = now.after(pauses[-1])

    flow.receive(Pending(), now)

    assert pauses == [10, 20, 40, 60, 60, 60]
    assert flow.trouble is None
    assert flow.request_due(now.after(5))


def test_jitter_only_lengthens_a_pause() -> None:
    """Two clients that fail together do not come back together, nor too soon."""
    flow = Flow(jitter=lambda: 0.999)
    flow.begin(START)
    flow.receive(CodeIssued(code()), START)

    flow.receive(NO_ANSWER, START)

    assert flow.trouble is not None
    assert 10 < flow.trouble.retry_in < 12.5


@pytest.mark.parametrize(
    ("retry_after", "pause"), [(30.0, 30.0), (2.0, 5.0), (None, 10.0)]
)
def test_slows_down_when_told(retry_after: float | None, pause: float) -> None:
    """429 obeys Retry-After, never below the interval, and adds 5 s without one."""
    flow = pending()

    flow.receive(
        Inconclusive("slow down", UnreachableError("429"), retry_after, slow_down=True),
        START,
    )

    assert flow.trouble is not None
    assert flow.trouble.retry_in == pause


def test_expires_by_the_monotonic_clock_even_if_the_wall_clock_is_set_back() -> None:
    """A wall clock that is stepped back gives a code no longer life."""
    flow = pending()

    assert not flow.tick(Moment(START.monotonic + 1799, START.wall - 7200))
    assert flow.tick(Moment(START.monotonic + 1800, START.wall - 7200))


def test_expires_by_the_wall_clock_after_a_sleep() -> None:
    """A laptop that slept does not poll for a code that is long gone."""
    flow = pending()

    woken = Moment(START.monotonic + 1, START.wall + 7200)

    assert flow.tick(woken)
    assert flow.status is Status.EXPIRED
    assert not flow.request_due(woken)


def test_a_refusal_at_the_deadline_is_an_expiry() -> None:
    """401 at or after the deadline means expired."""
    flow = pending()

    flow.receive(Refused(), START.after(1800))

    assert flow.status is Status.EXPIRED


def test_an_approval_after_the_deadline_still_counts() -> None:
    """A session that Parsec gave is taken, however late its answer came."""
    flow = pending()

    flow.receive(Approved(GRANT), START.after(1801))

    assert flow.status is Status.APPROVED


def test_gives_up_on_a_code_after_30_seconds() -> None:
    """Asking for a code is tried again for 30 s, then fails with the reason."""
    flow = Flow(jitter=lambda: 0.0)
    flow.begin(START)
    now = START
    tries = 0
    while flow.status is Status.REQUESTING:
        flow.receive(NO_ANSWER, now)
        tries += 1
        now = now.after(flow.seconds_to_wait(now))

    assert flow.status is Status.FAILED
    assert flow.error is NO_ANSWER.error
    assert tries == 4
    assert now.monotonic - START.monotonic <= 30


def test_wakes_at_the_deadline_and_at_every_minute() -> None:
    """A long interval delays neither the end nor the minutes that are shown."""
    flow = pending(interval=10.0**9, lifetime=90.0)

    assert flow.seconds_to_wait(START) == 30
    assert flow.minutes_left(START) == 2
    assert flow.seconds_to_wait(START.after(30)) == 60
    assert flow.minutes_left(START.after(30)) == 1


@pytest.mark.parametrize("status", [status for status in Status if status.ended])
def test_nothing_is_due_after_the_end_and_the_code_is_forgotten(status: Status) -> None:
    """An ended login asks nothing, and holds no hash."""
    flow = flow_in(status)

    assert not flow.request_due(START.after(10.0**6))
    assert flow.auth_code is None
