"""Log in to Parsec from a Jupyter notebook.

`parsec_nb.login()` shows a link and a short code, waits in the background
until the code is approved in a browser, and assigns the session ID to a
notebook variable. This module only says what is public; a name's room is
loaded when the name is first used, so that the import costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from parsec_nb import errors as errors
    from parsec_nb._hosts import Host as Host
    from parsec_nb._hosts import Hosts as Hosts
    from parsec_nb._login import Login as Login
    from parsec_nb._magic import load_ipython_extension as load_ipython_extension
    from parsec_nb._session import Session as Session
    from parsec_nb._start import login as login
    from parsec_nb._start import logout as logout
    from parsec_nb._states import Status as Status
    from parsec_nb._values import AuthCode as AuthCode
    from parsec_nb._values import SessionID as SessionID
    from parsec_nb.errors import APIError as APIError
    from parsec_nb.errors import InvalidArgumentError as InvalidArgumentError
    from parsec_nb.errors import LoginCancelledError as LoginCancelledError
    from parsec_nb.errors import LoginDeniedError as LoginDeniedError
    from parsec_nb.errors import LoginError as LoginError
    from parsec_nb.errors import LoginExpiredError as LoginExpiredError
    from parsec_nb.errors import MissingGameIDError as MissingGameIDError
    from parsec_nb.errors import ParsecError as ParsecError
    from parsec_nb.errors import SDKError as SDKError
    from parsec_nb.errors import SessionExpiredError as SessionExpiredError
    from parsec_nb.errors import StoreError as StoreError
    from parsec_nb.errors import UnreachableError as UnreachableError

__version__ = "0.1.0"

_ROOMS = {
    "AuthCode": "_values",
    "Host": "_hosts",
    "Hosts": "_hosts",
    "Login": "_login",
    "Session": "_session",
    "SessionID": "_values",
    "Status": "_states",
    "load_ipython_extension": "_magic",
    "login": "_start",
    "logout": "_start",
}
__all__ = [
    "APIError",
    "AuthCode",
    "Host",
    "Hosts",
    "InvalidArgumentError",
    "Login",
    "LoginCancelledError",
    "LoginDeniedError",
    "LoginError",
    "LoginExpiredError",
    "MissingGameIDError",
    "ParsecError",
    "SDKError",
    "Session",
    "SessionExpiredError",
    "SessionID",
    "Status",
    "StoreError",
    "UnreachableError",
    "errors",
    "load_ipython_extension",
    "login",
    "logout",
    "simulator",
]


def __getattr__(name: str) -> object:
    """Load the room of a public name (PEP 562)."""
    from importlib import import_module  # noqa: PLC0415 - part of what the import is to leave out

    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    if name in {"errors", "simulator"}:
        return import_module(f"{__name__}.{name}")
    room = "errors" if name.endswith("Error") else _ROOMS[name]
    value = getattr(import_module(f"{__name__}.{room}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
