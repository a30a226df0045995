"""Whoever shows a login, and what they are to say besides its status.

It calls them, each in the context that it came from, and bears whatever they raise.
What there is to see is not its business.
"""

from __future__ import annotations

import logging
import threading
from contextvars import Context, copy_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("parsec_nb")


class Audience:
    """The watchers of one login; every method may be called from any thread.

    Attributes:
        notices: What to show behind the status.
    """

    def __init__(self) -> None:
        self.notices: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._watchers: list[tuple[Callable[[], object], Context]] = []

    def watch(self, watcher: Callable[[], object]) -> None:
        """Call *watcher* whenever there may be something new to show.

        It is called in any thread, in the context of this call, by which
        ipykernel finds the cell that launched the login.
        """
        self._watchers.append((watcher, copy_context()))

    def look(self) -> None:
        """Call all watchers."""
        for watcher, context in tuple(self._watchers):
            try:
                context.copy().run(watcher)
            except BaseException as error:  # a front end that is gone, in any way
                if _is_interrupt(error):
                    raise
                _log.debug("A login could not be shown: %s", type(error).__name__)

    def tell(self, notice: str) -> None:
        """Show *notice* behind the status, once."""
        with self._lock:
            if notice not in self.notices:
                self.notices += (notice,)
        self.look()

    def take_back(self, notice: str) -> None:
        """Show *notice* no longer."""
        with self._lock:
            if notice not in self.notices:
                return
            self.notices = tuple(told for told in self.notices if told != notice)
        self.look()

    def forget(self) -> None:
        """Show no notice any longer, once there is something else to see."""
        with self._lock:
            self.notices = ()


def _is_interrupt(error: BaseException) -> bool:
    """Return whether it is the user's own Ctrl-C, which only the main thread gets."""
    return (
        isinstance(error, KeyboardInterrupt)
        and threading.current_thread() is threading.main_thread()
    )
