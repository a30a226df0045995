"""Frames and sound in memory that the kernel shares with its worker process.

For each stream the memory's table holds the newest slot, the count of dropped frames,
the reader's two pins, and four slots with a header each. The writer changes no slot
that is the newest or pinned. A slot's number is 0 while it is written, so that a
reader that pinned it too late can tell.
"""

from __future__ import annotations

import ctypes
import threading
import weakref
from collections.abc import Sequence

from .memory import Memory, fence
from .pinned import FrameHeader, PinnedFrame

__all__ = ("SOUND_BYTES", "SOUND_PAIRS", "FrameHeader", "PinnedFrame", "SharedMedia")

SOUND_PAIRS = 30 * 48_000
SOUND_BYTES = SOUND_PAIRS * 4

_SLOTS = 4
_PINS = 2
_PAIR_BYTES = 4
# Positions in the table; the memory has the first.
_SOUND, _SOUND_BEGUN, _SOUND_WRITTEN = 1, 2, 3
_STREAMS = 8
# Positions in the part of a stream.
_NEWEST, _COUNT, _DROPPED, _PIN, _FIRST_SLOT = 0, 1, 2, 3, 5
# Positions in the part of a slot, which begins with its header.
_OFFSET, _CAPACITY, _SLOT_LENGTH = 9, 10, 11
_STREAM_LENGTH = _FIRST_SLOT + _SLOTS * _SLOT_LENGTH
# A reader that finds a slot being written this often has found a broken table.
_ATTEMPTS = 1000


