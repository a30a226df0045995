"""Log in to Parsec from a Jupyter notebook.

`parsec_nb.login()` shows a link and a short code, waits in the background until the
code is approved in a browser, and assigns the session ID to a notebook variable. A
public name's module is loaded when the name is first used (PEP 562), so that
`import parsec_nb` is quick.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from parsec_nb import errors as errors
    from parsec_nb import sdk as sdk
    from parsec_nb import simulator as simulator
    from parsec_nb._api.models import AuthCode as AuthCode
    from parsec_nb._api.models import Host as Host
    from parsec_nb._api.models import Hosts as Hosts
    from parsec_nb._api.models import Session as Session
    from parsec_nb._api.secret import SessionID as SessionID
    from parsec_nb._auth.flow import Status as Status
    from parsec_nb._auth.handle import Login as Login
    from parsec_nb._notebook.diagnosis import diagnose as diagnose
    from parsec_nb._notebook.ipython import (
        load_ipython_extension as load_ipython_extension,
    )
    from parsec_nb._notebook.login import login as login
    from parsec_nb._notebook.login import logout as logout
    from parsec_nb.errors import *  # noqa: F403 - every error is public

__version__ = "0.1.0"

_MODULES = {
    "errors": (
        *("APIError", "InvalidArgumentError", "LoginCancelledError"),
        *("LoginDeniedError", "LoginError", "LoginExpiredError", "MissingGameIDError"),
        *("ParsecError", "SDKConnectionError", "SDKError", "SDKProcessError"),
        *("SDKSetupError", "SessionExpiredError", "StoreError", "UnreachableError"),
    ),
    "_api.models": ("AuthCode", "Host", "Hosts", "Session"),
    "_api.secret": ("SessionID",),
    "_auth.handle": ("Login",),
    "_auth.flow": ("Status",),
    "_notebook.diagnosis": ("diagnose",),
    "_notebook.ipython": ("load_ipython_extension",),
    "_notebook.login": ("login", "logout"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}
_SUBMODULES = ("errors", "sdk", "simulator")

__all__ = sorted((*_MODULE_OF, *_SUBMODULES))  # noqa: PLE0605 - ruff wants a literal


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - most of what the import costs

    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _MODULE_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
