"""Every error that parsec_nb raises, in one tree.

    ParsecError
    ├── LoginError                  the login ended without a session
    │   ├── LoginDeniedError        the code was denied, or is not valid
    │   ├── LoginExpiredError       nobody approved the code in time
    │   ├── LoginCancelledError     cancelled, or replaced by a newer login
    │   ├── MissingGameIDError      no game_id was given
    │   └── InvalidArgumentError    an argument was refused (also ValueError)
    ├── APIError                    Parsec's answer was an error (.status)
    │   ├── UnreachableError        no answer came (also ConnectionError)
    │   └── SessionExpiredError     the session is not accepted any more
    ├── StoreError                  the system's keyring cannot be used
    └── SDKError                    Parsec's native SDK reported an error

Each message says what failed, with which value, and what to do next. None of
them holds a session ID or the hash of an auth code. This room only names the
errors; their words are made where they are raised.
"""

from __future__ import annotations


class ParsecError(Exception):
    """The base of all errors of parsec_nb; never raised itself."""

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in a notebook: the frames tell a reader nothing.

        IPython asks for this before it formats a traceback, so that verbose
        tracebacks print no local variables of a login either.
        """
        return [f"{type(self).__name__}: {self}"]


class LoginError(ParsecError):
    """A login ended without a session."""


class LoginDeniedError(LoginError):
    """The code was denied in the browser, or Parsec no longer knows it."""


class LoginExpiredError(LoginError):
    """The code was not approved before it expired."""


class LoginCancelledError(LoginError):
    """The login was cancelled, or a newer login replaced it."""


class MissingGameIDError(LoginError):
    """A login needs a game_id and none was given."""


class InvalidArgumentError(LoginError, ValueError):
    """An argument of a call was refused before anything was done with it."""


class APIError(ParsecError):
    """Parsec's web API answered with an error, or with something unusable.

    Attributes:
        status: The HTTP status code, or None where there was no answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class UnreachableError(APIError, ConnectionError):
    """No usable answer came from Parsec: the network, a proxy, or an outage."""


class SessionExpiredError(APIError):
    """Parsec does not accept the session any more; log in again."""


class StoreError(ParsecError):
    """The operating system's keyring cannot be used."""


class SDKError(ParsecError):
    """Parsec's native SDK reported an error."""
