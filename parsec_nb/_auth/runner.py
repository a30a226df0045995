"""The thread of a login: it requests, waits, and passes results to the flow.

Clock, wait, jitter and thread start are injectable for tests. Errors are stored;
only `Login.result()` and `Login.exception()` raise them.
"""

from __future__ import annotations

import random
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING

from parsec_nb._api.models import Approved, CodeResult, PollResult, Session
from parsec_nb._api.threads import NoThreadError, after_fork, start_daemon
from parsec_nb._auth import messages
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.flow import DeviceFlow, Instant, Status
from parsec_nb._auth.observers import LoginSnapshot, Observers
from parsec_nb._auth.store import KeyringStore
from parsec_nb.errors import (
    APIError,
    InvalidArgumentError,
    LoginError,
    MissingGameIDError,
    ParsecError,
)

if TYPE_CHECKING:
    from parsec_nb._api.client import WebAPI


_runners: weakref.WeakSet[LoginRunner] = weakref.WeakSet()


@after_fork
def _end_in_child() -> None:
    """End the pending logins in a forked child, which has none of their threads."""
    for runner in list(_runners):
        runner.end_in_child()


def _spawn(work: Callable[[], None]) -> None:
    start_daemon(partial(copy_context().run, work), "parsec_nb-login")


