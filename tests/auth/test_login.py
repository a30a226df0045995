"""A login's thread and its Future, with a scripted web API and a set clock."""

from __future__ import annotations

import asyncio
import copy
import pickle
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb._api.models import Approved, Denied, Pending
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.flow import Status
from parsec_nb._auth.handle import Login
from parsec_nb.errors import (
    InvalidArgumentError,
    LoginCancelledError,
    LoginDeniedError,
    LoginExpiredError,
    MissingGameIDError,
    UnreachableError,
)
from support.builders import NO_RESPONSE, auth_code, session
from support.fakes import CONFIG, make_runner, start_login, start_waiting_login

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._api.models import Session

ISSUED = auth_code()
APPROVED = Approved(session())
WITHOUT_GAME_ID = LoginConfig(CONFIG.api_url, None)


class Store:
    """A keyring that has a session, or none, and records what it is to save."""

    def __init__(self, kept: Session | None = None) -> None:
        self._kept = kept
        self.saved: list[Session] = []

    def load(self, config: LoginConfig) -> Session | None:
        return self._kept

    def save(self, config: LoginConfig, session: Session) -> str:
        self.saved.append(session)
        return "It is kept."


async def await_login(login: Login) -> Session:
    """Await a login, as a cell does."""
    return await login


def test_an_approval_is_bound_once_and_is_the_result() -> None:
    """The session is bound, then returned to every caller that waits."""
    login, api = start_login(ISSUED, Pending(), APPROVED)

    result = login.result(timeout=5)

    assert result is login.session is APPROVED.session
    assert api.bound == [result]
    assert (login.status, login.exception()) == (Status.APPROVED, None)
    assert api.requested_at == [0, 5, 10]


@pytest.mark.parametrize(
    ("results", "error"),
    [
        ([ISSUED, Denied()], LoginDeniedError),
        ([ISSUED, Pending()], LoginExpiredError),
        ([ISSUED, NO_RESPONSE], LoginExpiredError),
        ([NO_RESPONSE], UnreachableError),
    ],
)
def test_every_login_ends(results: list[Any], error: type[Exception]) -> None:
    """A denial, an expiry and an outage each end in their error and close the API."""
    login, api = start_login(*results)

    with pytest.raises(error):
        login.result(timeout=5)

    assert login.done()
    assert api.closed == 1
    assert max(api.requested_at) < 1800


def test_a_failed_login_can_be_renewed_in_place() -> None:
    """After a denial, a new code can still be approved; then none can be requested."""
    login, _ = start_login(ISSUED, Denied(), ISSUED, APPROVED)
    with pytest.raises(LoginDeniedError):
        login.result(timeout=5)

    assert login.renew() is login

    assert login.result(timeout=5) is APPROVED.session
    with pytest.raises(InvalidArgumentError):
        login.renew()


def test_has_the_vocabulary_of_a_future() -> None:
    """A timeout is the builtin one, a late callback is called at once, await works."""
    waiting = start_waiting_login(ISSUED)
    with pytest.raises(TimeoutError):
        waiting.result(timeout=0.05)
    with pytest.raises(TimeoutError):
        waiting.exception(timeout=0)
    assert waiting.cancel()
    login, _ = start_login(ISSUED, APPROVED)
    called: list[Login] = []

    assert asyncio.run(await_login(login)) is APPROVED.session
    login.add_done_callback(called.append)

    assert called == [login]


def test_to_stop_awaiting_is_not_to_cancel() -> None:
    """A cell that is interrupted does not end the login."""
    login = start_waiting_login(ISSUED)

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(await_login(login), 0.05)

    asyncio.run(main())

    assert not login.done()
    assert login.cancel()


def test_does_not_block_while_a_game_id_is_asked_for() -> None:
    """A call that blocked the kernel would keep the card from receiving a game_id."""
    runner, _ = make_runner(ISSUED, Denied(), config=WITHOUT_GAME_ID)
    login = Login(runner)
    runner.start()

    with pytest.raises(MissingGameIDError, match="game_id"):
        login.result(timeout=5)
    with pytest.raises(MissingGameIDError, match="game_id"):
        login.renew()
    runner.start(CONFIG)

    assert isinstance(login.exception(timeout=5), LoginDeniedError)
    assert runner.config is CONFIG


