"""Reads Parsec's JSON into values, and trusts none of it.

Unknown fields are ignored. Missing fields get a default if a login can go on
without them; otherwise the result is None. The documented shapes are those of the
Parsec web API's third-party pages.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from parsec_nb._api.models import AuthCode, Host, Hosts, Session
from parsec_nb._api.secret import Secret, SessionID, is_secret

DEFAULT_INTERVAL_SECONDS = 5.0
SHORTEST_INTERVAL_SECONDS = 0.1
MAX_LIFETIME_SECONDS = 1800.0
MAX_TEXT = 300
_MAX_ROLES = 10
_MAX_INTEGER = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def json_object(content: str | bytes) -> dict[str, Any] | None:
    """Return the JSON object that *content* is; None if it is not one."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def auth_code(response: dict[str, Any], server_time: float) -> AuthCode | None:
    """Read the 201 of POST /auth/codes; None if a login cannot use it.

    Args:
        response: The JSON object of the response.
        server_time: Unix seconds on Parsec's clock when it responded. The code is
            valid from then to `expires_at`, whatever this machine's clock shows.
    """
    data = _object(response.get("data"))
    code_hash = data.get("hash")
    user_code = text(data.get("user_code"))
    verification_uri = text(data.get("verification_uri"), limit=2000)
    if not (is_secret(code_hash) and user_code and verification_uri):
        return None
    if code_hash in user_code or code_hash in verification_uri:
        # The card would show the secret.
        return None
    expires_at = number(data.get("expires_at"))
    if expires_at is None or _datetime(expires_at) is None:
        expires_at = server_time + MAX_LIFETIME_SECONDS
    lifetime = min(max(expires_at - server_time, 0.0), MAX_LIFETIME_SECONDS)
    return AuthCode(
        user_code=user_code,
        verification_uri=verification_uri,
        expires_at=_datetime(expires_at) or _EPOCH,
        interval=interval(data.get("interval")),
        lifetime=lifetime,
        auth_code_hash=Secret(code_hash),
    )


def session(
    response: dict[str, Any], *, api_url: str, game_id: str, code_hash: str = ""
) -> Session | None:
    """Read the 201 of POST /auth/sessions; None without a usable session ID.

    Where Parsec repeats the session ID or *code_hash* in another field, it is masked.
    """
    data = _object(response.get("data"))
    session_id = data.get("id")
    if not is_secret(session_id):
        return None
    expires_at = number(data.get("expires_at"))
    hidden = (session_id, code_hash)
    roles = data.get("roles")
    known = roles[:_MAX_ROLES] if isinstance(roles, list) else []
    return Session(
        id=SessionID(session_id),
        user_id=_integer(data.get("user_id")),
        roles=tuple(text(role, hidden=hidden) for role in known),
        host_peer_id=text(data.get("host_peer_id"), hidden=hidden),
        expires_at=None if expires_at is None else _datetime(expires_at),
        api_url=api_url,
        game_id=game_id,
    )


def hosts(response: dict[str, Any], session_id: str = "") -> Hosts:
    """Read the 200 of GET /v2/hosts, whose `data` may be null; mask *session_id*."""
    data = response.get("data")
    entries = data if isinstance(data, list) else []
    return Hosts(
        [_host(entry, session_id) for entry in entries if isinstance(entry, dict)],
        has_more=response.get("has_more") is True,
    )


def _host(entry: dict[str, Any], session_id: str) -> Host:
    def text_of(value: object) -> str:
        return text(value, hidden=(session_id,))

    user = _object(entry.get("user"))
    return Host(
        peer_id=text_of(entry.get("peer_id")),
        name=text_of(entry.get("name")),
        mode=text_of(entry.get("mode")),
        players=_integer(entry.get("players")),
        max_players=_integer(entry.get("max_players")),
        user_id=_integer(user.get("id")),
        user_name=text_of(user.get("name")),
        game_id=text_of(entry.get("game_id")),
        description=text_of(entry.get("description")),
        event_name=text_of(entry.get("event_name")),
        build=text_of(entry.get("build")),
        public=_boolean(entry.get("public")),
        online=_boolean(entry.get("online")),
        guest_access=_boolean(entry.get("guest_access")),
        is_self=entry.get("self") is True,
    )


def error_text(response: dict[str, Any] | None, secret: str = "") -> str:
    """Return the server's text for an error with *secret* masked; may be empty."""
    return text((response or {}).get("error"), hidden=(secret,))


def interval(value: object) -> float:
    """Return the seconds between polls; 5 if *value* is not a positive number.

    RFC 8628 §3.2 asks for that default. A tiny interval would be a busy loop.
    """
    seconds = number(value)
    if seconds is None or seconds <= 0:
        return DEFAULT_INTERVAL_SECONDS
    return max(seconds, SHORTEST_INTERVAL_SECONDS)


def number(value: object) -> float | None:
    """Return a number or a numeric string as a finite float, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def text(value: object, limit: int = MAX_TEXT, hidden: Iterable[str] = ()) -> str:
    """Return *value* as one line of text that is safe to lay out.

    Control characters, lone surrogates and invisible direction marks are dropped,
    and each string of *hidden* is masked. HTML is escaped where the text is shown.
    """
    if not isinstance(value, str):
        return ""
    shown = "".join(
        " " if _breaks_line(char) else char
        for char in value
        if _breaks_line(char) or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
    )
    for secret in filter(None, hidden):
        shown = shown.replace(secret, "…")
    return shown[:limit].strip()


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _breaks_line(char: str) -> bool:
    return char in "\r\n\t\u2028\u2029"


def _integer(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) <= _MAX_INTEGER else None


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _datetime(unix_seconds: float) -> datetime | None:
    try:
        return _EPOCH + timedelta(seconds=unix_seconds)
    except OverflowError:
        return None
