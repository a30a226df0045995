"""Keeps sessions in the operating system's keyring, and nowhere else.

One entry for each web API and game_id. There is no file of our own, and a
keyring that would write one readable is refused. Every call may block, on a
prompt to unlock the keyring for instance.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from parsec_nb import _texts, _wire
from parsec_nb.errors import StoreError

if TYPE_CHECKING:
    from parsec_nb._service import Service
    from parsec_nb._values import Grant

_ENTRY = "parsec_nb"
_SAFE_PRIORITY = 1


class KeyringStore:
    """The sessions in a keyring.

    Args:
        backend: A keyring backend; by default the one that keyring chooses.

    Raises:
        StoreError: There is no keyring, or none that is safe.
    """

    def __init__(self, backend: Any = None) -> None:
        try:
            import keyring  # noqa: PLC0415 - an extra
        except ImportError:
            raise StoreError(_texts.NO_KEYRING) from None
        self._backend = backend or keyring.get_keyring()
        # A chain of backends takes the first; only those of 1 and above encrypt.
        first = next(iter(getattr(self._backend, "backends", ())), self._backend)
        if first.priority < _SAFE_PRIORITY:
            raise StoreError(_texts.keyring_failed("no encrypted keyring is set up"))

    def load(self, service: Service) -> Grant | None:
        """Return the unexpired session of *service*, if one is kept."""
        entry = self._call("get_password", _name(service))
        if not isinstance(entry, str):
            return None
        try:
            grant = _wire.grant(json.loads(entry))
        except (ValueError, AttributeError):
            return None
        if grant is None or grant.expires_at is None:
            return None
        return grant if grant.expires_at > datetime.now(timezone.utc) else None

    def save(self, service: Service, grant: Grant) -> None:
        """Keep a session until it is replaced, deleted or expired."""
        entry = {
            "id": str(grant.id),
            "user_id": grant.user_id,
            "roles": list(grant.roles),
            "host_peer_id": grant.host_peer_id,
            "expires_at": grant.expires_at and grant.expires_at.timestamp(),
        }
        self._call("set_password", _name(service), json.dumps({"data": entry}))

    def delete(self, service: Service) -> bool:
        """Delete the session of *service*; False if none was kept."""
        name = _name(service)
        if self._call("get_password", name) is None:
            return False
        self._call("delete_password", name)
        return True

    def _call(self, method: str, *arguments: str) -> object:
        failure = ""
        try:
            result: object = getattr(self._backend, method)(_ENTRY, *arguments)
        except Exception as error:  # noqa: BLE001 - backends raise anything
            failure = type(error).__name__
        else:
            return result
        # Raised out here: the error of a backend may hold what it was given.
        raise StoreError(_texts.keyring_failed(failure))


def _name(service: Service) -> str:
    return f"{service.game_id} at {service.api_url}"
