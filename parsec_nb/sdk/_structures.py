"""The SDK's structures, under its own names and with its own field names.

Sizes and offsets are the same in 32 and 64 bit; tests/unit/test_sdk_abi.py compares
them with the SDK's. An enum field is a `c_int32`; the enums are in `_enums`.
"""

from __future__ import annotations

from ctypes import (
    Structure,
    Union,
    c_bool,
    c_char,
    c_float,
    c_int16,
    c_int32,
    c_uint8,
    c_uint16,
    c_uint32,
)


class ParsecConfig(Structure):
    _fields_ = (("upnp", c_int32), ("clientPort", c_int32), ("hostPort", c_int32))


class ParsecFrame(Structure):
    _fields_ = (
        ("format", c_int32),
        ("rotation", c_int32),
        ("size", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("fullWidth", c_uint32),
        ("fullHeight", c_uint32),
    )


class ParsecRect(Structure):
    _fields_ = (
        ("left", c_int32),
        ("top", c_int32),
        ("right", c_int32),
        ("bottom", c_int32),
    )


class ParsecOutput(Structure):
    _fields_ = (
        ("coords", ParsecRect),
        ("adapterIndex", c_uint32),
        ("outputIndex", c_uint32),
        ("name", c_char * 256),
        ("adapterName", c_char * 256),
        ("device", c_char * 64),
        ("id", c_char * 64),
    )


class ParsecCursor(Structure):
    _fields_ = (
        ("size", c_uint32),
        ("positionX", c_uint32),
        ("positionY", c_uint32),
        ("width", c_uint16),
        ("height", c_uint16),
        ("hotX", c_uint16),
        ("hotY", c_uint16),
        ("hidden", c_bool),
        ("imageUpdate", c_bool),
        ("relative", c_bool),
        ("stream", c_uint8),
    )


class ParsecPermissions(Structure):
    _fields_ = (
        ("gamepad", c_bool),
        ("keyboard", c_bool),
        ("mouse", c_bool),
        ("__pad", c_uint8 * 1),
    )


class ParsecMetrics(Structure):
    _fields_ = (
        ("packetsSent", c_uint32),
        ("fastRTs", c_uint32),
        ("slowRTs", c_uint32),
        ("queuedFrames", c_uint32),
        ("encodeLatency", c_float),
        ("decodeLatency", c_float),
        ("networkLatency", c_float),
        ("bitrate", c_float),
    )


class ParsecGuest(Structure):
    _fields_ = (
        ("perms", ParsecPermissions),
        ("metrics", ParsecMetrics * 2),
        ("state", c_int32),
        ("id", c_uint32),
        ("userID", c_uint32),
        ("name", c_char * 32),
        ("externalID", c_char * 64),
        ("owner", c_bool),
        ("__pad", c_uint8 * 3),
    )


class ParsecKeyboardMessage(Structure):
    _fields_ = (
        ("code", c_int32),
        ("mod", c_int32),
        ("pressed", c_bool),
        ("__pad", c_uint8 * 3),
    )


class ParsecMouseButtonMessage(Structure):
    _fields_ = (("button", c_int32), ("pressed", c_bool), ("__pad", c_uint8 * 3))


class ParsecMouseWheelMessage(Structure):
    _fields_ = (("x", c_int32), ("y", c_int32))


class ParsecMouseMotionMessage(Structure):
    _fields_ = (
        ("x", c_int32),
        ("y", c_int32),
        ("relative", c_bool),
        ("scaleRelative", c_bool),
        ("stream", c_uint8),
        ("__pad", c_uint8 * 1),
    )


class ParsecGamepadButtonMessage(Structure):
    _fields_ = (
        ("button", c_int32),
        ("id", c_uint32),
        ("pressed", c_bool),
        ("__pad", c_uint8 * 3),
    )


class ParsecGamepadAxisMessage(Structure):
    _fields_ = (
        ("axis", c_int32),
        ("id", c_uint32),
        ("value", c_int16),
        ("__pad", c_uint8 * 2),
    )


class ParsecGamepadUnplugMessage(Structure):
    _fields_ = (("id", c_uint32),)


class ParsecGamepadStateMessage(Structure):
    _fields_ = (
        ("id", c_uint32),
        ("buttons", c_uint16),
        ("thumbLX", c_int16),
        ("thumbLY", c_int16),
        ("thumbRX", c_int16),
        ("thumbRY", c_int16),
        ("leftTrigger", c_uint8),
        ("rightTrigger", c_uint8),
    )


class _ParsecMessageUnion(Union):
    _fields_ = (
        ("keyboard", ParsecKeyboardMessage),
        ("mouseButton", ParsecMouseButtonMessage),
        ("mouseWheel", ParsecMouseWheelMessage),
        ("mouseMotion", ParsecMouseMotionMessage),
        ("gamepadButton", ParsecGamepadButtonMessage),
        ("gamepadAxis", ParsecGamepadAxisMessage),
        ("gamepadUnplug", ParsecGamepadUnplugMessage),
        ("gamepadState", ParsecGamepadStateMessage),
    )


class ParsecMessage(Structure):
    _anonymous_ = ("union",)
    _fields_ = (("type", c_int32), ("union", _ParsecMessageUnion))


class ParsecClientVideoConfig(Structure):
    _fields_ = (
        ("decoderIndex", c_uint32),
        ("resolutionX", c_int32),
        ("resolutionY", c_int32),
        ("decoderCompatibility", c_bool),
        ("decoderH265", c_bool),
        ("decoder444", c_bool),
        ("__pad", c_uint8 * 1),
    )


class ParsecClientConfig(Structure):
    _fields_ = (
        ("video", ParsecClientVideoConfig * 2),
        ("mediaContainer", c_int32),
        ("protocol", c_int32),
        ("secret", c_char * 32),
        ("pngCursor", c_bool),
        ("__pad", c_uint8 * 3),
    )


class ParsecDecoder(Structure):
    _fields_ = (
        ("index", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("name", c_char * 16),
        ("h265", c_bool),
        ("color444", c_bool),
        ("__pad", c_uint8 * 2),
    )


class ParsecClientStatus(Structure):
    _fields_ = (
        ("self", ParsecGuest),
        ("decoder", ParsecDecoder * 2),
        ("hostMode", c_int32),
        ("networkFailure", c_bool),
        ("__pad", c_uint8 * 3),
    )


class ParsecClientCursorEvent(Structure):
    _fields_ = (("cursor", ParsecCursor), ("key", c_uint32))


class ParsecClientRumbleEvent(Structure):
    _fields_ = (
        ("gamepadID", c_uint32),
        ("motorBig", c_uint8),
        ("motorSmall", c_uint8),
        ("__pad", c_uint8 * 2),
    )


class ParsecClientStreamEvent(Structure):
    _fields_ = (("status", c_int32), ("stream", c_uint8), ("__pad", c_uint8 * 3))


class ParsecClientUserDataEvent(Structure):
    _fields_ = (("id", c_uint32), ("key", c_uint32))


class _ParsecClientEventUnion(Union):
    _fields_ = (
        ("cursor", ParsecClientCursorEvent),
        ("rumble", ParsecClientRumbleEvent),
        ("stream", ParsecClientStreamEvent),
        ("userData", ParsecClientUserDataEvent),
    )


class ParsecClientEvent(Structure):
    _anonymous_ = ("union",)
    _fields_ = (("type", c_int32), ("union", _ParsecClientEventUnion))
