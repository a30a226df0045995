"""The live view where anywidget is missing: an `ipywidgets.Image`, without input."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import copy_context
from html import escape
from typing import Any

import ipywidgets
import traitlets

from parsec_nb.sdk import messages
from parsec_nb.sdk._card import status_text
from parsec_nb.sdk._connection import Connection
from parsec_nb.sdk._events import CursorEvent
from parsec_nb.sdk._frames import Frame

from .encoder import Encoder
from .jpeg import Picture, encode_upright
from .pacing import Pacing, Report
from .views import bundle

# Each picture is part of the widget's state, which costs more than a message.
_MOST_FPS = 15.0


class ImageView(ipywidgets.VBox):  # type: ignore[misc]
    """The live picture of a host, without input; `client.view()` returns one.

    While it is in sight, the picture is part of the widgets' state, because an image
    widget has no other way: a program that saves that state saves the picture.
    """

    # Front ends count a widget's views only where this is a number.
    _view_count = traitlets.Int(0, allow_none=True).tag(sync=True)
    audible = False

    # That of ipywidgets 7 would go before _repr_mimebundle_, with another text.
    _ipython_display_ = None

    def __init__(  # noqa: PLR0913 - parts of one client
        self,
        client: object,
        host_name: str,
        connection: Connection,
        encoder: Encoder,
        *,
        fps: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client: object = client
        self._host_name = host_name
        self._connection = connection
        self._encoder = encoder
        self._monotonic = monotonic
        self._context = copy_context()
        self.pacing = Pacing(min(fps, _MOST_FPS), monotonic())
        self.frame_number = -1
        self._image = ipywidgets.Image(format="jpeg")
        self._image.layout.max_width = "100%"
        self._status = ipywidgets.HTML()
        super().__init__((self._image, self._status))
        self.add_class("parsec-nb-view")
        encoder.add(self)
        self.observe(self._count_views, "_view_count")
        self.show_status()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return bundle(self._host_name, self.model_id)

    @property
    def visible(self) -> bool:
        """Whether a page shows it."""
        return bool(self._view_count)

    def show_picture(self, _: Picture, frame: Frame) -> None:
        """Show a frame."""
        now = self._monotonic()
        number = self.pacing.send(now)
        # Nothing reports what is drawn.
        self.pacing.report(Report(number, 0.0, 1, 0, 0.0), now)
        self._set(encode_upright(frame, self.pacing.quality))

    def play(self, pcm: bytes) -> None:
        """Sound needs anywidget."""

    def show_cursor(self, cursor: CursorEvent) -> None:
        """The pointer needs anywidget."""

    def show_status(self) -> None:
        """Show the status of the connection; after its end, no picture stays."""
        status = status_text(self._connection, self._host_name)
        text = f"{status} {messages.VIEW_WITHOUT_ANYWIDGET}"
        self._context.copy().run(
            setattr, self._status, "value", f'<div role="status">{escape(text)}</div>'
        )
        if self._connection.status.ended:
            self._client = None
            self._set(b"")

    def _count_views(self, _: object) -> None:
        if not self.visible:
            self._set(b"")
        self._encoder.wake()

    def _set(self, jpeg: bytes) -> None:
        self._context.copy().run(setattr, self._image, "value", jpeg)
