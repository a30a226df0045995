"""The worker's threads that ask the SDK for frames, sound and events."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from ctypes import byref
from typing import Any

from parsec_nb.sdk import _abi
from parsec_nb.sdk._shared.media import SOUND_BYTES, SharedMedia
from parsec_nb.sdk._status import ParsecStatus

from .channel import Channel

TIMEOUT_MS = 100
# The SDK returns at once where there is no connection.
_QUICK_SECONDS = 0.02
_PAUSE_SECONDS = 0.05
_STOP_SECONDS = 0.3


class Pollers:
    """Threads that poll one instance of the SDK, each for one thing.

    Args:
        library: The SDK's functions.
        instance: What ParsecInit made.
        media: Where frames and sound go.
        channel: Where all else goes.
    """

    def __init__(
        self, library: Any, instance: Any, media: SharedMedia, channel: Channel
    ) -> None:
        self._library = library
        self._instance = instance
        self._media = media
        self._channel = channel
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads: dict[str, threading.Thread] = {}
        self._refused: set[int] = set()

    def start(self) -> None:
        """Poll the first stream, the sound and the events."""
        self.start_stream(_abi.DEFAULT_STREAM)
        self._start("sound", self._sound())
        self._start("events", self._event)

    def start_stream(self, stream: int) -> None:
        """Poll a stream, unless that is done already."""
        self._start(f"stream-{stream}", self._frames(stream))

    def stop(self) -> None:
        """Wait until no thread polls, but not for long."""
        with self._lock:
            self._stopped.set()
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _start(self, name: str, poll: Callable[[], bool]) -> None:
        with self._lock:
            if name in self._threads or self._stopped.is_set():
                return
            thread = threading.Thread(
                target=self._repeat, args=(poll,), name=name, daemon=True
            )
            thread.start()
            self._threads[name] = thread

    def _repeat(self, poll: Callable[[], bool]) -> None:
        """Poll until stopped; pause where the SDK neither gave anything nor waited."""
        while not self._stopped.is_set():
            begin = time.monotonic()
            if not poll() and time.monotonic() - begin < _QUICK_SECONDS:
                self._stopped.wait(_PAUSE_SECONDS)

    def _frames(self, stream: int) -> Callable[[], bool]:
        def receive(frame: Any, image: int | None, _: object) -> None:
            received_ns = time.time_ns()
            about = frame.contents
            values = [getattr(about, name) for name, _ in about._fields_]
            if not (image and about.size):
                return
            with self._room(about.size):
                self._media.write_frame(stream, values, image, received_ns)
            self._channel.frame(stream)

        poll = self._library.ParsecClientPollFrame
        callback = _abi.ParsecFrameCallback(receive)
        arguments = self._instance, stream, callback, TIMEOUT_MS, None
        return lambda: poll(*arguments) == ParsecStatus.PARSEC_OK

    def _sound(self) -> Callable[[], bool]:
        def receive(samples: Any, pairs: int, _: object) -> None:
            with self._room(SOUND_BYTES):
                self._media.write_sound(ctypes.addressof(samples.contents), pairs)

        poll = self._library.ParsecClientPollAudio
        callback = _abi.ParsecAudioCallback(receive)
        arguments = self._instance, callback, TIMEOUT_MS, None
        return lambda: poll(*arguments) == ParsecStatus.PARSEC_OK

    @contextlib.contextmanager
    def _room(self, size: int) -> Iterator[None]:
        """Report once that there is no room for so many bytes."""
        try:
            yield
        except OSError:
            if size not in self._refused:
                self._refused.add(size)
                self._channel.emit(event="memory", needed=size)

    def _event(self) -> bool:
        event = _abi.ParsecClientEvent()
        if not self._library.ParsecClientPollEvents(
            self._instance, TIMEOUT_MS, byref(event)
        ):
            return False
        buffer = None
        if event.type == _abi.ParsecClientEventType.CLIENT_EVENT_CURSOR:
            if event.cursor.cursor.imageUpdate:
                buffer = self._buffer(event.cursor.key, event.cursor.cursor.size)
        elif event.type == _abi.ParsecClientEventType.CLIENT_EVENT_USER_DATA:
            buffer = self._buffer(event.userData.key, -1)
        self._channel.emit(
            event="client",
            type=event.type,
            data=bytes(event).hex(),
            buffer=None if buffer is None else base64.b64encode(buffer).decode(),
        )
        return True

    def _buffer(self, key: int, size: int) -> bytes | None:
        """Fetch what belongs to an event; a negative size means up to the first NUL."""
        address = self._library.ParsecGetBuffer(self._instance, key)
        if not address:
            return None
        try:
            return ctypes.string_at(address, size)
        finally:
            self._library.ParsecFree(address)
