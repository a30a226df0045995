"""A login's observers, and the notices that they show after the status."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextvars import Context, copy_context

_log = logging.getLogger("parsec_nb")


class Observers:
    """A login's observers; every method may be called from any thread."""

    def __init__(self) -> None:
        # A dictionary keeps their order, and changes in one step.
        self._notices: dict[str, None] = {}
        self._observers: list[tuple[Callable[[], object], Context]] = []

    @property
    def notices(self) -> tuple[str, ...]:
        """The notices to show."""
        return tuple(self._notices)

    def add(self, observer: Callable[[], object]) -> None:
        """Call *observer* at each change, in any thread, in the context of this call.

        By its context, ipykernel finds the cell that launched the login.
        """
        self._observers.append((observer, copy_context()))

    def notify(self) -> None:
        """Call all observers; log their exceptions at debug level and drop them."""
        for observer, context in tuple(self._observers):
            try:
                context.copy().run(observer)
            except BaseException as error:
                in_main_thread = threading.current_thread() is threading.main_thread()
                if isinstance(error, KeyboardInterrupt) and in_main_thread:
                    # The user's Ctrl-C.
                    raise
                _log.debug("A login could not be shown: %s", type(error).__name__)

    def add_notice(self, notice: str) -> None:
        self._notices[notice] = None
        self.notify()

    def remove_notice(self, notice: str) -> None:
        self._notices.pop(notice, None)
        self.notify()

    def clear(self) -> None:
        self._observers.clear()

    def clear_notices(self) -> None:
        self._notices.clear()
