"""The live view in a notebook, with input: an anywidget on a canvas.

Pictures, sound and the host's pointer go to the browser as messages, and never become
part of the widget's state: a saved notebook keeps a line of text and no picture.
"""

from __future__ import annotations

import logging
import pkgutil
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Any

import anywidget
import traitlets

from parsec_nb.errors import ParsecError
from parsec_nb.sdk import messages
from parsec_nb.sdk._card import status_text
from parsec_nb.sdk._connection import Connection
from parsec_nb.sdk._events import CursorEvent, Metrics
from parsec_nb.sdk._frames import Frame
from parsec_nb.sdk._input import Keyboard
from parsec_nb.sdk._states import ConnectionStatus

from . import page_messages
from .encoder import Encoder
from .jpeg import Picture, color_matrix
from .pacing import Pacing
from .page_messages import BadMessageError
from .views import bundle

_log = logging.getLogger("parsec_nb")

_MOST_VIEWERS = 16
_FIGURES_SECONDS = 0.9
# A browser that is silent for so long may be gone, with keys held down.
_GONE_SECONDS = 3.0


def _package_file(name: str) -> str:
    # The package may be inside a zip file, as on Spark.
    return (pkgutil.get_data(__package__, name) or b"").decode()


class View(anywidget.AnyWidget):
    """The live picture of a host; `client.view()` returns one.

    It is shown as a cell's last line, or by `display()`. Click into it, or press
    Enter on it, to send input; Escape ends that. Several can show the same host.
    """

    _esm = _package_file("view.js")
    _css = _package_file("view.css")
    host = traitlets.Unicode().tag(sync=True)
    matrix = traitlets.Unicode().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    takes_input = traitlets.Bool().tag(sync=True)
    # That of ipywidgets 7 would go before _repr_mimebundle_, with another text.
    _ipython_display_ = None

    def __init__(  # noqa: PLR0913 - parts of one client
        self,
        client: object,
        host_name: str,
        connection: Connection,
        keyboard: Keyboard,
        encoder: Encoder,
        *,
        fps: float,
        takes_input: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            host=host_name,
            matrix=color_matrix(),
            texts=messages.VIEW_TEXTS,
            takes_input=takes_input,
        )
        # As long as a page shows the view, or none has yet, the client stays.
        self._client: object = client
        self._client_ref = weakref.ref(client)
        self._connection = connection
        self._keyboard = keyboard
        # A page can change the widget's state, but not what was allowed.
        self._may_send = takes_input
        self._encoder = encoder
        self._monotonic = monotonic
        self._viewers: dict[str, bool] = {}
        self._listeners: set[str] = set()
        # Who may have keys or buttons down.
        self._holders: set[str] = set()
        self._heard_at = monotonic()
        self._figures_due = 0.0
        # All messages are sent as answers to the browser's last one; see `_tell`.
        self._made_in = self._context = copy_context()
        self._forget_shell()
        self.pacing = Pacing(fps, monotonic())
        self.frame_number = -1
        encoder.add(self)
        self.on_msg(self._hear)

    def __repr__(self) -> str:
        return f"<View of {self.host!r}: {self._connection.status}>"

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return bundle(self.host, self.model_id), {}

    def close(self) -> None:
        """Remove the view from all pages."""
        if hasattr(self, "_encoder"):
            self._encoder.remove(self)
            self._viewers.clear()
            self._client = None
        super().close()

    @property
    def visible(self) -> bool:
        """Whether a page shows it, and it is in sight there."""
        return any(self._viewers.values())

    @property
    def audible(self) -> bool:
        """Whether a page plays its sound."""
        return bool(self._listeners)

    def show_picture(self, picture: Picture, frame: Frame) -> None:
        """Send a frame to the pages."""
        now = self._monotonic()
        if now - self._heard_at > _GONE_SECONDS:
            self._context = self._made_in
            self._release(*self._holders)
        content = {
            "type": "frame",
            "number": self.pacing.send(now),
            "at": now * 1000,
            "width": frame.width,
            "height": frame.height,
            "turns": picture.turns,
            "corrected": picture.corrected,
        }
        self._tell(content, picture.data)

    def play(self, pcm: bytes) -> None:
        """Send a stretch of sound to the pages."""
        self._tell({"type": "sound"}, pcm)

    def show_cursor(self, cursor: CursorEvent) -> None:
        """Send the host's pointer to the pages."""
        content = {
            "type": "cursor",
            "hidden": cursor.hidden,
            "relative": cursor.relative,
            "size": cursor.size,
            "hot_spot": cursor.hot_spot,
        }
        self._tell(content, cursor.image)

    def show_status(self) -> None:
        """Send the status of the connection to the pages."""
        status = self._connection.status
        text = status_text(self._connection, self.host)
        if status.ended:
            self._client = None
        content = {
            "type": "status",
            "live": status is ConnectionStatus.CONNECTED,
            "ended": status.ended,
            "text": text,
        }
        self._tell(content)

    def _tell(self, content: dict[str, object], data: bytes = b"") -> None:
        """Send a message to all pages that show the view.

        ipykernel 7.4 handles a browser's message in the shell that handled the one
        that the kernel answered last, for each widget: after one that a cell sent, in
        the main shell, which waits for the cell that runs. Without any, it is the
        browser's choice: a subshell, if it has one.
        """
        # A context can be entered once at a time, its copy always.
        self._context.copy().run(self.send, content, [data] if data else None)
        if self._context is self._made_in:
            self._forget_shell()

    def _forget_shell(self) -> None:
        with suppress(AttributeError):
            # A name of ipykernel's own; other versions have no such choice.
            del self.comm._reply_subshell_id  # noqa: SLF001

    def _hear(self, _: object, content: dict[str, Any], __: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            # A subshell, which hears while a cell runs.
            self._context = copy_context()
        self._heard_at = self._monotonic()
        try:
            kind, viewer = page_messages.sender(content)
            self._handle(kind, viewer, content)
        except BadMessageError:
            _log.debug("A message to a view was refused.")
        except ParsecError as error:
            # The status tells it; what was pressed is lost.
            _log.debug("Input was not sent: %s", type(error).__name__)

    def _handle(self, kind: str, viewer: str, content: dict[str, Any]) -> None:
        # A page's first two messages may be handled in any order: before it has a
        # subshell, and in that. One that is reloaded is gone, and then out of sight.
        visible = kind == "visible" and page_messages.flag(content, "visible")
        if kind == "hello" or visible:
            self._open(viewer)
        if viewer not in self._viewers:
            raise BadMessageError
        if kind == "visible":
            self._look(viewer, visible=visible)
        elif kind == "report":
            self._take_report(content)
        elif kind == "input" and self._may_send:
            sent = page_messages.events(content.get("events"), self._keyboard)
            self._holders.add(viewer)
            self._send_input(sent)
        elif kind == "release":
            self._release(viewer)
        elif kind == "sound":
            on = page_messages.flag(content, "on")
            (self._listeners.add if on else self._listeners.discard)(viewer)
        elif kind == "gone":
            self._leave(viewer)
        elif kind != "hello":
            raise BadMessageError

    def _open(self, viewer: str) -> None:
        if viewer in self._viewers:
            return
        if len(self._viewers) >= _MOST_VIEWERS:
            # A page that crashed does not say that it is gone.
            self._leave(next(iter(self._viewers)))
        self._client = self._client_ref()
        self._viewers[viewer] = False
        self.show_status()

    def _look(self, viewer: str, *, visible: bool) -> None:
        self._viewers[viewer] = visible
        if visible:
            self.frame_number = -1
            self.pacing.begin(self._monotonic())
        else:
            self._release(viewer)
        self._encoder.wake()

    def _leave(self, viewer: str) -> None:
        self._release(viewer)
        self._listeners.discard(viewer)
        self._viewers.pop(viewer, None)
        self._encoder.wake()
        # The page's subshell may end with it, and what is sent to that is lost.
        self._context = self._made_in
        self._forget_shell()
        if not self._viewers:
            self._client = None

    def _take_report(self, content: dict[str, Any]) -> None:
        now = self._monotonic()
        self.pacing.report(page_messages.report(content), now)
        if now >= self._figures_due:
            self._figures_due = now + _FIGURES_SECONDS
            delay = round(self.pacing.delay * 1000)
            figures = _figures(self._connection.reports.metrics[0])
            self._tell({"type": "figures", "delay": delay, **figures})

    def _release(self, *viewers: str) -> None:
        if self._holders.intersection(viewers):
            self._holders.difference_update(viewers)
            # The end of a connection releases everything, too.
            with suppress(ParsecError):
                self._send_input([self._keyboard.release_all()])

    def _send_input(self, sent: list[Any]) -> None:
        hexed = [bytes(message).hex() for message in sent]
        self._connection.worker().post("send", messages=hexed)


def _figures(metrics: deque[Metrics]) -> dict[str, object]:
    """Return bit rate, and what share of the last packets was sent again."""
    if not metrics:
        return {"bitrate": 0.0, "resent": 0.0, "failing": False}
    now, before = metrics[-1], metrics[max(len(metrics) - 10, 0)]
    packets = now.packets_sent - before.packets_sent
    again = now.fast_rts + now.slow_rts - before.fast_rts - before.slow_rts
    return {
        "bitrate": round(now.bitrate, 1),
        "resent": round(100 * again / max(packets, 1), 1),
        "failing": now.network_failure,
    }
