"""One server on loopback that every client under measurement can log in at.

It is reached over http, over https with a certificate of its own, and as the
proxy behind which it plays github.com, for clients that have that name built
in. What it answers is in `dialects`.
"""

from __future__ import annotations

import asyncio
import email.utils
import itertools
import json
import ssl
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from dialects import Dialects, Request

if TYPE_CHECKING:
    from pathlib import Path

_BACKLOG = 4096


class Stub(Dialects):
    """The server, in a thread of its own.

    Args:
        authority: Where to write who signed the certificate.
    """

    def __init__(self, authority: Path) -> None:
        super().__init__()
        self.authority = authority
        self._connections = itertools.count()
        self._tls = _tls(authority)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        self._ready.wait()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        urls = []
        for scheme, context in (("http", None), ("https", self._tls)):
            server = await asyncio.start_server(
                self._connected, "127.0.0.1", 0, ssl=context, backlog=_BACKLOG
            )
            port = server.sockets[0].getsockname()[1]
            urls.append(f"{scheme}://127.0.0.1:{port}")
        self.http, self.https = urls

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        secure = writer.get_extra_info("ssl_object") is not None
        origin = self.https if secure else self.http
        connection = next(self._connections)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                line, *lines = head.decode("latin-1").strip().split("\r\n")
                method, path, _ = line.split(" ")
                if method == "CONNECT":
                    # Whatever host is asked for, this is it: nothing leaves here.
                    origin = f"https://{path.removesuffix(':443')}"
                    writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                    await writer.start_tls(self._tls)
                    continue
                headers = {n.lower(): v for n, v in (h.split(": ", 1) for h in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                request = Request(
                    path.partition("?")[0], _values(body), connection, origin
                )
                as_form = "/login/" in path and "json" not in headers.get("accept", "")
                writer.write(_response(*self.answer(request), as_form=as_form))
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()


def _values(body: bytes) -> dict[str, str]:
    if body.startswith(b"{"):
        values: dict[str, str] = json.loads(body)
        return values
    return {name: given[0] for name, given in parse_qs(body.decode()).items()}


def _response(status: int, content: dict[str, Any], *, as_form: bool) -> bytes:
    body = urlencode(content) if as_form else json.dumps(content)
    kind = "application/x-www-form-urlencoded" if as_form else "application/json"
    head = (
        f"HTTP/1.1 {status} Answer\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Date: {email.utils.formatdate(usegmt=True)}\r\n\r\n"
    )
    return (head + body).encode()


def _tls(path: Path) -> ssl.SSLContext:
    """Make a certificate for all the names that are asked for.

    Who signed it is written beside all authorities that everybody trusts, as
    reading those is part of what a first request costs.
    """
    import certifi  # noqa: PLC0415 - of the benchmarks' own environment
    import trustme  # noqa: PLC0415 - likewise

    authority = trustme.CA()
    path.write_text(certifi.contents(), encoding="ascii")
    authority.cert_pem.write_to_path(str(path), append=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost", "github.com").configure_cert(context)
    return context
