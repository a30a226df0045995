"""What holds of every login, whatever Parsec answers, clocks do and users click.

Hypothesis makes up the courses; `derandomize` makes them the same in every run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from test_flow import GRANT, NO_ANSWER, code
from test_login import FrankCourse

from parsec_nb._answers import (
    Approved,
    CodeIssued,
    Inconclusive,
    Pending,
    Refused,
    Rejected,
)
from parsec_nb._flow import (
    FIRST_RETRY_SECONDS,
    REQUESTING_SECONDS,
    SLOW_DOWN_SECONDS,
    Flow,
    Moment,
)
from parsec_nb._session import Session
from parsec_nb._states import TRANSITIONS, Status
from parsec_nb._values import AuthCode, Grant, SessionID
from parsec_nb.errors import (
    APIError,
    InvalidArgumentError,
    MissingGameIDError,
    UnreachableError,
)
from support.threads import SteppedThread, Stepper

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from concurrent.futures import Future


ASKING = {Status.REQUESTING, Status.PENDING}
LONGEST_BACKOFF = 60 * 1.25
# Float sums of clock readings around 1e9 are good to less than this.
ROUNDING = 1e-5
NO_JITTER, FULL_JITTER = 0.0, 0.999

# Most of them short, or every code would be gone before anybody asked about it.
durations = st.sampled_from([*(0.0, 0.1, 1.0, 4.9, 5.0, 5.1) * 2, 61.0, 1799.0, 3600.0])
clock_moves = st.sampled_from(["both", "both", "wall", "wall, back"])
codes = st.builds(
    code,
    interval=st.sampled_from([1.0, 5.0, 5.0, 5.0, 7.5, 90.0, 1e9]),
    lifetime=st.sampled_from([1800.0, 1800.0, 1800.0, 90.0, 30.0, 0.5, 0.0]),
)
inconclusive = st.builds(
    Inconclusive,
    st.just("no answer"),
    st.just(UnreachableError("no answer")),
    st.sampled_from([None, 0.0, 3.0, 120.0, 1e9]),
    st.booleans(),
)
rejected = st.builds(Rejected, st.just(APIError("no")))
grants = st.integers(0, 10**9).map(lambda n: Grant(id=SessionID(f"{n:064}")))
code_answers = st.one_of(st.builds(CodeIssued, codes), inconclusive, rejected)
poll_answers = st.one_of(
    st.just(Pending()),
    st.just(Pending()),
    inconclusive,
    st.builds(Approved, grants),
    st.just(Refused()),
    rejected,
)


# What may break without any harm to the session.
PLACES = ["announce", "callback", "deliver", "keep", "close"]
short_codes = st.builds(
    code,
    interval=st.sampled_from([5.0, 5.0, 5.0, 7.5, 90.0, 1e9]),
    lifetime=st.sampled_from([300.0, 300.0, 300.0, 90.0, 30.0, 0.5, 0.0]),
)
REPLIES: dict[str, st.SearchStrategy[Any]] = {
    "recall": st.one_of(st.none(), st.none(), st.none(), grants),
    "create_auth_code": st.one_of(
        st.builds(CodeIssued, short_codes), inconclusive, rejected
    ),
    "poll_session": st.one_of(poll_answers, st.builds(Approved, grants)),
    "keep": st.sampled_from([None, "It is kept."]),
}
ISSUED = CodeIssued(code(lifetime=300.0))
UNDISTURBED = {"create_auth_code": ISSUED, "poll_session": Pending()}
ENDINGS = {
    "create_auth_code": st.sampled_from([ISSUED, NO_ANSWER]),
    "poll_session": st.sampled_from([Pending(), Approved(GRANT), Approved(GRANT)]),
}
FIXED = settings(stateful_step_count=40, deadline=None, derandomize=True, database=None)


class Clocks:
    """Two clocks that the test moves, together and apart."""

    def __init__(self) -> None:
        self.now = Moment(monotonic=1000.0, wall=1.7e9)

    def monotonic(self) -> float:
        return self.now.monotonic

    def time(self) -> float:
        return self.now.wall

    def both(self, seconds: float) -> None:
        """Let time pass."""
        self.now = self.now.after(seconds)

    def move(self, seconds: float, clock: str) -> None:
        """Let time pass, or sleep while one clock stands still, or set the other."""
        monotonic = seconds if clock == "both" else 0
        wall = -seconds if clock == "wall, back" else seconds
        self.now = Moment(self.now.monotonic + monotonic, self.now.wall + wall)


class Manners:
    """What Parsec may expect of a client, worked out anew from its answers."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._not_before = -math.inf
        self._deadline: Moment | None = None
        self._interval = FIRST_RETRY_SECONDS

    def start_over(self) -> None:
        """Forget the code."""
        self._not_before, self._deadline = -math.inf, None
        self._interval = FIRST_RETRY_SECONDS

    def check_request(self) -> None:
        """Fail if no request may start now."""
        assert self._clocks.now.monotonic >= self._not_before - ROUNDING
        assert self.left > 0

    @property
    def left(self) -> float:
        """The seconds until the code's deadline, by the clock that is first."""
        if self._deadline is None:
            return math.inf
        now, deadline = self._clocks.now, self._deadline
        return min(deadline.monotonic - now.monotonic, deadline.wall - now.wall)

    def take(self, answer: object) -> None:
        """Work out when the next request may start."""
        now = self._clocks.now
        if isinstance(answer, CodeIssued):
            self._interval = answer.auth_code.interval
            self._deadline = now.after(answer.auth_code.lifetime)
        pause = self._interval
        if isinstance(answer, Inconclusive):
            if not answer.slow_down:
                pause = max(pause, min(2 * pause, 60))
            elif answer.retry_after is None:
                pause += SLOW_DOWN_SECONDS
            pause = max(pause, answer.retry_after or 0)
        self._not_before = now.monotonic + pause


