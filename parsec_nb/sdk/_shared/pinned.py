"""A frame in the shared memory, and what is known of it."""

from __future__ import annotations

import contextlib
import ctypes
import weakref
from typing import Any, NamedTuple


class FrameHeader(NamedTuple):
    """What is known of a frame.

    Attributes:
        number: Counts a stream's frames from 1, dropped ones included.
        format: A `ParsecColorFormat`.
        rotation: A `ParsecRotation`.
        size: Bytes.
        width: Visible pixels across.
        height: Visible pixels down.
        full_width: Pixels across, padding included.
        full_height: Rows, padding included.
        received_ns: When the SDK passed it on, in ns since 1970.
    """

    number: int
    format: int
    rotation: int
    size: int
    width: int
    height: int
    full_width: int
    full_height: int
    received_ns: int


class PinnedFrame:
    """A frame that is not overwritten as long as `data`, or a view of it, exists.

    Attributes:
        header: What is known of the frame.
        data: Its bytes, read-only.
        address: Where they are.
    """

    def __init__(
        self, header: FrameHeader, array: Any, unpin: weakref.finalize[..., Any] | None
    ) -> None:
        self.header = header
        self.address = ctypes.addressof(array)
        self.data = memoryview(array).cast("B").toreadonly()
        self._unpin = unpin

    def release(self) -> None:
        """Let the frame be overwritten now, also under arrays that still show it."""
        with contextlib.suppress(BufferError):
            self.data.release()
        if self._unpin is not None:
            self._unpin()
