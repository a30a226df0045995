"""`host()`: checks each argument, and starts to host a game."""

from __future__ import annotations

import os
import secrets
import string
import sys
import weakref
from collections.abc import Callable

from parsec_nb._api.models import Session
from parsec_nb.errors import InvalidArgumentError, SDKSetupError
from parsec_nb.sdk import _abi
from parsec_nb.sdk._checks import checked_flag, is_whole
from parsec_nb.sdk._connect import (
    SIGNAL_HOST,
    checked_host_name,
    checked_python,
    checked_session,
    choose_sdk,
    is_simulated,
)

from . import messages
from .connection import HostConnection
from .game import GameHost

_SHORTEST_SECRET = 8
_SECRET_LETTERS = string.ascii_lowercase + string.digits
_MOST_GUESTS = 64
_MOST_FPS = 240
_BITRATE = 10

# Those that this process has made and still refers to.
_connections: weakref.WeakSet[HostConnection] = weakref.WeakSet()


def host(  # noqa: PLR0913 - each is a choice of the user's
    session: Session | str,
    *,
    name: str,
    game_id: str | None = None,
    secret: str | None = None,
    max_guests: int = 8,
    description: str = "",
    fps: int = 60,
    library: str | os.PathLike[str] | None = None,
    openssl: str | os.PathLike[str] | None = None,
    signal_host: str = SIGNAL_HOST,
    upnp: bool = False,
    python: str | None = None,
    on_invalid_session: Callable[[], Session] | None = None,
) -> GameHost:
    """Host a game (ParsecHostStart, game mode), and return at once. Experimental.

    ParsecHostStart and ParsecHostGLSubmitFrame return 0 whatever happens: also where
    no server can be reached, and where the picture cannot be read. The SDK's log,
    `host.log`, is the only sign. Nothing of it was tested against the live service.

    A session hosts one game: one of this process that it hosted before is stopped.

    Pictures go through OpenGL, for which the process needs libEGL (Mesa's is enough,
    also without a display). Only Linux is supported; the simulated SDK needs neither.

    Args:
        session: A session, or a session ID. A session of the simulator gets the
            simulated SDK, with a guest who joins and plays.
        name: The game's name, which guests see.
        game_id: The game_id that Parsec issued; else the session's.
        secret: What guests need to know to join, 8 to 31 ASCII characters; None
            makes one. `host.share_text` has it.
        max_guests: How many guests may join, 1 to 64.
        description: What else guests see.
        fps: Pictures a second that the SDK encodes at most.
        library: The file of Parsec's SDK; else PARSEC_SDK_PATH.
        openssl: As for `connect()`.
        signal_host: As for `connect()`.
        upnp: As for `connect()`.
        python: As for `connect()`.
        on_invalid_session: Returns a new session when Parsec no longer accepts the
            last one; called in a thread. Without it, hosting ends then.

    Raises:
        InvalidArgumentError: An argument cannot be used.
        SDKSetupError: There is no usable library, or no OpenSSL 1.1, or this system
            cannot host.
        SessionExpiredError: The session has expired.

    Example:
        >>> game = await sdk.host(session, name="Pong", max_guests=2)
        >>> game.status
        <ConnectionStatus.CONNECTED: 'connected'>
        >>> game.stop()
    """
    # A verbose traceback shows the variables of its frames.
    given = [session]
    del session
    session = checked_session(given)
    if game_id is None:
        game_id = getattr(session, "game_id", "")
    if secret is None:
        secret = "".join(secrets.choice(_SECRET_LETTERS) for _ in range(12))
    config = _config(name, description, game_id, max_guests, fps)
    peer_id = getattr(session, "host_peer_id", "")
    settings = {
        "signal_host": checked_host_name(signal_host),
        "upnp": checked_flag("upnp", upnp),
        "session_id": session.id,
        "peer_id": peer_id,
        "secret": _checked_secret(secret),
        "config": bytes(config).hex(),
    }
    if on_invalid_session is not None and not callable(on_invalid_session):
        raise InvalidArgumentError(messages.NOT_CALLABLE.format(it=on_invalid_session))
    interpreter = checked_python(python)
    on_linux = sys.platform.startswith("linux")
    if not on_linux and not is_simulated(session, library):
        raise SDKSetupError(messages.HOSTS_ON_LINUX_ONLY)
    start = {"do": "host", **settings}
    start |= choose_sdk(session, library, openssl, interpreter)
    connection = HostConnection(start, on_invalid_session, python=interpreter)
    made = GameHost(connection, name, peer_id, secret)
    for earlier in [*_connections]:
        if earlier.session_id == session.id:
            earlier.disconnect()
    _connections.add(connection)
    connection.begin()
    return made


def _config(
    name: str, description: str, game_id: str, max_guests: int, fps: int
) -> _abi.ParsecHostConfig:
    config = _abi.ParsecHostConfig(
        gamepadType=_abi.ParsecGamepadType.GAMEPAD_TYPE_X360,
        adminMute=1,
        maxGuests=_checked_number("max_guests", max_guests, _MOST_GUESTS),
        name=_checked_text("name", name, _abi.HOST_NAME_LEN),
        desc=_checked_text("description", description, _abi.HOST_DESC_LEN),
        gameID=_checked_text("game_id", game_id, _abi.GAME_ID_LEN),
    )
    if not config.name:
        raise InvalidArgumentError(messages.NO_GAME_NAME)
    if not config.gameID.isascii():
        raise InvalidArgumentError(messages.BAD_GAME_ID.format(game_id=game_id))
    for video in config.video:
        video.encoderMaxBitrate = _BITRATE
        video.output = b"none"
        video.encoderFPS = _checked_number("fps", fps, _MOST_FPS)
    return config


def _checked_text(name: str, text: str, length: int) -> bytes:
    if not isinstance(text, str) or "\0" in text:
        raise InvalidArgumentError(messages.NOT_A_HOST_TEXT.format(name=name))
    encoded = text.strip().encode("utf-8", "replace")
    if len(encoded) >= length:
        text = messages.HOST_TEXT_TOO_LONG.format(name=name, most=length - 1)
        raise InvalidArgumentError(text)
    return encoded


def _checked_number(name: str, number: int, most: int) -> int:
    if not is_whole(number, 1, most):
        text = messages.NOT_A_COUNT.format(name=name, number=number, most=most)
        raise InvalidArgumentError(text)
    return int(number)


def _checked_secret(secret: str) -> str:
    fits = isinstance(secret, str) and secret.isascii() and secret.isprintable()
    if not fits or not _SHORTEST_SECRET <= len(secret) < _abi.HOST_SECRET_LEN:
        # The value is not shown, because it lets people in.
        text = messages.UNUSABLE_GAME_SHARE.format(
            least=_SHORTEST_SECRET, most=_abi.HOST_SECRET_LEN - 1
        )
        raise InvalidArgumentError(text)
    return secret
