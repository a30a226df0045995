"""Strings that stay secret: session IDs, and the hashes of codes.

A masked `repr` prevents accidents only: `print(session_id)` and f-strings show the
real characters, because the SDK needs them.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, SupportsIndex, TypeGuard

from parsec_nb._api import messages

_SHOWN_CHARACTERS = 4
_SHORTEST_HINTED = 32
_MAX_SECRET = 4096

# Modules, and functions that are defined in the notebook's own namespace, that show
# the `str` of a variable without being asked to print it.
masked_callers: set[str] = set()


class Secret(str):
    """A string whose `repr` is masked and which cannot be pickled.

    Length, `==`, `.encode()`, f-strings, `json.dumps` and `str()` give the real
    characters. What other methods return of them is secret too.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}('…')"

    def __str__(self) -> str:
        """Return the real characters, but the `repr` to the `masked_callers`."""
        try:
            frame = sys._getframe(1)  # noqa: SLF001 - the only way to find the caller
        except ValueError:
            # C code called this, as in a thread or at exit.
            return super().__str__()
        callers = {frame.f_globals.get("__name__"), frame.f_code.co_name}
        masked = not masked_callers.isdisjoint(callers)
        return repr(self) if masked else super().__str__()

    def __getitem__(self, index: SupportsIndex | slice) -> Secret:
        return Secret(super().__getitem__(index))

    def __iter__(self) -> Iterator[str]:
        return map(Secret, super().__iter__())

    def __radd__(self, other: str) -> Secret:
        return Secret(str.__add__(other, self))

    def __copy__(self, memo: object = None) -> Secret:
        return self

    __deepcopy__ = __copy__

    def __reduce__(self, protocol: object = None) -> NoReturn:
        """Refuse pickling, because `%store` and caches write pickles to files."""
        raise TypeError(messages.not_pickled(type(self).__name__))

    __reduce_ex__ = __getnewargs__ = __reduce__


def _hide(value: Any) -> Any:
    """Return plain strings, also those in a list or tuple, as secrets."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_hide, value))
    return Secret(value)


def _copying(name: str) -> Callable[..., Any]:
    plain = getattr(str, name)

    @functools.wraps(plain)
    def method(self: Secret, *args: Any, **kwargs: Any) -> Any:
        copy = plain(self, *args, **kwargs)
        return self if copy == self else _hide(copy)

    return method


# The methods of `str` that return a copy, or parts, of the string.
for _name in (
    *("__add__", "__mod__", "__rmod__", "__mul__", "__rmul__", "capitalize"),
    *("casefold", "center", "expandtabs", "format", "format_map", "join", "ljust"),
    *("lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace"),
    *("rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "strip"),
    *("swapcase", "title", "translate", "upper", "zfill"),
):
    setattr(Secret, _name, _copying(_name))


class SessionID(Secret):
    """A Parsec session ID: the real string, shown as its last four characters.

    It is worth a password. `%store` and pickles refuse it; `print`, `str`, an
    f-string, JSON and a pandas data frame show it.

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


def is_session_id(value: object) -> TypeGuard[SessionID]:
    """Return whether *value* is a session ID, also of a class before a reload."""
    name = (SessionID.__module__, SessionID.__qualname__)
    return name in ((c.__module__, c.__qualname__) for c in type(value).__mro__)


def is_secret(value: object) -> TypeGuard[str]:
    """Return whether *value* can be a session ID or a hash: printable, no space."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _MAX_SECRET
        and value.isascii()
        and value.isprintable()
        and " " not in value
    )
