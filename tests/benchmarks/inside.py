"""What runs inside a measured kernel: logins whose time runs faster, and many.

It is imported there by way of PYTHONPATH, and needs parsec_nb alone.
"""

from __future__ import annotations

import functools
import threading
import time
from typing import TYPE_CHECKING

from parsec_nb._api.client import WebAPI
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.flow import Instant
from parsec_nb._auth.handle import Login
from parsec_nb._auth.runner import LoginRunner
from parsec_nb._notebook import login as joined
from parsec_nb._notebook.ipython import Notebook

if TYPE_CHECKING:
    from parsec_nb import Session

_NAP = 0.01


class FastClock:
    """Both clocks, and the waiting, of a login whose seconds are shorter."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._began = time.monotonic()
        self._wall = time.time()

    def instant(self) -> Instant:
        passed = (time.monotonic() - self._began) * self._factor
        return Instant(self._began + passed, self._wall + passed)

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.wait(seconds / self._factor)


def hasten(factor: float) -> None:
    """Let the logins of this kernel, and their cards, live by a fast clock.

    `login()` has no parameter for it, so the parts that it joins get theirs here.
    """
    clock = FastClock(factor)
    joined.LoginRunner = functools.partial(
        LoginRunner, now=clock.instant, wait=clock.wait
    )
    joined.LoginDisplay = functools.partial(
        joined.LoginDisplay, monotonic=lambda: clock.instant().monotonic
    )


class Sleeper(threading.Thread):
    """Only sleeps, and notes by how much too long: what the machine alone does."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.overslept: list[float] = []

    def run(self) -> None:
        while True:
            began = time.monotonic()
            time.sleep(_NAP)
            self.overslept.append(time.monotonic() - began - _NAP)


class Crowd:
    """Many logins pending in one process, each with a variable, none with a card.

    Attributes:
        bound_at: When the variable of each was bound; 0 for not yet.
    """

    def __init__(self, api_url: str, count: int) -> None:
        self._notebook = Notebook()
        self.bound_at = [0.0] * count
        self._logins = []
        for number in range(count):
            config = LoginConfig(api_url, "benchmark", f"session_{number}")
            runner = LoginRunner(config, _connect, self._bind)
            self._logins.append(Login(runner))
            self._logins[-1].add_done_callback(functools.partial(self._note, number))
            runner.start()

    def codes(self) -> list[str]:
        """Return the user codes of those that wait to be approved."""
        codes = [login.auth_code for login in self._logins]
        return [code.user_code for code in codes if code is not None]

    def cancel(self) -> None:
        """End all of them."""
        for login in self._logins:
            login.cancel()

    def _bind(self, config: LoginConfig, session: Session) -> None:
        self._notebook.bind(str(config.variable), session.id)

    def _note(self, number: int, _: object) -> None:
        self.bound_at[number] = time.monotonic()


def _connect(config: LoginConfig) -> WebAPI:
    return WebAPI(config.api_url)
