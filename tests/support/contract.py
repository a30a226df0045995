"""What Parsec's SDK does, as facts that each library shows in a process of its own.

`OFFLINE` holds those that need no host; they hold for the real library, too. The
numbers were measured on it, or stand in its documentation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from ctypes import POINTER, byref, c_void_p
from typing import TYPE_CHECKING, Any

from parsec_nb.sdk import _abi, _simulated
from parsec_nb.sdk._library.finding import python_architectures
from parsec_nb.sdk._library.openssl import find_openssl
from parsec_nb.sdk._worker import loading
from support import TESTS
from support.libparsec import environment
from support.simulated_sdk import Caller

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# How the stand-in behaves as each host.
_SETTINGS: dict[str, dict[str, Any]] = {
    "own": {"connect": 100, "events": 1, "size": "320x200"},
    "asks": {"approval": 300, "connect": 10},
    "full": {"connect": 10, "status": 11},
    "unreachable": {"connect": 10, "status": -6101},
}
_AT_ONCE = 0.1


class SDK:
    """A library, and hosts to connect to with it.

    Args:
        about: `path` of a library, or `api_url` of a simulator; `session_id`; `hosts`,
            the peer IDs of the simulator's by name; whether it is the `real` library.
    """

    def __init__(self, about: dict[str, Any]) -> None:
        self._about = about
        self.library = self._load(about["api_url"])
        # A library gets its servers from the computer; a simulated one has an address.
        self._offline = self._load("http://127.0.0.1:9")

    def _load(self, api_url: str | None) -> Any:
        path = self._about["path"]
        library = _abi.load(path) if path else _simulated.load(api_url or "")
        _abi.declare(library)
        return library

    def instance(self, host: str = "own") -> Caller:
        """Make an instance whose host behaves as its name says."""
        if self._about["real"]:
            pair = find_openssl(None, architectures=python_architectures(None))
            assert pair
            loading._load_openssl([str(pair.crypto), str(pair.ssl)])
        elif self._about["path"]:
            os.environ.update(environment(**_SETTINGS[host]))
        reserved = b'{"ssHost":"localhost"}'
        self._peer_id = self._about["hosts"].get(host, "nobody")
        library = self._offline if host == "unreachable" else self.library
        return Caller(library, reserved)

    def begin(self, caller: Caller) -> int:
        """Begin an attempt to connect to the host of the last instance."""
        ids = self._about["session_id"].encode(), self._peer_id.encode()
        return int(caller.call("ParsecClientConnect", None, *ids))

    def connected(self, host: str = "own") -> Caller:
        """Return an instance that is connected."""
        caller = self.instance(host)
        assert self.begin(caller) == 0
        assert caller.wait(lambda status: status == 0) == 0
        return caller


def run(fact: str, about: dict[str, Any], **variables: str) -> None:
    """Look at a fact in a process."""
    done = subprocess.run(
        [sys.executable, "-c", "from support.contract import main; main()", fact],
        input=json.dumps(about),
        env={
            **os.environ,
            "PYTHONPATH": f"{TESTS}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    # Exceptions in callbacks are only printed.
    assert "Traceback" not in done.stderr, done.stderr


def main() -> None:
    """Look at the fact that the command line names."""
    (OFFLINE | CONNECTED)[sys.argv[1]](SDK(json.load(sys.stdin)))
    print("done", flush=True)
    # The end of a process without ParsecDestroy is clean, whatever goes on.


def library_about(path: Path, *, real: bool = False) -> dict[str, Any]:
    """Return what an SDK is made of that is a library's file."""
    about = {"path": str(path), "api_url": None, "real": real, "hosts": {}}
    return about | {"session_id": "5e55" * 16}


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns, and its seconds."""
    began = time.monotonic()
    result = call()
    return result, time.monotonic() - began


def polls(caller: Caller, timeout: int) -> list[tuple[str, Any, float]]:
    """Poll a frame, sound and an event; return the results and the seconds."""
    frame, audio = _abi.ParsecFrameCallback(_never), _abi.ParsecAudioCallback(_never)
    calls: dict[str, tuple[object, ...]] = {
        "Frame": (0, frame, timeout, None),
        "Audio": (audio, timeout, None),
        "Events": (timeout, byref(_abi.ParsecClientEvent())),
    }
    return [
        (name, *timed(lambda: caller.call(f"ParsecClientPoll{name}", *arguments)))  # noqa: B023 - called at once
        for name, arguments in calls.items()
    ]


def _never(*_: object) -> None:
    raise AssertionError


def assert_not_connected(caller: Caller) -> None:
    """Each call of a client gives -3, and none waits."""
    call = caller.call
    assert [poll[:2] for poll in polls(caller, 2000)] == [
        *(("Frame", -3), ("Audio", -3), ("Events", False)),
    ]
    assert all(seconds < _AT_ONCE for *_, seconds in polls(caller, 2000))
    assert caller.send(9) == -3
    assert call("ParsecClientSetDimensions", 0, 800, 600, 1.0) == -3


def version(sdk: SDK) -> None:
    """It is told before there is an instance."""
    assert sdk.library.ParsecVersion() == 0x60000


def instances(sdk: SDK) -> None:
    """Several can be made, and each is another; other major versions are refused."""
    callers = [sdk.instance() for _ in range(3)]
    assert len({caller.pointer.value for caller in callers}) == 3
    for major in (0, 5, 7):
        pointer = c_void_p()
        made = sdk.library.ParsecInit(
            major << 16, byref(_abi.ParsecConfig()), None, byref(pointer)
        )
        assert made == -36000
    for caller in callers:
        caller.call("ParsecDestroy")
    sdk.library.ParsecDestroy(None)
    for _ in range(20):
        sdk.instance().call("ParsecDestroy")


def settings(sdk: SDK) -> None:
    """Without ports it says which it would try first; those of others stay."""
    config = _abi.ParsecConfig(9, 9, 9)
    sdk.instance().call("ParsecGetConfig", byref(config))
    assert (config.upnp, config.clientPort, config.hostPort) == (0, 31912, 22912)


def decoders(sdk: SDK) -> None:
    """Two, before there is an instance; no monitors."""
    listed = (_abi.ParsecDecoder * 5)()
    assert sdk.library.ParsecGetDecoders(listed, 5) == 2
    assert [(d.index, d.name, d.width, d.h265, d.color444) for d in listed[:2]] == [
        (0, b"Software", 0, False, False),
        (1, b"Hardware", 0, False, False),
    ]
    assert sdk.library.ParsecGetDecoders(listed, 1) == 1
    assert sdk.library.ParsecGetOutputs((_abi.ParsecOutput * 2)(), 2) == 0


def idle(sdk: SDK) -> None:
    """Without a connection, calls give -3 or nothing, at once."""
    caller = sdk.instance()
    assert_not_connected(caller)
    for name, arguments in {
        "SetConfig": (byref(_abi.ParsecClientConfig(protocol=1)),),
        "Pause": (1, 1),
        "EnableStream": (1, 1),
        "SendUserData": (1, b"text"),
        "GLRenderFrame": (0, _abi.ParsecPreRenderCallback(), None, 10),
        "Disconnect": (),
    }.items():
        status = caller.call(f"ParsecClient{name}", *arguments)
        assert status == (None if name == "Disconnect" else -3), name
    assert caller.status == -3
    assert caller.details.hostMode == 0
    guests = POINTER(_abi.ParsecGuest)()
    assert caller.call("ParsecClientGetGuests", byref(guests)) == 0
    assert not guests
    assert caller.call("ParsecClientGetGuests", None) == 0
    assert caller.call("ParsecGetBuffer", 1) is None
    assert caller.call("ParsecGetBuffer", 0) is None
    sdk.library.ParsecFree(None)


def hosting_idle(sdk: SDK) -> None:
    """Nothing is hosted: -3; only the poll for events waits its time."""
    call = sdk.instance().call
    status = _abi.ParsecHostStatus(running=True, numGuests=3)
    call("ParsecHostGetStatus", byref(status))
    assert bytes(status) == bytes(len(bytes(status)))
    event, message = _abi.ParsecHostEvent(), _abi.ParsecMessage()
    came, waited = timed(lambda: call("ParsecHostPollEvents", 200, byref(event)))
    assert not came
    assert 0.19 < waited < 0.5
    came, waited = timed(
        lambda: call("ParsecHostPollInput", 2000, None, byref(message))
    )
    assert not came
    assert waited < _AT_ONCE
    for name, arguments in {
        "SetConfig": (None, None),
        "KickGuest": (1,),
        "SendUserData": (1, 1, b"text"),
        "AllowGuest": (1, 1),
        "SubmitAudio": (2, 48_000, None, 0),
        "SubmitRumble": (1, 0, 0, 0),
        "GLSubmitFrame": (0, 1),
    }.items():
        assert call(f"ParsecHost{name}", *arguments) == -3, name
    assert call("ParsecHostGetGuests", 5, None) == 0
    call("ParsecHostStop")
    if sys.platform != "win32":
        assert call("ParsecHostStart", 1, None, b"5e55") == -5


def a_failed_attempt(sdk: SDK) -> None:
    """It begins with 0, is one at a time, and its reason stays until the next call."""
    caller = sdk.instance("unreachable")
    begun, waited = timed(lambda: sdk.begin(caller))
    assert begun == 0
    assert waited < _AT_ONCE
    assert caller.wait(lambda status: status != 20) == -6101
    assert_not_connected(caller)
    assert caller.status == -6101
    assert caller.details.hostMode == 0
    caller.call("ParsecClientDisconnect")
    assert caller.status == -3


def unchecked_ids(sdk: SDK) -> None:
    """Neither session ID nor peer ID is checked at the call, nor the settings."""
    for ids in ((None, None), (b"x", b"y"), (b"", b"")):
        caller = sdk.instance("unreachable")
        config = byref(_abi.ParsecClientConfig())
        assert caller.call("ParsecClientConnect", config, *ids) == 0


def the_log(sdk: SDK) -> None:
    """A failed attempt writes lines, until the callback is removed."""
    lines: list[tuple[int, bytes | None]] = []
    callback = _abi.ParsecLogCallback(lambda *line: lines.append(line[:2]))
    caller = sdk.instance("unreachable")
    caller.library.ParsecSetLogCallback(callback, None)
    sdk.begin(caller)
    caller.wait(lambda status: status != 20)
    end = time.monotonic() + 5
    while not any(b"= -6101" in (text or b"") for _, text in lines):
        assert time.monotonic() < end, lines
        time.sleep(0.005)
    assert {level for level, _ in lines} <= {ord("i"), ord("d")}
    caller.library.ParsecSetLogCallback(_abi.ParsecLogCallback(), None)
    lines.clear()

    sdk.begin(caller)
    caller.wait(lambda status: status != 20)
    time.sleep(0.05)

    assert not lines


def the_end_while_connecting(sdk: SDK) -> None:
    """The process may end, and the attempt be broken off, at once."""
    caller, other = sdk.instance("unreachable"), sdk.instance("unreachable")
    sdk.begin(caller)
    _, waited = timed(lambda: caller.call("ParsecClientDisconnect"))
    assert waited < _AT_ONCE
    # The attempt that was broken off may still write its failure.
    assert caller.status in {-3, -6101}
    sdk.begin(other)


def connecting(sdk: SDK) -> None:
    """20, then 0; meanwhile polls give -3 at once, and there is no other attempt."""
    caller, seen = sdk.instance(), []
    assert sdk.begin(caller) == 0
    seen.append(caller.status)
    if seen == [20]:
        assert sdk.begin(caller) == -4
        assert caller.send(9) in {-3, 0}
    caller.wait(lambda status: seen.append(status) or status != 20)
    assert seen[0] == 20
    assert seen[-1] == 0
    assert set(seen) == {20, 0}
    assert sdk.begin(caller) == -4


def approval(sdk: SDK) -> None:
    """6 while somebody decides; nothing comes meanwhile."""
    caller = sdk.instance("asks")
    assert sdk.begin(caller) == 0
    assert caller.wait(lambda status: status == 6) == 6
    assert_not_connected(caller)
    assert sdk.begin(caller) == -4
    if hasattr(caller.library, "decide"):
        assert caller.library.decide(allow=True) == 0
    assert caller.wait(lambda status: status not in {6, 20}) == 0


def a_full_host(sdk: SDK) -> None:
    """A warning is an end, too."""
    caller = sdk.instance("full")
    assert sdk.begin(caller) == 0
    assert caller.wait(lambda status: status != 20) == 11
    assert_not_connected(caller)


def status(sdk: SDK) -> None:
    """The picture's size is 0 until the first one was polled."""
    caller = sdk.connected()
    details = caller.details
    assert details.hostMode == 1
    assert details.self.state == 4
    assert details.self.name
    assert not details.networkFailure
    assert [decoder.width for decoder in details.decoder] == [0, 0]
    frame = caller.picture().frame
    decoder = caller.details.decoder
    assert (decoder[0].width, decoder[0].height) == (frame.width, frame.height)
    assert decoder[1].width == 0


