"""Connect to a Parsec host from a notebook: its picture and sound, and your input.

The SDK is Parsec's, and you bring its library. A session of the simulator gets a
simulated SDK, which needs neither a library nor an account. A public name's module is
loaded when the name is first used (PEP 562).

Example:
    >>> client = await sdk.connect(session, session.hosts(mode="desktop")[0])
    >>> client.frame().array.shape
    (720, 1280, 3)
    >>> client.disconnect()
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._client import Client as Client
    from ._connect import connect as connect
    from ._events import BlockedEvent as BlockedEvent
    from ._events import CursorEvent as CursorEvent
    from ._events import Event as Event
    from ._events import Guest as Guest
    from ._events import Metrics as Metrics
    from ._events import RumbleEvent as RumbleEvent
    from ._events import StreamEvent as StreamEvent
    from ._events import UserDataEvent as UserDataEvent
    from ._frames import Frame as Frame
    from ._host.events import GuestEvent as GuestEvent
    from ._host.events import GuestTextEvent as GuestTextEvent
    from ._host.events import InvalidSessionEvent as InvalidSessionEvent
    from ._host.game import GameHost as GameHost
    from ._host.inputs import Input as Input
    from ._host.inputs import KeyInput as KeyInput
    from ._host.inputs import MouseButtonInput as MouseButtonInput
    from ._host.inputs import MouseMoveInput as MouseMoveInput
    from ._host.inputs import PadAxisInput as PadAxisInput
    from ._host.inputs import PadButtonInput as PadButtonInput
    from ._host.inputs import PadStateInput as PadStateInput
    from ._host.inputs import PadUnplugInput as PadUnplugInput
    from ._host.inputs import ReleaseInput as ReleaseInput
    from ._host.inputs import WheelInput as WheelInput
    from ._host.start import host as host
    from ._library.diagnosis import diagnose as diagnose
    from ._recording import Recording as Recording
    from ._sound import Sound as Sound
    from ._states import ConnectionStatus as ConnectionStatus
    from ._status import ParsecStatus as ParsecStatus
    from ._status import describe as describe

_MODULES = {
    "_client": ("Client",),
    "_connect": ("connect",),
    "_library.diagnosis": ("diagnose",),
    "_events": (
        *("BlockedEvent", "CursorEvent", "Event", "Guest", "Metrics"),
        *("RumbleEvent", "StreamEvent", "UserDataEvent"),
    ),
    "_frames": ("Frame",),
    "_host.game": ("GameHost",),
    "_host.start": ("host",),
    "_host.events": ("GuestEvent", "GuestTextEvent", "InvalidSessionEvent"),
    "_host.inputs": (
        *("Input", "KeyInput", "MouseButtonInput", "MouseMoveInput", "PadAxisInput"),
        *("PadButtonInput", "PadStateInput", "PadUnplugInput", "ReleaseInput"),
        "WheelInput",
    ),
    "_recording": ("Recording",),
    "_sound": ("Sound",),
    "_states": ("ConnectionStatus",),
    "_status": ("ParsecStatus", "describe"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - ruff wants a literal


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - the worker needs none of it

    if name not in _MODULE_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
