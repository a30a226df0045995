"""Lives through one login in a hostile world, and keeps all that was seen of it.

A row says what the server and the world do. The whole login is real (thread,
flow, web API, sockets); only its waiting is compressed, by a set clock that
jumps over it. What to think of it is the business of `hostile_faults`.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import trustme
from test_login import SetClock

from parsec_nb import _markup, _service
from parsec_nb._course import Course
from parsec_nb._errand import NotebookErrand, Wish
from parsec_nb._web_api import WebAPI
from parsec_nb.errors import ParsecError
from support import http_server, network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from parsec_nb._answers import CodeAnswer, PollAnswer
    from parsec_nb._values import AuthCode, SessionID
    from support.http_server import Behaviour

START = 1_000_000_000  # What the wall clock says when a login starts.
REFUSED_AT_CALL = "refused at the call"

_HERE = _markup.Place(host_name="lab-7", variable="session_id", demo=False)
_AUTHORITY, _STRANGER = trustme.CA(), trustme.CA()


@dataclass(frozen=True)
class Row:
    """What a login meets, what its user is to see of it, and how it is to end.

    Attributes:
        name: What it is about.
        does: What the server, or the world, does.
        behaviours: What the server does to each request; the last one for ever.
        ends: The status that the login ends in, or that it is refused at the call.
        asked: When the requests start, in seconds on the set clock.
        sees: What the user is shown, in this order.
        lasts: When the login ends, where that is not at its last request.
        jumps: When the wall clock is set, and by how much.
        before: What happens just before the request of that number.
        listens: How the server listens, as `ScriptedServer` takes it.
        url: The api_url, if it is not the server's; see `_Addresses`.
        environ: Environment variables, likewise.
        proxy: What the proxy does to each request, if it is more than to tunnel.
        proxied: How many connections reach the proxy.
        arrive: How many requests reach the server, if not all of them do.
        timeout: Seconds of real time that a request may take.
        at_most: Seconds of real time that all of it may take, on a busy machine.
    """

    name: str
    does: str
    behaviours: Sequence[Behaviour]
    ends: str
    asked: Sequence[float]
    sees: Sequence[str] = ()
    lasts: float | None = None
    jumps: Mapping[float, float] = field(default_factory=dict)
    before: Mapping[int, Callable[[World], object]] = field(default_factory=dict)
    listens: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    proxy: Sequence[Behaviour] = ()
    proxied: int = 0
    arrive: int | None = None
    timeout: float = 20.0
    at_most: float = 10.0


class WorldClock(SetClock):
    """A set clock whose wall clock jumps, as by a user, by NTP or by a sleep."""

    def __init__(self, jumps: Mapping[float, float]) -> None:
        super().__init__()
        self._jumps = jumps

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.is_set() or super().wait(stop, seconds)

    def time(self) -> float:
        jumped = sum(by for at, by in self._jumps.items() if at <= self.now)
        return START + self.now + jumped


@dataclass
class World:
    """All that a login meets, and all that is seen of it."""

    row: Row
    clock: WorldClock
    server: http_server.ScriptedServer
    asked: list[float] = field(default_factory=list)
    bound: dict[str, object] = field(default_factory=dict)
    sentences: dict[str, None] = field(default_factory=dict)
    texts: dict[str, None] = field(default_factory=dict)
    pages: dict[str, None] = field(default_factory=dict)
    logged: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    login: Course | None = None
    error: BaseException | None = None
    status: str = REFUSED_AT_CALL
    proxied: int = 0
    elapsed: float = 0.0

    def look(self) -> None:
        """Look at the card as it is now, in every form that it has."""
        assert self.login is not None
        try:
            progress = self.login.progress()
            pages = (
                _markup.instructions(progress, _HERE),
                _markup.status(progress, _HERE, announce=True),
                _markup.static(progress, _HERE),
            )
            self.texts[_markup.plain(progress, _HERE)] = None
            self.sentences[_markup.status_text(progress, _HERE)] = None
        except Exception as error:  # noqa: BLE001 - a login hides it
            self.wrong.append(f"the card cannot be drawn: {error!r}")
        else:
            self.pages.update(dict.fromkeys(pages))

    def cancel(self) -> None:
        """Cancel the login, as the card's button does."""
        assert self.login is not None
        self.login.cancel()

    def take(self, seconds: float) -> None:
        """Let so many seconds pass, as a slow answer does."""
        self.clock.now += seconds

    def note_request(self) -> None:
        """Note that a request starts now, and let happen what is to happen then."""
        self.asked.append(self.clock.now)
        self.row.before.get(len(self.asked) - 1, lambda _: None)(self)


