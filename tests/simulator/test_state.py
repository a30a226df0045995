"""The rules for codes, sessions and wrong codes, by a clock that the test moves."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from parsec_nb.simulator._data import (
    USER_CODE_ALPHABET,
    USER_CODE_LENGTH,
    normalize_user_code,
    random_user_code,
)
from parsec_nb.simulator._state import Code, Counts, State

if TYPE_CHECKING:
    from .conftest import Clock


def make_state(clock: Clock, **overrides: int) -> State:
    """Return a state with the documented numbers, except *overrides*."""
    numbers = {"interval": 5, "lifetime": 1800, "session_lifetime": 5100}
    return State(clock=clock, **numbers | overrides)


def issue(state: State, game_id: str = "a game") -> Code:
    """Return a new code, which there must be room for."""
    code = state.issue(game_id)
    assert code is not None
    return code


def open_session(state: State, clock: Clock) -> str:
    """Return the ID of a new session."""
    code = issue(state)
    state.decide(code.user_code, approve=True)
    clock.now += 5
    session = poll(state, code).session
    assert session is not None
    return session.id


def poll(state: State, code: Code) -> Code:
    """Poll a code, which must be alive."""
    polled = state.poll(code.hash)
    assert polled is code
    return polled


def look_wrong_codes_up(state: State, count: int, visitor: str = "") -> None:
    """Type a wrong code so many times."""
    for _ in range(count):
        assert state.lookup_code("WRONG", visitor) is None


def test_a_poll_is_pending_until_the_code_is_approved(clock: Clock) -> None:
    """A code waits, is approved once, and yields its session once."""
    state = make_state(clock)
    code = issue(state)

    clock.now += 5
    assert poll(state, code).session is None
    assert state.decide(code.user_code, approve=True) is True
    assert state.decide(code.user_code, approve=True) is False
    assert state.decide(code.user_code, approve=False) is False
    clock.now += 5
    session = poll(state, code).session

    assert session is not None
    assert session.expires_at == int(clock.now + 5100)
    assert state.session(session.id) == session
    clock.now += 5
    assert state.poll(code.hash) is None


def test_a_denied_code_is_refused_from_then_on(clock: Clock) -> None:
    """Denying forgets the code."""
    state = make_state(clock)
    code = issue(state)

    assert state.decide(code.user_code, approve=False) is True

    clock.now += 5
    assert state.poll(code.hash) is None
    assert state.decide(code.user_code, approve=True) is False


@pytest.mark.parametrize(
    ("elapsed", "wait"),
    [(0, 5), (4.4, 0.6), (4.6, 0), (5, 0), (-3600, 0)],
)
def test_polls_must_keep_the_interval(
    clock: Clock, elapsed: float, wait: float
) -> None:
    """The first poll counts from the issue; a tenth of the interval is forgiven."""
    state = make_state(clock)
    code = issue(state)

    clock.now += elapsed

    assert poll(state, code).wait == pytest.approx(wait)


def test_a_poll_that_came_too_soon_does_not_count(clock: Clock) -> None:
    """Waiting as long as was said is enough, however many polls were refused."""
    state = make_state(clock)
    code = issue(state)
    clock.now += 5
    state.poll(code.hash)

    for _ in range(4):
        clock.now += 1
        assert poll(state, code).wait
    clock.now += code.wait

    assert poll(state, code).wait == 0


def test_an_expired_code_is_refused_and_dropped(clock: Clock) -> None:
    """At the end of its lifetime a code is gone, approved or not."""
    state = make_state(clock)
    waiting, approved = issue(state), issue(state)
    state.decide(approved.user_code, approve=True)

    clock.now += 1800

    assert state.poll(waiting.hash) is None
    assert state.poll(approved.hash) is None
    assert state.decide(waiting.user_code, approve=True) is False
    assert state.lookup_code(waiting.user_code) is None
    assert repr(state) == "<State codes=0 sessions=0>"


def test_an_expired_session_is_dropped(clock: Clock) -> None:
    """At the end of its lifetime a session is unknown."""
    state = make_state(clock)
    session_id = open_session(state, clock)

    clock.now += 5099
    assert state.session(session_id) is not None
    clock.now += 1

    assert state.session(session_id) is None
    assert repr(state) == "<State codes=0 sessions=0>"


def test_codes_beyond_the_limit_are_refused_until_one_expires(clock: Clock) -> None:
    """Memory is bounded."""
    state = make_state(clock, capacity=2, interval=60, lifetime=100)
    issue(state)
    clock.now += 50
    issue(state)

    assert state.issue("a game") is None

    clock.now += 50
    assert state.issue("a game") is not None


def test_sessions_beyond_the_limit_push_out_the_oldest(clock: Clock) -> None:
    """Memory is bounded for sessions too."""
    state = make_state(clock, capacity=2)

    first, second, third = (open_session(state, clock) for _ in range(3))

    assert state.session(first) is None
    assert state.session(second) is not None
    assert state.session(third) is not None


def test_twenty_wrong_codes_a_minute_are_allowed(clock: Clock) -> None:
    """Then the visitor waits until the first of them is a minute old."""
    state = make_state(clock)
    code = issue(state)
    look_wrong_codes_up(state, 19)
    assert state.lookup_code(code.user_code) is code
    assert state.lookup_delay() == 0

    clock.now += 10
    look_wrong_codes_up(state, 1)

    assert state.lookup_delay() == 50
    clock.now += 50
    assert state.lookup_delay() == 0


@pytest.mark.parametrize(
    "typed",
    [
        "BSLZ3467",
        "bslz3467",
        " bslz 3467\n",
        "BSLZ-3467",
        "bslz\u20133467",
        "B S\u00a0L-Z 3467",
        "\uff22\uff33\uff2c\uff3a3467",
        "85123467",
        "85I23467",
    ],
)
def test_what_a_person_types_is_understood(typed: str) -> None:
    """Case, spaces, dashes, wide letters and look-alikes make no difference."""
    assert normalize_user_code(typed) == "BSLZ3467"


def test_user_codes_are_unambiguous() -> None:
    """A code has eight characters that mean themselves."""
    code = random_user_code()

    assert len(code) == USER_CODE_LENGTH == 8
    assert set(code) <= set(USER_CODE_ALPHABET)
    assert not set(USER_CODE_ALPHABET) & set("01258IOAEU")
    assert normalize_user_code(USER_CODE_ALPHABET) == USER_CODE_ALPHABET


def test_one_approval_wins_among_many_threads(clock: Clock) -> None:
    """However many threads press the button, a code is approved once."""
    state = make_state(clock)
    codes = [issue(state) for _ in range(50)]
    wins: list[bool] = []

    def press() -> None:
        wins.extend(state.decide(code.user_code, approve=True) for code in codes)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wins.count(True) == len(codes)


def test_no_secret_is_in_a_repr(clock: Clock) -> None:
    """Hashes, user codes and session IDs stay out of tracebacks and logs."""
    state = make_state(clock)
    code = issue(state)
    session_id = open_session(state, clock)

    shown = repr([state, code, state.session(session_id)])

    assert not any(s in shown for s in (code.hash, code.user_code, session_id))


def test_a_flood_of_codes_leaves_room_for_those_that_are_polled(clock: Clock) -> None:
    """Behind one address, codes that are no longer polled make room for new ones."""
    state = make_state(clock, capacity=100)
    codes = [issue(state) for _ in range(10)]

    for _ in range(50):
        for _ in range(20):
            state.issue("flood")
        clock.now += 5
        for code in codes:
            assert poll(state, code).wait == 0
    late = state.issue("late")

    assert late is not None
    assert repr(state) == "<State codes=100 sessions=0>"


def test_codes_that_are_polled_are_never_pushed_out(clock: Clock) -> None:
    """A table full of living codes refuses another one of the same visitor."""
    state = make_state(clock, capacity=10)
    codes = [issue(state) for _ in range(10)]
    clock.now += 14

    assert state.issue("a game") is None

    for code in codes:
        assert poll(state, code).wait == 0


def test_a_visitor_cannot_fill_the_table_for_others(clock: Clock) -> None:
    """Where visitors can be told apart, who holds most makes room, at once."""
    state = make_state(clock, capacity=100)
    mine = [state.issue("mine", "me") for _ in range(10)]
    for _ in range(1000):
        state.issue("flood", "flooder")

    new = [state.issue("new", f"visitor {number}") for number in range(50)]

    clock.now += 5
    assert all(code and state.poll(code.hash) for code in mine + new)
    assert repr(state) == "<State codes=100 sessions=0>"


def test_visitors_are_forgotten_with_their_codes(clock: Clock) -> None:
    """Memory is bounded for visitors too."""
    state = make_state(clock, capacity=5)

    for number in range(100):
        state.issue("a game", f"visitor {number}")
        state.lookup_code("WRONG", f"visitor {number}")
    clock.now += 1800
    state.lookup_code("WRONG", "last")

    assert len(state._held) == 0
    assert len(state._wrong) == 1


def test_wrong_codes_of_others_stop_nobody(clock: Clock) -> None:
    """Each visitor has a limit, and a visitor's right code does not count."""
    state = make_state(clock)
    code = issue(state)

    look_wrong_codes_up(state, 500, "guesser")

    assert state.lookup_delay("guesser") == 60
    assert state.lookup_delay("me") == 0
    assert state.lookup_code(code.user_code, "me") is code


