"""What a host is told of its guests: who comes and goes, and their texts."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from parsec_nb.sdk._abi import ParsecHostEvent, ParsecHostEventType, ParsecStatus
from parsec_nb.sdk._events import Event, Guest, UnknownEvent, guest_of


@dataclass(frozen=True)
class GuestEvent(Event):
    """A guest came, left, or failed to come (ParsecGuestStateChangeEvent).

    Attributes:
        guest: Who; `guest.state` is the new state.
        status: Why.
    """

    guest: Guest
    status: ParsecStatus


@dataclass(frozen=True)
class GuestTextEvent(Event):
    """A guest's program sent a text (ParsecUserDataEvent).

    Attributes:
        guest: Who.
        id: The number that the guest gave it.
        text: The text.
    """

    guest: Guest
    id: int
    text: str


@dataclass(frozen=True)
class InvalidSessionEvent(Event):
    """Parsec no longer accepts the session ID; a new one is needed."""


def read_host_event(message: dict[str, Any]) -> Event:
    """Return the event of the host that the worker reported."""
    raw = ParsecHostEvent.from_buffer_copy(bytes.fromhex(message["data"]))
    match raw.type:
        case ParsecHostEventType.HOST_EVENT_GUEST_STATE_CHANGE:
            change = raw.guestStateChange
            return GuestEvent(guest_of(change.guest), ParsecStatus(change.status))
        case ParsecHostEventType.HOST_EVENT_USER_DATA:
            text = base64.b64decode(message.get("buffer") or "")
            guest = guest_of(raw.userData.guest)
            return GuestTextEvent(guest, raw.userData.id, text.decode(errors="replace"))
        case ParsecHostEventType.HOST_EVENT_INVALID_SESSION_ID:
            return InvalidSessionEvent()
    return UnknownEvent(raw.type)
