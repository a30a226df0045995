"""What Parsec can answer to a login, as values.

The web API makes them out of HTTP, the flow decides by them; neither needs to
know the other. Faults are values too, and not exceptions: a raised exception
keeps the frames and the request that it came from, and with them the secrets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from parsec_nb._values import AuthCode, Grant
    from parsec_nb.errors import ParsecError


@dataclass(frozen=True)
class CodeIssued:
    """A code was issued: 201 from POST /auth/codes."""

    auth_code: AuthCode


@dataclass(frozen=True)
class Pending:
    """Nobody has approved or denied yet: 202 from POST /auth/sessions."""


@dataclass(frozen=True)
class Approved:
    """The user approved: 201 from POST /auth/sessions."""

    grant: Grant


@dataclass(frozen=True)
class Refused:
    """The code was denied, is invalid, or has expired: 401 stands for all three."""


@dataclass(frozen=True)
class Inconclusive:
    """No answer, or one that says nothing about the login.

    Attributes:
        reason: What happened, in words that go on after "Can't reach Parsec:".
        retry_after: Seconds that Parsec asked to wait, where it did.
        slow_down: Whether Parsec said that it is asked too often (429).
        error: The error to raise where there is no use in going on.
    """

    reason: str
    error: ParsecError
    retry_after: float | None = None
    slow_down: bool = False


@dataclass(frozen=True)
class Rejected:
    """Parsec's final no to the request itself, or an approval without a session."""

    error: ParsecError


CodeAnswer: TypeAlias = CodeIssued | Inconclusive | Rejected
PollAnswer: TypeAlias = Pending | Approved | Refused | Inconclusive | Rejected
