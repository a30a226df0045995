"""The values that a login is about, and how its secrets look when shown.

Frozen, and free of I/O: nothing here knows HTTP, JSON, threads or notebooks.
A masked `repr` is a seat belt: `print(session_id)` and f-strings show the real
one, because that is what a session ID is for.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, SupportsIndex

from parsec_nb import _texts

if TYPE_CHECKING:
    from datetime import datetime

_SHOWN_CHARACTERS = 4
_SHORTEST_HINTED = 32
# They show the str of a string: `%whos`, and `?`, which is Shift+Tab in JupyterLab.
_SHOWS_UNASKED = {"IPython.core.magics.namespace", "IPython.core.oinspect"}


class Secret(str):
    """A string that shows nothing of itself in a `repr` and cannot be pickled.

    Everything else is that of a `str`: its length, `==`, `.encode()`,
    f-strings, `json.dumps` and `str()` give the real characters. Its slices are
    secrets too, for what shortens a `repr` takes the `repr` of a slice.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}('…')"

    def __str__(self) -> str:
        """Return the real characters, except to what would show them unasked."""
        asker = sys._getframe(1).f_globals.get("__name__")  # noqa: SLF001 - no other way to know
        return repr(self) if asker in _SHOWS_UNASKED else super().__str__()

    def __getitem__(self, index: SupportsIndex | slice) -> Secret:
        return Secret(super().__getitem__(index))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse pickling, which `%store` and caches write to files with."""
        raise TypeError(_texts.not_pickled(type(self).__name__))


class SessionID(Secret):
    """A Parsec session ID: the real string, shown as its last four characters.

    It is worth a password. `%store` and pickles refuse it. What shows it is
    `print`, `str`, an f-string, JSON, and a pandas data frame.

    Example:
        >>> session_id = SessionID("0123456789abcdef" * 4)
        >>> session_id
        SessionID('…cdef')
        >>> len(session_id), session_id.startswith("0123")
        (64, True)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        hint = self[-_SHOWN_CHARACTERS:] if len(self) >= _SHORTEST_HINTED else ""
        return f"{type(self).__name__}('…{hint}')"


@dataclass(frozen=True)
class AuthCode:
    """A code that waits to be approved in a browser (RFC 8628 §3.2).

    Attributes:
        user_code: What the user types, such as `ABCD3456`.
        verification_uri: Where the user types it, as Parsec sent it.
        expires_at: When Parsec forgets it, by Parsec's clock; aware, UTC.
        interval: Seconds to wait before each poll.
        lifetime: Seconds from its arrival until it expires, at most 1800.
        auth_code_hash: What is polled with; a secret.

    Example:
        >>> code = pending.auth_code
        >>> code
        AuthCode(user_code='...', verification_uri='...', expires_at=..., interval=...)
        >>> code.expires_at.tzname(), 0 < code.lifetime <= 1800
        ('UTC', True)
        >>> code.auth_code_hash
        Secret('…')
    """

    user_code: str
    verification_uri: str
    expires_at: datetime
    interval: float
    lifetime: float = field(repr=False)
    auth_code_hash: Secret = field(repr=False)


@dataclass(frozen=True)
class Grant:
    """What Parsec grants on approval (Parsec web API, POST /auth/sessions, 201).

    Attributes:
        id: The session ID.
        user_id: The number of the user who approved, where Parsec told it.
        roles: What the session may do, as Parsec names it; for show only.
        host_peer_id: The peer ID under which guests reach this user's host.
        expires_at: When the session ends, where known; aware, UTC.
    """

    id: SessionID
    user_id: int | None = None
    roles: tuple[str, ...] = ()
    host_peer_id: str = ""
    expires_at: datetime | None = None
