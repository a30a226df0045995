"""Runs one login against a row's server and network, and records all that is seen.

The whole login is real (thread, flow, web API, sockets). Only its waits are
compressed, by a set clock that jumps over them.
"""

from __future__ import annotations

import contextlib
import logging
import math
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import trustme

from parsec_nb._api.client import WebAPI
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.flow import Instant
from parsec_nb._auth.handle import Login
from parsec_nb._auth.runner import LoginRunner
from parsec_nb._notebook import render
from parsec_nb.errors import ParsecError
from support import http_server, network
from support.fakes import SetClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from parsec_nb._api.models import AuthCode, CodeResult, PollResult, Session
    from support.http_server import Behaviour

START = 1_000_000_000  # What the wall clock shows when a login starts.
REFUSED_AT_CALL = "refused at the call"
LOGGED_IN = "Logged in as user 1525260 (roles: host) until 2001-09-10"

_CONTEXT = render.CardContext(host_name="lab-7", variable="session_id")
_AUTHORITY, _STRANGER = trustme.CA(), trustme.CA()


@dataclass(frozen=True)
class Row:
    """What a login meets, what its user must see of it, and how it must end.

    Attributes:
        name: What the server or the network does.
        behaviours: What the server does to each request; the last one for ever.
        ends: The status that the login ends in, or that it is refused at the call.
        sees: What the user is shown, in this order.
        asked: When the requests start, in seconds on the set clock; by default one at
            each interval, until *lasts* or the last of the behaviours.
        interval: Seconds between two requests, for that default.
        lasts: When the login ends, if that is not at its last request.
        jumps: When the wall clock is set, and by how much.
        before: What happens just before the request of that number.
        listens: How the server listens, as `ScriptedServer` takes it.
        url: The api_url, if it is not the server's; see `_Addresses`.
        environ: Environment variables, likewise.
        proxy: What the proxy does to each request, if it does more than to tunnel.
        proxied: How many connections reach the proxy.
        arrive: How many requests reach the server, if not all of them do.
        timeout: Seconds of real time that a request may take.
        at_most: Seconds of real time that all of it may take, on a busy machine.
    """

    name: str
    behaviours: Sequence[Behaviour]
    ends: str = "approved"
    sees: Sequence[str] = (LOGGED_IN,)
    asked: Sequence[float] | None = None
    interval: float = 5
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

    @property
    def requested_at(self) -> list[float]:
        """When the requests must start."""
        if self.asked is not None:
            return list(self.asked)
        count = len(self.behaviours)
        if self.lasts is not None:
            count = math.ceil(self.lasts / self.interval)
        return [self.interval * number for number in range(count)]

    @property
    def ends_at(self) -> float:
        """When the login must end."""
        return [0.0, *self.requested_at][-1] if self.lasts is None else self.lasts


class WorldClock(SetClock):
    """A set clock whose wall clock jumps, as by a user, by NTP or by a sleep."""

    def __init__(self, jumps: Mapping[float, float]) -> None:
        super().__init__()
        self._jumps = jumps

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.is_set() or super().wait(stop, seconds)

    def instant(self) -> Instant:
        return Instant(self.now, self.wall())

    def wall(self) -> float:
        jumped = sum(by for at, by in self._jumps.items() if at <= self.now)
        return START + self.now + jumped


@dataclass
class World:
    """All that a login meets, and all that is seen of it."""

    row: Row
    clock: WorldClock
    server: http_server.ScriptedServer
    requested_at: list[float] = field(default_factory=list)
    bound: dict[str | None, object] = field(default_factory=dict)
    sentences: dict[str, None] = field(default_factory=dict)
    texts: dict[str, None] = field(default_factory=dict)
    pages: dict[str, None] = field(default_factory=dict)
    logged: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    runner: LoginRunner | None = None
    error: BaseException | None = None
    status: str = REFUSED_AT_CALL
    proxied: int = 0
    elapsed: float = 0.0

    def look(self) -> None:
        """Record the card as it is now, in every form that it has."""
        assert self.runner is not None
        snapshot = self.runner.snapshot()
        try:
            pages = (
                render.instructions(snapshot, _CONTEXT),
                render.status(snapshot, _CONTEXT, announce=True),
                render.static(snapshot, _CONTEXT, announce=False),
            )
            self.texts[render.plain(snapshot, _CONTEXT)] = None
            self.sentences[render.status_text(snapshot, _CONTEXT)] = None
        except Exception as error:  # noqa: BLE001 - a login hides it
            self.wrong.append(f"the card cannot be drawn: {error!r}")
        else:
            self.pages.update(dict.fromkeys(pages))

    def cancel(self) -> None:
        """Cancel the login, as the card's button does."""
        assert self.runner is not None
        self.runner.cancel()

    def take(self, seconds: float) -> None:
        """Let so many seconds pass, as a slow response does."""
        self.clock.now += seconds

    def note_request(self) -> None:
        """Record that a request starts now, after what must happen before it."""
        happens_before = self.row.before.get(len(self.requested_at))
        self.requested_at.append(self.clock.now)
        if happens_before is not None:
            happens_before(self)

    def bind(self, config: LoginConfig, session: Session) -> None:
        """Bind the session, as the notebook does."""
        self.bound[config.variable] = session.id


