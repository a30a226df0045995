"""One JSON request at a time, limited in every way that a hostile network needs.

A request takes 10 s in total, reads at most 1 MiB, follows no redirect, keeps no
cookie, and sends nothing unencrypted through a proxy. urllib3 sends, without the
redirects, cookies and .netrc passwords of a requests session; requests, which is slow
to load, only sets up a proxy. Failures are values, because an exception would keep
frames that hold secrets.
"""

from __future__ import annotations

import functools
import json
import socket
import ssl
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, IncompleteRead
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from urllib.request import getproxies

import urllib3
from urllib3._version import __version__ as urllib3_version
from urllib3.connection import CertificateError  # type: ignore[attr-defined]

from parsec_nb import __version__
from parsec_nb._api import environment, messages
from parsec_nb._api.limits import RequestLimits, ResponseTooLongError, apply_limits
from parsec_nb._api.parsing import json_object
from parsec_nb._api.secret import Secret
from parsec_nb._api.threads import NoThreadError
from parsec_nb._api.tls import read_authorities
from parsec_nb._api.url import URL, parse_url

TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 4.0
MAX_BYTES = 1024 * 1024
_MAX_HEAD_BYTES = 64 * 1024
_NO_RETRY = urllib3.Retry(total=False)
_URLLIB3_HINT = "proxy appears to only use HTTP"
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class _NoSocksError(OSError):
    """PySocks is missing."""


class _ProxyInvalidError(OSError):
    """The address of the proxy cannot be used."""


