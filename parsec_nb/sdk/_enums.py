"""The SDK's enums, but for `ParsecStatus`; a value that the SDK adds later passes."""

from __future__ import annotations

from enum import IntEnum


class OpenEnum(IntEnum):
    """An enum that also takes values which later versions of the SDK may add."""

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member


class ParsecLogLevel(OpenEnum):
    LOG_INFO = 105
    LOG_DEBUG = 100


class ParsecKeycode(OpenEnum):
    KEY_A = 4
    KEY_B = 5
    KEY_C = 6
    KEY_D = 7
    KEY_E = 8
    KEY_F = 9
    KEY_G = 10
    KEY_H = 11
    KEY_I = 12
    KEY_J = 13
    KEY_K = 14
    KEY_L = 15
    KEY_M = 16
    KEY_N = 17
    KEY_O = 18
    KEY_P = 19
    KEY_Q = 20
    KEY_R = 21
    KEY_S = 22
    KEY_T = 23
    KEY_U = 24
    KEY_V = 25
    KEY_W = 26
    KEY_X = 27
    KEY_Y = 28
    KEY_Z = 29
    KEY_1 = 30
    KEY_2 = 31
    KEY_3 = 32
    KEY_4 = 33
    KEY_5 = 34
    KEY_6 = 35
    KEY_7 = 36
    KEY_8 = 37
    KEY_9 = 38
    KEY_0 = 39
    KEY_ENTER = 40
    KEY_ESCAPE = 41
    KEY_BACKSPACE = 42
    KEY_TAB = 43
    KEY_SPACE = 44
    KEY_MINUS = 45
    KEY_EQUALS = 46
    KEY_LBRACKET = 47
    KEY_RBRACKET = 48
    KEY_BACKSLASH = 49
    KEY_SEMICOLON = 51
    KEY_APOSTROPHE = 52
    KEY_BACKTICK = 53
    KEY_COMMA = 54
    KEY_PERIOD = 55
    KEY_SLASH = 56
    KEY_CAPSLOCK = 57
    KEY_F1 = 58
    KEY_F2 = 59
    KEY_F3 = 60
    KEY_F4 = 61
    KEY_F5 = 62
    KEY_F6 = 63
    KEY_F7 = 64
    KEY_F8 = 65
    KEY_F9 = 66
    KEY_F10 = 67
    KEY_F11 = 68
    KEY_F12 = 69
    KEY_PRINTSCREEN = 70
    KEY_SCROLLLOCK = 71
    KEY_PAUSE = 72
    KEY_INSERT = 73
    KEY_HOME = 74
    KEY_PAGEUP = 75
    KEY_DELETE = 76
    KEY_END = 77
    KEY_PAGEDOWN = 78
    KEY_RIGHT = 79
    KEY_LEFT = 80
    KEY_DOWN = 81
    KEY_UP = 82
    KEY_NUMLOCK = 83
    KEY_KP_DIVIDE = 84
    KEY_KP_MULTIPLY = 85
    KEY_KP_MINUS = 86
    KEY_KP_PLUS = 87
    KEY_KP_ENTER = 88
    KEY_KP_1 = 89
    KEY_KP_2 = 90
    KEY_KP_3 = 91
    KEY_KP_4 = 92
    KEY_KP_5 = 93
    KEY_KP_6 = 94
    KEY_KP_7 = 95
    KEY_KP_8 = 96
    KEY_KP_9 = 97
    KEY_KP_0 = 98
    KEY_KP_PERIOD = 99
    KEY_APPLICATION = 101
    KEY_F13 = 104
    KEY_F14 = 105
    KEY_F15 = 106
    KEY_F16 = 107
    KEY_F17 = 108
    KEY_F18 = 109
    KEY_F19 = 110
    KEY_MENU = 118
    KEY_MUTE = 127
    KEY_VOLUMEUP = 128
    KEY_VOLUMEDOWN = 129
    KEY_LCTRL = 224
    KEY_LSHIFT = 225
    KEY_LALT = 226
    KEY_LGUI = 227
    KEY_RCTRL = 228
    KEY_RSHIFT = 229
    KEY_RALT = 230
    KEY_RGUI = 231
    KEY_AUDIONEXT = 258
    KEY_AUDIOPREV = 259
    KEY_AUDIOSTOP = 260
    KEY_AUDIOPLAY = 261
    KEY_AUDIOMUTE = 262
    KEY_MEDIASELECT = 263


class ParsecKeymod(OpenEnum):
    MOD_NONE = 0
    MOD_LSHIFT = 1
    MOD_RSHIFT = 2
    MOD_LCTRL = 64
    MOD_RCTRL = 128
    MOD_LALT = 256
    MOD_RALT = 512
    MOD_LGUI = 1024
    MOD_RGUI = 2048
    MOD_NUM = 4096
    MOD_CAPS = 8192


class ParsecMouseButton(OpenEnum):
    MOUSE_L = 1
    MOUSE_MIDDLE = 2
    MOUSE_R = 3
    MOUSE_X1 = 4
    MOUSE_X2 = 5


