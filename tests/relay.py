"""A network that can be cut: passes TCP connections on to a port, while it may."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


class Relay:
    """Listens on loopback, and passes what comes on to another port there."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        self._serve()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cut()

    def cut(self) -> None:
        """Close every connection, and refuse new ones."""
        with self._lock:
            for each in (self._listening, *self._sockets):
                _close(each)
            self._sockets.clear()

    def mend(self) -> None:
        """Listen again at the same port."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._serve()

    def _serve(self) -> None:
        _in_background(self._accept, self._listening)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to_port))
            except OSError:
                return
            with self._lock:
                if listening is not self._listening or listening.fileno() < 0:
                    _close(near)
                    _close(far)
                    return
                self._sockets |= {near, far}
            _in_background(self._copy, near, far)
            _in_background(self._copy, far, near)

    def _copy(self, source: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
        with self._lock:
            for each in (source, to):
                _close(each)
                self._sockets.discard(each)


def _in_background(call: object, *arguments: object) -> None:
    threading.Thread(target=call, args=arguments, daemon=True).start()  # type: ignore[arg-type]


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
