"""A caller of an SDK, as the worker is one, and a reader of the simulated pictures."""

from __future__ import annotations

import time
from ctypes import POINTER, byref, c_void_p, string_at
from typing import TYPE_CHECKING, Any, NamedTuple

import parsec_nb
from parsec_nb.sdk import _abi
from parsec_nb.sdk._simulated import font

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb import Session
    from parsec_nb.simulator import Simulator

SECRET = "5e55" * 16
PEER = "1SimulatedPeer00000000000000"


def log_in(simulator: Simulator) -> Session:
    """Log in to a simulator, as a notebook does."""
    login = parsec_nb.login("game", api_url=simulator.url, variable=None, fresh=True)
    while login.auth_code is None:
        time.sleep(0.01)
    simulator.approve(login.auth_code.user_code)
    return login.result(10)


class Picture(NamedTuple):
    """A picture as the frame callback got it."""

    frame: _abi.ParsecFrame
    data: bytes

    def luma(self, x: int, y: int) -> int:
        """Return the brightness of a pixel."""
        return self.data[y * self.frame.fullWidth + x]

    def read(self, x: int, y: int, scale: int, count: int) -> str:
        """Return the text that is written at a place, without spaces at its end.

        The gap behind a letter tells the colour of the surface.
        """
        names = {tuple(font.dots(chr(code))): chr(code) for code in range(32, 127)}
        text = ""
        for left in range(x, x + count * 6 * scale, 6 * scale):
            paper = self.luma(left + 5 * scale, y)
            rows = tuple(
                "".join(
                    " #"[self.luma(left + column * scale, y + row * scale) != paper]
                    for column in range(6)
                )
                for row in range(8)
            )
            text += names.get(rows, "\0")
        return text.rstrip()

    def places(self, pair: bytes) -> list[tuple[int, int]]:
        """Return the even pixels whose U and V are these."""
        width, height = self.frame.fullWidth, self.frame.fullHeight
        chroma = self.data[width * height :]
        found, at = [], chroma.find(pair)
        while at >= 0:
            if not at % 2:
                found.append((at % width, at // width * 2))
            at = chroma.find(pair, at + 1)
        return found


class Caller:
    """One instance of an SDK, called through ctypes.

    Args:
        library: A simulated SDK that `load()` returned, or a library.
        reserved: The text for ParsecInit.
    """

    def __init__(self, library: Any, reserved: bytes | None = None) -> None:
        _abi.declare(library)
        self.library = library
        self.pointer = c_void_p()
        # Without settings, the real library asks the local network for a router.
        arguments = byref(_abi.ParsecConfig()), reserved, byref(self.pointer)
        status = library.ParsecInit(_abi.PARSEC_VER, *arguments)
        assert status == 0
        assert self.pointer

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function whose first argument is the instance."""
        return getattr(self.library, name)(self.pointer, *arguments)

    def connect(self, peer_id: str = PEER, session_id: str = SECRET) -> int:
        """Connect, and return the status once it is no longer 20."""
        arguments = session_id.encode(), peer_id.encode()
        assert self.call("ParsecClientConnect", None, *arguments) == 0
        return self.wait(lambda status: status != 20)

    def wait(self, is_good: Callable[[int], bool], seconds: float = 5.0) -> int:
        """Return the status as soon as it is good, or after a time the last one."""
        end = time.monotonic() + seconds
        status: int = self.status
        while not is_good(status) and time.monotonic() < end:
            time.sleep(0.005)
            status = self.status
        return status

    @property
    def status(self) -> int:
        """The connection's."""
        return int(self.call("ParsecClientGetStatus", None))

    @property
    def details(self) -> _abi.ParsecClientStatus:
        """What ParsecClientGetStatus fills."""
        status = _abi.ParsecClientStatus()
        self.call("ParsecClientGetStatus", byref(status))
        return status

    def poll(self, stream: int = 0, timeout: int = 100) -> Picture | int:
        """Poll a picture; return the status if none came."""
        pictures: list[Picture] = []

        def take(frame: Any, image: int, _opaque: object) -> None:
            kept = _abi.ParsecFrame.from_buffer_copy(frame[0])
            pictures.append(Picture(kept, string_at(image, kept.size)))

        callback = _abi.ParsecFrameCallback(take)
        status = self.call("ParsecClientPollFrame", stream, callback, timeout, None)
        assert (status == 0) == (len(pictures) == 1)
        return pictures[0] if pictures else status

    def picture(self, stream: int = 0) -> Picture:
        """Return the next picture."""
        picture = self.poll(stream)
        assert isinstance(picture, Picture)
        return picture

    def sound(self, timeout: int = 100) -> list[int] | int:
        """Return the samples of the next 10 ms; the status if none came."""
        chunks: list[list[int]] = []

        def take(samples: Any, frames: int, _opaque: object) -> None:
            chunks.append(samples[: 2 * frames])

        callback = _abi.ParsecAudioCallback(take)
        status: int = self.call("ParsecClientPollAudio", callback, timeout, None)
        return chunks[0] if chunks else status

    def event(self, timeout: int = 0) -> _abi.ParsecClientEvent | None:
        """Return the next event."""
        event = _abi.ParsecClientEvent()
        came = self.call("ParsecClientPollEvents", timeout, byref(event))
        return event if came else None

    def buffer(self, key: int, size: int = -1) -> bytes | None:
        """Fetch and free the bytes of an event's key; without a size, a text."""
        address = self.call("ParsecGetBuffer", key)
        if address is None:
            return None
        data = string_at(address, size)
        self.library.ParsecFree(address)
        return data

    def guests(self) -> list[str]:
        """Return the names of the guests."""
        guests = POINTER(_abi.ParsecGuest)()
        count = self.call("ParsecClientGetGuests", byref(guests))
        names = [guests[number].name.decode() for number in range(count)]
        self.library.ParsecFree(guests)
        return names

    def send(self, kind: int, **members: Any) -> int:
        """Send an input message: its type, then the fields of each member."""
        message = _abi.ParsecMessage(kind)
        for member, fields in members.items():
            for name, value in fields.items():
                setattr(getattr(message, member), name, value)
        return int(self.call("ParsecClientSendMessage", byref(message)))

    def key(self, code: int, *, pressed: bool = True, mod: int = 0) -> None:
        """Press or release a key."""
        fields = {"code": code, "mod": mod, "pressed": pressed}
        assert self.send(_abi.ParsecMessageType.MESSAGE_KEYBOARD, keyboard=fields) == 0

    def tap(self, *codes: int, mod: int = 0) -> None:
        """Press and release keys, one after the other."""
        for code in codes:
            self.key(code, mod=mod)
            self.key(code, pressed=False, mod=mod)
