"""One JSON request at a time, with every bound that a hostile network needs.

In total 10 s, a body of at most 1 MiB, no redirect, no cookie, nothing in the
clear by way of a proxy, and one keep-alive connection. Faults come back as a
`Fault`, not as exceptions, so that no frame or request with a secret in it
survives. It knows nothing of Parsec's endpoints.
"""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPException, IncompleteRead
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.utils import select_proxy
from urllib3.exceptions import HTTPError

from parsec_nb import _texts
from parsec_nb._deadline import AnswerTooLongError, BoundedAdapter, Bounds
from parsec_nb._values import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 4.0
MAX_BYTES = 1024 * 1024
_MAX_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """An answer that arrived whole.

    Attributes:
        status: The HTTP status code.
        headers: The headers, looked up in any case.
        data: The JSON object of the body, or None where it is none.
    """

    status: int
    headers: Mapping[str, str]
    data: dict[str, Any] | None


@dataclass(frozen=True)
class Fault:
    """Why there is no answer, in words."""

    reason: str


class JSONClient:
    """Sends JSON requests to one base URL; used by one thread at a time.

    Args:
        base_url: Where the paths start, http or https.
        user_agent: What to call ourselves.
        timeout: Seconds that a whole request may take.
    """

    def __init__(
        self,
        base_url: str,
        user_agent: str,
        *,
        timeout: float = TOTAL_SECONDS,
    ) -> None:
        self._timeout = timeout
        self._base_url = base_url.rstrip("/")
        self._bounds = Bounds()
        self._session = _Session()
        # A proxy would get to read what is sent in the clear.
        if urlsplit(base_url).scheme == "https":
            self._read_environment()
        # From here on, least of all the passwords in .netrc.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Compressed bytes would have to be unpacked to be measured.
        self._session.headers.update(
            {
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": user_agent,
            }
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, BoundedAdapter(self._bounds))

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        bearer: str | None = None,
    ) -> Reply | Fault:
        """Send one request and return its answer, or why there is none.

        Takes at most *timeout* in total.
        """
        self._bounds.set(self._timeout, _MAX_HEAD_BYTES + MAX_BYTES)
        host = urlsplit(self._base_url).hostname or ""
        headers = {} if body is None else {"Content-Type": "application/json"}
        if bearer is not None:
            headers["Authorization"] = Secret(f"Bearer {bearer}")
        try:
            with self._session.request(
                method,
                self._base_url + path,
                data=None if body is None else Secret(json.dumps(body)),
                params=query,
                headers=headers,
                timeout=(min(CONNECT_SECONDS, self._timeout), self._timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = response.raw.read(MAX_BYTES + 1, decode_content=False)
                # A body that breaks off is no error to a read with a limit.
                if response.raw.length_remaining and len(content) <= MAX_BYTES:
                    return Fault(_texts.ANSWER_BROKE_OFF.format(host=host))
                return Reply(
                    response.status_code, response.headers, _json_object(content)
                )
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return Fault(_reason(error, host + self._by_proxy()))

    def _read_environment(self) -> None:
        """Take over its proxies and authorities; requests would for every request."""
        found = self._session.merge_environment_settings(
            self._base_url, {}, None, None, None
        )
        self._session.proxies, self._session.verify = found["proxies"], found["verify"]

    def _by_proxy(self) -> str:
        """Return what to add to a host that a proxy stands before."""
        proxy = select_proxy(self._base_url, self._session.proxies)
        return _texts.THROUGH_PROXY if proxy else ""

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


class _Session(requests.Session):
    """A session without redirects: even one that is not followed would be read."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return that there is none."""


def _json_object(content: bytes) -> dict[str, Any] | None:
    if len(content) > MAX_BYTES:
        return None
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (requests.exceptions.InvalidSchema, _texts.PROXY_NEEDS_PYSOCKS),
    (requests.exceptions.InvalidProxyURL, _texts.PROXY_INVALID),
    (requests.exceptions.ProxyError, _texts.PROXY_FAILED),
    (AnswerTooLongError, _texts.ANSWER_TOO_LONG),
    (ssl.SSLCertVerificationError, _texts.CERTIFICATE_NOT_TRUSTED),
    (ssl.SSLEOFError, _texts.CONNECTION_BROKE_OFF),
    (ssl.SSLError, _texts.NO_TLS),
    (socket.gaierror, _texts.NAME_UNKNOWN),
    (ConnectionRefusedError, _texts.CONNECTION_REFUSED),
    (ConnectionResetError, _texts.CONNECTION_BROKE_OFF),
    (requests.exceptions.Timeout, _texts.TOO_SLOW),
    (TimeoutError, _texts.TOO_SLOW),
    (IncompleteRead, _texts.ANSWER_BROKE_OFF),
    (requests.exceptions.InvalidHeader, _texts.ANSWER_NOT_HTTP),
    (HTTPException, _texts.ANSWER_NOT_HTTP),
    (requests.exceptions.InvalidURL, _texts.ADDRESS_INVALID),
)


def _reason(error: BaseException, host: str) -> str:
    if type(error) is OSError:
        # Only requests itself raises one as plain as that.
        return _texts.CERTIFICATE_FILE_MISSING
    causes = _causes(error)
    for kind, words in _REASONS:
        if any(isinstance(cause, kind) for cause in causes):
            return words.format(host=host)
    return _texts.CONNECTION_LOST.format(host=host)


def _causes(error: BaseException) -> list[BaseException]:
    """Return the error and all that it carries: urllib3 nests them in several ways."""
    found: list[BaseException] = []
    pending = [error]
    while pending:
        current = pending.pop()
        if current in found:
            continue
        found.append(current)
        linked = (
            current.__cause__,
            current.__context__,
            getattr(current, "reason", None),
            *current.args,
        )
        pending += [link for link in linked if isinstance(link, BaseException)]
    return found
