"""Many logins at once, and what ended ones leave behind in the process."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from parsec_nb._api.client import WebAPI
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.flow import Status
from parsec_nb._auth.handle import Login
from parsec_nb._auth.runner import LoginRunner
from parsec_nb.errors import LoginError
from parsec_nb.simulator import Simulator
from support.crowd import (
    THREAD_NAME,
    Held,
    do_something,
    finish,
    held_once_settled,
    in_threads,
    wait_until,
)
from support.http_server import ScriptedServer
from support.secrets import grant, issue_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsec_nb._api.models import Session

SEED = 20_000
# How long "at once" may take on a machine that does other things as well.
AT_ONCE = 0.5


@pytest.fixture(scope="module")
def fast_simulator() -> Iterator[Simulator]:
    """A simulator that may be polled often."""
    with Simulator(interval=0.05) as running:
        yield running


class Member:
    """One login of a crowd, and what it did."""

    def __init__(self, simulator: Simulator) -> None:
        self.bound: list[Session] = []
        self._calls: list[list[Login]] = []
        self.runner = LoginRunner(
            LoginConfig(simulator.url, "game"),
            lambda config: WebAPI(config.api_url),
            lambda config, session: self.bound.append(session),
        )
        self.login = Login(self.runner)

    def add_callback(self) -> None:
        called: list[Login] = []
        self._calls.append(called)
        self.login.add_done_callback(called.append)

    def use(self, members: list[Member], simulator: Simulator, seed: int) -> None:
        """Use the login, and now and then that of another member."""
        chance = random.Random(seed)
        self.add_callback()
        self.runner.start()
        for _ in range(chance.randrange(6)):
            member = chance.choice([self, self, chance.choice(members)])
            member.add_callback()
            do_something(member.login, simulator, chance, member.runner.supersede)
            time.sleep(chance.random() / 20)

    def check(self) -> None:
        """Fail unless it has one result, which each callback got once."""
        session, error = self.login.session, self.login.exception(timeout=0)
        assert (session is None) is isinstance(error, LoginError)
        assert (error is None) is (self.login.status is Status.APPROVED)
        assert self.bound == [session] * (session is not None)
        if session is not None:
            assert self.login.result() is session
        assert all(called == [self.login] for called in self._calls)


@pytest.mark.serial
def test_two_hundred_logins_leave_nothing_behind(
    fast_simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Started, cancelled, renewed and superseded at random, each ends exactly once."""
    before = Held.now()
    members: list[Member] = []
    workers, each = 8, 25

    def work(number: int) -> None:
        mine = []
        for index in range(each):
            mine.append(Member(fast_simulator))
            members.append(mine[-1])
            mine[-1].use(list(members), fast_simulator, SEED + number * each + index)
        for member in mine:
            finish(member.login, fast_simulator)

    in_threads(workers, work)
    for member in members:
        finish(member.login, fast_simulator)
    after = held_once_settled(before)

    ends = [member.login.status.value for member in members]
    print({end: ends.count(end) for end in sorted(set(ends))})
    assert len(members) == workers * each
    assert after.no_more_than(before), (before, after)
    for member in members:
        member.check()
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.serial
@pytest.mark.parametrize("action", ["cancel", "supersede", "renew"])
def test_a_click_ends_the_waiting_thread_at_once(action: str) -> None:
    """The daemon thread wakes, closes its connection and ends in less than 0.5 s."""
    with Simulator(interval=60) as slow:
        before, others = Held.now(), set(threading.enumerate())
        runner = Member(slow).runner
        runner.start()
        new = set(threading.enumerate()) - others
        [thread] = [t for t in new if t.name == THREAD_NAME]
        wait_until(lambda: runner.snapshot().status is Status.PENDING)
        time.sleep(0.1)

        began = time.monotonic()
        getattr(runner, action)()
        thread.join(5)
        took = time.monotonic() - began
        runner.cancel()

        assert thread.daemon
        assert not thread.is_alive()
        assert took < AT_ONCE
        assert held_once_settled(before).no_more_than(before)


