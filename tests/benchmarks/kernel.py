"""A real kernel of any environment, with the moment at which each message came.

`tests/kernels.py` has one for the tests, of their own environment; here other
environments are measured, so messages are taken, and stamped, by a thread.
"""

from __future__ import annotations

import json
import queue
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from typing_extensions import Self

_PATIENCE = 300


@dataclass(frozen=True)
class Message:
    """A message of the kernel's, and when it arrived on the monotonic clock."""

    at: float
    kind: str
    parent: str
    content: dict[str, Any]


class Kernel:
    """Runs cells in the environment of *python*."""

    def __init__(self, python: Path, environment: Mapping[str, str]) -> None:
        argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self._manager = KernelManager()
        self._manager._kernel_spec = KernelSpec(argv=argv, language="python")
        self._manager.start_kernel(env=dict(environment), stderr=subprocess.DEVNULL)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=_PATIENCE)
        self._replies: dict[str, dict[str, Any]] = {}
        self.messages: list[Message] = []
        self._open = True
        self._taker = threading.Thread(target=self._take, daemon=True)
        self._taker.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        self._taker.join()
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    @property
    def process_id(self) -> int:
        """The kernel's process."""
        return int(self._manager.provisioner.process.pid)

    def start(self, code: str) -> str:
        """Send a cell, and return its ID without waiting for it."""
        identity: str = self._client.execute(code)
        return identity

    def ended(self, cell: str, timeout: float = _PATIENCE) -> float:
        """Wait until a cell has ended, and return when; its error is raised here.

        That is when the kernel said that it is idle: unlike the reply, this is
        stamped as it arrives, however late it is asked for.
        """

        def idle(message: Message) -> bool:
            state = message.content.get("execution_state")
            return message.parent == cell and state == "idle"

        at = self.wait_for(idle, timeout).at
        reply = self._reply_to(cell)
        if reply["status"] != "ok":
            raise RuntimeError("\n".join(reply.get("traceback", ["aborted"])))
        return at

    def run(self, code: str, timeout: float = _PATIENCE) -> None:
        """Run a cell to its end."""
        self.ended(self.start(code), timeout)

    def value(self, expression: str) -> Any:
        """Return what an expression is, by way of JSON."""
        identity: str = self._client.execute(
            "",
            silent=True,
            user_expressions={"it": f"__import__('json').dumps({expression})"},
        )
        told = self._reply_to(identity)["user_expressions"]["it"]
        if told["status"] != "ok":
            raise RuntimeError("\n".join(told["traceback"]))
        text = told["data"]["text/plain"]
        return json.loads(eval(text))

    def wait_for(
        self,
        wanted: Callable[[Message], bool],
        timeout: float = _PATIENCE,
        since: int = 0,
    ) -> Message:
        """Wait for the first message, of those since an index, that is *wanted*."""
        until = time.monotonic() + timeout
        seen = since
        while time.monotonic() < until:
            for message in self.messages[seen:]:
                seen += 1
                if wanted(message):
                    return message
            time.sleep(0.001)
        raise TimeoutError(self.messages[-3:])

    def wait_for_text(self, pattern: str, since: int = 0) -> tuple[Message, str]:
        """Wait until the kernel shows what matches; return message and match."""
        compiled = re.compile(pattern)

        def shows(message: Message) -> bool:
            return message.kind != "execute_input" and bool(find(message))

        def find(message: Message) -> re.Match[str] | None:
            return compiled.search(json.dumps(message.content, default=str))

        message = self.wait_for(shows, since=since)
        found = find(message)
        assert found is not None
        return message, found[0]

    def _reply_to(self, cell: str) -> dict[str, Any]:
        while cell not in self._replies:
            reply = self._client.get_shell_msg(timeout=_PATIENCE)
            self._replies[reply["parent_header"].get("msg_id", "")] = reply["content"]
        return self._replies.pop(cell)

    def _take(self) -> None:
        while self._open:
            try:
                message = self._client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                continue
            parent = message["parent_header"].get("msg_id", "")
            self.messages.append(
                Message(
                    time.monotonic(), message["msg_type"], parent, message["content"]
                )
            )