class WatchedFlow(Flow):
    """A flow that lets its status change by the table alone."""

    @property
    def status(self) -> Status:
        return self._status

    @status.setter
    def status(self, status: Status) -> None:
        before = getattr(self, "_status", None)
        assert before is None or status in TRANSITIONS[before].values()
        self._status = status


class FlowCourse(RuleBasedStateMachine):
    """A flow, driven as a login drives it, and badly."""

    @initialize(
        jitter=st.sampled_from([NO_JITTER, FULL_JITTER]),
        auth_code=st.one_of(st.none(), codes, codes),
    )
    def make(self, jitter: float, auth_code: AuthCode | None) -> None:
        self.clocks = Clocks()
        self.flow = WatchedFlow(lambda: jitter)
        self.manners = Manners(self.clocks)
        if auth_code is not None:
            self.begin()
            self.receive(CodeIssued(auth_code))

    @rule(action=st.sampled_from(["begin", "renew", "renew", "renew", "cancel"]))
    def click(self, action: str) -> None:
        getattr(self, action)()

    def begin(self) -> None:
        expected = self.flow.status is Status.NEEDS_GAME_ID
        assert self.flow.begin(self.clocks.now) is expected

    def renew(self) -> None:
        renewable = self.flow.renewable
        assert self.flow.renew(self.clocks.now) is renewable
        if renewable:
            self.manners.start_over()
            assert self.flow.request_due(self.clocks.now)

    def cancel(self) -> None:
        ended = self.flow.status.ended
        assert self.flow.cancel() is not ended

    @rule(seconds=durations, clock=clock_moves)
    def move_the_clocks(self, seconds: float, clock: str) -> None:
        self.clocks.move(seconds, clock)
        expires = self.flow.status is Status.PENDING and self.manners.left <= 0
        assert self.flow.tick(self.clocks.now) is expires

    @precondition(lambda self: self.flow.status is Status.PENDING)
    @rule(answers=st.lists(poll_answers, min_size=1, max_size=6))
    def poll(self, answers: list[Any]) -> None:
        for answer in answers:
            if self.flow.status is Status.PENDING:
                self.ask(answer, 0.2)

    @precondition(lambda self: self.flow.status is Status.REQUESTING)
    @rule(answer=code_answers, takes=st.sampled_from([0.2, 10.0]))
    def ask_for_a_code(self, answer: Any, takes: float) -> None:
        self.ask(answer, takes)

    def ask(self, answer: Any, takes: float) -> None:
        """Wait as long as the flow says, then ask, if there is still time for it."""
        while not self.flow.request_due(self.clocks.now):
            if self.flow.tick(self.clocks.now):
                return
            seconds = self.flow.seconds_to_wait(self.clocks.now)
            self.clocks.both(max(seconds, ROUNDING))
        self.manners.check_request()
        self.clocks.both(takes)
        self.receive(answer)

    @precondition(lambda self: self.flow.status.ended)
    @rule(answer=st.one_of(code_answers, poll_answers))
    def a_late_answer_changes_nothing(self, answer: Any) -> None:
        before = self.flow.status, self.flow.grant, self.flow.error
        assert not self.flow.receive(answer, self.clocks.now)
        assert before == (self.flow.status, self.flow.grant, self.flow.error)

    def receive(self, answer: Any) -> None:
        late = self.manners.left <= 0
        changed = self.flow.receive(answer, self.clocks.now)
        self.manners.take(answer)
        if isinstance(answer, Approved):
            assert self.flow.grant is answer.grant
        elif isinstance(answer, Refused):
            assert self.flow.status is (Status.EXPIRED if late else Status.DENIED)
        elif isinstance(answer, Pending):
            assert changed is late

    @invariant()
    def the_parts_fit(self) -> None:
        flow, now = self.flow, self.clocks.now
        assert (flow.auth_code is not None) is (flow.status is Status.PENDING)
        assert (flow.grant is not None) is (flow.status is Status.APPROVED)
        assert (flow.error is not None) is (flow.status is Status.FAILED)
        assert flow.trouble is None or flow.status in ASKING
        assert not (flow.status.ended and flow.request_due(now))

    @invariant()
    def a_wait_ends(self) -> None:
        if self.flow.status in ASKING:
            seconds = self.flow.seconds_to_wait(self.clocks.now)
            assert 0 <= seconds < math.inf
            if self.flow.status is Status.PENDING:
                assert seconds <= max(self.manners.left, 0)
                assert seconds <= 60

    def teardown(self) -> None:
        """Ask on in vain, as long as there is anything to ask."""
        if self.flow.status not in ASKING:
            return
        began = self.clocks.now.monotonic
        limit = REQUESTING_SECONDS + 1800
        while self.flow.status in ASKING:
            assert self.clocks.now.monotonic - began <= limit
            self.ask(NO_ANSWER, 0.0)
        self.the_parts_fit()


