"""The worker's events: one JSON object a line, without secrets."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import NoReturn

from parsec_nb.sdk import messages
from parsec_nb.sdk._pipes import make_non_blocking, masker, write

FAULT = 4

_LOG_CHARACTERS = 500
_LOG_LINES_PER_SECOND = 50
# How long a thread of the SDK is held up when the kernel does not read.
_LOG_SECONDS = 0.05


class Channel:
    """Writes events to the kernel; any thread may call it."""

    def __init__(self, descriptor: int) -> None:
        make_non_blocking(descriptor)
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._secrets: tuple[str, ...] = ()
        self._mask = masker()
        self._second = 0.0
        self._lines = 0

    def hide(self, *secrets: str) -> None:
        """Mask these, too, in all that is logged or reported as a fault."""
        self._secrets += secrets
        self._mask = masker(*self._secrets)

    def report_exceptions(self) -> None:
        """End the process with a report where an exception would be silent."""
        sys.excepthook = lambda _, error, __: self.fault(error)
        # Those of ctypes callbacks.
        sys.unraisablehook = lambda about: self.fault(about.exc_value)
        threading.excepthook = lambda about: self.fault(about.exc_value)

    def emit(self, **event: object) -> None:
        """Write an event, and wait until the kernel takes it."""
        self._write(event, None)

    def frame(self, stream: int) -> None:
        """Report a frame, unless the kernel does not read at the moment."""
        self._write({"event": "frame", "stream": stream}, 0.0)

    def log(self, level: int, message: bytes | None) -> None:
        """Pass on a log line of the SDK, unless there are too many."""
        if message is None:
            return
        now = time.monotonic()
        if now - self._second > 1:
            self._second, self._lines = now, 0
        self._lines += 1
        if self._lines > _LOG_LINES_PER_SECOND:
            return
        text = self._mask(message.decode(errors="replace"))[:_LOG_CHARACTERS]
        if self._lines == _LOG_LINES_PER_SECOND:
            text = messages.LOG_LINES_LEFT_OUT
        event = {"event": "log", "level": chr(level & 0x7F), "text": text}
        self._write(event, _LOG_SECONDS)

    def refuse(self, reason: str, detail: object) -> None:
        """Report why the SDK cannot be used."""
        self.emit(event="refused", reason=reason, detail=self._mask(str(detail)))

    def fault(self, error: BaseException | None) -> NoReturn:
        """Report an error of ours, and end the process."""
        text = self._mask(f"{type(error).__name__}: {error}")
        with contextlib.suppress(OSError):
            self.emit(event="fault", text=text)
        os._exit(FAULT)

    def _write(self, event: Mapping[str, object], timeout: float | None) -> None:
        line = f"{json.dumps(event, separators=(',', ':'))}\n".encode()
        if not self._lock.acquire(timeout=-1 if timeout is None else timeout):
            return
        try:
            taken = write(self._descriptor, line, timeout)
            if 0 < taken < len(line):
                write(self._descriptor, line[taken:], None)
        finally:
            self._lock.release()
