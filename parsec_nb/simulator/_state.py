"""The simulator's memory: codes, sessions and wrong codes.

Plain data behind one lock, so that every method may be called from any thread.
Memory is bounded: codes and sessions are kept in the order of their issue, which is
also the order of their expiry, so that dropping old ones never visits live ones.
"""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import TypeVar

from ._connections import Connections
from ._data import normalize_user_code, random_id, random_user_code
from ._games import Games

POLL_TOLERANCE = 0.1
# Intervals without a poll after which a code may be dropped for another one.
ABANDONED = 3
LOOKUP_WINDOW = 60.0
WRONG_CODES_ALLOWED = 20


@dataclass(frozen=True)
class Session:
    """An approved login, in Parsec's names; *expires_at* in Unix seconds."""

    id: str = field(repr=False)
    user_id: int
    host_peer_id: str
    expires_at: int
    roles: tuple[str, ...] = ("host",)


@dataclass
class Code:
    """A device code; times in Unix seconds, *wait* in seconds if polled too soon."""

    user_code: str = field(repr=False)
    hash: str = field(repr=False)
    game_id: str
    visitor: str = field(repr=False)
    expires_at: float
    last_poll: float
    approved: bool = False
    wait: float = 0.0
    session: Session | None = None


@dataclass(frozen=True)
class Counts:
    """How many codes of a simulator ended in which way, and how many still wait.

    Attributes:
        waiting: codes that wait for a decision, or for the poll after it.
        logged_in: codes that were approved and gave a session.
        denied: codes that were denied.
        expired: codes that expired, or made room for others.
        too_soon: polls that were refused because they came too soon.

    Example:
        >>> print(Counts(waiting=2, logged_in=1))
        2 waiting, 1 logged in, 0 denied, 0 expired, 0 too soon
    """

    waiting: int = 0
    logged_in: int = 0
    denied: int = 0
    expired: int = 0
    too_soon: int = 0

    def __str__(self) -> str:
        numbers = asdict(self).items()
        return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in numbers)


@dataclass
class WrongCodes:
    """How many wrong codes a visitor typed until *expires_at*."""

    expires_at: float
    count: int = 0


_Expiring = TypeVar("_Expiring", Code, Session, WrongCodes)


