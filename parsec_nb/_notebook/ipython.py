"""IPython: variables, outputs, and the modules that must not show a secret.

Without IPython, in plain Python, the variables are those of `__main__` and outputs
are lines on stdout.
"""

from __future__ import annotations

import functools
import keyword
import os
import sys
from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from parsec_nb._api.secret import SessionID, masked_callers
from parsec_nb._notebook import ipykernel6, messages
from parsec_nb.errors import InvalidArgumentError

# `%whos`, and `variable?`, which is Shift+Tab in JupyterLab.
masked_callers.update({"IPython.core.magics.namespace", "IPython.core.oinspect"})

_CONSOLES = ("jupyter-console", "jupyter_console", "qtconsole")


class Notebook:
    """The notebook, console or plain Python that `login()` is called in."""

    def __init__(self) -> None:
        # Not imported: without IPython in memory there is no shell.
        ipython = sys.modules.get("IPython")
        self._shell: Any = ipython.get_ipython() if ipython else None
        self._kernel: Any = getattr(self._shell, "kernel", None)

    @property
    def cell(self) -> object:
        """What tells one execution of a cell from another."""
        return getattr(self._shell, "execution_count", None)

    def output_area(self) -> OutputArea:
        """Return the output of the cell that runs now."""
        return OutputArea(self._shell, self._kernel)

    def awaiting(self) -> AbstractContextManager[None]:
        """Return what handles the widgets of a cell that awaits a login."""
        if self._kernel is None:
            return nullcontext()
        return ipykernel6.widget_messages(self._kernel)

    def after_unattended_cells(self, call: Callable[[], bool]) -> None:
        """Call *call* after each cell that a program such as nbclient runs.

        It is called until it returns False.
        """

        def after_cell(_: object) -> None:
            if not call():
                self._shell.events.unregister("post_run_cell", after_cell)

        if self._kernel is not None:
            content = self._kernel.get_parent("shell").get("content", {})
            if not content.get("allow_stdin", True):
                self._shell.events.register("post_run_cell", after_cell)

    def check_variable(self, name: str | None) -> None:
        """Refuse a name that the session ID cannot be bound to.

        Raises:
            InvalidArgumentError: It is not a name, or it holds another value.
        """
        if name is None:
            return
        if not isinstance(name, str) or not name.isidentifier() or _reserved(name):
            raise InvalidArgumentError(messages.BAD_VARIABLE.format(name=name))
        if name in self._namespace and self.session_id(name) is None:
            kind = type(self._namespace[name]).__name__
            text = messages.VARIABLE_TAKEN.format(name=name, kind=kind)
            raise InvalidArgumentError(text)

    def session_id(self, name: str | None) -> SessionID | None:
        """Return the session ID that the variable holds, if any."""
        value = None if name is None else self._namespace.get(name)
        return value if isinstance(value, SessionID) else None

    def bind(self, name: str, session_id: SessionID) -> None:
        """Assign the session ID to the variable, and keep it out of `%whos`."""
        self._namespace[name] = session_id
        if self._shell is not None:
            self._shell.push({name: session_id}, interactive=False)

    def unbind(self, name: str) -> bool:
        """Delete the variable if it holds a session ID; False if it does not."""
        held = self.session_id(name) is not None
        if held:
            del self._namespace[name]
            # IPython keeps there what `%whos` leaves out.
            getattr(self._shell, "user_ns_hidden", {}).pop(name, None)
        return held

    @property
    def _namespace(self) -> MutableMapping[str, Any]:
        if self._shell is not None:
            namespace: MutableMapping[str, Any] = self._shell.user_ns
            return namespace
        return vars(sys.modules["__main__"])


class OutputArea:
    """Where the outputs of one cell go, whatever runs when they are updated.

    Attributes:
        has_widgets: Whether a front end may show widgets: there is a kernel.
        updates_in_place: Whether an update replaces an output.
    """

    def __init__(self, shell: Any, kernel: Any) -> None:
        self.has_widgets = kernel is not None
        self.updates_in_place = kernel is not None and not _in_console()
        # What `%%capture` and redirect_stdout replace for a while.
        self._publisher: Any = None if kernel is None else shell.display_pub
        self._stream = sys.stdout

    def display(self, bundle: dict[str, Any], display_id: str, *, update: bool) -> None:
        """Show a MIME bundle, or replace the one with that *display_id*."""
        if self._publisher is None:
            self._stream.write(bundle["text/plain"] + "\n")
            self._stream.flush()
            return
        transient = {"display_id": display_id}
        self._publisher.publish(bundle, transient=transient, update=update)


@functools.cache
def _in_console() -> bool:
    """Return whether a console, such as qtconsole, started this kernel.

    Consoles drop all updates of outputs, and the protocol does not tell which front
    end asks.
    """
    # Not imported: every kernel has loaded it.
    psutil: Any = sys.modules.get("psutil")
    if psutil is None:
        return False
    try:
        command = psutil.Process(os.getppid()).cmdline()
    except psutil.Error:
        return False
    return any(name in part for part in command[:3] for name in _CONSOLES)


def _reserved(name: str) -> bool:
    return keyword.iskeyword(name) or name == "__debug__"
