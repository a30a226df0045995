"""All errors that parsec_nb raises.

Each message says what failed, with which value, and what to do next. No message
holds a session ID or the hash of an auth code.

Example:
    >>> try:
    ...     session.hosts(mode="laptop")
    ... except parsec_nb.ParsecError as error:
    ...     print(error)
    mode='laptop' is not known...
"""

from __future__ import annotations


class ParsecError(Exception):
    """The base of all errors of parsec_nb."""

    def _render_traceback_(self) -> list[str]:
        """Show only the message in IPython, where a verbose traceback shows locals."""
        return [f"{type(self).__name__}: {self}"]


class InvalidArgumentError(ParsecError, ValueError):
    """An argument is refused before anything is done with it."""


class LoginError(ParsecError):
    """A login ended without a session."""


class LoginDeniedError(LoginError):
    """The code was denied in the browser, or Parsec does not know it."""


class LoginExpiredError(LoginError):
    """The code was not approved before it expired."""


class LoginCancelledError(LoginError):
    """The login was cancelled, or a newer login replaced it."""


class MissingGameIDError(LoginError):
    """A login needs a game_id, and none was given."""


class APIError(ParsecError):
    """Parsec's web API responded with an error, or with unusable data.

    Attributes:
        status: The HTTP status code; None if there was no response.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class UnreachableError(APIError, ConnectionError):
    """Parsec sent no usable response: the network, a proxy, or an outage."""


class SessionExpiredError(APIError):
    """Parsec no longer accepts the session; log in again."""


class StoreError(ParsecError):
    """The system's keyring cannot be used."""


class SDKError(ParsecError):
    """Parsec's native SDK reported an error."""


class SDKSetupError(SDKError):
    """The SDK cannot run here: its path, architecture, version, or what it needs."""


class SDKConnectionError(SDKError, ConnectionError):
    """A connection to a host failed or ended.

    Attributes:
        status: The SDK's status code; None if the SDK gave none.
        name: The SDK's name of the code; empty without one.
        permanent: Whether the same attempt would fail again.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        name: str = "",
        *,
        permanent: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        self.permanent = permanent


class SDKProcessError(SDKError):
    """The worker process, in which the SDK runs, ended or does not respond.

    Attributes:
        returncode: Its exit status, negative for a signal; None while it runs.
    """

    def __init__(self, message: str, returncode: int | None = None) -> None:
        super().__init__(message)
        self.returncode = returncode
