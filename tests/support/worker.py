"""A worker process with the stand-in, and what it reported."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsec_nb.sdk import _abi
from parsec_nb.sdk._process import Worker
from support.secrets import SESSION_ID

if TYPE_CHECKING:
    from collections.abc import Callable

PEER_ID = "wxyzpeerwxyzpeer"
TIMEOUT = 10
# A program that starts a worker, says its number, and goes on as a test wants.
KERNEL = """
import ctypes, os, signal, sys, time
from pathlib import Path
from support.worker import Reported, start_line
reported = Reported(start_line(Path(sys.argv[1]), Path(sys.argv[2])))
worker = reported.worker
reported.wait("status", code=0)
print(worker.pid, flush=True)
"""


def start_line(library: Path, openssl: Path) -> dict[str, Any]:
    """Return the first command for a worker with the stand-in."""
    config = _abi.ParsecClientConfig(protocol=1)
    return {
        "simulated": None,
        "library": str(library),
        "openssl": [str(openssl), str(openssl).replace("libcrypto", "libssl")],
        "signal_host": "example.com",
        "upnp": False,
        "session_id": SESSION_ID,
        "peer_id": PEER_ID,
        "config": bytes(config).hex(),
    }


class Reported:
    """A worker, and what it reported.

    Attributes:
        events: All of its events.
        ended: The exit status and what was printed, once for each report of the end.
        ended_at: When the end was reported, on the monotonic clock.
    """

    def __init__(self, start: dict[str, Any], python: str | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self.ended: list[tuple[int | None, str]] = []
        self.ended_at = 0.0
        self._news = threading.Condition()
        self.worker = Worker(start, python=python, on_event=self._add, on_end=self._end)

    def _add(self, event: dict[str, Any]) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def _end(self, returncode: int | None, printed: str) -> None:
        with self._news:
            self.ended_at = time.monotonic()
            self.ended.append((returncode, printed))
            self._news.notify_all()

    def of(self, event: str, **values: Any) -> list[dict[str, Any]]:
        """Return the events of a kind, with these values."""
        wanted = {"event": event, **values}.items()
        return [event for event in tuple(self.events) if wanted <= event.items()]

    def wait(self, event: str, **values: Any) -> dict[str, Any]:
        """Wait for an event of that kind; return the first."""
        self.wait_until(lambda: self.of(event, **values))
        return self.of(event, **values)[0]

    def wait_end(self) -> tuple[int | None, str]:
        """Wait until the end is reported; return it."""
        self.wait_until(lambda: self.ended)
        return self.ended[0]

    def wait_until(self, condition: Callable[[], object]) -> None:
        """Wait until something holds; each report is an occasion."""
        with self._news:
            assert self._news.wait_for(condition, TIMEOUT), (self.events, self.ended)
