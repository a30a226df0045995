"""A stand-in for Parsec on this machine, to try a login without an account.

A real HTTP server that behaves as the documented Parsec web API, with a page
`/activate` on which codes are allowed or denied. It shares no code with the client:
it states the wire format a second time, so that a misreading cannot hide. It has no
TLS, no accounts and no storage, and logs nothing that a request carries.

Example:
    >>> with Simulator(interval=1) as simulator:
    ...     login = parsec_nb.login("any", api_url=simulator.url, variable="mine")
    ...     while login.auth_code is None:  # its code is on the way
    ...         time.sleep(0.1)
    ...     simulator.approve(login.auth_code.user_code)
    ...     session = await login
    >>> session.id is mine
    True
"""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

from ._simulator_server import ServerThread, make_app
from ._simulator_state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

__all__ = ["Simulator", "SimulatorError"]

_BACKLOG = 1024
_WILDCARDS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class SimulatorError(RuntimeError):
    """The simulator cannot do what was asked; the message says what to do next.

    Example:
        >>> Simulator(port=simulator.port).start()
        Traceback (most recent call last):
            ...
        SimulatorError: The simulator cannot listen at 127.0.0.1 port ...
    """


class Simulator:
    """A simulated Parsec on a daemon thread of its own.

    Every method may be called from any thread.

    Args:
        host: address to listen at.
        port: 0 takes a free one.
        interval: seconds that clients must leave between two polls.
        lifetime: seconds that a code lives.
        verification_uri: what clients are told to open, where that is not this
            server's own `/activate`, as behind a proxy.
        session_lifetime: seconds that a session lives.
        clock: Unix seconds.

    Example:
        >>> server = Simulator(interval=2).start()
        >>> server.running, server.url == f"http://127.0.0.1:{server.port}"
        (True, True)
        >>> server.stop()
        >>> server
        <Simulator stopped>
    """

    def __init__(  # noqa: PLR0913 - one per documented number
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        interval: float = 5,
        lifetime: float = 1800,
        verification_uri: str | None = None,
        session_lifetime: float = 5100,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._wanted_port = port
        self._verification_uri = verification_uri
        self._clock = clock
        self._state = State(
            clock=clock,
            interval=interval,
            lifetime=lifetime,
            session_lifetime=session_lifetime,
        )
        self._changing = threading.Lock()
        self._server: ServerThread | None = None
        self._url = ""
        self._port = 0

    def __repr__(self) -> str:
        return f"<Simulator {self._url if self.running else 'stopped'}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the server answers."""
        server = self._server
        return server is not None and server.alive

    @property
    def port(self) -> int:
        """The port in use; raises *SimulatorError* while it does not run."""
        self._require_running()
        return self._port

    @property
    def url(self) -> str:
        """The base URL on this machine, for PARSEC_API_URL; raises like *port*."""
        self._require_running()
        return self._url

    def start(self) -> Self:
        """Listen, and return once the server answers.

        Raises:
            SimulatorError: it runs already, or the address cannot be had.
        """
        with self._changing:
            if self.running:
                msg = f"The simulator runs already, at {self._url}: use that one"
                raise SimulatorError(msg)
            listening = self._bind()
            self._port = int(listening.getsockname()[1])
            host = _WILDCARDS.get(self._host, self._host)
            self._url = f"http://{f'[{host}]' if ':' in host else host}:{self._port}"
            app = make_app(
                self._state,
                verification_uri=self._verification_uri or f"{self._url}/activate",
                clock=self._clock,
            )
            self._server = ServerThread(app, listening)
            self._server.start()
        return self

    def stop(self) -> None:
        """Close every connection and end the thread; may be called again."""
        with self._changing:
            if self._server is not None:
                self._server.stop()
                self._server = None

    def run(self) -> None:
        """Serve in the foreground until Ctrl-C or *stop*; raises like *start*.

        Example:
            >>> server = Simulator().start()
            >>> threading.Timer(0.5, server.stop).start()
            >>> server.run()
            >>> server.running
            False
        """
        if not self.running:
            self.start()
        try:
            # A join without end cannot be interrupted on Windows.
            while (server := self._server) is not None and server.alive:
                server.join(0.5)
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    def approve(self, user_code: str) -> bool:
        """Allow the login with this code; False if no such code waits.

        Example:
            >>> simulator.approve(pending.auth_code.user_code)
            True
            >>> session = await pending
        """
        return self._state.approve(user_code)

    def deny(self, user_code: str) -> bool:
        """Deny the login with this code; False if no such code waits.

        Example:
            >>> simulator.deny(pending.auth_code.user_code)
            True
            >>> simulator.deny("ABCD3456")
            False
        """
        return self._state.deny(user_code)

    def _require_running(self) -> None:
        if not self.running:
            msg = "The simulator does not run, so it has no address: call start() first"
            raise SimulatorError(msg)

    def _bind(self) -> socket.socket:
        try:
            found = socket.getaddrinfo(
                self._host or None,
                self._wanted_port,
                type=socket.SOCK_STREAM,
                flags=socket.AI_PASSIVE,
            )
            family, _, _, _, address = found[0]
            listening = socket.create_server(
                (str(address[0]), self._wanted_port), family=family, backlog=_BACKLOG
            )
        except (OSError, OverflowError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "not an address"
            # Python repeats the address inside the reason.
            reason = reason.partition(" (while")[0]
            msg = (
                f"The simulator cannot listen at {self._host} port "
                f"{self._wanted_port} ({reason}): choose another port, or 0 for any "
                "free one, and a host that is an address of this machine"
            )
            raise SimulatorError(msg) from None
        listening.settimeout(0)
        return listening
