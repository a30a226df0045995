"""One JSON request at a time, with every bound that a hostile network needs.

In total 10 s, a body of at most 1 MiB, no redirect, no cookie, nothing in the
clear by way of a proxy, and one keep-alive connection. requests reads the
environment and makes the connection; urllib3 sends, because all that a session of
requests adds (cookies, redirects, .netrc) is not wanted here. Faults come back as a
`Fault`, not as exceptions, so that no frame or request with a secret in it
survives. It knows nothing of Parsec's endpoints.
"""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy

from parsec_nb import _texts
from parsec_nb._deadline import AnswerTooLongError, Bounds, keep_within
from parsec_nb._values import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 4.0
MAX_BYTES = 1024 * 1024
_MAX_HEAD_BYTES = 64 * 1024
_ONCE = urllib3.Retry(total=False)
_JSON = {"Content-Type": "application/json"}


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
        self._base_url = base_url
        url = urlsplit(base_url)
        self._host, self._path = url.hostname or "", url.path.rstrip("/")
        # Compressed bytes would have to be unpacked to be measured.
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": user_agent,
        }
        self._seconds = timeout
        self._timeout = urllib3.Timeout(
            connect=min(CONNECT_SECONDS, timeout), read=timeout
        )
        self._bounds = Bounds()
        self._proxy, self._verify = _environment(base_url)
        self._pool: urllib3.HTTPConnectionPool | None = None

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
        self._bounds.set(self._seconds, _MAX_HEAD_BYTES + MAX_BYTES)
        headers = self._headers | ({} if body is None else _JSON)
        if bearer is not None:
            headers["Authorization"] = Secret(f"Bearer {bearer}")
        try:
            self._pool = self._pool or self._open()
            with self._pool.urlopen(
                method,
                self._path + path + (f"?{urlencode(query)}" if query else ""),
                body=None if body is None else Secret(json.dumps(body)),
                headers=headers,
                timeout=self._timeout,
                retries=_ONCE,
                redirect=False,
                preload_content=False,
            ) as response:
                content = response.read(MAX_BYTES + 1, decode_content=False)
                # A body that breaks off is no error to a read with a limit.
                if response.length_remaining and len(content) <= MAX_BYTES:
                    return Fault(_texts.ANSWER_BROKE_OFF.format(host=self._host))
                return Reply(response.status, response.headers, _json_object(content))
        except _FAULTS as error:
            by_proxy = _texts.THROUGH_PROXY if self._proxy else ""
            return Fault(_reason(error, self._host + by_proxy))

    def close(self) -> None:
        """Close the connection."""
        if self._pool is not None:
            self._pool.close()

    def _open(self) -> urllib3.HTTPConnectionPool:
        # Few of its methods have types.
        adapter: Any = HTTPAdapter(pool_connections=1, pool_maxsize=1)
        proxy = self._proxy
        manager = _by_way_of(proxy, adapter) if proxy else adapter.poolmanager
        keep_within(manager, self._bounds)
        pool: urllib3.HTTPConnectionPool = manager.connection_from_url(self._base_url)
        adapter.cert_verify(pool, self._base_url, self._verify, None)
        return pool


def _environment(base_url: str) -> tuple[str | None, Any]:
    """Return the proxy and the authorities that the environment sets, if any."""
    if urlsplit(base_url).scheme != "https":
        # A proxy would get to read what is sent in the clear.
        return None, True
    with requests.Session() as session:
        found = session.merge_environment_settings(base_url, {}, None, None, None)
    return select_proxy(base_url, found["proxies"]), found["verify"]


def _by_way_of(proxy: str, adapter: Any) -> Any:
    address = proxy if "://" in proxy else f"http://{proxy}"
    with suppress(urllib3.exceptions.LocationValueError):
        if urllib3.util.parse_url(address).host:
            return adapter.proxy_manager_for(address)
    raise requests.exceptions.InvalidProxyURL


def _json_object(content: bytes) -> dict[str, Any] | None:
    if len(content) > MAX_BYTES:
        return None
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


_FAULTS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    HTTPException,
    OSError,
    ValueError,
)
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (requests.exceptions.InvalidSchema, _texts.PROXY_NEEDS_PYSOCKS),
    (requests.exceptions.InvalidProxyURL, _texts.PROXY_INVALID),
    (urllib3.exceptions.ProxyError, _texts.PROXY_FAILED),
    (AnswerTooLongError, _texts.ANSWER_TOO_LONG),
    (ssl.SSLCertVerificationError, _texts.CERTIFICATE_NOT_TRUSTED),
    (ssl.SSLEOFError, _texts.CONNECTION_BROKE_OFF),
    (ssl.SSLError, _texts.NO_TLS),
    (socket.gaierror, _texts.NAME_UNKNOWN),
    (ConnectionRefusedError, _texts.CONNECTION_REFUSED),
    (ConnectionResetError, _texts.CONNECTION_BROKE_OFF),
    (urllib3.exceptions.TimeoutError, _texts.TOO_SLOW),
    (TimeoutError, _texts.TOO_SLOW),
    (IncompleteRead, _texts.ANSWER_BROKE_OFF),
    (urllib3.exceptions.InvalidHeader, _texts.ANSWER_NOT_HTTP),
    (HTTPException, _texts.ANSWER_NOT_HTTP),
    (urllib3.exceptions.LocationValueError, _texts.ADDRESS_INVALID),
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