class SharedMedia:
    """The newest frames and 30 s of sound, in the worker and in the kernel.

    Every method may be called from any thread; each stream has one writer. After
    `close()` nothing can be read, but pinned frames stay good.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._closed = False
        # A pin may end inside of any call, when garbage is collected.
        self._lock = threading.RLock()

    @classmethod
    def create(cls, folder: str | None = None) -> SharedMedia:
        """Make the memory in *folder*, else in /dev/shm, else in the temporary folder.

        Raises:
            OSError: There is no room.
        """
        return cls(Memory.create(folder))

    @classmethod
    def attach(cls, handle: int | str) -> SharedMedia:
        """Map the memory that another process made.

        Raises:
            OSError, ValueError: The handle is not one of such memory.
        """
        return cls(Memory(handle))

    @property
    def handle(self) -> int | str:
        """A descriptor, or on Windows a tag, by which another process attaches."""
        return self._memory.handle

    def close(self) -> None:
        """Close it; frames that are pinned stay readable until they are released."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._memory.close()

    def close_in_child(self) -> None:
        """Close it in a forked child, whose pins are its parent's."""
        # A thread of the parent may have held the old one.
        self._lock = threading.RLock()
        self.close()

    def write_frame(
        self, stream: int, values: Sequence[int], address: int, received_ns: int
    ) -> bool:
        """Copy a frame into a slot; return False if none was free.

        Args:
            stream: 0 or 1.
            values: The fields of a `FrameHeader` from `format` to `full_height`.
            address: Where the frame's bytes are.
            received_ns: When it came.

        Raises:
            OSError: There is no room for a slot of that size.
        """
        size = values[2]
        with self._lock:
            if self._closed:
                return False
            table, base = self._memory.table, _base(stream)
            table[base + _COUNT] += 1
            # Taken back once it is written.
            table[base + _DROPPED] += 1
            slot = self._begin_slot(base, size)
            if not slot:
                return False
            at = _slot(base, slot)
            ctypes.memmove(self._memory.address + table[at + _OFFSET], address, size)
            for position, value in enumerate((*values, received_ns), at + 1):
                table[position] = value
            fence()
            table[at] = table[base + _COUNT]
            fence()
            table[base + _NEWEST] = slot
            table[base + _DROPPED] -= 1
            return True

    def _begin_slot(self, base: int, size: int) -> int:
        """Choose a slot and make it large enough; return its place from 1, or 0."""
        table = self._memory.table
        newest = table[base + _NEWEST]
        others = [(newest + i) % _SLOTS + 1 for i in range(_SLOTS)]
        # Memory is used again while it is in the processor's cache.
        others.sort(key=lambda slot: table[_slot(base, slot) + _CAPACITY] < size)
        for slot in others:
            if slot == newest:
                continue
            at = _slot(base, slot)
            table[at] = 0
            fence()
            pins = table[base + _PIN : base + _PIN + _PINS].tolist()
            if slot in pins:
                continue
            capacity = table[at + _CAPACITY]
            if capacity < size:
                capacity = max(size, 2 * capacity)
                table[at + _OFFSET] = self._memory.allocate(capacity)
                table[at + _CAPACITY] = capacity
            self._memory.reach(table[at + _OFFSET] + capacity)
            return slot
        return 0

    def write_sound(self, address: int, pairs: int) -> None:
        """Add samples to the ring: signed 16 bit, left and right, 48,000 Hz.

        Raises:
            OSError: There is no room for the ring.
        """
        with self._lock:
            table = self._memory.table
            if not table[_SOUND]:
                table[_SOUND] = self._memory.allocate(SOUND_BYTES)
            self._memory.reach(table[_SOUND] + SOUND_BYTES)
            ring = self._memory.address + table[_SOUND]
            start = table[_SOUND_WRITTEN]
            table[_SOUND_BEGUN] = start + pairs
            fence()
            for begin, count in _parts(start, pairs):
                ctypes.memmove(ring + begin, address, count)
                address += count
            fence()
            table[_SOUND_WRITTEN] = start + pairs

    def newest(self, stream: int) -> FrameHeader | None:
        """Return what is known of a stream's newest frame; None if there is none."""
        table, base = self._memory.table, _base(stream)
        for _ in range(_ATTEMPTS):
            slot = table[base + _NEWEST]
            if not slot:
                break
            at = _slot(base, slot)
            header = FrameHeader(*table[at : at + _OFFSET])
            fence()
            unchanged = table[at] == header.number
            if header.number and unchanged:
                return header
        return None

    def pin(self, stream: int) -> PinnedFrame | None:
        """Return a stream's newest frame; None if there is none.

        Two frames of a stream can be pinned at a time; another one is a copy.
        """
        with self._lock:
            table, base = self._memory.table, _base(stream)
            pins = range(base + _PIN, base + _PIN + _PINS)
            pin = next((position for position in pins if not table[position]), 0)
            for _ in range(0 if self._closed else _ATTEMPTS):
                slot = table[base + _NEWEST]
                if not slot:
                    break
                at = _slot(base, slot)
                if pin:
                    table[pin] = slot
                fence()
                header = FrameHeader(*table[at : at + _OFFSET])
                if not header.number:
                    continue
                array = self._array(at, header.size)
                if pin:
                    unpin = weakref.finalize(array, self._unpin, pin)
                    unpin.atexit = False
                    return PinnedFrame(header, array, unpin)
                array = type(array).from_buffer_copy(array)
                fence()
                if table[at] == header.number:
                    return PinnedFrame(header, array, None)
            if pin:
                table[pin] = 0
            return None

    def _array(self, at: int, size: int) -> ctypes.Array[ctypes.c_char]:
        offset, capacity = self._memory.table[at + _OFFSET : at + _SLOT_LENGTH]
        mapping = self._memory.reach(offset + capacity)
        return (ctypes.c_char * size).from_buffer(mapping, offset)

    def _unpin(self, pin: int) -> None:
        with self._lock:
            self._memory.table[pin] = 0

    def dropped(self, stream: int) -> int:
        """Return how many frames of a stream found no slot."""
        return self._memory.table[_base(stream) + _DROPPED]

    @property
    def sound_written(self) -> int:
        """How many pairs of samples have been written."""
        return self._memory.table[_SOUND_WRITTEN]

    def sound(self, start: int, pairs: int) -> bytes:
        """Return *pairs* of samples from the one with number *start*, 4 bytes each.

        What has been overwritten is silence; what is not written yet is left out.
        """
        with self._lock:
            table = self._memory.table
            end = min(start + pairs, table[_SOUND_WRITTEN])
            if end <= start or self._closed:
                return b""
            ring = table[_SOUND]
            mapping = self._memory.reach(ring + SOUND_BYTES)
            first = max(start, end - SOUND_PAIRS)
            data = b"".join(
                mapping[ring + begin : ring + begin + count]
                for begin, count in _parts(first, end - first)
            )
            fence()
            lost = table[_SOUND_BEGUN] - SOUND_PAIRS - start
            silence = bytes(min(max(lost, 0), end - start) * _PAIR_BYTES)
            whole = (end - start) * _PAIR_BYTES
            return silence + data[len(data) - whole + len(silence) :]


def _base(stream: int) -> int:
    return _STREAMS + stream * _STREAM_LENGTH


def _slot(base: int, slot: int) -> int:
    return base + _FIRST_SLOT + (slot - 1) * _SLOT_LENGTH


def _parts(start: int, pairs: int) -> list[tuple[int, int]]:
    """Return where a range of pairs is in the ring: begin and count, in bytes."""
    position = start % SOUND_PAIRS
    first = min(pairs, SOUND_PAIRS - position)
    return [
        (position * _PAIR_BYTES, first * _PAIR_BYTES),
        (0, (pairs - first) * _PAIR_BYTES),
    ]
