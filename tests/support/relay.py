"""A network that can be slow or cut: passes TCP connections on to a port."""

from __future__ import annotations

import contextlib
import math
import queue
import socket
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

# So much is under way: as many pieces, of so many bytes.
_PIECES, _PIECE = 8, 16384


class Relay:
    """Listens on loopback, and passes what comes on to another port there.

    Attributes:
        delay: Seconds that everything takes.
        rate: Bytes that a connection takes in a second, each way.
    """

    def __init__(self, to_port: int) -> None:
        self.delay = 0.0
        self.rate = math.inf
        self._to_port = to_port
        self._whole = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        self.mend()
        _in_background(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        _close(self._listening)
        self.cut()

    def cut(self) -> None:
        """Close every connection, and let new ones hang until it is mended."""
        with self._lock:
            self._whole.clear()
            for each in self._sockets:
                _close(each)
            self._sockets.clear()

    def mend(self) -> None:
        """Pass on again what comes, and what hangs."""
        self._whole.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                _in_background(self._pass_on, near)

    def _pass_on(self, near: socket.socket) -> None:
        self._whole.wait()
        far = socket.create_connection(("127.0.0.1", self._to_port))
        with self._lock:
            self._sockets |= {near, far}
            if not self._whole.is_set():
                _close(far)
        _in_background(self._copy, far, near)
        self._copy(near, far)

    def _copy(self, source: socket.socket, to: socket.socket) -> None:
        line: queue.Queue[tuple[float, bytes]] = queue.Queue(_PIECES)
        _in_background(self._deliver, line, source, to)
        free_at = 0.0
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE):
                free_at = max(time.monotonic(), free_at) + len(data) / self.rate
                line.put((free_at + self.delay, data))
        line.put((0.0, b""))

    def _deliver(
        self,
        line: queue.Queue[tuple[float, bytes]],
        source: socket.socket,
        to: socket.socket,
    ) -> None:
        data = b"-"
        with contextlib.suppress(OSError):
            while data:
                at, data = line.get()
                time.sleep(max(at - time.monotonic(), 0))
                to.sendall(data)
        with self._lock:
            for each in (source, to):
                _close(each)
                self._sockets.discard(each)
        while data:
            _, data = line.get()


def _in_background(call: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=call, args=arguments, daemon=True).start()


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
