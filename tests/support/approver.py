"""Stands in for the person before the screen: reads a card, allows its code.

Sees what a front end would show and knows nothing else; then does what a browser
does on the simulator's page.
"""

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
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def approve(link: str, user_code: str) -> None:
    """Enter a code at the page of a link, and press Allow."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(link, timeout=10).text
        for fields in ({"user_code": user_code}, {"decision": "allow"}):
            answer = browser.post(link, data=_hidden(page) | fields, timeout=10)
            answer.raise_for_status()
            page = answer.text
    assert "Login allowed" in page


def _hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _FIELD.findall(page)}


class Approver:
    """Allows every code that a kernel shows with a link, on a thread of their own.

    Args:
        connection_file: The kernel's; others may be connected to it as well.
        patience: Seconds from seeing a code to allowing it.
        at: How the links begin whose codes are allowed.
    """

    def __init__(
        self, connection_file: str, *, patience: float = 0, at: str = ""
    ) -> None:
        self.allowed: list[str] = []
        self._connection_file = connection_file
        self._patience = patience
        self._at = at
        self._arrived = threading.Event()
        self._leaving = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._watch()), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._arrived.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._thread.join()

    async def _watch(self) -> None:
        client = AsyncKernelClient()
        client.load_connection_file(self._connection_file)
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
            self._arrived.set()
            while not self._leaving.is_set():
                with contextlib.suppress(queue.Empty):
                    message = await client.get_iopub_msg(timeout=0.1)
                    self._look(message["content"])
        finally:
            client.stop_channels()

    def _look(self, content: dict[str, Any]) -> None:
        text = content.get("data", {}).get("text/plain", "") or content.get("text", "")
        link, code = _LINK.search(text), _CODE.search(text)
        if not (link and code) or code[0] in self.allowed:
            return
        if not link[0].startswith(self._at):
            return
        if not self._leaving.wait(self._patience):
            approve(link[0], code[0])
            self.allowed.append(code[0])
