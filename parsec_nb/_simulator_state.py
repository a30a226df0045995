"""What the simulated Parsec remembers: codes, sessions and wrong guesses.

Plain data behind one lock, so that every method may be called from any thread.
No HTTP, no thread and no HTML here; nothing is written to disk or logged. The
clock is injected and counts Unix seconds. Memory is bounded: codes and sessions
are kept in the order of their issue, which is also the order of their expiry, so
that dropping the old ones never looks at the live ones.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ._simulator_names import normalize_user_code, random_id, random_user_code

if TYPE_CHECKING:
    from collections.abc import Callable

POLL_TOLERANCE = 0.1
GUESS_WINDOW = 60.0
GUESSES_ALWAYS_ALLOWED = 20


class Outcome(Enum):
    """What a poll found."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    TOO_SOON = "too soon"


@dataclass(frozen=True)
class Session:
    """A login that was approved; times in Unix seconds."""

    id: str = field(repr=False)
    user_id: int
    host_peer_id: str
    expires: float


@dataclass
class Code:
    """A device code on its way; times in Unix seconds."""

    user_code: str = field(repr=False)
    hash: str = field(repr=False)
    game_id: str
    expires: float
    last_poll: float
    approved: bool = False


@dataclass(frozen=True)
class Poll:
    """The answer to one poll; *wait* is in seconds and only set when too soon."""

    outcome: Outcome
    session: Session | None = None
    wait: float = 0.0


class State:
    """All codes and sessions of one simulator.

    Args:
        clock: Unix seconds.
        interval: seconds that must lie between two polls of one code.
        lifetime: seconds that a code lives.
        session_lifetime: seconds that a session lives.
        max_codes: live codes beyond which *issue* refuses.
        max_sessions: sessions beyond which the oldest is dropped.
    """

    def __init__(  # noqa: PLR0913 - one per documented number
        self,
        *,
        clock: Callable[[], float],
        interval: float,
        lifetime: float,
        session_lifetime: float,
        max_codes: int = 20_000,
        max_sessions: int = 20_000,
    ) -> None:
        self.interval = interval
        self._clock = clock
        self._lifetime = lifetime
        self._session_lifetime = session_lifetime
        self._max_codes = max_codes
        self._max_sessions = max_sessions
        self._lock = threading.Lock()
        self._codes: OrderedDict[str, Code] = OrderedDict()
        self._by_user_code: dict[str, Code] = {}
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._wrong_guesses: deque[float] = deque(
            maxlen=max(GUESSES_ALWAYS_ALLOWED, max_codes)
        )

    def __repr__(self) -> str:
        """Return the counts alone."""
        return f"<State codes={len(self._codes)} sessions={len(self._sessions)}>"

    def issue(self, game_id: str) -> Code | None:
        """Make a new code, or return None when too many are alive.

        Parsec web API, POST /auth/codes; RFC 8628 section 3.2.
        """
        with self._lock:
            now = self._purge()
            if len(self._codes) >= self._max_codes:
                return None
            user_code = random_user_code()
            while user_code in self._by_user_code:
                user_code = random_user_code()
            code = Code(user_code, random_id(), game_id, now + self._lifetime, now)
            self._codes[code.hash] = self._by_user_code[user_code] = code
            return code

    def seconds_until_room(self) -> float:
        """Return the seconds until the oldest code expires."""
        with self._lock:
            now = self._purge()
            oldest = next(iter(self._codes.values()), None)
            return 0.0 if oldest is None else max(0.0, oldest.expires - now)

    def poll(self, code_hash: str) -> Poll:
        """Answer a poll; an approved code yields its session once.

        A poll that comes too soon changes nothing: the wait still counts from
        the last poll in time, so that obeying *wait* is always enough.
        Parsec web API, POST /auth/sessions; RFC 8628 section 3.5.
        """
        with self._lock:
            now = self._purge()
            code = self._codes.get(code_hash)
            if code is None or code.expires <= now:
                return Poll(Outcome.REFUSED)
            elapsed = now - code.last_poll
            # A negative time means that the clock was set back: not the client's fault.
            if 0 <= elapsed < self.interval * (1 - POLL_TOLERANCE):
                return Poll(Outcome.TOO_SOON, wait=self.interval - elapsed)
            code.last_poll = now
            if not code.approved:
                return Poll(Outcome.PENDING)
            self._forget(code)
            return Poll(Outcome.APPROVED, self._open_session(now))

    def guess(self, user_code: str) -> Code | None:
        """Return the waiting code that was typed; a wrong one counts as a guess.

        RFC 8628 section 5.1. The limit is for all visitors together, because a
        room behind one address, or behind a proxy, cannot be told apart: twenty
        wrong guesses a minute, or as many as codes are alive if that is more, since
        a big room mistypes more often.
        """
        with self._lock:
            code = self._pending(user_code)
            if code is None:
                self._wrong_guesses.append(self._clock())
            return code

    def guess_wait(self) -> float:
        """Return the seconds until another guess is allowed, 0 if it is now."""
        with self._lock:
            now = self._purge()
            while self._wrong_guesses and not (
                0 <= now - self._wrong_guesses[0] < GUESS_WINDOW
            ):
                self._wrong_guesses.popleft()
            allowed = max(GUESSES_ALWAYS_ALLOWED, len(self._codes))
            excess = len(self._wrong_guesses) - allowed
            if excess < 0:
                return 0.0
            return self._wrong_guesses[excess] + GUESS_WINDOW - now

    def approve(self, user_code: str) -> bool:
        """Approve a waiting code; False if there is none such."""
        with self._lock:
            code = self._pending(user_code)
            if code is not None:
                code.approved = True
            return code is not None

    def deny(self, user_code: str) -> bool:
        """Deny a waiting code, which forgets it; False if there is none such."""
        with self._lock:
            code = self._pending(user_code)
            if code is not None:
                self._forget(code)
            return code is not None

    def session(self, session_id: str) -> Session | None:
        """Return the live session of this ID."""
        with self._lock:
            now = self._purge()
            session = self._sessions.get(session_id)
            return session if session and session.expires > now else None

    def _pending(self, user_code: str) -> Code | None:
        now = self._purge()
        code = self._by_user_code.get(normalize_user_code(user_code))
        if code is None or code.approved or code.expires <= now:
            return None
        return code

    def _open_session(self, now: float) -> Session:
        session = Session(
            id=secrets.token_hex(32),
            user_id=1_000_000 + secrets.randbelow(9_000_000),
            host_peer_id=random_id(),
            expires=now + self._session_lifetime,
        )
        self._sessions[session.id] = session
        while len(self._sessions) > self._max_sessions:
            self._sessions.popitem(last=False)
        return session

    def _forget(self, code: Code) -> None:
        self._codes.pop(code.hash, None)
        self._by_user_code.pop(code.user_code, None)

    def _purge(self) -> float:
        now = self._clock()
        while self._codes:
            oldest = next(iter(self._codes.values()))
            if oldest.expires > now:
                break
            self._forget(oldest)
        while self._sessions:
            first = next(iter(self._sessions.values()))
            if first.expires > now:
                break
            self._sessions.popitem(last=False)
        return now
