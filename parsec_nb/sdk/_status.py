"""The SDK's 141 status codes: what each means, and what to do about it."""

from __future__ import annotations

import csv
import functools
import os
from pathlib import Path
from typing import NamedTuple

from parsec_nb.errors import SDKConnectionError

from . import messages
from ._enums import OpenEnum

# Windows: -700000 minus what WSAGetLastError says. The SDK has no name for it.
_WSA_ERR = -700000


class ParsecStatus(OpenEnum):
    """What the SDK's functions return: 0 is good, below it are errors.

    Example:
        >>> ParsecStatus(11), ParsecStatus(-4242)
        (<ParsecStatus.CONNECT_WRN_NO_ROOM: 11>, <ParsecStatus.UNKNOWN_-4242: -4242>)
    """

    PARSEC_OK = 0
    HOST_WRN_SHUTDOWN = 4
    HOST_WRN_KICKED = 5
    CONNECT_WRN_APPROVAL = 6
    CONNECT_WRN_DECLINED = 8
    CONNECT_WRN_CANCELED = 9
    WRN_CONTINUE = 10
    CONNECT_WRN_NO_ROOM = 11
    PARSEC_CONNECTING = 20
    PARSEC_WRN_BROWSER = 30
    CONNECT_WRN_PEER_GONE = 99
    CONNECT_WRN_UNCONFIRMED = 100
    CONNECT_WRN_NO_PERMISSION = 112
    ALINK_WRN_INVALID = 200
    ALINK_WRN_INACTIVE = 201
    ALINK_WRN_EXPIRED = 202
    ALINK_WRN_NOT_STARTED = 203
    ALINK_WRN_TEAM_INVALID = 204
    DECODE_WRN_CONTINUE = 1000
    DECODE_WRN_ACCEPTED = 1001
    DECODE_WRN_REINIT = 1003
    NETWORK_WRN_TIMEOUT = 2000
    AUDIO_WRN_NO_DATA = 6000
    ERR_DEFAULT = -1
    PARSEC_NOT_RUNNING = -3
    PARSEC_ALREADY_RUNNING = -4
    PARSEC_NOT_IMPLEMENTED = -5
    PARSEC_ERR_PRE_RENDER = -6
    DECODE_ERR_INIT = -10
    DECODE_ERR_LOAD = -11
    DECODE_ERR_MAP = -13
    DECODE_ERR_DECODE = -14
    DECODE_ERR_CLEANUP = -15
    DECODE_ERR_PARSE = -16
    DECODE_ERR_NO_SUPPORT = -17
    DECODE_ERR_PIXEL_FORMAT = -18
    DECODE_ERR_BUFFER = -19
    DECODE_ERR_RESOLUTION = -20
    DECODE_ERR_OUT_OF_RANGE = -21
    DECODE_ERR_DEPENDENCY = -22
    DECODE_ERR_SYMBOL = -23
    WS_ERR_READ = -3002
    WS_ERR_WRITE = -3003
    WS_ERR_AUTH = -3008
    WS_ERR_GOING_AWAY = -3009
    WS_ERR_TEAM_DEACTIVATED = -3010
    NAT_ERR_PEER_PHASE = -6023
    NAT_ERR_STUN_PHASE = -6024
    NAT_ERR_INTEGRITY = -6025
    NAT_ERR_NO_CANDIDATES = -6033
    WS_ERR_CONNECT = -6101
    WS_ERR_CLOSE = -6105
    WS_ERR_INVALID_MSG = -6106
    NAT_ERR_JSON_ACTION = -6111
    NAT_ERR_NO_SOCKET = -6112
    NAT_ERR_WEBRTC = -6200
    OPENGL_ERR_CONTEXT = -7000
    OPENGL_ERR_SHARE = -7001
    OPENGL_ERR_PIXFORMAT = -7002
    OPENGL_ERR_CURRENT = -7003
    OPENGL_ERR_DC = -7004
    OPENGL_ERR_SHADER = -7005
    OPENGL_ERR_PROGRAM = -7006
    OPENGL_ERR_VERSION = -7007
    OPENGL_ERR_TEXTURE = -7008
    JSON_ERR_PARSE = -8000
    AUDIO_ERR_CAPTURE_INIT = -9000
    AUDIO_ERR_CAPTURE = -9001
    AUDIO_ERR_NETWORK = -9002
    AUDIO_ERR_FREE = -9003
    AUDIO_OPUS_ERR_INIT = -10000
    AUDIO_OPUS_ERR_DECODE = -10001
    AUDIO_OPUS_ERR_ENCODE = -10002
    NETWORK_ERR_BG_TIMEOUT = -12007
    NETWORK_ERR_BAD_PACKET = -12008
    NETWORK_ERR_BUFFER = -12011
    NETWORK_ERR_SHUTDOWN = -12017
    NETWORK_ERR_UNSUPPORTED = -12018
    NETWORK_ERR_INTERRUPTED = -12019
    SERVER_ERR_DISPLAY = -13000
    SERVER_ERR_RESOLUTION = -13008
    SERVER_ERR_MAX_RESOLUTION = -13009
    SERVER_ERR_NO_USER = -13011
    SERVER_ERR_VIDEO_DONE = -13013
    SERVER_ERR_CLIENT_ABORT = -13014
    SERVER_ERR_CLIENT_GONE = -13015
    CAPTURE_ERR_INIT = -14003
    CAPTURE_ERR_TEXTURE = -14004
    CAPTURE_ERR_INVALID = -14005
    ENCODE_ERR_INIT = -15000
    ENCODE_ERR_ENCODE = -15002
    ENCODE_ERR_BUFFER = -15006
    ENCODE_ERR_SESSION = -15007
    ENCODE_ERR_PROPERTIES = -15100
    ENCODE_ERR_LIBRARY = -15101
    ENCODE_ERR_SESSION1 = -15103
    ENCODE_ERR_SESSION2 = -15104
    ENCODE_ERR_OUTPUT_INIT = -15105
    ENCODE_ERR_TEXTURE = -15106
    ENCODE_ERR_OUTPUT = -15107
    ENCODE_ERR_UNSUPPORTED = -15108
    ENCODE_ERR_HANDLE = -15109
    ENCODE_ERR_CAPS = -15110
    UPNP_ERR = -19000
    D3D_ERR_TEXTURE = -22000
    D3D_ERR_SHADER = -22001
    D3D_ERR_BUFFER = -22002
    D3D_ERR_LAYOUT = -22003
    D3D_ERR_DEVICE = -22004
    D3D_ERR_MT = -22005
    D3D_ERR_ADAPTER = -22006
    D3D_ERR_FACTORY = -22007
    D3D_ERR_OUTPUT = -22008
    D3D_ERR_CONTEXT = -22009
    D3D_ERR_OUTPUT1 = -22010
    D3D_ERR_SWAP_CHAIN = -22011
    D3D_ERR_DRAW = -22012
    D3D_ERR_OUTPUT5 = -22013
    H26X_ERR_NOT_FOUND = -23000
    AES_GCM_ERR_KEY_LEN = -28000
    AES_GCM_ERR_BUFFER = -28004
    SCTP_ERR_GLOBAL_INIT = -32000
    SCTP_ERR_WRITE = -32001
    SCTP_ERR_SOCKET = -32002
    SCTP_ERR_BIND = -32003
    SCTP_ERR_CONNECT = -32004
    STUN_ERR_PACKET = -34000
    STUN_ERR_PARSE_HEADER = -34001
    STUN_ERR_PARSE_ADDRESS = -34002
    SO_ERR_OPEN = -35000
    SO_ERR_SYMBOL = -35001
    PARSEC_ERR_VERSION = -36000
    PARSEC_ERR_VER_DATA = -36001
    RESAMPLE_ERR_INIT = -37000
    RESAMPLE_ERR_RESAMPLE = -37001
    UNITY_UNSUPPORTED_ENGINE = -38000
    METAL_ERR_INIT = -39000
    METAL_ERR_PIXEL_FORMAT = -39001
    RPI_ERR_MEM_SPLIT = -40000
    OPENSSL_ERR = -600000
    SOCKET_ERR = -800000


