"""The log of the simulated SDK: one callback for all instances."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parsec_nb.sdk._enums import ParsecLogLevel


class Log:
    """Lines for the callback, from any thread; after its removal it is not called."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._callback: Any = None
        self._opaque: int | None = None

    def set_callback(self, callback: Any, opaque: int | None) -> None:
        """ParsecSetLogCallback; a callback that is NULL removes the last one."""
        with self._lock:
            self._callback, self._opaque = callback, opaque

    def write(self, level: ParsecLogLevel, text: str) -> None:
        """Write a line."""
        with self._lock:
            if self._callback:
                self._callback(level, text.encode(), self._opaque)
