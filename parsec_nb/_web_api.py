"""The three endpoints of Parsec's web API that a login and a host list need.

Turns HTTP into answers and answers only: it does not wait, repeat, show or
keep anything. One `WebAPI` holds one connection and serves one thread.
"""

from __future__ import annotations

import time
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from parsec_nb import __version__, _texts, _wire
from parsec_nb._answers import (
    Approved,
    CodeAnswer,
    CodeIssued,
    Inconclusive,
    Pending,
    PollAnswer,
    Refused,
    Rejected,
)
from parsec_nb._http import TOTAL_SECONDS, Fault, JSONClient, Reply
from parsec_nb.errors import APIError, SessionExpiredError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._hosts import Hosts
    from parsec_nb._values import AuthCode, SessionID
    from parsec_nb.errors import ParsecError

_OK, _CREATED, _ACCEPTED = 200, 201, 202
_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY = 401, 403, 429
_WORTH_A_RETRY = {408, 425, _TOO_MANY}
_CLIENT_ERRORS = set(range(400, 500))
_REDIRECTS = range(300, 400)


class WebAPI:
    """Parsec's web API at one base URL.

    Every call takes at most *timeout* and returns an answer instead of raising.

    Args:
        api_url: The base URL, https or loopback.
        wall_clock: Unix seconds, for answers that tell no time of their own.
        timeout: Seconds that a whole request may take.
    """

    def __init__(
        self,
        api_url: str,
        *,
        wall_clock: Callable[[], float] = time.time,
        timeout: float = TOTAL_SECONDS,
    ) -> None:
        self._client = JSONClient(api_url, f"parsec-nb/{__version__}", timeout=timeout)
        self._wall_clock = wall_clock

    def create_auth_code(self, game_id: str) -> CodeAnswer:
        """Ask for a code to show to the user (POST /auth/codes)."""
        reply = self._client.request("POST", "/auth/codes", body={"game_id": game_id})
        if (
            isinstance(reply, Reply)
            and reply.status == _CREATED
            and reply.data is not None
        ):
            code = _wire.auth_code(reply.data, self._server_time(reply))
            if code is not None:
                return CodeIssued(code)
            return Rejected(APIError(_texts.CODE_UNUSABLE, reply.status))
        return self._otherwise(reply, _texts.code_refused(game_id))

    def poll_session(self, auth_code: AuthCode) -> PollAnswer:
        """Ask once whether the code has been approved (POST /auth/sessions)."""
        code_hash = str(auth_code.auth_code_hash)
        body = {"grant_type": "auth_code", "auth_code_hash": code_hash}
        reply = self._client.request("POST", "/auth/sessions", body=body)
        if isinstance(reply, Reply):
            if reply.status == _CREATED and reply.data is not None:
                granted = _wire.grant(reply.data, code_hash)
                if granted is not None:
                    return Approved(granted)
                return Rejected(APIError(_texts.GRANT_UNUSABLE, reply.status))
            if reply.status == _ACCEPTED:
                return Pending()
            if reply.status == _UNAUTHORIZED:
                return Refused()
        return self._otherwise(reply, _texts.POLL_REFUSED, code_hash)

    def list_hosts(
        self, session_id: SessionID, *, mode: str | None, public: bool | None
    ) -> Hosts | ParsecError:
        """Ask for the hosts that a session can see (GET /v2/hosts)."""
        query = {} if mode is None else {"mode": mode}
        if public is not None:
            query["public"] = "true" if public else "false"
        reply = self._client.request("GET", "/v2/hosts", query=query, bearer=session_id)
        if isinstance(reply, Reply):
            if reply.status == _OK and reply.data is not None:
                return _wire.hosts(reply.data)
            if reply.status in {_UNAUTHORIZED, _FORBIDDEN}:
                words = _texts.session_refused(_wire.error_text(reply.data, session_id))
                return SessionExpiredError(words, reply.status)
        fault = self._otherwise(reply, _texts.HOSTS_REFUSED, session_id)
        return fault.error

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _otherwise(
        self, reply: Reply | Fault, refusal: str, secret: str = ""
    ) -> Inconclusive | Rejected:
        """Tell a final no from no answer.

        The words for a no are *refusal* and the server's own, without *secret*.
        """
        if isinstance(reply, Fault):
            error = UnreachableError(_texts.unreachable(reply.reason))
            return Inconclusive(reply.reason, error)
        if reply.status in _CLIENT_ERRORS - _WORTH_A_RETRY:
            said = _wire.error_text(reply.data, secret)
            return Rejected(
                APIError(_texts.refused(refusal, reply.status, said), reply.status)
            )
        reason = _texts.unexpected_answer(
            reply.status, is_redirect=reply.status in _REDIRECTS
        )
        return Inconclusive(
            reason,
            UnreachableError(_texts.unreachable(reason), reply.status),
            retry_after=self._retry_after(reply),
            slow_down=reply.status == _TOO_MANY,
        )

    def _server_time(self, reply: Reply) -> float:
        date = _http_date(reply.headers.get("Date", ""))
        return self._wall_clock() if date is None else date

    def _retry_after(self, reply: Reply) -> float | None:
        """Return the seconds to wait, at most as many as a code can live."""
        value = reply.headers.get("Retry-After", "")
        seconds = _wire.number(value)
        date = _http_date(value)
        if date is not None:
            seconds = max(date - self._server_time(reply), 0.0)
        if seconds is None or seconds < 0:
            return None
        return min(seconds, _wire.MAX_LIFETIME_SECONDS)


def _http_date(value: str) -> float | None:
    try:
        date = parsedate_to_datetime(value)
        # The oldest of the three forms of a date in HTTP names no zone (RFC 9110).
        return date.replace(tzinfo=date.tzinfo or timezone.utc).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
