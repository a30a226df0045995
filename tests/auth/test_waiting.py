"""The ways of asyncio to wait for a login, with a scripted web API and a set clock."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb._api.models import Approved
from support.builders import auth_code, session
from support.fakes import start_login, start_waiting_login

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._auth.handle import Login

ISSUED = auth_code()
APPROVED = Approved(session())


async def in_a_task(login: Login) -> Any:
    """Await a login in another task."""

    async def wait() -> Any:
        return await login

    return await asyncio.create_task(wait())


@pytest.mark.parametrize(
    "wait",
    [
        asyncio.ensure_future,
        asyncio.shield,
        in_a_task,
        lambda login: asyncio.wait_for(login, 5),
        lambda login: asyncio.to_thread(login.result, 5),
    ],
    ids=["ensure_future", "shield", "create_task", "wait_for", "to_thread"],
)
def test_asyncio_waits_for_a_login(wait: Callable[[Login], Any]) -> None:
    """What takes an awaitable takes a login; create_task takes what awaits one."""

    async def main() -> Any:
        login, _ = start_login(ISSUED, APPROVED)
        return await wait(login)

    assert asyncio.run(main()) is APPROVED.session


def test_many_tasks_wait_for_one_login() -> None:
    """All of them get the session, and one that is cancelled takes no other along."""
    approved = threading.Event()

    def result() -> Approved:
        approved.wait(5)
        return APPROVED

    async def main() -> list[Any]:
        login, _ = start_login(ISSUED, result)
        tasks = [asyncio.ensure_future(login) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        approved.set()
        return await asyncio.gather(*tasks, login, return_exceptions=True)

    cancelled, *others = asyncio.run(main())

    assert isinstance(cancelled, asyncio.CancelledError)
    assert others == [APPROVED.session] * 3


def test_a_wait_that_times_out_ends_no_login() -> None:
    """`asyncio.wait_for` cancels its own task."""
    login = start_waiting_login(ISSUED)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(asyncio.wait_for(login, 0.05))

    assert not login.done()
    assert login.cancel()
