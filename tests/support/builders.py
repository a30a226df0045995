"""Valid values of the client's models, any field of which a test can override."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from parsec_nb._api.models import AuthCode, Session, TransientFailure
from parsec_nb._api.secret import Secret, SessionID
from parsec_nb.errors import UnreachableError

SESSION_ID = SessionID("0123456789abcdef" * 4)
NO_RESPONSE = TransientFailure("no response", UnreachableError("no response"))


def auth_code(**overrides: Any) -> AuthCode:
    """Build an auth code as Parsec documents it."""
    values: dict[str, Any] = {
        "user_code": "ABCD3456",
        "verification_uri": "https://parsec.gg/activate",
        "expires_at": datetime(2026, 1, 1, tzinfo=timezone.utc),
        "interval": 5.0,
        "lifetime": 1800.0,
        "auth_code_hash": Secret("hash"),
    }
    return AuthCode(**values | overrides)


def session(**overrides: Any) -> Session:
    """Build a session of which only the ID is known."""
    values: dict[str, Any] = {"id": SESSION_ID} | overrides
    return Session(**values | {"id": SessionID(values["id"])})
