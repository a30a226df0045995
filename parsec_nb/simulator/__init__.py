"""A stand-in for Parsec on this machine, to try a login without an account.

A real HTTP server that behaves as the documented Parsec web API, with a page
`/activate` on which codes are allowed or denied. It shares no code with the client:
it states the wire format a second time, so that a misreading cannot hide. It has no
TLS, no accounts and no storage, and logs nothing that a request carries.

All users of a machine share its loopback addresses. Each can ask for codes, allow or
deny a code that they see, and flood the simulator with requests; none can read codes,
poll for or guess those of another. Once a simulator has ended, another user's program
can listen at its port, and show a link and a code to notebooks that still use it.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ._state import Counts, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from ._server import ServerThread

__all__ = ["Counts", "Simulator", "SimulatorError", "shared"]

_WILDCARDS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
_NO_TORNADO = (
    "The simulator needs tornado 6.3 or newer, which is not installed here: "
    "pip install 'parsec-nb[demo]'."
)


class SimulatorError(RuntimeError):
    """The simulator cannot do what was asked; the message names what to do next."""


class Simulator:
    """A simulated Parsec on a daemon thread; its methods are thread-safe.

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
        >>> with Simulator(interval=1) as simulator:
        ...     login = parsec_nb.login("any", api_url=simulator.url, variable="mine")
        ...     while login.auth_code is None:  # its code is on the way
        ...         time.sleep(0.1)
        ...     simulator.approve(login.auth_code.user_code)  # or simulator.deny()
        ...     session = await login
        >>> session.id is mine
        True
        >>> server = Simulator().start()
        >>> server.running, server.url == f"http://127.0.0.1:{server.port}"
        (True, True)
        >>> server.counts.waiting
        0
        >>> threading.Timer(0.5, server.stop).start()
        >>> server.run()
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
        self._state = State(clock, interval, lifetime, session_lifetime)
        self._changing = threading.Lock()
        self._server: ServerThread | None = None
        self._url = ""

    def __repr__(self) -> str:
        return f"<Simulator {self._url if self.running else 'stopped'}>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the server answers."""
        server = self._server
        return server is not None and server.is_alive()

    @property
    def url(self) -> str:
        """The base URL, for PARSEC_API_URL; raises *SimulatorError* if stopped."""
        if not self.running:
            msg = "The simulator does not run, so it has no address: call start() first"
            raise SimulatorError(msg)
        return self._url

    @property
    def port(self) -> int:
        """The port in use; raises like *url*."""
        return int(self.url.rpartition(":")[2])

    @property
    def counts(self) -> Counts:
        """How many logins wait, and how the others ended."""
        return self._state.counts()

    def start(self) -> Self:
        """Listen, and return once the server answers.

        Raises:
            SimulatorError: it runs already, the address cannot be had, or tornado
                is not installed.
        """
        with self._changing:
            if self.running:
                msg = f"The simulator runs already, at {self._url}: use that one"
                raise SimulatorError(msg)
            listening = self._listen()
            host = _WILDCARDS.get(self._host, self._host)
            port = listening.getsockname()[1]
            self._url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            # Behind a hub the browser's Host is the hub's.
            on_hub = "JUPYTERHUB_SERVICE_PREFIX" in os.environ
            try:
                from ._server import ServerThread  # noqa: PLC0415 - tornado is an extra

                self._server = ServerThread(
                    self._state,
                    listening,
                    verification_uri=self._verification_uri or f"{self._url}/activate",
                    host=None if on_hub else self._host.lower(),
                )
                self._server.start()
            except Exception as error:  # noqa: BLE001 - an old tornado fails in any way
                self._server = None
                listening.close()
                msg = f"The simulator cannot be started: {error}. Restart the kernel"
                if isinstance(error, ImportError):
                    msg = _NO_TORNADO
                raise SimulatorError(msg) from None
        return self

    def stop(self) -> None:
        """Close every connection and end the thread; may be called again."""
        with self._changing:
            if self._server is not None:
                self._server.stop()
                self._server = None

    def run(self) -> None:
        """Serve in the foreground until Ctrl-C or *stop*; raises like *start*."""
        if not self.running:
            self.start()
        with suppress(KeyboardInterrupt):
            # A join without end cannot be interrupted on Windows.
            while self.running:
                time.sleep(0.1)
        self.stop()

    def approve(self, user_code: str) -> bool:
        """Allow the login with this code; False if no such code waits."""
        return self._state.decide(user_code, approve=True)

    def deny(self, user_code: str) -> bool:
        """Deny the login with this code; False if no such code waits."""
        return self._state.decide(user_code, approve=False)

    def _listen(self) -> socket.socket:
        try:
            listening = socket.create_server(
                (self._host, self._wanted_port),
                family=socket.AF_INET6 if ":" in self._host else socket.AF_INET,
                backlog=1024,
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


if "_shared" not in globals():  # A reload keeps the running instance.
    _shared: list[Simulator] = []
    # By process: a forked child inherits a lock as it was, perhaps held.
    _locks: dict[int, threading.Lock] = {}


def shared() -> Simulator:
    """Return this process's running simulator; the first call starts it.

    Raises:
        SimulatorError: it cannot be started.

    Example:
        >>> shared() is shared()
        True
    """
    with _locks.setdefault(os.getpid(), threading.Lock()):
        # A forked child needs a new one: the parent's thread does not run there.
        if not (_shared and _shared[-1].running):
            _shared.append(Simulator().start())
        return _shared[-1]
