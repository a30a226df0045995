"""Connections whose requests end by a deadline and within a size.

The time-outs of urllib3 bound each read and each address on its own, and the
look-up of a name not at all, so a server that drips a byte at a time holds a
request for ever. Here all of connecting, and every read of an answer, get only
the time that is left, and an answer no more bytes than are left. It knows
threads, sockets and urllib3, and nothing of Parsec.
"""

from __future__ import annotations

import io
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from _typeshed import WriteableBuffer
    from urllib3.poolmanager import PoolManager


class AnswerTooLongError(OSError):
    """An answer has more bytes than it may have."""


class Bounds:
    """What is left of the time and the bytes of the request under way."""

    def __init__(self) -> None:
        self._ends_at = 0.0
        self._bytes_left = 0

    def set(self, seconds: float, size: int) -> None:
        """Let the request that starts now take *seconds*, and read *size* bytes."""
        self._ends_at = time.monotonic() + seconds
        self._bytes_left = size

    def seconds_left(self) -> float:
        """Return the seconds left; raises TimeoutError when there are none."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def count(self, size: int | None) -> None:
        """Count bytes that were read; raises AnswerTooLongError when all are."""
        self._bytes_left -= size or 0
        if self._bytes_left < 0:
            raise AnswerTooLongError


def keep_within(manager: PoolManager, bounds: Bounds) -> None:
    """Let the connections of *manager* and their answers keep within *bounds*.

    Works for whatever the manager connects by: at once, or by way of a proxy.
    """
    manager.pool_classes_by_scheme = {
        scheme: _bounded(pool_class, bounds)
        for scheme, pool_class in manager.pool_classes_by_scheme.items()
    }


def _bounded(pool_class: Any, bounds: Bounds) -> Any:
    class Connection(pool_class.ConnectionCls):  # type: ignore[misc]
        # Else http.client prints what is sent wherever somebody debugs his own.
        debuglevel = 0
        sock: Any

        def connect(self) -> None:
            _Connecting(super().connect, self.close).wait(bounds.seconds_left())
            self.sock = _BoundedSocket(self.sock, bounds)

    class Pool(pool_class):  # type: ignore[misc]
        ConnectionCls = Connection

    return Pool


class _Connecting(threading.Thread):
    """Connects in a thread that can be left behind.

    Nothing else ends the look-up of a name, for which the system has no
    time-out. It bounds the rest of connecting as well: one address after the
    other, a proxy's answer, the TLS handshake.
    """

    def __init__(self, connect: Callable[[], None], close: Callable[[], None]) -> None:
        super().__init__(name="parsec_nb-connect", daemon=True)
        self._connect = connect
        self._close = close
        self._error: Exception | None = None
        self._left_behind = False

    def wait(self, seconds: float) -> None:
        """Start, and return once connected; raises what went wrong."""
        self.start()
        try:
            self.join(seconds)
        finally:
            self._left_behind = self.is_alive()
        if self._left_behind:
            raise TimeoutError
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            # Else the error, and the request in its frames, would live on.
            del error

    def run(self) -> None:
        try:
            self._connect()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self._error = error
        if self._left_behind:
            self._close()


class _BoundedSocket:
    """A connected socket as http.client uses it; reading keeps within the bounds."""

    def __init__(self, sock: socket.socket, bounds: Bounds) -> None:
        self._sock = sock
        self._bounds = bounds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def makefile(self, mode: str) -> io.BufferedReader:
        raw = self._sock.makefile(mode, buffering=0)  # type: ignore[call-overload]
        return io.BufferedReader(_BoundedReader(self._sock, raw, self._bounds))


class _BoundedReader(io.RawIOBase):
    def __init__(
        self, sock: socket.socket, raw: socket.SocketIO, bounds: Bounds
    ) -> None:
        self._sock = sock
        self._raw = raw
        self._bounds = bounds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        self._sock.settimeout(self._bounds.seconds_left())
        size = self._raw.readinto(buffer)
        self._bounds.count(size)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()
