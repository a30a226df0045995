"""What every figure needs: the stub, a kernel of a peer's, and how thorough to be."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from environments import python
from kernel import Kernel
from peers import OURS, PEERS
from stub import Stub

if TYPE_CHECKING:
    from peers import Peer

BY_NAME = {peer.name: peer for peer in PEERS}
CELL = """
import time
spent = time.process_time()
began, worked = time.monotonic(), time.thread_time()
{code}
returned, worked = time.monotonic(), time.thread_time() - worked
"""


@dataclass
class Bench:
    """One run of the benchmarks.

    Attributes:
        wheel: The wheel of parsec_nb that is measured.
        long: Whether to take the minutes that real time takes.
        scale: What to multiply the numbers of rounds with.
    """

    wheel: Path
    long: bool
    scale: float

    def __post_init__(self) -> None:
        self._homes = tempfile.TemporaryDirectory()
        self.stub = Stub(Path(self._homes.name) / "authority.pem")

    def rounds(self, usual: int) -> int:
        """Return how many rounds to do of what is usually done *usual* times."""
        return max(round(usual * self.scale), 1)

    def kernel(self, peer: Peer = BY_NAME[OURS], scheme: str = "https") -> Kernel:
        """Start a fresh kernel in a peer's environment."""
        home = Path(tempfile.mkdtemp(dir=self._homes.name))
        environment = peer.environment(self.stub, home, scheme)
        return Kernel(python(peer.name), environment)

    def codes(self, *, interval: float, lifetime: float = 1800) -> None:
        """Let the next codes have this interval and lifetime, in seconds."""
        self.stub.interval, self.stub.lifetime = interval, lifetime


@dataclass(frozen=True)
class Usage:
    """What a process holds, and the CPU seconds it has taken."""

    threads: int
    sockets: int
    descriptors: int
    cpu: float
    memory: int


def usage(kernel: Kernel) -> Usage:
    """Look at a kernel from outside, as its cell may be blocked."""
    process = psutil.Process(kernel.process_id)
    with process.oneshot():
        return Usage(
            threads=process.num_threads(),
            sockets=len(process.net_connections("inet")),
            descriptors=process.num_fds(),
            # The clock of another process (clock_getcpuclockid, on Linux): what
            # psutil tells has steps of 10 ms, as long as five polls.
            cpu=time.clock_gettime((~process.pid << 3) | 2),
            memory=process.memory_info().rss,
        )


def timed(code: str) -> str:
    """Return a cell that notes when *code* `began` and `returned`, and CPU time."""
    return CELL.format(code=code)
