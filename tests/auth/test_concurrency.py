"""Threads and event loops that meet in one login: nothing happens twice or blocks."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import parsec_nb
from parsec_nb._api.models import Approved, Denied, Pending
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.flow import Status
from parsec_nb._auth.handle import Login
from parsec_nb.errors import (
    APIError,
    InvalidArgumentError,
    LoginCancelledError,
    LoginDeniedError,
)
from support.builders import NO_RESPONSE, auth_code, session
from support.crowd import finish, in_threads, wait_until
from support.fakes import make_runner, start_login, start_waiting_login

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._api.models import Session
    from parsec_nb.simulator import Simulator

ISSUED, APPROVED = auth_code(), Approved(session())
LATE_RESULTS = [*(APPROVED, Denied(), Pending(), NO_RESPONSE, APIError("no"), ISSUED)]


@pytest.mark.parametrize("result", LATE_RESULTS, ids=lambda r: type(r).__name__)
@pytest.mark.parametrize("action", ["cancel", "supersede", "renew"])
def test_no_late_result_changes_anything(action: str, result: Any) -> None:
    """A response for a code that was given up is dropped, and the API closed."""
    requested, go_on = threading.Event(), threading.Event()

    def late() -> Any:
        requested.set()
        go_on.wait(5)
        return result

    # The thread of a renewal is not started, so that nothing else changes.
    spawned: list[Callable[[], None]] = []
    runner, api = make_runner(ISSUED, late, spawn=spawned.append)
    login = Login(runner)
    runner.start()
    thread = threading.Thread(target=spawned.pop())
    thread.start()
    assert requested.wait(5)

    getattr(runner, action)()
    before = runner.snapshot(), login.done()
    go_on.set()
    thread.join(5)

    assert (runner.snapshot(), login.done()) == before
    assert (api.bound, api.closed) == ([], 1)
    if action != "renew":
        assert isinstance(login.exception(timeout=0), LoginCancelledError)
        assert not login.cancel()


class Gate:
    """A result that waits until the test has set everything up."""

    def __init__(self, result: object) -> None:
        self._result = result
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    def __call__(self) -> object:
        assert self._open.wait(20)
        return self._result


def test_callbacks_from_many_threads_are_called_once_each() -> None:
    """Those added before, at and after the end are all called, by then or at once."""
    gate = Gate(APPROVED)
    login, _ = start_login(ISSUED, gate)
    called: list[int] = []

    def call(number: int, _: Login) -> None:
        called.append(number)

    def add(worker: int) -> None:
        for index in range(100):
            if worker == index == 0:
                gate.open()
            login.add_done_callback(partial(call, worker * 100 + index))

    in_threads(8, add)
    login.result(timeout=5)
    wait_until(lambda: len(called) == 800)

    assert sorted(called) == list(range(800))


async def await_login(login: Login) -> Session:
    """Await a login, as a cell does."""
    return await login


def test_two_event_loops_can_await_one_login() -> None:
    """Each loop gets the same session, in its own thread."""
    gate, awaiting = Gate(APPROVED), threading.Barrier(3)
    login, _ = start_login(ISSUED, gate)
    sessions: list[Session] = []

    async def main() -> None:
        awaited = asyncio.ensure_future(await_login(login))
        await asyncio.sleep(0.01)
        awaiting.wait(5)
        sessions.append(await asyncio.wait_for(awaited, 5))

    loops = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(2)]
    for loop in loops:
        loop.start()
    awaiting.wait(5)
    gate.open()
    for loop in loops:
        loop.join(5)

    assert sessions == [login.session] * 2
    assert sessions[0] is sessions[1]


def test_an_await_ends_with_its_code_even_if_that_is_renewed() -> None:
    """A callback that requests a new code does not block the event loop for it."""
    gate = Gate(Denied())
    login = start_waiting_login(auth_code(interval=0.0), gate, ISSUED)
    login.add_done_callback(Login.renew)
    errors: list[object] = []

    async def main() -> None:
        awaited = asyncio.ensure_future(await_login(login))
        await asyncio.sleep(0.01)
        gate.open()
        errors.extend(await asyncio.gather(awaited, return_exceptions=True))

    loop = threading.Thread(target=asyncio.run, args=(main(),))
    loop.start()
    loop.join(5)

    assert login.cancel()
    loop.join(5)
    assert isinstance(errors[0], LoginDeniedError)


def test_a_callback_may_cancel_renew_and_read() -> None:
    """No lock is held while callbacks run, so that other threads can read, too."""
    runner, _ = make_runner(ISSUED, Denied(), ISSUED, Denied())
    login = Login(runner)
    seen: list[object] = []
    called = threading.Event()

    def use(login: Login) -> None:
        seen.extend([login.cancel(), login.done(), login.status])
        other = threading.Thread(target=lambda: seen.append(runner.snapshot().status))
        other.start()
        other.join(5)
        login.renew()
        called.set()

    login.add_done_callback(use)
    runner.start()

    assert called.wait(5)
    assert seen == [False, True, Status.DENIED, Status.DENIED]
    assert isinstance(login.exception(timeout=5), LoginDeniedError)


def test_a_renewal_that_meets_an_approval_has_one_result() -> None:
    """Either the session is bound and nothing renewed, or the other way round."""
    results = set()
    # How much later than each other the two come, in seconds.
    for late in [-0.1, 0.1, *(step / 40_000 for step in range(-75, 76))]:
        meeting = threading.Barrier(2)

        def approve(
            late: float = late, meeting: threading.Barrier = meeting
        ) -> Approved:
            meeting.wait(5)
            time.sleep(max(late, 0))
            return APPROVED

        login, api = start_login(ISSUED, approve, ISSUED, Denied())
        meeting.wait(5)
        time.sleep(max(-late, 0))
        try:
            login.renew()
            renewed = True
        except InvalidArgumentError:
            renewed = False
        error = login.exception(timeout=5)

        results.add(renewed)
        assert len(api.bound) == (not renewed)
        assert isinstance(error, LoginDeniedError) is renewed
        assert (login.session is None) is renewed
    assert results == {True, False}


@pytest.mark.usefixtures("_interrupts_arrive")
def test_an_interrupt_ends_the_wait_and_not_the_login() -> None:
    """Ctrl-C ends result() at once, and result() can be called again."""
    gate = Gate(APPROVED)
    login, api = start_login(ISSUED, gate)
    interrupt = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    interrupt.start()

    with pytest.raises(KeyboardInterrupt):
        login.result(timeout=10)

    assert time.monotonic() - began < 5
    assert not login.done()
    gate.open()
    assert login.result(timeout=5) is APPROVED.session
    assert api.bound == [APPROVED.session]


def test_an_approval_is_not_seen_before_its_session_is_bound() -> None:
    """The session is bound first; a thread that reads the status waits for both."""
    binding, go_on = threading.Event(), threading.Event()
    bound: list[Session] = []
    seen: list[object] = []

    def bind(config: LoginConfig, session: Session) -> None:
        binding.set()
        go_on.wait(5)
        bound.append(session)
        assert repr(login) == "<Login pending>"

    runner, _ = make_runner(ISSUED, APPROVED, bind=bind)
    login = Login(runner)
    runner.start()
    reader = threading.Thread(target=lambda: seen.extend([login.status, bool(bound)]))
    assert binding.wait(5)
    reader.start()
    reader.join(0.1)
    go_on.set()
    reader.join(5)

    assert login.result(timeout=5) is APPROVED.session
    assert seen in ([Status.PENDING, False], [Status.APPROVED, True])
    assert runner.snapshot().notices == ()


@pytest.mark.parametrize("game_id", ["second", "third"])
def test_a_callback_of_the_old_login_may_log_in(
    simulator: Simulator, game_id: str
) -> None:
    """A callback that logs in again when superseded leaves one login going on."""

    def log_in(game_id: str) -> parsec_nb.Login:
        return parsec_nb.login(game_id, api_url=simulator.url, variable=None)

    logins: list[parsec_nb.Login] = []
    threads: list[threading.Thread] = []

    def log_in_again(_: parsec_nb.Login) -> None:
        logins.append(log_in(game_id))
        threads.append(threading.Thread(target=log_in, args=(game_id,)))
        threads[-1].start()
        threads[-1].join(5)

    logins.append(log_in("first"))
    logins[0].add_done_callback(log_in_again)
    logins.append(log_in("second"))

    assert not threads[0].is_alive()
    [going_on] = {id(login): login for login in logins if not login.done()}.values()
    finish(going_on, simulator)
    assert going_on.status is Status.APPROVED
