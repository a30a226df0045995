"""What a notebook shows of a connection: one status line, and a recording's progress.

Updates go to the output of the cell that showed them, from any thread.
"""

from __future__ import annotations

import sys
import uuid
from contextlib import suppress
from contextvars import copy_context
from html import escape
from typing import TYPE_CHECKING, Any

from parsec_nb.errors import ParsecError

from . import messages
from ._connection import Connection
from ._states import ConnectionStatus

if TYPE_CHECKING:
    from typing_extensions import Self

_SECONDS_BETWEEN_UPDATES = 0.25


class _Output:
    """One output of a cell, which is replaced; a line on stderr without a kernel."""

    def __init__(self, display_id: str = "") -> None:
        # Not imported: without IPython in memory there is no kernel.
        ipython = sys.modules.get("IPython")
        shell: Any = ipython.get_ipython() if ipython else None
        kernel = getattr(shell, "kernel", None)
        # What `%%capture` replaces for a while.
        self._publisher: Any = None if kernel is None else shell.display_pub
        self._display_id = display_id or uuid.uuid4().hex
        self._context = copy_context()
        self._published = False

    @property
    def has_widgets(self) -> bool:
        """Whether a front end may show widgets."""
        return self._publisher is not None

    def show(self, text: str, html: str, more: dict[str, Any] | None = None) -> None:
        if self._publisher is None:
            # There is no stream under pythonw, and a pipe may be gone.
            with suppress(AttributeError, OSError, ValueError):
                sys.stderr.write(f"{text}\n")
            return
        bundle = {"text/plain": text, "text/html": html, **(more or {})}
        # ipykernel 7.0 knows the cell by the context.
        self._context.copy().run(
            self._publisher.publish,
            bundle,
            transient={"display_id": self._display_id},
            update=self._published,
        )
        self._published = True


class ConnectionCard:
    """The status line of one connection."""

    def __init__(self, connection: Connection, host_name: str) -> None:
        self._connection = connection
        self._host_name = host_name
        # One for all outputs that show the line, so that an update reaches each.
        self._display_id = uuid.uuid4().hex
        self._output: _Output | None = None
        self._shown = ""
        self._buttons: Any = None
        connection.observe(self._update)

    def show(self) -> None:
        """Show the line in the cell that runs now; later updates go there."""
        self._output = _Output(self._display_id)
        self._shown = ""
        self._update()

    def _update(self) -> None:
        output, status = self._output, self._connection.status
        text = status_text(self._connection, self._host_name)
        if output is None or text == self._shown:
            return
        self._shown = text
        waiting = status is ConnectionStatus.WAITING_FOR_APPROVAL
        if not waiting and self._buttons is not None:
            self._buttons.close_all()
            self._buttons = None
        if waiting and self._connection.simulated and output.has_widgets:
            # Text and HTML stand in where ipywidgets is missing, whatever fails.
            with suppress(Exception):
                self._buttons = _Buttons(self._connection, text)
        more = self._buttons.bundle if self._buttons else None
        html = (
            f'<div class="parsec-nb-sdk" data-status="{status}" role="status">'
            f"{escape(text)}</div>"
        )
        output.show(text, html, more)


def status_text(connection: Connection, host_name: str) -> str:
    """Return the sentence that tells the status of a connection."""
    status = connection.status
    text: str = connection.texts.STATUS_LINES[status]
    if connection.retry_delay is not None:
        text = messages.RETRYING
    elif status is ConnectionStatus.WAITING_FOR_APPROVAL and connection.simulated:
        text = messages.WAITING_AT_SIMULATOR
    return text.format(
        host=host_name, error=connection.error, delay=connection.retry_delay
    )


class _Buttons:
    """Allow and Decline, for a simulated host that asks for an approval."""

    def __init__(self, connection: Connection, text: str) -> None:
        import ipywidgets  # noqa: PLC0415 - slow to load, and may be missing

        def button(label: str, name: str, *, allow: bool) -> Any:
            made = ipywidgets.Button(description=label)
            made.add_class(f"parsec-nb-sdk-{name}")

            def click(_: object) -> None:
                # The line shows already what made the click come too late.
                with suppress(ParsecError):
                    connection.decide(allow=allow)

            made.on_click(click)
            return made

        line = ipywidgets.HTML(f'<div role="status">{escape(text)}</div>')
        buttons = (
            button(messages.ALLOW, "allow", allow=True),
            button(messages.DECLINE, "decline", allow=False),
        )
        self._root = ipywidgets.VBox((line, ipywidgets.HBox(buttons)))
        self._root.add_class("parsec-nb-sdk")
        self._widgets = (self._root, self._root.children[1], line, *buttons)

    @property
    def bundle(self) -> dict[str, Any]:
        view = {
            "version_major": 2,
            "version_minor": 0,
            "model_id": self._root.model_id,
        }
        return {"application/vnd.jupyter.widget-view+json": view}

    def close_all(self) -> None:
        for widget in self._widgets:
            widget.close()


class Progress:
    """Shows how much of a recording is done."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._output = _Output()
        self._due = 0.0
        self._done = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        text = messages.RECORDED if kind is None else messages.RECORDING_ENDED
        done = self._seconds if kind is None else self._done
        text = text.format(done=done, seconds=self._seconds)
        self._output.show(text, f"<div>{escape(text)}</div>")

    def show(self, done: float) -> None:
        """Show that so many seconds are done, at most four times a second."""
        self._done = done
        if done < self._due or not self._output.has_widgets:
            return
        self._due = done + _SECONDS_BETWEEN_UPDATES
        text = messages.RECORDING.format(done=done, seconds=self._seconds)
        bar = f'<progress max="{self._seconds}" value="{done:.2f}"></progress>'
        self._output.show(text, f"<div>{bar} {escape(text)}</div>")
