"""Keeps sessions in the operating system's keyring, and nowhere else.

There is one entry for each web API and game_id. A keyring that would write a readable
file is refused. A keyring may wait for the user's password, so each call runs in a
thread that is abandoned on a timeout.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime, timezone
from functools import partial
from typing import Any, TypeVar

from parsec_nb._api import parsing
from parsec_nb._api.models import Session
from parsec_nb._api.threads import NoThreadError, call_in_thread
from parsec_nb._auth import messages
from parsec_nb._auth.config import LoginConfig
from parsec_nb.errors import StoreError

T = TypeVar("T")

TIMEOUT_SECONDS = 30.0
_QUICK_SECONDS = 1.0
_SERVICE = "parsec_nb"
_SAFE_PRIORITY = 1

# An abandoned call still ends before the next one starts: a session that a logout
# deletes is not written afterwards.
_call_lock = threading.Lock()


class NoKeyringError(StoreError):
    """There is no keyring that encrypts."""


class KeyringStore:
    """The sessions in a keyring.

    A call takes at most *timeout* and a second.

    Args:
        on_wait: Called with True once a call takes longer than a second, probably
            because the keyring asks for a password, and with False at its end.
        backend: A keyring backend; by default the one that keyring chooses.
        timeout: Seconds to wait for a keyring that asks for a password.
    """

    def __init__(
        self,
        on_wait: Callable[[bool], object] = bool,
        *,
        backend: Any = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._on_wait = on_wait
        self._timeout = timeout
        self._backend = backend
        self._loaded: Session | None = None

    def load(self, config: LoginConfig) -> Session | None:
        """Return the unexpired session of a login that is to remember it, if any.

        An expired session is deleted. A keyring that cannot be used has no session;
        `save` tells why.
        """
        if config.fresh or not _remembers(config):
            return None
        try:
            self._loaded = self._call(partial(self._load, config))
        except StoreError:
            return None
        return self._loaded

    def save(self, config: LoginConfig, session: Session) -> str | None:
        """Keep a session if the login is to remember it; return a notice about it."""
        if session in (self._loaded, config.existing) or not _remembers(config):
            return None
        if session.expires_at is None:
            return messages.NOT_REMEMBERED.format(reason=messages.NO_EXPIRY)
        data = {
            "id": str(session.id),
            "user_id": session.user_id,
            "roles": list(session.roles),
            "host_peer_id": session.host_peer_id,
            "expires_at": session.expires_at.timestamp(),
        }
        entry = json.dumps({"data": data})
        name = _name(config)
        try:
            self._call(lambda b: b.set_password(_SERVICE, name, entry))
        except StoreError as error:
            return messages.NOT_REMEMBERED.format(reason=error)
        return messages.REMEMBERED

    def delete(self, config: LoginConfig) -> bool:
        """Delete the session of a web API and a game_id; False if there is none.

        Raises:
            NoKeyringError: There is no keyring, or none that is safe.
            StoreError: The keyring cannot be used.
        """
        return self._call(partial(_delete, _name(config)))

    def _load(self, config: LoginConfig, backend: Any) -> Session | None:
        name = _name(config)
        entry = backend.get_password(_SERVICE, name)
        session = parsing.session(
            parsing.json_object(entry or "") or {},
            api_url=config.api_url,
            game_id=config.game_id or "",
        )
        if session is None or session.expires_at is None:
            return None
        if session.expires_at > datetime.now(timezone.utc):
            return session
        _delete(name, backend)
        return None

    def _call(self, work: Callable[[Any], T]) -> T:
        """Call *work* with the backend; raises nothing but StoreError."""

        def call() -> T:
            with _call_lock:
                try:
                    return work(_safe_backend(self._backend))
                except StoreError:
                    raise
                except Exception as error:  # noqa: BLE001 - backends raise anything
                    failure = _failed(error)
                # Not chained: a backend's error may quote the entry.
                raise failure

        try:
            future = call_in_thread(call, "parsec_nb-keyring")
        except NoThreadError as error:
            raise _failed(error) from None
        try:
            return future.result(_QUICK_SECONDS)
        except FutureTimeoutError:
            self._on_wait(True)  # noqa: FBT003 - its only argument
        try:
            return future.result(self._timeout)
        except FutureTimeoutError:
            text = messages.KEYRING_SILENT.format(seconds=self._timeout)
            raise StoreError(text) from None
        finally:
            self._on_wait(False)  # noqa: FBT003 - its only argument


def _failed(error: Exception) -> StoreError:
    return StoreError(messages.KEYRING_FAILED.format(error=type(error).__name__))


def _remembers(config: LoginConfig) -> bool:
    return config.remember and not config.demo


def _safe_backend(backend: Any) -> Any:
    """Return *backend*, or keyring's choice, if it encrypts."""
    try:
        import keyring  # noqa: PLC0415 - an extra
    except ImportError:
        raise NoKeyringError(messages.NO_KEYRING) from None
    try:
        chosen = backend or keyring.get_keyring()
    except Exception as error:  # noqa: BLE001 - a setting can name any class
        raise NoKeyringError(str(_failed(error))) from None
    # A chain falls back to its other members, which may be readable files.
    first = next(iter(getattr(chosen, "backends", ())), chosen)
    # keyring recommends backends of priority 1 and above: these encrypt.
    if first.priority < _SAFE_PRIORITY:
        kind = f"{type(first).__module__}.{type(first).__qualname__}"
        raise NoKeyringError(messages.KEYRING_UNSAFE.format(kind=kind))
    return first


def _delete(name: str, backend: Any) -> bool:
    if backend.get_password(_SERVICE, name) is None:
        return False
    backend.delete_password(_SERVICE, name)
    return True


def _name(config: LoginConfig) -> str:
    return f"{config.game_id} at {config.api_url}"
