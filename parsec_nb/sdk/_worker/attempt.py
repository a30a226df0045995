"""One attempt to connect, in the worker: the SDK's start, commands, and its end."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable, Mapping
from ctypes import byref
from typing import Any, NoReturn

from parsec_nb.sdk import _abi
from parsec_nb.sdk._shared.media import SharedMedia
from parsec_nb.sdk._status import ParsecStatus

from .channel import Channel
from .loading import RefusalError, attach, initialise, load
from .polling import Pollers

REFUSED = 3

_CONNECTING_SECONDS = 0.05
_CONNECTED_SECONDS = 0.1
_METRICS_SECONDS = 0.5
# The SDK may hang; the process leaves all the same.
_LEAVE_SECONDS = 0.8

_OK = int(ParsecStatus.PARSEC_OK)
_NOT_RUNNING = int(ParsecStatus.PARSEC_NOT_RUNNING)


class Attempt:
    """One attempt to connect, with the connection that it leads to.

    Args:
        start: The kernel's first command.
        channel: Where events go.
    """

    # Of the names of the functions that `_call()` calls.
    _PREFIX = "ParsecClient"
    # The states of guests that are listed, for a host.
    _ASKED: tuple[int, ...] = ()

    def __init__(self, start: Mapping[str, Any], channel: Channel) -> None:
        self._start = dict(start)
        self._channel = channel
        self._parent = os.getppid()
        self._stopped = threading.Event()
        self._log = _abi.ParsecLogCallback(
            lambda level, message, _: channel.log(level, message)
        )
        self._code = int(ParsecStatus.PARSEC_CONNECTING)
        self._library: Any = None
        # None until ParsecClientConnect has returned.
        self._instance: ctypes.c_void_p | None = None
        self._pollers: Pollers | None = None
        self._commands: dict[str, Callable[..., dict[str, object]]] = {
            "send": self._send,
            "user_data": self._user_data,
            "pause": self._pause,
            "stream": self._stream,
            "guests": self._guests,
            "decide": self._decide,
        }

    def run(self) -> None:
        """Connect, and report the status until the process ends."""
        start = self._start
        media, library, instance = self._open()
        config = _abi.ParsecClientConfig.from_buffer_copy(
            bytes.fromhex(start["config"])
        )
        # Kept as long as this thread runs, because the SDK may keep the pointers.
        ids = [start[name].encode() for name in ("session_id", "peer_id")]
        start.clear()
        code = library.ParsecClientConnect(instance, byref(config), *ids)
        self._pollers = Pollers(library, instance, media, self._channel)
        self._instance = instance
        if code == _OK:
            self._watch(instance)
        else:
            self._report(code, _abi.ParsecClientStatus())

    def _open(self) -> tuple[SharedMedia, Any, ctypes.c_void_p]:
        """Load the SDK and start it; end the process if that cannot be."""
        start = self._start
        try:
            media = attach(start["mapping"])
            library = self._library = load(start)
            library.ParsecSetLogCallback(self._log, None)
            instance = initialise(library, start)
            self._prepare()
        except RefusalError as error:
            self._channel.refuse(error.reason, error.detail)
            os._exit(REFUSED)
        self._channel.emit(event="ready", version=library.ParsecVersion())
        return media, library, instance

    def _prepare(self) -> None:
        """Get ready what is needed besides the SDK."""

    def _watch(self, instance: ctypes.c_void_p) -> None:
        """Report the status when it changes, and twice a second while connected."""
        shown: object = None
        shown_at = 0.0
        told = [(0, 0)] * _abi.NUM_VSTREAMS
        while not self._stopped.is_set():
            status = _abi.ParsecClientStatus()
            code = self._library.ParsecClientGetStatus(instance, byref(status))
            sizes = [(decoder.width, decoder.height) for decoder in status.decoder]
            if code == _OK:
                self._tell_sizes(told, sizes)
            now, shows = time.monotonic(), (code, status.networkFailure, sizes)
            if shows != shown or (code == _OK and now - shown_at >= _METRICS_SECONDS):
                self._report(code, status)
                shown, shown_at = shows, now
            if code == _OK and self._pollers is not None:
                self._pollers.start()
            if os.getppid() != self._parent:
                # A copy of the kernel may hold the other end of standard input.
                self.leave()
            self._stopped.wait(
                _CONNECTED_SECONDS if code == _OK else _CONNECTING_SECONDS
            )

    def _tell_sizes(
        self, told: list[tuple[int, int]], sizes: list[tuple[int, int]]
    ) -> None:
        """Tell the SDK the size of each stream's picture, which mouse positions need.

        A frame is shown in its own size, so that its pixels are the positions.
        """
        for stream, size in enumerate(sizes):
            if all(size) and size != told[stream]:
                told[stream] = size
                self._call("SetDimensions", stream, *size, 1.0)

    def _report(self, code: int, status: _abi.ParsecClientStatus) -> None:
        self._code = code
        self._channel.emit(event="status", code=code, status=bytes(status).hex())

    def command(self, command: dict[str, Any]) -> None:
        """Carry out a command of the kernel's, and reply."""
        number, do = command.pop("id"), command.pop("do")
        if do == "disconnect":
            self.leave(number)
        reply: dict[str, object] = {"status": _NOT_RUNNING}
        if self._instance is not None:
            reply = self._commands[do](**command)
        self._channel.emit(reply=number, **reply)

    def _call(self, name: str, *arguments: object) -> dict[str, object]:
        function = getattr(self._library, f"{self._PREFIX}{name}")
        return {"status": function(self._instance, *arguments)}

    def _send(self, messages: list[str]) -> dict[str, object]:
        for message in messages:
            data = _abi.ParsecMessage.from_buffer_copy(bytes.fromhex(message))
            reply = self._call("SendMessage", byref(data))
            if reply["status"] != _OK:
                return reply
        return {"status": _OK}

    def _user_data(self, number: int, text: str) -> dict[str, object]:
        return self._call("SendUserData", number, text.encode())

    def _pause(self, *, video: bool, audio: bool) -> dict[str, object]:
        return self._call("Pause", video, audio)

    def _stream(self, stream: int, *, enable: bool) -> dict[str, object]:
        reply = self._call("EnableStream", stream, enable)
        if enable and reply["status"] == _OK and self._pollers is not None:
            self._pollers.start_stream(stream)
        return reply

    def _guests(self) -> dict[str, object]:
        array = ctypes.POINTER(_abi.ParsecGuest)()
        count: Any = self._call("GetGuests", *self._ASKED, byref(array))["status"]
        try:
            guests = [bytes(array[i]).hex() for i in range(count)]
        finally:
            self._library.ParsecFree(array)
        return {"status": _OK, "guests": guests}

    def _decide(self, *, allow: bool) -> dict[str, object]:
        return {"status": self._library.decide(allow)}

    def leave(self, number: int | None = None) -> NoReturn:
        """Disconnect, reply to the command with that number, and end the process.

        ParsecDestroy is not called: it waits, and then crashes, while connecting.
        """
        watchdog = threading.Timer(_LEAVE_SECONDS, os._exit, (0,))
        watchdog.daemon = True
        watchdog.start()
        self._stopped.set()
        if self._instance is not None:
            self._end()
        if number is not None:
            self._channel.emit(reply=number, status=_OK)
        os._exit(0)

    def _end(self) -> None:
        if self._code == _OK and self._pollers is not None:
            release = _abi.ParsecMessage(type=_abi.ParsecMessageType.MESSAGE_RELEASE)
            self._call("SendMessage", byref(release))
            self._pollers.stop()
        self._call("Disconnect")
