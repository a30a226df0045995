"""Threads that take turns: each pauses where the test says, until it is stepped.

Only one of them runs at a time, so their order is the test's choice and the same in
every run. A thread that holds a lock while it is paused is found out: the next one
that needs the lock does not come back.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMEOUT_SECONDS = 5


@contextmanager
def no_more_threads() -> Iterator[None]:
    """Make the system refuse each new thread, by asking for a stack of 64 TiB."""
    before = threading.stack_size(2**46)
    try:
        yield
    finally:
        threading.stack_size(before)


class SteppedThread:
    """A thread that runs from pause to pause.

    Attributes:
        at: The name of the pause, "start" before its first step; None once it ended.
        about: The details that the code passed to the pause.
        error: What the thread raised.
    """

    def __init__(self, stepper: Stepper, work: Callable[[], object]) -> None:
        self.at: str | None = "start"
        self.about: Any = None
        self.error: BaseException | None = None
        self._result: Any = None
        self._turn = threading.Semaphore(0)
        self._stepper = stepper
        self._work = work
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def pause(self, at: str, about: Any) -> Any:
        """Pause here until the next step; returns the result that it brings."""
        self.at, self.about = at, about
        self._stepper.idle.release()
        self._turn.acquire()
        if self._stepper.closed:
            raise SystemExit
        return self._result

    def step(self, result: Any = None) -> None:
        """Run to the next pause; *result* is what the present one returns."""
        self._result = result
        self._turn.release()
        assert self._stepper.idle.acquire(timeout=TIMEOUT_SECONDS), "a deadlock"

    def end(self) -> None:
        """Let every pause raise, until the thread has ended."""
        for _ in range(1000):
            self._turn.release()
            self.thread.join(0.001)
            if not self.thread.is_alive():
                return

    def _run(self) -> None:
        self._stepper.local.thread = self
        self._turn.acquire()
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        self.at = self.about = None
        self._stepper.idle.release()


class Stepper:
    """Starts the threads that take turns, and pauses them."""

    def __init__(self) -> None:
        self.threads: list[SteppedThread] = []
        self.idle = threading.Semaphore(0)
        self.local = threading.local()
        self.closed = False

    def spawn(self, work: Callable[[], object]) -> SteppedThread:
        """Start a thread, which pauses before it does anything."""
        self.threads.append(SteppedThread(self, work))
        return self.threads[-1]

    def pause(self, at: str, about: Any = None) -> Any:
        """Pause the calling thread; one that was not spawned here runs on."""
        thread: SteppedThread | None = getattr(self.local, "thread", None)
        return None if thread is None else thread.pause(at, about)

    def close(self) -> None:
        """End the threads that are left, each at its next pause."""
        self.closed = True
        for thread in self.alive():
            thread.end()

    def alive(self) -> list[SteppedThread]:
        """Return the threads that have not ended."""
        return [thread for thread in self.threads if thread.at is not None]
