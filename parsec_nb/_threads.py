"""A login's own thread."""

from __future__ import annotations

import threading
from contextvars import copy_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def in_daemon_thread(work: Callable[[], None]) -> None:
    """Run *work* in a thread of its own, in the context of this call.

    Raises:
        RuntimeError: No more threads can be started.
    """
    threading.Thread(
        target=copy_context().run,
        args=(work,),
        name="parsec_nb-login",
        # Any other thread would hold up the kernel's shutdown.
        daemon=True,
    ).start()
