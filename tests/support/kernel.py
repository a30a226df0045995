"""A real kernel over jupyter_client, and what it sends for each cell."""

from __future__ import annotations

import ast
import contextlib
import os
import queue
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import start_new_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

# No vowels, and none of the characters that look like another.
CODE = re.compile(r"\b[BCDFGHJKLMNPQRSTVWXYZ34679]{8}\b")
NOISE = {"status", "execute_input"}
END_LOGINS = """
import gc, os, threading, parsec_nb
for name in [name for name in os.environ if name.startswith("PARSEC_")]:
    del os.environ[name]
for found in gc.get_objects():
    if type(found) is parsec_nb.Login:
        found.cancel()
parsec_nb.logout()
for thread in threading.enumerate():
    if thread.name == "parsec_nb-login":
        thread.join(5)
get_ipython().reset(new_session=False)
"""


@dataclass
class Cell:
    """One execution: how it ended, and when."""

    message_id: str
    status: str
    seconds: float
    content: dict[str, Any] = field(repr=False)


class Kernel:
    """Runs cells, and remembers all that the kernel sends.

    Args:
        environment: Environment variables, besides those of this process.
    """

    def __init__(self, **environment: str) -> None:
        self._manager, self._client = _start(os.environ | environment)
        self.messages: list[dict[str, Any]] = []
        self._debug_requests = 0
        self._subshell = self._create_subshell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        # In order, or what coverage has measured in it is lost.
        if self._manager.has_kernel:
            self._manager.shutdown_kernel()

    @property
    def connection_file(self) -> str:
        """The file by which another client can connect."""
        return str(self._manager.connection_file)

    def reset(self, **environment: str) -> None:
        """End every login, delete all variables but `os` and `parsec_nb`.

        Args:
            environment: Environment variables to set; others of Parsec's are deleted.
        """
        assert self.run(END_LOGINS).status == "ok"
        self.run(f"import os, parsec_nb\nos.environ |= {environment!r}")
        self.messages.clear()

    def run(self, code: str) -> Cell:
        """Run a cell to its end."""
        started = time.monotonic()
        message_id = self._execute(code)
        while True:
            reply = self._client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == message_id:
                break
        seconds = time.monotonic() - started
        self._until_idle(message_id)
        return Cell(message_id, reply["content"]["status"], seconds, reply["content"])

    def value(self, expression: str) -> Any:
        """Return the value of an expression that makes a literal."""
        cell = self.run(f"print(repr(({expression})))")
        streams = [m for m in self.outputs(cell) if m["msg_type"] == "stream"]
        return ast.literal_eval(streams[0]["content"]["text"].strip())

    def outputs(self, cell: Cell) -> list[dict[str, Any]]:
        """Return what the kernel sent under a cell."""
        self._take(0)
        return [
            message
            for message in self.messages
            if message["parent_header"].get("msg_id") == cell.message_id
            and message["msg_type"] not in NOISE
        ]

    def wait_for(self, condition: Callable[[], bool], seconds: float = 15) -> None:
        """Wait until a condition holds, taking messages meanwhile."""
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until
            self._take(0.05)

    def wait_for_status(self, status: str) -> None:
        """Wait until the login in the variable `login` has a status."""
        self.wait_for(lambda: self.value("login.status.value") == status)

    def wait_for_code(self) -> str:
        """Wait until that login has a code, and return it."""
        self.wait_for_status("pending")
        return str(self.value("login.auth_code.user_code"))

    def shown_code(self) -> str:
        """Return the last code that an output has shown; empty if none has."""
        self._take(0)
        for message in reversed(self.messages):
            text = str(message["content"].get("data", {}).get("text/plain", ""))
            if found := CODE.search(text):
                return found[0]
        return ""

    def complete(self, code: str) -> Any:
        """Return what Tab at the end of *code* offers."""
        reply = self._client.complete(code, reply=True, timeout=30)
        return reply["content"]

    def inspect(self, code: str) -> Any:
        """Return what Shift+Tab behind *code* shows."""
        return self._client.inspect(code, reply=True, timeout=30)["content"]

    def debug(self, command: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Send a request of the debugger, and return the response."""
        self._debug_requests += 1
        content = {"type": "request", "seq": self._debug_requests, "command": command}
        session = self._client.session
        request = session.msg("debug_request", content | {"arguments": arguments})
        self._client.control_channel.send(request)
        while True:
            reply = self._client.get_control_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                response: dict[str, Any] = reply["content"]
                return response

    def wait_for_debug_event(self, name: str) -> dict[str, Any]:
        """Wait for an event of the debugger, and return what it tells."""
        events: list[dict[str, Any]] = []

        def happened() -> bool:
            events[:] = [
                message["content"]["body"]
                for message in self.messages
                if message["msg_type"] == "debug_event"
                if message["content"].get("event") == name
            ]
            return bool(events)

        self.wait_for(happened)
        return events[-1]

    def interrupt(self) -> None:
        """Interrupt the cell that runs."""
        self._manager.interrupt_kernel()

    def start(self, code: str) -> str:
        """Run a cell without waiting for it."""
        return self._execute(code)

    def reply_to(self, message_id: str) -> dict[str, Any]:
        """Wait for a started cell's reply."""
        while True:
            reply = self._client.get_shell_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == message_id:
                content: dict[str, Any] = reply["content"]
                return content

    def shut_down(self) -> float:
        """Shut the kernel down in order, and return how long that took."""
        started = time.monotonic()
        self._manager.shutdown_kernel()
        return time.monotonic() - started

    def click(self, css_class: str) -> None:
        """Click the newest button of a class, once it is there, as a front end does."""
        self.wait_for(lambda: self._comm_of(css_class) is not None)
        data = {"method": "custom", "content": {"event": "click"}}
        self._send_comm(self._comm_of(css_class), data)

    def send_to_widget(self, trait: str, content: dict[str, Any]) -> None:
        """Send a message to the newest widget with that trait, as its page does."""
        data = {"method": "custom", "content": content}
        self._send_comm(self._comm_with(trait), data)

    def sent_by_widget(self, trait: str) -> list[dict[str, Any]]:
        """Return the messages that the newest widget with that trait has sent."""
        self._take(0)
        comm_id = self._comm_with(trait)
        return [
            message["content"]["data"]["content"]
            for message in self.messages
            if message["msg_type"] == "comm_msg"
            and message["content"]["comm_id"] == comm_id
            and message["content"]["data"]["method"] == "custom"
        ]

    def _execute(self, code: str) -> str:
        # Else an error may abort the next cell, when that comes fast.
        message_id: str = self._client.execute(code, stop_on_error=False)
        return message_id

    def _comm_of(self, css_class: str) -> str | None:
        return self._comm(lambda state: css_class in state.get("_dom_classes", ()))

    def _comm_with(self, trait: str) -> str | None:
        return self._comm(lambda state: trait in state)

    def _comm(self, is_wanted: Callable[[dict[str, Any]], bool]) -> str | None:
        for message in reversed(self.messages):
            if is_wanted(message["content"].get("data", {}).get("state", {})):
                comm_id: str = message["content"]["comm_id"]
                return comm_id
        return None

    def _send_comm(self, comm_id: str | None, data: dict[str, Any]) -> None:
        content = {"comm_id": comm_id, "data": data}
        message = self._client.session.msg("comm_msg", content)
        if self._subshell is not None:
            message["header"]["subshell_id"] = self._subshell
        self._client.shell_channel.send(message)

    def _create_subshell(self) -> str | None:
        """Ask for a way past a running cell, as JupyterLab does where there is one."""
        info = self._client.kernel_info(reply=True, timeout=60)["content"]
        if "kernel subshells" not in info.get("supported_features", ()):
            return None
        session = self._client.session
        self._client.control_channel.send(session.msg("create_subshell_request"))
        reply = self._client.get_control_msg(timeout=30)
        subshell: str = reply["content"]["subshell_id"]
        return subshell

    def _take(self, timeout: float) -> None:
        while True:
            try:
                self.messages.append(self._client.get_iopub_msg(timeout=timeout))
            except queue.Empty:
                return

    def _until_idle(self, message_id: str) -> None:
        def idle() -> bool:
            return any(
                message["parent_header"].get("msg_id") == message_id
                and message["content"].get("execution_state") == "idle"
                for message in self.messages
            )

        self.wait_for(idle)


def _start(environment: dict[str, str]) -> Any:
    # A kernel dies if another process takes one of its ports before it does.
    with contextlib.suppress(RuntimeError):
        return start_new_kernel(startup_timeout=20, env=environment)
    return start_new_kernel(env=environment)
