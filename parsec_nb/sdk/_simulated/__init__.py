"""The simulated SDK: 44 functions that behave as Parsec's, over a simulator's hosts.

They are ctypes closures of the types in `_abi`, so that a caller goes the same ways as
with the real library. Connections are the simulator's (`parsec_nb.simulator`); the
picture, the sound and the events are made here, when they are polled.
"""

from __future__ import annotations

import itertools
import time
from ctypes import CFUNCTYPE, POINTER, addressof, c_int32, cast, create_string_buffer
from typing import TYPE_CHECKING, Any

from parsec_nb.sdk import _abi
from parsec_nb.sdk._status import ParsecStatus

from .hosting import Hosting
from .instance import Instance
from .log import Log
from .signalling import Server

if TYPE_CHECKING:
    from collections.abc import Callable

_NOT_RUNNING = int(ParsecStatus.PARSEC_NOT_RUNNING)
_CLIENT_PORT, _HOST_PORT = 31912, 22912
_DECODERS = (b"Software", b"Hardware")
_RENDERERS = ("GL", "Metal", "D3D9", "D3D11")


def load(
    api_url: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    wall_clock: Callable[[], float] = time.time,
) -> SimulatedLibrary:
    """Return a simulated SDK in place of a `ctypes.CDLL`.

    Args:
        api_url: The simulator's address, as of a session that is `simulated`.
        clock: Seconds, for what moves and for when pictures and sound are due.
        wall_clock: Unix seconds, for the clock in the picture.

    Example:
        >>> load("http://127.0.0.1:4711").ParsecVersion() >> 16
        6
    """
    return SimulatedLibrary(Server(api_url), clock, wall_clock)


