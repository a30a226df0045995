"""Handles widget messages while a cell awaits, in ipykernel 6.

ipykernel 6 handles one message at a time, so that a cell that awaits holds up every
click. Here its queue is searched meanwhile: widget messages are handled, and all
others stay where they are. ipykernel 7 has no such queue, and front ends reach
widgets in subshells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_SECONDS_BETWEEN_SEARCHES = 0.05


@contextmanager
def widget_messages(kernel: Any) -> Iterator[None]:
    """Handle *kernel*'s widget messages in this block, until its cell has ended.

    Does nothing where the kernel has no such queue, or runs in another event loop.
    """
    # A tornado queue keeps its items in this deque.
    waiting = getattr(getattr(kernel, "msg_queue", None), "_queue", None)
    loop = asyncio.get_running_loop()
    if waiting is None or kernel.io_loop.asyncio_loop is not loop:
        yield
        return
    searching = loop.create_task(_search(kernel, waiting))
    try:
        yield
    finally:
        searching.cancel()


async def _search(kernel: Any, waiting: Any) -> None:
    cell = kernel.get_parent("shell")
    while kernel.get_parent("shell") is cell:
        for queued in tuple(waiting):
            message = _widget_message(kernel.session, queued)
            if message is not None:
                waiting.remove(queued)
                _handle(kernel, *message)
        await asyncio.sleep(_SECONDS_BETWEEN_SEARCHES)


def _widget_message(session: Any, queued: Any) -> tuple[Any, Any] | None:
    """Return the identities and the content of a queued message to a widget."""
    *_, arguments = queued
    if not arguments:
        return None
    identities, frames = session.feed_identities(arguments[0], copy=False)
    if session.unpack(frames[1].bytes)["msg_type"] != "comm_msg":
        return None
    return identities, session.deserialize(frames, content=True, copy=False)


def _handle(kernel: Any, identities: Any, message: Any) -> None:
    # Front ends hold back further changes until they hear that this one is handled.
    kernel._publish_status("busy", "shell", parent=message)  # noqa: SLF001 - as the kernel's dispatch does
    kernel.comm_manager.comm_msg(kernel.shell_stream, identities, message)
    kernel._publish_status("idle", "shell", parent=message)  # noqa: SLF001 - likewise
