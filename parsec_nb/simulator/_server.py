"""The simulator's HTTP server, on a daemon thread.

The thread has an event loop to itself, because a kernel's main loop stands still
while a cell runs. What tornado or asyncio would log from that thread is dropped,
since it may quote a request with a Jupyter token in it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application

from . import _handlers as handlers

if TYPE_CHECKING:
    import socket

    from ._state import State

_THREAD = "parsec_nb-simulator"


class ServerThread(threading.Thread):
    """Serves a state on a listening socket; started once, stopped once."""

    def __init__(
        self, state: State, listening: socket.socket, verification_uri: str
    ) -> None:
        super().__init__(name=_THREAD, daemon=True)
        self._app = _application(state, verification_uri)
        self._listening = listening
        self._loop = asyncio.SelectorEventLoop()
        self._stopping = asyncio.Event()

    def run(self) -> None:
        """Serve until *stop*."""
        try:
            self._loop.run_until_complete(self._serve()).close()
        finally:
            self._loop.close()

    def stop(self) -> None:
        """Close every connection and end the thread."""
        # The loop is closed where the thread has ended.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stopping.set)
        self.join()

    async def _serve(self) -> IOLoop:
        server = HTTPServer(
            self._app,
            # Beyond this a connection is closed unheard; below, a response has a text.
            max_body_size=64 * 1024,
            idle_connection_timeout=75,
            body_timeout=10,
        )
        server.add_socket(self._listening)
        await self._stopping.wait()
        server.stop()
        await server.close_all_connections()
        return IOLoop.current()


def _application(state: State, verification_uri: str) -> Application:
    return Application(
        [
            (r"/auth/codes/?", handlers.CodesHandler),
            (r"/auth/sessions/?", handlers.SessionsHandler),
            (r"/v2/hosts/?", handlers.HostsHandler),
            # No slash after the code: the cookie would not reach the form's target.
            (r"/(?:activate(?:/([^/]*))?)?", handlers.ActivateHandler),
        ],
        default_handler_class=handlers.UnknownHandler,
        log_function=lambda _handler: None,
        state=state,
        verification_uri=verification_uri,
        xsrf_cookie_name=handlers.COOKIE,
        # No path: behind a proxy the browser's default, the directory of the page
        # that it sees, is the only right one.
        xsrf_cookie_kwargs={"path": "", "httponly": True, "samesite": "Lax"},
    )


def _is_from_elsewhere(_record: logging.LogRecord) -> bool:
    return threading.current_thread().name != _THREAD


for _name in ("tornado.access", "tornado.application", "tornado.general", "asyncio"):
    logging.getLogger(_name).addFilter(_is_from_elsewhere)
