"""A clock that never waits, and a web API with scripted results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.flow import Instant
from parsec_nb._auth.handle import Login
from parsec_nb._auth.runner import LoginRunner

if TYPE_CHECKING:
    import threading

    from parsec_nb._api.models import AuthCode, Session

CONFIG = LoginConfig(api_url="https://parsec.invalid", game_id="game")


class SetClock:
    """A clock that only waiting moves; waiting takes no real time."""

    def __init__(self) -> None:
        self.now = 0.0

    def instant(self) -> Instant:
        return Instant(self.now, 1e9 + self.now)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.now += seconds
        return stop.is_set()


class ScriptedAPI:
    """A web API that returns scripted results, and the place a session is bound to.

    Args:
        results: What the requests return, the last one for ever; a function is called.
        clock: Tells when a request is made.

    Attributes:
        requested_at: When each request was made.
        bound: The sessions that were bound.
        closed: How often it was closed.
    """

    def __init__(self, *results: Any, clock: SetClock | None = None) -> None:
        self.requested_at: list[float] = []
        self.bound: list[Session] = []
        self.closed = 0
        self._results = list(results)
        self._clock = clock

    def connect(self, config: LoginConfig) -> Any:
        return self

    def bind(self, config: LoginConfig, session: Session) -> str | None:
        self.bound.append(session)
        return None

    def close(self) -> None:
        self.closed += 1

    def create_auth_code(self, game_id: str) -> Any:
        return self._next_result()

    def poll_session(self, auth_code: AuthCode, game_id: str) -> Any:
        return self._next_result()

    def _next_result(self) -> Any:
        if self._clock is not None:
            self.requested_at.append(self._clock.now)
        results = self._results
        result = results.pop(0) if len(results) > 1 else results[0]
        return result() if callable(result) else result


def make_runner(
    *results: Any, config: LoginConfig = CONFIG, **injected: Any
) -> tuple[LoginRunner, ScriptedAPI]:
    """Make a login that is to get these results, on a set clock.

    A test may inject another `connect`, `bind`, `store` or `spawn`.
    """
    clock = SetClock()
    api = ScriptedAPI(*results, clock=clock)
    defaults: dict[str, Any] = {
        "connect": api.connect,
        "bind": api.bind,
        "now": clock.instant,
        "wait": clock.wait,
        "jitter": lambda: 0.0,
    }
    return LoginRunner(config, **defaults | injected), api


def start_login(*results: Any, **injected: Any) -> tuple[Login, ScriptedAPI]:
    """Start a login that gets these results, on a set clock."""
    runner, api = make_runner(*results, **injected)
    runner.start()
    return Login(runner), api


def start_waiting_login(*results: Any) -> Login:
    """Start a login that really waits the interval before it polls."""
    api = ScriptedAPI(*results)
    runner = LoginRunner(CONFIG, api.connect, api.bind)
    runner.start()
    return Login(runner)
