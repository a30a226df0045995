"""IPython: variables, outputs, and the modules that must not show a secret.

Without IPython, in plain Python, the variables are those of `__main__` and outputs
are lines on stdout.
"""

from __future__ import annotations

import functools
import keyword
import os
import sys
import unicodedata
from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from parsec_nb._api.secret import SessionID, is_session_id, masked_callers
from parsec_nb._notebook import ipykernel6, messages
from parsec_nb.errors import InvalidArgumentError

# `%whos`, `variable?`, which is Shift+Tab in JupyterLab, and its variable inspector
# (lckr_jupyterlab_variableinspector).
masked_callers.update(
    {
        *("IPython.core.magics.namespace", "IPython.core.oinspect"),
        "_jupyterlab_variableinspector_getcontentof",
    }
)

_CONSOLES = ("jupyter-console", "jupyter_console", "qtconsole")


class Notebook:
    """The notebook, console or plain Python that `login()` is called in."""

    def __init__(self) -> None:
        # Not imported: without IPython in memory there is no shell.
        ipython = sys.modules.get("IPython")
        self._shell: Any = ipython.get_ipython() if ipython else None
        self._kernel: Any = getattr(self._shell, "kernel", None)
        main = sys.modules["__main__"]
        # The modules of `%run`, whose variables IPython copies at the end.
        scripts = getattr(self._shell, "_main_mod_cache", {}).values()
        self._script = main if main in scripts else None

    @property
    def cell(self) -> object:
        """What tells one execution of a cell from another."""
        if self._kernel is None:
            return getattr(self._shell, "execution_count", None)
        return self._kernel.get_parent("shell").get("header", {}).get("msg_id")

    @property
    def echoing(self) -> bool:
        """Whether IPython shows a cell's last value, as opposed to a display() call."""
        frame = sys._getframe()  # noqa: SLF001 - IPython tells no formatter
        while frame.f_back is not None:
            frame = frame.f_back
            if frame.f_globals.get("__name__") == "IPython.core.displayhook":
                return True
        return False

    def describe_front_end(self) -> str:
        """Return what runs the cells, as far as the kernel can tell."""
        if self._shell is None:
            return messages.PLAIN_PYTHON
        if self._kernel is None:
            return messages.IPYTHON_TERMINAL
        if _in_console():
            return messages.CONSOLE
        unattended = self._unattended()
        return messages.UNATTENDED if unattended else messages.NOTEBOOK

    def _unattended(self) -> bool:
        content = self._kernel.get_parent("shell").get("content", {})
        return not content.get("allow_stdin", True)

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

        if self._kernel is not None and self._unattended():
            self._shell.events.register("post_run_cell", after_cell)

    def checked_variable(self, name: str | None) -> str | None:
        """Return the name, as Python reads it, of a variable that can be bound.

        Raises:
            InvalidArgumentError: It is not a name, or it holds another value.
        """
        if name is None:
            return None
        # Python normalizes the names in its source in this way.
        variable = unicodedata.normalize("NFKC", name) if isinstance(name, str) else ""
        reserved = keyword.iskeyword(variable) or variable == "__debug__"
        if reserved or not variable.isidentifier():
            raise InvalidArgumentError(messages.BAD_VARIABLE.format(name=name))
        value = self.value(variable)
        free = value is None or (isinstance(value, str) and not value)
        if not (free or is_session_id(value)):
            kind = type(value).__name__
            text = messages.VARIABLE_TAKEN.format(name=variable, kind=kind)
            raise InvalidArgumentError(text)
        return variable

    def describe(self, variable: str) -> str:
        """Return the variable's name, with the script's where `%run` runs one."""
        script = Path(getattr(self._script, "__file__", None) or "").name
        return f"{variable} of {script}" if self._in_script else variable

    def value(self, variable: str | None) -> object:
        """Return what the variable holds; None if there is no such variable."""
        return None if variable is None else self._namespace.get(variable)

    def bind(self, variable: str, session_id: SessionID) -> None:
        """Assign the session ID to the variable, and keep it out of `%whos`."""
        self._namespace[variable] = session_id
        if self._shell is not None and not self._in_script:
            self._shell.push({variable: session_id}, interactive=False)

    def unbind(self, variable: str) -> bool:
        """Delete the variable if it holds a session ID; False if it does not."""
        held = is_session_id(self.value(variable))
        if held:
            del self._namespace[variable]
            # IPython keeps there what `%whos` leaves out.
            getattr(self._shell, "user_ns_hidden", {}).pop(variable, None)
        return held

    def holding_session_ids(self) -> list[str]:
        """Return the names of the variables that hold a session ID."""
        return [name for name, v in [*self._namespace.items()] if is_session_id(v)]

    @property
    def _in_script(self) -> bool:
        return self._script is sys.modules["__main__"]

    @property
    def _namespace(self) -> MutableMapping[str, Any]:
        if self._shell is None or self._in_script:
            return vars(sys.modules["__main__"])
        namespace: MutableMapping[str, Any] = self._shell.user_ns
        return namespace


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
            self._write(bundle["text/plain"] + "\n")
            return
        transient = {"display_id": display_id}
        self._publisher.publish(bundle, transient=transient, update=update)

    def _write(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.replace("…", "...")
            text = text.encode(encoding, "replace").decode(encoding)
        # There is no stream under pythonw, and a pipe or a disk may be gone.
        with suppress(AttributeError, OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


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
    except Exception:  # noqa: BLE001 - a sandbox hides parts of /proc from psutil
        return False
    return any(name in part for part in command[:3] for name in _CONSOLES)


def load_ipython_extension(shell: Any) -> None:
    """Register `%parsec_login`; IPython calls this for `%load_ext parsec_nb`.

    Example:
        >>> %load_ext parsec_nb
        >>> %parsec_login YOUR_GAME_ID --variable my_session_id
    """
    from IPython.core.magic_arguments import (  # noqa: PLC0415 - IPython may be missing
        argument,
        magic_arguments,
        parse_argstring,
    )

    from parsec_nb._notebook.login import login  # noqa: PLC0415 - imports this module

    @magic_arguments()
    @argument("game_id", nargs="?", help="The application's ID, issued by Parsec.")
    @argument("--variable", default="session_id", help="Where the session ID goes.")
    @argument("--demo", action="store_true", help="Log in to the simulator.")
    @argument("--fresh", action="store_true", help="Log in anew.")
    def parsec_login(line: str) -> Any:
        """Log in to Parsec; see parsec_nb.login."""
        return login(**vars(parse_argstring(parsec_login, line)))

    shell.register_magic_function(parsec_login)
