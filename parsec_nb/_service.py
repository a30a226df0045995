"""Which Parsec is asked, and for which game: arguments, environment, defaults.

Decides before anything is asked, so a bad value is refused at the call. It
loads nothing that takes time, and sends nothing.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parsec_nb import _texts
from parsec_nb.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_API_URL = "https://kessel-api.parsecgaming.com"
DEMO_GAME_ID = "parsec-nb-demo"
_NO = {"", "0", "false", "no", "off"}


@dataclass(frozen=True)
class Service:
    """A web API and a game_id for it.

    Attributes:
        api_url: The base URL; empty for the simulator, which has one only once
            it runs.
        game_id: The game_id, or None where the user has yet to give one.
        demo: Whether it is this kernel's simulator.
    """

    api_url: str
    game_id: str | None
    demo: bool = False

    @property
    def local(self) -> bool:
        """Whether it runs on this machine, as a stand-in of Parsec does."""
        return self.demo or is_loopback(urlsplit(self.api_url).hostname or "")


DEMO = Service(api_url="", game_id=DEMO_GAME_ID, demo=True)


def choose(
    game_id: str | None,
    api_url: str | None,
    *,
    demo: bool,
    environ: Mapping[str, str] = os.environ,
) -> Service:
    """Choose the service by a login's arguments, then by the environment.

    Raises:
        InvalidArgumentError: The api_url cannot be used, or contradicts *demo*.
    """
    if demo and api_url is not None:
        raise InvalidArgumentError(_texts.DEMO_OR_API_URL)
    wants_demo = environ.get("PARSEC_DEMO", "").strip().lower() not in _NO
    if demo or (wants_demo and game_id is None and api_url is None):
        return Service("", (game_id or "").strip() or DEMO_GAME_ID, demo=True)
    if game_id is None:
        game_id = environ.get("PARSEC_GAME_ID")
    return Service(checked_api_url(api_url, environ), (game_id or "").strip() or None)


def checked_api_url(
    api_url: str | None, environ: Mapping[str, str] = os.environ
) -> str:
    """Return the base URL to use: *api_url*, PARSEC_API_URL or the documented one.

    Raises:
        InvalidArgumentError: It is no URL, or plain http to another machine,
            on which anybody on the way could read the session ID.
    """
    url = (api_url or environ.get("PARSEC_API_URL") or DEFAULT_API_URL).strip()
    try:
        parts = urlsplit(url)
        hostname, _ = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidArgumentError(_texts.bad_api_url(url)) from None
    if parts.username or parts.password:
        raise InvalidArgumentError(_texts.CREDENTIALS_IN_API_URL)
    if not hostname or parts.scheme not in {"http", "https"} or parts.query:
        raise InvalidArgumentError(_texts.bad_api_url(url))
    if parts.scheme == "http" and not is_loopback(hostname):
        raise InvalidArgumentError(_texts.plain_http(url))
    return url.rstrip("/")


def is_loopback(hostname: str) -> bool:
    """Return whether *hostname* names this machine, without looking it up."""
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return hostname == "localhost"
