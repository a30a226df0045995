"""The PARSEC_* environment variables, and the base URL of the web API.

No other module reads these variables. Nothing here loads a slow module.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from parsec_nb._api import messages
from parsec_nb.errors import InvalidArgumentError

API_URL = "PARSEC_API_URL"
DEMO = "PARSEC_DEMO"
GAME_ID = "PARSEC_GAME_ID"
SESSION_ID = "PARSEC_SESSION_ID"

DEFAULT_API_URL = "https://kessel-api.parsecgaming.com"


def variable(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return an environment variable without white space around it; None if blank."""
    return environ.get(name, "").strip() or None


def checked_api_url(
    api_url: str | None, environ: Mapping[str, str] = os.environ
) -> str:
    """Return the base URL: *api_url*, else PARSEC_API_URL, else the documented one.

    Raises:
        InvalidArgumentError: It is not a URL, or it is plain http to another
            machine, where the network could read the session ID.
    """
    url = (api_url or "").strip() or variable(API_URL, environ) or DEFAULT_API_URL
    try:
        parts = urlsplit(url)
        hostname, _ = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidArgumentError(messages.BAD_API_URL.format(url=url)) from None
    if parts.username or parts.password:
        raise InvalidArgumentError(messages.CREDENTIALS_IN_API_URL)
    if not hostname or parts.scheme not in {"http", "https"} or parts.query:
        raise InvalidArgumentError(messages.BAD_API_URL.format(url=url))
    if parts.scheme == "http" and not is_loopback(hostname):
        raise InvalidArgumentError(messages.PLAIN_HTTP.format(url=url))
    return url.rstrip("/")


def is_loopback(hostname: str) -> bool:
    """Return whether *hostname* names this machine, without a name look-up."""
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return hostname == "localhost"
