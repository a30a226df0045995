"""Nothing that goes wrong after the approval loses the session, or the outcome."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from test_flow import GRANT, code
from test_login import Errand, SetClock, started

from parsec_nb._answers import Approved, CodeIssued, Pending
from parsec_nb._course import Course
from parsec_nb._errand import NotebookErrand, Wish
from parsec_nb._service import Service
from parsec_nb._values import SessionID
from parsec_nb.errors import APIError, LoginCancelledError, LoginError
from support.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsec_nb._session import Session

LASTING = replace(GRANT, expires_at=datetime(2100, 1, 1, tzinfo=timezone.utc))
# What a front end that is gone, a full memory and other people's code raise.
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


class Gate:
    """An approval that waits until the test has set everything up."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    def __call__(self) -> Approved:
        assert self._open.wait(5)
        return Approved(GRANT)


def raising(fault: type[BaseException]) -> Callable[..., Any]:
    """Return a function that raises *fault*, whatever it is given."""

    def fail(*_: object, **__: object) -> None:
        raise fault

    return fail


@every_fault
def test_a_broken_view_ends_no_login(fault: type[BaseException]) -> None:
    """A view that raises at every drawing neither stops the poll nor the session."""
    gate = Gate()
    login, errand = started(CodeIssued(code()), Pending(), Pending(), gate)
    drawn = threading.Event()
    login.audience.watch(raising(fault))
    login.audience.watch(drawn.set)

    gate.open()

    assert login.result(timeout=5).id == GRANT.id
    assert errand.delivered == [GRANT]
    assert drawn.is_set()


@every_fault
def test_a_broken_callback_keeps_nobody_from_the_result(
    fault: type[BaseException],
) -> None:
    """Later callbacks, who awaits and who blocks get the session; the fault is told."""
    gate = Gate()
    login, _ = started(CodeIssued(code()), gate)
    called: list[Course] = []
    login.add_done_callback(raising(fault))
    login.add_done_callback(called.append)

    async def main() -> Session:
        awaited = asyncio.ensure_future(_session(login))
        await asyncio.sleep(0)
        gate.open()
        return await asyncio.wait_for(awaited, 5)

    assert asyncio.run(main()) is login.result(timeout=5)
    assert called == [login]
    assert fault.__name__ in login.progress().notices[0]


async def _session(login: Course) -> Session:
    return await login


def broken(at: str, fault: type[BaseException]) -> Course:
    """Start a login whose errand breaks at one of its calls."""
    clock, errand = SetClock(), Errand(CodeIssued(code()), Approved(GRANT))
    setattr(errand, at, raising(fault))
    login = Course(errand, clock=clock, wait=clock.wait)
    login.start()
    return login


@every_fault
@pytest.mark.parametrize("at", ["keep", "close"])
def test_a_session_that_cannot_be_kept_is_still_the_result(
    fault: type[BaseException], at: str
) -> None:
    """Neither a keyring nor a connection that breaks holds up who waits."""
    login = broken(at, fault)

    assert login.result(timeout=5).id == GRANT.id
    assert login.exception(timeout=0) is None


@every_fault
@pytest.mark.parametrize(
    "at", ["recall", "open_api", "create_auth_code", "poll_session", "deliver"]
)
def test_a_login_ends_whatever_its_errand_raises(
    fault: type[BaseException], at: str
) -> None:
    """A fault that nobody foresaw ends the login in an error that names it."""
    login = broken(at, fault)

    error = login.exception(timeout=5)

    assert isinstance(error, APIError)
    assert fault.__name__ in str(error)
    assert login.status.ended


class Shelf:
    """A notebook whose variable can, or cannot, be assigned."""

    def __init__(self, fault: type[BaseException] | None = None) -> None:
        self.bound: dict[str, SessionID] = {}
        self._fault = fault

    def bind(self, name: str, session_id: SessionID) -> None:
        if self._fault is not None:
            raise self._fault
        self.bound[name] = session_id

    def session_id(self, name: str) -> SessionID | None:
        return self.bound.get(name)


class NotebookTask(NotebookErrand):
    """A notebook's errand, with scripted answers in place of the network."""

    def __init__(self, shelf: Shelf, *, remember: bool = False) -> None:
        wish = Wish(Service("http://127.0.0.1:9", "game"), "session_id", remember)
        super().__init__(wish, shelf, fresh=False)  # type: ignore[arg-type]

    def open_api(self) -> Errand:  # type: ignore[override]
        return Errand(CodeIssued(code()), Approved(LASTING))


@every_fault
def test_a_variable_that_cannot_be_assigned_leaves_the_session(
    fault: type[BaseException],
) -> None:
    """The session is the login's result all the same, and the card says where it is."""
    clock = SetClock()
    login = Course(NotebookTask(Shelf(fault)), clock=clock, wait=clock.wait)
    login.start()

    session = login.result(timeout=5)

    assert session.id == GRANT.id
    [notice] = login.progress().notices
    assert "session_id = login.session.id" in notice


