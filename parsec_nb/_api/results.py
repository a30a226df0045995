"""What the web API's responses mean for a login, as values.

Failures are values too: an exception would keep the frames and the request that it
came from, and with them the secrets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from parsec_nb._api.models import AuthCode, Session
from parsec_nb.errors import ParsecError


@dataclass(frozen=True)
class CodeIssued:
    """201 from POST /auth/codes."""

    auth_code: AuthCode


@dataclass(frozen=True)
class Pending:
    """202 from POST /auth/sessions: neither approved nor denied yet."""


@dataclass(frozen=True)
class Approved:
    """201 from POST /auth/sessions, or a session that existed before.

    Attributes:
        session: The session.
        origin: Where an existing session comes from, as text to show.
    """

    session: Session
    origin: str = ""


@dataclass(frozen=True)
class Denied:
    """401 from POST /auth/sessions: denied, invalid or expired."""


@dataclass(frozen=True)
class TransientFailure:
    """No response, or one that does not settle the login.

    Attributes:
        reason: What happened, as text that follows "Can't reach Parsec:".
        error: The error to raise if no retry is left.
        retry_after: Seconds that Parsec asked to wait, where it did.
        slow_down: Whether Parsec reported too many requests (429).
        approved: Whether it was an approval whose session could not be read.
    """

    reason: str
    error: ParsecError
    retry_after: float | None = None
    slow_down: bool = False
    approved: bool = False


@dataclass(frozen=True)
class FatalError:
    """Parsec refused the request, or approved without a usable session."""

    error: ParsecError


CodeResult: TypeAlias = CodeIssued | TransientFailure | FatalError
PollResult: TypeAlias = Pending | Approved | Denied | TransientFailure | FatalError
