"""The statuses of a connection, and the table of what changes them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class ConnectionStatus(str, Enum):
    """The status of a connection.

    Attributes:
        STARTING: The worker process starts.
        CONNECTING: The SDK connects to the host.
        WAITING_FOR_APPROVAL: Somebody must allow the connection at the host.
        CONNECTED: Frames can arrive.
        DISCONNECTED: It ended, or was ended.
        FAILED: It could not be made.

    Example:
        >>> client.status, client.status.ended
        (<ConnectionStatus.CONNECTED: 'connected'>, False)
    """

    STARTING = "starting"
    CONNECTING = "connecting"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    FAILED = "failed"

    __str__ = str.__str__

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return not TRANSITIONS[self]


class Change(Enum):
    """What can happen to a connection."""

    READY = "the worker has loaded the SDK"
    ASK = "the host asks its owner"
    ANSWER = "the owner has decided"
    CONNECT = "the host accepted"
    END = "the attempt failed, or the connection ended"
    RETRY = "another attempt begins"
    DISCONNECT = "the user ended it"


_BEFORE = {
    Change.CONNECT: ConnectionStatus.CONNECTED,
    Change.END: ConnectionStatus.FAILED,
    Change.RETRY: ConnectionStatus.STARTING,
    Change.DISCONNECT: ConnectionStatus.DISCONNECTED,
}
# A change that is not listed for a status is ignored.
TRANSITIONS: Mapping[ConnectionStatus, Mapping[Change, ConnectionStatus]] = {
    ConnectionStatus.STARTING: {**_BEFORE, Change.READY: ConnectionStatus.CONNECTING},
    ConnectionStatus.CONNECTING: {
        **_BEFORE,
        Change.ASK: ConnectionStatus.WAITING_FOR_APPROVAL,
    },
    ConnectionStatus.WAITING_FOR_APPROVAL: {
        **_BEFORE,
        Change.ANSWER: ConnectionStatus.CONNECTING,
    },
    ConnectionStatus.CONNECTED: {
        Change.END: ConnectionStatus.DISCONNECTED,
        Change.RETRY: ConnectionStatus.STARTING,
        Change.DISCONNECT: ConnectionStatus.DISCONNECTED,
    },
    ConnectionStatus.DISCONNECTED: {},
    ConnectionStatus.FAILED: {},
}
