"""What may be shown of a login: all that a view gets to see of it.

A value, and no secret in it but those that hide themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsec_nb._flow import Trouble
    from parsec_nb._session import Session
    from parsec_nb._states import Status
    from parsec_nb._values import AuthCode
    from parsec_nb.errors import ParsecError


@dataclass(frozen=True)
class Progress:
    """All that may be shown of a login at one moment."""

    status: Status
    auth_code: AuthCode | None = None
    minutes_left: int = 0
    trouble: Trouble | None = None
    session: Session | None = None
    error: ParsecError | None = None
    notices: tuple[str, ...] = ()
    renewable: bool = False

    @property
    def announcement(self) -> tuple[Status, bool, tuple[str, ...]]:
        """What the user is to hear of when it changes: status, trouble, a last word."""
        last_words = self.notices if self.status.ended else ()
        return self.status, self.trouble is not None, last_words
