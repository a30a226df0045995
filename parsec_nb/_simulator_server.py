"""The simulator's server: its addresses, and the thread that answers on them.

The thread is a daemon with an event loop of its own, because a kernel's main loop
stands still while a cell runs. Silent: whatever tornado or asyncio would log from
that thread is dropped, since it may quote a request with a Jupyter token in it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application

from ._simulator_activate import ActivateHandler, StartHandler
from ._simulator_api import CodesHandler, HostsHandler, SessionsHandler
from ._simulator_web import UnknownHandler

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from ._simulator_state import State

# Beyond this a connection is closed unheard; below it an answer says what is wrong.
_HARD_BODY_LIMIT = 64 * 1024
_IDLE_SECONDS = 75.0
_BODY_SECONDS = 10.0
# macOS lets a process have 256 files and connections, and most Linuxes 1024, unless
# it asks for more; this is as many as macOS ever gives.
_CONNECTIONS = 10_240
_LOGGERS = ("tornado.access", "tornado.application", "tornado.general", "asyncio")


def make_app(
    state: State, *, verification_uri: str, clock: Callable[[], float]
) -> Application:
    """Return the application; *clock* counts Unix seconds and dates the answers."""
    shared = {"state": state, "clock": clock}
    codes = {**shared, "verification_uri": verification_uri}
    activate = {**shared, "key": secrets.token_bytes(32)}
    return Application(
        [
            (r"/auth/codes/?", CodesHandler, codes),
            (r"/auth/sessions/?", SessionsHandler, shared),
            (r"/v2/hosts/?", HostsHandler, shared),
            (r"/", StartHandler, shared),
            # No slash after the code: the cookie would not reach the form's target.
            (r"/activate(?:/([^/]*))?", ActivateHandler, activate),
        ],
        default_handler_class=UnknownHandler,
        default_handler_args=shared,
        log_function=lambda _handler: None,
    )


def allow_many_connections() -> None:
    """Let this process have a connection for each notebook of a big room.

    Each notebook keeps one open. Without room for another one, the server would
    not answer it, and would try without end.
    """
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, _CONNECTIONS)
    if soft != resource.RLIM_INFINITY and soft < most:
        # A system may give less than it promises.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class ServerThread:
    """One application on a listening socket; started once, stopped once."""

    def __init__(self, app: Application, listening: socket.socket) -> None:
        self._app = app
        self._listening = listening
        self._loop = asyncio.SelectorEventLoop()
        self._started = threading.Event()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(
            target=self._run, name="parsec_nb-simulator", daemon=True
        )

    @property
    def alive(self) -> bool:
        """Whether it answers."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Return once it answers."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def join(self, seconds: float) -> None:
        """Wait for the end, for so long at most."""
        self._thread.join(seconds)

    def _run(self) -> None:
        silence = _Silence(threading.get_ident())
        loggers = [logging.getLogger(name) for name in _LOGGERS]
        for logger in loggers:
            logger.addFilter(silence)
        try:
            io_loop = self._loop.run_until_complete(self._serve())
            io_loop.close()
        finally:
            self._started.set()
            self._loop.close()
            for logger in loggers:
                logger.removeFilter(silence)

    async def _serve(self) -> IOLoop:
        server = HTTPServer(
            self._app,
            max_body_size=_HARD_BODY_LIMIT,
            idle_connection_timeout=_IDLE_SECONDS,
            body_timeout=_BODY_SECONDS,
        )
        server.add_socket(self._listening)
        self._started.set()
        await self._stopping.wait()
        server.stop()
        await server.close_all_connections()
        return IOLoop.current()


class _Silence(logging.Filter):
    """Drops what one thread logs."""

    def __init__(self, thread: int) -> None:
        super().__init__()
        self._thread = thread

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread != self._thread
