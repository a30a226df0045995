"""The `GameHost`: a game that guests see, hear and play."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from parsec_nb.errors import InvalidArgumentError, SDKSetupError
from parsec_nb.sdk import _input
from parsec_nb.sdk._abi import (
    DEFAULT_STREAM,
    ParsecColorFormat,
    ParsecGuest,
    ParsecRotation,
)
from parsec_nb.sdk._checks import checked_text, checked_timeout, is_whole
from parsec_nb.sdk._events import Event, Guest, guest_of
from parsec_nb.sdk._handle import ConnectionHandle

from . import messages
from .connection import HostConnection
from .inputs import Input
from .media import checked_picture, checked_sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_FORCE = 255


class GameHost(ConnectionHandle):
    """A game that is hosted; `sdk.host()` returns one. Experimental.

    `await host`, or `host.result()`, waits until the SDK hosts. That proves little: the
    SDK reports success whatever happens, also where no server can be reached and
    where it cannot read the picture. `host.log` is the only sign.

    Attributes:
        host_name: The game's name.
        peer_id: What guests connect to; empty where the session does not tell.
        secret: What guests need to know to join.

    Example:
        >>> game = await sdk.host(session, name="Pong", max_guests=3)
        >>> game.status.value, game.done(), game.result() is game
        ('connected', True, True)
        >>> print(game.share_text)
        Pong
        Peer ID: ...
        >>> import numpy as np
        >>> game.submit_frame(np.full((360, 640, 3), 128, np.uint8))
        >>> game.submit_sound(np.zeros((480, 2), np.int16))
        >>> guest, pressed = next(game.input())  # waits
        >>> guest.name, pressed
        ('Robo (a bot)', KeyInput(name=..., down=True))
        >>> list(game.input(timeout=0))  # what came since
        [...]
        >>> for event in game.events(timeout=0.1):
        ...     print(type(event).__name__)
        GuestEvent
        GuestEvent
        GuestTextEvent
        >>> game.send_text("Welcome!")
        >>> for guest in game.guests():
        ...     game.rumble(guest, big=200)
        ...     game.kick(guest)
        >>> game.log
        ()
        >>> game.stop()
        >>> game.disconnect()  # as for a client: it does the same
    """

    _connection: HostConnection

    def __init__(
        self, connection: HostConnection, name: str, peer_id: str, secret: str
    ) -> None:
        super().__init__(connection, name)
        self.peer_id = peer_id
        self.secret = secret

    def __repr__(self) -> str:
        return f"<GameHost {self.host_name!r}: {self.status}>"

    @property
    def share_text(self) -> str:
        """What to give to friends: with it, they connect to the game."""
        peer_id = self.peer_id or messages.UNKNOWN_PEER_ID
        return messages.SHARE_TEXT.format(
            name=self.host_name, peer_id=peer_id, secret=self.secret
        )

    def submit_frame(self, array: NDArray[np.uint8]) -> None:
        """Show a picture to the guests (ParsecHostGLSubmitFrame); returns at once.

        Guests get the newest picture; one that is replaced too soon is never shown.
        Whether the real SDK takes the first row for the upper one was never seen; if
        pictures are upside down, pass `array[::-1]`.

        Args:
            array: height x width x 3 (RGB) or 4 (RGBA, whose alpha is not used), of
                uint8. Height and width are even, and at most 4096.

        Raises:
            InvalidArgumentError: The array is not such a picture.
            SDKConnectionError: Nothing is hosted now.
            SDKProcessError: The worker process ended.
            SDKSetupError: There is no memory for pictures of that size.
        """
        picture = checked_picture(array)
        height, width, _ = picture.shape
        size = width, height
        worker = self._connection.worker()
        rgba, upright = ParsecColorFormat.FORMAT_RGBA, ParsecRotation.ROTATION_NONE
        values = (rgba, upright, picture.nbytes, *size, *size)
        try:
            worker.media.write_frame(
                DEFAULT_STREAM, values, picture.ctypes.data, time.time_ns()
            )
        except OSError:
            text = messages.PICTURES_TOO_BIG.format(megabytes=picture.nbytes // 2**18)
            raise SDKSetupError(text) from None
        worker.post("frame")

    def submit_sound(
        self, array: NDArray[np.int16] | NDArray[np.float32], rate: int = 48_000
    ) -> None:
        """Let the guests hear something (ParsecHostSubmitAudio); returns at once.

        Sounds are played one after the other; what is more than ten seconds behind is
        left out. Where there is none, silence keeps the sound going.

        Args:
            array: samples, or samples x 1 or 2 channels, of int16 or float32 (-1 to
                1); ten seconds at most.
            rate: Samples a second, 8,000 to 192,000.

        Raises:
            InvalidArgumentError: An argument cannot be used.
            SDKConnectionError: Nothing is hosted now.
            SDKProcessError: The worker process ended.
        """
        form, samples = checked_sound(array, rate)
        pcm = base64.b64encode(samples).decode()
        self._connection.request("sound", form=form, rate=int(rate), pcm=pcm)

    def guests(self) -> list[Guest]:
        """Return the guests who are connected (ParsecHostGetGuests).

        Raises:
            SDKConnectionError: Nothing is hosted now.
            SDKProcessError: The worker process ended.
        """
        reply = self._connection.request("guests")
        raw = (bytes.fromhex(guest) for guest in reply["guests"])
        return [guest_of(ParsecGuest.from_buffer_copy(guest)) for guest in raw]

    def input(self, timeout: float | None = None) -> Iterator[tuple[Guest, Input]]:
        """Iterate over what guests do: pairs of the guest and a `KeyInput`, and so on.

        Each is given once. Ends when hosting does, or when nothing has come for
        *timeout* seconds: 0 gives what is there, as a game needs it between two
        pictures; None waits for ever.

        Raises:
            InvalidArgumentError: *timeout* is not a number, or below 0.
        """
        return self._input(None if timeout is None else checked_timeout(timeout))

    def _input(self, timeout: float | None) -> Iterator[tuple[Guest, Input]]:
        while taken := self._connection.take_input(timeout):
            yield taken

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """Iterate over events: guests who come and go, and texts that they send.

        The first are those that have arrived already, of which 1,000 are kept. Ends
        when hosting does, or when there is no event for *timeout* seconds.

        Raises:
            InvalidArgumentError: *timeout* is not a number, or below 0.
        """
        return self._events(None if timeout is None else checked_timeout(timeout))

    def kick(self, guest: Guest | int) -> None:
        """Send a guest away (ParsecHostKickGuest).

        Args:
            guest: A guest, or the guest's ID.

        Raises:
            SDKConnectionError: There is no such guest, or nothing is hosted now.
            SDKProcessError: The worker process ended.
        """
        self._connection.request("kick", guest=_id_of(guest))

    def send_text(
        self,
        text: str,
        guest: Guest | int | None = None,
        id: int = 0,  # noqa: A002 - the SDK's name
    ) -> None:
        """Send a text to a guest's program (ParsecHostSendUserData).

        Args:
            text: Up to 1,000 characters, without NUL.
            guest: A guest, or the guest's ID; None for all.
            id: A number that the program understands.

        Raises:
            InvalidArgumentError: An argument cannot be used.
            SDKConnectionError: There is no such guest, or nothing is hosted now.
            SDKProcessError: The worker process ended.
        """
        text, number = checked_text(text), _input.checked_id(id)
        for each in self.guests() if guest is None else (guest,):
            self._connection.request(
                "user_data", guest=_id_of(each), number=number, text=text
            )

    def rumble(
        self, guest: Guest | int, gamepad: int = 0, big: int = 0, small: int = 0
    ) -> None:
        """Shake a guest's gamepad (ParsecHostSubmitRumble).

        Args:
            guest: A guest, or the guest's ID.
            gamepad: The gamepad's number, as in the guest's input.
            big: The strength of the big motor, 0 to 255; 0 stops it.
            small: The strength of the small motor, likewise.

        Raises:
            InvalidArgumentError: An argument cannot be used.
            SDKConnectionError: Nothing is hosted now.
            SDKProcessError: The worker process ended.
        """
        forces = {"big": big, "small": small}
        for name, force in forces.items():
            if not is_whole(force, 0, _MOST_FORCE):
                text = messages.NOT_A_FORCE.format(name=name, force=force)
                raise InvalidArgumentError(text)
        number = _input.checked_id(gamepad)
        self._connection.request(
            "rumble",
            guest=_id_of(guest),
            gamepad=number,
            **{name: int(force) for name, force in forces.items()},
        )

    def stop(self) -> None:
        """End hosting (ParsecHostStop), and the worker process.

        Does nothing after the end. Takes at most about 2 s.
        """
        self.disconnect()


def _id_of(guest: Guest | int) -> int:
    return _input.checked_id(guest.id if isinstance(guest, Guest) else guest)
