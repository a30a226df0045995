"""Events of the simulated SDK, and the buffers that belong to them."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

_Event = TypeVar("_Event")

_MOST_EVENTS = 256


class Mailbox(Generic[_Event]):
    """Events that wait to be polled; the caller holds a lock."""

    def __init__(self) -> None:
        self._events: deque[tuple[_Event, int, bytes]] = deque(maxlen=_MOST_EVENTS)
        self._buffers: dict[int, bytes] = {}
        self._last_key = 0

    @property
    def has_event(self) -> bool:
        """Whether there is an event."""
        return bool(self._events)

    def next_key(self) -> int:
        """Return a key for a buffer."""
        self._last_key += 1
        return self._last_key

    def add(self, event: _Event, key: int = 0, buffer: bytes = b"") -> None:
        """Add an event, with a buffer if it has a key."""
        self._events.append((event, key, buffer))

    def next_event(self) -> _Event:
        """Remove the oldest event, and keep its buffer until it is fetched."""
        event, key, buffer = self._events.popleft()
        if key:
            self._buffers[key] = buffer
        while len(self._buffers) > _MOST_EVENTS:
            del self._buffers[next(iter(self._buffers))]
        return event

    def take_buffer(self, key: int) -> bytes | None:
        """Remove the buffer of a key; None if there is none, or no more."""
        return self._buffers.pop(key, None)
