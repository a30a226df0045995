"""The sentences that users of the SDK read, but for those of the status codes."""

from __future__ import annotations

# Status codes.
WSA_ERROR = "Windows error {number}"
SSL_ERROR = "SSL error {number}"
UNKNOWN_STATUS = (
    "The SDK reported a status that its version 6.0 does not document.",
    "Connect again.",
)

# The worker process.
NO_MEMORY = (
    "No memory can be shared with another process: {error}. Make room in /dev/shm or in"
    " the temporary folder."
)
NO_WORKER = (
    "No process can be started for Parsec's SDK: {error}. If you gave python=, give the"
    " path of a Python interpreter, of version 3.10 or later."
)
NO_THREAD = "No thread can be started for Parsec's SDK: end some, and connect again."
NO_REPLY = (
    "The process with Parsec's SDK did not reply to {do!r} in {seconds:g} seconds."
    " Disconnect, and connect again."
)
EXIT_STATUS = "exit status {number}"
WORKER_ENDED = "The process with Parsec's SDK has ended ({how}). Connect again."
WORKER_LEFT = "The connection was ended. Connect again."
WORKER_FORKED = "The connection belongs to the process that was forked. Connect again."
LOG_LINES_LEFT_OUT = "More lines came in this second; they are left out."
