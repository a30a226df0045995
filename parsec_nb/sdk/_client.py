"""The `Client`: a guest's connection to a host."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from parsec_nb.errors import SDKConnectionError

from . import _input, messages
from ._abi import ParsecGuest
from ._checks import checked_flag, checked_timeout
from ._connection import Connection
from ._events import Event, Guest, Metrics, guest_of
from ._frames import Frame
from ._input_handle import InputHandle
from ._shared.media import FrameHeader

if TYPE_CHECKING:
    from ._process import Worker
    from ._recording import Recording
    from ._sound import Sound
    from ._view.views import Views

# How long a frame may take that shows what was just sent.
_SECONDS_TO_SHOW_INPUT = 0.2


class Client(InputHandle):
    """A connection to a host, as a guest; `sdk.connect()` returns one.

    Attributes:
        host_name: The name of the host, or its peer ID.

    Example:
        >>> client = await sdk.connect(session, session.hosts(mode="desktop")[0])
        >>> client.status, client.done(), client.result() is client
        (<ConnectionStatus.CONNECTED: 'connected'>, True, True)
        >>> client.frame()
        <Frame ...: 1280x720 NV12>
        >>> client.press("ctrl", "c")
        >>> client.key("lshift", True)  # held down
        >>> client.release_all()
        >>> client.mouse_move(640, 360)
        >>> client.click("right")
        >>> client.mouse_button("left", True)
        >>> client.wheel(y=-100)
        >>> client.pause(video=True)
        >>> client.pause(video=False)
        >>> client.log
        (...)
        >>> client.disconnect()
        >>> client.status.value, client.host_name
        ('disconnected', 'My own computer')
    """

    def __init__(self, connection: Connection, host_name: str) -> None:
        super().__init__(connection, host_name)
        # What this worker was told; the one of another attempt knows nothing of it.
        self._told: Worker | None = None
        self._views: Views | None = None
        self._enabled = {0}
        self._paused = {"video": False, "audio": False}

    def frame(
        self, timeout: float = 5.0, *, copy: bool = True, stream: int = 0
    ) -> Frame:
        """Return the newest frame, and wait for the first one.

        If something was just sent, it waits up to 0.2 s for a frame that arrived
        since, so that the picture shows the effect.

        Args:
            timeout: Seconds to wait at most.
            copy: False for a view of the shared memory, which must be released; of
                each stream two can be held at a time, and more are copies.
            stream: The video stream, 0 or 1; the second one is switched on.

        Raises:
            TimeoutError: There is no frame.
            SDKConnectionError: There is no connection.
            SDKProcessError: The worker process ended.
        """
        copy = checked_flag("copy", copy)
        header = self._wait_for_frame(stream, -1, checked_timeout(timeout))
        if header.received_ns <= self._sent_ns:
            with contextlib.suppress(TimeoutError):
                self._wait_for_frame(stream, header.number, _SECONDS_TO_SHOW_INPUT)
        return self._read_frame(stream, copy=copy)

    def frames(
        self, timeout: float = 5.0, *, copy: bool = True, stream: int = 0
    ) -> Iterator[Frame]:
        """Iterate over frames; each is the newest one when it is asked for.

        Ends with the connection; waits while it is made again. The arguments and
        errors are those of `frame`.

        Example:
            >>> for frame in client.frames():
            ...     if frame.number > 3:
            ...         break
        """
        _input.checked_stream(stream)
        copy = checked_flag("copy", copy)
        return self._frames(checked_timeout(timeout), copy, stream)

    def _frames(self, timeout: float, copy: bool, stream: int) -> Iterator[Frame]:  # noqa: FBT001
        seen: tuple[Worker | None, int] = (None, -1)
        while True:
            try:
                worker = self._worker()
                # Each worker counts from 1.
                after = seen[1] if worker is seen[0] else -1
                self._wait_for_frame(stream, after, timeout)
                frame = self._read_frame(stream, copy=copy)
            except SDKConnectionError:
                if not self.done():
                    raise
                if self._connection.wait_for_another():
                    continue
                return
            seen = worker, frame.number
            yield frame

    def sound(self, seconds: float = 1.0) -> Sound:
        """Record the sound of the next seconds, at most 30.

        Raises:
            SDKConnectionError: The connection ended meanwhile.
            SDKProcessError: The worker process ended.

        Example:
            >>> client.sound(0.1)
            <Sound: 0.1... s>
        """
        from ._recording import record_sound  # noqa: PLC0415 - rarely needed

        return record_sound(self._connection, seconds)

    def record(self, seconds: float, *, fps: float = 15.0) -> Recording:
        """Record frames and sound, at most 30 seconds; shows its progress.

        Args:
            seconds: How long.
            fps: Frames a second to keep at most.

        Raises:
            InvalidArgumentError: The frames would need more than 1 GB of memory.
            SDKConnectionError: The connection ended meanwhile.
            SDKProcessError: The worker process ended.

        Example:
            >>> client.record(0.5)
            <Recording: ... frames, 0... s>
        """
        from ._recording import record  # noqa: PLC0415 - rarely needed

        return record(self._connection, self.frame, seconds, fps)

    def view(
        self,
        fps: float = 30,
        input: bool = True,  # noqa: A002, FBT001, FBT002 - as one says it
    ) -> Any:
        """Return the live picture, which is shown as a cell's last line.

        Click into it, or press Enter on it, to send input; Escape ends that. A saved
        notebook keeps a line of text and no picture. Nothing is encoded while nobody
        sees it.

        Args:
            fps: Frames a second at most, from 1 to 120; there are fewer where the
                browser or the line is slower.
            input: Whether it takes keys, mouse and gamepads.

        Raises:
            InvalidArgumentError: *fps* or *input* cannot be used.
            SDKSetupError: numpy is missing, or both simplejpeg and Pillow.
            SDKConnectionError: The connection has ended.
            SDKProcessError: This process is a fork of the client's.

        Example:
            >>> client.view()
            Live view of My own computer, which is not saved.
        """
        from ._view.views import Views  # noqa: PLC0415 - needs optional packages

        if self._views is None:
            self._views = Views(self._connection, self._keyboard, self.host_name)
        return self._views.make(self, fps, takes_input=input)

    def metrics(self, stream: int = 0) -> Metrics:
        """Return the newest metrics of a video stream; they come twice a second.

        Raises:
            SDKConnectionError: There is no connection.

        Example:
            >>> client.metrics().network_failure
            False
        """
        kept = self._connection.reports.metrics[_input.checked_stream(stream)]
        self._connection.worker()
        return kept[-1]

    @property
    def history(self) -> list[Metrics]:
        """The metrics of stream 0, oldest first, of an hour at most.

        Example:
            >>> import pandas
            >>> pandas.DataFrame(client.history).plot(x="at", y="network_latency")
            <Axes: ...>
        """
        return list(self._connection.reports.metrics[0])

    def guests(self) -> list[Guest]:
        """Return all guests of the host, this one included.

        Raises:
            SDKConnectionError: There is no connection.
            SDKProcessError: The worker process ended.

        Example:
            >>> [guest.name for guest in client.guests()]
            ['you', 'Robo (a bot)']
        """
        reply = self._connection.request("guests")
        raw = (bytes.fromhex(guest) for guest in reply["guests"])
        return [guest_of(ParsecGuest.from_buffer_copy(guest)) for guest in raw]

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """Iterate over what the host reports: cursors, texts, rumble, and so on.

        The first are those that have arrived already, of which 1,000 are kept. Ends
        with the connection, or when there is no event for *timeout* seconds; None
        waits for ever.

        Example:
            >>> for event in client.events(timeout=0.2):
            ...     print(event)
            CursorEvent(...)
            UserDataEvent(id=0, text='Welcome!...')
        """
        return self._events(None if timeout is None else checked_timeout(timeout))

    def pause(self, *, video: bool | None = None, sound: bool | None = None) -> None:
        """Let the host stop sending video or sound, or send it again.

        Args:
            video: True to pause, False to go on, None to leave it.
            sound: Likewise.
        """
        given = {"video": ("video", video), "audio": ("sound", sound)}
        chosen = {k: checked_flag(*v) for k, v in given.items() if v[1] is not None}
        self._worker()
        self._paused |= chosen
        self._connection.request("pause", **self._paused)

    def _worker(self) -> Worker:
        worker = self._connection.worker()
        if worker is not self._told:
            self._told, self._enabled = worker, {0}
            self._paused = {"video": False, "audio": False}
        return worker

    def _wait_for_frame(self, stream: int, after: int, timeout: float) -> FrameHeader:
        """Wait for a frame with a number above *after*."""
        _input.checked_stream(stream)
        worker = self._worker()
        if stream not in self._enabled:
            self._connection.request("stream", stream=stream, enable=True)
            self._enabled.add(stream)
        header = worker.wait_frame(stream, after, timeout)
        if header is None:
            # The worker may have ended meanwhile.
            self._connection.worker()
            raise TimeoutError(messages.NO_FRAME.format(seconds=timeout))
        return header

    def _read_frame(self, stream: int, *, copy: bool) -> Frame:
        pinned = self._connection.worker().media.pin(stream)
        if pinned is None:
            self._connection.worker()
            raise TimeoutError(messages.NO_FRAME.format(seconds=0))
        if not copy:
            return Frame(pinned.header, pinned.data, pinned.release)
        data = bytes(pinned.data)
        pinned.release()
        return Frame(pinned.header, data)
