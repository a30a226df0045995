"""The statuses of a login, and the table of the events that change them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Status(str, Enum):
    """The status of a login.

    Attributes:
        NEEDS_GAME_ID: The card asks for a game_id.
        REQUESTING: Parsec was asked for a code.
        PENDING: The code waits for its approval.
        APPROVED: There is a session.
        DENIED: Parsec did not accept the code.
        EXPIRED: The code expired before it was approved.
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
        return self not in _GOING_ON


class Event(Enum):
    """What can happen to a login."""

    BEGIN = "a game_id or a session is there"
    ISSUE = "Parsec issued a code"
    APPROVE = "Parsec, the keyring or the environment gave a session"
    DENY = "Parsec responded with 401 before the deadline"
    EXPIRE = "the deadline passed"
    FAIL = "Parsec refused, or issued no code within 30 s"
    CANCEL = "the user, or a newer login, ended it"
    RENEW = "the user asked for a new code"


_GOING_ON = {Status.NEEDS_GAME_ID, Status.REQUESTING, Status.PENDING}

# An event that is not listed for a status changes nothing: a late response cannot
# revive a cancelled login, and an approved login is final.
TRANSITIONS: Mapping[Status, Mapping[Event, Status]] = {
    Status.NEEDS_GAME_ID: {
        Event.BEGIN: Status.REQUESTING,
        Event.CANCEL: Status.CANCELLED,
    },
    Status.REQUESTING: {
        Event.ISSUE: Status.PENDING,
        Event.APPROVE: Status.APPROVED,
        Event.FAIL: Status.FAILED,
        Event.CANCEL: Status.CANCELLED,
    },
    Status.PENDING: {
        Event.APPROVE: Status.APPROVED,
        Event.DENY: Status.DENIED,
        Event.EXPIRE: Status.EXPIRED,
        Event.FAIL: Status.FAILED,
        Event.CANCEL: Status.CANCELLED,
        Event.RENEW: Status.REQUESTING,
    },
    Status.APPROVED: {},
    Status.DENIED: {Event.RENEW: Status.REQUESTING},
    Status.EXPIRED: {Event.RENEW: Status.REQUESTING},
    Status.FAILED: {Event.RENEW: Status.REQUESTING},
    Status.CANCELLED: {Event.RENEW: Status.REQUESTING},
}
