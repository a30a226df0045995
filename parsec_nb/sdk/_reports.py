"""What the worker has reported of a connection: metrics, events, lines of the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from parsec_nb.errors import SDKError, SDKProcessError, SDKSetupError

from . import messages
from ._abi import ParsecClientStatus
from ._events import Event, Metrics, metrics_of, read_event
from ._popen import describe_end

_KEPT_EVENTS = 1000
_KEPT_LINES = 200
# An hour, as they come twice a second.
_KEPT_METRICS = 7200


class Reports:
    """The newest reports of one connection.

    Args:
        read: Turns a report of an event into its value.

    Attributes:
        metrics: The metrics of each video stream, oldest first.
        event_count: How many events there were.
        log: The SDK's lines, oldest first.
    """

    def __init__(self, read: Callable[[dict[str, Any]], Event] = read_event) -> None:
        self._read = read
        self.metrics: tuple[deque[Metrics], deque[Metrics]] = (
            deque(maxlen=_KEPT_METRICS),
            deque(maxlen=_KEPT_METRICS),
        )
        self.event_count = 0
        self.log: deque[str] = deque(maxlen=_KEPT_LINES)
        self._events: deque[Event] = deque(maxlen=_KEPT_EVENTS)

    @property
    def first_event(self) -> int:
        """How many events are no longer kept."""
        return self.event_count - len(self._events)

    def events_after(self, seen: int) -> list[Event]:
        """Return the events that are kept, without the first *seen* ones of all."""
        return list(self._events)[max(seen - self.first_event, 0) :]

    def add_event(self, message: dict[str, Any]) -> None:
        self._events.append(self._read(message))
        self.event_count += 1

    def add_metrics(self, status: ParsecClientStatus) -> None:
        now = datetime.now(timezone.utc)
        failure = bool(status.networkFailure)
        for kept, raw in zip(self.metrics, status.self.metrics, strict=True):
            kept.append(metrics_of(raw, now, network_failure=failure))


def crash(returncode: int, tail: str) -> SDKProcessError:
    """Return the error for a worker that ended by itself, with its last output."""
    text = messages.WORKER_CRASHED.format(
        ended=describe_end(returncode), tail=tail.strip() or messages.NO_LAST_WORDS
    )
    return SDKProcessError(text, returncode)


def fault_in(message: dict[str, Any]) -> SDKError | None:
    """Return why the worker cannot go on, if that is what it reports."""
    kind = message["event"]
    if kind == "refused":
        text = messages.REFUSALS[message["reason"]]
        return SDKSetupError(text.format(detail=message["detail"]))
    if kind == "memory":
        megabytes = message["needed"] // 2**20 + 1
        return SDKSetupError(messages.FRAMES_TOO_BIG.format(megabytes=megabytes))
    if kind == "fault":
        return SDKProcessError(messages.WORKER_FAULT.format(text=message["text"]))
    return None
