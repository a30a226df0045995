"""Many logins at once: nothing is left, nothing happens twice, no lock sticks."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from test_flow import GRANT, NO_ANSWER, code
from test_login import Errand, FrankCourse, SetClock, started

import parsec_nb
from parsec_nb._answers import Approved, CodeIssued, Pending, Refused, Rejected
from parsec_nb._course import Course
from parsec_nb._errand import NotebookErrand, Wish
from parsec_nb._service import Service
from parsec_nb._states import Status
from parsec_nb.errors import (
    APIError,
    InvalidArgumentError,
    LoginCancelledError,
    LoginDeniedError,
    LoginError,
)
from parsec_nb.simulator import Simulator
from support import TESTS
from support.crowd import (
    THREAD_NAME,
    Held,
    do_something,
    held_once_settled,
    in_threads,
    see_to_its_end,
)
from support.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsec_nb._session import Session
    from parsec_nb._values import Grant, SessionID

SEED = 20_000
# What counts as at once, on a machine that does other things as well.
AT_ONCE = 0.5


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A simulator that may be asked often."""
    with Simulator(interval=0.05) as running:
        yield running


class Variables:
    """A notebook's variables, and how often one was bound."""

    def __init__(self) -> None:
        self.values: dict[str, SessionID] = {}
        self.bound = 0

    def bind(self, name: str, session_id: SessionID) -> None:
        self.bound += 1
        self.values[name] = session_id

    def session_id(self, name: str) -> SessionID | None:
        return self.values.get(name)


@dataclass
class Member:
    """One login of a crowd, and what became of it."""

    login: FrankCourse
    variables: Variables
    calls: list[list[Course]] = field(default_factory=list)

    @classmethod
    def of(cls, simulator: Simulator) -> Member:
        variables = Variables()
        wish = Wish(Service(simulator.url, "game"), "session_id")
        errand = NotebookErrand(wish, variables, fresh=True)  # type: ignore[arg-type]
        return cls(FrankCourse(errand), variables)

    def call_back(self) -> None:
        """Add one more done-callback."""
        called: list[Course] = []
        self.calls.append(called)
        self.login.add_done_callback(called.append)

    def live(self, members: list[Member], simulator: Simulator, seed: int) -> None:
        """Use the login, and now and then somebody else's."""
        chance = random.Random(seed)
        self.call_back()
        self.login.start()
        for _ in range(chance.randrange(6)):
            other = chance.choice([self, self, chance.choice(members)])
            other.call_back()
            do_something(other.login, simulator, chance)
            time.sleep(chance.random() / 20)

    def check(self) -> None:
        """Fail unless it has one outcome, of which everybody was told once."""
        session, error = self.login.session, self.login.exception(timeout=0)
        assert (session is None) is isinstance(error, LoginError)
        assert (error is None) is (self.login.status is Status.APPROVED)
        assert self.variables.bound == (session is not None)
        if session is not None:
            assert self.variables.values == {"session_id": session.id}
            assert self.login.result() is self.login.result() is session
        assert all(called == [self.login] for called in self.calls)
        assert self.login.faults == []


