"""The thread that sends a client's pictures and sound to its views."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from parsec_nb.sdk._connection import Connection
from parsec_nb.sdk._events import CursorEvent
from parsec_nb.sdk._frames import Frame
from parsec_nb.sdk._sound import SAMPLE_RATE
from parsec_nb.sdk._states import ConnectionStatus

from .jpeg import Picture, encode
from .pacing import Pacing

_log = logging.getLogger("parsec_nb")

# The longest that the thread waits for anything: what it sees late is this late.
_LOOK_SECONDS = 0.05
_SOUND_PAIRS = SAMPLE_RATE // 10
# Sound that is older than this many chunks is left out.
_MOST_CHUNKS = 5
_JOIN_SECONDS = 1.0


class Screen(Protocol):
    """What the encoder needs of a view.

    Attributes:
        pacing: When it gets a frame.
        visible: Whether somebody sees it.
        audible: Whether somebody hears it.
        frame_number: The number of the host's frame that it got last; -1 for none.
    """

    pacing: Pacing
    visible: bool
    audible: bool
    frame_number: int

    def show_picture(self, picture: Picture, frame: Frame) -> object:
        """Show a frame."""

    def play(self, pcm: bytes) -> object:
        """Play a stretch of sound."""

    def show_cursor(self, cursor: CursorEvent) -> object:
        """Show the host's mouse pointer."""

    def show_status(self) -> object:
        """Show that the status of the connection is another one."""


class Encoder:
    """Encodes the frames of one connection, once for all of its views.

    The thread runs only while a view is visible. Any thread may call it.

    Args:
        connection: Where frames, sound and events come from.
        monotonic: Seconds.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._monotonic = monotonic
        # A connection may end inside of any call, when garbage is collected.
        self._lock = threading.RLock()
        self._screens: list[Screen] = []
        self._thread: threading.Thread | None = None
        self._news = threading.Event()
        self._sound_sent = 0
        self._seen_events = 0
        self._cursor: CursorEvent | None = None
        connection.observe(self._on_status)

    def add(self, screen: Screen) -> None:
        """Serve a view from now on, when it is visible."""
        with self._lock:
            self._screens.append(screen)

    def remove(self, screen: Screen) -> None:
        """Serve a view no longer."""
        with self._lock, suppress(ValueError):
            self._screens.remove(screen)
        self._news.set()

    def wake(self) -> None:
        """Look at the views, of which one has come into sight or left it."""
        with self._lock:
            if self._cursor is not None:
                for screen in self._visible():
                    screen.show_cursor(self._cursor)
            if self._thread is None and self._visible() and not self._ended:
                self._thread = threading.Thread(
                    target=self._run, name="parsec_nb-view", daemon=True
                )
                try:
                    self._thread.start()
                except RuntimeError as error:
                    _log.debug("A view has no thread: %s", error)
                    self._thread = None
        self._news.set()

    @property
    def _ended(self) -> bool:
        return self._connection.status.ended

    def _visible(self) -> list[Screen]:
        return [screen for screen in self._screens if screen.visible]

    def _on_status(self) -> None:
        with self._lock:
            screens, thread = list(self._screens), self._thread
        for screen in screens:
            screen.show_status()
        self._news.set()
        # Whoever disconnects may count on it that no thread is left.
        if self._ended and thread not in (None, threading.current_thread()):
            thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        while True:
            with self._lock:
                screens = self._visible()
                if not screens or self._ended:
                    self._thread = None
                    return
            self._news.clear()
            try:
                self._serve(screens)
            except Exception as error:  # noqa: BLE001 - the next frame may be shown
                # There is no connection just now, or a frame that cannot be read.
                _log.debug("A view was not served: %s", type(error).__name__)
                self._news.wait(_LOOK_SECONDS)

    def _serve(self, screens: list[Screen]) -> None:
        """Send what is new to the views, or wait a moment for it."""
        if self._connection.status is not ConnectionStatus.CONNECTED:
            self._news.wait(_LOOK_SECONDS)
            return
        worker = self._connection.worker()
        self._send_sound(screens)
        self._send_cursor(screens)
        now = self._monotonic()
        due = [screen for screen in screens if screen.pacing.is_due(now)]
        if not due:
            first = min(screen.pacing.due for screen in screens)
            self._news.wait(min(max(first - now, 0.001), _LOOK_SECONDS))
            return
        # After another attempt to connect, numbers begin again.
        newest = worker.media.newest(0)
        for screen in due:
            if newest is not None and screen.frame_number > newest.number:
                screen.frame_number = -1
        after = min(screen.frame_number for screen in due)
        if worker.wait_frame(0, after, _LOOK_SECONDS) is None:
            return
        pinned = worker.media.pin(0)
        if pinned is None:
            return
        with Frame(pinned.header, pinned.data, pinned.release) as frame:
            takers = [s for s in due if s.frame_number < frame.number]
            for screen in takers:
                screen.frame_number = frame.number
            quality = min(screen.pacing.quality for screen in takers)
            picture = encode(frame, quality)
            for screen in takers:
                screen.show_picture(picture, frame)

    def _send_sound(self, screens: list[Screen]) -> None:
        audible = [screen for screen in screens if screen.audible]
        media = self._connection.worker().media
        written = media.sound_written
        kept = range(written - _MOST_CHUNKS * _SOUND_PAIRS, written + 1)
        if not audible or self._sound_sent not in kept:
            self._sound_sent = written
        while written - self._sound_sent >= _SOUND_PAIRS:
            pcm = media.sound(self._sound_sent, _SOUND_PAIRS)
            self._sound_sent += _SOUND_PAIRS
            for screen in audible:
                screen.play(pcm)

    def _send_cursor(self, screens: list[Screen]) -> None:
        reports = self._connection.reports
        if reports.event_count == self._seen_events:
            return
        seen = max(self._seen_events, reports.first_event)
        self._seen_events = reports.event_count
        for event in reports.events_after(seen):
            if isinstance(event, CursorEvent) and event.stream == 0:
                with self._lock:
                    self._cursor = _over(event, self._cursor)
                for screen in screens:
                    screen.show_cursor(event)


def _over(event: CursorEvent, before: CursorEvent | None) -> CursorEvent:
    """Return the pointer after an event: an image stays until another one comes."""
    if event.image or before is None:
        return event
    return dataclasses.replace(
        event, size=before.size, hot_spot=before.hot_spot, image=before.image
    )
