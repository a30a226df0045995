"""Hosting from its start to its end, in the kernel: guests' input, and new sessions."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from parsec_nb.errors import ParsecError, SDKConnectionError, SDKSetupError
from parsec_nb.sdk import messages as sdk_messages
from parsec_nb.sdk._abi import ParsecHostEventType, ParsecStatus
from parsec_nb.sdk._connection import Connection
from parsec_nb.sdk._reports import Reports
from parsec_nb.sdk._states import Change
from parsec_nb.sdk._status import connection_error

from . import messages
from .events import read_host_event
from .inputs import Input, read_input

if TYPE_CHECKING:
    from parsec_nb._api.models import Session
    from parsec_nb.sdk._events import Guest

_KEPT_INPUTS = 10_000
# The SDK may report an old session ID some time after it got a new one.
_SETTLING_SECONDS = 5.0


class HostConnection(Connection):
    """Hosts in a worker process, until it is ended.

    Args:
        start: The worker's first message.
        renew: Returns a new session when Parsec no longer accepts the last one; called
            in a thread. None if there is nobody to ask.
        options: As for a `Connection`.
    """

    texts: Any = messages

    def __init__(
        self,
        start: dict[str, object],
        renew: Callable[[], Session] | None,
        **options: Any,
    ) -> None:
        super().__init__(start, **options)
        self.reports = Reports(read_host_event)
        self._renew = renew
        # When the SDK may next say that the session ID is not good.
        self._renewal_due = 0.0
        self._inputs: deque[tuple[Guest, Input]] = deque(maxlen=_KEPT_INPUTS)

    @property
    def session_id(self) -> object:
        """The ID of the session that hosts, which is renewed now and then."""
        return self._start["session_id"]

    def take_input(self, timeout: float | None) -> tuple[Guest, Input] | None:
        """Wait for input, and remove it; none comes after the end."""
        self.check_process()
        with self._changed:
            self._changed.wait_for(lambda: self._inputs or self.status.ended, timeout)
            return self._inputs.popleft() if self._inputs else None

    def _on_event(self, message: dict[str, Any]) -> None:
        kind = message["event"]
        if kind == "input":
            done = read_input(message)
            with self._changed:
                if done is not None:
                    self._inputs.append(done)
                self._changed.notify_all()
        elif kind == "host":
            invalid = ParsecHostEventType.HOST_EVENT_INVALID_SESSION_ID
            if message["type"] == invalid and not self._begin_renewal():
                return
            with self._changed:
                self.reports.add_event(message)
                self._changed.notify_all()
        elif kind == "refused" and message["reason"] == "opengl":
            text = messages.NO_OPENGL.format(detail=message["detail"])
            self._end_attempt(SDKSetupError(text))
        else:
            super()._on_event(message)

    def _on_status(self, code: int, raw: bytes) -> None:
        del raw
        if code == ParsecStatus.PARSEC_OK:
            self._apply(Change.CONNECT)
        else:
            self._end_attempt(connection_error(code))

    def _begin_renewal(self) -> bool:
        """Get a new session; return False if that is being done, or was just done."""
        if time.monotonic() < self._renewal_due:
            return False
        self._renewal_due = math.inf
        if self._renew is None:
            self._end_attempt(SDKConnectionError(messages.HOST_SESSION_INVALID))
            return True
        thread = threading.Thread(
            target=self._replace_session,
            args=(self._renew,),
            name="parsec_nb-sdk-renew",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError:
            self._end_attempt(SDKSetupError(sdk_messages.NO_THREAD))
        return True

    def _replace_session(self, renew: Callable[[], Session]) -> None:
        try:
            session = renew()
            session_id = getattr(session, "id", None)
            if not isinstance(session_id, str):
                kind = type(session).__name__
                text = messages.NO_NEW_SESSION.format(kind=kind)
                self._end_attempt(SDKConnectionError(text))
                return
            self._start = {**self._start, "session_id": session_id}
            self.worker().hide(session_id)
            self.request("renew", session_id=session_id)
            self._renewal_due = time.monotonic() + _SETTLING_SECONDS
        except ParsecError as error:
            self._end_attempt(error)
        except Exception as error:  # noqa: BLE001 - the callback is the user's
            kind = type(error).__name__
            text = messages.RENEWAL_FAILED.format(kind=kind)
            self._end_attempt(SDKConnectionError(text))
