"""The part of a client that sends keys, mouse, gamepads and texts to the host."""

from __future__ import annotations

import time

from . import _input
from ._abi import ParsecMessage
from ._checks import checked_text
from ._connection import Connection
from ._handle import ConnectionHandle
from ._states import ConnectionStatus


class InputHandle(ConnectionHandle):
    """A connection that takes input."""

    def __init__(self, connection: Connection, host_name: str) -> None:
        super().__init__(connection, host_name)
        keyboard = self._keyboard = _input.Keyboard()

        def forget() -> None:
            if connection.status is ConnectionStatus.STARTING:
                keyboard.release_all()

        # At the host, nothing is held after another attempt to connect.
        connection.observe(forget)
        # When something was sent last, as time.time_ns().
        self._sent_ns = 0

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

        Example:
            >>> client.type("hello\n")
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
        """Return a virtual gamepad; its first use plugs it in.

        Example:
            >>> client.gamepad(0).press("a")
        """
        return _input.Gamepad(index, self._send)

    def release_all(self) -> None:
        """Release all keys and buttons that are pressed."""
        self._send([self._keyboard.release_all()])

    def send_text(self, text: str, id: int = 0) -> None:  # noqa: A002 - the SDK's name
        """Send a text to the host's program (ParsecClientSendUserData).

        Args:
            text: Up to 1,000 characters, without NUL.
            id: A number that the program understands.

        Example:
            >>> client.send_text("hello", id=7)
        """
        text, number = checked_text(text), _input.checked_id(id)
        self._connection.request("user_data", number=number, text=text)
        self._sent_ns = time.time_ns()

    def _send(self, sent: list[ParsecMessage]) -> None:
        self._connection.request("send", messages=[bytes(m).hex() for m in sent])
        self._sent_ns = time.time_ns()
