"""Asks the simulator for a connection to one of its hosts, over HTTP on loopback."""

from __future__ import annotations

import http.client
import json
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parsec_nb.sdk._status import ParsecStatus

from . import wire

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/simulated/connections"

# A kernel that is busy in C code holds up a simulator that runs in it.
_TIMEOUT = 10.0
# Who leaves does not wait for it.
_SHORT_TIMEOUT = 0.5
_MOST_BYTES = 65_536
_ID = re.compile("[0-9A-Za-z]{1,64}", re.ASCII)
# Seconds between two questions how the connection is.
_WHILE_WAITING, _WHILE_CONNECTED = 0.2, 0.5
_OK, _APPROVAL = ParsecStatus.PARSEC_OK, ParsecStatus.CONNECT_WRN_APPROVAL
_UNENDED = (_OK, _APPROVAL, ParsecStatus.PARSEC_CONNECTING)
# What the simulator says about a connection, in the SDK's words.
_STATES = {
    "connected": _OK,
    "waiting": _APPROVAL,
    "declined": ParsecStatus.CONNECT_WRN_DECLINED,
    "unanswered": ParsecStatus.CONNECT_WRN_CANCELED,
    "full": ParsecStatus.CONNECT_WRN_NO_ROOM,
    "offline": ParsecStatus.CONNECT_WRN_PEER_GONE,
    "lost": ParsecStatus.NETWORK_ERR_BG_TIMEOUT,
}
_REFUSALS = {
    401: ParsecStatus.WS_ERR_AUTH,
    403: ParsecStatus.WS_ERR_AUTH,
    503: ParsecStatus.WS_ERR_CONNECT,
}


class Server:
    """The simulator; every request has a connection of its own.

    Args:
        api_url: Plain http to this machine: `Session.simulated` is what tells.
    """

    def __init__(self, api_url: str) -> None:
        url = urlsplit(api_url)
        self._host = url.hostname or ""
        self._port = url.port or 80

    def request(
        self,
        method: str,
        path: str,
        session_id: str,
        fields: dict[str, object] | None = None,
        timeout: float = _TIMEOUT,
    ) -> tuple[int, dict[str, object]]:
        """Return the HTTP status and the fields of `data`, if there are any.

        Raises:
            OSError: The simulator did not respond, or not with HTTP.
        """
        headers = {
            "Authorization": f"Bearer {session_id}",
            "Content-Type": "application/json",
        }
        connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        try:
            connection.request(method, path, json.dumps(fields or {}), headers)
            response = connection.getresponse()
            body = json.loads(response.read(_MOST_BYTES) or b"{}")
            data = body.get("data") if isinstance(body, dict) else None
            return response.status, data if isinstance(data, dict) else {}
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from None
        except ValueError:
            return 0, {}
        finally:
            connection.close()