def test_two_hundred_logins_leave_nothing_behind(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Started, cancelled, renewed and superseded at random, each ends exactly once."""
    before = Held.now()
    members: list[Member] = []
    workers, each = 8, 25

    def work(number: int) -> None:
        mine = []
        for index in range(each):
            mine.append(Member.of(simulator))
            members.append(mine[-1])
            mine[-1].live(list(members), simulator, SEED + number * each + index)
        for member in mine:
            see_to_its_end(member.login, simulator)

    began = time.monotonic()
    in_threads(workers, work)
    for member in members:
        see_to_its_end(member.login, simulator)
    took = time.monotonic() - began
    after = held_once_settled(before)

    ends = [member.login.status.value for member in members]
    print(f"\n{len(members)} logins in {took:.1f} s")
    print({end: ends.count(end) for end in sorted(set(ends))})
    print(f"before {before}\nafter  {after}")
    assert len(members) == workers * each
    assert after.no_more_than(before)
    for member in members:
        member.check()
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


def test_many_users_of_one_kernel_leave_nothing_behind() -> None:
    """`login()` from many threads of a real kernel: one at most goes on at the end."""
    with Kernel() as kernel:
        kernel.run(f"import sys; sys.path.insert(0, {str(TESTS)!r})")
        kernel.run(
            "from support import crowd\nimport parsec_nb\n"
            "from parsec_nb.simulator import Simulator\n"
            "simulator = Simulator(interval=0.05).start()\n"
            "warm = parsec_nb.login('warm', api_url=simulator.url)\n"
            "crowd.see_to_its_end(warm, simulator)\n"
            "del session_id\n"
            "before = crowd.Held.now()"
        )

        ran = kernel.run(
            "logins = crowd.log_in_by_many(simulator, users=6, each=8, seed=1)"
        )
        going_on = kernel.value("sum(not login.done() for login in logins)")
        kernel.run(
            "for login in logins: crowd.see_to_its_end(login, simulator)\n"
            "after = crowd.held_once_settled(before)"
        )

        print(f"\n{kernel.value('len(logins)')} logins in {ran.seconds:.1f} s")
        print(f"before {kernel.value('before')}\nafter  {kernel.value('after')}")
        assert ran.status == "ok", ran.content
        assert int(going_on) <= 1
        assert kernel.value("after.no_more_than(before)") == "True"
        assert "error" not in {message["msg_type"] for message in kernel.messages}


def pending(simulator: Simulator) -> tuple[Course, threading.Thread]:
    """Return a login whose thread waits before its first poll, and that thread."""
    before = set(threading.enumerate())
    wish = Wish(Service(simulator.url, "game"), None)
    login = Course(NotebookErrand(wish, Variables(), fresh=True))  # type: ignore[arg-type]
    login.start()
    [thread] = [t for t in set(threading.enumerate()) - before if t.name == THREAD_NAME]
    wait_until(lambda: login.status is Status.PENDING)
    time.sleep(0.1)
    return login, thread


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something holds, and fail if it never does."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.mark.parametrize("action", ["cancel", "supersede", "renew"])
def test_a_click_ends_the_waiting_thread_at_once(action: str) -> None:
    """The thread wakes, closes its connection and is gone, in less than 0.5 s."""
    with Simulator(interval=60) as slow:
        before = Held.now()
        login, thread = pending(slow)

        began = time.monotonic()
        getattr(login, action)()
        thread.join(5)
        took = time.monotonic() - began
        login.cancel()

        print(f"\n{action}: {took * 1000:.1f} ms")
        assert not thread.is_alive()
        assert took < AT_ONCE
        assert held_once_settled(before).no_more_than(before)


def test_the_end_of_the_process_is_not_held_up(simulator: Simulator) -> None:
    """Python ends at once with a login pending, as a kernel does that is shut down."""
    program = (
        "import time, parsec_nb\n"
        f"login = parsec_nb.login('game', api_url={simulator.url!r}, variable=None)\n"
        "while login.status != 'pending': time.sleep(0.01)\n"
        "print('over', flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "over\n":
            pass
        began = time.monotonic()
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()

    took = time.monotonic() - began
    print(f"\n{took * 1000:.0f} ms")
    # Python needs some of it for itself; a thread that it waits for never ends.
    assert took < 4 * AT_ONCE


LATE_ANSWERS = [
    Approved(GRANT),
    Refused(),
    Pending(),
    NO_ANSWER,
    Rejected(APIError("no")),
    CodeIssued(code()),
]


@pytest.mark.parametrize("answer", LATE_ANSWERS, ids=lambda a: type(a).__name__)
@pytest.mark.parametrize("action", ["cancel", "supersede", "renew"])
def test_no_late_answer_changes_anything(action: str, answer: Any) -> None:
    """What comes for a code that nobody waits for any more is as good as nothing."""
    asked, go_on, gone = (threading.Event() for _ in range(3))

    class Slow(Errand):
        def poll_session(self, auth_code: Any) -> Any:
            asked.set()
            go_on.wait(5)
            return answer

        def close(self) -> None:
            gone.set()

    errand = Slow(CodeIssued(code()))
    clock = SetClock()
    # The new thread after a renewal stays where it is, so nothing else moves.
    spawned: list[Callable[[], None]] = []
    login = Course(errand, clock=clock, wait=clock.wait, spawn=spawned.append)
    login.start()
    thread = threading.Thread(target=spawned.pop())
    thread.start()
    assert asked.wait(5)

    getattr(login, action)()
    before = login.progress(), login.done()
    go_on.set()
    thread.join(5)

    assert gone.is_set()
    assert (login.progress(), login.done()) == before
    assert errand.delivered == []


def test_callbacks_from_many_threads_are_called_once_each() -> None:
    """Those added before, at and after the end are all called, by then or at once."""
    go_on = threading.Event()

    def approval() -> Approved:
        go_on.wait(5)
        return Approved(GRANT)

    login, _ = started(CodeIssued(code()), approval)
    called: list[int] = []

    def add(number: int) -> None:
        for index in range(100):
            if number == index == 0:
                go_on.set()
            login.add_done_callback(lambda _, n=number * 100 + index: called.append(n))

    in_threads(8, add)
    login.result(timeout=5)
    wait_until(lambda: len(called) == 800)

    assert sorted(called) == list(range(800))


def test_two_event_loops_can_await_one_login() -> None:
    """Each loop gets the same session, in its own thread."""
    go_on, awaiting = threading.Event(), threading.Barrier(3)

    def approval() -> Approved:
        go_on.wait(5)
        return Approved(GRANT)

    login, _ = started(CodeIssued(code()), approval)
    sessions: list[Session] = []

    async def main() -> None:
        awaited = asyncio.ensure_future(_session(login))
        await asyncio.sleep(0.01)
        awaiting.wait(5)
        sessions.append(await asyncio.wait_for(awaited, 5))

    loops = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(2)]
    for loop in loops:
        loop.start()
    awaiting.wait(5)
    go_on.set()
    for loop in loops:
        loop.join(5)

    assert sessions == [login.session, login.session]
    assert sessions[0] is sessions[1]


async def _session(login: Course) -> Session:
    return await login


def test_an_await_ends_with_its_code_even_if_that_is_renewed() -> None:
    """A callback that asks for a new code does not stop the event loop for it."""
    go_on = threading.Event()

    def refusal() -> Refused:
        go_on.wait(5)
        return Refused()

    login = Course(Errand(CodeIssued(code(interval=0.0)), refusal, CodeIssued(code())))
    login.add_done_callback(Course.renew)
    login.start()

    errors: list[object] = []

    async def main() -> None:
        awaited = asyncio.ensure_future(_session(login))
        await asyncio.sleep(0.01)
        go_on.set()
        errors.extend(await asyncio.gather(awaited, return_exceptions=True))

    loop = threading.Thread(target=asyncio.run, args=(main(),))
    loop.start()
    loop.join(5)

    assert login.cancel()
    loop.join(5)
    assert isinstance(errors[0], LoginDeniedError)


def test_a_callback_may_cancel_renew_and_ask() -> None:
    """Nothing is locked while callbacks run: not even for other threads."""
    login, _ = started(CodeIssued(code()), Refused(), CodeIssued(code()), Refused())
    seen: list[object] = []
    done = threading.Event()

    def ask(login: Course) -> None:
        seen.extend([login.cancel(), login.done(), login.status])
        other = threading.Thread(target=lambda: seen.append(login.progress().status))
        other.start()
        other.join(5)
        login.renew()
        done.set()

    login.add_done_callback(ask)

    assert done.wait(5)
    assert seen == [False, True, Status.DENIED, Status.DENIED]
    assert isinstance(login.exception(timeout=5), LoginDeniedError)


def test_a_renewal_that_meets_an_approval_has_one_outcome() -> None:
    """Either the session is delivered and nothing renewed, or the other way round."""
    outcomes = set()
    # How much later than each other the two come, in seconds.
    for late in [-0.1, 0.1, *(step / 40_000 for step in range(-75, 76))]:
        meeting = threading.Barrier(2)

        def approval(
            late: float = late, meeting: threading.Barrier = meeting
        ) -> Approved:
            meeting.wait(5)
            time.sleep(max(late, 0))
            return Approved(GRANT)

        login, errand = started(
            CodeIssued(code()), approval, CodeIssued(code()), Refused()
        )
        meeting.wait(5)
        time.sleep(max(-late, 0))
        try:
            login.renew()
            renewed = True
        except InvalidArgumentError:
            renewed = False
        error = login.exception(timeout=5)

        outcomes.add(renewed)
        assert len(errand.delivered) == (not renewed)
        assert isinstance(error, LoginDeniedError) is renewed
        assert (login.session is None) is renewed
    assert outcomes == {True, False}


@pytest.fixture
def _interrupts_arrive() -> Iterator[None]:
    """Listen to SIGINT, which a shell's background jobs are told to ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interrupts_arrive")
def test_an_interrupt_ends_the_waiting_and_not_the_login() -> None:
    """Ctrl-C comes out of result() at once, and result() can be called again."""
    go_on = threading.Event()

    def approval() -> Approved:
        go_on.wait(20)
        return Approved(GRANT)

    login, errand = started(CodeIssued(code()), approval)
    interrupt = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    began = time.monotonic()

    with pytest.raises(KeyboardInterrupt):
        login.result(timeout=10)

    assert time.monotonic() - began < 5
    assert not login.done()
    go_on.set()
    assert login.result(timeout=5).id == GRANT.id
    assert errand.delivered == [GRANT]


def test_who_sees_an_approval_sees_the_session() -> None:
    """The status is not approved before the variable is bound."""
    delivering, go_on = threading.Event(), threading.Event()

    class Slow(Errand):
        def deliver(self, grant: Grant) -> Session:
            delivering.set()
            go_on.wait(5)
            return super().deliver(grant)

    clock = SetClock()
    errand = Slow(CodeIssued(code()), Approved(GRANT))
    login = Course(errand, clock=clock, wait=clock.wait)
    login.start()
    seen: list[object] = []
    reader = threading.Thread(
        target=lambda: seen.extend([login.status, bool(errand.delivered)])
    )
    assert delivering.wait(5)
    reader.start()
    reader.join(0.1)
    go_on.set()
    reader.join(5)

    assert seen in ([Status.PENDING, False], [Status.APPROVED, True])


def test_a_superseded_login_cannot_come_back() -> None:
    """A card whose login had ended offers no new code once a newer login is there."""
    login, _ = started(CodeIssued(code()), Refused())
    assert isinstance(login.exception(timeout=5), LoginDeniedError)
    assert login.progress().renewable

    login.supersede()

    assert not login.progress().renewable
    assert "newer" in login.progress().notices[0]
    with pytest.raises(InvalidArgumentError):
        login.renew()
    assert isinstance(login.exception(timeout=0), LoginDeniedError)


def test_a_login_cancelled_before_its_game_id_offers_no_new_code() -> None:
    """There is nothing to ask a code with."""
    login = Course(None)

    assert login.cancel()

    assert not login.progress().renewable
    assert isinstance(login.exception(timeout=0), LoginCancelledError)


@pytest.mark.parametrize("game_id", ["second", "third"])
def test_a_callback_of_the_old_login_may_log_in(
    simulator: Simulator, game_id: str
) -> None:
    """Who logs in again when superseded, in whatever thread, leaves one login going."""

    def log_in(game_id: str) -> parsec_nb.Login:
        return parsec_nb.login(game_id, api_url=simulator.url, variable=None)

    logins: list[parsec_nb.Login] = []
    threads: list[threading.Thread] = []

    def again(_: parsec_nb.Login) -> None:
        logins.append(log_in(game_id))
        threads.append(threading.Thread(target=log_in, args=(game_id,)))
        threads[-1].start()
        threads[-1].join(5)

    logins.append(log_in("first"))
    logins[0].add_done_callback(again)
    logins.append(log_in("second"))

    assert not threads[0].is_alive()
    [going_on] = {id(login): login for login in logins if not login.done()}.values()
    see_to_its_end(going_on, simulator)
    assert going_on.status is Status.APPROVED