@pytest.mark.serial
def test_the_end_of_the_process_is_not_held_up(simulator: Simulator) -> None:
    """Python ends at once with a login pending, as a kernel does at its shutdown."""
    program = (
        "import sys, time\n"
        "from parsec_nb._api.client import WebAPI\n"
        "from parsec_nb._auth.config import LoginConfig\n"
        "from parsec_nb._auth.runner import LoginRunner\n"
        "config = LoginConfig(sys.argv[1], 'game')\n"
        "connect = lambda config: WebAPI(config.api_url)\n"
        "runner = LoginRunner(config, connect, lambda config, session: None)\n"
        "runner.start()\n"
        "while runner.snapshot().status != 'pending': time.sleep(0.01)\n"
        "print('over', flush=True)"
    )
    command = [sys.executable, "-c", program, simulator.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "over\n"
        began = time.monotonic()
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()

    # Python takes some of it itself; a thread that it waited for would never end.
    assert time.monotonic() - began < 4 * AT_ONCE


FORK = """
import os, sys, time
from parsec_nb._api.client import WebAPI
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.handle import Login
from parsec_nb._auth.runner import LoginRunner
def wait_for(status):
    while login.status != status: time.sleep(0.01)
bound, slow = [], False
def bind(config, session):
    bound.append(session)
    if slow: time.sleep(1)
connect = lambda config: WebAPI(config.api_url)
runner = LoginRunner(LoginConfig(sys.argv[1], 'game'), connect, bind)
login = Login(runner)
def in_child(work):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        work()
        sys.stdout.flush()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
"""


def run_forking(program: str, url: str) -> list[str]:
    """Run a program that forks, and return what its processes printed."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c"]
    printed = subprocess.check_output(
        [*command, FORK + program, url], text=True, timeout=20
    )
    return printed.splitlines()


def test_a_forked_child_has_no_pending_login(simulator: Simulator) -> None:
    """It has ended there, with the reason; the parent's goes on."""
    program = (
        "def child():\n"
        "    error = login.exception(timeout=5)\n"
        "    print(type(error).__name__, 'forked' in str(error), login.status)\n"
        "runner.start()\n"
        "wait_for('pending')\n"
        "in_child(child)\n"
        "print(login.status, login.done())\n"
    )

    printed = run_forking(program, simulator.url)

    assert printed == ["LoginCancelledError True cancelled", "pending False"]


def test_a_forked_child_can_log_in_anew(simulator: Simulator) -> None:
    """Its login is renewed there with a thread and a code that the parent has not."""
    program = (
        "def child():\n"
        "    code = login.renew().auth_code\n"
        "    wait_for('pending')\n"
        "    print(login.auth_code.user_code != parents, login.cancel())\n"
        "runner.start()\n"
        "wait_for('pending')\n"
        "parents = login.auth_code.user_code\n"
        "in_child(child)\n"
        "print(login.auth_code.user_code == parents, login.cancel())\n"
    )

    assert run_forking(program, simulator.url) == ["True True"] * 2


def test_a_forked_child_keeps_an_approved_login() -> None:
    """Its session is there at once."""
    program = (
        "runner.start()\n"
        "session = login.result(20)\n"
        "in_child(lambda: print(login.status, login.result(0) is session))\n"
    )
    with ScriptedServer(issue_code(), grant()) as server:
        printed = run_forking(program, server.url)

    assert printed == ["approved True"]


def test_a_fork_while_a_session_is_bound_blocks_neither_process() -> None:
    """The child's login has one result: a session if it is approved, else an error."""
    program = (
        "def child():\n"
        "    ended = login.exception(timeout=5)\n"
        "    approved = login.status == 'approved'\n"
        "    print((ended is None) == approved == (login.session is not None))\n"
        "slow = True\n"
        "runner.start()\n"
        "while not bound: time.sleep(0.01)\n"
        "in_child(child)\n"
        "print(login.result(5) is login.session)\n"
    )
    with ScriptedServer(issue_code(), grant()) as server:
        printed = run_forking(program, server.url)

    assert printed == ["True", "True"]
