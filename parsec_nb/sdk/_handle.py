"""What a notebook holds of a connection: the vocabulary of a Future, and `await`."""

from __future__ import annotations

import asyncio
import contextlib
import time
import weakref
from collections.abc import Generator, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Any, NoReturn

from . import messages
from ._checks import checked_timeout
from ._connection import Connection
from ._states import ConnectionStatus

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._card import ConnectionCard
    from ._events import Event

# Windows cannot interrupt a wait without a timeout.
_INTERRUPTIBLE_SECONDS = 0.5


class ConnectionHandle:
    """A connection that can be awaited, shown, and ended.

    Any thread may use it. After the end, each method raises the reason. A handle
    that nothing refers to any more is disconnected.

    Attributes:
        host_name: The name of the host, or its peer ID.
    """

    def __init__(self, connection: Connection, host_name: str) -> None:
        self._connection = connection
        self._card: ConnectionCard | None = None
        self.host_name = host_name
        weakref.finalize(self, connection.disconnect, 0.0)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.host_name!r}: {self.status}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse pickles and deep copies, which could not take the process along."""
        raise TypeError(messages.NOT_PICKLED)

    def _ipython_display_(self) -> None:
        """Show the status; as a cell's last line it makes no `Out[n]`."""
        from ._card import ConnectionCard  # noqa: PLC0415 - loads IPython

        if self._card is None:
            self._card = ConnectionCard(self._connection, self.host_name)
        self._card.show()

    @property
    def status(self) -> ConnectionStatus:
        """The status of the connection."""
        return self._connection.status

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that the SDK logged; session ID and peer ID are masked."""
        return tuple(self._connection.reports.log)

    def done(self) -> bool:
        """Return whether it is connected, or was, or could not be."""
        return self._connection.future.done()

    def result(self, timeout: float | None = None) -> Self:
        """Return this object once it is connected, after at most *timeout* seconds.

        Blocks the calling thread. An interrupt ends only the wait.

        Raises:
            TimeoutError: It is not connected after *timeout* seconds.
            SDKError: How the attempt ended, in one of the subclasses.
        """
        until = None
        if timeout is not None:
            until = time.monotonic() + checked_timeout(timeout)
        while True:
            seconds = _INTERRUPTIBLE_SECONDS
            if until is not None:
                seconds = max(min(seconds, until - time.monotonic()), 0.0)
            try:
                error = self._connection.future.exception(seconds)
            except FutureTimeoutError:
                if until is not None and time.monotonic() >= until:
                    texts = self._connection.texts
                    text = texts.STILL_CONNECTING.format(status=self.status)
                    raise TimeoutError(text) from None
            else:
                if error is not None:
                    raise error.with_traceback(None)
                return self

    def __await__(self) -> Generator[Any, None, Self]:
        loop = asyncio.get_running_loop()
        ended = loop.create_future()

        def set_ended() -> None:
            if not ended.done():
                ended.set_result(None)

        def wake(_: object) -> None:
            # A loop that is closed has nothing left that waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(set_ended)

        self._connection.future.add_done_callback(wake)
        yield from ended.__await__()
        return self.result(0)

    def _events(self, timeout: float | None) -> Iterator[Event]:
        connection = self._connection
        seen = connection.reports.first_event
        while True:
            seen, new = connection.events_since(seen, timeout)
            if not new:
                return
            yield from new

    def __enter__(self) -> Self:
        self.result()
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    async def __aenter__(self) -> Self:
        await self
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.disconnect)

    def disconnect(self) -> None:
        """Release all keys, end the connection, and end the worker process.

        Does nothing after the end. Takes at most about 2 s.
        """
        self._connection.disconnect()