FlowCourse.TestCase.settings = settings(FIXED, max_examples=300)
TestFlowCourse = FlowCourse.TestCase


class StagedErrand:
    """An errand, and its service, whose every step the test answers."""

    game_id = "game"

    def __init__(
        self, stop: Callable[..., Any], deliver_raises: type[BaseException] | None
    ) -> None:
        self.delivered: list[Grant] = []
        self._stop = stop
        self._deliver_raises = deliver_raises

    def recall(self) -> Any:
        return self._stop("recall")

    def open_api(self) -> StagedErrand:
        self._stop("open_api")
        return self

    def create_auth_code(self, game_id: str) -> Any:
        return self._stop("create_auth_code")

    def poll_session(self, auth_code: AuthCode) -> Any:
        return self._stop("poll_session", auth_code)

    def deliver(self, grant: Grant) -> Session:
        self.delivered.append(grant)
        if self._deliver_raises is not None:
            raise self._deliver_raises
        return Session(id=grant.id)

    def keep(self, session: Session) -> Any:
        return self._stop("keep")

    def close(self) -> None:
        self._stop("close")


@dataclass
class Thread:
    """A login's thread, as Parsec sees it."""

    manners: Manners
    auth_code: AuthCode | None = None


@dataclass
class Callback:
    """A done-callback, and the outcome that it was to be called for."""

    future: Future[Session]
    calls: int = 0


