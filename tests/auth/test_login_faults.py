"""Nothing that fails after the approval loses the session, or leaves a login open."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb._api.models import Approved, Pending
from parsec_nb._api.threads import NoThreadError
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.flow import Status
from parsec_nb._auth.handle import Login
from parsec_nb.errors import APIError, LoginCancelledError, LoginError
from support.builders import auth_code, session
from support.fakes import ScriptedAPI, make_runner, start_login, start_waiting_login
from support.http_server import ScriptedServer
from support.secrets import grant, issue_code
from support.threads import no_more_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._api.models import Session

ISSUED = auth_code()
APPROVED = Approved(session())
SESSION = APPROVED.session
# What a closed front end, exhausted memory and user code raise.
FAULTS = [
    LookupError,
    MemoryError,
    RecursionError,
    asyncio.CancelledError,
    GeneratorExit,
    KeyboardInterrupt,
    SystemExit,
]
every_fault = pytest.mark.parametrize("fault", FAULTS)


def raising(fault: type[BaseException]) -> Callable[..., Any]:
    """Return a function that raises *fault*, whatever it is given."""

    def fail(*_: object, **__: object) -> None:
        raise fault

    return fail


class BrokenAPI(ScriptedAPI):
    """A web API that approves at the first poll, and fails in one method."""

    def __init__(self, method: str, fault: type[BaseException]) -> None:
        super().__init__(ISSUED, APPROVED)
        setattr(self, method, raising(fault))


class BrokenStore:
    """A keyring that holds nothing, and fails in one method."""

    def __init__(self, method: str, fault: type[BaseException]) -> None:
        setattr(self, method, raising(fault))

    def load(self, config: LoginConfig) -> None:
        return None

    def save(self, config: LoginConfig, session: Session) -> None:
        return None


def start_broken(method: str, fault: type[BaseException]) -> tuple[Login, ScriptedAPI]:
    """Start a login that is approved at once, but one of whose calls fails."""
    api = BrokenAPI(method, fault)
    broken_store = method in {"load", "save"}
    store = BrokenStore(method, fault) if broken_store else None
    login, _ = start_login(connect=api.connect, bind=api.bind, store=store)
    return login, api


@every_fault
def test_an_observer_that_raises_ends_no_login(fault: type[BaseException]) -> None:
    """It affects neither the polls, nor the session, nor the other observers."""
    go_on = threading.Event()
    late = [Pending(), Pending(), lambda: go_on.wait(5) and APPROVED]
    runner, api = make_runner(ISSUED, *late)
    seen: list[Status] = []
    runner.start()
    runner.observers.add(raising(fault))
    runner.observers.add(lambda: seen.append(runner.snapshot().status))

    go_on.set()

    assert Login(runner).result(timeout=5) is SESSION
    assert api.bound == [SESSION]
    assert seen[-1] is Status.APPROVED


@every_fault
def test_a_callback_that_raises_withholds_the_result_from_no_caller(
    fault: type[BaseException],
) -> None:
    """Later callbacks, await and result() get the session; a notice names the fault."""
    go_on = threading.Event()
    runner, _ = make_runner(ISSUED, lambda: go_on.wait(5) and APPROVED)
    login = Login(runner)
    called: list[Login] = []
    login.add_done_callback(raising(fault))
    login.add_done_callback(called.append)
    runner.start()

    async def main() -> Session:
        awaited = asyncio.ensure_future(_await(login))
        await asyncio.sleep(0)
        go_on.set()
        return await asyncio.wait_for(awaited, 5)

    assert asyncio.run(main()) is login.result(timeout=5) is SESSION
    assert called == [login]
    assert fault.__name__ in runner.snapshot().notices[0]


async def _await(login: Login) -> Session:
    return await login


@every_fault
@pytest.mark.parametrize("method", ["save", "close"])
def test_a_session_that_cannot_be_saved_is_still_the_result(
    fault: type[BaseException], method: str
) -> None:
    """Neither a keyring nor a connection that fails holds up the result."""
    login, api = start_broken(method, fault)

    assert login.result(timeout=5) is SESSION
    assert api.bound == [SESSION]


@every_fault
@pytest.mark.parametrize(
    "method", ["load", "connect", "create_auth_code", "poll_session"]
)
def test_an_unexpected_fault_ends_the_login(
    fault: type[BaseException], method: str
) -> None:
    """The error of the login names the fault, and says what to do."""
    login, _ = start_broken(method, fault)

    error = login.exception(timeout=5)

    assert isinstance(error, APIError)
    assert f"unexpected {fault.__name__}. Try again" in str(error)
    assert login.status is Status.FAILED


@every_fault
def test_a_variable_that_cannot_be_assigned_loses_no_session(
    fault: type[BaseException],
) -> None:
    """The login is approved, and a notice says where the session is."""
    runner, _ = make_runner(ISSUED, APPROVED, bind=raising(fault))

    runner.start()

    assert Login(runner).result(timeout=5) is SESSION
    assert runner.snapshot().status is Status.APPROVED
    [notice] = runner.snapshot().notices
    assert "session_id = login.session.id" in notice


def test_an_interrupted_cancel_is_a_cancel() -> None:
    """Ctrl-C while the card is drawn ends the drawing; the login has ended, too."""
    runner, _ = make_runner(ISSUED, spawn=lambda work: None)
    login = Login(runner)
    runner.start()
    called: list[Login] = []
    login.add_done_callback(called.append)
    runner.observers.add(raising(KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        login.cancel()

    assert login.done()
    assert isinstance(login.exception(timeout=0), LoginCancelledError)
    assert called == [login]


def test_a_login_that_gets_no_thread_fails_and_can_be_renewed() -> None:
    """Where no thread can be started, the login ends and its error says why."""
    started: list[Callable[[], None]] = []
    there_are_threads = False

    def spawn(work: Callable[[], None]) -> None:
        if not there_are_threads:
            raise NoThreadError
        started.append(work)

    login, _ = start_login(ISSUED, APPROVED, spawn=spawn)
    with pytest.raises(LoginError, match="as many threads as it may have"):
        login.result(timeout=0)
    login.renew()
    with pytest.raises(LoginError, match="as many threads as it may have"):
        login.result(timeout=0)
    there_are_threads = True
    login.renew()
    started.pop()()

    assert login.result(timeout=0) is SESSION


@pytest.mark.serial
def test_a_process_without_another_thread_can_start_no_login() -> None:
    """The system's refusal is the login's error, not an exception of the call."""
    with no_more_threads():
        login = start_waiting_login(ISSUED)

    assert isinstance(login.exception(timeout=0), LoginError)
    assert login.renew().cancel()


def test_an_approval_loads_no_module() -> None:
    """All that makes a session is loaded before the code is shown.

    Otherwise an approval could be lost to a full table of descriptors.
    """
    program = (
        "import sys\n"
        "from parsec_nb._api.client import WebAPI\n"
        "from parsec_nb._auth.config import LoginConfig\n"
        "from parsec_nb._auth.handle import Login\n"
        "from parsec_nb._auth.runner import LoginRunner\n"
        "from parsec_nb._auth.store import KeyringStore\n"
        "config = LoginConfig(sys.argv[1], 'game')\n"
        "runner = LoginRunner(config, lambda config: WebAPI(config.api_url),\n"
        "                     lambda config, session: None, KeyringStore())\n"
        "before = set()\n"
        "def shown():\n"
        "    if runner.snapshot().auth_code:\n"
        "        before.update(sys.modules)\n"
        "runner.observers.add(shown)\n"
        "runner.start()\n"
        "Login(runner).result(timeout=20)\n"
        "print(len(before) > 0, set(sys.modules) - before)"
    )
    with ScriptedServer(issue_code(), grant()) as server:
        command = [sys.executable, "-c", program, server.url]
        printed = subprocess.check_output(command, text=True)

    assert printed == "True set()\n"
