"""The views of one client: which kind this notebook can show, and what a file keeps."""

from __future__ import annotations

from html import escape
from typing import Any

from parsec_nb.errors import InvalidArgumentError
from parsec_nb.sdk import messages
from parsec_nb.sdk._checks import checked_flag, is_amount
from parsec_nb.sdk._connection import Connection
from parsec_nb.sdk._frames import is_installed
from parsec_nb.sdk._input import Keyboard

from .encoder import Encoder
from .jpeg import check_encoder

_MOST_FPS = 120


class Views:
    """Makes the views of a client; all share one encoder.

    Args:
        connection: The client's connection.
        keyboard: What the client has pressed.
        host_name: The host's name.
    """

    def __init__(
        self, connection: Connection, keyboard: Keyboard, host_name: str
    ) -> None:
        self._connection = connection
        self._keyboard = keyboard
        self._host_name = host_name
        self._encoder = Encoder(connection)

    def make(self, client: object, fps: float, *, takes_input: bool) -> Any:
        """Return a view, which keeps the client alive while it is shown.

        Raises:
            InvalidArgumentError: *fps* or *takes_input* cannot be used.
            SDKSetupError: A package that it needs is missing.
            SDKConnectionError: The connection has ended.
            SDKProcessError: This process is a fork of the client's.
        """
        self._connection.check_process()
        if self._connection.status.ended:
            self._connection.worker()
        if not (is_amount(fps) and 1 <= fps <= _MOST_FPS):
            text = messages.BAD_FPS.format(fps=fps, most=_MOST_FPS)
            raise InvalidArgumentError(text)
        takes_input = checked_flag("input", takes_input)
        check_encoder()
        if not is_installed("anywidget"):
            from .image_view import ImageView  # noqa: PLC0415 - loads ipywidgets

            return ImageView(
                client, self._host_name, self._connection, self._encoder, fps=fps
            )
        from .view import View  # noqa: PLC0415 - an optional package, slow to load

        return View(
            client,
            self._host_name,
            self._connection,
            self._keyboard,
            self._encoder,
            fps=fps,
            takes_input=takes_input,
        )


def bundle(host_name: str, model_id: str) -> dict[str, Any]:
    """Return a view's output; a saved notebook keeps a line of it, and no picture."""
    text = messages.VIEW_WAS_HERE.format(host=host_name)
    view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
    return {
        "text/plain": text,
        "text/html": f"<div>{escape(text)}</div>",
        "application/vnd.jupyter.widget-view+json": view,
    }