class SimulatedLibrary:
    """Has the SDK's functions as attributes, and `decide`; see *load*."""

    def __init__(
        self,
        server: Server,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        self._server = server
        self._clocks = (clock, wall_clock)
        self._log = Log()
        self._instances: dict[int, Instance] = {}
        self._configs: dict[int, Any] = {}
        self._pointers = itertools.count(0x1000, 0x10)
        # What the caller has to free, by address.
        self._lent: dict[int, Any] = {}
        methods = self._methods()
        for name, (result, *arguments) in _abi.FUNCTIONS.items():
            method = methods.get(name) or _missing(result)
            setattr(self, name, CFUNCTYPE(result, *arguments)(method))

    def __getattr__(self, name: str) -> Any:
        # Only for type checkers: the functions are attributes of each object.
        raise AttributeError(name)

    def decide(self, allow: bool) -> int:  # noqa: FBT001 - as the worker calls it
        """Allow or decline the request that waits for approval.

        Returns:
            0; -3 if none waits; -6101 if the simulator does not respond.
        """
        statuses = [each.decide(allow=allow) for each in self._instances.values()]
        return max(statuses, default=_NOT_RUNNING)

    def show(self, width: int, height: int, pixels: memoryview) -> None:
        """Take the picture of the game that is hosted, in RGBA."""
        for instance in self._instances.values():
            instance.hosting.show(width, height, pixels)

    def _methods(self) -> dict[str, Callable[..., Any]]:
        """Return what the functions do, but for those that do nothing."""
        return {
            "ParsecInit": self._init,
            "ParsecDestroy": self._destroy,
            "ParsecGetConfig": self._get_config,
            "ParsecGetBuffer": self._get_buffer,
            "ParsecFree": self._free,
            "ParsecSetLogCallback": self._log.set_callback,
            "ParsecVersion": lambda: _abi.PARSEC_VER,
            "ParsecGetDecoders": _get_decoders,
            "ParsecClientConnect": self._connect,
            "ParsecClientDisconnect": lambda ps: self._of(ps).disconnect(),
            "ParsecClientGetStatus": lambda ps, status: self._of(ps).get_status(status),
            "ParsecClientGetGuests": self._get_guests,
            "ParsecClientSetConfig": lambda ps, _: self._of(ps).call(lambda _: None),
            "ParsecClientSetDimensions": self._set_dimensions,
            "ParsecClientPollFrame": lambda ps, *rest: self._of(ps).poll_frame(*rest),
            "ParsecClientPollAudio": lambda ps, *rest: self._of(ps).poll_audio(*rest),
            "ParsecClientPollEvents": lambda ps, *rest: self._of(ps).poll_events(*rest),
            "ParsecClientSendMessage": self._send_message,
            "ParsecClientPause": lambda ps, video, sound: self._of(ps).call(
                lambda stage: stage.pause(video=video, sound=sound)
            ),
            "ParsecClientEnableStream": lambda ps, stream, enable: self._of(ps).call(
                lambda stage: stage.enable(stream, enable=enable)
            ),
            "ParsecClientSendUserData": lambda ps, number, text: self._of(ps).call(
                lambda stage: stage.take_text(number, text or b"")
            ),
            **{f"ParsecClient{name}RenderFrame": self._render for name in _RENDERERS},
            **self._host_methods(),
        }

    def _host_methods(self) -> dict[str, Callable[..., Any]]:
        def host(pointer: int | None) -> Hosting:
            return self._of(pointer).hosting

        return {
            "ParsecHostStart": lambda ps, mode, config, session_id: host(ps).start(
                mode, config, _text(session_id)
            ),
            "ParsecHostStop": lambda ps: host(ps).stop(),
            "ParsecHostGetStatus": lambda ps, status: host(ps).get_status(status),
            "ParsecHostSetConfig": lambda ps, config, session_id: host(ps).set_config(
                config, _text(session_id)
            ),
            "ParsecHostGetGuests": lambda ps, states, guests: self._give_guests(
                host(ps).guests(states), guests
            ),
            "ParsecHostKickGuest": lambda ps, guest: host(ps).kick(guest),
            "ParsecHostSendUserData": lambda ps, guest, number, text: host(
                ps
            ).send_text(guest, number, text or b""),
            "ParsecHostPollEvents": lambda ps, *rest: host(ps).poll_events(*rest),
            "ParsecHostPollInput": lambda ps, *rest: host(ps).poll_input(*rest),
            "ParsecHostSubmitAudio": lambda ps, *rest: host(ps).submit_audio(*rest),
            "ParsecHostSubmitRumble": lambda ps, *rest: host(ps).rumble(*rest),
            "ParsecHostGLSubmitFrame": lambda ps, *_: host(ps).submit_frame(),
        }

    def _render(self, pointer: int | None, *_: object) -> int:
        status = self._of(pointer).call(lambda _: None)
        return status or ParsecStatus.PARSEC_NOT_IMPLEMENTED

    def _of(self, pointer: int | None) -> Instance:
        # A pointer to nothing crashes the real SDK; here it is not connected.
        return self._instances.get(pointer or 0) or self._new()

    def _new(self) -> Instance:
        return Instance(self._server, *self._clocks, self._log.write)

    def _init(self, version: int, config: Any, _reserved: Any, pointer: Any) -> int:
        if version >> 16 != _abi.PARSEC_VER_MAJOR:
            return ParsecStatus.PARSEC_ERR_VERSION
        address = next(self._pointers)
        kept = _abi.ParsecConfig(upnp=1)
        if config:
            kept = _abi.ParsecConfig.from_buffer_copy(config[0])
        kept.clientPort = kept.clientPort or _CLIENT_PORT
        kept.hostPort = kept.hostPort or _HOST_PORT
        self._configs[address] = kept
        self._instances[address] = self._new()
        pointer[0] = address
        return ParsecStatus.PARSEC_OK

    def _destroy(self, pointer: int | None) -> None:
        instance = self._instances.pop(pointer or 0, None)
        self._configs.pop(pointer or 0, None)
        if instance is not None:
            instance.disconnect()

    def _get_config(self, pointer: int | None, config: Any) -> None:
        config[0] = self._configs.get(pointer or 0) or _abi.ParsecConfig()

    def _get_buffer(self, pointer: int | None, key: int) -> int | None:
        instance = self._of(pointer)
        # An instance is a guest or a host, so that one of the two has no keys.
        data = instance.take_buffer(key) or instance.hosting.take_buffer(key)
        return None if data is None else self._lend(create_string_buffer(data))

    def _lend(self, data: Any) -> int:
        address = addressof(data)
        self._lent[address] = data
        return address

    def _free(self, pointer: int | None) -> None:
        self._lent.pop(pointer or 0, None)

    def _connect(
        self,
        pointer: int | None,
        config: Any,
        session_id: bytes | None,
        peer_id: bytes | None,
    ) -> int:
        secret = config[0].secret.decode("ascii", "replace") if config else ""
        ids = _text(session_id), _text(peer_id)
        return self._of(pointer).connect(*ids, secret)

    def _get_guests(self, pointer: int | None, guests: Any) -> int:
        return self._give_guests(self._of(pointer).guests(), guests)

    def _give_guests(self, found: tuple[_abi.ParsecGuest, ...], guests: Any) -> int:
        if guests:
            array = (_abi.ParsecGuest * len(found))(*found)
            address = self._lend(array) if found else 0
            guests[0] = cast(address, POINTER(_abi.ParsecGuest))
        return len(found)

    def _set_dimensions(
        self, pointer: int | None, stream: int, width: int, height: int, _scale: float
    ) -> int:
        return self._of(pointer).call(lambda stage: stage.resize(stream, width, height))

    def _send_message(self, pointer: int | None, message: Any) -> int:
        return self._of(pointer).call(lambda stage: stage.apply(message[0]))


def _text(value: bytes | None) -> str:
    return (value or b"").decode("ascii", "replace")


def _get_decoders(decoders: Any, length: int) -> int:
    names = _DECODERS[:length]
    for index, name in enumerate(names):
        decoders[index] = _abi.ParsecDecoder(index=index, name=name)
    return len(names)


def _missing(result: Any) -> Callable[..., Any]:
    """Return a function of which the simulation needs only that nothing is hosted."""
    value = {None: None, c_int32: _NOT_RUNNING}.get(result, 0)
    return lambda *_: value
