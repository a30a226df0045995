"""Hosting, in the worker: the SDK's start, pictures, sound, guests, and its end."""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Mapping
from ctypes import byref
from typing import Any

from parsec_nb.sdk import _abi
from parsec_nb.sdk._shared.media import SharedMedia
from parsec_nb.sdk._shared.pinned import PinnedFrame
from parsec_nb.sdk._status import ParsecStatus
from parsec_nb.sdk._worker.attempt import Attempt
from parsec_nb.sdk._worker.channel import Channel
from parsec_nb.sdk._worker.loading import RefusalError
from parsec_nb.sdk._worker.polling import TIMEOUT_MS, Pollers

_OK = int(ParsecStatus.PARSEC_OK)
_NOT_RUNNING = int(ParsecStatus.PARSEC_NOT_RUNNING)

# A guest that joins sees nothing until the next picture comes.
_REPEAT_SECONDS = 0.1
_STATUS_SECONDS = 0.5
_CHUNKS_PER_SECOND = 50
# What was submitted and not played yet; the oldest is dropped.
_MOST_SOUND_SECONDS = 10
_STOP_SECONDS = 0.2


class Sound:
    """Sound that waits to be sent, in pairs of samples; silence where there is none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._format = int(_abi.ParsecPCMFormat.PCM_FORMAT_INT16)
        self._rate = 48_000
        self._waiting = bytearray()
        self._due = time.monotonic()

    def add(self, form: int, rate: int, pcm: bytes) -> None:
        """Take samples, two channels."""
        with self._lock:
            if (form, rate) != (self._format, self._rate):
                self._format, self._rate = form, rate
                self._waiting.clear()
            self._waiting += pcm
            surplus = len(self._waiting) - _MOST_SOUND_SECONDS * rate * self._pair
            if surplus > 0:
                del self._waiting[: surplus + -surplus % self._pair]

    def take(self) -> tuple[int, int, bytes, int]:
        """Wait until the next chunk is due; return format, rate, samples and pairs."""
        now = time.monotonic()
        self._due = max(self._due + 1 / _CHUNKS_PER_SECOND, now - 0.1)
        time.sleep(max(self._due - now, 0.0))
        with self._lock:
            pairs = self._rate // _CHUNKS_PER_SECOND
            size = pairs * self._pair
            chunk = bytes(self._waiting[:size])
            del self._waiting[:size]
            return self._format, self._rate, chunk.ljust(size, b"\0"), pairs

    @property
    def _pair(self) -> int:
        return 4 if self._format == _abi.ParsecPCMFormat.PCM_FORMAT_INT16 else 8


class HostPollers(Pollers):
    """Threads that ask for the guests' input and for events, and send the sound."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.sound = Sound()

    def start(self) -> None:
        """Poll input and events, and send the sound."""
        self._start("input", self._input)
        self._start("events", self._event)
        self._start("sound", self._send_sound)

    def _input(self) -> bool:
        guest, message = _abi.ParsecGuest(), _abi.ParsecMessage()
        arguments = TIMEOUT_MS, byref(guest), byref(message)
        if not self._library.ParsecHostPollInput(self._instance, *arguments):
            return False
        raw = {"guest": bytes(guest).hex(), "message": bytes(message).hex()}
        self._channel.emit(event="input", **raw)
        return True

    def _event(self) -> bool:
        event = _abi.ParsecHostEvent()
        arguments = TIMEOUT_MS, byref(event)
        if not self._library.ParsecHostPollEvents(self._instance, *arguments):
            return False
        buffer = None
        if event.type == _abi.ParsecHostEventType.HOST_EVENT_USER_DATA:
            buffer = self._buffer(event.userData.key, -1)
        self._channel.emit(
            event="host",
            type=event.type,
            data=bytes(event).hex(),
            buffer=None if buffer is None else base64.b64encode(buffer).decode(),
        )
        return True

    def _send_sound(self) -> bool:
        form, rate, chunk, pairs = self.sound.take()
        arguments = form, rate, chunk, pairs
        status = self._library.ParsecHostSubmitAudio(self._instance, *arguments)
        return bool(status == _OK)


