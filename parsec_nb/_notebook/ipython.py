"""The notebook, or terminal, around us: its variables and its outputs.

Everything that is known of IPython is here. Without IPython, in a plain Python,
the variables are those of `__main__` and outputs are lines on stdout.
"""

from __future__ import annotations

import keyword
import os
import sys
from typing import TYPE_CHECKING, Any

from parsec_nb import _comms, _texts
from parsec_nb._values import SessionID
from parsec_nb.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from contextlib import AbstractContextManager

    from parsec_nb._display import Bundle

_CONSOLES = ("jupyter-console", "jupyter_console", "qtconsole")


class Notebook:
    """The place where `login()` is called."""

    def __init__(self) -> None:
        # Not imported: if nobody has, there is no shell.
        ipython = sys.modules.get("IPython")
        self._shell: Any = ipython.get_ipython() if ipython else None
        self._in_console = _in_console()

    @property
    def has_widgets(self) -> bool:
        """Whether a front end may show widgets: there is a kernel."""
        return hasattr(self._shell, "kernel")

    @property
    def updates_in_place(self) -> bool:
        """Whether an output can be replaced: there is a kernel, and no console."""
        return hasattr(self._shell, "kernel") and not self._in_console

    @property
    def cell(self) -> object:
        """The number of the cell that runs."""
        return getattr(self._shell, "execution_count", None)

    def awaiting(self) -> AbstractContextManager[None]:
        """Return what keeps the widgets of a cell alive that awaits something."""
        return _comms.handled_meanwhile(getattr(self._shell, "kernel", None))

    def display(self, bundle: Bundle, display_id: str, *, update: bool) -> None:
        """Show a MIME bundle, or replace the one of that *display_id*."""
        if self._shell is None:
            sys.stdout.write(bundle["text/plain"] + "\n")
            return
        from IPython.display import display  # noqa: PLC0415 - loaded already wherever there is a shell

        display(bundle, raw=True, display_id=display_id, update=update)

    def check_variable(self, name: str | None) -> None:
        """Refuse a name that no session ID can, or may, be bound to.

        Raises:
            InvalidArgumentError: It is no name, or holds something of the user's.
        """
        if name is None:
            return
        if not isinstance(name, str) or not name.isidentifier() or _reserved(name):
            raise InvalidArgumentError(_texts.bad_variable(name))
        if name in self._namespace and self.session_id(name) is None:
            kind = type(self._namespace[name]).__name__
            raise InvalidArgumentError(_texts.variable_taken(name, kind))

    def session_id(self, name: str | None) -> SessionID | None:
        """Return the session ID that the variable holds, if it holds one."""
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
            # Where IPython keeps what `%whos` leaves out.
            getattr(self._shell, "user_ns_hidden", {}).pop(name, None)
        return held

    @property
    def _namespace(self) -> MutableMapping[str, Any]:
        if self._shell is not None:
            namespace: MutableMapping[str, Any] = self._shell.user_ns
            return namespace
        return vars(sys.modules["__main__"])


def _in_console() -> bool:
    """Return whether a console, such as qtconsole, started this kernel.

    Consoles drop every update of an output, and the protocol does not tell what asks.
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
