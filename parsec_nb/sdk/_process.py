"""The kernel's side of the worker process, in which the SDK runs."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, cast

from parsec_nb.errors import SDKProcessError, SDKSetupError

from . import messages
from ._pipes import Tail, has_more, masker, write
from ._popen import LAST_SECONDS, WorkerProcess, describe_end
from ._shared.media import SharedMedia
from ._shared.pinned import FrameHeader

_log = logging.getLogger("parsec_nb")

# How often a waiting thread looks by itself: the worker may leave a report out.
_LOOK_SECONDS = 0.05
# How long reading what a process printed before its end may take.
_LAST_WORDS_SECONDS = 1.0

_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


class Worker:
    """A worker process, from its start to its end. Any thread may call it.

    Attributes:
        media: The frames and the sound; closed once the process has ended.
        pid: The number of the process.
        returncode: Its exit status, negative for a signal; None while it runs.

    Args:
        start: The first line for the worker, without `mapping`.
        python: Another interpreter; None is this one.
        on_event: Called with each event of the worker, in order, in one thread. It
            may call `post()`, but not `request()`, whose reply it would hold up.
        on_end: Called once, in the same thread, with the exit status and the end of
            what was printed. The memory is closed afterwards.

    Raises:
        SDKSetupError: The process cannot start.
    """

    def __init__(
        self,
        start: Mapping[str, object],
        *,
        python: str | None,
        on_event: Callable[[dict[str, Any]], object],
        on_end: Callable[[int | None, str], object],
    ) -> None:
        self._on_event = on_event
        self._on_end = on_end
        self._numbers = itertools.count(1)
        self._replies: dict[int, Future[dict[str, Any]]] = {}
        self._prepare_locks()
        # Why no command can be sent any more.
        self._over = ""
        self._is_torn = False
        self.returncode: int | None = None
        # As they are: a plain copy would be shown where a session ID is not.
        names = ("session_id", "peer_id", "secret")
        secrets = [cast("str", start[name]) for name in names if name in start]
        self._printed = Tail(masker(*secrets), max(map(len, secrets)))
        try:
            self.media = SharedMedia.create()
        except OSError as error:
            raise SDKSetupError(messages.NO_MEMORY.format(error=error)) from None
        try:
            self._process = WorkerProcess(python, self.media.handle)
        except OSError as error:
            self.media.close()
            text = messages.NO_WORKER.format(error=error)
            raise SDKSetupError(text) from None
        self.pid = self._process.pid
        self._printer = self._thread(self._read_printed)
        self._reader = self._thread(self._read)
        _workers.add(self)
        try:
            self._printer.start()
            self._reader.start()
        except RuntimeError:
            self._process.abort()
            self.media.close()
            raise SDKSetupError(messages.NO_THREAD) from None
        # A worker that is gone already is reported by the reader.
        with contextlib.suppress(SDKProcessError):
            self._send({"do": "start", **start, "mapping": self.media.handle}, 1.0)

    def _prepare_locks(self) -> None:
        self._lock = threading.Lock()
        self._input_lock = threading.Lock()
        self._news = threading.Condition()

    @staticmethod
    def _thread(work: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=work, name="parsec_nb-worker", daemon=True)

    def hide(self, secret: str) -> None:
        """Mask this, too, in what was printed."""
        self._printed.hide(secret)

    @property
    def over(self) -> bool:
        """Whether it takes no more commands."""
        return bool(self._over)

    def request(
        self, do: str, timeout: float = 5.0, **arguments: object
    ) -> dict[str, Any]:
        """Send a command; return the reply, whose `status` is a status code.

        Raises:
            SDKProcessError: The worker has ended, or sends no reply in time.
        """
        future: Future[dict[str, Any]] = Future()
        number = next(self._numbers)
        with self._lock:
            self._replies[number] = future
        try:
            self._send({"id": number, "do": do, **arguments}, timeout)
            return future.result(timeout)
        except FutureTimeoutError:
            text = messages.NO_REPLY.format(do=do, seconds=timeout)
            raise SDKProcessError(text) from None
        finally:
            self._replies.pop(number, None)

    def post(self, do: str, **arguments: object) -> None:
        """Send a command without waiting for the reply.

        Raises:
            SDKProcessError: The worker has ended, or does not read its commands.
        """
        self._send({"id": next(self._numbers), "do": do, **arguments}, 0.1)

    def _send(self, command: dict[str, object], timeout: float) -> None:
        line = f"{json.dumps(command)}\n".encode()
        taken = 0
        if self._input_lock.acquire(timeout=timeout):
            try:
                if self._over:
                    raise SDKProcessError(self._over, self.returncode)
                # An interrupt, or the timeout, may have cut off the last line.
                line = b"\n" * self._is_torn + line
                was_torn, self._is_torn = self._is_torn, True
                taken = write(self._process.stdin.fileno(), line, timeout)
                self._is_torn = taken < len(line) and (taken > 0 or was_torn)
            except OSError:
                self._reap()
                raise SDKProcessError(self._over, self.returncode) from None
            finally:
                self._input_lock.release()
        if taken == len(line):
            return
        text = messages.NO_REPLY.format(do=command["do"], seconds=timeout)
        raise SDKProcessError(text)

    def wait_frame(self, stream: int, after: int, timeout: float) -> FrameHeader | None:
        """Wait for a frame with a number above *after*; return what is known of it.

        Returns None after *timeout* seconds, and at once when the worker has ended.
        """
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                header = self.media.newest(stream)
                if header is not None and header.number > after:
                    return header
                left = deadline - time.monotonic()
                if left <= 0 or self._over:
                    return None
                self._news.wait(min(left, _LOOK_SECONDS))

    def end(self, timeout: float = 1.0) -> None:
        """Let the worker disconnect and leave; end it if it does not in time."""
        if self.returncode is None:
            self.hang_up()
            self._reap(timeout)
        if threading.current_thread() is not self._reader:
            self._reader.join(1.0)

    def close_in_child(self) -> None:
        """Let go of the process in a forked child: it is the parent's."""
        # Another thread of the parent may have held the old ones.
        self._prepare_locks()
        self._over = messages.WORKER_FORKED
        self._replies.clear()
        self._process.close_in_child()
        self.media.close_in_child()

    def hang_up(self) -> None:
        """Close the worker's standard input, which tells it to leave."""
        if self._input_lock.acquire(timeout=LAST_SECONDS):
            self._over = self._over or messages.WORKER_LEFT
            self._process.stdin.close()
            self._input_lock.release()

    def _reap(self, timeout: float = LAST_SECONDS) -> None:
        """Wait for the process to end; end it by force if it does not in time."""
        self.returncode = self._process.reap(timeout)
        self._over = self._over or describe_end(self.returncode)

    def _read(self) -> None:
        """Pass on the events, until the worker has ended."""
        try:
            for line in self._lines():
                event = json.loads(line)
                if "reply" in event:
                    with self._lock:
                        future = self._replies.pop(event["reply"], None)
                    if future is not None:
                        future.set_result(event)
                    continue
                if event["event"] == "frame":
                    with self._news:
                        self._news.notify_all()
                    continue
                try:
                    self._on_event(event)
                except Exception as error:  # noqa: BLE001 - the next ones matter too
                    _log.debug("An event was not handled: %s", type(error).__name__)
        finally:
            self._finish()

    def _lines(self) -> Iterator[bytes]:
        rest = b""
        while data := self._process.stdout.read(65536):
            *lines, rest = (rest + data).split(b"\n")
            yield from lines

    def _read_printed(self) -> None:
        with self._process.stderr as stream:
            while data := stream.read(4096):
                self._printed.add(data)

    def _read_rest(self) -> None:
        """Wait until what the process printed is read."""
        deadline = time.monotonic() + _LAST_WORDS_SECONDS
        self._printer.join(_LOOK_SECONDS)
        # Another process may have taken over its standard error, and hold it open.
        while has_more(self._process.stderr) and time.monotonic() < deadline:
            self._printer.join(_LOOK_SECONDS)

    def _finish(self) -> None:
        """Settle the end, then report it."""
        self._reap()
        self.hang_up()
        self._read_rest()
        with self._news:
            self._news.notify_all()
        with self._lock:
            futures = list(self._replies.values())
            self._replies.clear()
        for future in futures:
            future.set_exception(SDKProcessError(self._over, self.returncode))
        try:
            self._on_end(self.returncode, str(self._printed))
        finally:
            self._process.stdout.close()
            self.media.close()


def _close_in_child() -> None:
    for worker in list(_workers):
        worker.close_in_child()


@atexit.register
def _end_all() -> None:
    workers = list(_workers)
    for worker in workers:
        worker.hang_up()
    for worker in workers:
        worker.end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
