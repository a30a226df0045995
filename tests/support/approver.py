"""Approves codes as a user does: reads the card, fills in the simulator's page."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import re
import threading
from html import unescape
from typing import TYPE_CHECKING, Any

import requests
from jupyter_client.asynchronous.client import AsyncKernelClient

if TYPE_CHECKING:
    from typing_extensions import Self

_LINK = re.compile(r"https?://[^\s'\"<>]+/activate")
# No vowels, and none of the characters that look like another.
_CODE = re.compile(r"\b[BCDFGHJKLMNPQRSTVWXYZ34679]{8}\b")
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"/?>')


def approve(link: str, user_code: str) -> None:
    """Enter a code on the page behind a link, and allow it."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(link, timeout=10).text
        for fields in ({"user_code": user_code}, {"decision": "allow"}):
            response = browser.post(link, data=hidden_fields(page) | fields, timeout=10)
            response.raise_for_status()
            page = response.text
    assert "Login allowed" in page


def hidden_fields(page: str) -> dict[str, str]:
    """Return the names and values of a page's hidden fields."""
    return {name: unescape(value) for name, value in _FIELD.findall(page)}


class Approver:
    """Approves every code that a kernel shows with a link, in a thread.

    Args:
        connection_file: The kernel's; other clients may be connected to it.
        delay: Seconds from seeing a code to approving it.
        at: How the links begin whose codes are approved.
    """

    def __init__(self, connection_file: str, *, delay: float = 0, at: str = "") -> None:
        self.approved: list[str] = []
        self._connection_file = connection_file
        self._delay = delay
        self._at = at
        self._ready = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._watch()), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    async def _watch(self) -> None:
        client = AsyncKernelClient()
        client.load_connection_file(self._connection_file)
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
            self._ready.set()
            while not self._stopped.is_set():
                with contextlib.suppress(queue.Empty):
                    message = await client.get_iopub_msg(timeout=0.1)
                    self._look(message["content"])
        finally:
            client.stop_channels()

    def _look(self, content: dict[str, Any]) -> None:
        text = content.get("data", {}).get("text/plain", "") or content.get("text", "")
        link, code = _LINK.search(text), _CODE.search(text)
        if not (link and code) or code[0] in self.approved:
            return
        if not link[0].startswith(self._at):
            return
        if not self._stopped.wait(self._delay):
            approve(link[0], code[0])
            self.approved.append(code[0])
