"""Memory that two processes share: a table of numbers, and room that grows.

It is a file without a name; on Windows a mapping with a tag.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import sys
import tempfile
import threading

TABLE_BYTES = 4096

# A Windows mapping cannot grow, and unused pages of it are not in memory.
_WINDOWS_BYTES = 256 << 20
# Where the room that is in use ends, in the table.
_END = 0
_CHUNK = 1 << 20
# Whole pages of any system.
_GRAIN = 1 << 16


class Memory:
    """The shared memory, mapped into this process. Not thread-safe but for `table`.

    Attributes:
        handle: A descriptor, or on Windows a tag; another process maps it by that.
        table: 64-bit numbers, zero at first. The first is taken.
        address: Where the mapping begins that `reach()` returned last.
    """

    def __init__(self, handle: int | str) -> None:
        self.handle = handle
        self.table = memoryview(_map(handle, TABLE_BYTES))[:TABLE_BYTES].cast("q")
        self.address = 0
        self._map: mmap.mmap | None = None

    @classmethod
    def create(cls, folder: str | None = None) -> Memory:
        """Make memory in *folder*, else in /dev/shm, else in the temporary folder.

        Raises:
            OSError: There is no room.
        """
        if sys.platform == "win32":
            import secrets  # noqa: PLC0415 - takes 2 ms, and only Windows needs it

            memory = cls(f"parsec_nb-{secrets.token_hex(16)}")
        else:
            memory = cls(_create_file(folder))
        memory.table[_END] = TABLE_BYTES
        return memory

    def close(self) -> None:
        """Unmap it but for what is still in use; `table` becomes a copy."""
        self.table = memoryview(bytearray(self.table)).cast("q")
        self._map = None
        if isinstance(self.handle, int):
            os.close(self.handle)

    def allocate(self, size: int) -> int:
        """Reserve *size* bytes for ever; return where they begin.

        Raises:
            OSError: There is no room.
        """
        begin = self.table[_END]
        begin += -begin % _GRAIN
        length = size + -size % _GRAIN
        if sys.platform != "win32":
            _reserve(int(self.handle), begin, length)
        elif begin + length > _WINDOWS_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.table[_END] = begin + length
        return begin

    def reach(self, end: int) -> mmap.mmap:
        """Return a mapping of all up to *end*; a new one if the last is too short."""
        if self._map is None or len(self._map) < end:
            self._map = _map(self.handle, self.table[_END])
            self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        return self._map


def fence() -> None:
    """Let other processes see all stores so far before any later load or store."""
    # Taking a free lock is a full memory barrier. A new one is never held, not even in
    # a forked child.
    with threading.Lock():  # noqa: PLW2101 - the barrier is the effect
        pass


def _map(handle: int | str, length: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, _WINDOWS_BYTES, tagname=str(handle))
    return mmap.mmap(int(handle), length)


def _create_file(folder: str | None) -> int:
    """Return the descriptor of a file whose name is gone."""
    places = (folder,) if folder else ("/dev/shm", tempfile.gettempdir())  # noqa: S108
    for place in places:
        try:
            with tempfile.TemporaryFile(prefix="parsec_nb-", dir=place) as file:
                _reserve(file.fileno(), 0, TABLE_BYTES)
                return os.dup(file.fileno())
        except OSError:
            if place == places[-1]:
                raise
    raise AssertionError


def _reserve(descriptor: int, begin: int, length: int) -> None:
    """Reserve room: a write where there is none would end the process by SIGBUS."""
    if sys.platform == "linux":
        os.posix_fallocate(descriptor, begin, length)
    elif sys.platform != "win32":
        for position in range(begin, begin + length, _CHUNK):
            count = min(_CHUNK, begin + length - position)
            os.pwrite(descriptor, bytes(count), position)
