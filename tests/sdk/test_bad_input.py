"""Wrong arguments are refused at the call, and wrong libraries with what to do."""

from __future__ import annotations

import _ctypes
import math
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb import sdk
from parsec_nb.errors import (
    InvalidArgumentError,
    SDKError,
    SDKProcessError,
    SDKSetupError,
)
from support import leftovers
from support.libparsec import build, environment
from support.secrets import SESSION_ID
from support.worker import PEER_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from parsec_nb.sdk import Client

ARGUMENTS = {
    "session": [None, 5, "", "a b", b"bytes", object()],
    "host": [None, 5, "", "short", "with a space", ["list"], object()],
    "library": [5, ["list"], object()],
    "secret": [None, 5, "é", "x" * 32, b"bytes", "new\nline"],
    "decoder": [None, 5, "best", ["list"]],
    "h265": ["no", None, 2, []],
    "openssl": [5, ["list"]],
    "signal_host": [None, 5, "", "https://host", "a b", '"', "host:443"],
    "upnp": ["no", None, 2],
    "python": [5, ["list"], b"bytes"],
    "timeout": [None, 0, -1, "5", math.nan, math.inf, True, [], 1e6],
    "reconnect": ["no", None, 2],
}
CALLS: dict[str, Callable[[Client], object]] = {
    "frame, timeout": lambda c: c.frame("5"),
    "frame, NaN": lambda c: c.frame(math.nan),
    "frame, infinite": lambda c: c.frame(math.inf),
    "frame, negative": lambda c: c.frame(-1),
    "frame, None": lambda c: c.frame(None),
    "frame, copy": lambda c: c.frame(copy="no"),
    "frame, stream": lambda c: c.frame(stream=2),
    "frame, stream as text": lambda c: c.frame(stream="0"),
    "frames, timeout": lambda c: c.frames("5"),
    "frames, stream": lambda c: c.frames(stream=-1),
    "frames, copy": lambda c: c.frames(copy=None),
    "sound, none": lambda c: c.sound(0),
    "sound, long": lambda c: c.sound(31),
    "sound, text": lambda c: c.sound("1"),
    "sound, NaN": lambda c: c.sound(math.nan),
    "record, none": lambda c: c.record(0),
    "record, fps": lambda c: c.record(1, fps=0),
    "record, fps as text": lambda c: c.record(1, fps="15"),
    "view, fps": lambda c: c.view(0),
    "view, input": lambda c: c.view(input="no"),
    "metrics, stream": lambda c: c.metrics(2),
    "metrics, list": lambda c: c.metrics([0]),
    "events, timeout": lambda c: c.events("5"),
    "events, negative": lambda c: c.events(-1),
    "events, infinite": lambda c: c.events(math.inf),
    "result, timeout": lambda c: c.result("5"),
    "send_text, number": lambda c: c.send_text(5),
    "send_text, NUL": lambda c: c.send_text("a\0b"),
    "send_text, long": lambda c: c.send_text("x" * 1001),
    "send_text, lone surrogate": lambda c: c.send_text("\ud800"),
    "send_text, id": lambda c: c.send_text("x", id=-1),
    "send_text, id as text": lambda c: c.send_text("x", id="1"),
    "pause, video": lambda c: c.pause(video="no"),
    "pause, sound": lambda c: c.pause(sound=2),
    "key, name": lambda c: c.key("any", down=True),
    "key, number": lambda c: c.key(4, down=True),
    "key, down": lambda c: c.key("a", down="up"),
    "press, none": lambda c: c.press(),
    "press, name": lambda c: c.press("ctrl", "??"),
    "type, number": lambda c: c.type(5),
    "type, unknown": lambda c: c.type("é"),
    "mouse_move, text": lambda c: c.mouse_move("1", 2),
    "mouse_move, NaN": lambda c: c.mouse_move(math.nan, 2),
    "mouse_move, far": lambda c: c.mouse_move(2**31, 2),
    "mouse_move, relative": lambda c: c.mouse_move(1, 2, "relative"),
    "mouse_move, stream": lambda c: c.mouse_move(1, 2, stream=2),
    "mouse_button, name": lambda c: c.mouse_button("first", down=True),
    "mouse_button, down": lambda c: c.mouse_button("left", down="up"),
    "click, number": lambda c: c.click(1),
    "wheel, text": lambda c: c.wheel("1"),
    "gamepad, negative": lambda c: c.gamepad(-1),
    "gamepad, button": lambda c: c.gamepad(0).press("q"),
    "gamepad, down": lambda c: c.gamepad(0).button("a", down="up"),
    "gamepad, axis": lambda c: c.gamepad(0).axis("lz", 0),
    "gamepad, value": lambda c: c.gamepad(0).axis("lx", 1.5),
}


