"""A server on loopback whose behaviour is scripted, down to the bytes on the socket."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
import time
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from typing_extensions import Self

    Behaviour = Callable[[socket.socket], None]


class ScriptedServer:
    """Handles each request by the next behaviour, the last one for ever.

    Args:
        behaviours: What to do to each request.
        host: The loopback address to listen on.
        tls: The certificate to show; None for plain http.
        greeting: What to do to a connection before its first request is read.
    """

    def __init__(
        self,
        *behaviours: Behaviour,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        greeting: Behaviour | None = None,
    ) -> None:
        self._behaviours = list(behaviours)
        self._tls = tls
        self._greeting = greeting
        self._open: list[socket.socket] = []
        self._listen((host, 0))
        self._address = self._socket.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        self.port = self._address[1]
        self.address = f"{shown}:{self.port}"
        self.url = f"http{'s' if tls else ''}://{self.address}"
        self.requests: list[bytes] = []
        self.connections = 0

    def __enter__(self) -> Self:
        self._start_accepting()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_down()

    def go_down(self) -> None:
        """Stop listening, so that connections are refused, and end the open ones."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.drop_connections()

    def come_back(self) -> None:
        """Listen again where it listened before."""
        self._listen(self._address)
        self._start_accepting()

    def drop_connections(self) -> None:
        """End the connections that are open, as a server does to idle ones."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def _listen(self, address: tuple[str, int]) -> None:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._socket = socket.create_server(address, family=family)

    def _start_accepting(self) -> None:
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(
                target=self._serve, args=(connection,), daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            if self._greeting is not None:
                self._greeting(connection)
            if self._tls is None:
                self._take_requests(connection)
                return
            with self._tls.wrap_socket(connection, server_side=True) as wrapped:
                self._take_requests(wrapped)

    def _take_requests(self, connection: socket.socket) -> None:
        while request := _read(connection):
            self.requests.append(request)
            index = min(len(self.requests), len(self._behaviours)) - 1
            self._behaviours[index](connection)


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
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        body += chunk
    return head + b"\r\n\r\n" + body


def respond(
    status: int, body: Any = b"", headers: dict[str, str] | None = None
) -> Behaviour:
    """Send a response: status, body (JSON unless bytes) and headers."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Length": str(len(content)), **(headers or {})}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in lines.items()
    )
    return send(head.encode() + b"\r\n" + content)


def send(content: bytes) -> Behaviour:
    """Send bytes and keep the connection."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(content)

    return behave


def close(connection: socket.socket) -> None:
    """Close the connection without a response."""
    connection.shutdown(socket.SHUT_RDWR)
    raise OSError


def reset(connection: socket.socket) -> None:
    """Reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    raise OSError


def reset_inside(connection: socket.socket) -> None:
    """Reset the connection in the middle of a response."""
    connection.sendall(b"HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\n{")
    time.sleep(0.1)
    reset(connection)


def send_and_close(content: bytes) -> Behaviour:
    """Send bytes, and close the connection."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(content)
        close(connection)

    return behave


close_inside = send_and_close(b"HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\n{")


def drip(content: bytes, before: bytes = b"") -> Behaviour:
    """Send *before*, then one byte of *content* every 100 ms."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(before)
        for byte in content:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    return behave


def flood(content: bytes, before: bytes = b"") -> Behaviour:
    """Send *before*, then *content* again and again as fast as it is taken."""
    block = content * (65536 // len(content) + 1)

    def behave(connection: socket.socket) -> None:
        connection.sendall(before)
        while True:
            connection.sendall(block)

    return behave


def hang(connection: socket.socket) -> None:
    """Send nothing for a minute, or until the client gives up."""
    connection.settimeout(60)
    connection.recv(1)
    raise OSError


def tunnel_to(port: int) -> Behaviour:
    """Behave as a proxy asked to CONNECT, but always connect to *port*."""

    def behave(connection: socket.socket) -> None:
        _join(connection, port, b"HTTP/1.1 200 Connection established\r\n\r\n")

    return behave


def socks_to(port: int) -> Behaviour:
    """Behave as a SOCKS 5 proxy (RFC 1928), but always connect to *port*."""

    def behave(connection: socket.socket) -> None:
        connection.recv(64)
        connection.sendall(b"\x05\x00")
        connection.recv(512)
        _join(connection, port, b"\x05\x00\x00\x01" + bytes(6))

    return behave


def _join(connection: socket.socket, port: int, consent: bytes) -> None:
    """Send *consent*, then relay to a port until either side closes."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    with socket.create_connection(("127.0.0.1", port)) as server:
        connection.sendall(consent)
        back = threading.Thread(target=pump, args=(server, connection), daemon=True)
        back.start()
        pump(connection, server)
        back.join()
    raise OSError


def gzip_bomb(megabytes: int) -> bytes:
    """Return gzip that unpacks to so many megabytes of spaces."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    megabyte = packer.compress(b" " * 10**6) + packer.flush(zlib.Z_FULL_FLUSH)
    head, checksum = gzip.compress(b"")[:10], bytes(8)
    return head + megabyte * megabytes + packer.flush() + checksum
