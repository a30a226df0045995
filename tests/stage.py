"""Threads that take turns: each stops where the test says, and goes on when told to.

Only one of them runs at a time, so what happens in which order is the test's choice
and the same in every run. A thread that holds a lock while it is stopped shows
itself: the next one that needs the lock does not come back.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS = 5


class Actor:
    """A thread, and where it is stopped.

    Attributes:
        at: The name of the place, "start" before its first step; None at its end.
        about: What it said of the place.
    """

    def __init__(self, stage: Stage, work: Callable[[], object]) -> None:
        self.at: str | None = "start"
        self.about: Any = None
        self.error: BaseException | None = None
        self._reply: Any = None
        self._turn = threading.Semaphore(0)
        self._stage = stage
        self._work = work
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self, at: str, about: Any) -> Any:
        """Stop here until the next step; returns what it brings."""
        self.at, self.about = at, about
        self._stage.idle.release()
        self._turn.acquire()
        if self._stage.closed:
            raise SystemExit
        return self._reply

    def step(self, reply: Any = None) -> None:
        """Run to the next stop; *reply* is what the present one returns."""
        self._reply = reply
        self._turn.release()
        assert self._stage.idle.acquire(timeout=PATIENCE_SECONDS), "a deadlock"

    def end(self) -> None:
        """Let the thread run on, and every stop raise, until it is at its end."""
        for _ in range(1000):
            self._turn.release()
            self.thread.join(0.001)
            if not self.thread.is_alive():
                return

    def _run(self) -> None:
        self._stage.mine.actor = self
        self._turn.acquire()
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        self.at = self.about = None
        self._stage.idle.release()


class Stage:
    """The threads that take turns."""

    def __init__(self) -> None:
        self.actors: list[Actor] = []
        self.idle = threading.Semaphore(0)
        self.mine = threading.local()
        self.closed = False

    def spawn(self, work: Callable[[], object]) -> Actor:
        """Start a thread, which stops before it does anything."""
        self.actors.append(Actor(self, work))
        return self.actors[-1]

    def stop(self, at: str, about: Any = None) -> Any:
        """Stop the thread that calls this, see `Actor.stop`; the test's own runs on."""
        actor: Actor | None = getattr(self.mine, "actor", None)
        return None if actor is None else actor.stop(at, about)

    def close(self) -> None:
        """End the threads that are left, each at its next stop."""
        self.closed = True
        for actor in self.alive():
            actor.end()

    def alive(self) -> list[Actor]:
        """Return the threads that have not come to their end."""
        return [actor for actor in self.actors if actor.at is not None]