@pytest.fixture
def connect(
    libparsec: Path, openssl: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Client]:
    """Call `sdk.connect` with good arguments but for those that are given."""

    def connect(settings: dict[str, Any] | None = None, **arguments: Any) -> Client:
        for name, value in environment(connect=10, **(settings or {})).items():
            monkeypatch.setenv(name, value)
        good = {"session": SESSION_ID, "host": PEER_ID, "library": libparsec}
        return sdk.connect(**good | {"openssl": openssl} | arguments)

    return connect


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in ARGUMENTS.items() for value in values],
)
def test_arguments_of_connect(
    connect: Callable[..., Client], name: str, value: Any
) -> None:
    """The message names the argument or its kind; nothing is started."""
    before = threading.active_count()

    with pytest.raises(InvalidArgumentError, match=name) as caught:
        connect(**{name: value})

    assert len(str(caught.value)) > 20
    assert threading.active_count() == before


@pytest.fixture(scope="module")
def client(libparsec: Path, openssl: Path) -> Any:
    """A connected client of the stand-in."""
    with sdk.connect(
        SESSION_ID, PEER_ID, library=libparsec, openssl=openssl
    ) as connected:
        yield connected


@pytest.mark.parametrize("call", CALLS)
def test_arguments_of_calls(client: Client, call: str) -> None:
    """They raise at the call, not when something is read; the client goes on."""
    with pytest.raises(InvalidArgumentError) as caught:
        CALLS[call](client)

    assert len(str(caught.value)) > 20
    assert client.guests()


def narrow(library: Path, copy: Path) -> Path:
    """Write a library's copy whose header says 32 bits."""
    content = bytearray(library.read_bytes())
    content[4] = 1
    struct.pack_into("<H", content, 18, 3)
    copy.write_bytes(content)
    return copy


