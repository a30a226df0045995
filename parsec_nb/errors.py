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

Example:
    >>> try:
    ...     session.hosts(mode="laptop")
    ... except parsec_nb.ParsecError as error:
    ...     print(error)
    mode='laptop' is not known...
"""

from __future__ import annotations


class ParsecError(Exception):
    """The base of all errors of parsec_nb; never raised itself.

    Example:
        >>> try:
        ...     session.hosts(mode="laptop")
        ... except parsec_nb.ParsecError as error:
        ...     print(type(error).__name__)
        InvalidArgumentError
    """

    def _render_traceback_(self) -> list[str]:
        """Show the message alone in a notebook: the frames tell a reader nothing.

        IPython asks for this before it formats a traceback, so that verbose
        tracebacks print no local variables of a login either.
        """
        return [f"{type(self).__name__}: {self}"]


class LoginError(ParsecError):
    """A login ended without a session.

    Example:
        >>> pending.cancel()
        True
        >>> try:
        ...     session = await pending
        ... except parsec_nb.LoginError:
        ...     print(pending.status)
        cancelled
    """


class LoginDeniedError(LoginError):
    """The code was denied in the browser, or Parsec no longer knows it.

    Example:
        >>> simulator.deny(pending.auth_code.user_code)
        True
        >>> await pending
        Traceback (most recent call last):
            ...
        LoginDeniedError: Parsec did not accept the code...
    """


class LoginExpiredError(LoginError):
    """The code was not approved before it expired.

    Example:
        >>> with Simulator(lifetime=1) as hasty:
        ...     login = parsec_nb.login("any", api_url=hasty.url, variable="late")
        ...     login.result()
        Traceback (most recent call last):
            ...
        LoginExpiredError: The code has expired...
    """


class LoginCancelledError(LoginError):
    """The login was cancelled, or a newer login replaced it.

    Example:
        >>> pending.cancel()
        True
        >>> await pending
        Traceback (most recent call last):
            ...
        LoginCancelledError: The login was cancelled...
    """


class MissingGameIDError(LoginError):
    """A login needs a game_id and none was given.

    Example:
        >>> login = parsec_nb.login(variable="other")  # the card asks for one
        >>> login.result()
        Traceback (most recent call last):
            ...
        MissingGameIDError: A login needs a game_id...
    """


class InvalidArgumentError(LoginError, ValueError):
    """An argument of a call was refused before anything was done with it.

    Example:
        >>> parsec_nb.login(variable="not a name")
        Traceback (most recent call last):
            ...
        InvalidArgumentError: variable='not a name' is not a name...
    """


class APIError(ParsecError):
    """Parsec's web API answered with an error, or with something unusable.

    Attributes:
        status: The HTTP status code, or None where there was no answer.

    Example:
        >>> login = parsec_nb.login("far too long" * 9, variable="other")
        >>> login.exception().status
        400
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class UnreachableError(APIError, ConnectionError):
    """No usable answer came from Parsec: the network, a proxy, or an outage.

    Example:
        >>> with Simulator() as server:
        ...     session = Session.from_id("0" * 64, api_url=server.url)
        >>> session.hosts()  # the server has ended
        Traceback (most recent call last):
            ...
        UnreachableError: Can't reach Parsec: 127.0.0.1 refused the connection...
    """


class SessionExpiredError(APIError):
    """Parsec does not accept the session any more; log in again.

    Example:
        >>> Session.from_id("0" * 64).hosts()
        Traceback (most recent call last):
            ...
        SessionExpiredError: Parsec does not accept this session any more...
    """


class StoreError(ParsecError):
    """The operating system's keyring cannot be used.

    A login with `remember=True` goes on without it, and the card says so.

    Example:
        >>> issubclass(parsec_nb.StoreError, parsec_nb.ParsecError)
        True
    """


class SDKError(ParsecError):
    """Parsec's native SDK reported an error.

    For programs that hand the session ID on to the SDK; nothing here raises it.

    Example:
        >>> issubclass(parsec_nb.SDKError, parsec_nb.ParsecError)
        True
    """
