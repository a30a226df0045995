"""`connect()`: checks each argument, and starts a connection."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from parsec_nb._api.models import Host, Session
from parsec_nb.errors import InvalidArgumentError, SDKSetupError, SessionExpiredError

from . import messages
from ._checks import checked_flag, checked_positive
from ._client import Client
from ._config import make_config
from ._connection import Connection
from ._retries import RECONNECT_DELAYS

SIGNAL_HOST = "kessel-ws.parsec.app"
# 27 characters as far as known.
_PEER_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_HOST_NAME = re.compile(r"[0-9A-Za-z]([0-9A-Za-z.-]{0,250}[0-9A-Za-z])?")
_MOST_SECONDS = 3600.0


def connect(  # noqa: PLR0913 - each is a choice of the user's
    session: Session | str,
    host: Host | str,
    *,
    library: str | os.PathLike[str] | None = None,
    secret: str = "",
    decoder: str = "software",
    h265: bool = False,
    openssl: str | os.PathLike[str] | None = None,
    signal_host: str = SIGNAL_HOST,
    upnp: bool = False,
    python: str | os.PathLike[str] | None = None,
    timeout: float = 30.0,
    reconnect: bool = False,
) -> Client:
    """Connect to a host as a guest (ParsecClientConnect), and return at once.

    The SDK runs in a process of its own, so that nothing that it does reaches the
    kernel. `await client`, or `client.result()`, waits until the host has accepted.

    Args:
        session: A session, or a session ID. A session of the simulator gets the
            simulated SDK.
        host: A host of `session.hosts()`, or a peer ID.
        library: The file of Parsec's SDK; else PARSEC_SDK_PATH.
        secret: The host's share secret, if it has one.
        decoder: `software` or `hardware`.
        h265: Whether the host may send H.265.
        openssl: The folder of OpenSSL 1.1, or its libcrypto, on Linux; else
            PARSEC_OPENSSL_PATH, else the system's.
        signal_host: Parsec's signal server. The SDK's own default is gone, as
            public reports say; the setting is not documented.
        upnp: Whether the SDK may ask the router to open a port.
        python: Another Python for the process, such as one of the library's
            architecture.
        timeout: Seconds until a host must have accepted; the time in which a person
            decides does not count.
        reconnect: Whether to connect again if a connection fails or is lost for a
            reason that may pass: after 2.5 s, then twice as long each time, up to
            five times; once with H.264 if H.265 cannot be decoded.

    Raises:
        InvalidArgumentError: An argument cannot be used.
        SDKSetupError: There is no usable library, or no OpenSSL 1.1.
        SessionExpiredError: The session has expired.

    Example:
        >>> client = await sdk.connect(session, session.hosts(mode="desktop")[0])
        >>> client.status
        <ConnectionStatus.CONNECTED: 'connected'>
    """
    # A verbose traceback shows the variables of its frames.
    given = [session]
    del session
    session = checked_session(given)
    peer_id = host if isinstance(host, str) else getattr(host, "peer_id", None)
    if not (isinstance(peer_id, str) and _PEER_ID.fullmatch(peer_id)):
        raise InvalidArgumentError(messages.NOT_A_HOST.format(host=host))
    settings = {
        "signal_host": checked_host_name(signal_host),
        "upnp": checked_flag("upnp", upnp),
        "session_id": session.id,
        "peer_id": peer_id,
        "config": make_config(secret, decoder, h265=checked_flag("h265", h265)),
    }
    delays = RECONNECT_DELAYS if checked_flag("reconnect", reconnect) else ()
    timeout = checked_positive("timeout", timeout, _MOST_SECONDS)
    interpreter = checked_python(python)
    sdk = choose_sdk(session, library, openssl, interpreter)
    connection = Connection(
        {"do": "start", **settings, **sdk},
        timeout=timeout,
        delays=delays,
        python=interpreter,
    )
    name = getattr(host, "name", "") or peer_id
    client = Client(connection, name)
    connection.begin()
    return client


def checked_session(given: list[Any]) -> Session:
    """Return the session, or one of the session ID, that the list holds.

    Raises:
        InvalidArgumentError: It is neither.
        SessionExpiredError: It has expired.
    """
    is_id = isinstance(given[0], str)
    session: Session = Session.from_id(given.pop()) if is_id else given[0]
    names = ("id", "api_url", "simulated", "expired")
    if not all(hasattr(session, name) for name in names):
        kind = type(session).__name__
        raise InvalidArgumentError(messages.NOT_A_SESSION.format(kind=kind))
    if session.expired:
        raise SessionExpiredError(messages.SESSION_EXPIRED)
    return session


def is_simulated(session: Session, library: object) -> bool:
    """Return whether a session gets the simulated SDK: it is a simulator's."""
    return library is None and session.simulated


def choose_sdk(
    session: Session,
    library: str | os.PathLike[str] | None,
    openssl: str | os.PathLike[str] | None,
    python: str | None,
) -> dict[str, object]:
    """Return which SDK the worker loads, as a part of its first message.

    Raises:
        SDKSetupError: There is no usable library, or no OpenSSL 1.1.
        InvalidArgumentError: An argument is not a path.
    """
    if is_simulated(session, library):
        return {"simulated": session.api_url, "library": None, "openssl": None}
    from ._library.native import find_native  # noqa: PLC0415 - the simulated SDK needs none

    return {"simulated": None, **find_native(library, openssl, python)}


def checked_host_name(name: str) -> str:
    """Return the name of a server, without a scheme."""
    if not (isinstance(name, str) and _HOST_NAME.fullmatch(name)):
        raise InvalidArgumentError(messages.BAD_SIGNAL_HOST.format(name=name))
    return name


def checked_python(python: str | os.PathLike[str] | None) -> str | None:
    """Return the path of an interpreter; None for this one."""
    if python is None:
        return None
    if not isinstance(python, (str, os.PathLike)):
        text = messages.NO_SUCH_PYTHON.format(python=python)
        raise InvalidArgumentError(text)
    found = shutil.which(Path(python).expanduser())
    if found is None:
        raise SDKSetupError(messages.NO_SUCH_PYTHON.format(python=python))
    return found