class StatusInfo(NamedTuple):
    """What a status code means.

    Attributes:
        code: The number.
        name: The SDK's name, or the number as text if the SDK documents none.
        kind: `ok`, `wait`, `end` (asked for, or decided by the host), `permanent`,
            `retry`, `setup` (this computer), `host` (the other one) or `caller`.
        meaning: What happened, one sentence.
        remedy: What to do next, one sentence.
    """

    code: int
    name: str
    kind: str
    meaning: str
    remedy: str

    @property
    def permanent(self) -> bool:
        """Whether the same attempt would fail again until something is changed."""
        return self.kind not in ("ok", "wait", "retry")

    def __str__(self) -> str:
        return f"{self.meaning} {self.remedy} ({self.name}, {self.code})"


@functools.cache
def _table() -> dict[int, tuple[str, str, str]]:
    with Path(__file__).with_name("statuses.csv").open(encoding="utf-8") as file:
        return {
            int(row["code"]): (row["kind"], row["meaning"], row["remedy"])
            for row in csv.DictReader(file)
        }


def describe(code: int) -> StatusInfo:
    """Return what a status code means, also for those that hold another number.

    Three ranges carry the number of another system: -600000 minus what
    SSL_get_error says, -700000 minus a WSA error (Windows), -800000 minus an errno.

    Example:
        >>> describe(11).name, describe(11).permanent
        ('CONNECT_WRN_NO_ROOM', True)
        >>> describe(-800111).meaning
        'The operating system reported a network error: Connection refused.'
    """
    table = _table()
    if code <= ParsecStatus.SOCKET_ERR:
        reason = os.strerror(ParsecStatus.SOCKET_ERR - code)
        base = ParsecStatus.SOCKET_ERR
    elif code <= _WSA_ERR:
        reason = messages.WSA_ERROR.format(number=_WSA_ERR - code)
        base = ParsecStatus.SOCKET_ERR
    elif code <= ParsecStatus.OPENSSL_ERR:
        reason = messages.SSL_ERROR.format(number=ParsecStatus.OPENSSL_ERR - code)
        base = ParsecStatus.OPENSSL_ERR
    elif code in table:
        return StatusInfo(code, ParsecStatus(code).name, *table[code])
    else:
        meaning, remedy = messages.UNKNOWN_STATUS
        return StatusInfo(code, str(code), "retry", meaning, remedy)
    kind, meaning, remedy = table[base]
    meaning = f"{meaning.removesuffix('.')}: {reason}."
    return StatusInfo(code, base.name, kind, meaning, remedy)


def connection_error(code: int, *, connected: bool = False) -> SDKConnectionError:
    """Return the error for a status code, during a connection or before it."""
    info = describe(code)
    text = str(info)
    if connected and code == ParsecStatus.PARSEC_NOT_RUNNING:
        # A host that stops in order shows like this.
        text = messages.HOST_ENDED.format(name=info.name, code=code)
    return SDKConnectionError(text, code, info.name, permanent=info.permanent)