def test_no_empty_game_id_is_ever_sent() -> None:
    """A blank PARSEC_SESSION_ID does not start a login that has no game_id."""
    blank = {"PARSEC_SESSION_ID": "  "}
    config = LoginConfig.resolve(api_url=CONFIG.api_url, environ=blank)
    runner, api = make_runner(ISSUED, config=config)

    with pytest.raises(MissingGameIDError):
        runner.start(config)

    assert runner.snapshot().status is Status.NEEDS_GAME_ID
    assert api.requested_at == []


@pytest.mark.parametrize("where", ["PARSEC_SESSION_ID", "keyring"])
def test_a_session_that_exists_needs_no_request(where: str) -> None:
    """It is bound and is the result, with no code and no connection but a notice."""
    kept = session(user_id=7)
    config, store = CONFIG, Store(kept)
    if where == "PARSEC_SESSION_ID":
        config, store = replace(CONFIG, existing=kept), Store()
    runner, api = make_runner(NO_RESPONSE, config=config, store=store)
    runner.start()

    assert Login(runner).result(timeout=5) is kept
    assert where in runner.snapshot().notices[0]
    assert api.bound == [kept]
    assert (api.requested_at, api.closed) == ([], 0)


def test_a_new_code_does_not_use_the_session_that_existed() -> None:
    """A renewal asks for another session than the keyring's."""
    store = Store()
    login, _ = start_login(ISSUED, Denied(), ISSUED, APPROVED, store=store)
    assert isinstance(login.exception(timeout=5), LoginDeniedError)

    store.load = lambda config: session(user_id=7)  # type: ignore[method-assign]
    login.renew()

    assert login.result(timeout=5) is APPROVED.session


def test_a_session_that_came_too_late_is_not_mentioned_later() -> None:
    """A keyring's session that arrives after a cancel is not the new code's."""
    loading, go_on, ended = (threading.Event() for _ in range(3))

    class SlowStore(Store):
        def load(self, config: LoginConfig) -> Session:
            loading.set()
            go_on.wait(5)
            return session(user_id=7)

    def spawn(work: Callable[[], None]) -> None:
        def run() -> None:
            work()
            ended.set()

        threading.Thread(target=run).start()

    runner, _ = make_runner(ISSUED, APPROVED, store=SlowStore(), spawn=spawn)
    runner.start()
    assert loading.wait(5)
    runner.cancel()
    go_on.set()
    assert ended.wait(5)

    runner.renew()

    assert Login(runner).result(timeout=5) is APPROVED.session
    assert runner.snapshot().notices == ("It is kept.",)


def test_a_session_is_saved_before_the_login_is_done() -> None:
    """Where it is kept, or why not, is shown after the status."""
    store = Store()
    runner, _ = make_runner(ISSUED, APPROVED, store=store)
    notices: list[tuple[str, ...]] = []
    login = Login(runner)
    login.add_done_callback(lambda _: notices.append(runner.snapshot().notices))

    runner.start()

    assert login.result(timeout=5) is APPROVED.session
    assert store.saved == [APPROVED.session]
    assert notices == [("It is kept.",)]


def test_a_superseded_login_cannot_be_renewed() -> None:
    """The card of an ended login offers no new code once a newer login is there."""
    runner, _ = make_runner(ISSUED, Denied())
    login = Login(runner)
    runner.start()
    assert isinstance(login.exception(timeout=5), LoginDeniedError)
    assert runner.snapshot().renewable

    runner.supersede()

    assert not runner.snapshot().renewable
    assert "newer" in runner.snapshot().notices[0]
    with pytest.raises(InvalidArgumentError):
        login.renew()
    assert isinstance(login.exception(timeout=0), LoginDeniedError)


def test_a_login_cancelled_before_its_game_id_offers_no_new_code() -> None:
    """There is nothing to request a code with, and nothing starts any more."""
    runner, api = make_runner(ISSUED, config=WITHOUT_GAME_ID)
    login = Login(runner)

    assert login.cancel()
    runner.start(CONFIG)

    assert not runner.snapshot().renewable
    assert isinstance(login.exception(timeout=0), LoginCancelledError)
    assert api.requested_at == []


@pytest.mark.parametrize("take", [pickle.dumps, copy.deepcopy])
def test_a_login_cannot_be_taken_along(take: Callable[[Login], object]) -> None:
    """A pickle or a deep copy could not have its thread."""
    login, _ = start_login(ISSUED, APPROVED)

    with pytest.raises(TypeError, match=r"use parsec_nb\.Session\.from_id"):
        take(login)
