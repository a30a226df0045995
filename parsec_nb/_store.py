"""Keeps sessions in the operating system's keyring, and nowhere else.

One entry for each web API and game_id. There is no file of our own, and a
keyring that would write one readable is refused. A keyring may ask for its
password and wait, so each call has a thread of its own and a limit.
"""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from parsec_nb import _texts, _wire
from parsec_nb.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._service import Service
    from parsec_nb._values import Grant

T = TypeVar("T")

PATIENCE_SECONDS = 30.0
_QUICK_SECONDS = 1.0
_ENTRY = "parsec_nb"
_SAFE_PRIORITY = 1

# A call that was given up still ends before the next one begins: so what a
# logout deletes is not written afterwards.
_turn = threading.Lock()


class NoKeyringError(StoreError):
    """There is no keyring that encrypts, so none can hold anything."""


class KeyringStore:
    """The sessions in a keyring.

    Every call takes at most *patience* and a second; then the keyring is taken
    to wait for a password that nobody gives.

    Args:
        waiting: Called with True once a call takes longer than a second, and
            with False when that is over.
        backend: A keyring backend; by default the one that keyring chooses.
        patience: Seconds to wait for whoever is asked for a password.

    Raises:
        NoKeyringError: There is no keyring, or none that is safe.
        StoreError: The keyring does not answer.
    """

    def __init__(
        self,
        waiting: Callable[[bool], object] = bool,
        *,
        backend: Any = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._waiting = waiting
        self._patience = patience
        self._backend = self._call(lambda: _safe(backend))

    def load(self, service: Service) -> Grant | None:
        """Return the unexpired session of *service*, if one is kept.

        An expired one is deleted.
        """
        return self._call(lambda: self._load(_name(service)))

    def save(self, service: Service, grant: Grant) -> None:
        """Keep a session until it is replaced, deleted or expired.

        Raises:
            StoreError: It does not expire, or the keyring cannot be used.
        """
        if grant.expires_at is None:
            raise StoreError(_texts.NO_EXPIRY)
        entry = {
            "id": str(grant.id),
            "user_id": grant.user_id,
            "roles": list(grant.roles),
            "host_peer_id": grant.host_peer_id,
            "expires_at": grant.expires_at.timestamp(),
        }
        kept = json.dumps({"data": entry})
        self._call(lambda: self._backend.set_password(_ENTRY, _name(service), kept))

    def delete(self, service: Service) -> bool:
        """Delete the session of *service*; False if none was kept."""
        return self._call(lambda: self._delete(_name(service)))

    def _load(self, name: str) -> Grant | None:
        grant = _read(self._backend.get_password(_ENTRY, name))
        if grant is None or grant.expires_at is None:
            return None
        if grant.expires_at > datetime.now(timezone.utc):
            return grant
        self._delete(name)
        return None

    def _delete(self, name: str) -> bool:
        if self._backend.get_password(_ENTRY, name) is None:
            return False
        self._backend.delete_password(_ENTRY, name)
        return True

    def _call(self, work: Callable[[], T]) -> T:
        future: Future[T] = Future()
        threading.Thread(
            target=_work, args=(work, future), name="parsec_nb-keyring", daemon=True
        ).start()
        try:
            return future.result(_QUICK_SECONDS)
        except FutureTimeoutError:
            self._waiting(True)  # noqa: FBT003 - its only argument
        try:
            return future.result(self._patience)
        except FutureTimeoutError:
            raise StoreError(_texts.keyring_silent(self._patience)) from None
        finally:
            self._waiting(False)  # noqa: FBT003 - likewise


def _work(work: Callable[[], T], future: Future[T]) -> None:
    with _turn:
        try:
            result = work()
        except StoreError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - backends raise anything
            # Not chained: the error of a backend may hold what it was given.
            failure = StoreError(_texts.keyring_failed(type(error).__name__))
        else:
            future.set_result(result)
            return
    future.set_exception(failure)


def _safe(backend: Any) -> Any:
    """Return the backend that keeps what is stored; *backend* or keyring's choice."""
    try:
        import keyring  # noqa: PLC0415 - an extra
    except ImportError:
        raise NoKeyringError(_texts.NO_KEYRING) from None
    try:
        chosen = backend or keyring.get_keyring()
    except Exception as error:  # noqa: BLE001 - a setting may name anything
        name = type(error).__name__
        raise NoKeyringError(_texts.keyring_failed(name)) from None
    # A chain passes on to the next, which may be a readable file; so only its first.
    first = next(iter(getattr(chosen, "backends", ())), chosen)
    # By keyring's own rule those of 1 and above are recommended: they encrypt.
    if first.priority < _SAFE_PRIORITY:
        kind = type(first)
        raise NoKeyringError(
            _texts.keyring_unsafe(f"{kind.__module__}.{kind.__qualname__}")
        )
    return first


def _read(entry: object) -> Grant | None:
    try:
        return _wire.grant(json.loads(entry)) if isinstance(entry, str) else None
    except (ValueError, AttributeError, RecursionError):
        return None


def _name(service: Service) -> str:
    return f"{service.game_id} at {service.api_url}"