def frames(sdk: SDK) -> None:
    """The callback runs once, in the calling thread, with what the format needs."""
    caller, seen = sdk.connected(), []

    def take(frame: Any, image: int, opaque: int) -> None:
        seen.append((threading.get_ident(), bool(image), opaque, frame.contents.size))

    callback = _abi.ParsecFrameCallback(take)
    arguments = 0, callback, 1000, c_void_p(77)
    assert caller.call("ParsecClientPollFrame", *arguments) == 0
    frame = caller.picture().frame
    full = frame.fullWidth * frame.fullHeight
    assert seen == [(threading.get_ident(), True, 77, full * 3 // 2)]
    assert (frame.format, frame.rotation) == (1, 1)
    assert 0 < frame.width <= frame.fullWidth


def streams(sdk: SDK) -> None:
    """The second one is off until it is asked for; a poll then waits its time."""
    caller = sdk.connected()
    nothing, waited = timed(lambda: caller.poll(stream=1, timeout=100))
    assert isinstance(nothing, int)
    assert nothing > 0
    assert 0.09 < waited < 0.5
    assert caller.call("ParsecClientEnableStream", 1, 1) == 0
    caller.picture(stream=1)
    assert caller.call("ParsecClientEnableStream", 1, 0) == 0
    assert isinstance(caller.poll(stream=1, timeout=20), int)
    caller.picture()


def pause(sdk: SDK) -> None:
    """Video and sound stop, each for itself, and go on."""
    caller = sdk.connected()
    caller.picture()
    assert caller.call("ParsecClientPause", 1, 0) == 0
    assert isinstance(caller.poll(timeout=60), int)
    assert isinstance(caller.sound(), list)
    assert caller.call("ParsecClientPause", 0, 1) == 0
    caller.picture()
    assert [isinstance(caller.sound(60), int) for _ in range(30)][-1]
    assert caller.call("ParsecClientPause", 0, 0) == 0
    assert isinstance(caller.sound(), list)


def sound(sdk: SDK) -> None:
    """Pairs of samples, in the calling thread."""
    caller, seen = sdk.connected(), []

    def take(samples: Any, count: int, opaque: int) -> None:
        seen.append((threading.get_ident(), bool(samples), count > 0, opaque))

    callback = _abi.ParsecAudioCallback(take)
    arguments = callback, 1000, c_void_p(77)
    assert caller.call("ParsecClientPollAudio", *arguments) == 0
    assert seen == [(threading.get_ident(), True, True, 77)]


def events(sdk: SDK) -> None:
    """Each comes once, and so does what belongs to it."""
    caller, found = sdk.connected(), {}
    while len(found) < 2:
        event = caller.event(1000)
        assert event
        found[event.type] = event
    cursor, text = found[1].cursor, found[3].userData
    assert cursor.cursor.imageUpdate
    assert cursor.cursor.size == cursor.cursor.width * cursor.cursor.height * 4
    image = caller.buffer(cursor.key, cursor.cursor.size)
    assert image
    assert len(image) == cursor.cursor.size
    assert caller.buffer(text.key)
    assert caller.buffer(text.key) is None
    assert caller.buffer(cursor.key) is None
    while caller.event():
        pass
    nothing, waited = timed(lambda: caller.event(100))
    assert nothing is None
    assert 0.09 < waited < 0.5


def input_messages(sdk: SDK) -> None:
    """All nine kinds are taken, and sizes, settings and texts."""
    caller = sdk.connected()
    for kind in range(1, 10):
        assert caller.send(kind) == 0
    for stream in (0, 1):
        assert caller.call("ParsecClientSetDimensions", stream, 800, 600, 1.0) == 0
    config = byref(_abi.ParsecClientConfig(protocol=1))
    assert caller.call("ParsecClientSetConfig", config) == 0
    assert caller.call("ParsecClientSetConfig", None) == 0
    assert caller.call("ParsecClientSendUserData", 3, "grüße".encode()) == 0


def guests(sdk: SDK) -> None:
    """They can be counted without being fetched; this one is among them."""
    caller = sdk.connected()
    count = caller.call("ParsecClientGetGuests", None)
    names = caller.guests()
    assert len(names) == count >= 1
    assert caller.details.self.name.decode() in names


def several_connections(sdk: SDK) -> None:
    """Two instances of a process connect, and each has its own state."""
    one, other = sdk.connected(), sdk.connected()
    one.call("ParsecClientDisconnect")
    assert (one.status, other.status) == (-3, 0)
    other.picture()


def disconnect(sdk: SDK) -> None:
    """Polls that wait end with it, and nothing comes any more."""
    caller, ended = sdk.connected(), []
    caller.call("ParsecClientPause", 1, 1)
    while caller.event() or isinstance(caller.sound(20), list):
        pass
    frame, audio = _abi.ParsecFrameCallback(_never), _abi.ParsecAudioCallback(_never)
    event = byref(_abi.ParsecClientEvent())
    waiting = [
        threading.Thread(
            target=lambda n=name, a=arguments: ended.append(caller.call(n, *a))
        )
        for name, arguments in (
            ("ParsecClientPollFrame", (0, frame, 5000, None)),
            ("ParsecClientPollAudio", (audio, 5000, None)),
            ("ParsecClientPollEvents", (5000, event)),
        )
    ]
    for thread in waiting:
        thread.start()
    time.sleep(0.1)
    assert not ended

    _, waited = timed(lambda: caller.call("ParsecClientDisconnect"))
    for thread in waiting:
        thread.join(1)

    assert waited < 0.5
    assert sorted(ended) == [-3, -3, False]
    assert caller.status == -3
    assert caller.call("ParsecClientGetGuests", None) == 0
    assert_not_connected(caller)
    caller.call("ParsecDestroy")


OFFLINE = {
    fact.__name__: fact
    for fact in (
        *(version, instances, settings, decoders, idle, hosting_idle),
        *(a_failed_attempt, unchecked_ids, the_log, the_end_while_connecting),
    )
}
CONNECTED = {
    fact.__name__: fact
    for fact in (
        *(connecting, approval, a_full_host, status, frames, streams, pause, sound),
        *(events, input_messages, guests, several_connections, disconnect),
    )
}
