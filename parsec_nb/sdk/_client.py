"""The `Client`: a guest's connection to a host."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from parsec_nb.errors import InvalidArgumentError, SDKConnectionError

from . import _input, messages
from ._abi import ParsecGuest, ParsecMessage
from ._connection import Connection
from ._events import Event, Guest, Metrics
from ._frames import Frame
from ._handle import ConnectionHandle
from ._recording import listen, record
from ._shared import FrameHeader
from ._sound import Recording, Sound

if TYPE_CHECKING:
    from ._views import Views

# How long a frame may take that shows what was just sent.
_SECONDS_TO_SHOW_INPUT = 0.2
_MOST_CHARACTERS = 1000


class Client(ConnectionHandle):
    """A connection to a host, as a guest; `sdk.connect()` returns one.

    Example:
        >>> client = await sdk.connect(session, host)
        >>> client.status
        <ConnectionStatus.CONNECTED: 'connected'>
        >>> client.type("hello")
        >>> client.frame()
        <Frame ...: 1280x720 ...>
        >>> client.disconnect()
    """

    def __init__(self, connection: Connection, host_name: str) -> None:
        super().__init__(connection, host_name)
        self._keyboard = _input.Keyboard()
        self._views: Views | None = None
        self._sent_ns = 0
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
        header = self._wait_for_frame(stream, -1, timeout)
        if header.received_ns <= self._sent_ns:
            with contextlib.suppress(TimeoutError):
                self._wait_for_frame(stream, header.number, _SECONDS_TO_SHOW_INPUT)
        return self._read_frame(stream, copy=copy)

    def frames(
        self, timeout: float = 5.0, *, copy: bool = True, stream: int = 0
    ) -> Iterator[Frame]:
        """Iterate over frames; each is the newest one when it is asked for.

        Ends with the connection; the arguments and errors are those of `frame`.
        """
        number = -1
        while True:
            try:
                self._wait_for_frame(stream, number, timeout)
                frame = self._read_frame(stream, copy=copy)
            except SDKConnectionError:
                if self.status.ended:
                    return
                raise
            number = frame.number
            yield frame

    def sound(self, seconds: float = 1.0) -> Sound:
        """Record the sound of the next seconds, at most 30.

        Raises:
            SDKConnectionError: The connection ended meanwhile.
            SDKProcessError: The worker process ended.
        """
        return listen(self._connection, seconds)

    def record(self, seconds: float, *, fps: float = 15.0) -> Recording:
        """Record frames and sound, at most 30 seconds; shows its progress.

        Args:
            seconds: How long.
            fps: Frames a second to keep at most.

        Raises:
            InvalidArgumentError: The frames would need more than 1 GB of memory.
            SDKConnectionError: The connection ended meanwhile.
            SDKProcessError: The worker process ended.
        """
        return record(self, self._connection, seconds, fps)

    def view(
        self,
        fps: float = 30,
        input: bool = True,  # noqa: A002, FBT001, FBT002 - as in everyday speech
    ) -> Any:
        """Return the live picture, which is shown as a cell's last line.

        Click into it to send input, and press Escape to stop. A saved notebook keeps
        a line of text and no picture. Nothing is encoded while nobody sees it.

        Args:
            fps: Frames a second at most, from 1 to 120; less where the browser or
                the line is slower.
            input: Whether it takes keys, mouse and gamepads.

        Raises:
            InvalidArgumentError: *fps* is no usable number.
            SDKSetupError: numpy is missing, or both simplejpeg and Pillow.
        """
        from ._views import Views  # noqa: PLC0415 - needs optional packages

        if self._views is None:
            self._views = Views(self._connection, self._keyboard, self.host_name)
        return self._views.make(self, fps, takes_input=input)

    def metrics(self, stream: int = 0) -> Metrics:
        """Return the newest metrics of a video stream; they come twice a second.

        Raises:
            SDKConnectionError: There is no connection.
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
        """
        reply = self._connection.request("guests")
        raw = (bytes.fromhex(guest) for guest in reply["guests"])
        return [Guest.of(ParsecGuest.from_buffer_copy(guest)) for guest in raw]

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """Iterate over what the host reports: cursors, texts, rumble, and so on.

        The first are those that have arrived already, of which 1,000 are kept. Ends
        with the connection, or when there is no event for *timeout* seconds; None
        waits for ever.
        """
        connection = self._connection
        seen = connection.reports.first_event
        while True:
            seen, new = connection.events_since(seen, timeout)
            if not new:
                return
            yield from new

    def key(self, name: str, down: bool) -> None:  # noqa: FBT001 - as the SDK's `pressed`
        """Press or release a key, such as `a`, `enter`, `lshift` or `f5`.

        Raises:
            InvalidArgumentError: No key has that name; the message lists them.
            SDKConnectionError: There is no connection.
            SDKProcessError: The worker process ended.
        """
        self._send([self._keyboard.key(name, down=down)])

    def press(self, *names: str) -> None:
        """Press keys in order, and release them in the opposite order.

        Example:
            >>> client.press("ctrl", "c")
        """
        self._send(self._keyboard.press(names))

    def type(self, text: str) -> None:
        r"""Type a text as on a US keyboard; `\n` is Enter, `\t` is Tab.

        Raises:
            InvalidArgumentError: A US keyboard does not have one of the characters.
        """
        self._send(self._keyboard.type(text))

    def mouse_move(
        self,
        x: float,
        y: float,
        relative: bool = False,  # noqa: FBT001, FBT002 - as the SDK's field
        *,
        stream: int = 0,
    ) -> None:
        """Move the mouse to a pixel of the frame, or by a distance."""
        self._send([_input.mouse_move(x, y, relative=relative, stream=stream)])

    def mouse_button(self, button: str, down: bool) -> None:  # noqa: FBT001 - as for key
        """Press or release `left`, `middle`, `right`, `x1` or `x2`."""
        self._send([_input.mouse_button(button, down=down)])

    def click(self, button: str = "left") -> None:
        """Press and release a mouse button."""
        down = _input.mouse_button(button, down=True)
        self._send([down, _input.mouse_button(button, down=False)])

    def wheel(self, x: float = 0, y: float = 0) -> None:
        """Turn the wheel; 100 is about one notch, positive is right and up."""
        self._send([_input.wheel(x, y)])

    def gamepad(self, index: int = 0) -> _input.Gamepad:
        """Return a virtual gamepad; its first use plugs it in."""
        return _input.Gamepad(index, self._send)

    def release_all(self) -> None:
        """Release all keys and buttons that are pressed."""
        self._send([self._keyboard.release_all()])

    def send_text(self, text: str, id: int = 0) -> None:  # noqa: A002 - the SDK's name
        """Send a text to the host's program (ParsecClientSendUserData).

        Args:
            text: Up to 1,000 characters, without NUL.
            id: A number that the program understands.
        """
        sendable = isinstance(text, str) and len(text) <= _MOST_CHARACTERS
        if not sendable or "\0" in text:
            raise InvalidArgumentError(messages.NOT_SENDABLE)
        number = _input.checked_id(id)
        self._connection.request("user_data", number=number, text=text)
        self._sent_ns = time.time_ns()

    def pause(self, *, video: bool | None = None, sound: bool | None = None) -> None:
        """Let the host stop sending video or sound, or send it again.

        Args:
            video: True to pause, False to go on, None to leave it.
            sound: Likewise.
        """
        chosen = {"video": video, "audio": sound}
        self._paused |= {k: bool(v) for k, v in chosen.items() if v is not None}
        self._connection.request("pause", **self._paused)

    def _send(self, sent: list[ParsecMessage]) -> None:
        self._connection.request("send", messages=[bytes(m).hex() for m in sent])
        self._sent_ns = time.time_ns()

    def _wait_for_frame(self, stream: int, after: int, timeout: float) -> FrameHeader:
        """Wait for a frame with a number above *after*."""
        if _input.checked_stream(stream) not in self._enabled:
            self._connection.request("stream", stream=stream, enable=True)
            self._enabled.add(stream)
        worker = self._connection.worker()
        header = worker.wait_frame(stream, after, timeout)
        if header is None:
            # The worker may have ended meanwhile.
            self._connection.worker()
            raise TimeoutError(messages.NO_FRAME.format(seconds=timeout))
        return header

    def _read_frame(self, stream: int, *, copy: bool) -> Frame:
        pinned = self._connection.worker().media.pin(stream)
        if pinned is None:
            raise TimeoutError(messages.NO_FRAME.format(seconds=0))
        if not copy:
            return Frame(pinned.header, pinned.data, pinned.release)
        data = bytes(pinned.data)
        pinned.release()
        return Frame(pinned.header, data)