class ParsecGamepadButton(OpenEnum):
    GAMEPAD_BUTTON_A = 0
    GAMEPAD_BUTTON_B = 1
    GAMEPAD_BUTTON_X = 2
    GAMEPAD_BUTTON_Y = 3
    GAMEPAD_BUTTON_BACK = 4
    GAMEPAD_BUTTON_GUIDE = 5
    GAMEPAD_BUTTON_START = 6
    GAMEPAD_BUTTON_LSTICK = 7
    GAMEPAD_BUTTON_RSTICK = 8
    GAMEPAD_BUTTON_LSHOULDER = 9
    GAMEPAD_BUTTON_RSHOULDER = 10
    GAMEPAD_BUTTON_DPAD_UP = 11
    GAMEPAD_BUTTON_DPAD_DOWN = 12
    GAMEPAD_BUTTON_DPAD_LEFT = 13
    GAMEPAD_BUTTON_DPAD_RIGHT = 14
    GAMEPAD_BUTTON_MAX = 15


class ParsecGamepadState(OpenEnum):
    GAMEPAD_STATE_DPAD_UP = 1
    GAMEPAD_STATE_DPAD_DOWN = 2
    GAMEPAD_STATE_DPAD_LEFT = 4
    GAMEPAD_STATE_DPAD_RIGHT = 8
    GAMEPAD_STATE_START = 16
    GAMEPAD_STATE_BACK = 32
    GAMEPAD_STATE_LEFT_THUMB = 64
    GAMEPAD_STATE_RIGHT_THUMB = 128
    GAMEPAD_STATE_LEFT_SHOULDER = 256
    GAMEPAD_STATE_RIGHT_SHOULDER = 512
    GAMEPAD_STATE_GUIDE = 1024
    GAMEPAD_STATE_A = 4096
    GAMEPAD_STATE_B = 8192
    GAMEPAD_STATE_X = 16384
    GAMEPAD_STATE_Y = 32768


class ParsecGamepadAxis(OpenEnum):
    GAMEPAD_AXIS_LX = 0
    GAMEPAD_AXIS_LY = 1
    GAMEPAD_AXIS_RX = 2
    GAMEPAD_AXIS_RY = 3
    GAMEPAD_AXIS_TRIGGERL = 4
    GAMEPAD_AXIS_TRIGGERR = 5
    GAMEPAD_AXIS_MAX = 6


class ParsecMessageType(OpenEnum):
    MESSAGE_KEYBOARD = 1
    MESSAGE_MOUSE_BUTTON = 2
    MESSAGE_MOUSE_WHEEL = 3
    MESSAGE_MOUSE_MOTION = 4
    MESSAGE_GAMEPAD_BUTTON = 5
    MESSAGE_GAMEPAD_AXIS = 6
    MESSAGE_GAMEPAD_UNPLUG = 7
    MESSAGE_GAMEPAD_STATE = 8
    MESSAGE_RELEASE = 9


class ParsecColorFormat(OpenEnum):
    FORMAT_UNKNOWN = 0
    FORMAT_NV12 = 1
    FORMAT_I420 = 2
    FORMAT_NV16 = 3
    FORMAT_I422 = 4
    FORMAT_BGRA = 5
    FORMAT_RGBA = 6
    FORMAT_I444 = 7


class ParsecRotation(OpenEnum):
    ROTATION_UNKNOWN = 0
    ROTATION_NONE = 1
    ROTATION_90 = 2
    ROTATION_180 = 3
    ROTATION_270 = 4


class ParsecProtocol(OpenEnum):
    PROTO_MODE_BUD = 1
    PROTO_MODE_SCTP = 2


class ParsecContainer(OpenEnum):
    CONTAINER_PARSEC = 0
    CONTAINER_MP4 = 2


class ParsecPCMFormat(OpenEnum):
    PCM_FORMAT_FLOAT = 1
    PCM_FORMAT_INT16 = 2


class ParsecGuestState(OpenEnum):
    GUEST_WAITING = 1
    GUEST_CONNECTING = 2
    GUEST_CONNECTED = 4
    GUEST_DISCONNECTED = 8
    GUEST_FAILED = 16


class ParsecHostMode(OpenEnum):
    HOST_NONE = 0
    HOST_DESKTOP = 1
    HOST_GAME = 2


class ParsecGamepadType(OpenEnum):
    GAMEPAD_TYPE_X360 = 1
    GAMEPAD_TYPE_DS4 = 2


class ParsecHostEventType(OpenEnum):
    HOST_EVENT_GUEST_STATE_CHANGE = 1
    HOST_EVENT_USER_DATA = 2
    HOST_EVENT_INVALID_SESSION_ID = 4


class ParsecClientEventType(OpenEnum):
    CLIENT_EVENT_CURSOR = 1
    CLIENT_EVENT_RUMBLE = 2
    CLIENT_EVENT_USER_DATA = 3
    CLIENT_EVENT_BLOCKED = 4
    CLIENT_EVENT_UNBLOCKED = 5
    CLIENT_EVENT_STREAM = 6
