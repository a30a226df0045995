"""No error of ours keeps a frame of the request that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from network.hostile.world import certificate
from parsec_nb import ParsecError, Session
from support import http_server
from support.threads import no_more_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

ID = "0123456789abcdef" * 4
MINE = ("parsec_nb._api.models", "test_tracebacks")
BEHAVIOURS = {
    "refused": http_server.respond(403, {"error": f"not for {ID}"}),
    "fails": http_server.respond(500),
    "closes": http_server.close,
    "too long": http_server.flood(b"HTTP/1.1 200 X\r\n\r\n"),
    "no HTTP": http_server.send_and_close(b"\x00" * 99),
    "nested": http_server.respond(200, b'{"data":' + b"[" * 500_000),
}


def modules(error: BaseException | None) -> Iterator[str]:
    """Yield the modules of all frames that an error keeps, by any way."""
    while error is not None:
        traceback = error.__traceback__
        while traceback is not None:
            yield traceback.tb_frame.f_globals["__name__"]
            traceback = traceback.tb_next
        error = error.__cause__ or error.__context__


def error_of(session: Session) -> ParsecError:
    """Return the error of a list of hosts."""
    with pytest.raises(ParsecError) as caught:
        session.hosts()
    return caught.value


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_error_of_hosts_has_no_frame_of_its_request(
    scheme: str, behaviour: str
) -> None:
    """Such frames hold the session ID, and a verbose traceback would show them."""
    tls: Any = {"tls": certificate("127.0.0.1")} if scheme == "https" else {}
    with http_server.ScriptedServer(BEHAVIOURS[behaviour], **tls) as server:
        error = error_of(Session.from_id(ID, api_url=server.url))

    assert all(name.endswith(MINE) for name in modules(error))
    assert ID not in str(error)


@pytest.mark.serial
@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://127.0.0.1:9"])
def test_an_error_without_a_thread_has_no_frame_of_its_request(url: str) -> None:
    """It is one of ours, not the system's."""
    session = Session.from_id(ID, api_url=url)

    with no_more_threads():
        error = error_of(session)

    assert all(name.endswith(MINE) for name in modules(error))
    assert "cannot start another thread" in str(error)
