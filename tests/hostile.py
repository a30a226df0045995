"""A raw socket server on loopback that does to each request what it is told."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    Behaviour = Callable[[socket.socket], None]


class HostileServer:
    """Takes each request by the next behaviour, and the last one for ever."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.connections = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(
                target=self._serve, args=(connection,), daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while request := _read(connection):
                    self.requests.append(request)
                    index = min(len(self.requests), len(self._behaviours)) - 1
                    self._behaviours[index](connection)
            except OSError:
                return


def _read(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(
    status: int, body: Any = b"", headers: dict[str, str] | None = None
) -> Behaviour:
    """Answer with a status, a body (JSON unless bytes) and headers."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": str(len(content)), **(headers or {})}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in lines.items()
    )
    return raw(head.encode() + b"\r\n" + content)


def raw(content: bytes) -> Behaviour:
    """Send bytes and go on."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(content)

    return behave


def close(connection: socket.socket) -> None:
    """Close without an answer."""
    connection.shutdown(socket.SHUT_RDWR)
    raise OSError


def reset(connection: socket.socket) -> None:
    """Reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    raise OSError


def reset_inside(connection: socket.socket) -> None:
    """Reset the connection within the answer."""
    connection.sendall(b"HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\n{")
    time.sleep(0.1)
    reset(connection)


def close_inside(connection: socket.socket) -> None:
    """Close the connection within the answer."""
    connection.sendall(b"HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\n{")
    close(connection)


def drip(content: bytes) -> Behaviour:
    """Send one byte every 100 ms."""

    def behave(connection: socket.socket) -> None:
        for byte in content:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    return behave


def hang(connection: socket.socket) -> None:
    """Say nothing for a minute."""
    time.sleep(60)
