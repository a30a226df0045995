"""The three endpoints of Parsec's web API that a login and a host list need.

Maps responses to results; it does not wait, retry or store anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timezone
from email.utils import parsedate_to_datetime

from parsec_nb._api import messages, parsing
from parsec_nb._api.http import TOTAL_SECONDS, HTTPClient, Response, TransportError
from parsec_nb._api.models import (
    Approved,
    AuthCode,
    CodeResult,
    Denied,
    Hosts,
    Pending,
    PollResult,
    Session,
    TransientFailure,
)
from parsec_nb._api.threads import NoThreadError, call_in_thread
from parsec_nb.errors import (
    APIError,
    ParsecError,
    SessionExpiredError,
    UnreachableError,
)

_OK, _CREATED, _ACCEPTED = 200, 201, 202
_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY_REQUESTS = 401, 403, 429
_RETRYABLE = {408, 425, _TOO_MANY_REQUESTS}
_CLIENT_ERRORS = range(400, 500)


class WebAPI:
    """Parsec's web API at one base URL, over one connection; for one thread at a time.

    Every call takes at most *timeout*, and returns failures instead of raising them.

    Args:
        api_url: The base URL, https or loopback.
        wall_clock: Unix seconds, for responses without a `Date`.
        timeout: Seconds that a whole request may take.
    """

    def __init__(
        self,
        api_url: str,
        *,
        wall_clock: Callable[[], float] = time.time,
        timeout: float = TOTAL_SECONDS,
    ) -> None:
        self._api_url = api_url
        self._http = HTTPClient(api_url, timeout=timeout)
        self._wall_clock = wall_clock

    def create_auth_code(self, game_id: str) -> CodeResult:
        """Request a code to show to the user (POST /auth/codes)."""
        response = self._http.request("POST", "/auth/codes", body={"game_id": game_id})
        if response.status != _CREATED or response.data is None:
            refusal = messages.CODE_REFUSED.format(game_id=game_id)
            return self._failure(response, refusal)
        code = parsing.auth_code(response.data, self._server_time(response))
        return code or APIError(messages.CODE_UNUSABLE, _CREATED)

    def poll_session(self, auth_code: AuthCode, game_id: str) -> PollResult:
        """Ask once whether the code is approved (POST /auth/sessions)."""
        code_hash = str(auth_code.auth_code_hash)
        body = {"grant_type": "auth_code", "auth_code_hash": code_hash}
        response = self._http.request("POST", "/auth/sessions", body=body)
        if response.status == _ACCEPTED:
            return Pending()
        if response.status == _UNAUTHORIZED:
            return Denied()
        if response.status != _CREATED or response.data is None:
            return self._failure(response, messages.POLL_REFUSED, code_hash)
        session = parsing.session(
            response.data, api_url=self._api_url, game_id=game_id, code_hash=code_hash
        )
        if session is None:
            return APIError(messages.SESSION_UNUSABLE, _CREATED)
        return Approved(session)

    def list_hosts(
        self, session: Session, *, mode: str | None, public: bool | None
    ) -> Hosts | ParsecError:
        """Return the hosts that a session can see (GET /v2/hosts)."""
        query = {} if mode is None else {"mode": mode}
        if public is not None:
            query["public"] = "true" if public else "false"
        response = self._http.request(
            "GET", "/v2/hosts", query=query, bearer=session.id
        )
        if response.status == _OK and response.data is not None:
            return parsing.hosts(response.data, session.id)
        if response.status in {_UNAUTHORIZED, _FORBIDDEN}:
            server_text = parsing.error_text(response.data, session.id)
            text = messages.session_refused(server_text)
            return SessionExpiredError(text, response.status)
        failure = self._failure(response, messages.HOSTS_REFUSED, session.id)
        return failure if isinstance(failure, APIError) else failure.error

    def probe(self) -> tuple[str, float | None]:
        """Ask for the hosts of no session, which a web API that is there refuses.

        Returns:
            Why it does not respond, else empty; and its clock's Unix seconds, if known.
        """
        response = self._http.request("GET", "/v2/hosts")
        self.close()
        failure = ""
        if isinstance(response, TransportError):
            failure = response.reason
        elif response.status not in {_UNAUTHORIZED, _FORBIDDEN}:
            failure = messages.unexpected_status(response.status)
        return failure, _http_date(response.headers.get("Date", ""))

    def close(self) -> None:
        self._http.close()

    def _failure(
        self, response: Response | TransportError, refusal: str, secret: str = ""
    ) -> TransientFailure | APIError:
        """Tell a refusal from a failure that a retry may settle.

        The text of a refusal is *refusal* and the server's, with *secret* masked.
        """
        status = response.status
        if status in _CLIENT_ERRORS and status not in _RETRYABLE:
            server_text = parsing.error_text(response.data, secret)
            text = messages.refused(refusal, status, server_text)
            return APIError(text, status)
        if isinstance(response, TransportError):
            reason, received = response.reason, response.received_status
        else:
            received = response.status
            reason = messages.unexpected_status(received)
        return TransientFailure(
            reason,
            UnreachableError(messages.UNREACHABLE.format(reason=reason), status),
            retry_after=self._retry_after(response),
            slow_down=status == _TOO_MANY_REQUESTS,
            approved=received == _CREATED,
        )

    def _server_time(self, response: Response | TransportError) -> float:
        date = _http_date(response.headers.get("Date", ""))
        return self._wall_clock() if date is None else date

    def _retry_after(self, response: Response | TransportError) -> float | None:
        """Return the seconds to wait, at most the longest lifetime of a code."""
        value = response.headers.get("Retry-After", "")
        seconds = parsing.number(value)
        date = _http_date(value)
        if date is not None:
            seconds = max(date - self._server_time(response), 0.0)
        if seconds is None or seconds < 0:
            return None
        return min(seconds, parsing.MAX_LIFETIME_SECONDS)


def list_hosts(
    session: Session, *, mode: str | None, public: bool | None
) -> Hosts | ParsecError:
    """Return the hosts that a session can see, over a connection that is then closed.

    The request runs in a daemon thread: an interrupt ends the wait at once, and no
    frame of the request is in the interrupt's traceback.
    """

    def request() -> Hosts | ParsecError:
        api = WebAPI(session.api_url)
        try:
            return api.list_hosts(session, mode=mode, public=public)
        finally:
            api.close()

    try:
        return call_in_thread(request, "parsec_nb-hosts").result()
    except NoThreadError:
        return UnreachableError(messages.UNREACHABLE.format(reason=messages.NO_THREAD))


def _http_date(value: str) -> float | None:
    try:
        date = parsedate_to_datetime(value)
        # The oldest of the three date formats of HTTP has no zone (RFC 9110 §5.6.7).
        return date.replace(tzinfo=date.tzinfo or timezone.utc).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
