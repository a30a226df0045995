"""What a login works with, as protocols: clocks, a web API, and an errand.

A login knows these roles and not who plays them, so tests can play them all.
Nothing here does anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from parsec_nb._answers import CodeAnswer, PollAnswer
    from parsec_nb._session import Session
    from parsec_nb._values import AuthCode, Grant


class Clock(Protocol):
    """Two clocks, in seconds; the module `time` is one."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""

    def time(self) -> float:
        """Return Unix seconds."""


class LoginAPI(Protocol):
    """The part of Parsec's web API that a login needs; used by one thread."""

    def create_auth_code(self, game_id: str) -> CodeAnswer:
        """Ask for a code."""

    def poll_session(self, auth_code: AuthCode) -> PollAnswer:
        """Ask whether it has been approved."""

    def close(self) -> None:
        """Close the connection."""


class Errand(Protocol):
    """What one login is for: whom to ask, and where the session goes.

    All but `deliver` are called in the login's thread, and may take their time.
    """

    @property
    def game_id(self) -> str:
        """The game_id to ask a code for."""

    def open_api(self) -> LoginAPI:
        """Open a connection."""

    def recall(self) -> Grant | None:
        """Return a session that is there already."""

    def deliver(self, grant: Grant) -> Session:
        """Bind the session to where the user wants it. Quick, and never raises."""

    def keep(self, session: Session) -> str | None:
        """Remember the session for later; return what to tell the user of it."""
