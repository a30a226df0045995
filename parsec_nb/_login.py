"""A login: the background thread that asks, waits, and hands answers to the flow.

It knows no widget, prints nothing, and raises nothing that nobody asked for.
The service it asks, the clocks, the waiting and the chance are parameters.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from parsec_nb import _texts
from parsec_nb._answers import Rejected
from parsec_nb._flow import Flow, Moment, Status, Trouble
from parsec_nb._outcome import Outcome
from parsec_nb.errors import (
    APIError,
    InvalidArgumentError,
    LoginCancelledError,
    LoginDeniedError,
    LoginExpiredError,
    MissingGameIDError,
    ParsecError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._answers import CodeAnswer, PollAnswer
    from parsec_nb._session import Session
    from parsec_nb._values import AuthCode, Grant

_log = logging.getLogger("parsec_nb")


class Clock(Protocol):
    """Two clocks, in seconds; the module `time` is one."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""

    def time(self) -> float:
        """Return Unix seconds."""


class LoginAPI(Protocol):
    """The part of Parsec's web API that a login needs; used by one thread."""

    def create_auth_code(self, game_id: str) -> CodeAnswer:
        """Ask for a code."""

    def poll_session(self, auth_code: AuthCode) -> PollAnswer:
        """Ask whether it has been approved."""

    def close(self) -> None:
        """Close the connection."""


class Errand(Protocol):
    """What one login is for: whom to ask, and where the session goes.

    All but `deliver` are called in the login's thread, and may take their time.
    """

    @property
    def game_id(self) -> str:
        """The game_id to ask a code for."""

    def open_api(self) -> LoginAPI:
        """Open a connection."""

    def recall(self) -> Grant | None:
        """Return a session that is there already."""

    def deliver(self, grant: Grant) -> Session:
        """Bind the session to where the user wants it. Quick, and never raises."""

    def keep(self, session: Session) -> str | None:
        """Remember the session for later; return what to tell the user of it."""


@dataclass(frozen=True)
class Progress:
    """All that may be shown of a login at one moment."""

    status: Status
    auth_code: AuthCode | None = None
    minutes_left: int = 0
    trouble: Trouble | None = None
    session: Session | None = None
    error: ParsecError | None = None
    notices: tuple[str, ...] = ()
    renewable: bool = False

    @property
    def announcement(self) -> tuple[Status, bool, tuple[str, ...]]:
        """What the user is to hear of when it changes: status, trouble, a last word."""
        last_words = self.notices if self.status.ended else ()
        return self.status, self.trouble is not None, last_words