@dataclass(frozen=True)
class Response:
    """A response that arrived whole.

    Attributes:
        status: The HTTP status code.
        headers: The headers; names are case-insensitive.
        content: The body.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes

    @functools.cached_property
    def data(self) -> dict[str, Any] | None:
        """The JSON object of the body, or None if it is not one."""
        return json_object(self.content)


@dataclass(frozen=True)
class TransportError:
    """Why there is no whole response; otherwise like an empty response.

    Attributes:
        reason: The reason as text.
        received_status: The HTTP status code, if that much has arrived.
    """

    reason: str
    received_status: int | None = None
    status: None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    data: None = None


class HTTPClient:
    """Sends JSON requests to one base URL over one connection, one at a time.

    Args:
        base_url: What the paths are appended to, https or loopback.
        timeout: Seconds that a whole request may take.
    """

    def __init__(self, base_url: str, *, timeout: float) -> None:
        # A session that a user constructs has any api_url.
        self._url = url = environment.base_url(base_url, "api_url")
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"parsec-nb/{__version__}",
        }
        self._seconds = timeout
        self._timeout = urllib3.Timeout(min(CONNECT_SECONDS, timeout), timeout)
        self._limits = RequestLimits()
        # A proxy could read what is sent without TLS.
        self._proxy = _proxy(url) if url.scheme == "https" else None
        self._pool: urllib3.HTTPConnectionPool | None = None

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        bearer: str | None = None,
    ) -> Response | TransportError:
        """Send one request; return its response, or why there is none."""
        self._limits.start(self._seconds, _MAX_HEAD_BYTES + MAX_BYTES)
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if bearer is not None:
            headers["Authorization"] = Secret(f"Bearer {bearer}")
        status = None
        try:
            self._pool = self._pool or self._open()
            with self._pool.urlopen(
                method,
                self._url.path.rstrip("/")
                + path
                + (f"?{urlencode(query)}" if query else ""),
                body=None if body is None else Secret(json.dumps(body)),
                headers=headers,
                timeout=self._timeout,
                retries=_NO_RETRY,
                redirect=False,
                preload_content=False,
            ) as response:
                status = response.status
                try:
                    content = _content(response)
                except (ResponseTooLongError, IncompleteRead, zlib.error):
                    # The status of an error is enough.
                    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 §15.3
                        raise
                    content = b""
                return Response(status, response.headers, content)
        except _TRANSPORT_ERRORS as error:
            through = messages.THROUGH_PROXY if self._proxy else ""
            reason = _reason(error).format(host=self._url.host + through)
            return TransportError(reason, status)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()

    def _open(self) -> urllib3.HTTPConnectionPool:
        tls = read_authorities().result() if self._url.scheme == "https" else None
        if tls is not None and urllib3_version < "2":
            # It compares the names itself, and shows OpenSSL none that is an address.
            tls.check_hostname = False
        manager = _proxy_manager(self._proxy) if self._proxy else urllib3.PoolManager()
        apply_limits(manager, self._limits)
        pool: urllib3.HTTPConnectionPool = manager.connection_from_host(
            self._url.host, self._url.port, self._url.scheme, {"ssl_context": tls}
        )
        return pool


def _proxy(url: URL) -> str | None:
    """Return the proxy that the environment sets for an address."""
    if not getproxies():
        return None
    from requests.utils import get_environ_proxies, select_proxy  # noqa: PLC0415 - slow to load

    return select_proxy(str(url), get_environ_proxies(str(url)))


def _proxy_manager(proxy: str) -> Any:
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - slow to load
    from requests.exceptions import InvalidSchema  # noqa: PLC0415 - likewise

    address = proxy if "://" in proxy else f"http://{proxy}"
    rest = address.partition("://")[2]
    # A user name and a password may stand before the host.
    url = parse_url(f"http://{rest.rpartition('@')[2]}")
    # requests does not type this method.
    adapter: Any = HTTPAdapter()
    with suppress(urllib3.exceptions.LocationValueError):
        other = parse_url(f"http://{urllib3.util.parse_url(address).netloc}")
        if url and other and (url.host, url.port) == (other.host, other.port):
            try:
                return adapter.proxy_manager_for(address)
            except InvalidSchema:
                raise _NoSocksError from None
    raise _ProxyInvalidError


def _content(response: urllib3.BaseHTTPResponse) -> bytes:
    """Return the body, decompressed by us, because urllib3 does not limit the size."""
    content = response.read(MAX_BYTES + 1, decode_content=False)
    if len(content) > MAX_BYTES:
        raise ResponseTooLongError
    # A read with a size does not report that the body ended too early.
    if response.length_remaining:
        raise IncompleteRead(content)
    if response.headers.get("Content-Encoding", "").lower() in {"gzip", "deflate"}:
        decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
        content = decoder.decompress(content, MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ResponseTooLongError
        if not decoder.eof:
            raise IncompleteRead(content)
    return content


_TRANSPORT_ERRORS = (
    urllib3.exceptions.HTTPError,
    HTTPException,
    OSError,
    ValueError,
    zlib.error,
)
# The first type that matches the error, or an error that it wraps, gives the reason.
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (NoThreadError, messages.NO_THREAD),
    (FileNotFoundError, messages.CERTIFICATE_FILE_MISSING),
    (_NoSocksError, messages.PROXY_NEEDS_PYSOCKS),
    (_ProxyInvalidError, messages.PROXY_INVALID),
    (urllib3.exceptions.ProxyError, messages.PROXY_FAILED),
    (ResponseTooLongError, messages.RESPONSE_TOO_LONG),
    (ssl.SSLCertVerificationError, messages.CERTIFICATE_NOT_TRUSTED),
    # urllib3 compares the host name with the certificate's in some versions.
    (CertificateError, messages.CERTIFICATE_NOT_TRUSTED),
    (ssl.SSLEOFError, messages.CONNECTION_CLOSED),
    (ssl.SSLError, messages.NO_TLS),
    (socket.gaierror, messages.NAME_UNKNOWN),
    (ConnectionRefusedError, messages.CONNECTION_REFUSED),
    (ConnectionResetError, messages.CONNECTION_CLOSED),
    (urllib3.exceptions.TimeoutError, messages.TIMED_OUT),
    (TimeoutError, messages.TIMED_OUT),
    (IncompleteRead, messages.RESPONSE_INCOMPLETE),
    (urllib3.exceptions.InvalidHeader, messages.NOT_HTTP),
    (HTTPException, messages.NOT_HTTP),
    (urllib3.exceptions.LocationValueError, messages.ADDRESS_INVALID),
)


def _reason(error: BaseException) -> str:
    wrapped = list(islice(_chain(error), 10))
    if any(_URLLIB3_HINT in str(one) for one in wrapped):
        return messages.PROXY_SPEAKS_HTTP
    for kind, reason in _REASONS:
        if any(isinstance(one, kind) for one in wrapped):
            return reason
    return messages.CONNECTION_LOST


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and those that it wraps: urllib3 also keeps them in `args`."""
    while error is not None:
        yield error
        arguments = (arg for arg in error.args if isinstance(arg, BaseException))
        error = error.__cause__ or next(arguments, error.__context__)
