"""The simulator's connections to its hosts, which stand in for those of Parsec's SDK.

Nothing of this is Parsec's: the real SDK speaks to its servers in its own way. A client
asks a host for a connection, then asks how it is, at least every ten seconds; one that
no longer asks is forgotten. Memory is bounded.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._data import ASKS, DROPS, FULL, OFFLINE, random_id

if TYPE_CHECKING:
    from ._state import Session

APPROVAL_SECONDS = 120.0
SILENCE_SECONDS = 10.0
DROP_SECONDS = 8.0

_MOST_OF_A_SESSION = 8
_MOST_SHOWN = 50


@dataclass
class Connection:
    """A client's connection to a host; times in Unix seconds.

    Attributes:
        state: `waiting` for somebody to allow it, `connected`, or how it ended:
            `declined`, `unanswered`, `full`, `offline`, `lost`.
        ends_at: When the state ends by itself.
    """

    session_id: str = field(repr=False)
    user_id: int
    visitor: str = field(repr=False)
    host: dict[str, Any]
    asked_at: float
    state: str = "connected"
    ends_at: float = float("inf")
    id: str = field(default_factory=random_id)


@dataclass(repr=False, eq=False)
class Connections:
    """All connections of one simulator; every method may be called from any thread."""

    clock: Callable[[], float]
    capacity: int = 2_000
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    # The one whose client asked longest ago comes first.
    _kept: dict[str, Connection] = field(default_factory=dict, init=False)

    def open(
        self, session: Session, visitor: str, host: dict[str, Any], behaviour: str
    ) -> Connection:
        """Ask a host for a connection."""
        with self._lock:
            now = self._purge()
            connection = Connection(session.id, session.user_id, visitor, host, now)
            if behaviour in (FULL, OFFLINE):
                connection.state = behaviour
                return connection
            if behaviour == ASKS:
                connection.state = "waiting"
                connection.ends_at = now + APPROVAL_SECONDS
            elif behaviour == DROPS:
                connection.ends_at = now + DROP_SECONDS
            self._make_room(connection)
            self._kept[connection.id] = connection
            return connection

    def check(self, connection_id: str, session_id: str) -> Connection | None:
        """Return a session's connection as it is now; it is kept a while longer."""
        with self._lock:
            connection = self._find(connection_id, session_id)
            now = self.clock()
            # Before others are forgotten: the simulator itself may have been held up.
            if connection is not None:
                connection.asked_at = now
                self._kept[connection.id] = self._kept.pop(connection.id)
                self._settle(connection, now)
            self._purge()
            return connection

    def decide(
        self, connection_id: str, *, allow: bool, session_id: str | None = None
    ) -> Connection | None:
        """Allow or decline a request; None if it does not wait, or is not theirs."""
        with self._lock:
            now = self._purge()
            connection = self._find(connection_id, session_id)
            if connection is not None:
                self._settle(connection, now)
            if connection is None or connection.state != "waiting":
                return None
            connection.state = "connected" if allow else "declined"
            connection.ends_at = float("inf")
            return connection

    def close(self, connection_id: str, session_id: str) -> bool:
        """Forget a session's connection; False if there is none."""
        with self._lock:
            connection = self._find(connection_id, session_id)
            return bool(connection and self._kept.pop(connection.id))

    def waiting(self) -> list[Connection]:
        """Return the requests that wait: the last one of each session, newest first."""
        with self._lock:
            now = self._purge()
            last = {
                each.session_id: each
                for each in sorted(self._kept.values(), key=lambda each: each.ends_at)
                if each.state == "waiting" and each.ends_at > now
            }
            newest = sorted(last.values(), key=lambda each: -each.ends_at)
            return newest[:_MOST_SHOWN]

    def _find(self, connection_id: str, session_id: str | None) -> Connection | None:
        connection = self._kept.get(connection_id)
        is_theirs = connection and session_id in (None, connection.session_id)
        return connection if is_theirs else None

    def _settle(self, connection: Connection, now: float) -> None:
        if now >= connection.ends_at:
            was_waiting = connection.state == "waiting"
            connection.state = "unanswered" if was_waiting else "lost"
            connection.ends_at = float("inf")

    def _make_room(self, new: Connection) -> None:
        """Forget the oldest of a session with many, or of the visitor with the most."""
        own = [k for k, c in self._kept.items() if c.session_id == new.session_id]
        if len(own) >= _MOST_OF_A_SESSION:
            del self._kept[own[0]]
        elif len(self._kept) >= self.capacity:
            ((most, _),) = Counter(c.visitor for c in self._kept.values()).most_common(
                1
            )
            del self._kept[next(k for k, c in self._kept.items() if c.visitor == most)]

    def _purge(self) -> float:
        now = self.clock()
        while self._kept:
            oldest = next(iter(self._kept.values()))
            if now - oldest.asked_at <= SILENCE_SECONDS:
                break
            del self._kept[oldest.id]
        return now