class Hosting(Attempt):
    """Hosts a game, until the kernel ends it.

    Args:
        start: The kernel's first command.
        channel: Where events go.
    """

    _PREFIX = "ParsecHost"
    _ASKED = (int(_abi.ParsecGuestState.GUEST_CONNECTED),)

    def __init__(self, start: Mapping[str, Any], channel: Channel) -> None:
        super().__init__(start, channel)
        self._config = _abi.ParsecHostConfig.from_buffer_copy(
            bytes.fromhex(start["config"])
        )
        self._config.secret = start["secret"].encode()
        self._fresh = threading.Event()
        self._submitting = threading.Lock()
        self._texture: Any = None
        self._shown = 0
        self._renewed = b""
        self._commands = {
            "frame": self._frame,
            "sound": self._sound,
            "guests": self._guests,
            "kick": self._kick,
            "user_data": self._user_data_to,
            "rumble": self._rumble,
            "renew": self._renew,
        }

    def _prepare(self) -> None:
        if self._start["simulated"]:
            return
        from .texture import Texture  # noqa: PLC0415 - the simulated SDK needs none

        try:
            self._texture = Texture()
        except OSError as error:
            raise RefusalError(error, reason="opengl") from None

    def run(self) -> None:
        """Host, submit pictures, and report the status until the process ends."""
        media, library, instance = self._open()
        session_id = self._start["session_id"].encode()
        self._start.clear()
        mode, config = int(_abi.ParsecHostMode.HOST_GAME), byref(self._config)
        code = library.ParsecHostStart(instance, mode, config, session_id)
        self._pollers = HostPollers(library, instance, media, self._channel)
        self._instance = instance
        self._code = code
        self._channel.emit(event="status", code=code, status="")
        if code == _OK:
            self._pollers.start()
            self._submit_all(media)

    def _submit_all(self, media: SharedMedia) -> None:
        status_due = 0.0
        while not self._stopped.is_set():
            self._fresh.wait(_REPEAT_SECONDS)
            self._fresh.clear()
            with self._submitting:
                if not self._stopped.is_set():
                    self._submit(media)
            if time.monotonic() >= status_due:
                status_due = time.monotonic() + _STATUS_SECONDS
                self._check()

    def _submit(self, media: SharedMedia) -> None:
        """Pass on the newest picture, or the last one again."""
        pinned = media.pin(_abi.DEFAULT_STREAM)
        if pinned is None:
            return
        try:
            self._show(pinned)
        finally:
            pinned.release()

    def _show(self, pinned: PinnedFrame) -> None:
        header = pinned.header
        is_new = header.number != self._shown
        self._shown = header.number
        if self._texture is None:
            if is_new:
                self._library.show(header.width, header.height, pinned.data)
            return
        if is_new:
            self._texture.upload(header.width, header.height, pinned.address)
        code = self._call("GLSubmitFrame", _abi.DEFAULT_STREAM, self._texture.name)
        if code["status"] != _OK and not self._stopped.is_set():
            self._channel.emit(event="status", code=code["status"], status="")

    def _check(self) -> None:
        """Report that hosting ended, or that a new session ID is needed."""
        status = _abi.ParsecHostStatus()
        self._call("GetStatus", byref(status))
        if not status.running and not self._stopped.is_set():
            self._channel.emit(event="status", code=_NOT_RUNNING, status="")
        elif status.invalidSessionID:
            kind = int(_abi.ParsecHostEventType.HOST_EVENT_INVALID_SESSION_ID)
            data = bytes(_abi.ParsecHostEvent(type=kind)).hex()
            self._channel.emit(event="host", type=kind, data=data, buffer=None)
        if os.getppid() != self._parent:
            # A copy of the kernel may hold the other end of standard input.
            self.leave()

    def _frame(self) -> dict[str, object]:
        self._fresh.set()
        return {"status": _OK}

    def _sound(self, form: int, rate: int, pcm: str) -> dict[str, object]:
        if isinstance(self._pollers, HostPollers):
            self._pollers.sound.add(form, rate, base64.b64decode(pcm))
        return {"status": _OK}

    def _kick(self, guest: int) -> dict[str, object]:
        return self._call("KickGuest", guest)

    def _user_data_to(self, guest: int, number: int, text: str) -> dict[str, object]:
        return self._call("SendUserData", guest, number, text.encode())

    def _rumble(
        self, guest: int, gamepad: int, big: int, small: int
    ) -> dict[str, object]:
        return self._call("SubmitRumble", guest, gamepad, big, small)

    def _renew(self, session_id: str) -> dict[str, object]:
        self._channel.hide(session_id)
        # Kept, because the SDK may keep the pointer.
        self._renewed = session_id.encode()
        return self._call("SetConfig", byref(self._config), self._renewed)

    def _end(self) -> None:
        self._fresh.set()
        if self._pollers is not None:
            self._pollers.stop()
        if self._submitting.acquire(timeout=_STOP_SECONDS):
            self._call("Stop")
