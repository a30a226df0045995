"""Keeps a card's buttons alive while a cell awaits, in kernels that would not.

ipykernel 6 handles one message after another, so a cell that awaits holds up every
click. Here its queue is read meanwhile: what comes from widgets is handled, and
everything else waits its turn, in order. Later kernels need none of this: they have
no such queue, and front ends reach their widgets past a running cell.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS_BETWEEN_LOOKS = 0.05


@contextmanager
def handled_meanwhile(kernel: Any) -> Iterator[None]:
    """Handle *kernel*'s widget messages while the block awaits.

    Does nothing where the kernel has no queue, or runs in another event loop.
    """
    queue = getattr(kernel, "msg_queue", None)
    loop = asyncio.get_running_loop()
    if queue is None or kernel.io_loop.asyncio_loop is not loop:
        yield
        return
    others: list[Any] = []
    looking = loop.create_task(_look(kernel, queue, others))
    try:
        yield
    finally:
        looking.cancel()
        for message in others:
            queue.put_nowait(message)


async def _look(kernel: Any, queue: Any, others: list[Any]) -> None:
    while True:
        while not queue.empty():
            queued = queue.get_nowait()
            if not _handle(kernel, queued):
                others.append(queued)
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)


def _handle(kernel: Any, queued: Any) -> bool:
    """Handle a queued message if it is a widget's; else leave it untouched."""
    *_, arguments = queued
    session = kernel.session
    if not arguments:
        return False
    identities, frames = session.feed_identities(arguments[0], copy=False)
    if session.unpack(frames[1].bytes)["msg_type"] != "comm_msg":
        return False
    message = session.deserialize(frames, content=True, copy=False)
    # Front ends hold further changes back until they hear that this one is done.
    kernel._publish_status("busy", "shell", parent=message)  # noqa: SLF001 - as its own dispatch does
    kernel.comm_manager.comm_msg(kernel.shell_stream, identities, message)
    kernel._publish_status("idle", "shell", parent=message)  # noqa: SLF001 - likewise
    return True
