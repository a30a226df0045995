"""What holds of every login, whatever Parsec responds, clocks do and users click.

Hypothesis makes up the runs; `derandomize` makes them the same each time.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
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

from parsec_nb._api.models import Approved, AuthCode, Pending
from parsec_nb._api.threads import NoThreadError
from parsec_nb._auth.flow import REQUESTING_SECONDS, Status
from parsec_nb._auth.handle import Login
from parsec_nb._auth.runner import LoginRunner
from parsec_nb.errors import InvalidArgumentError, MissingGameIDError
from support.builders import NO_RESPONSE, auth_code, session
from support.fakes import CONFIG
from support.properties import (
    ASKING,
    FIXED,
    ROUNDING,
    Clocks,
    RequestRules,
    approvals,
    clock_moves,
    durations,
    fatal,
    poll_results,
    sessions,
    transient,
)
from support.threads import SteppedThread, Stepper

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from parsec_nb._api.models import Session
    from parsec_nb._auth.config import LoginConfig

short_codes = st.builds(
    auth_code,
    interval=st.sampled_from([5.0, 5.0, 5.0, 7.5, 90.0, 1e9]),
    lifetime=st.sampled_from([300.0, 300.0, 300.0, 90.0, 30.0, 0.5, 0.0]),
)
# Where a fault does not cost the session.
PLACES = ["notify", "callback", "bind", "save", "close"]
RESULTS: dict[str, st.SearchStrategy[Any]] = {
    "load": st.one_of(st.none(), st.none(), st.none(), sessions),
    "create_auth_code": st.one_of(short_codes, transient, fatal),
    "poll_session": st.one_of(poll_results, approvals),
    "save": st.sampled_from([None, "It is kept."]),
}
ISSUED, APPROVED = auth_code(lifetime=300.0), Approved(session())
UNDISTURBED = {"create_auth_code": ISSUED, "poll_session": Pending()}
ENDINGS = {
    "create_auth_code": st.sampled_from([ISSUED, NO_RESPONSE]),
    "poll_session": st.sampled_from([Pending(), APPROVED, APPROVED]),
}


class SteppedService:
    """A web API, a keyring and a variable, whose every result the test chooses."""

    def __init__(self, pause: Callable[..., Any], fault: BaseException | None) -> None:
        self.bound: list[Session] = []
        self._pause = pause
        self._fault = fault

    def load(self, config: LoginConfig) -> Any:
        return self._pause("load")

    def connect(self, config: LoginConfig) -> Any:
        self._pause("connect")
        return self

    def create_auth_code(self, game_id: str) -> Any:
        assert game_id == CONFIG.game_id
        return self._pause("create_auth_code")

    def poll_session(self, auth_code: AuthCode, game_id: str) -> Any:
        return self._pause("poll_session", auth_code)

    def bind(self, config: LoginConfig, session: Session) -> str | None:
        # Without a pause: a login binds under its lock.
        self.bound.append(session)
        if self._fault is not None:
            raise self._fault
        return None

    def save(self, config: LoginConfig, session: Session) -> Any:
        assert session is self.bound[0]
        return self._pause("save")

    def close(self) -> None:
        self._pause("close")


class OnceFuture(Future["Session"]):
    """A future that counts how often it is settled.

    The second time raises an error, which the login's thread would drop.
    """

    settled = 0

    def set_result(self, result: Session) -> None:
        self.settled += 1
        super().set_result(result)

    def set_exception(self, exception: BaseException | None) -> None:
        self.settled += 1
        super().set_exception(exception)


class WatchedRunner(LoginRunner):
    """A login that records the future of each of its codes."""

    futures: list[OnceFuture]

    @property
    def future(self) -> Future[Session]:
        return self.futures[-1]

    @future.setter
    def future(self, _: Future[Session]) -> None:
        self.futures = [*getattr(self, "futures", ()), OnceFuture()]


@dataclass
class LoginThread:
    """A login's thread, as Parsec sees it."""

    rules: RequestRules
    auth_code: AuthCode | None = None