class LoginCourse(RuleBasedStateMachine):
    """A login whose threads, and whose users' clicks, take turns in any order."""

    @initialize(
        breaks=st.sampled_from([None, None, *PLACES]),
        fault=st.sampled_from([LookupError, MemoryError, SystemExit]),
        ending=st.fixed_dictionaries(ENDINGS),
        has_game_id=st.booleans(),
        steps=st.integers(0, 8),
    )
    def make(
        self,
        breaks: str | None,
        fault: type[BaseException],
        ending: dict[str, Any],
        *,
        has_game_id: bool,
        steps: int,
    ) -> None:
        self.breaks, self.fault, self.ending = breaks, fault, ending
        self.clocks = Clocks()
        self.stage = Stepper()
        self.errand = StagedErrand(self.stop, fault if breaks == "deliver" else None)
        self.threads: dict[SteppedThread, Thread] = {}
        self.clicks: list[SteppedThread] = []
        self.callbacks: list[Callback] = []
        self.threads_are_out = False
        self.login = FrankCourse(
            self.errand if has_game_id else None,
            clock=self.clocks,
            wait=self.wait,
            jitter=lambda: 0.0,
            spawn=self.spawn,
        )
        self.futures = {self.login._future}
        self.login.audience.watch(lambda: self.stop("announce"))
        if steps:
            self.click("start")
            self.go_on_undisturbed(-1, steps)

    def stop(self, at: str, about: Any = None) -> Any:
        """Stop a thread, and raise if this is where everything breaks."""
        reply = self.stage.pause(at, about)
        if at == self.breaks:
            raise self.fault
        return reply

    def spawn(self, work: Callable[[], None]) -> None:
        if self.threads_are_out:
            raise RuntimeError
        self.threads[self.stage.spawn(work)] = Thread(Manners(self.clocks))

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        until = self.clocks.now.monotonic + seconds
        self.stop("wait", (stop, seconds, until))
        return stop.is_set()

    def may_go_on(self) -> list[SteppedThread]:
        """Return the threads that do not wait for time to pass."""
        now = self.clocks.now.monotonic
        return [
            actor
            for actor in self.stage.alive()
            if actor.at != "wait" or actor.about[0].is_set() or actor.about[2] <= now
        ]

    @precondition(lambda self: len([c for c in self.clicks if c.at]) < 3)
    @rule(action=st.sampled_from([*["start", "renew"] * 6, "cancel", "supersede"]))
    def click(self, action: str) -> None:
        given = (self.errand,) if action == "start" else ()
        click = self.stage.spawn(partial(getattr(self.login, action), *given))
        self.clicks.append(click)
        self.step(click, None)

    @precondition(lambda self: len(self.callbacks) < 3)
    @rule(does=st.sampled_from(["nothing", "raise", "cancel", "renew"]))
    def add_callback(self, does: str) -> None:
        callback = Callback(self.login._future)
        self.callbacks.append(callback)

        def called(login: FrankCourse) -> None:
            assert login is self.login
            callback.calls += 1
            self.stop("callback")
            if does == "raise":
                raise SystemExit
            if does != "nothing":
                getattr(login, does)()

        self.login.add_done_callback(called)

    @rule(out=st.booleans())
    def run_out_of_threads(self, *, out: bool) -> None:
        self.threads_are_out = out

    @rule(seconds=durations, clock=clock_moves)
    def move_the_clocks(self, seconds: float, clock: str) -> None:
        self.clocks.move(seconds, clock)

    @precondition(lambda self: self.may_go_on())
    @rule(data=st.data(), which=st.integers(-3, 2))
    def go_on(self, data: st.DataObject, which: int) -> None:
        ready = self.may_go_on()
        actor = ready[which % len(ready)]
        self.step(actor, data.draw(REPLIES.get(str(actor.at), st.none())))

    @precondition(lambda self: self.may_go_on())
    @rule(which=st.integers(-3, 2), steps=st.integers(1, 6))
    def go_on_undisturbed(self, which: int, steps: int) -> None:
        ready = self.may_go_on()
        actor = ready[which % len(ready)]
        for _ in range(steps):
            if actor.at == "wait":
                self.clocks.both(actor.about[1])
            if actor in self.may_go_on():
                self.step(actor, UNDISTURBED.get(str(actor.at)))

    def step(self, actor: SteppedThread, reply: Any) -> None:
        """Let a thread go on, and look at what it does next."""
        thread = self.threads.get(actor)
        if thread is not None and actor.at in {"create_auth_code", "poll_session"}:
            thread.manners.take(reply)
            if isinstance(reply, CodeIssued):
                thread.auth_code = reply.auth_code
        actor.step(reply)
        is_free = self.login._lock.acquire(blocking=False)
        assert is_free, "stopped with the lock"
        self.login._lock.release()
        self.futures.add(self.login._future)
        if thread is None or actor.at is None:
            return
        if actor.at == "wait":
            _, seconds, _ = actor.about
            assert 0 <= seconds <= max(min(thread.manners.left, 60), 0)
        if actor.at in {"create_auth_code", "poll_session"}:
            thread.manners.check_request()
            assert actor is list(self.threads)[-1]
            assert actor.about is thread.auth_code
            assert self.login.status in ASKING

    @invariant()
    def the_parts_fit(self) -> None:
        login, progress = self.login, self.login.progress()
        approved = login.status is Status.APPROVED
        assert (login.auth_code is not None) is (login.status is Status.PENDING)
        assert len(self.errand.delivered) == int(approved)
        if self.breaks != "deliver":
            assert (login.session is not None) is approved
        assert (progress.error is None) is (
            not login.status.ended or login.session is not None
        )
        assert login.status.ended or not login.done()
        assert all(callback.calls <= 1 for callback in self.callbacks)

    def teardown(self) -> None:
        """Let everything run to its end, which it comes to by itself."""
        try:
            self.run_out()
        finally:
            self.stage.close()

    def run_out(self) -> None:
        """Fail unless the login ends, and its threads, and everybody was told."""
        self.threads_are_out = False
        self.run_to_the_end()
        if not self.login.status.ended:
            assert not self.threads, "it would have gone on for ever"
            self.click("cancel")
            self.run_to_the_end()
        self.the_parts_fit()
        self.everybody_was_told()

    def run_to_the_end(self) -> None:
        """Let all threads go on, with no new code, until none is left."""
        courses = 1 + len(self.callbacks)
        limit = self.clocks.now.monotonic + courses * (REQUESTING_SECONDS + 310)
        turns = 0
        while self.stage.alive():
            turns += 1
            assert turns < 2000
            assert self.clocks.now.monotonic < limit
            for actor in self.may_go_on():
                self.step(actor, self.ending.get(str(actor.at)))
            if self.stage.alive() and not self.may_go_on():
                wakes = min(actor.about[2] for actor in self.stage.alive())
                self.clocks.both(max(wakes - self.clocks.now.monotonic, ROUNDING))

    def everybody_was_told(self) -> None:
        """Fail unless each outcome was told once, and nothing went wrong unasked."""
        assert all(future.done() for future in self.futures)
        assert all(callback.calls == 1 for callback in self.callbacks)
        refusals = (InvalidArgumentError, MissingGameIDError, type(None))
        assert all(isinstance(click.error, refusals) for click in self.clicks)
        assert not [fault for fault in self.login.faults if "InvalidState" in fault]
        has_session = self.login.session is not None
        assert (self.login.exception(timeout=0) is None) is has_session


LoginCourse.TestCase.settings = settings(FIXED, max_examples=200)
TestLoginCourse = LoginCourse.TestCase
