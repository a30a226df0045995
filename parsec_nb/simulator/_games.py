"""The games that simulated SDKs host: how they are listed, and who may join.

Nothing of this is Parsec's. A host says every second that it is still there; a game of
which nothing was heard is forgotten. The pictures go from the host to its guests past
this server, over a connection on this machine to the host's *port*.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._data import CONNECTS, find_host, sample_hosts

if TYPE_CHECKING:
    from ._state import Session

SILENCE_SECONDS = 5.0

_TEXTS = {"name": 255, "description": 511, "game_id": 71, "secret": 31, "key": 64}
_NUMBERS = {"max_players": 64, "players": 64, "port": 65_535}


@dataclass
class Game:
    """A game that a session hosts; times in Unix seconds.

    Attributes:
        host: Its entry in the list of hosts.
        port: Where guests connect to, on this machine.
        key: What the host asks them for; each game has another one.
    """

    peer_id: str
    secret: str = field(repr=False)
    key: str = field(repr=False)
    host: dict[str, Any]
    port: int
    told_at: float


@dataclass(repr=False, eq=False)
class Games:
    """All games of one simulator, one a session; any thread may call it."""

    clock: Callable[[], float]
    capacity: int = 500
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    # By the session's ID; the one of which nothing was heard for longest comes first.
    _kept: dict[str, Game] = field(default_factory=dict, init=False)

    def announce(self, session: Session, fields: dict[str, Any]) -> bool:
        """List a session's game for a while; False if a field cannot be used.

        One that was announced before does not take the place of one that began since.
        """
        texts = {name: fields.get(name) for name in _TEXTS}
        numbers = {name: fields.get(name) for name in _NUMBERS}
        is_usable = all(
            isinstance(text, str) and len(text) <= _TEXTS[name]
            for name, text in texts.items()
        ) and all(
            type(number) is int and 0 <= number <= _NUMBERS[name]
            for name, number in numbers.items()
        )
        if not is_usable:
            return False
        secret, key = str(texts.pop("secret")), str(texts.pop("key"))
        port = int(numbers.pop("port") or 0)
        own = sample_hosts(session.user_id, session.host_peer_id)[0]
        host = own | texts | numbers | {"mode": "game"}
        with self._lock:
            now = self._purge()
            known = self._kept.get(session.id)
            if known is not None and known.key != key and fields.get("again"):
                return True
            self._kept.pop(session.id, None)
            if len(self._kept) >= self.capacity:
                del self._kept[next(iter(self._kept))]
            game = Game(session.host_peer_id, secret, key, host, port, now)
            self._kept[session.id] = game
            return True

    def end(self, session_id: str, key: object) -> bool:
        """Forget a session's game of that key; False if there is none."""
        with self._lock:
            game = self._kept.get(session_id)
            if game is None or game.key != key:
                return False
            del self._kept[session_id]
            return True

    def hosts(self, session: Session) -> list[dict[str, Any]]:
        """Return the hosts of a session; its own game stands for its computer."""
        with self._lock:
            self._purge()
            game = self._kept.get(session.id)
        hosts = sample_hosts(session.user_id, session.host_peer_id)
        return hosts if game is None else [game.host, *hosts[1:]]

    def find(
        self, session: Session, peer_id: str, secret: str
    ) -> tuple[dict[str, Any], str, Game | None] | None:
        """Return a host, what it does with a request, and its game if it is one.

        Another session's game is found with its secret only.
        """
        with self._lock:
            self._purge()
            for session_id, game in self._kept.items():
                is_allowed = session_id == session.id or hmac.compare_digest(
                    game.secret.encode(errors="surrogatepass"),
                    secret.encode(errors="surrogatepass"),
                )
                if game.peer_id == peer_id and is_allowed:
                    return game.host, CONNECTS, game
        found = find_host(session.user_id, session.host_peer_id, peer_id)
        return None if found is None else (*found, None)

    def _purge(self) -> float:
        now = self.clock()
        while self._kept:
            session_id, oldest = next(iter(self._kept.items()))
            if now - oldest.told_at <= SILENCE_SECONDS:
                break
            del self._kept[session_id]
        return now
