"""A login's thread and its Future's words, with a scripted service and a set clock."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from test_flow import GRANT, NO_ANSWER, code

from parsec_nb._answers import Approved, CodeIssued, Pending, Refused
from parsec_nb._course import Course
from parsec_nb._session import Session
from parsec_nb._states import Status
from parsec_nb.errors import (
    InvalidArgumentError,
    LoginCancelledError,
    LoginDeniedError,
    LoginExpiredError,
    MissingGameIDError,
    ParsecError,
    UnreachableError,
)

if TYPE_CHECKING:
    from parsec_nb._values import AuthCode, Grant


class SetClock:
    """A clock that only waiting moves; it never really waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1e9 + self.now

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.now += seconds
        return stop.is_set()


class Errand:
    """A service that gives scripted answers, and remembers what it was told."""

    game_id = "game"

    def __init__(self, *answers: Any, clock: SetClock | None = None) -> None:
        self.answers = list(answers)
        self.asked_at: list[float] = []
        self.delivered: list[Grant] = []
        self.closed = 0
        self._clock = clock

    def open_api(self) -> Errand:
        return self

    def recall(self) -> None:
        return None

    def deliver(self, grant: Grant) -> Session:
        self.delivered.append(grant)
        return Session(id=grant.id)

    def keep(self, session: Session) -> None:
        return None

    def close(self) -> None:
        self.closed += 1

    def create_auth_code(self, game_id: str) -> Any:
        return self._answer()

    def poll_session(self, auth_code: AuthCode) -> Any:
        return self._answer()

    def _answer(self) -> Any:
        if self._clock is not None:
            self.asked_at.append(self._clock.now)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return given() if callable(given) else given


class FrankCourse(Course):
    """A login that remembers the faults that end it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.faults: list[str] = []
        super().__init__(*args, **kwargs)

    def _fail(self, stop: threading.Event, error: ParsecError) -> None:
        self.faults.append(str(error))
        super()._fail(stop, error)


def started(*answers: Any) -> tuple[Course, Errand]:
    """Start a login that gets these answers, the last one for ever."""
    clock = SetClock()
    errand = Errand(*answers, clock=clock)
    login = Course(errand, clock=clock, wait=clock.wait, jitter=lambda: 0.0)
    login.start()
    return login, errand


def test_an_approval_is_delivered_once_and_is_the_result() -> None:
    """The session goes to the errand, then to everybody who waits."""
    login, errand = started(CodeIssued(code()), Pending(), Approved(GRANT))

    session = login.result(timeout=5)

    assert errand.delivered == [GRANT]
    assert (login.session, login.status) == (session, Status.APPROVED)
    assert login.exception() is None
    assert errand.asked_at == [0, 5, 10]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([CodeIssued(code()), Refused()], LoginDeniedError),
        ([CodeIssued(code()), Pending()], LoginExpiredError),
        ([CodeIssued(code()), NO_ANSWER], LoginExpiredError),
        ([NO_ANSWER], UnreachableError),
    ],
)
def test_every_login_ends(answers: list[Any], error: type[Exception]) -> None:
    """A denial, silence and an outage each end in their own error, and no thread."""
    login, errand = started(*answers)

    with pytest.raises(error):
        login.result(timeout=5)

    assert login.done()
    assert errand.closed == 1
    assert max(errand.asked_at) < 1800


def test_what_raises_around_an_approval_loses_no_session() -> None:
    """A view that is gone and a callback that raises do not matter; it is told."""
    login, errand = started(CodeIssued(code()), Approved(GRANT))
    login.audience.watch(lambda: 1 / 0)
    login.add_done_callback(lambda _: 1 / 0)

    assert login.result(timeout=5).id == GRANT.id

    assert errand.delivered == [GRANT]
    assert "ZeroDivisionError" in login.progress().notices[0]


def test_an_answer_after_a_cancel_changes_nothing() -> None:
    """A session that comes after the cancel is not delivered."""
    asked, go_on = threading.Event(), threading.Event()

    def late() -> Approved:
        asked.set()
        go_on.wait(5)
        return Approved(GRANT)

    login, errand = started(CodeIssued(code()), late)
    asked.wait(5)

    assert login.cancel()
    go_on.set()
    while errand.closed == 0:
        time.sleep(0.01)

    assert errand.delivered == []
    assert isinstance(login.exception(), LoginCancelledError)
    assert not login.cancel()


def test_a_cancel_ends_the_waiting_thread_at_once() -> None:
    """The thread is a daemon, and gone in well under half a second."""
    login = Course(Errand(CodeIssued(code())))
    login.start()
    while login.status is not Status.PENDING:
        time.sleep(0.01)
    [thread] = [t for t in threading.enumerate() if t.name == "parsec_nb-login"]

    login.cancel()
    thread.join(0.5)

    assert thread.daemon
    assert not thread.is_alive()


def test_a_failed_login_can_be_renewed_in_place() -> None:
    """After a denial, a new code can still be approved; then nothing more."""
    login, _ = started(
        CodeIssued(code()), Refused(), CodeIssued(code()), Approved(GRANT)
    )
    with pytest.raises(LoginDeniedError):
        login.result(timeout=5)

    login.renew()

    assert login.result(timeout=5).id == GRANT.id
    with pytest.raises(InvalidArgumentError):
        login.renew()


def test_speaks_the_words_of_a_future() -> None:
    """A time-out is the builtin one, a late callback runs at once, await works."""
    waiting = Course(Errand(CodeIssued(code())))
    waiting.start()
    with pytest.raises(TimeoutError):
        waiting.result(timeout=0.05)
    waiting.cancel()
    login, _ = started(CodeIssued(code()), Approved(GRANT))

    async def main() -> Session:
        return await login

    seen: list[Course] = []
    assert asyncio.run(main()).id == GRANT.id
    login.add_done_callback(seen.append)
    assert seen == [login]


def test_to_stop_awaiting_is_not_to_cancel() -> None:
    """A cell that is interrupted leaves the login alone."""
    login = Course(Errand(CodeIssued(code())))
    login.start()

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(_session(login), 0.05)

    asyncio.run(main())

    assert not login.done()
    assert login.cancel()


async def _session(login: Course) -> Session:
    return await login


def test_does_not_block_while_a_game_id_is_asked_for() -> None:
    """A call that blocked the kernel would keep the game_id out for ever."""
    login = Course(None)

    with pytest.raises(MissingGameIDError, match="game_id"):
        login.result()
    login.start(Errand(CodeIssued(code()), Refused()))

    assert login.status is not Status.NEEDS_GAME_ID
    login.cancel()


def test_secrets_show_and_pickle_nothing() -> None:
    """Session ID and hash are masked in a repr, refuse pickles, and stay intact."""
    session = Session(id=GRANT.id)
    hidden = repr([session, {"id": session.id}, code(), vars(session), vars(code())])

    assert GRANT.id not in hidden
    assert "'hash'" not in hidden
    assert (
        json.loads(json.dumps(session.id)) == f"{session.id}" == "0123456789abcdef" * 4
    )
    assert copy.deepcopy(session) == session
    for value in (session, session.id, code()):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(value)
