"""The certificate authorities, read once a process, in a thread of their own.

OpenSSL takes as long to read them as Python to load what sends the request, and does
not hold up Python meanwhile.
"""

from __future__ import annotations

import functools
import os
import ssl
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from parsec_nb._api.threads import after_fork, call_in_thread


def read_authorities() -> Future[ssl.SSLContext]:
    """Return the context with the authorities that the environment sets, once read.

    Raises:
        FileNotFoundError: Their file does not exist.
        NoThreadError: The process cannot start another thread.
    """
    import certifi  # noqa: PLC0415 - for https only

    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    bundle = next(filter(None, map(os.environ.get, names)), certifi.where())
    return _reading(bundle, Path(bundle).stat().st_mtime_ns)


def start_reading(api_url: str) -> None:
    """Begin if this web API needs them; a request shows what fails."""
    if api_url.startswith("https"):
        with suppress(OSError):
            read_authorities()


@functools.lru_cache(maxsize=1)
def _reading(bundle: str, _changed_at: int) -> Future[ssl.SSLContext]:
    def read() -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        kind = "capath" if Path(bundle).is_dir() else "cafile"
        context.load_verify_locations(**{kind: bundle})
        return context

    return call_in_thread(read, "parsec_nb-authorities")


# A forked child does not have the thread that reads.
after_fork(_reading.cache_clear)