@dataclass(repr=False, eq=False)
class State:
    """All codes and sessions of one simulator; times in seconds."""

    clock: Callable[[], float]
    interval: float
    lifetime: float
    session_lifetime: float
    # As many codes, sessions and visitors with wrong codes are remembered.
    capacity: int = 20_000
    connections: Connections = field(init=False)
    games: Games = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _codes: dict[str, Code] = field(default_factory=dict, init=False)
    _by_user_code: dict[str, Code] = field(default_factory=dict, init=False)
    _sessions: dict[str, Session] = field(default_factory=dict, init=False)
    # The codes with the longest unpolled one first, and the codes of each visitor.
    _by_poll: dict[str, Code] = field(default_factory=dict, init=False)
    _held: dict[str, dict[str, Code]] = field(default_factory=dict, init=False)
    _ended: Counter[str] = field(default_factory=Counter, init=False)
    _wrong: dict[str, WrongCodes] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.connections = Connections(self.clock)
        self.games = Games(self.clock)

    def __repr__(self) -> str:
        return f"<State codes={len(self._codes)} sessions={len(self._sessions)}>"

    def issue(self, game_id: str, visitor: str = "") -> Code | None:
        """Make a new code, or return None when too many are alive.

        Parsec web API, POST /auth/codes; RFC 8628 section 3.2.
        """
        with self._lock:
            now = self._purge()
            if len(self._codes) >= self.capacity and not self._make_room(visitor, now):
                return None
            user_code = random_user_code()
            while user_code in self._by_user_code:
                user_code = random_user_code()
            expires_at = now + self.lifetime
            code = Code(user_code, random_id(), game_id, visitor, expires_at, now)
            self._codes[code.hash] = self._by_user_code[user_code] = code
            self._by_poll[code.hash] = code
            self._held.setdefault(visitor, {})[code.hash] = code
            return code

    def poll(self, code_hash: str) -> Code | None:
        """Return the polled code, None if refused; an approved one is forgotten.

        A poll that comes too soon changes nothing: the wait still counts from
        the last poll in time, so that obeying *wait* is always enough.
        Parsec web API, POST /auth/sessions; RFC 8628 section 3.5.
        """
        with self._lock:
            now = self._purge()
            code = self._codes.get(code_hash)
            if code is None or code.expires_at <= now:
                return None
            elapsed = now - code.last_poll
            # A negative time means that the clock was set back: not the client's fault.
            too_soon = 0 <= elapsed < self.interval * (1 - POLL_TOLERANCE)
            code.wait = self.interval - elapsed if too_soon else 0.0
            if too_soon:
                self._ended["too_soon"] += 1
                return code
            code.last_poll = now
            self._by_poll[code.hash] = self._by_poll.pop(code.hash)
            if code.approved:
                self._forget(code, "logged_in")
                code.session = self._open_session(now)
            return code

    def lookup_code(self, user_code: str, visitor: str = "") -> Code | None:
        """Return the waiting code that a person typed; a wrong one is counted.

        RFC 8628 section 5.1. A visitor who changes names escapes the count, but not
        the number of codes that there are to guess: 2e11.
        """
        with self._lock:
            code = self._waiting(user_code)
            if code is None:
                expires_at = self.clock() + LOOKUP_WINDOW
                self._wrong.setdefault(visitor, WrongCodes(expires_at)).count += 1
                if len(self._wrong) > self.capacity:
                    del self._wrong[next(iter(self._wrong))]
            return code

    def lookup_delay(self, visitor: str = "") -> float:
        """Return the seconds until this visitor's next lookup, 0 if it is now."""
        with self._lock:
            now = self._purge()
            wrong = self._wrong.get(visitor)
            if wrong is None or wrong.count < WRONG_CODES_ALLOWED:
                return 0.0
            return max(0.0, wrong.expires_at - now)

    def decide(self, user_code: str, *, approve: bool) -> bool:
        """Approve a waiting code, or deny and forget it; False if there is none."""
        with self._lock:
            code = self._waiting(user_code)
            if code is None:
                return False
            code.approved = approve
            if not approve:
                self._forget(code, "denied")
            return True

    def session(self, session_id: str) -> Session | None:
        """Return the live session of this ID."""
        with self._lock:
            now = self._purge()
            session = self._sessions.get(session_id)
            return session if session and session.expires_at > now else None

    def counts(self) -> Counts:
        """Return how the codes stand."""
        with self._lock:
            self._purge()
            return Counts(waiting=len(self._codes), **self._ended)

    def _waiting(self, user_code: str) -> Code | None:
        now = self._purge()
        code = self._by_user_code.get(normalize_user_code(user_code))
        if code is None or code.approved or code.expires_at <= now:
            return None
        return code

    def _open_session(self, now: float) -> Session:
        user_id = 1_000_000 + secrets.randbelow(9_000_000)
        expires_at = int(now + self.session_lifetime)
        session = Session(secrets.token_hex(32), user_id, random_id(), expires_at)
        self._sessions[session.id] = session
        if len(self._sessions) > self.capacity:
            del self._sessions[next(iter(self._sessions))]
        return session

    def _make_room(self, visitor: str, now: float) -> bool:
        """Drop a code that is no longer polled, or one of a visitor with too many."""
        code = next(iter(self._by_poll.values()))
        # All notebooks of a hub may be one visitor; those that log in poll.
        if now - code.last_poll <= ABANDONED * self.interval:
            most = max(self._held.values(), key=len)
            own = len(self._held.get(visitor, ()))
            if len(most) <= max(own + 1, self.capacity // 4):
                return False
            code = next(iter(most.values()))
        self._forget(code, "expired")
        return True

    def _forget(self, code: Code, end: str) -> None:
        self._ended[end] += 1
        del self._codes[code.hash], self._by_user_code[code.user_code]
        del self._by_poll[code.hash]
        held = self._held[code.visitor]
        del held[code.hash]
        if not held:
            del self._held[code.visitor]

    def _purge(self) -> float:
        now = self.clock()
        for code_hash in _expired(self._codes, now):
            self._forget(self._codes[code_hash], "expired")
        for session_id in _expired(self._sessions, now):
            del self._sessions[session_id]
        for visitor in _expired(self._wrong, now):
            del self._wrong[visitor]
        return now


def _expired(items: dict[str, _Expiring], now: float) -> list[str]:
    return [*takewhile(lambda key: items[key].expires_at <= now, items)]