class _WatchedAPI(WebAPI):
    """The real web API; when it is asked is noted."""

    def __init__(self, url: str, world: World) -> None:
        super().__init__(url, wall_clock=world.clock.time, timeout=world.row.timeout)
        self._world = world

    def create_auth_code(self, game_id: str) -> CodeAnswer:
        self._world.note_request()
        return super().create_auth_code(game_id)

    def poll_session(self, auth_code: AuthCode) -> PollAnswer:
        self._world.note_request()
        return super().poll_session(auth_code)


class _WatchedErrand(NotebookErrand):
    """The real errand, with the watched web API and a namespace of its own."""

    def __init__(self, service: _service.Service, world: World) -> None:
        super().__init__(Wish(service, "session_id"), self, fresh=True)  # type: ignore[arg-type]
        self._service = service
        self._world = world

    def open_api(self) -> WebAPI:
        return _WatchedAPI(self._service.api_url, self._world)

    def bind(self, name: str, value: SessionID) -> None:
        self._world.bound[name] = value


class _Addresses(dict[str, str]):
    """What the {…} in a row stand for; each is set up when it is first named.

    {server}, {port}: the server. {proxy}, {socks}: a proxy to it. {closed},
    {black_hole}: where nobody listens, or answers. {silent_name}: a name that is
    looked up for ever. {ca}, {stranger}: files with the certificate of the authority
    that `certificate` is issued by, and of another one. {netrc}: a file that holds a
    password for every host.
    """

    def __init__(self, world: World, stack: contextlib.ExitStack) -> None:
        super().__init__(server=world.server.address, port=str(world.server.port))
        self._world = world
        self._stack = stack
        self.proxy: http_server.ScriptedServer | None = None

    def __missing__(self, name: str) -> str:
        enter = self._stack.enter_context
        if name == "proxy":
            behaviours = self._world.row.proxy or [
                http_server.tunnel_to(int(self["port"]))
            ]
            self.proxy = enter(http_server.ScriptedServer(*behaviours))
            self[name] = self.proxy.address
        elif name == "socks":
            greeting = http_server.socks_to(int(self["port"]))
            server = http_server.ScriptedServer(http_server.close, greeting=greeting)
            self.proxy = enter(server)
            self[name] = self.proxy.address
        elif name == "closed":
            with http_server.ScriptedServer(http_server.close) as server:
                self[name] = server.address
        elif name == "black_hole":
            self[name] = enter(network.black_hole())
        elif name == "silent_name":
            self[name] = network.silent_name()
        elif name == "netrc":
            folder = Path(enter(TemporaryDirectory()))
            (folder / "netrc").write_text("default login somebody password something")
            self[name] = str(folder / "netrc")
        else:
            authority = {"ca": _AUTHORITY, "stranger": _STRANGER}[name]
            self[name] = enter(authority.cert_pem.tempfile())
        return self[name]


def certificate(*names: str, **options: Any) -> ssl.SSLContext:
    """Return what a server for these names shows, issued by our own authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _AUTHORITY.issue_cert(*names, **options).configure_cert(context)
    return context


def live(row: Row) -> World:
    """Live through a row from the call to the end of the login's thread."""
    with contextlib.ExitStack() as stack:
        server = http_server.ScriptedServer(*row.behaviours, **row.listens)
        stack.enter_context(server)
        world = World(row, WorldClock(row.jumps), server)
        addresses = _Addresses(world, stack)
        variables = {k: v.format_map(addresses) for k, v in row.environ.items()}
        url = row.url.format_map(addresses) or server.url
        stack.enter_context(network.environment(variables))
        stack.enter_context(_logged_to(world.logged))
        started = time.monotonic()
        try:
            service = _service.choose("game", url, demo=False)
        except ParsecError as error:
            world.error = error
        else:
            _log_in(service, world)
        world.elapsed = time.monotonic() - started
        if addresses.proxy is not None:
            world.proxied = addresses.proxy.connections
    return world


def _log_in(service: _service.Service, world: World) -> None:
    clock = world.clock
    errand = _WatchedErrand(service, world)
    world.login = login = Course(errand, clock=clock, wait=clock.wait, jitter=lambda: 0)
    login.audience.watch(world.look)
    login.start()
    try:
        world.error = login.exception(timeout=60)
    except TimeoutError:
        world.wrong.append("does not end")
        login.cancel()
    world.look()
    for thread in threading.enumerate():
        if thread.name == "parsec_nb-login":
            thread.join(5)
            if thread.is_alive():
                world.wrong.append("the thread goes on after the end")
    world.status = str(login.status)


class _Log(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{self.format(record)} {record.__dict__!r}")


@contextlib.contextmanager
def _logged_to(lines: list[str]) -> Iterator[None]:
    """Collect what any logger says, at any level."""
    handler = _Log(lines)
    known = logging.root.manager.loggerDict.values()
    loggers = [logging.root, *(x for x in known if isinstance(x, logging.Logger))]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    logging.root.addHandler(handler)
    try:
        yield
    finally:
        logging.root.removeHandler(handler)
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
