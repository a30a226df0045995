"""The simulator's HTTP server, on a daemon thread.

The thread has an event loop to itself, because a kernel's main loop stands still
while a cell runs. What tornado or asyncio would log from that thread is dropped,
since it may quote a request with a Jupyter token in it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import tornado
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream
from tornado.platform.asyncio import AsyncIOMainLoop
from tornado.web import Application

from . import _connection_handlers as connections
from . import _handlers as handlers

if TYPE_CHECKING:
    import socket

    from tornado.http1connection import HTTP1ServerConnection
    from tornado.httputil import HTTPConnection, HTTPMessageDelegate
    from tornado.iostream import BaseIOStream

    from ._state import State

if tornado.version_info < (6, 3):
    msg = "tornado before 6.3 has no setting for the name of the XSRF cookie"
    raise ImportError(msg)

_PAUSE_SECONDS = 0.25
_THREAD = "parsec_nb-simulator"


class ServerThread(threading.Thread):
    """Serves a state on a listening socket; started once, stopped once."""

    def __init__(self, state: State, listening: socket.socket, **settings: Any) -> None:
        super().__init__(name=_THREAD, daemon=True)
        self._state = state
        self._settings = settings
        self._listening = listening
        self._loop = asyncio.SelectorEventLoop()
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Start the thread; without one, close its loop."""
        try:
            super().start()
        except RuntimeError:
            self._loop.close()
            raise

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
        self.join(0.9)

    async def _serve(self) -> IOLoop:
        io_loop: IOLoop = AsyncIOMainLoop(make_current=False)
        server = _Server(
            _application(self._state, **self._settings),
            max_header_size=16 * 1024,
            # Beyond this a connection is closed unheard; below, a response has a text.
            max_body_size=64 * 1024,
            idle_connection_timeout=75,
            body_timeout=10,
        )
        server.serve(self._listening)
        await self._stopping.wait()
        await server.close()
        return io_loop


class _Server(HTTPServer):
    """Stops accepting at a limit of connections; near it, closes idle ones early."""

    def serve(self, listening: socket.socket) -> None:
        self._listening = listening
        self._limit = _connection_limit()
        # When each connection began to wait for a request, the oldest first.
        self._waiting: dict[BaseIOStream, float] = {}
        self._resume()

    async def close(self) -> None:
        IOLoop.current().remove_handler(self._listening)
        self._listening.close()
        for stream in [*self._waiting]:
            stream.close()
        # Without this the requests that have arrived would still be answered.
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=0.5)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        self._note(cast("HTTP1ServerConnection", server_conn).stream)
        return super().start_request(server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        self._waiting.pop(cast("HTTP1ServerConnection", server_conn).stream, None)

    def _resume(self) -> None:
        IOLoop.current().add_handler(self._listening, self._accept, IOLoop.READ)

    def _accept(self, *_: object) -> None:
        self._close_idle()
        with suppress(OSError):  # no file is left
            while len(self._waiting) < self._limit:
                try:
                    connection, address = self._listening.accept()
                except BlockingIOError:
                    return
                stream = IOStream(connection)
                self._note(stream)
                self.handle_stream(stream, address)
        # The socket stays readable, so that the loop would spin.
        IOLoop.current().remove_handler(self._listening)
        IOLoop.current().call_later(_PAUSE_SECONDS, self._resume)

    def _note(self, stream: BaseIOStream) -> None:
        self._waiting.pop(stream, None)
        self._waiting[stream] = time.monotonic()

    def _close_idle(self) -> None:
        is_crowded = len(self._waiting) > self._limit * 3 // 4
        self.conn_params.no_keep_alive = is_crowded
        overdue = time.monotonic() - 1
        while is_crowded and self._waiting:
            stream, since = next(iter(self._waiting.items()))
            if since > overdue:
                break
            del self._waiting[stream]
            stream.close()


def _connection_limit() -> int:
    # A notebook needs files too, and two simulators may run in one process.
    files = 512  # as many as Windows can watch
    with suppress(ImportError):
        import resource  # noqa: PLC0415 - there is none on Windows

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = 10_240 if soft == resource.RLIM_INFINITY else min(soft, 10_240)
    return files // 3


def _application(state: State, **settings: Any) -> Application:
    return Application(
        [
            (r"/auth/codes/?", handlers.CodesHandler),
            (r"/auth/sessions/?", handlers.SessionsHandler),
            (r"/v2/hosts/?", handlers.HostsHandler),
            (r"/simulated/connections/?", connections.ConnectionsHandler),
            (r"/simulated/connections/([^/]+)/?", connections.ConnectionHandler),
            (r"/simulated/games/?", connections.GamesHandler),
            (r"/connections", connections.RequestsHandler),
            # No slash after the code: the cookie would not reach the form's target.
            (r"/(?:activate(?:/([^/]*))?)?", handlers.ActivateHandler),
        ],
        default_handler_class=handlers.UnknownHandler,
        log_function=lambda _handler: None,
        state=state,
        **settings,
        xsrf_cookie_name=handlers.COOKIE,
        # No path: behind a proxy the browser's default, the directory of the page
        # that it sees, is the only right one.
        xsrf_cookie_kwargs={"path": "", "httponly": True, "samesite": "Lax"},
    )


def _is_from_elsewhere(_record: logging.LogRecord) -> bool:
    return threading.current_thread().name != _THREAD


for _name in ("tornado.access", "tornado.application", "tornado.general", "asyncio"):
    logging.getLogger(_name).addFilter(_is_from_elsewhere)