def test_the_oldest_visitor_with_wrong_codes_is_forgotten_first(clock: Clock) -> None:
    """A visitor who changes names cannot use up the memory for wrong codes."""
    state = make_state(clock, capacity=3)

    for name in ("a", "b", "c", "a", "d"):
        state.lookup_code("WRONG", name)

    assert list(state._wrong) == ["b", "c", "d"]


def test_every_code_and_hasty_poll_is_counted(clock: Clock) -> None:
    """A code waits until it is logged in, denied or expired, and counts once."""
    state = make_state(clock)
    codes = [issue(state) for _ in range(10)]
    clock.now += 5
    for code in codes[:3]:
        state.decide(code.user_code, approve=True)
        state.poll(code.hash)
        state.poll(code.hash)
    for code in codes[3:5]:
        state.decide(code.user_code, approve=False)
        state.decide(code.user_code, approve=False)
    state.poll(codes[5].hash)
    for _ in range(4):
        state.poll(codes[5].hash)

    before = state.counts()
    clock.now += 1800
    after = state.counts()

    assert before == Counts(waiting=5, logged_in=3, denied=2, expired=0, too_soon=4)
    assert after == Counts(waiting=0, logged_in=3, denied=2, expired=5, too_soon=4)


def test_codes_that_make_room_count_as_expired(clock: Clock) -> None:
    """No code is missing in the counts."""
    state = make_state(clock, capacity=5)

    for number in range(20):
        state.issue("a game", f"visitor {number % 7}")
        clock.now += 20

    assert state.counts() == Counts(waiting=5, expired=15)


def test_counts_can_be_read() -> None:
    """The names stand in the repr, and a sentence in the text."""
    counts = Counts(waiting=2, logged_in=1)

    assert str(counts) == "2 waiting, 1 logged in, 0 denied, 0 expired, 0 too soon"
    assert repr(counts).startswith("Counts(waiting=2, logged_in=1, denied=0,")


def test_forged_names_push_no_living_code_out(clock: Clock) -> None:
    """Many under one name keep their codes from a visitor with very many names."""
    state = make_state(clock, capacity=100)
    codes = [issue(state) for _ in range(20)]

    for number in range(200):
        state.issue("flood", f"name {number}")
    clock.now += 5
    for code in codes:
        assert poll(state, code).wait == 0
    clock.now += 11
    late = state.issue("late")

    assert late is not None
    clock.now += 5
    for code in codes:
        assert poll(state, code).wait == 0