class LoginRunner:
    """Runs one login in a daemon thread; every method may be called from any thread.

    Attributes:
        config: What the login is for.
        future: The result of the current code; a renewal after the end makes another.
        observers: What is called at each change, and the notices.

    Args:
        config: What the login is for; it starts later if that is not ready.
        connect: Opens a connection to the web API; called in the login's thread.
        bind: Binds the session to the user's variable, and returns a notice about it
            or None. It must be quick.
        store: The keyring, if sessions are to be loaded and saved.
        now: Returns the present instant.
        wait: Waits for an event at most that many seconds.
        jitter: Returns a number in [0, 1) for each backoff.
        spawn: Starts a thread.
    """

    def __init__(  # noqa: PLR0913 - the last four are injected by tests
        self,
        config: LoginConfig,
        connect: Callable[[LoginConfig], WebAPI],
        bind: Callable[[LoginConfig, Session], str | None],
        store: KeyringStore | None = None,
        *,
        now: Callable[[], Instant] = Instant.now,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        jitter: Callable[[], float] = random.random,
        spawn: Callable[[Callable[[], None]], None] = _spawn,
    ) -> None:
        self.config = config
        self.observers = Observers()
        self._connect = connect
        self._bind = bind
        self._store = store
        self._now = now
        self._wait = wait
        self._spawn = spawn
        self._flow = DeviceFlow(jitter)
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self.future: Future[Session] = Future()
        self._started = False
        self._superseded = False
        self._session: Session | None = None
        self._final_notices: list[str] = []
        if config.ready:
            self._flow.begin(self._now())
        _runners.add(self)

    def __str__(self) -> str:
        # Without the lock, so that a login that hangs can still be inspected.
        return self._flow.status.value

    def start(self, config: LoginConfig | None = None) -> None:
        """Start the thread, with *config* if the login still needed a game_id.

        Does nothing to a login that has started or ended.

        Raises:
            MissingGameIDError: *config* has neither a game_id nor a session.
        """
        if config is not None and not config.ready:
            raise MissingGameIDError(messages.MISSING_GAME_ID)
        with self._lock:
            if config is not None and self._flow.begin(self._now()):
                self.config = config
            if self._started or self._flow.status is not Status.REQUESTING:
                return
            begin = self._prepare()
        begin()

    def renew(self) -> None:
        with self._lock:
            if not self.config.ready:
                raise MissingGameIDError(messages.MISSING_GAME_ID)
            if self._flow.status is Status.APPROVED or self._superseded:
                raise InvalidArgumentError(messages.NOTHING_TO_RENEW)
            had_ended = self._flow.status.ended
            if not self._flow.renew(self._now()):
                return
            if had_ended:
                self.future = Future()
            self._stop.set()
            begin = self._prepare()
        begin()

    def cancel(self) -> bool:
        with self._lock:
            reason = messages.SUPERSEDED if self._superseded else messages.CANCELLED
            if not self._flow.cancel(reason):
                return False
            finish = self._end()
        finish()
        return True

    def supersede(self) -> None:
        """End the login for good, because a newer one replaces it."""
        with self._lock:
            was_renewable = self.snapshot().renewable
            self._superseded = True
        if not self.cancel() and was_renewable:
            self.observers.add_notice(messages.SUPERSEDED)

    def end_in_child(self) -> None:
        """End the login in a forked child; an approved one stays approved."""
        # Another thread of the parent may have held the old ones.
        self._lock, self._stop = threading.RLock(), threading.Event()
        self.observers.clear()
        if self._flow.cancel(messages.FORKED):
            self._session = None
            self.future = Future()
            self._end()()

    def snapshot(self) -> LoginSnapshot:
        """Return all that may be shown now; once approved, the variable is bound."""
        with self._lock:
            flow = self._flow
            pending = flow.status is Status.PENDING
            return LoginSnapshot(
                status=flow.status,
                auth_code=flow.auth_code,
                minutes_left=flow.minutes_left(self._now()) if pending else 0,
                retry=flow.retry,
                session=self._session,
                error=flow.error,
                notices=tuple(self.observers.notices),
                renewable=flow.renewable and self.config.ready and not self._superseded,
            )

    def _prepare(self) -> Callable[[], None]:
        """Prepare a code's thread; return what starts it, to be called unlocked."""
        first, self._started = not self._started, True
        self.observers.notices.clear()
        stop = self._stop = threading.Event()

        def begin() -> None:
            try:
                self._spawn(partial(self._run, stop, self.config, first=first))
            except NoThreadError:
                self._receive(stop, LoginError(messages.NO_THREAD))
            self.observers.notify()

        return begin

    def _run(self, stop: threading.Event, config: LoginConfig, *, first: bool) -> None:
        """Do the work of one code in the login's thread, until it ends."""
        try:
            existing = self._existing(config) if first else None
            if existing is not None:
                self._receive(stop, existing)
            if not stop.is_set():
                api = self._connect(config)
                try:
                    self._poll(stop, api, config.game_id or "")
                finally:
                    api.close()
        except ParsecError as error:
            self._receive(stop, error)
        except BaseException as error:  # noqa: BLE001 - else the login would never end
            text = messages.UNEXPECTED.format(error=type(error).__name__)
            self._receive(stop, APIError(text))

    def _existing(self, config: LoginConfig) -> Approved | None:
        """Return the session of the environment or the keyring."""
        if config.existing is not None:
            return Approved(config.existing, messages.FROM_ENVIRONMENT)
        session = None if self._store is None else self._store.load(config)
        return None if session is None else Approved(session, messages.FROM_KEYRING)

    def _poll(self, stop: threading.Event, api: WebAPI, game_id: str) -> None:
        while not stop.is_set():
            self._change(stop, self._flow.tick)
            self.observers.notify()
            with self._lock:
                # A renewal may have replaced this thread's code.
                if stop.is_set():
                    return
                now = self._now()
                due, auth_code = self._flow.request_due(now), self._flow.auth_code
                seconds = self._flow.seconds_to_wait(now)
            if not due:
                self._wait(stop, seconds)
                continue
            result: CodeResult | PollResult
            if auth_code is None:
                result = api.create_auth_code(game_id)
            else:
                result = api.poll_session(auth_code, game_id)
            self._receive(stop, result)

    def _receive(self, stop: threading.Event, result: CodeResult | PollResult) -> None:
        def change(now: Instant) -> bool:
            if isinstance(result, Approved):
                self._take(result)
            return self._flow.receive(result, now)

        self._change(stop, change)

    def _take(self, approved: Approved) -> None:
        """Bind the session before anything else can fail: Parsec sends it only once."""
        self._session = approved.session
        try:
            notice = self._bind(self.config, approved.session)
        except BaseException:  # noqa: BLE001 - assignment can run user code
            notice = messages.UNBOUND.format(variable=self.config.variable)
        self._final_notices = [text for text in (approved.origin, notice) if text]

    def _change(self, stop: threading.Event, change: Callable[[Instant], bool]) -> None:
        """Apply *change* to the flow unless *stop* is set; end if the flow ended."""
        with self._lock:
            if stop.is_set() or not change(self._now()) or not self._flow.status.ended:
                return
            finish = self._end()
        finish()

    def _end(self) -> Callable[[], None]:
        """Settle the end; return what reports it, to be called unlocked."""
        self._stop.set()
        future, session, error = self.future, self._session, self._flow.error

        def finish() -> None:
            try:
                self.observers.notify()
                if session is not None:
                    for notice in self._final_notices:
                        self.observers.add_notice(notice)
                if session is not None and self._store is not None:
                    saved = self._store.save(self.config, session)
                    if saved:
                        self.observers.add_notice(saved)
            finally:
                if session is None:
                    future.set_exception(error)
                else:
                    future.set_result(session)

        return finish
