"""The host's side of the simulated SDK: its functions, and the list of hosts."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from ctypes import string_at
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from parsec_nb.sdk import _abi
from parsec_nb.sdk._abi import ParsecHostEvent, ParsecHostEventType, ParsecHostMode
from parsec_nb.sdk._status import ParsecStatus

from . import wire
from .party import Guest, Party
from .resampling import resample

if TYPE_CHECKING:
    from collections.abc import Callable

    from .signalling import Server

_PATH = "/simulated/games"
_ANNOUNCE_SECONDS = 1.0
_SHORT_HTTP_SECONDS = 0.5
# How long guests may take to hear that the game ends.
_FAREWELL_SECONDS = 0.3
_LOG_LINE = "* simulated_host = {status}"

_OK = int(ParsecStatus.PARSEC_OK)
_NOT_RUNNING = int(ParsecStatus.PARSEC_NOT_RUNNING)


class Hosting(Party):
    """One game; its functions may be called from any thread.

    Args:
        server: The simulator.
        log: Takes a line for the SDK's log.
    """

    def __init__(self, server: Server, log: Callable[[str], object]) -> None:
        super().__init__()
        self._server = server
        self._log = log
        self._session_id = ""
        self._is_invalid = False
        self._was_stopped = False
        self._announced: int = _OK
        # Held while the simulator is told, which must hear of the end last.
        self._telling = threading.Lock()

    def start(self, mode: int, config: Any, session_id: str) -> int:
        """ParsecHostStart."""
        if mode != ParsecHostMode.HOST_GAME:
            return ParsecStatus.PARSEC_NOT_IMPLEMENTED
        with self._changed:
            if self._listening is not None:
                return ParsecStatus.PARSEC_ALREADY_RUNNING
            self._take_config(config, session_id)
            # Known before the first guest can ask, who has it from the simulator.
            self._key = secrets.token_hex(16)
            port = self._begin().getsockname()[1]
        # Whoever has waited for the start finds the game in the list of hosts.
        self._announce(port, again=False)
        threading.Thread(target=self._keep_listed, args=(port,), daemon=True).start()
        return _OK

    def stop(self) -> None:
        """ParsecHostStop."""
        with self._changed:
            if self._listening is None:
                return
            self._was_stopped = True
            self._end(self._listening)
        if self._telling.acquire(timeout=_SHORT_HTTP_SECONDS):
            about: dict[str, object] = {"key": self._key}
            with suppress(OSError):
                self._server.request(
                    "DELETE", _PATH, self._session_id, about, _SHORT_HTTP_SECONDS
                )
            self._telling.release()
        with self._changed:
            self._changed.wait_for(lambda: not self._senders, _FAREWELL_SECONDS)

    def get_status(self, status: Any) -> None:
        """ParsecHostGetStatus."""
        with self._changed:
            running = self._listening is not None
            status[0] = _abi.ParsecHostStatus(
                cfg=self._config,
                numGuests=len(self._guests),
                running=running,
                invalidSessionID=self._is_invalid if running else self._was_stopped,
            )

    def set_config(self, config: Any, session_id: str | None) -> int:
        """ParsecHostSetConfig."""
        with self._changed:
            self._take_config(config, session_id)
            return _OK if self._listening is not None else _NOT_RUNNING

    def guests(self, states: int) -> tuple[_abi.ParsecGuest, ...]:
        """Return copies of the guests in one of the states."""
        with self._changed:
            return tuple(
                _abi.ParsecGuest.from_buffer_copy(guest.data)
                for guest in self._guests.values()
                if guest.data.state & states
            )

    def kick(self, number: int) -> int:
        """ParsecHostKickGuest."""
        return self._with(
            number, lambda guest: self._remove(guest, ParsecStatus.HOST_WRN_KICKED)
        )

    def send_text(self, number: int, about: int, text: bytes) -> int:
        """ParsecHostSendUserData."""
        data = wire.NUMBER.pack(about) + text
        return self._with(number, lambda guest: guest.waiting.append((wire.TEXT, data)))

    def rumble(self, number: int, pad: int, big: int, small: int) -> int:
        """ParsecHostSubmitRumble, which succeeds for an unknown guest, too."""
        data = wire.MOTORS.pack(pad, big, small)
        status = self._with(
            number, lambda guest: guest.waiting.append((wire.RUMBLE, data))
        )
        return status if status == _NOT_RUNNING else _OK

    def submit_audio(self, form: int, rate: int, address: int, pairs: int) -> int:
        """ParsecHostSubmitAudio."""
        with self._changed:
            if self._listening is None:
                return _NOT_RUNNING
            listeners = [each for each in self._guests.values() if each.wire]
            if not (listeners and pairs and rate):
                return _OK
            is_float = form == _abi.ParsecPCMFormat.PCM_FORMAT_FLOAT
            pcm = string_at(address, pairs * (8 if is_float else 4))
            sound = resample(pcm, rate, is_float=is_float)
            for guest in listeners:
                guest.waiting.append((wire.SOUND, sound))
            self._changed.notify_all()
        return _OK

    def submit_frame(self) -> int:
        """ParsecHostGLSubmitFrame: the picture itself comes by `show()`."""
        return _OK if self._listening is not None else _NOT_RUNNING

    def show(self, width: int, height: int, pixels: memoryview) -> None:
        """Take a picture, in RGBA."""
        with self._changed:
            if self._listening is None:
                return
            number = self._picture[0] + 1
            self._picture = number, bytes(pixels), wire.SIZE.pack(width, height)
            self._changed.notify_all()

    def poll_events(self, timeout: int, event: Any) -> bool:
        """ParsecHostPollEvents, which waits also when not running."""
        with self._changed:
            self._changed.wait_for(lambda: self._mailbox.has_event, timeout / 1000)
            if not self._mailbox.has_event:
                return False
            event[0] = self._mailbox.next_event()
            return True

    def poll_input(self, timeout: int, guest: Any, message: Any) -> bool:
        """ParsecHostPollInput."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._inputs or self._listening is None, timeout / 1000
            )
            if not self._inputs:
                return False
            who, done = self._inputs.popleft()
            message[0] = done
            if guest:
                guest[0] = who
            return True

    def take_buffer(self, key: int) -> bytes | None:
        """Return the bytes of an event's key, once."""
        with self._changed:
            return self._mailbox.take_buffer(key)

    def _take_config(self, config: Any, session_id: str | None) -> None:
        self._config = _abi.ParsecHostConfig(maxGuests=20)
        if config:
            self._config = _abi.ParsecHostConfig.from_buffer_copy(config[0])
        if session_id:
            self._session_id, self._is_invalid = session_id, False

    def _with(self, number: int, act: Callable[[Guest], object]) -> int:
        with self._changed:
            if self._listening is None:
                return _NOT_RUNNING
            guest = self._guests.get(number)
            if guest is None:
                return ParsecStatus.SERVER_ERR_NO_USER
            act(guest)
            self._changed.notify_all()
            return _OK

    def _keep_listed(self, port: int) -> None:
        """Tell the simulator of the game, until it ends (a thread)."""
        while True:
            with self._changed:
                if self._changed.wait_for(
                    lambda: self._listening is None, _ANNOUNCE_SECONDS
                ):
                    return
            self._announce(port, again=True)

    def _announce(self, port: int, *, again: bool) -> None:
        """Tell the simulator of the game; report what comes of it when it changes."""
        with self._telling:
            with self._changed:
                if self._listening is None:
                    return
                fields = {**self._fields(port), "again": again}
            status = self._tell(fields)
        with self._changed:
            if status == ParsecStatus.WS_ERR_AUTH and not self._is_invalid:
                self._is_invalid = True
                kind = ParsecHostEventType.HOST_EVENT_INVALID_SESSION_ID
                self._mailbox.add(ParsecHostEvent(kind))
                self._changed.notify_all()
            if status != self._announced:
                self._log(_LOG_LINE.format(status=int(status)))
                self._announced = status

    def _fields(self, port: int) -> dict[str, object]:
        config = self._config
        texts = {
            "name": config.name,
            "description": config.desc,
            "game_id": config.gameID,
            "secret": config.secret,
        }
        return {
            **{name: text.decode(errors="replace") for name, text in texts.items()},
            "key": self._key,
            "max_players": config.maxGuests,
            "players": len(self._guests),
            "port": port,
        }

    def _tell(self, fields: dict[str, object]) -> int:
        """Have the game listed; return the SDK's status for the answer."""
        try:
            status, _ = self._server.request("POST", _PATH, self._session_id, fields)
        except OSError:
            return ParsecStatus.WS_ERR_CONNECT
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return ParsecStatus.WS_ERR_AUTH
        if status != HTTPStatus.OK:
            return ParsecStatus.WS_ERR_INVALID_MSG
        return _OK
