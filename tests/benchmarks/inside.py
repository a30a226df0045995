"""What runs inside a measured kernel: logins whose time runs faster, and many.

It is imported there by way of PYTHONPATH, and needs parsec_nb alone.
"""

from __future__ import annotations

import functools
import threading
import time

from parsec_nb import _launch
from parsec_nb._course import Course
from parsec_nb._errand import NotebookErrand, Wish
from parsec_nb._notebook import Notebook
from parsec_nb._service import Service

_NAP = 0.01


class FastClock:
    """Both clocks, and the waiting, of a login whose seconds are shorter."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._began = time.monotonic()
        self._wall = time.time()

    def monotonic(self) -> float:
        return self._began + self._passed()

    def time(self) -> float:
        return self._wall + self._passed()

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return stop.wait(seconds / self._factor)

    def _passed(self) -> float:
        return (time.monotonic() - self._began) * self._factor


def hasten(factor: float) -> None:
    """Let the logins of this kernel, and their cards, live by a fast clock.

    `login()` has no parameter for it, so the parts that it joins get theirs here.
    """
    clock = FastClock(factor)
    _launch.Course = functools.partial(_launch.Course, clock=clock, wait=clock.wait)
    _launch.LoginDisplay = functools.partial(
        _launch.LoginDisplay, monotonic=clock.monotonic
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
        notebook, service = Notebook(), Service(api_url, "benchmark")
        wishes = [Wish(service, f"session_{number}") for number in range(count)]
        self._logins = [
            Course(NotebookErrand(wish, notebook, fresh=True)) for wish in wishes
        ]
        self.bound_at = [0.0] * count
        for number, login in enumerate(self._logins):
            login.add_done_callback(functools.partial(self._note, number))
            login.start()

    def codes(self) -> list[str]:
        """Return the user codes of those that wait to be approved."""
        codes = [login.auth_code for login in self._logins]
        return [code.user_code for code in codes if code is not None]

    def cancel(self) -> None:
        """End all of them."""
        for login in self._logins:
            login.cancel()

    def _note(self, number: int, _: object) -> None:
        self.bound_at[number] = time.monotonic()
