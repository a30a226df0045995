"""A login, as the notebook gets to hold it.

Its words and their documentation alone: what happens is in its course, what is
shown in its display.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from parsec_nb._course import Course
    from parsec_nb._session import Session
    from parsec_nb._states import Status
    from parsec_nb._values import AuthCode


class Login:
    """A login under way, or how it ended; `parsec_nb.login()` returns one.

    Has the vocabulary of `concurrent.futures.Future`, for any thread, and can
    be awaited: `session = await parsec_nb.login()`. A login that failed can be
    renewed; then it is not done again until its new code has ended.

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
        course: Course,
        show: Callable[[], None],
        while_awaited: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._course = course
        self._show = show
        self._while_awaited = while_awaited

    def __repr__(self) -> str:
        return f"<Login {self._course}>"

    def _ipython_display_(self) -> None:
        """Show the card: a login as a cell's last line makes no `Out[n]`."""
        self._show()

    @property
    def status(self) -> Status:
        """Where the login stands; once approved, the variable is bound."""
        return self._course.status

    @property
    def auth_code(self) -> AuthCode | None:
        """The code that waits to be approved; None at all other times."""
        return self._course.auth_code

    @property
    def session(self) -> Session | None:
        """The session, once the login is approved."""
        return self._course.session

    def done(self) -> bool:
        """Return whether it has ended.

        Example:
            >>> login.done(), pending.done()
            (True, False)
        """
        return self._course.done()

    def result(self, timeout: float | None = None) -> Session:
        """Return the session, waiting for it at most *timeout* seconds.

        Blocks the calling thread. An interrupt ends the wait and nothing else.
        In a notebook `await` is better: it keeps the buttons working.

        Raises:
            TimeoutError: It is still going on after *timeout* seconds.
            MissingGameIDError: The card still asks for a game_id, and could not
                receive one while this call blocks the kernel.
            ParsecError: How it ended, in one of the subclasses.

        Example:
            >>> session = login.result()
            >>> pending.result(timeout=0.1)
            Traceback (most recent call last):
                ...
            TimeoutError: The login is still waiting for its approval...
        """
        return self._course.result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the error that ended the login, or None if it was approved.

        Waits, and raises TimeoutError and MissingGameIDError, as `result` does.
        """
        return self._course.exception(timeout)

    def add_done_callback(self, fn: Callable[[Login], object]) -> None:
        """Call *fn* with this login once when it ends, at once if it has ended.

        It is called in the thread that ended it, in the context of this call.
        What it raises, of whatever kind, is told on the card and goes no further.
        """
        self._course.add_done_callback(lambda _: fn(self))

    def cancel(self) -> bool:
        """End the login; True if it was still going on."""
        return self._course.cancel()

    def renew(self) -> Login:
        """Ask for a new code in the same card, and return this login.

        The old code is forgotten. Does nothing while a code is on its way.

        Raises:
            MissingGameIDError: There is no game_id yet.
            InvalidArgumentError: The login was approved or replaced; run
                `parsec_nb.login(fresh=True)` for another one.
        """
        self._course.renew()
        return self

    def __await__(self) -> Generator[Any, None, Session]:
        with self._while_awaited():
            return (yield from self._course.__await__())
