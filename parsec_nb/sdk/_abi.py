"""The ABI of Parsec's SDK 6.0: structures, callbacks, and the 44 functions.

The names are the SDK's. `declare()` gives a loaded library's functions their types.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    Union,
    c_bool,
    c_char,
    c_char_p,
    c_float,
    c_int16,
    c_int32,
    c_uint8,
    c_uint32,
    c_void_p,
)
from typing import Any

from ._enums import *
from ._status import ParsecStatus as ParsecStatus  # noqa: PLC0414 - for mypy
from ._structures import *

GUEST_NAME_LEN = 32
EXTERNAL_ID_LEN = 64
HOST_NAME_LEN = 256
HOST_DESC_LEN = 512
HOST_SECRET_LEN = 32
OUTPUT_ID_LEN = 64
OUTPUT_NAME_LEN = 256
ADAPTER_NAME_LEN = 256
GAME_ID_LEN = 72
NUM_VSTREAMS = 2
DEFAULT_STREAM = 0
DECODER_NAME_LEN = 16
PARSEC_VER_MAJOR = 6
PARSEC_VER_MINOR = 0
PARSEC_VER = PARSEC_VER_MAJOR << 16 | PARSEC_VER_MINOR


class ParsecHostVideoConfig(Structure):
    _fields_ = (
        ("resolutionX", c_int32),
        ("resolutionY", c_int32),
        ("encoderFPS", c_int32),
        ("encoderMaxBitrate", c_int32),
        ("output", c_char * 64),
        ("fullFPS", c_bool),
        ("__pad", c_uint8 * 3),
    )


class ParsecHostConfig(Structure):
    _fields_ = (
        ("video", ParsecHostVideoConfig * 2),
        ("gamepadType", c_int32),
        ("adminMute", c_int32),
        ("exclusiveInput", c_int32),
        ("maxGuests", c_int32),
        ("name", c_char * 256),
        ("desc", c_char * 512),
        ("gameID", c_char * 72),
        ("secret", c_char * 32),
        ("publicGame", c_bool),
        ("__pad", c_uint8 * 3),
    )


class ParsecHostStatus(Structure):
    _fields_ = (
        ("cfg", ParsecHostConfig),
        ("numGuests", c_uint32),
        ("running", c_bool),
        ("invalidSessionID", c_bool),
        ("__pad", c_uint8 * 2),
    )


class ParsecGuestStateChangeEvent(Structure):
    _fields_ = (("guest", ParsecGuest), ("status", c_int32))


class ParsecUserDataEvent(Structure):
    _fields_ = (("guest", ParsecGuest), ("id", c_uint32), ("key", c_uint32))


class _ParsecHostEventUnion(Union):
    _fields_ = (
        ("guestStateChange", ParsecGuestStateChangeEvent),
        ("userData", ParsecUserDataEvent),
    )


class ParsecHostEvent(Structure):
    _anonymous_ = ("union",)
    _fields_ = (("type", c_int32), ("union", _ParsecHostEventUnion))


ParsecLogCallback = CFUNCTYPE(None, c_int32, c_char_p, c_void_p)
ParsecFrameCallback = CFUNCTYPE(None, POINTER(ParsecFrame), c_void_p, c_void_p)
ParsecAudioCallback = CFUNCTYPE(None, POINTER(c_int16), c_uint32, c_void_p)
ParsecPreRenderCallback = CFUNCTYPE(c_bool, c_void_p)

# Each function's result, then its arguments. The first argument of most is the
# instance, an opaque pointer.
FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "ParsecInit": (
        c_int32,
        c_uint32,
        POINTER(ParsecConfig),
        c_void_p,
        POINTER(c_void_p),
    ),
    "ParsecDestroy": (None, c_void_p),
    "ParsecGetConfig": (None, c_void_p, POINTER(ParsecConfig)),
    "ParsecGetBuffer": (c_void_p, c_void_p, c_uint32),
    "ParsecFree": (None, c_void_p),
    "ParsecSetLogCallback": (None, ParsecLogCallback, c_void_p),
    "ParsecVersion": (c_uint32,),
    "ParsecGetOutputs": (c_uint32, POINTER(ParsecOutput), c_uint32),
    "ParsecGetDecoders": (c_uint32, POINTER(ParsecDecoder), c_uint32),
    "ParsecClientConnect": (
        c_int32,
        c_void_p,
        POINTER(ParsecClientConfig),
        c_char_p,
        c_char_p,
    ),
    "ParsecClientDisconnect": (None, c_void_p),
    "ParsecClientGetStatus": (c_int32, c_void_p, POINTER(ParsecClientStatus)),
    "ParsecClientGetGuests": (c_uint32, c_void_p, POINTER(POINTER(ParsecGuest))),
    "ParsecClientSetConfig": (c_int32, c_void_p, POINTER(ParsecClientConfig)),
    "ParsecClientSetDimensions": (
        c_int32,
        c_void_p,
        c_uint8,
        c_uint32,
        c_uint32,
        c_float,
    ),
    "ParsecClientPollFrame": (
        c_int32,
        c_void_p,
        c_uint8,
        ParsecFrameCallback,
        c_uint32,
        c_void_p,
    ),
    "ParsecClientPollAudio": (
        c_int32,
        c_void_p,
        ParsecAudioCallback,
        c_uint32,
        c_void_p,
    ),
    "ParsecClientPollEvents": (c_bool, c_void_p, c_uint32, POINTER(ParsecClientEvent)),
    "ParsecClientGLRenderFrame": (
        c_int32,
        c_void_p,
        c_uint8,
        ParsecPreRenderCallback,
        c_void_p,
        c_uint32,
    ),
    "ParsecClientMetalRenderFrame": (
        c_int32,
        c_void_p,
        c_uint8,
        c_void_p,
        POINTER(c_void_p),
        ParsecPreRenderCallback,
        c_void_p,
        c_uint32,
    ),
    "ParsecClientD3D9RenderFrame": (
        c_int32,
        c_void_p,
        c_uint8,
        c_void_p,
        ParsecPreRenderCallback,
        c_void_p,
        c_uint32,
    ),
    "ParsecClientD3D11RenderFrame": (
        c_int32,
        c_void_p,
        c_uint8,
        c_void_p,
        c_void_p,
        ParsecPreRenderCallback,
        c_void_p,
        c_uint32,
    ),
    "ParsecClientGLDestroy": (None, c_void_p, c_uint8),
    "ParsecClientSendMessage": (c_int32, c_void_p, POINTER(ParsecMessage)),
    "ParsecClientPause": (c_int32, c_void_p, c_bool, c_bool),
    "ParsecClientEnableStream": (c_int32, c_void_p, c_uint8, c_bool),
    "ParsecClientSendUserData": (c_int32, c_void_p, c_uint32, c_char_p),
    "ParsecHostStart": (
        c_int32,
        c_void_p,
        c_int32,
        POINTER(ParsecHostConfig),
        c_char_p,
    ),
    "ParsecHostStop": (None, c_void_p),
    "ParsecHostGetStatus": (None, c_void_p, POINTER(ParsecHostStatus)),
    "ParsecHostSetConfig": (c_int32, c_void_p, POINTER(ParsecHostConfig), c_char_p),
    "ParsecHostGetGuests": (
        c_uint32,
        c_void_p,
        c_uint32,
        POINTER(POINTER(ParsecGuest)),
    ),
    "ParsecHostKickGuest": (c_int32, c_void_p, c_uint32),
    "ParsecHostSendUserData": (c_int32, c_void_p, c_uint32, c_uint32, c_char_p),
    "ParsecHostPollEvents": (c_bool, c_void_p, c_uint32, POINTER(ParsecHostEvent)),
    "ParsecHostAllowGuest": (c_int32, c_void_p, c_uint32, c_bool),
    "ParsecHostSetPermissions": (
        c_int32,
        c_void_p,
        c_uint32,
        POINTER(ParsecPermissions),
    ),
    "ParsecHostPollInput": (
        c_bool,
        c_void_p,
        c_uint32,
        POINTER(ParsecGuest),
        POINTER(ParsecMessage),
    ),
    "ParsecHostSubmitAudio": (c_int32, c_void_p, c_int32, c_uint32, c_void_p, c_uint32),
    "ParsecHostSubmitCursor": (
        c_int32,
        c_void_p,
        c_uint8,
        POINTER(ParsecCursor),
        c_void_p,
    ),
    "ParsecHostSubmitRumble": (c_int32, c_void_p, c_uint32, c_uint32, c_uint8, c_uint8),
    "ParsecHostGLSubmitFrame": (c_int32, c_void_p, c_uint8, c_uint32),
    "ParsecHostD3D9SubmitFrame": (c_int32, c_void_p, c_uint8, c_void_p, c_void_p),
    "ParsecHostD3D11SubmitFrame": (
        c_int32,
        c_void_p,
        c_uint8,
        c_void_p,
        c_void_p,
        c_void_p,
    ),
}


def load(path: str | os.PathLike[str]) -> ctypes.CDLL:
    """Load the library; only in a process that may end.

    Raises:
        OSError: The system cannot load it; the text says why.
    """
    # Its own symbols come before those of Python's OpenSSL. Windows has no such flags.
    names = ("RTLD_NOW", "RTLD_LOCAL", "RTLD_DEEPBIND")
    mode = sum(getattr(os, name, 0) for name in names)
    return ctypes.CDLL(os.fspath(path), mode=mode)


def declare(library: Any) -> None:
    """Give the functions of a loaded library their types.

    Raises:
        AttributeError: The library lacks a function; its `name` is the function's.
    """
    for name, (result, *arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