class _WatchedAPI(WebAPI):
    """The real web API; the times of its requests are recorded."""

    def __init__(self, config: LoginConfig, world: World) -> None:
        clock, timeout = world.clock.wall, world.row.timeout
        super().__init__(config.api_url, wall_clock=clock, timeout=timeout)
        self._world = world

    def create_auth_code(self, game_id: str) -> CodeResult:
        self._world.note_request()
        return super().create_auth_code(game_id)

    def poll_session(self, auth_code: AuthCode, game_id: str) -> PollResult:
        self._world.note_request()
        return super().poll_session(auth_code, game_id)


class _Addresses(dict[str, str]):
    """What the {…} in a row stand for; each is set up when it is first named.

    {server}, {port}: the server. {proxy}, {socks}: a proxy to it. {closed}: an
    address that refuses connections. {black_hole}: one that does not respond.
    {silent_name}: a name whose look-up hangs. {ca}, {stranger}: files with the
    certificate of the authority that issued `certificate`, and of another one.
    {netrc}: a file with a password for every host.
    """

    def __init__(self, world: World, stack: contextlib.ExitStack) -> None:
        super().__init__(server=world.server.address, port=str(world.server.port))
        self._world = world
        self._stack = stack
        self.proxy: http_server.ScriptedServer | None = None

    def __missing__(self, name: str) -> str:
        make: Callable[[], str] | None = getattr(self, f"_{name}", None)
        self[name] = self._certificate_file(name) if make is None else make()
        return self[name]

    def _proxy(self) -> str:
        tunnel = http_server.tunnel_to(int(self["port"]))
        return self._start(*(self._world.row.proxy or [tunnel]))

    def _socks(self) -> str:
        greeting = http_server.socks_to(int(self["port"]))
        return self._start(http_server.close, greeting=greeting)

    def _start(self, *behaviours: Behaviour, **listens: Any) -> str:
        server = http_server.ScriptedServer(*behaviours, **listens)
        self.proxy = self._stack.enter_context(server)
        return self.proxy.address

    def _closed(self) -> str:
        with http_server.ScriptedServer(http_server.close) as server:
            return server.address

    def _black_hole(self) -> str:
        return self._stack.enter_context(network.black_hole())

    def _silent_name(self) -> str:
        return network.silent_name()

    def _netrc(self) -> str:
        path = Path(self._stack.enter_context(TemporaryDirectory())) / "netrc"
        path.write_text("default login somebody password something")
        return str(path)

    def _certificate_file(self, name: str) -> str:
        authority = {"ca": _AUTHORITY, "stranger": _STRANGER}[name]
        return self._stack.enter_context(authority.cert_pem.tempfile())


def certificate(*names: str, **options: Any) -> ssl.SSLContext:
    """Return what a server for these names shows, issued by our own authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _AUTHORITY.issue_cert(*names, **options).configure_cert(context)
    return context


def live(row: Row) -> World:
    """Run a row's login, from the call to the end of its thread."""
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
            config = LoginConfig.resolve("game", api_url=url)
        except ParsecError as error:
            world.error = error
        else:
            _log_in(config, world)
        world.elapsed = time.monotonic() - started
        if addresses.proxy is not None:
            world.proxied = addresses.proxy.connections
    return world


def _log_in(config: LoginConfig, world: World) -> None:
    clock = world.clock
    world.runner = runner = LoginRunner(
        config,
        lambda config: _WatchedAPI(config, world),
        world.bind,
        now=clock.instant,
        wait=clock.wait,
        jitter=lambda: 0.0,
    )
    runner.observers.add(world.look)
    runner.start()
    try:
        world.error = Login(runner).exception(timeout=60)
    except TimeoutError:
        world.wrong.append("does not end")
        runner.cancel()
    world.look()
    for thread in threading.enumerate():
        if thread.name == "parsec_nb-login":
            thread.join(5)
            if thread.is_alive():
                world.wrong.append("the thread goes on after the end")
    world.status = runner.snapshot().status.value


class _Log(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{self.format(record)} {record.__dict__!r}")


@contextlib.contextmanager
def _logged_to(lines: list[str]) -> Iterator[None]:
    """Collect the records of all loggers, at any level."""
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
