"""The process in which the SDK runs: `python -m parsec_nb.sdk._worker`.

It reads commands from standard input, a JSON object a line, and leaves at its end.
Replies and events go to what was standard output; what the SDK prints, to standard
error. One process makes one attempt to connect, or hosts once.
"""

from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import signal
import sys
import threading
from typing import Any

from .attempt import Attempt
from .channel import Channel

_PR_SET_DUMPABLE = 4


def main() -> None:
    """Run the worker."""
    _protect()
    channel = Channel(_take_output())
    channel.report_exceptions()
    line = sys.stdin.buffer.readline()
    if not line:
        return
    start = json.loads(line)
    channel.hide(start["session_id"], start["peer_id"], start.get("secret", ""))
    attempt = _attempt(start, channel)
    threading.Thread(target=attempt.run, daemon=True).start()
    del line, start
    for line in sys.stdin.buffer:
        try:
            command = json.loads(line)
        except ValueError:
            # The kernel was interrupted while it wrote.
            continue
        attempt.command(command)
    attempt.leave()


def _attempt(start: dict[str, Any], channel: Channel) -> Attempt:
    if start["do"] != "host":
        return Attempt(start, channel)
    from parsec_nb.sdk._host.hosting import Hosting  # noqa: PLC0415 - a guest needs none of it

    return Hosting(start, channel)


def _protect() -> None:
    """Keep the memory, which holds a session ID, from debuggers and core dumps."""
    # Ctrl-C in a terminal is for the kernel.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    faulthandler.enable()


def _take_output() -> int:
    """Return standard output's descriptor; what is printed goes to standard error."""
    output = os.dup(1)
    os.dup2(2, 1)
    return output


if __name__ == "__main__":
    main()
