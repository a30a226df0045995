"""The `Login` that a notebook holds: the vocabulary of a Future, and `await`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import AbstractContextManager, nullcontext, suppress
from contextvars import copy_context
from typing import Any, NoReturn

from parsec_nb._api.models import AuthCode, Session
from parsec_nb._auth import messages
from parsec_nb._auth.flow import Status
from parsec_nb._auth.runner import LoginRunner
from parsec_nb.errors import MissingGameIDError

# Windows cannot interrupt a wait without a timeout.
_INTERRUPTIBLE_SECONDS = 0.5


class Login:
    """A login, from its start to its end; `parsec_nb.login()` returns one.

    It has the vocabulary of `concurrent.futures.Future`, for any thread, and can
    be awaited: `session = await parsec_nb.login()`. A login that failed can be
    renewed; then it is not done until its new code has ended.

    In the examples, `login` is approved, and `pending` waits for its approval.

    Example:
        >>> login.status, login.session.id is session_id, login.exception()
        (<Status.APPROVED: 'approved'>, True, None)
        >>> pending.status, pending.auth_code.verification_uri
        (<Status.PENDING: 'pending'>, 'http://127.0.0.1:.../activate')
        >>> session = await login
        >>> login.add_done_callback(lambda login: print(login.status))
        approved
        >>> pending.renew() is pending, pending.cancel(), pending.status.value
        (True, True, 'cancelled')
    """

    def __init__(
        self,
        runner: LoginRunner,
        show: Callable[[], object] = lambda: None,
        reveal: Callable[[], object] = lambda: None,
        awaiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._runner = runner
        self._show = show
        self._reveal = reveal
        self._awaiting = awaiting

    def __repr__(self) -> str:
        return f"<Login {self._runner}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse pickles and deep copies, which could not take the thread along."""
        raise TypeError(messages.NOT_PICKLED)

    def _ipython_display_(self) -> None:
        """Show the card: a login as a cell's last line makes no `Out[n]`."""
        self._show()

    @property
    def status(self) -> Status:
        """The status; once it is approved, the variable is bound."""
        return self._runner.snapshot().status

    @property
    def auth_code(self) -> AuthCode | None:
        """The code that waits for its approval; None at all other times."""
        return self._runner.snapshot().auth_code

    @property
    def session(self) -> Session | None:
        """The session, once the login is approved."""
        return self._runner.snapshot().session

    def done(self) -> bool:
        """Return whether the login has ended.

        Example:
            >>> login.done(), pending.done()
            (True, False)
        """
        return self._runner.future.done()

    def result(self, timeout: float | None = None) -> Session:
        """Return the session, after waiting at most *timeout* seconds for it.

        Blocks the calling thread. An interrupt ends only the wait. In a notebook
        `await` is better: it keeps the buttons working.

        Raises:
            TimeoutError: The login has not ended after *timeout* seconds.
            MissingGameIDError: The card still asks for a game_id, which it cannot
                receive while this call blocks the kernel.
            ParsecError: How the login ended, in one of the subclasses.

        Example:
            >>> session = login.result()
            >>> pending.result(timeout=0.1)
            Traceback (most recent call last):
                ...
            TimeoutError: The login is still waiting for its approval...
        """
        return _result(self._wait(timeout))

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the error that ended the login, or None if it was approved.

        Waits, and raises TimeoutError and MissingGameIDError, as `result` does.
        """
        return self._wait(timeout).exception()

    def add_done_callback(self, fn: Callable[[Login], object]) -> None:
        """Call *fn* with this login once when it ends, at once if it has ended.

        It is called in the thread that ended the login, in the context of this
        call. An exception that it raises is shown on the card and dropped.
        """
        context = copy_context()

        def call(_: Future[Session]) -> None:
            try:
                context.copy().run(fn, self)
            except BaseException as error:  # noqa: BLE001 - the other callbacks must run
                text = messages.CALLBACK_FAILED.format(error=type(error).__name__)
                self._runner.observers.add_notice(text)

        self._runner.future.add_done_callback(call)

    def cancel(self) -> bool:
        """End the login; True if it had not ended before."""
        return self._runner.cancel()

    def renew(self) -> Login:
        """Request a new code in the same card, and return this login.

        The old code is forgotten. Does nothing while a code is being requested.

        Raises:
            MissingGameIDError: There is no game_id yet.
            InvalidArgumentError: The login was approved or replaced; run
                `parsec_nb.login(fresh=True)` for another one.
        """
        self._runner.renew()
        return self

    def __await__(self) -> Generator[Any, None, Session]:
        self._reveal()
        # A renewal replaces the runner's future with one that has not ended.
        future = self._runner.future
        loop = asyncio.get_running_loop()
        ended = loop.create_future()

        def set_ended() -> None:
            if not ended.done():
                ended.set_result(None)

        def wake(_: Future[Session]) -> None:
            # A loop that is closed has nothing left that waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(set_ended)

        with self._awaiting():
            future.add_done_callback(wake)
            yield from ended.__await__()
        return _result(future)

    def _wait(self, timeout: float | None) -> Future[Session]:
        """Wait until the login ends; return its future."""
        if self.status is Status.NEEDS_GAME_ID:
            raise MissingGameIDError(messages.MISSING_GAME_ID)
        self._reveal()
        future = self._runner.future
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            seconds = _INTERRUPTIBLE_SECONDS
            if until is not None:
                seconds = max(min(seconds, until - time.monotonic()), 0.0)
            try:
                future.exception(seconds)
            except FutureTimeoutError:
                if until is not None and time.monotonic() >= until:
                    raise TimeoutError(messages.STILL_WAITING) from None
            else:
                return future


def _result(future: Future[Session]) -> Session:
    error = future.exception()
    if error is not None:
        # Without the frames of earlier raises, which would pile up.
        raise error.with_traceback(None)
    return future.result()
