"""The guests of a simulated host: who comes, what they do, what they are sent."""

from __future__ import annotations

import hmac
import json
import socket
import threading
from collections import deque
from contextlib import suppress

from parsec_nb.sdk import _abi
from parsec_nb.sdk._abi import ParsecGuestState, ParsecHostEvent, ParsecHostEventType
from parsec_nb.sdk._status import ParsecStatus

from . import wire
from .bot import GREETING, NAME, Bot
from .mailbox import Mailbox

_MOST_INPUTS = 4096
_MOST_WAITING = 256
_BOT_ID = 1
# How long somebody may take to say who asks to join.
_JOIN_SECONDS = 5.0
_MOST_JOIN_BYTES = 4096


class Guest:
    """A guest, and what waits to be sent; a bot has no wire.

    Attributes:
        data: What the SDK tells of the guest.
        waiting: Kinds and contents of messages that are to be sent.
    """

    def __init__(
        self, number: int, user_id: int, name: str, line: wire.Wire | None
    ) -> None:
        self.wire = line
        self.waiting: deque[tuple[bytes, bytes]] = deque(maxlen=_MOST_WAITING)
        self.shown = 0
        self.data = _abi.ParsecGuest(id=number, userID=user_id)
        encoded = name.encode()[: _abi.GUEST_NAME_LEN - 1]
        self.data.name = encoded.decode(errors="ignore").encode()
        for right in ("gamepad", "keyboard", "mouse"):
            setattr(self.data.perms, right, True)


