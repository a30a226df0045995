"""A login's observers, and the snapshot that they show."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass

from parsec_nb._api.models import AuthCode, Session
from parsec_nb._auth.flow import RetryNotice, Status
from parsec_nb.errors import ParsecError

_log = logging.getLogger("parsec_nb")


@dataclass(frozen=True)
class LoginSnapshot:
    """All that may be shown of a login at one instant; its secrets are masked."""

    status: Status
    auth_code: AuthCode | None = None
    minutes_left: int = 0
    retry: RetryNotice | None = None
    session: Session | None = None
    error: ParsecError | None = None
    notices: tuple[str, ...] = ()
    renewable: bool = False

    @property
    def announcement(self) -> tuple[Status, bool, tuple[str, ...]]:
        """What a user must hear about when it changes."""
        final_notices = self.notices if self.status.ended else ()
        return self.status, self.retry is not None, final_notices


class Observers:
    """A login's observers; every method may be called from any thread.

    Attributes:
        notices: What is shown after the status, in the order of the keys.
    """

    def __init__(self) -> None:
        # A dictionary changes in one step.
        self.notices: dict[str, None] = {}
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
                in_main_thread = threading.current_thread() is threading.main_thread()
                if isinstance(error, KeyboardInterrupt) and in_main_thread:
                    # The user's Ctrl-C.
                    raise
                _log.debug("A login could not be shown: %s", type(error).__name__)

    def add_notice(self, notice: str) -> None:
        self.notices[notice] = None
        self.notify()

    def remove_notice(self, notice: str) -> None:
        self.notices.pop(notice, None)
        self.notify()

    def clear(self) -> None:
        self._observers.clear()
