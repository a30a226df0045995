"""Log in to Parsec from a Jupyter notebook.

`parsec_nb.login()` shows a link and a short code, waits in the background
until the code is approved in a browser, and assigns the session ID to a
notebook variable. This module only says what is public; a name's room is
loaded when the name is first used, so that the import costs next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from parsec_nb import errors as errors
    from parsec_nb._flow import Status as Status
    from parsec_nb._hosts import Host as Host
    from parsec_nb._hosts import Hosts as Hosts
    from parsec_nb._login import Login as Login
    from parsec_nb._magic import load_ipython_extension as load_ipython_extension
    from parsec_nb._session import Session as Session
    from parsec_nb._start import login as login
    from parsec_nb._start import logout as logout
    from parsec_nb._values import AuthCode as AuthCode
    from parsec_nb._values import SessionID as SessionID

__version__ = "0.1.0"

_ROOMS = {
    "AuthCode": "_values",
    "Host": "_hosts",
    "Hosts": "_hosts",
    "Login": "_login",
    "Session": "_session",
    "SessionID": "_values",
    "Status": "_flow",
    "load_ipython_extension": "_magic",
    "login": "_start",
    "logout": "_start",
    **dict.fromkeys(
        (
            "APIError",
            "InvalidArgumentError",
            "LoginCancelledError",
            "LoginDeniedError",
            "LoginError",
            "LoginExpiredError",
            "MissingGameIDError",
            "ParsecError",
            "SDKError",
            "SessionExpiredError",
            "StoreError",
            "UnreachableError",
        ),
        "errors",
    ),
}
__all__ = [*sorted(_ROOMS), "errors", "simulator"]


def __getattr__(name: str) -> object:
    """Load the room of a public name (PEP 562)."""
    from importlib import import_module  # noqa: PLC0415 - part of what the import is to leave out

    if name in {"errors", "simulator"}:
        return import_module(f"{__name__}.{name}")
    if name not in _ROOMS:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
