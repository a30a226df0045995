"""What a worker could leave behind, and whether a process is gone."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path


def gone(pid: int, seconds: float) -> bool:
    """Wait until a process is gone."""
    end = time.monotonic() + seconds
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.01)


def left() -> tuple[int, list[str], list[str], list[str]]:
    """Return what a worker could leave: descriptors, threads, files, processes."""
    threads = [t.name for t in threading.enumerate() if "parsec_nb" in t.name]
    files = [path.name for path in Path("/dev/shm").glob("parsec_nb*")]
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return len(list(Path("/proc/self/fd").iterdir())), threads, files, children
