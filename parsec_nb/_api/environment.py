"""The PARSEC_* environment variables, and the base URL of the web API.

No other module reads these variables. Nothing here loads a slow module.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from parsec_nb._api import messages
from parsec_nb._api.url import URL, parse_url
from parsec_nb.errors import InvalidArgumentError

API_URL = "PARSEC_API_URL"
DEMO = "PARSEC_DEMO"
GAME_ID = "PARSEC_GAME_ID"
SESSION_ID = "PARSEC_SESSION_ID"

DEFAULT_API_URL = "https://kessel-api.parsecgaming.com"


def variable(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return an environment variable without space or quotes around it, None if blank.

    Raises:
        InvalidArgumentError: It has an unprintable character.
    """
    value = environ.get(name, "").strip()
    # `docker run --env-file` keeps the quotes of the file.
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1].strip()
    if not value.isprintable():
        raise InvalidArgumentError(messages.UNPRINTABLE_VARIABLE.format(name=name))
    return value or None


def checked_api_url(
    api_url: str | None, environ: Mapping[str, str] = os.environ
) -> str:
    """Return the base URL: *api_url*, else PARSEC_API_URL, else the documented one.

    It is in its normal form, so that equal services have equal URLs.

    Raises:
        InvalidArgumentError: It is not a URL, or it is plain http to another
            machine, where the network could read the session ID.
    """
    given, name = api_url, "api_url"
    if given is None or not str(given).strip():
        given, name = variable(API_URL, environ) or DEFAULT_API_URL, API_URL
    return str(base_url(given, name)).rstrip("/")


def base_url(given: str, name: str) -> URL:
    """Return the base URL that *given* is; raises as `checked_api_url` does."""
    url = parse_url(given.strip()) if isinstance(given, str) else None
    if url is None or url.query:
        if "@" in str(given):
            raise InvalidArgumentError(messages.CREDENTIALS_IN_URL.format(name=name))
        raise InvalidArgumentError(messages.BAD_API_URL.format(name=name, url=given))
    if url.scheme == "http" and not url.is_loopback:
        raise InvalidArgumentError(messages.PLAIN_HTTP.format(name=name, url=given))
    return url
