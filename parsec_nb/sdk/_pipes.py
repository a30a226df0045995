"""Lines in pipes: writing them in time, masking secrets, keeping the last ones."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from io import RawIOBase

MASK = "***"


def make_non_blocking(descriptor: int) -> None:
    """Let `write()` keep to its timeout; Windows has no such pipes."""
    if os.name == "posix":
        os.set_blocking(descriptor, False)


def write(descriptor: int, data: bytes, timeout: float | None) -> int:
    """Write to a non-blocking pipe; return how many bytes it took in that time.

    At most 4096 bytes are written as a whole or not at all.

    Raises:
        OSError: The other end is closed.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            poll = select.poll()
            poll.register(descriptor, select.POLLOUT)
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                break
            poll.poll(None if left is None else left * 1000)
    return len(data) - len(view)


def has_more(stream: RawIOBase) -> bool:
    """Return whether a pipe has data, or its end, to be read; False on Windows."""
    if os.name != "posix":
        return False
    poll = select.poll()
    # A thread that has read it to its end closes it.
    with suppress(ValueError):
        poll.register(stream.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def masker(*secrets: str) -> Callable[[str], str]:
    """Return a function that replaces the secrets in a text.

    Example:
        >>> masker("0123", "")("peer 0123")
        'peer ***'
    """
    longest_first = sorted(filter(None, secrets), key=len, reverse=True)

    def mask(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, MASK)
        return text

    return mask


class Tail:
    """The last kilobytes of a text, without its secrets.

    Args:
        mask: Replaces the secrets.
        longest: The length of the longest secret.
    """

    LENGTH = 8192

    def __init__(self, mask: Callable[[str], str], longest: int) -> None:
        self._mask = mask
        self._longest = longest
        self._data = b""
        self._cut = False

    def hide(self, secret: str) -> None:
        mask = self._mask
        self._mask = lambda text: masker(secret)(mask(text))
        self._longest = max(self._longest, len(secret))

    def add(self, data: bytes) -> None:
        kept = self.LENGTH + self._longest
        self._cut |= len(self._data) + len(data) > kept
        self._data = (self._data + data)[-kept:]

    def __str__(self) -> str:
        text = self._mask(self._data.decode(errors="replace"))
        # The text may begin inside of a secret.
        return text[self._longest :] if self._cut else text
