"""What surrounds a request: environment variables, name look-up, a full queue."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REDIRECTING = ("_PROXY", "_CA_BUNDLE", "PARSEC_")


@contextlib.contextmanager
def black_hole() -> Iterator[str]:
    """Yield an address that does not accept connections: its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        address = listening.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                filler.connect(address)
        yield f"127.0.0.1:{address[1]}"
        for filler in fillers:
            filler.close()


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables, and unset those that redirect requests."""
    before = dict(os.environ)
    for name in before:
        if any(part in name.upper() for part in _REDIRECTING):
            del os.environ[name]
    os.environ.update(variables)
    time.tzset()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        time.tzset()


def silent_name() -> str:
    """Return a host name whose look-up hangs, as if its name server were silent."""
    if not _silenced:
        _silenced.append("silent.invalid")
        # Python audits every look-up before it is made.
        sys.addaudithook(_hang_in_lookup)
    return _silenced[0]


_silenced: list[str] = []


def _hang_in_lookup(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo" and arguments[0] in _silenced:
        time.sleep(60)