class LoginMachine(RuleBasedStateMachine):
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
        self.stepper, self.prober = Stepper(), Stepper()
        self.service = SteppedService(self.pause, fault() if breaks == "bind" else None)
        self.threads: dict[SteppedThread, LoginThread] = {}
        self.clicks: list[SteppedThread] = []
        self.callback_calls: list[int] = []
        self.threads_are_out = False
        self.runner = WatchedRunner(
            CONFIG if has_game_id else replace(CONFIG, game_id=None),
            self.service.connect,
            self.service.bind,
            self.service,  # type: ignore[arg-type]
            now=lambda: self.clocks.now,
            wait=self.wait,
            jitter=lambda: 0.0,
            spawn=self.spawn,
        )
        self.login = Login(self.runner)
        self.probe = self.prober.spawn(self.use_the_lock)
        self.runner.observers.add(lambda: self.pause("notify"))
        if steps:
            self.click("start")
            self.go_on_undisturbed(-1, steps)

    def pause(self, at: str, about: Any = None) -> Any:
        """Pause a thread, and raise if this is where everything breaks."""
        result = self.stepper.pause(at, about)
        if at == self.breaks:
            raise self.fault
        return result

    def use_the_lock(self) -> None:
        """Call what needs the login's lock, once a step, in a thread for that."""
        while True:
            self.runner.snapshot()
            self.prober.pause("unlocked")

    def spawn(self, work: Callable[[], None]) -> None:
        if self.threads_are_out:
            raise NoThreadError
        self.threads[self.stepper.spawn(work)] = LoginThread(RequestRules(self.clocks))

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        until = self.clocks.now.monotonic + seconds
        self.pause("wait", (stop, seconds, until))
        return stop.is_set()

    def may_go_on(self) -> list[SteppedThread]:
        """Return the threads that do not wait for time to pass."""
        now = self.clocks.now.monotonic
        return [
            thread
            for thread in self.stepper.alive()
            if thread.at != "wait" or thread.about[0].is_set() or thread.about[2] <= now
        ]

    @precondition(lambda self: len([c for c in self.clicks if c.at]) < 3)
    @rule(action=st.sampled_from([*["start", "renew"] * 6, "cancel", "supersede"]))
    def click(self, action: str) -> None:
        given = (CONFIG,) if action == "start" else ()
        click = self.stepper.spawn(partial(getattr(self.runner, action), *given))
        self.clicks.append(click)
        self.step(click, None)

    @precondition(lambda self: len(self.callback_calls) < 3)
    @rule(does=st.sampled_from(["nothing", "raise", "cancel", "renew"]))
    def add_callback(self, does: str) -> None:
        number = len(self.callback_calls)
        self.callback_calls.append(0)

        def called(login: Login) -> None:
            assert login is self.login
            self.callback_calls[number] += 1
            self.pause("callback")
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
        thread = ready[which % len(ready)]
        self.step(thread, data.draw(RESULTS.get(str(thread.at), st.none())))

    @precondition(lambda self: self.may_go_on())
    @rule(which=st.integers(-3, 2), steps=st.integers(1, 6))
    def go_on_undisturbed(self, which: int, steps: int) -> None:
        ready = self.may_go_on()
        thread = ready[which % len(ready)]
        for _ in range(steps):
            if thread.at == "wait":
                self.clocks.both(thread.about[1])
            if thread in self.may_go_on():
                self.step(thread, UNDISTURBED.get(str(thread.at)))

    def step(self, stepped: SteppedThread, result: Any) -> None:
        """Let a thread go on, and check what it does next."""
        thread = self.threads.get(stepped)
        if thread is not None and stepped.at in {"create_auth_code", "poll_session"}:
            thread.rules.receive(result)
            if isinstance(result, AuthCode):
                thread.auth_code = result
        stepped.step(result)
        # Fails if the thread is paused while it holds the lock.
        self.probe.step()
        if thread is None or stepped.at is None:
            return
        if stepped.at == "wait":
            _, seconds, _ = stepped.about
            assert 0 <= seconds <= max(min(thread.rules.seconds_left, 60), 0)
        if stepped.at in {"create_auth_code", "poll_session"}:
            thread.rules.check_request()
            assert stepped is list(self.threads)[-1]
            assert stepped.about is thread.auth_code
            assert self.login.status in ASKING

    @invariant()
    def the_parts_fit(self) -> None:
        snapshot = self.runner.snapshot()
        status, approved = snapshot.status, snapshot.status is Status.APPROVED
        assert (snapshot.auth_code is not None) is (status is Status.PENDING)
        assert (snapshot.session is not None) is approved
        assert self.service.bound == [snapshot.session] * approved
        assert (snapshot.error is not None) is (status.ended and not approved)
        assert status.ended or not self.login.done()
        assert all(calls <= 1 for calls in self.callback_calls)

    def teardown(self) -> None:
        """Let everything run to its end, which it must reach by itself."""
        try:
            self.run_out()
        finally:
            self.stepper.close()
            self.prober.close()

    def run_out(self) -> None:
        """Fail unless the login ends, and its threads, and all that waits for it."""
        self.threads_are_out = False
        self.run_to_the_end()
        if not self.login.status.ended:
            assert not self.threads, "it would have gone on for ever"
            self.click("cancel")
            self.run_to_the_end()
        self.the_parts_fit()
        self.all_results_were_delivered()

    def run_to_the_end(self) -> None:
        """Let all threads go on, with no new code, until none is left."""
        renewals = 1 + len(self.callback_calls)
        limit = self.clocks.now.monotonic + renewals * (REQUESTING_SECONDS + 310)
        turns = 0
        while self.stepper.alive():
            turns += 1
            assert turns < 2000
            assert self.clocks.now.monotonic < limit
            for thread in self.may_go_on():
                self.step(thread, self.ending.get(str(thread.at)))
            if self.stepper.alive() and not self.may_go_on():
                wakes = min(thread.about[2] for thread in self.stepper.alive())
                self.clocks.both(max(wakes - self.clocks.now.monotonic, ROUNDING))

    def all_results_were_delivered(self) -> None:
        """Fail unless each result was delivered once, and only clicks were refused."""
        assert all(future.settled == 1 for future in self.runner.futures)
        assert all(calls == 1 for calls in self.callback_calls)
        refusals = (InvalidArgumentError, MissingGameIDError, type(None))
        assert all(isinstance(click.error, refusals) for click in self.clicks)
        assert all(thread.error is None for thread in self.threads)
        has_session = self.login.session is not None
        assert (self.login.exception(timeout=0) is None) is has_session


LoginMachine.TestCase.settings = settings(FIXED, max_examples=200)
TestLoginMachine = LoginMachine.TestCase
