"""The words of a `concurrent.futures.Future`, for work that can be started over.

It knows how to wait for an outcome: from any thread, with a time-out, by a
callback or with `await`. How the outcome comes about is not its business.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from parsec_nb import _texts

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from typing_extensions import Self

T = TypeVar("T")

# Windows does not interrupt a wait without an end, so every wait has one.
_INTERRUPTIBLE_SECONDS = 0.5


class Outcome(Generic[T]):
    """Something that will have a result of type *T*, or an error."""

    def __init__(self) -> None:
        self._future: Future[T] = Future()

    def done(self) -> bool:
        """Return whether it has ended."""
        return self._future.done()

    def result(self, timeout: float | None = None) -> T:
        """Return the result; waits, and raises TimeoutError, as `exception` does.

        Raises what it ended in.
        """
        _raise(self.exception(timeout))
        return self._future.result()

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the error that ended it, or None if it has a result.

        Blocks the calling thread, and can be interrupted.

        Raises:
            TimeoutError: It is still going on after *timeout* seconds.
        """
        future = self._future
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            pause = _INTERRUPTIBLE_SECONDS
            if until is not None:
                pause = max(min(pause, until - time.monotonic()), 0.0)
            try:
                return future.exception(pause)
            except FutureTimeoutError:
                if until is not None and time.monotonic() >= until:
                    raise TimeoutError(_texts.STILL_WAITING) from None

    def add_done_callback(self, fn: Callable[[Self], object]) -> None:
        """Call *fn* with this object once when it ends, at once if it has ended.

        It is called in the thread that ended it, in the context of this call.
        """
        context = copy_context()

        def call(_: Future[T]) -> None:
            try:
                context.copy().run(fn, self)
            except BaseException as error:  # noqa: BLE001 - or those behind it are not called
                self._callback_failed(type(error).__name__)

        self._future.add_done_callback(call)

    def __await__(self) -> Generator[Any, None, T]:
        # Renewed before the loop gets there, it would have a future without an end.
        future = self._future
        loop = asyncio.get_running_loop()
        ended = loop.create_future()

        def set_ended() -> None:
            if not ended.done():
                ended.set_result(None)

        def wake(_: Future[T]) -> None:
            # The loop may be closed by now, and its waiter gone.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(set_ended)

        future.add_done_callback(wake)
        yield from ended.__await__()
        _raise(future.exception())
        return future.result()

    def _start_over(self) -> None:
        self._future = Future()

    def _callback_failed(self, name: str) -> None:
        """Tell the user that a done-callback raised an exception called *name*."""
        raise NotImplementedError


def _raise(error: BaseException | None) -> None:
    if error is not None:
        # Without the frames of earlier raises, which would pile up.
        raise error.with_traceback(None)