class Login(Outcome["Session"]):
    """A login under way, or how it ended.

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

    Args:
        errand: What to do; None while the card still asks for a game_id.
        clock: Monotonic and wall clock.
        wait: Waits for an event at most so many seconds; True once it is set.
        jitter: Returns a number in [0, 1) for each backoff.
    """

    def __init__(
        self,
        errand: Errand | None,
        *,
        clock: Clock = time,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__()
        self._errand = errand
        self._clock = clock
        self._wait = wait
        self._flow = Flow(jitter)
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._started = False
        self._session: Session | None = None
        self._error: ParsecError | None = None
        self._superseded = False
        self._notices: tuple[str, ...] = ()
        self._watchers: list[tuple[Callable[[], object], Context]] = []
        self._show: Callable[[], None] = lambda: None
        if errand is not None:
            self._flow.begin(self._now())

    def __repr__(self) -> str:
        return f"<Login {self.status}>"

    def _ipython_display_(self) -> None:
        """Show the card: a login as a cell's last line makes no `Out[n]`."""
        self._show()

    @property
    def status(self) -> Status:
        """Where the login stands; once approved, the variable is bound."""
        with self._lock:
            return self._flow.status

    @property
    def auth_code(self) -> AuthCode | None:
        """The code that waits to be approved; None at all other times."""
        return self._flow.auth_code

    @property
    def session(self) -> Session | None:
        """The session, once the login is approved."""
        return self._session

    def start(self, errand: Errand | None = None) -> None:
        """Start the thread; with *errand*, for a login that still needed a game_id.

        Does nothing to a login that has started or ended.
        """
        with self._lock:
            if errand is not None and self._flow.begin(self._now()):
                self._errand = errand
            if self._started or self.status is not Status.REQUESTING:
                return
            self._start_thread()
        self._announce()

    def renew(self) -> Login:
        """Ask for a new code in the same card, and return this login.

        The old code is forgotten. Does nothing while a code is on its way.

        Raises:
            MissingGameIDError: There is no game_id yet.
            InvalidArgumentError: The login was approved or replaced; run
                `parsec_nb.login(fresh=True)` for another one.
        """
        with self._lock:
            if self._errand is None:
                raise MissingGameIDError(_texts.MISSING_GAME_ID)
            if self.status is Status.APPROVED or self._superseded:
                raise InvalidArgumentError(_texts.NOTHING_TO_RENEW)
            had_ended = self.status.ended
            if not self._flow.renew(self._now()):
                return self
            if had_ended:
                self._start_over()
            self._stop.set()
            self._error = None
            self._start_thread()
        self._announce()
        return self

    def cancel(self) -> bool:
        """End the login; True if it was still going on."""
        return self._cancel(superseded=False)

    def supersede(self) -> bool:
        """End the login because a newer one takes its place."""
        return self._cancel(superseded=True)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the error that ended the login, or None if it was approved.

        Raises:
            TimeoutError: It is still going on after *timeout* seconds.
            MissingGameIDError: The card still asks for a game_id, and could not
                receive one while this call blocks the kernel.
        """
        if self.status is Status.NEEDS_GAME_ID:
            raise MissingGameIDError(_texts.MISSING_GAME_ID)
        return super().exception(timeout)

    def watch(self, watcher: Callable[[], object]) -> None:
        """Call *watcher* whenever there may be something new to show.

        It is called in any thread, in the context of this call, by which
        ipykernel finds the cell that launched the login.
        """
        self._watchers.append((watcher, copy_context()))

    def show_with(self, show: Callable[[], None]) -> None:
        """Set what shows this login when a notebook echoes it."""
        self._show = show

    def tell(self, notice: str) -> None:
        """Show *notice* behind the status, once."""
        with self._lock:
            if notice not in self._notices:
                self._notices += (notice,)
        self._announce()

    def take_back(self, notice: str) -> None:
        """Show *notice* no longer."""
        with self._lock:
            if notice not in self._notices:
                return
            self._notices = tuple(told for told in self._notices if told != notice)
        self._announce()

    def progress(self) -> Progress:
        """Return all that may be shown, as of now."""
        with self._lock:
            flow = self._flow
            pending = flow.status is Status.PENDING
            return Progress(
                status=flow.status,
                auth_code=flow.auth_code,
                minutes_left=flow.minutes_left(self._now()) if pending else 0,
                trouble=flow.trouble,
                session=self._session,
                error=self._error,
                notices=self._notices,
                renewable=not self._superseded and flow.renewable,
            )

    def _now(self) -> Moment:
        return Moment(self._clock.monotonic(), self._clock.time())

    def _start_thread(self) -> None:
        self._started = True
        self._stop = threading.Event()
        self._notices = ()
        threading.Thread(
            target=copy_context().run,
            args=(self._run, self._errand, self._stop),
            name="parsec_nb-login",
            # Any other thread would hold up the kernel's shutdown.
            daemon=True,
        ).start()

    def _cancel(self, *, superseded: bool) -> bool:
        with self._lock:
            if not self._flow.cancel():
                return False
            self._superseded = superseded
            self._stop.set()
            finish = self._ending()
        finish()
        return True

    def _run(self, errand: Errand, stop: threading.Event) -> None:
        """Do the network work of one code, from asking for it to its end."""
        try:
            remembered = errand.recall()
            if remembered is not None:
                self._change(stop, lambda _: self._flow.take(remembered))
            if not stop.is_set():
                api = errand.open_api()
                try:
                    self._ask(api, errand, stop)
                finally:
                    api.close()
        except ParsecError as error:
            self._fail(stop, error)
        except Exception as error:  # noqa: BLE001 - a thread that dies tells nobody
            self._fail(stop, APIError(_texts.unexpected(type(error).__name__)))

    def _ask(self, api: LoginAPI, errand: Errand, stop: threading.Event) -> None:
        while not stop.is_set():
            self._change(stop, self._flow.tick)
            self._announce()
            with self._lock:
                now = self._now()
                due, auth_code = self._flow.request_due(now), self._flow.auth_code
                seconds = self._flow.seconds_to_wait(now)
            if not due:
                self._wait(stop, seconds)
                continue
            answer: CodeAnswer | PollAnswer
            if auth_code is None:
                answer = api.create_auth_code(errand.game_id)
            else:
                answer = api.poll_session(auth_code)
            self._change(stop, lambda now: self._flow.receive(answer, now))  # noqa: B023 - called at once

    def _fail(self, stop: threading.Event, error: ParsecError) -> None:
        self._change(stop, lambda now: self._flow.receive(Rejected(error), now))

    def _change(self, stop: threading.Event, change: Callable[[Moment], bool]) -> None:
        """Let *change* work on the flow unless *stop* is set, and end if it ended."""
        with self._lock:
            if stop.is_set() or not change(self._now()) or not self.status.ended:
                return
            stop.set()
            if self._flow.grant is not None and self._errand is not None:
                # First of all: Parsec tells a session ID only once.
                self._session = self._errand.deliver(self._flow.grant)
            finish = self._ending()
        finish()

    def _ending(self) -> Callable[[], None]:
        """Settle how the login ended; returns what tells it, without the lock."""
        future, session, errand = self._future, self._session, self._errand
        error = self._error = self._how_it_ended()

        def finish() -> None:
            self._announce()
            if session is None or errand is None:
                future.set_exception(error or APIError(_texts.unexpected("outcome")))
                return
            notice = errand.keep(session)
            if notice:
                self.tell(notice)
            future.set_result(session)

        return finish

    def _how_it_ended(self) -> ParsecError | None:
        status = self.status
        if status is Status.DENIED:
            return LoginDeniedError(_texts.DENIED)
        if status is Status.EXPIRED:
            return LoginExpiredError(_texts.EXPIRED)
        if status is Status.CANCELLED:
            words = _texts.SUPERSEDED if self._superseded else _texts.CANCELLED
            return LoginCancelledError(words)
        return self._flow.error

    def _callback_failed(self, name: str) -> None:
        self.tell(_texts.callback_failed(name))

    def _announce(self) -> None:
        for watcher, context in tuple(self._watchers):
            try:
                context.copy().run(watcher)
            except Exception as error:  # noqa: BLE001 - a front end that is gone
                _log.debug("A login could not be shown: %s", type(error).__name__)
