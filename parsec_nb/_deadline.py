"""A requests adapter whose answers have to be complete by a deadline.

The time-outs of requests bound each read, so a server that drips a byte at a
time holds a request for ever. Here every read of a header or a body gets only
the time that is left. It knows sockets and urllib3, and nothing of Parsec.
Looking a name up is the one step without a bound: the system has none for it.
"""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer
    from urllib3.poolmanager import PoolManager


class Deadline:
    """The moment on the monotonic clock by which the request under way must end."""

    def __init__(self) -> None:
        self._at = 0.0

    def set(self, seconds: float) -> None:
        """Let the request that starts now take at most *seconds*."""
        self._at = time.monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds left; raises TimeoutError when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class DeadlineAdapter(HTTPAdapter):
    """One keep-alive connection whose reads all end by *deadline*."""

    def __init__(self, deadline: Deadline) -> None:
        self._pool_classes = _pool_classes(deadline)
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of this adapter use the bounded connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> PoolManager:
        """Make the pools behind a proxy use them as well."""
        manager: PoolManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager


def _pool_classes(deadline: Deadline) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        # Else http.client prints what is sent wherever somebody debugs his own.
        debuglevel = 0

        def connect(self) -> None:
            super().connect()
            self.sock = _BoundedSocket(self.sock, deadline)

    class TLS(HTTPSConnection):
        debuglevel = 0

        def connect(self) -> None:
            super().connect()
            self.sock = _BoundedSocket(self.sock, deadline)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TLSPool(HTTPSConnectionPool):
        ConnectionCls = TLS

    return {"http": PlainPool, "https": TLSPool}


class _BoundedSocket:
    """A connected socket as http.client uses it; reading goes by the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def makefile(self, mode: str) -> io.BufferedReader:
        raw = self._sock.makefile(mode, buffering=0)  # type: ignore[call-overload]
        return io.BufferedReader(_BoundedReader(self._sock, raw, self._deadline))


class _BoundedReader(io.RawIOBase):
    def __init__(
        self, sock: socket.socket, raw: socket.SocketIO, deadline: Deadline
    ) -> None:
        self._sock = sock
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        self._sock.settimeout(self._deadline.remaining())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
