"""What a simulated host and its guests send each other, over TCP on this machine."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

# To the host: who asks to join. Then both ways: a text. To the host: an input message.
JOIN, TEXT, INPUT = b"J", b"T", b"I"
# To the guest: it is in, and who is there; a picture, sound, who is there now, rumble,
# and the end.
WELCOME, PICTURE, SOUND, GUESTS, RUMBLE, END = b"W", b"P", b"S", b"G", b"R", b"E"

NUMBER = struct.Struct("<i")
SIZE = struct.Struct("<II")
MOTORS = struct.Struct("<IBB")

_HEAD = struct.Struct("<cI")
_SECONDS = 5.0
_MOST_BYTES = 128 << 20


class Wire:
    """One connection; one thread receives, any thread sends.

    Args:
        connection: A connected socket.
        timeout: Seconds that each call may take, until `wait_for_ever()`.
    """

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._lock = threading.Lock()

    @classmethod
    def connect(cls, port: int) -> Wire:
        """Connect to a host.

        Raises:
            OSError: There is none.
        """
        return cls(socket.create_connection(("127.0.0.1", port), _SECONDS), _SECONDS)

    def wait_for_ever(self) -> None:
        """Let calls take any time from now on."""
        self._socket.settimeout(None)

    def send(self, kind: bytes, *parts: bytes | bytearray) -> None:
        """Send a message.

        Raises:
            OSError: The other side is gone.
        """
        length = sum(map(len, parts))
        with self._lock:
            self._socket.sendall(_HEAD.pack(kind, length))
            for part in parts:
                self._socket.sendall(part)

    def receive(self, most: int = _MOST_BYTES) -> tuple[bytes, bytearray]:
        """Wait for a message of that many bytes at most.

        Raises:
            OSError: The other side is gone, or sends more.
        """
        kind, length = _HEAD.unpack(self._read(_HEAD.size))
        if length > most:
            raise OSError(length)
        return kind, self._read(length)

    def close(self) -> None:
        """Close it; a thread that receives ends."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self, length: int) -> bytearray:
        data = bytearray(length)
        view = memoryview(data)
        while view:
            count = self._socket.recv_into(view)
            if not count:
                raise OSError
            view = view[count:]
        return data