class Attempt:
    """One attempt to connect, and the connection that may come of it.

    A daemon thread asks the simulator until the connection has ended.

    Args:
        server: The simulator.
        session_id, peer_id: As given to ParsecClientConnect.
        on_status: Called in the thread with the attempt and its new status.
        secret: The host's, if it has one.

    Attributes:
        wire: The connection to a game that another simulated SDK hosts.
        guests: Who was there when that let this guest in, as it sends them.
        host: The host's name, once it is known.
        mode: "desktop" or "game", once it is known.
    """

    def __init__(
        self,
        server: Server,
        session_id: str,
        peer_id: str,
        on_status: Callable[[Attempt, int], None],
        secret: str = "",
    ) -> None:
        self._status = int(ParsecStatus.PARSEC_CONNECTING)
        self.host = ""
        self.mode = ""
        self._server = server
        self._session_id = session_id
        self._peer_id = peer_id
        self._on_status = on_status
        self._secret = secret
        self._path = ""
        self.wire: wire.Wire | None = None
        self.guests = bytearray()
        self._setting = threading.Lock()
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="simulated-host", daemon=True).start()

    def decide(self, *, allow: bool) -> int:
        """Allow or decline the request that waits; return a number of ParsecStatus."""
        if self._status != _APPROVAL:
            return ParsecStatus.PARSEC_NOT_RUNNING
        fields: dict[str, object] = {"allow": allow}
        try:
            status, _ = self._ask("POST", self._path, fields)
        except OSError:
            return ParsecStatus.WS_ERR_CONNECT
        return _OK if status == http.HTTPStatus.OK else ParsecStatus.PARSEC_NOT_RUNNING

    def end(self) -> None:
        """Leave the host; returns once the simulator knows, or within 0.5 s."""
        self._ended.set()
        if self.wire is not None:
            self.wire.close()
        if self._path:
            # It forgets those that no longer ask, too.
            with suppress(OSError):
                self._ask("DELETE", self._path, timeout=_SHORT_TIMEOUT)

    def _ask(
        self,
        method: str,
        path: str,
        fields: dict[str, object] | None = None,
        timeout: float = _TIMEOUT,
    ) -> tuple[int, dict[str, object]]:
        return self._server.request(method, path, self._session_id, fields, timeout)

    def _run(self) -> None:
        # Words of http.client about a bad header would quote the session ID.
        if not re.fullmatch("[!-~]{1,256}", self._session_id):
            self._set(ParsecStatus.WS_ERR_AUTH)
            return
        try:
            fields: dict[str, object] = {
                "peer_id": self._peer_id,
                "secret": self._secret,
            }
            answer = self._ask("POST", PATH, fields)
            identifier = str(answer[1].get("id", ""))
            if _ID.fullmatch(identifier):
                self._path = f"{PATH}/{identifier}"
            if self._ended.is_set():
                self.end()
                return
            self.host = str(answer[1].get("name", ""))
            self.mode = str(answer[1].get("mode", ""))
            status = self._judge(*answer)
            if status == _OK and "port" in answer[1]:
                status = self._join(answer[1])
            self._set(status)
            while self._status in (_OK, _APPROVAL):
                is_connected = self._status == _OK
                if self._ended.wait(
                    _WHILE_CONNECTED if is_connected else _WHILE_WAITING
                ):
                    return
                self._set(self._judge(*self._ask("GET", self._path)))
        except OSError:
            self._set(
                ParsecStatus.NETWORK_ERR_BG_TIMEOUT
                if self._status == _OK
                else ParsecStatus.WS_ERR_CONNECT
            )
        except Exception:
            self._set(ParsecStatus.ERR_DEFAULT)
            raise

    def _join(self, data: dict[str, object]) -> int:
        """Join a hosted game; return the status."""
        line = None
        try:
            line = wire.Wire.connect(int(str(data["port"])))
            names = ("key", "user_id", "user_name")
            asked = {name: data.get(name) for name in names}
            line.send(wire.JOIN, json.dumps(asked).encode())
            kind, content = line.receive()
            if kind == wire.WELCOME:
                line.wait_for_ever()
                self.wire, self.guests = line, content
                return _OK
            (status,) = wire.NUMBER.unpack(content)
        except (OSError, ValueError):
            status = ParsecStatus.CONNECT_WRN_PEER_GONE
        if line is not None:
            line.close()
        return int(status)

    def lose(self, status: int) -> None:
        """Take the status with which a hosted game ended."""
        self._set(status)

    def _set(self, status: int) -> None:
        with self._setting:
            # The simulator's answer may be older than a game's end.
            is_over = self._ended.is_set() or self._status not in _UNENDED
            if not is_over and status != self._status:
                self._status = status
                self._on_status(self, status)

    def _judge(self, status: int, data: dict[str, object]) -> int:
        """Return the SDK's status for an answer."""
        state = data.get("state")
        if status in (200, 201) and isinstance(state, str) and state in _STATES:
            return _STATES[state]
        if status == http.HTTPStatus.NOT_FOUND:
            # An unknown host at first; later, a connection that was forgotten.
            return (
                ParsecStatus.NETWORK_ERR_BG_TIMEOUT
                if self._status == _OK
                else ParsecStatus.CONNECT_WRN_PEER_GONE
            )
        return _REFUSALS.get(status, ParsecStatus.WS_ERR_INVALID_MSG)
