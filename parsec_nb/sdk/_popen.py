"""The worker's process: its command, its pipes, and its end."""

from __future__ import annotations

import contextlib
import os
import signal
import site
import subprocess
import sys
from io import RawIOBase
from pathlib import Path
from typing import cast

from . import messages
from ._pipes import make_non_blocking

# How long a process may take to end once its pipe is closed, or after a signal.
LAST_SECONDS = 0.25


class WorkerProcess:
    """A process that runs the worker module, wherever this package is.

    Attributes:
        pid: Its number.
        stdin: A pipe to it, which is written without blocking.
        stdout: The pipe with its events.
        stderr: The pipe with what it prints.

    Args:
        python: The interpreter; None is this one.
        mapping: The handle of the shared memory.

    Raises:
        OSError: The process cannot start.
    """

    def __init__(self, python: str | None, mapping: int | str) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PYTHON") and name != "PARSEC_SESSION_ID"
        }
        folder = str(Path(__file__).parents[2])
        if python or folder not in site.getsitepackages():
            # Not needlessly: it comes before the standard library, whose names
            # packages from outside may have.
            environment["PYTHONPATH"] = folder
        if python and os.path.dirname(python):  # noqa: PTH120 - a name is searched for
            python = str(Path(python).expanduser().absolute())
        self._popen = subprocess.Popen(  # noqa: S603 - this interpreter, or the user's
            [python or sys.executable, "-s", "-m", "parsec_nb.sdk._worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            # Modules in the notebook's folder must not replace standard ones.
            cwd=Path(__file__).anchor,
            env=environment,
            pass_fds=[mapping] if isinstance(mapping, int) else [],
            # Ctrl-C in a terminal is for the kernel only.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.pid = self._popen.pid
        self.stdin = cast("RawIOBase", self._popen.stdin)
        self.stdout = cast("RawIOBase", self._popen.stdout)
        self.stderr = cast("RawIOBase", self._popen.stderr)
        make_non_blocking(self.stdin.fileno())

    def kill(self) -> None:
        self._popen.kill()

    def abort(self) -> None:
        """Kill it, and close its pipes."""
        self._popen.kill()
        with self._popen:
            pass

    def reap(self, timeout: float) -> int:
        """Wait for the end, which is forced after the timeout; return the status."""
        for force in (self._popen.terminate, self._popen.kill):
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._popen.wait(timeout)
            force()
            timeout = LAST_SECONDS
        return self._popen.wait()

    def close_in_child(self) -> None:
        """Let go of it in a forked child, which is not its parent."""
        # It is then taken for ended, and gets no signal.
        self._popen.returncode = 0
        for stream in (self.stdin, self.stdout, self.stderr):
            stream.close()


def describe_end(returncode: int) -> str:
    """Return a sentence on how a worker ended.

    Example:
        >>> describe_end(-9)
        "The process with Parsec's SDK has ended (SIGKILL). Connect again."
    """
    how = messages.EXIT_STATUS.format(number=returncode)
    if returncode < 0:
        with contextlib.suppress(ValueError):
            how = signal.Signals(-returncode).name
    return messages.WORKER_ENDED.format(how=how)