class TestLibraries:
    """What is no SDK, or not a good one."""

    def test_files_that_cannot_be_loaded(
        self, connect: Callable[..., Client], libparsec: Path, tmp_path: Path
    ) -> None:
        """They are refused at the call: nothing is loaded."""
        text = tmp_path / "libparsec.so"
        text.write_text("a text")
        empty = tmp_path / "empty.so"
        empty.touch()
        for path, words in {
            "/nowhere/libparsec.so": "no file",
            str(text): "text file",
            str(empty): "empty",
            str(narrow(libparsec, tmp_path / "narrow.so")): "32 bits",
            str(tmp_path.parent / "nothing"): "no file",
        }.items():
            with pytest.raises(SDKSetupError, match=words):
                connect(library=path)

    def test_another_library(self, connect: Callable[..., Client]) -> None:
        """It lacks the functions."""
        with pytest.raises(SDKSetupError, match="Parsec"):
            connect(library=_ctypes.__file__).result(10)

    def test_a_function_is_missing(
        self, connect: Callable[..., Client], tmp_path: Path
    ) -> None:
        """It is named."""
        library = build(tmp_path, "WITHOUT=ParsecClientPause")

        with pytest.raises(SDKSetupError, match="ParsecClientPause"):
            connect(library=library).result(10)

    @pytest.mark.parametrize(
        ("settings", "words"),
        [({"version": 0x50000}, r"version 5\.0"), ({"init": -36000}, "-36000")],
    )
    def test_another_version(
        self, connect: Callable[..., Client], settings: dict[str, int], words: str
    ) -> None:
        """Its version is told as people write it."""
        with pytest.raises(SDKSetupError, match=words):
            connect(settings).result(10)

    @pytest.mark.parametrize("function", ["Init", "ClientConnect", "ClientGetStatus"])
    def test_one_that_hangs(
        self, connect: Callable[..., Client], function: str
    ) -> None:
        """The timeout ends it, and the process."""
        before = leftovers.left()[3]
        client = connect({"hang": f"Parsec{function}"}, timeout=0.5)
        begin = time.monotonic()

        with pytest.raises(SDKError, match=r"within 0\.5 s"):
            client.result(10)

        assert time.monotonic() - begin < 3
        assert leftovers.left()[3] == before

    @pytest.mark.parametrize(
        "function",
        [
            *("ClientPollFrame", "ClientPollAudio", "ClientPollEvents"),
            *("ClientSendMessage", "ClientPause", "ClientSetDimensions"),
            *("ClientGetGuests", "ClientDisconnect"),
        ],
    )
    def test_one_that_hangs_once_it_is_connected(
        self, connect: Callable[..., Client], function: str
    ) -> None:
        """A disconnect ends it, and whoever waits for it."""
        before = leftovers.left()[3]
        client = connect({"hang": f"Parsec{function}"})
        client.result(10)
        calls: list[Callable[[], object]] = [
            client.frame,
            client.guests,
            lambda: client.pause(video=True),
            lambda: client.key("a"),
        ]
        with ThreadPoolExecutor() as pool:
            waiting = [pool.submit(call) for call in calls]
            begin = time.monotonic()
            client.disconnect()
            for call in waiting:
                call.exception(2)

        assert time.monotonic() - begin < 3
        assert leftovers.left()[3] == before

    def test_one_that_hangs_while_it_is_loaded(
        self, connect: Callable[..., Client], tmp_path: Path
    ) -> None:
        """Likewise."""
        client = connect(library=build(tmp_path, "ON_LOAD=HANG"), timeout=0.5)

        with pytest.raises(SDKError, match=r"within 0\.5 s"):
            client.result(10)

    def test_one_that_exits(
        self, connect: Callable[..., Client], tmp_path: Path
    ) -> None:
        """The exit status, and what it printed, are told."""
        client = connect(library=build(tmp_path, "ON_LOAD=EXIT"))

        with pytest.raises(SDKProcessError, match="printed by the library") as caught:
            client.result(10)

        assert caught.value.returncode == 3

    def test_no_openssl(
        self,
        connect: Callable[..., Client],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Neither is one taken that is something else."""
        monkeypatch.delenv("PARSEC_OPENSSL_PATH", raising=False)
        for folder, words in {
            str(tmp_path): "neither libcrypto",
            "/nowhere": "neither libcrypto",
        }.items():
            with pytest.raises(SDKSetupError, match=words):
                connect(openssl=folder)
        (tmp_path / "libcrypto.so.1.1").write_text("a text")
        (tmp_path / "libssl.so.1.1").write_text("a text")
        with pytest.raises(SDKSetupError, match="text file"):
            connect(openssl=tmp_path)

    def test_an_interpreter_that_is_none(
        self, connect: Callable[..., Client], tmp_path: Path
    ) -> None:
        """It is refused at the call, or its end is told."""
        with pytest.raises(SDKSetupError, match="not a program"):
            connect(python="/nowhere/python")
        with pytest.raises(SDKSetupError, match="not a program"):
            connect(python="")
        script = tmp_path / "python"
        script.write_text("#!/bin/sh\necho no Python >&2\nexit 7\n")
        script.chmod(0o700)
        with pytest.raises(SDKProcessError, match="no Python") as caught:
            connect(python=script).result(10)
        assert caught.value.returncode == 7
