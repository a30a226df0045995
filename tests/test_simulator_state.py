"""What the simulated Parsec remembers, by a clock that the test sets."""

from __future__ import annotations

import threading

import pytest

from parsec_nb._simulator_hosts import sample_hosts
from parsec_nb._simulator_names import (
    USER_CODE_ALPHABET,
    USER_CODE_LENGTH,
    normalize_user_code,
    random_user_code,
)
from parsec_nb._simulator_state import Code, Outcome, State

START = 1_700_000_000.0


class Clock:
    """A clock that stands still until it is told to move on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        """Return Unix seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock at START."""
    return Clock()


def make_state(clock: Clock, **overrides: float) -> State:
    """Return a state with the documented numbers, except *overrides*."""
    numbers = {"interval": 5, "lifetime": 1800, "session_lifetime": 5100, **overrides}
    return State(clock=clock, **numbers)  # type: ignore[arg-type]


def issue(state: State, game_id: str = "a game") -> Code:
    """Return a new code, which there must be room for."""
    code = state.issue(game_id)
    assert code is not None
    return code


def open_session(state: State, clock: Clock) -> str:
    """Return the ID of a new session."""
    code = issue(state)
    state.approve(code.user_code)
    clock.now += 5
    session = state.poll(code.hash).session
    assert session is not None
    return session.id


def wrong_guesses(state: State, count: int) -> None:
    """Type a wrong code so many times."""
    for _ in range(count):
        assert state.guess("WRONG") is None


def test_a_poll_is_pending_until_the_code_is_approved(clock: Clock) -> None:
    """A code waits, is approved once, and yields its session once."""
    state = make_state(clock)
    code = issue(state)

    clock.now += 5
    assert state.poll(code.hash).outcome is Outcome.PENDING
    assert state.approve(code.user_code) is True
    assert state.approve(code.user_code) is False
    assert state.deny(code.user_code) is False
    clock.now += 5
    poll = state.poll(code.hash)

    assert poll.outcome is Outcome.APPROVED
    assert poll.session is not None
    assert poll.session.expires == clock.now + 5100
    assert state.session(poll.session.id) == poll.session
    clock.now += 5
    assert state.poll(code.hash).outcome is Outcome.REFUSED


def test_a_denied_code_is_refused_from_then_on(clock: Clock) -> None:
    """Denying forgets the code."""
    state = make_state(clock)
    code = issue(state)

    assert state.deny(code.user_code) is True

    clock.now += 5
    assert state.poll(code.hash).outcome is Outcome.REFUSED
    assert state.approve(code.user_code) is False


@pytest.mark.parametrize(
    ("elapsed", "outcome"),
    [
        (0, Outcome.TOO_SOON),
        (4.4, Outcome.TOO_SOON),
        (4.6, Outcome.PENDING),
        (5, Outcome.PENDING),
        (-3600, Outcome.PENDING),
    ],
)
def test_polls_must_keep_the_interval(
    clock: Clock, elapsed: float, outcome: Outcome
) -> None:
    """The first poll counts from the issue; a tenth of the interval is forgiven."""
    state = make_state(clock)
    code = issue(state)

    clock.now += elapsed

    assert state.poll(code.hash).outcome is outcome


def test_a_poll_that_came_too_soon_does_not_count(clock: Clock) -> None:
    """Waiting as long as was said is enough, however many polls were refused."""
    state = make_state(clock)
    code = issue(state)
    clock.now += 5
    state.poll(code.hash)

    for _ in range(4):
        clock.now += 1
        early = state.poll(code.hash)
        assert early.outcome is Outcome.TOO_SOON
    clock.now += early.wait

    assert early.wait == 1
    assert state.poll(code.hash).outcome is Outcome.PENDING


def test_an_expired_code_is_refused_and_dropped(clock: Clock) -> None:
    """At the end of its lifetime a code is gone, approved or not."""
    state = make_state(clock)
    waiting, approved = issue(state), issue(state)
    state.approve(approved.user_code)

    clock.now += 1800

    assert state.poll(waiting.hash).outcome is Outcome.REFUSED
    assert state.poll(approved.hash).outcome is Outcome.REFUSED
    assert state.approve(waiting.user_code) is False
    assert state.guess(waiting.user_code) is None
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
    """Memory is bounded, and it is said how long to wait."""
    state = make_state(clock, max_codes=2)
    issue(state)
    clock.now += 100
    issue(state)

    assert state.issue("a game") is None
    assert state.seconds_until_room() == 1700

    clock.now += 1700
    assert state.issue("a game") is not None


def test_sessions_beyond_the_limit_push_out_the_oldest(clock: Clock) -> None:
    """Memory is bounded for sessions too."""
    state = make_state(clock, max_sessions=2)

    first, second, third = (open_session(state, clock) for _ in range(3))

    assert state.session(first) is None
    assert state.session(second) is not None
    assert state.session(third) is not None


def test_twenty_wrong_guesses_a_minute_are_allowed(clock: Clock) -> None:
    """Then everybody waits until the first of them is a minute old."""
    state = make_state(clock)
    code = issue(state)
    wrong_guesses(state, 19)
    assert state.guess(code.user_code) is code
    assert state.guess_wait() == 0

    clock.now += 10
    wrong_guesses(state, 1)

    assert state.guess_wait() == 50
    clock.now += 50
    assert state.guess_wait() == 0


def test_a_big_room_may_mistype_more(clock: Clock) -> None:
    """As many wrong guesses a minute are allowed as codes are alive."""
    state = make_state(clock)
    for _ in range(100):
        issue(state)

    wrong_guesses(state, 99)
    assert state.guess_wait() == 0
    wrong_guesses(state, 1)

    assert state.guess_wait() == 60


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
        wins.extend(state.approve(code.user_code) for code in codes)

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


@pytest.mark.parametrize("mode", [None, "desktop", "game"])
@pytest.mark.parametrize("public", [None, True, False])
def test_hosts_are_filtered(mode: str | None, public: bool | None) -> None:  # noqa: FBT001
    """Each filter keeps exactly the hosts that match it."""
    everything = sample_hosts(user_id=1, peer_id="p")

    hosts = sample_hosts(user_id=1, peer_id="p", mode=mode, public=public)

    assert hosts == [
        host
        for host in everything
        if (mode is None or host["mode"] == mode)
        and (public is None or host["public"] is public)
    ]
    assert hosts or (mode == "desktop" and public)


def test_the_sample_hosts_are_of_all_kinds() -> None:
    """One is the session's own, one public, one offline, one has a tricky name."""
    hosts = sample_hosts(user_id=77, peer_id="own-peer")

    own = [host for host in hosts if host["self"]]
    assert [(host["peer_id"], host["user"]["id"]) for host in own] == [("own-peer", 77)]
    assert sum(host["public"] for host in hosts) == 1
    assert sum(not host["online"] for host in hosts) == 1
    assert any("<b>" in host["name"] for host in hosts)
    assert len({host["peer_id"] for host in hosts}) == len(hosts)
