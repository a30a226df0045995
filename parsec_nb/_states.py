"""Where a login can stand, and the one table of what leads from where to where.

Names and the table alone: what brings an event about is not said here.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(str, Enum):
    """Where a login stands.

    Attributes:
        NEEDS_GAME_ID: The card asks for a game_id.
        REQUESTING: A code is on its way from Parsec.
        PENDING: The code waits to be approved.
        APPROVED: There is a session.
        DENIED: Parsec did not accept the code.
        EXPIRED: Nobody approved the code in time.
        FAILED: Parsec refused, or could not be reached.
        CANCELLED: The user, or a newer login, ended it.

    Example:
        >>> pending.status, pending.status.ended
        (<Status.PENDING: 'pending'>, False)
        >>> Status.PENDING == "pending"
        True
    """

    NEEDS_GAME_ID = "needs_game_id"
    REQUESTING = "requesting"
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELLED = "cancelled"

    __str__ = str.__str__

    @property
    def ended(self) -> bool:
        """Whether nothing more happens unless the user asks for a new code."""
        return self in _ENDED


class Event(Enum):
    """What can happen to a login."""

    BEGUN = "a game_id is there"
    CODE_ISSUED = "Parsec issued a code"
    GRANTED = "Parsec, or the keyring, gave a session"
    REFUSED = "Parsec said 401 before the deadline"
    DEADLINE = "the code expired"
    REJECTED = "Parsec's final no, or no code within 30 s"
    CANCELLED = "the user, or a newer login, ended it"
    RENEWED = "the user wants a new code"


_ENDED = frozenset(
    {
        Status.APPROVED,
        Status.DENIED,
        Status.EXPIRED,
        Status.FAILED,
        Status.CANCELLED,
    }
)

# An event that a state does not list changes nothing there: so a late answer
# cannot revive a cancelled login, and an approved one is final.
TRANSITIONS: Mapping[Status, Mapping[Event, Status]] = {
    Status.NEEDS_GAME_ID: {
        Event.BEGUN: Status.REQUESTING,
        Event.CANCELLED: Status.CANCELLED,
    },
    Status.REQUESTING: {
        Event.CODE_ISSUED: Status.PENDING,
        Event.GRANTED: Status.APPROVED,
        Event.REJECTED: Status.FAILED,
        Event.CANCELLED: Status.CANCELLED,
    },
    Status.PENDING: {
        Event.GRANTED: Status.APPROVED,
        Event.REFUSED: Status.DENIED,
        Event.DEADLINE: Status.EXPIRED,
        Event.REJECTED: Status.FAILED,
        Event.CANCELLED: Status.CANCELLED,
        Event.RENEWED: Status.REQUESTING,
    },
    Status.APPROVED: {},
    Status.DENIED: {Event.RENEWED: Status.REQUESTING},
    Status.EXPIRED: {Event.RENEWED: Status.REQUESTING},
    Status.FAILED: {Event.RENEWED: Status.REQUESTING},
    Status.CANCELLED: {Event.RENEWED: Status.REQUESTING},
}
