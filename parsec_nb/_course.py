"""The course of a login: the thread that asks, waits, and hands answers to the flow.

It knows no widget, prints nothing, and raises nothing that nobody asked for.
The service it asks, the clocks, the waiting and the chance are parameters.
"""

from __future__ import annotations

import random
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from parsec_nb import _texts
from parsec_nb._answers import Rejected
from parsec_nb._audience import Audience
from parsec_nb._flow import Flow, Moment
from parsec_nb._outcome import Outcome
from parsec_nb._progress import Progress
from parsec_nb._states import Status
from parsec_nb._threads import in_daemon_thread
from parsec_nb.errors import (
    APIError,
    InvalidArgumentError,
    LoginCancelledError,
    LoginDeniedError,
    LoginError,
    LoginExpiredError,
    MissingGameIDError,
    ParsecError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._answers import CodeAnswer, PollAnswer
    from parsec_nb._roles import Clock, Errand, LoginAPI
    from parsec_nb._session import Session
    from parsec_nb._values import AuthCode


class Course(Outcome["Session"]):
    """What happens in one login; every method may be called from any thread.

    One that failed can be renewed; then it is not done again until its new code
    has ended.

    Args:
        errand: What to do; None while the card still asks for a game_id.
        clock: Monotonic and wall clock.
        wait: Waits for an event at most so many seconds; True once it is set.
        jitter: Returns a number in [0, 1) for each backoff.
        spawn: Runs a function in a thread of its own, and does not wait for it.
    """

    def __init__(
        self,
        errand: Errand | None,
        *,
        clock: Clock = time,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        jitter: Callable[[], float] = random.random,
        spawn: Callable[[Callable[[], None]], None] = in_daemon_thread,
    ) -> None:
        super().__init__()
        self.audience = Audience()
        self._errand = errand
        self._clock = clock
        self._wait = wait
        self._spawn = spawn
        self._flow = Flow(jitter)
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._started = False
        self._session: Session | None = None
        self._error: ParsecError | None = None
        self._superseded = False
        if errand is not None:
            self._flow.begin(self._now())

    def __str__(self) -> str:
        # Without the lock: whoever looks at a login that hangs must not hang too.
        return self._flow.status.value

    @property
    def status(self) -> Status:
        """Where the login stands; once approved, the variable is bound."""
        with self._lock:
            return self._flow.status

    @property
    def auth_code(self) -> AuthCode | None:
        """The code that waits to be approved; None at all other times."""
        with self._lock:
            return self._flow.auth_code

    @property
    def session(self) -> Session | None:
        """The session, once the login is approved."""
        with self._lock:
            return self._session

    def start(self, errand: Errand | None = None) -> None:
        """Start the thread; with *errand*, for a login that still needed a game_id.

        Does nothing to a login that has started or ended.
        """
        with self._lock:
            if errand is not None and self._flow.begin(self._now()):
                self._errand = errand
            waits = not self._started and self.status is Status.REQUESTING
            if self._errand is None or not waits:
                return
            begin = self._prepare(self._errand)
        begin()

    def renew(self) -> None:
        """Ask for a new code; see `Login.renew`."""
        with self._lock:
            if self._errand is None:
                raise MissingGameIDError(_texts.MISSING_GAME_ID)
            if self.status is Status.APPROVED or self._superseded:
                raise InvalidArgumentError(_texts.NOTHING_TO_RENEW)
            had_ended = self.status.ended
            if not self._flow.renew(self._now()):
                return
            if had_ended:
                self._start_over()
            self._stop.set()
            self._error = None
            begin = self._prepare(self._errand)
        begin()

    def cancel(self) -> bool:
        """End the login; True if it was still going on."""
        with self._lock:
            if not self._flow.cancel():
                return False
            self._stop.set()
            finish = self._ending()
        finish()
        return True

    def supersede(self) -> None:
        """End the login for good, because a newer one takes its place."""
        with self._lock:
            could_go_on = self.progress().renewable
            self._superseded = True
        if not self.cancel() and could_go_on:
            self.audience.tell(_texts.SUPERSEDED)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the error that ended it, or None; see `Login.exception`."""
        if self.status is Status.NEEDS_GAME_ID:
            raise MissingGameIDError(_texts.MISSING_GAME_ID)
        return super().exception(timeout)

    def progress(self) -> Progress:
        """Return all that may be shown, as of now."""
        with self._lock:
            flow = self._flow
            pending = flow.status is Status.PENDING
            can_start_over = self._errand is not None and not self._superseded
            return Progress(
                status=flow.status,
                auth_code=flow.auth_code,
                minutes_left=flow.minutes_left(self._now()) if pending else 0,
                trouble=flow.trouble,
                session=self._session,
                error=self._error,
                notices=self.audience.notices,
                renewable=can_start_over and flow.renewable,
            )

    def _now(self) -> Moment:
        return Moment(self._clock.monotonic(), self._clock.time())

    def _prepare(self, errand: Errand) -> Callable[[], None]:
        """Make ready for a code; returns what starts its thread, without the lock."""
        self._started = True
        self.audience.forget()
        stop = self._stop = threading.Event()

        def begin() -> None:
            try:
                self._spawn(partial(self._run, errand, stop))
            except RuntimeError:
                self._fail(stop, LoginError(_texts.NO_THREAD))
            self.audience.look()

        return begin

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
        except BaseException as error:  # noqa: BLE001 - a thread that dies tells nobody
            self._fail(stop, APIError(_texts.unexpected(type(error).__name__)))

    def _ask(self, api: LoginAPI, errand: Errand, stop: threading.Event) -> None:
        while not stop.is_set():
            self._change(stop, self._flow.tick)
            self.audience.look()
            with self._lock:
                # A newer thread's code is not for this one to ask about.
                if stop.is_set():
                    return
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
            finish = self._ending()
        finish()

    def _ending(self) -> Callable[[], None]:
        """Settle how the login ended; returns what tells it, without the lock."""
        future, errand, grant = self._future, self._errand, self._flow.grant
        error = self._how_it_ended()
        if errand is not None and grant is not None:
            try:
                # Before all else: Parsec tells a session ID only once.
                self._session = errand.deliver(grant)
            except BaseException as fault:  # noqa: BLE001 - whoever waits is to hear of it
                error = APIError(_texts.unexpected(type(fault).__name__))
        session, self._error = self._session, error

        def finish() -> None:
            try:
                self.audience.look()
                if errand is not None and session is not None:
                    notice = errand.keep(session)
                    if notice:
                        self.audience.tell(notice)
            finally:
                if session is None:
                    future.set_exception(error)
                else:
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
        self.audience.tell(_texts.callback_failed(name))
