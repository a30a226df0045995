"""Limits on the time and the bytes of a request, for urllib3's connections.

urllib3's timeouts limit each read and each address separately, and a name look-up
not at all: a server that sends a byte at a time could hold a request forever. Here
connecting, and every read of a response, get only the time and the bytes left.
"""

from __future__ import annotations

import io
import socket
import time
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Any

from parsec_nb._api.threads import call_in_thread

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class ResponseTooLongError(OSError):
    """A response has more bytes than its limit."""


class RequestLimits:
    """What is left of the time and the bytes of the current request."""

    def __init__(self) -> None:
        self._ends_at = 0.0
        self._bytes_left = 0

    def start(self, seconds: float, size: int) -> None:
        """Limit the request that starts now to *seconds* and to *size* bytes."""
        self._ends_at = time.monotonic() + seconds
        self._bytes_left = size

    def seconds_left(self) -> float:
        """Return the seconds left; raises TimeoutError when there are none."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def count(self, size: int | None) -> None:
        """Count bytes that were read; raises ResponseTooLongError at the limit."""
        self._bytes_left -= size or 0
        if self._bytes_left < 0:
            raise ResponseTooLongError


def apply_limits(manager: Any, limits: RequestLimits) -> None:
    """Apply *limits* to all connections of a urllib3 PoolManager."""
    manager.pool_classes_by_scheme = {
        scheme: _limited(pool_class, limits)
        for scheme, pool_class in manager.pool_classes_by_scheme.items()
    }


def _limited(pool_class: Any, limits: RequestLimits) -> Any:
    class Connection(pool_class.ConnectionCls):  # type: ignore[misc]
        # http.client.HTTPConnection.debuglevel would print what is sent.
        debuglevel = 0
        sock: Any

        def connect(self) -> None:
            # In a thread that is abandoned on a timeout, because the system has no
            # timeout for a name look-up.
            connecting = call_in_thread(super().connect, "parsec_nb-connect")
            try:
                connecting.result(limits.seconds_left())
            except FutureTimeoutError:
                raise TimeoutError from None
            finally:
                if not connecting.done():
                    connecting.add_done_callback(lambda _: self.close())
            self.sock = _LimitedSocket(self.sock, limits)

    class Pool(pool_class):  # type: ignore[misc]
        ConnectionCls = Connection

    return Pool


class _LimitedSocket:
    """A connected socket as http.client uses it, whose responses are limited."""

    def __init__(self, sock: socket.socket, limits: RequestLimits) -> None:
        self._sock = sock
        self._limits = limits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def makefile(self, mode: str) -> io.BufferedReader:
        raw = self._sock.makefile(mode, buffering=0)  # type: ignore[call-overload]
        return io.BufferedReader(_LimitedReader(self._sock, raw, self._limits))


class _LimitedReader(io.RawIOBase):
    def __init__(
        self, sock: socket.socket, raw: socket.SocketIO, limits: RequestLimits
    ) -> None:
        self._sock = sock
        self._raw = raw
        self._limits = limits

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        self._sock.settimeout(self._limits.seconds_left())
        size = self._raw.readinto(buffer)
        self._limits.count(size)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()
