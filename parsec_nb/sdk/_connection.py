"""A connection from its start to its end: its statuses, its attempts, its thread."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any

from parsec_nb.errors import (
    ParsecError,
    SDKConnectionError,
    SDKProcessError,
    SDKSetupError,
)

from . import messages
from ._abi import ParsecClientStatus, ParsecStatus
from ._events import Event
from ._process import Worker
from ._reports import Reports, crash, fault_in
from ._retries import next_attempt
from ._states import TRANSITIONS, Change, ConnectionStatus
from ._status import connection_error, describe

_log = logging.getLogger("parsec_nb")

_SETTLING_SECONDS = 1.0


class Connection:
    """Connects in a thread, one worker process an attempt, until it ends.

    Any thread may call it. Observers are called in the thread in which something
    changed; they must be quick.

    Args:
        start: The worker's first message.
        timeout: Seconds for one attempt, without the wait for an approval.
        delays: Seconds before each further attempt; empty for none.
        python: The interpreter of the worker; None for this one.
        make_worker: Starts a worker process.
    """

    texts: Any = messages

    def __init__(
        self,
        start: dict[str, object],
        *,
        timeout: float = 30.0,
        delays: Sequence[float] = (),
        python: str | None = None,
        make_worker: Callable[..., Worker] = Worker,
    ) -> None:
        self._start = start
        self._timeout = timeout
        self._delays = delays
        self._python = python
        self._make_worker = make_worker
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._outcome: ParsecError | None = None
        self._worker: Worker | None = None
        self._observers: list[Callable[[], object]] = []
        self._thread = threading.Thread(
            target=self._run, name="parsec_nb-sdk", daemon=True
        )
        self.future: Future[None] = Future()
        self.status = ConnectionStatus.STARTING
        self.error: ParsecError | None = None
        self.retry_delay: float | None = None
        self.reports = Reports()

    @property
    def simulated(self) -> bool:
        """Whether the SDK is simulated."""
        return self._start["simulated"] is not None

    def begin(self) -> None:
        """Start the thread.

        Raises:
            SDKSetupError: The system has no thread left.
        """
        try:
            self._thread.start()
        except RuntimeError:
            raise SDKSetupError(messages.NO_THREAD) from None

    def observe(self, call: Callable[[], object]) -> None:
        """Call *call* when the status changes."""
        self._observers.append(call)

    def disconnect(self, timeout: float = 3.0) -> None:
        """End the connection, and wait until the worker process is gone."""
        if os.getpid() != self._process:
            return
        self._apply(Change.DISCONNECT)
        if self._thread.ident and threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def worker(self) -> Worker:
        """Return the worker of the connection.

        Raises:
            SDKConnectionError: There is no connection now, and why.
            SDKProcessError: The worker process ended.
        """
        self.check_process()
        with self._changed:
            # What ended the worker is known a moment later.
            self._changed.wait_for(lambda: not self._is_ending(), _SETTLING_SECONDS)
            worker, status, error = self._worker, self.status, self.error
        if worker is not None and status is ConnectionStatus.CONNECTED:
            return worker
        if error is not None:
            raise error.with_traceback(None)
        raise SDKConnectionError(self.texts.NOT_CONNECTED.format(status=status))

    def check_process(self) -> None:
        """Raise an SDKProcessError in a forked child, where a lock may be held."""
        if os.getpid() != self._process:
            raise SDKProcessError(messages.WORKER_FORKED)

    def _is_ending(self) -> bool:
        worker = self._worker
        over = self._outcome is not None or (worker is not None and worker.over)
        return over and self.status is ConnectionStatus.CONNECTED

    def request(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Let the worker do something, and return its reply.

        Raises:
            SDKConnectionError: There is no connection, or the SDK refused.
            SDKProcessError: The worker process ended, or does not respond.
        """
        worker = self.worker()
        try:
            reply = worker.request(do, **arguments)
        except SDKProcessError:
            self.worker()
            raise
        if reply["status"] == ParsecStatus.PARSEC_NOT_RUNNING:
            # The SDK knows of the end before the worker has asked it for the reason.
            self.wait_while(lambda: self._worker is worker, _SETTLING_SECONDS)
            self.worker()
        if reply["status"] < 0:
            raise connection_error(reply["status"])
        return reply

    def decide(self, *, allow: bool) -> None:
        """Answer the request at a simulated host that waits for an approval."""
        with self._changed:
            worker = self._worker
        if worker is not None and self.status is ConnectionStatus.WAITING_FOR_APPROVAL:
            worker.request("decide", allow=allow)

    def wait_while(self, condition: Callable[[], bool], timeout: float | None) -> bool:
        """Wait while something holds; return whether it holds no longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not condition(), timeout)

    def wait_for_another(self) -> bool:
        """Wait for the next attempt's connection; return whether there is one."""
        connected = ConnectionStatus.CONNECTED
        self.wait_while(
            lambda: self.status != connected and not self.status.ended, None
        )
        return not self.status.ended

    def events_since(self, seen: int, timeout: float | None) -> tuple[int, list[Event]]:
        """Wait for events after the first *seen* ones; none come after the end."""
        self.check_process()
        reports = self.reports
        with self._changed:
            self._changed.wait_for(
                lambda: reports.event_count > seen or self.status.ended, timeout
            )
            return reports.event_count, reports.events_after(seen)

    def _run(self) -> None:
        retries = 0
        while True:
            error = self._attempt()
            if self.status is ConnectionStatus.CONNECTED:
                retries = 0
            following = next_attempt(self._start, error, self._delays[retries:])
            if following is None:
                break
            retries += 1
            delay, self._start = following
            self.retry_delay = delay
            self._apply(Change.RETRY)
            self.wait_while(lambda: not self.status.ended, delay)
            self.retry_delay = None
            if self.status.ended:
                break
        self._apply(Change.END, error)

    def _attempt(self) -> ParsecError | None:
        """Connect once; return what ended it, or None if the user did."""
        self._outcome = None
        try:
            worker = self._make_worker(
                self._start,
                python=self._python,
                on_event=self._on_event,
                on_end=self._on_end,
            )
        except ParsecError as error:
            return error
        self._worker = worker
        try:
            return self._wait()
        finally:
            worker.end()
            with self._changed:
                self._worker = None
                self._changed.notify_all()

    def _wait(self) -> ParsecError | None:
        until = time.monotonic() + self._timeout
        with self._changed:
            while self._outcome is None and not self.status.ended:
                if self.status is ConnectionStatus.CONNECTED:
                    self._changed.wait()
                elif self.status is ConnectionStatus.WAITING_FOR_APPROVAL:
                    # A person decides, which takes as long as it takes.
                    self._changed.wait()
                    until = time.monotonic() + self._timeout
                elif not self._changed.wait(max(until - time.monotonic(), 0.0)):
                    seconds = self._timeout
                    text = self.texts.CONNECT_TIMEOUT.format(seconds=seconds)
                    return SDKConnectionError(text)
            return self._outcome

    def _on_event(self, message: dict[str, Any]) -> None:
        kind = message["event"]
        if kind == "ready":
            self._apply(Change.READY)
        elif kind == "status":
            self._on_status(message["code"], bytes.fromhex(message["status"]))
        elif kind == "client":
            with self._changed:
                self.reports.add_event(message)
                self._changed.notify_all()
        elif kind == "log":
            self.reports.log.append(message["text"])
        elif error := fault_in(message):
            self._end_attempt(error)

    def _on_status(self, code: int, raw: bytes) -> None:
        info = describe(code)
        if code == ParsecStatus.PARSEC_OK:
            self.reports.add_metrics(ParsecClientStatus.from_buffer_copy(raw))
            self._apply(Change.CONNECT)
        elif code == ParsecStatus.CONNECT_WRN_APPROVAL:
            self._apply(Change.ASK)
        elif info.kind == "wait":
            self._apply(Change.ANSWER)
        else:
            connected = self.status is ConnectionStatus.CONNECTED
            self._end_attempt(connection_error(code, connected=connected))

    def _on_end(self, returncode: int, tail: str) -> None:
        self._end_attempt(crash(returncode, tail))

    def _end_attempt(self, outcome: ParsecError) -> None:
        with self._changed:
            if self._outcome is None:
                self._outcome = outcome
            self._changed.notify_all()

    def _apply(self, change: Change, error: ParsecError | None = None) -> None:
        with self._changed:
            status = TRANSITIONS[self.status].get(change)
            if status is None:
                return
            self.status = status
            if change is Change.END:
                self.error = error
            elif change is Change.DISCONNECT:
                self.error = SDKConnectionError(self.texts.DISCONNECTED)
            self._changed.notify_all()
        with suppress(InvalidStateError):
            if change is Change.CONNECT:
                self.future.set_result(None)
            elif self.error is not None:
                self.future.set_exception(self.error)
        for observer in self._observers:
            try:
                observer()
            except Exception as fault:  # noqa: BLE001 - such as a page that is gone
                _log.debug("A status was not shown: %s", type(fault).__name__)
