"""Many users of logins at once, at random; and what a process holds.

Runs in a test's own process, and in a kernel.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parsec_nb.errors import ParsecError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from parsec_nb import Login
    from parsec_nb.simulator import Simulator

THREAD_NAME = "parsec_nb-login"


@dataclass(frozen=True)
class Held:
    """What the process holds at one moment."""

    threads: int
    descriptors: int
    sockets: int

    @classmethod
    def now(cls) -> Held:
        """Count it."""
        targets = [*filter(None, map(_target, Path("/proc/self/fd").iterdir()))]
        names = [thread.name for thread in threading.enumerate()]
        return cls(
            threads=names.count(THREAD_NAME),
            # zmq has one for each thread that wrote to a cell; ipykernel closes
            # those of ended threads every ten seconds.
            descriptors=sum("eventfd" not in target for target in targets),
            sockets=sum(target.startswith("socket:") for target in targets),
        )

    def no_more_than(self, other: Held) -> bool:
        """Return whether nothing is there beyond what *other* holds."""
        return (
            self.threads <= other.threads
            and self.descriptors <= other.descriptors
            and self.sockets <= other.sockets
        )


def held_once_settled(before: Held, seconds: float = 15) -> Held:
    """Wait until no more is held than *before*, but not for ever; return what is."""
    until = time.monotonic() + seconds
    while not (now := Held.now()).no_more_than(before) and time.monotonic() < until:
        time.sleep(0.05)
    return now


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until a condition holds, and fail if it does not."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:
        return ""


def in_threads(count: int, work: Callable[[int], object]) -> None:
    """Run *work* with 0, 1, … in so many threads at once, and wait for them all."""
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=(number,), daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a deadlock"
    if failures:
        raise failures[0]


def do_something(
    login: Login,
    simulator: Simulator,
    chance: random.Random,
    supersede: Callable[[], object] = lambda: None,
) -> None:
    """Do one of the things that users and their browsers do."""
    code = login.auth_code
    user_code = "" if code is None else code.user_code
    actions: list[Callable[[], object]] = [
        *(login.cancel, supersede, login.renew, login.renew),
        *[lambda: user_code and simulator.approve(user_code)] * 2,
        lambda: user_code and simulator.deny(user_code),
        lambda: login.exception(timeout=chance.random() / 20),
    ]
    with contextlib.suppress(ParsecError, TimeoutError):
        chance.choice(actions)()


def finish(login: Login, simulator: Simulator) -> None:
    """Approve each code of a login until it has ended."""
    until = time.monotonic() + 30
    while not login.done():
        assert time.monotonic() < until, login
        code = login.auth_code
        if code is not None:
            simulator.approve(code.user_code)
        time.sleep(0.01)


def log_in_by_many(
    simulator: Simulator, *, users: int, each: int, seed: int
) -> Sequence[Login]:
    """Call `parsec_nb.login()` from many threads, and return all the logins."""
    import parsec_nb  # noqa: PLC0415 - in a kernel, part of what is measured

    logins: list[Login] = []

    def use(number: int) -> None:
        chance = random.Random(seed + number)
        for _ in range(each):
            login = parsec_nb.login(
                chance.choice(["one game", "another"]),
                api_url=simulator.url,
                variable=chance.choice(["session_id", "other_id"]),
                fresh=chance.random() < 0.5,
            )
            logins.append(login)
            for _ in range(chance.randrange(4)):
                do_something(chance.choice(logins), simulator, chance)
                time.sleep(chance.random() / 20)

    in_threads(users, use)
    return list({id(login): login for login in logins}.values())
