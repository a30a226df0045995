"""Daemon threads, and waiting for what they return."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class NoThreadError(OSError):
    """The process cannot start another thread at the moment."""


def after_fork(work: Callable[[], None]) -> Callable[[], None]:
    """Call *work* in every forked child, where the threads of the parent are gone."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=work)
    return work


def start_daemon(work: Callable[[], object], name: str) -> None:
    """Run *work* in a daemon thread, which does not hold up a kernel's shutdown.

    Raises:
        NoThreadError: The process cannot start another thread.
    """
    try:
        threading.Thread(target=work, name=name, daemon=True).start()
    except RuntimeError:
        raise NoThreadError from None


def call_in_thread(work: Callable[[], T], name: str) -> Future[T]:
    """Call *work* in a daemon thread, which can be abandoned on a timeout.

    An error that *work* raises loses its tracebacks, whose frames may hold secrets.

    Raises:
        NoThreadError: The process cannot start another thread.
    """
    future: Future[T] = Future()

    def call() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised to the waiting thread
            cause: BaseException | None = error
            while cause is not None:
                cause.__traceback__ = None
                cause = cause.__cause__ or cause.__context__
            future.set_exception(error)
        else:
            future.set_result(result)

    start_daemon(call, name)
    return future