class Party:
    """Lets guests in over a socket, each with two threads.

    Methods whose names begin with an underscore are called with the lock held, unless
    they are a thread's.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._listening: socket.socket | None = None
        self._config = _abi.ParsecHostConfig()
        # What the simulator gives to those who may join.
        self._key = ""
        self._mailbox: Mailbox[ParsecHostEvent] = Mailbox()
        self._inputs: deque[tuple[_abi.ParsecGuest, _abi.ParsecMessage]] = deque(
            maxlen=_MOST_INPUTS
        )
        self._guests: dict[int, Guest] = {}
        # How many threads send to guests, or tell them the end.
        self._senders = 0
        self._last_id = _BOT_ID
        self._bot: Bot | None = None
        # The number of the newest picture, its pixels, its size.
        self._picture: tuple[int, bytes, bytes] = (0, b"", b"")

    def _begin(self) -> socket.socket:
        """Let guests in from now on."""
        listening = self._listening = socket.create_server(("127.0.0.1", 0))
        self._bot = Bot(self._let_bot_join, self._let_bot_act)
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
        return listening

    def _end(self, listening: socket.socket) -> None:
        """Send all guests away, and let nobody in."""
        self._listening = None
        if self._bot is not None:
            self._bot.end()
        for guest in [*self._guests.values()]:
            self._remove(guest, ParsecStatus.HOST_WRN_SHUTDOWN)
        self._mailbox = Mailbox()
        self._inputs.clear()
        self._picture = (0, b"", b"")
        self._changed.notify_all()
        # A thread that accepts is not woken by closing alone.
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()

    def _add(self, guest: Guest) -> None:
        """Let a guest in."""
        self._guests[guest.data.id] = guest
        for state in (
            ParsecGuestState.GUEST_CONNECTING,
            ParsecGuestState.GUEST_CONNECTED,
        ):
            self._report(guest, state, ParsecStatus.PARSEC_OK)

    def _remove(self, guest: Guest, status: int) -> None:
        """Let a guest go, who is told the reason."""
        if self._guests.pop(guest.data.id, None) is None:
            return
        guest.waiting.append((wire.END, wire.NUMBER.pack(status)))
        if guest.wire is None and self._bot is not None:
            self._bot.end()
        self._report(guest, ParsecGuestState.GUEST_DISCONNECTED, status)

    def _report(self, guest: Guest, state: int, status: int) -> None:
        guest.data.state = state
        event = ParsecHostEvent(ParsecHostEventType.HOST_EVENT_GUEST_STATE_CHANGE)
        event.guestStateChange.guest = guest.data
        event.guestStateChange.status = status
        self._mailbox.add(event)
        for each in self._guests.values():
            each.waiting.append((wire.GUESTS, self._list_for(each)))
        self._changed.notify_all()

    def _list_for(self, guest: Guest) -> bytes:
        """Return a guest, and then the others."""
        others = (each.data for each in self._guests.values() if each is not guest)
        return b"".join(map(bytes, (guest.data, *others)))

    def _take(self, guest: Guest, kind: bytes, data: bytes | bytearray) -> None:
        """Take what a guest sent."""
        if kind == wire.INPUT:
            message = _abi.ParsecMessage.from_buffer_copy(data)
            self._inputs.append((guest.data, message))
        elif kind == wire.TEXT:
            event = ParsecHostEvent(ParsecHostEventType.HOST_EVENT_USER_DATA)
            event.userData.guest = guest.data
            (event.userData.id,) = wire.NUMBER.unpack_from(data)
            event.userData.key = key = self._mailbox.next_key()
            self._mailbox.add(event, key, bytes(data[wire.NUMBER.size :]) + b"\0")
        self._changed.notify_all()

    def _let_bot_join(self) -> bool:
        with self._changed:
            # A place is left for a person.
            room = len(self._guests) < self._config.maxGuests - 1
            if room and self._listening is not None:
                guest = Guest(_BOT_ID, _BOT_ID, NAME, None)
                self._add(guest)
                self._take(guest, wire.TEXT, wire.NUMBER.pack(0) + GREETING)
                return True
            return False

    def _let_bot_act(self, message: _abi.ParsecMessage) -> None:
        with self._changed:
            guest = self._guests.get(_BOT_ID)
            if guest is not None:
                self._take(guest, wire.INPUT, bytes(message))

    def _accept(self, listening: socket.socket) -> None:
        """Let guests in, until the socket is closed (a thread)."""
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(
                    target=self._serve, args=(connection,), daemon=True
                ).start()

    def _serve(self, connection: socket.socket) -> None:
        """Listen to one guest (a thread)."""
        line = wire.Wire(connection, _JOIN_SECONDS)
        guest = None
        try:
            guest = self._join(line)
            if guest is not None:
                threading.Thread(target=self._send, args=(guest,), daemon=True).start()
                while True:
                    kind, data = line.receive()
                    with self._changed:
                        if guest.data.id not in self._guests:
                            break
                        self._take(guest, kind, data)
        except Exception:  # noqa: BLE001, S110 - who sends nonsense is sent away
            pass
        if guest is None:
            line.close()
            return
        with self._changed:
            self._remove(guest, ParsecStatus.PARSEC_NOT_RUNNING)

    def _join(self, line: wire.Wire) -> Guest | None:
        """Let somebody in who knows the key, if there is room."""
        kind, data = line.receive(_MOST_JOIN_BYTES)
        asked = json.loads(data) if kind == wire.JOIN else {}
        key, name = str(asked.get("key", "")), str(asked.get("user_name", ""))
        with self._changed:
            is_known = self._key and hmac.compare_digest(
                key.encode(), self._key.encode()
            )
            refusal = None
            if not is_known or self._listening is None:
                refusal = ParsecStatus.CONNECT_WRN_NO_PERMISSION
            elif len(self._guests) >= self._config.maxGuests:
                refusal = ParsecStatus.CONNECT_WRN_NO_ROOM
            if refusal is None:
                self._last_id += 1
                user_id = int(asked.get("user_id", 0)) % 2**32
                guest = Guest(self._last_id, user_id, name, line)
                self._add(guest)
                guest.waiting.clear()
                guest.waiting.append((wire.WELCOME, self._list_for(guest)))
                self._senders += 1
                line.wait_for_ever()
                return guest
        line.send(wire.END, wire.NUMBER.pack(refusal))
        return None

    def _send(self, guest: Guest) -> None:
        """Send a guest messages, and the newest picture (a thread)."""
        line, kind = guest.wire, b""
        if line is None:
            return
        with suppress(OSError):
            while kind != wire.END:
                with self._changed:
                    self._changed.wait_for(
                        lambda: guest.waiting or guest.shown != self._picture[0]
                    )
                    number, pixels, size = self._picture
                    waiting = [*guest.waiting]
                    guest.waiting.clear()
                    is_new = guest.shown != number
                    guest.shown = number
                for kind, data in waiting:
                    line.send(kind, data)
                if is_new and pixels and kind != wire.END:
                    line.send(wire.PICTURE, pixels, size)
        line.close()
        with self._changed:
            self._senders -= 1
            self._changed.notify_all()
