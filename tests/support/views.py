"""What the tests of the live view use: a connection without a process, a session."""

from __future__ import annotations

import ctypes
import threading
import time
from typing import TYPE_CHECKING, Any

import requests

from parsec_nb.errors import SDKConnectionError
from parsec_nb.sdk import messages
from parsec_nb.sdk._reports import Reports
from parsec_nb.sdk._shared.media import SharedMedia
from parsec_nb.sdk._states import ConnectionStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb.sdk._shared.pinned import FrameHeader
    from parsec_nb.simulator import Simulator

I420 = 2


class FakeWorker:
    """Frames that a test writes, and commands that it reads."""

    def __init__(self) -> None:
        self.media = SharedMedia.create()
        self.posted: list[tuple[str, dict[str, Any]]] = []

    def wait_frame(self, stream: int, after: int, timeout: float) -> FrameHeader | None:
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            header = self.media.newest(stream)
            if header is not None and header.number > after:
                return header
            time.sleep(0.002)
        return None

    def post(self, do: str, **arguments: object) -> None:
        self.posted.append((do, arguments))

    def write(self, width: int = 32, height: int = 16, pixels: int = I420) -> None:
        """Write a grey frame; *pixels* is its format."""
        size = width * height * 3 // 2
        data = ctypes.create_string_buffer(b"\x80" * size, size)
        values = (pixels, 1, size, width, height, width, height)
        now = time.time_ns()
        assert self.media.write_frame(0, values, ctypes.addressof(data), now)


class FakeConnection:
    """A connection that a test ends."""

    simulated = False
    retry_delay = None
    texts = messages

    def __init__(self) -> None:
        self.status = ConnectionStatus.CONNECTED
        self.error: SDKConnectionError | None = None
        self.reports = Reports()
        self._worker = FakeWorker()
        self._observers: list[Callable[[], object]] = []

    def observe(self, call: Callable[[], object]) -> None:
        self._observers.append(call)

    def check_process(self) -> None:
        """Find that it is the same one."""

    def worker(self) -> FakeWorker:
        if self.status is not ConnectionStatus.CONNECTED:
            raise self.error or SDKConnectionError("There is no connection.")
        return self._worker

    def end(self) -> None:
        self.status = ConnectionStatus.DISCONNECTED
        self.error = SDKConnectionError("The host left.")
        for observer in self._observers:
            observer()
        self._worker.media.close()


def view_threads() -> list[threading.Thread]:
    """Return the threads that encode."""
    return [t for t in threading.enumerate() if t.name == "parsec_nb-view"]


def log_in(simulator: Simulator) -> str:
    """Return the session ID of a new login at a simulator."""

    def post(path: str, **body: str) -> dict[str, Any]:
        answer = requests.post(f"{simulator.url}/auth/{path}", json=body, timeout=10)
        data: dict[str, Any] = answer.json()["data"]
        return data

    code = post("codes", game_id="game")
    simulator.approve(code["user_code"])
    time.sleep(code["interval"])
    session = post("sessions", grant_type="auth_code", auth_code_hash=code["hash"])
    return str(session["id"])
