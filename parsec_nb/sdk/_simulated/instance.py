"""One instance of the simulated SDK: its functions, and when they wait."""

from __future__ import annotations

import threading
from ctypes import byref, c_int16
from typing import TYPE_CHECKING, Any

from parsec_nb.sdk import _abi
from parsec_nb.sdk._enums import ParsecLogLevel
from parsec_nb.sdk._status import ParsecStatus

from .hosting import Hosting
from .remote import RemoteStage
from .signalling import Attempt, Server
from .stage import SOUND, Stage
from .tones import CHUNK_FRAMES

if TYPE_CHECKING:
    from collections.abc import Callable

_OK = int(ParsecStatus.PARSEC_OK)
_NOT_RUNNING = int(ParsecStatus.PARSEC_NOT_RUNNING)
_SIMULATED = "This SDK is simulated: it connects to the simulator only."
_BUSY = (_OK, ParsecStatus.PARSEC_CONNECTING, ParsecStatus.CONNECT_WRN_APPROVAL)


class Instance:
    """What a `Parsec*` points to; its functions may be called from any thread.

    Args:
        server: The simulator.
        clock: Seconds, for what moves.
        wall_clock: Unix seconds, for the clock in the picture.
        write_log: Takes a level and a line.
    """

    def __init__(
        self,
        server: Server,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
        write_log: Callable[[ParsecLogLevel, str], object],
    ) -> None:
        self._server = server
        self._write_log = write_log
        self._clocks = (clock, wall_clock)
        self._changed = threading.Condition()
        self._status = _NOT_RUNNING
        self._attempt: Attempt | None = None
        self._stage: Stage | RemoteStage | None = None
        self.hosting = Hosting(
            server, lambda text: write_log(ParsecLogLevel.LOG_INFO, text)
        )

    def connect(self, session_id: str, peer_id: str, secret: str = "") -> int:
        """ParsecClientConnect."""
        with self._changed:
            if self._status in _BUSY:
                return ParsecStatus.PARSEC_ALREADY_RUNNING
            self._status = ParsecStatus.PARSEC_CONNECTING
            self._attempt = Attempt(
                self._server, session_id, peer_id, self._take_status, secret
            )
        self._write_log(ParsecLogLevel.LOG_DEBUG, _SIMULATED)
        return _OK

    def disconnect(self) -> None:
        """ParsecClientDisconnect."""
        with self._changed:
            attempt, self._attempt, self._stage = self._attempt, None, None
            self._status = _NOT_RUNNING
            self._changed.notify_all()
        if attempt is not None:
            attempt.end()

    def decide(self, *, allow: bool) -> int:
        """Allow or decline the request that waits; return a number of ParsecStatus."""
        attempt = self._attempt
        return _NOT_RUNNING if attempt is None else attempt.decide(allow=allow)

    def get_status(self, status: Any) -> int:
        """ParsecClientGetStatus."""
        with self._changed:
            if status:
                status[0] = _abi.ParsecClientStatus()
                if self._stage is not None:
                    self._stage.fill_status(status[0])
            return self._status

    def guests(self) -> tuple[_abi.ParsecGuest, ...]:
        """Return the host's guests; none while not connected."""
        with self._changed:
            return self._stage.guests() if self._stage is not None else ()

    def call(self, act: Callable[[Stage | RemoteStage], object]) -> int:
        """Do something at the host; 0, or -3 while not connected."""
        with self._changed:
            if self._stage is None:
                return _NOT_RUNNING
            act(self._stage)
            self._changed.notify_all()
            return _OK

    def poll_frame(self, stream: int, callback: Any, timeout: int, opaque: Any) -> int:
        """ParsecClientPollFrame."""
        with self._changed:
            late = ParsecStatus.NETWORK_WRN_TIMEOUT
            stage, status = self._await(stream, timeout, late)
            if stage is None:
                return status
            frame, address = stage.draw(stream)
        callback(byref(frame), address, opaque)
        return _OK

    def poll_audio(self, callback: Any, timeout: int, opaque: Any) -> int:
        """ParsecClientPollAudio."""
        with self._changed:
            late = ParsecStatus.AUDIO_WRN_NO_DATA
            stage, status = self._await(SOUND, timeout, late)
            if stage is None:
                return status
            chunk = stage.chunk()
        samples = (c_int16 * (2 * CHUNK_FRAMES)).from_buffer_copy(chunk)
        callback(samples, CHUNK_FRAMES, opaque)
        return _OK

    def poll_events(self, timeout: int, event: Any) -> bool:
        """ParsecClientPollEvents."""
        with self._changed:
            stage = self._stage
            if stage is None:
                return False
            self._changed.wait_for(
                lambda: stage.has_event or self._stage is not stage, timeout / 1000
            )
            if self._stage is not stage or not stage.has_event:
                return False
            event[0] = stage.next_event()
            return True

    def take_buffer(self, key: int) -> bytes | None:
        """Return the bytes of an event's key, once."""
        with self._changed:
            return self._stage.take_buffer(key) if self._stage is not None else None

    def _await(
        self, what: int, timeout: int, late: int
    ) -> tuple[Stage | RemoteStage | None, int]:
        """Wait until a picture or sound is due; else return why there is none."""
        stage = self._stage
        if stage is None:
            return None, _NOT_RUNNING
        seconds = timeout / 1000
        is_sent, due = stage.is_sent(what), stage.due[what]
        wait = due - self._clocks[0]() if is_sent else seconds
        is_due = is_sent and wait <= seconds
        self._changed.wait_for(
            lambda: self._stage is not stage or stage.due[what] < due,
            min(seconds, max(0.0, wait)),
        )
        if self._stage is not stage:
            return None, _NOT_RUNNING
        # What another process sends may have come meanwhile.
        is_due |= is_sent and stage.due[what] < due
        return (stage, _OK) if is_due else (None, late)

    def _take_status(self, attempt: Attempt, status: int) -> None:
        # Drawing what never moves takes a while, in which nobody else need wait.
        stage = self._stage_of(attempt) if status == _OK else None
        with self._changed:
            if attempt is self._attempt:
                self._status, self._stage = status, stage
                self._changed.notify_all()
                if isinstance(stage, RemoteStage):
                    stage.begin()
        if status < 0:
            self._write_log(ParsecLogLevel.LOG_INFO, f"* simulated_host = {status}")

    def _stage_of(self, attempt: Attempt) -> Stage | RemoteStage:
        if attempt.wire is None:
            return Stage(attempt.host, attempt.mode, *self._clocks)
        wire, guests, clock = attempt.wire, attempt.guests, self._clocks[0]
        return RemoteStage(wire, guests, self._changed, clock, attempt.lose)
