"""Secrets that are easy to find, the responses that hold them, and the search."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.http_server import respond

if TYPE_CHECKING:
    from pathlib import Path

    from support.http_server import Behaviour, ScriptedServer
    from support.kernel import Cell, Kernel

# No hexadecimal digits: nothing else in a notebook looks like these.
SESSION_ID = "gjkmnpqrstvwxyzhwrkqzgpxntvjmysrqkgzhxwvpnytjmsrkzqgwhxvnpytjmsk"
AUTH_CODE_HASH = "QZkXwVjTqPzRmKgHxNvWyTqZrKm"
USER_CODE = "QKZX7WVJ"
_PIECE = 9

LOUD = """
%load_ext storemagic
%xmode Verbose
import copy, dataclasses, faulthandler, http.client, io, json, logging, pickle
import pprint, reprlib, subprocess, sys, threading, traceback, types, warnings
logging.basicConfig(level=1)
logging.captureWarnings(True)
warnings.simplefilter("always")
for name in ("urllib3", "requests", "asyncio", "keyring", "parsec_nb", "traitlets"):
    logging.getLogger(name).setLevel(1)
http.client.HTTPConnection.debuglevel = 1
"""

LOG_IN = "import parsec_nb\nlogin = parsec_nb.login('game')\nlogin"
# The cells of a notebook that is saved and sent to others.
SAVED = """
session = await login
display(session_id, session, [session_id], {"id": session_id}, vars(session))
%xmode Verbose
%whos
---
def fail():
    one, two, three = session_id, session, login
    raise ValueError("with locals")
fail()
---
session.hosts()
"""


def issue_code(**other: Any) -> Behaviour:
    """Respond with a code whose hash is one of the secrets."""
    code = {
        "hash": AUTH_CODE_HASH,
        "user_code": USER_CODE,
        "verification_uri": "https://parsec.example/activate",
        "expires_at": time.time() + 600,
        "interval": 0.1,
    }
    return respond(201, {"data": code | other})


def grant() -> Behaviour:
    """Respond with a session whose ID is one of the secrets."""
    session = {
        "id": SESSION_ID,
        "user_id": 1525260,
        "roles": ["host"],
        "host_peer_id": "peer",
        "expires_at": time.time() + 3600,
    }
    return respond(201, {"data": session})


def cells(story: str) -> list[str]:
    """Split a story into cells."""
    return [cell.strip() for cell in story.split("\n---\n")]


@dataclass
class Search:
    """Looks for pieces of secrets in all that it is given, and counts it.

    A piece is found as well where a secret was cut, as a `repr` cuts long ones.
    """

    secrets: tuple[str, ...] = (SESSION_ID, AUTH_CODE_HASH)
    searched: dict[str, int] = field(default_factory=dict)
    hits: list[str] = field(default_factory=list)

    def text(self, source: str, text: str) -> None:
        """Search a text."""
        self.bytes(source, text.encode())

    def bytes(self, source: str, content: bytes) -> None:
        """Search bytes."""
        self.searched[source] = self.searched.get(source, 0) + len(content)
        for piece in self._pieces():
            at = content.find(piece)
            if at >= 0:
                near = content[max(at - 200, 0) : at + 100]
                self.hits.append(f"{source}: …{near.decode(errors='replace')}…")
                return

    def tree(self, source: str, folder: Path) -> None:
        """Search all files in a folder, their names too."""
        for path in sorted(folder.rglob("*")):
            self.text(f"{source} (names)", str(path))
            if path.is_file():
                self.bytes(source, path.read_bytes())

    def report(self) -> str:
        """Return what was searched and what was found, as text."""
        lines = [f"{size:>11,} bytes  {name}" for name, size in self.searched.items()]
        return "\n".join(["", *lines, f"{len(self.hits)} hits", *self.hits])

    def _pieces(self) -> list[bytes]:
        return [
            secret[start : start + _PIECE].encode()
            for secret in self.secrets
            for start in range(0, max(len(secret) - _PIECE, 0) + 1, _PIECE)
        ]


class Told:
    """Runs cells, and keeps each reply: a traceback is in it a second time."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.replies: list[dict[str, Any]] = []

    def run(self, story: str) -> list[Cell]:
        """Run all cells of a story."""
        ran = [self.kernel.run(cell) for cell in cells(story)]
        self.replies += [cell.content for cell in ran]
        return ran

    def interrupt(self, cell: str, server: ScriptedServer) -> None:
        """Interrupt a cell once its request has reached the server."""
        asked = len(server.requests)
        waiting = self.kernel.start(cell)
        self.kernel.wait_for(lambda: len(server.requests) > asked)
        self.kernel.interrupt()
        self.replies.append(self.kernel.reply_to(waiting))
        assert self.replies[-1]["ename"] == "KeyboardInterrupt"

    def search(self, search: Search) -> None:
        """Search all that the kernel sent."""
        self.kernel.value("0")
        for message in self.kernel.messages:
            kind = f"messages: {message['msg_type']}"
            search.text(kind, json.dumps(message, default=str, ensure_ascii=False))
        replies = json.dumps(self.replies, default=str, ensure_ascii=False)
        search.text("replies to cells", replies)
