"""Keeps sessions in the operating system's keyring, and nowhere else.

There is one entry for each web API and game_id. A keyring that would write a readable
file is refused. A keyring may wait for the user's password, so each call runs in a
thread that is abandoned on a timeout.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime, timezone
from functools import partial
from typing import Any, TypeVar

from parsec_nb._api import parsing
from parsec_nb._api.models import Session
from parsec_nb._api.threads import NoThreadError, after_fork, call_in_thread
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


@after_fork
def _renew_lock() -> None:
    global _call_lock  # noqa: PLW0603 - a thread of the parent may hold the old one
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
            self._loaded = self._call(partial(_load, config))
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
        try:
            self._call(partial(_save, _name(config), entry))
        except StoreError as error:
            return messages.NOT_REMEMBERED.format(reason=error)
        return messages.REMEMBERED

    def delete(self, config: LoginConfig) -> bool:
        """Delete the session of a web API and a game_id; False if there is none.

        Raises:
            NoKeyringError: There is no keyring, or none that is safe.
            StoreError: A keyring cannot be used, and may still hold the session.
        """
        return self._call(partial(_delete, _names(config)))

    def describe(self) -> str:
        """Return the names of the keyrings that are used; raises as `delete` does."""
        return self._call(lambda backends: ", ".join(map(_kind, backends)))

    def _call(self, work: Callable[[list[Any]], T]) -> T:
        """Call *work* with the safe backends; raises nothing but StoreError."""

        def call() -> T:
            try:
                with _call_lock:
                    return work(_safe_backends(self._backend))
            except StoreError:
                raise
            except BaseException as error:  # noqa: BLE001 - Rust's panics are no Exception
                raise _failed(error) from None

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
            waited = _QUICK_SECONDS + self._timeout
            text = messages.KEYRING_SILENT.format(seconds=waited)
            raise StoreError(text) from None
        finally:
            self._on_wait(False)  # noqa: FBT003 - its only argument


def _failed(error: BaseException) -> StoreError:
    return StoreError(messages.KEYRING_FAILED.format(error=type(error).__name__))


def _remembers(config: LoginConfig) -> bool:
    return config.remember and not config.demo


def _safe_backends(backend: Any) -> list[Any]:
    """Return those of *backend*, or of keyring's choice, that encrypt.

    keyring recommends backends of priority 1 and above: these encrypt. The members
    of a chain are judged one by one, because some may be readable files.
    """
    try:
        import keyring  # noqa: PLC0415 - an extra
    except ImportError:
        raise NoKeyringError(messages.NO_KEYRING) from None
    try:
        chosen = backend or keyring.get_keyring()
        members = list(getattr(chosen, "backends", ())) or [chosen]
        safe = [one for one in members if one.priority >= _SAFE_PRIORITY]
    except Exception as error:  # noqa: BLE001 - a setting can name any class
        raise NoKeyringError(str(_failed(error))) from None
    if not safe:
        raise NoKeyringError(messages.KEYRING_UNSAFE.format(kind=_kind(members[0])))
    return safe


def _kind(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _each(backends: list[Any], work: Callable[[Any], T]) -> Iterator[T]:
    """Yield what *work* returns for each backend; raise the first failure at the end.

    Nothing is chained to it: a backend's error may quote the entry.
    """
    failure: StoreError | None = None
    for backend in backends:
        try:
            result = work(backend)
        except BaseException as error:  # noqa: BLE001 - backends raise anything
            failure = failure or _failed(error)
        else:
            yield result
    if failure is not None:
        raise failure


def _load(config: LoginConfig, backends: list[Any]) -> Session | None:
    name, *old_names = _names(config)
    for entry_name in (name, *old_names):
        found = _each(backends, partial(_read, entry_name))
        entry = next((entry for entry in found if entry), "")
        session = parsing.session(
            parsing.json_object(entry) or {},
            api_url=config.api_url,
            game_id=config.game_id or "",
        )
        if session is None or session.expires_at is None:
            continue
        if session.expires_at <= datetime.now(timezone.utc):
            _delete([entry_name], backends, only=entry)
        else:
            if entry_name != name:
                _save(name, entry, backends)
                _delete(old_names, backends)
            return session
    return None


def _read(name: str, backend: Any) -> str | None:
    try:
        entry: str | None = backend.get_password(_SERVICE, name)
    except Exception as error:
        # Secret Service: another kernel deleted it after it was found.
        if type(error).__name__ == "ItemNotFoundException":
            return None
        raise
    return entry


def _save(name: str, entry: str, backends: list[Any]) -> None:
    """Save with the first backend that can."""
    next(_each(backends, lambda b: b.set_password(_SERVICE, name, entry)))


def _delete(names: list[str], backends: list[Any], only: str | None = None) -> bool:
    """Delete what is in the entries, or *only* that; False if they have none.

    Another kernel may replace or delete an entry at any time.
    """

    def delete(backend: Any) -> bool:
        found = {name: _read(name, backend) for name in names}
        held = {
            n: entry for n, entry in found.items() if entry and only in {None, entry}
        }
        for name, entry in held.items():
            try:
                backend.delete_password(_SERVICE, name)
            except Exception:
                if _read(name, backend) == entry:
                    raise
        return bool(held)

    return any(list(_each(backends, delete)))


def _name(config: LoginConfig) -> str:
    return json.dumps([config.game_id, config.api_url])


def _names(config: LoginConfig) -> list[str]:
    """Return the entry's name, and those of version 0.1.0 that are unambiguous."""
    urls = dict.fromkeys((config.api_url, config.spelling or config.api_url))
    old = (f"{config.game_id} at {url}" for url in urls)
    return [_name(config), *(name for name in old if name.count(" at ") == 1)]