class MemoryKeyring(KeyringBackend):
    """A keyring in memory, one of whose methods may raise."""

    priority = 5

    def __init__(
        self, breaks: str | None = None, fault: type[Exception] = OSError
    ) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        if breaks is not None:
            setattr(self, breaks, raising(fault))

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def use_keyring() -> Iterator[Callable[[KeyringBackend], None]]:
    """A function that puts a keyring in the place of the system's."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.mark.parametrize("fault", [RuntimeError, OSError, ValueError])
@pytest.mark.parametrize("breaks", ["get_password", "set_password"])
def test_a_broken_keyring_costs_no_session(
    breaks: str,
    fault: type[Exception],
    use_keyring: Callable[[KeyringBackend], None],
) -> None:
    """With remember=True and a keyring that raises, the variable is bound."""
    use_keyring(MemoryKeyring(breaks, fault))
    shelf, clock = Shelf(), SetClock()
    login = Course(NotebookTask(shelf, remember=True), clock=clock, wait=clock.wait)
    login.start()

    assert login.result(timeout=5).id == GRANT.id
    assert shelf.bound == {"session_id": GRANT.id}
    [notice] = login.progress().notices
    assert ("kept in memory only" in notice) is (breaks == "set_password")


def test_a_session_that_came_too_late_keeps_no_other_out_of_the_keyring(
    use_keyring: Callable[[KeyringBackend], None],
) -> None:
    """Only the session that the keyring itself gave is not put into it again."""
    use_keyring(MemoryKeyring())
    first = NotebookTask(Shelf(), remember=True)
    first.keep(first.deliver(LASTING))
    task = NotebookTask(Shelf(), remember=True)
    recalled = task.recall()
    assert recalled is not None
    newer = replace(LASTING, id=SessionID("f" * 64))

    assert task.keep(task.deliver(recalled)) is None
    assert task.keep(task.deliver(newer)) is not None


def test_an_interrupted_cancel_is_a_cancel() -> None:
    """Ctrl-C while the card says "cancelled" stops the drawing; the login has ended."""
    login = Course(Errand(CodeIssued(code())))
    login.start()
    told: list[Course] = []
    login.add_done_callback(told.append)
    login.audience.watch(_interrupt_the_main_thread)

    with pytest.raises(KeyboardInterrupt):
        login.cancel()

    assert login.done()
    assert isinstance(login.exception(timeout=0), LoginCancelledError)
    assert told == [login]


def _interrupt_the_main_thread() -> None:
    if threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt


def test_a_login_for_which_there_is_no_thread_fails() -> None:
    """Where no thread can be started the login ends, says why, and can be renewed."""
    threads: list[Callable[[], None]] = []
    there_are_threads = False

    def spawn(work: Callable[[], None]) -> None:
        if not there_are_threads:
            msg = "can't start new thread"
            raise RuntimeError(msg)
        threads.append(work)

    clock = SetClock()
    errand = Errand(CodeIssued(code()), Approved(GRANT))
    login = Course(errand, clock=clock, wait=clock.wait, spawn=spawn)

    login.start()
    with pytest.raises(LoginError, match="thread"):
        login.result(timeout=0)
    login.renew()
    with pytest.raises(LoginError, match="thread"):
        login.result(timeout=0)
    there_are_threads = True
    login.renew()
    threads.pop()()

    assert login.result(timeout=0).id == GRANT.id


def test_an_approval_needs_no_file_any_more() -> None:
    """All that makes a session is loaded before the code is shown."""
    program = (
        "import sys\n"
        "from parsec_nb._errand import NotebookErrand, Wish\n"
        "from parsec_nb._service import Service\n"
        "from parsec_nb._values import Grant, SessionID\n"
        "wish = Wish(Service('http://127.0.0.1:9', 'game'), None)\n"
        "errand = NotebookErrand(wish, None, fresh=True)\n"
        "errand.open_api()\n"
        "loaded = set(sys.modules)\n"
        "errand.deliver(Grant(SessionID('f' * 64)))\n"
        "print(set(sys.modules) - loaded)"
    )

    printed = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert printed == "set()\n"


# What breaks in a kernel while a login waits: a context manager each.
BREAKS = {
    "the_card_is_closed": "nullcontext(ipywidgets.Widget.close_all())",
    "comms_raise": "patch.object(Comm, 'publish_msg', side_effect=LookupError)",
    "outputs_raise": "patch.object(ip.display_pub, 'publish', side_effect=LookupError)",
    "sockets_raise": "patch.object(ip.kernel.session, 'send', side_effect=OSError)",
    "push_raises": "patch.object(ip, 'push', side_effect=TypeError)",
}


def test_a_kernel_in_which_things_break_has_the_variable() -> None:
    """Whatever of the front end is gone when the code is approved, it is bound."""
    with Kernel() as kernel:
        kernel.run(
            "from contextlib import nullcontext\n"
            "from unittest.mock import patch\n"
            "import ipywidgets, parsec_nb\n"
            "from ipykernel.comm import Comm\n"
            "from parsec_nb.simulator import Simulator\n"
            "ip = get_ipython()\n"
            "simulator = Simulator(interval=0.1).start()\n"
            "def launch(variable):\n"
            "    login = parsec_nb.login('game', api_url=simulator.url,\n"
            "                            variable=variable, fresh=True)\n"
            "    while login.auth_code is None: pass\n"
            "    return login"
        )
        for name, breaking in BREAKS.items():
            cell = kernel.run(
                f"login = launch({name!r})\n"
                f"with {breaking}:\n"
                "    simulator.approve(login.auth_code.user_code)\n"
                "    session = login.result(timeout=10)"
            )

            assert cell.status == "ok", (name, cell.content)
            assert kernel.value(f"session.id is {name}") == "True", name
