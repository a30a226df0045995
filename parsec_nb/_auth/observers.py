"""A login's observers, and the notices that they show after the status."""

from __future__ import annotations

import logging
import threading
from contextvars import Context, copy_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("parsec_nb")


class Observers:
    """A login's observers; every method may be called from any thread.

    Attributes:
        notices: The notices to show.
    """

    def __init__(self) -> None:
        self.notices: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._observers: list[tuple[Callable[[], object], Context]] = []

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
                if _is_interrupt(error):
                    raise
                _log.debug("A login could not be shown: %s", type(error).__name__)

    def add_notice(self, notice: str) -> None:
        """Show *notice*, once."""
        with self._lock:
            if notice not in self.notices:
                self.notices += (notice,)
        self.notify()

    def remove_notice(self, notice: str) -> None:
        """Show *notice* no longer."""
        with self._lock:
            if notice not in self.notices:
                return
            self.notices = tuple(one for one in self.notices if one != notice)
        self.notify()

    def clear_notices(self) -> None:
        """Show no notice any longer, without a call of the observers."""
        with self._lock:
            self.notices = ()


def _is_interrupt(error: BaseException) -> bool:
    """Return whether it is the user's Ctrl-C, which only the main thread gets."""
    return (
        isinstance(error, KeyboardInterrupt)
        and threading.current_thread() is threading.main_thread()
    )
