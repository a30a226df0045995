"""The worker process with the stand-in in C: what passes between it and the kernel."""

from __future__ import annotations

import base64
import ctypes
import json
import struct
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb.errors import SDKProcessError
from parsec_nb.sdk import _abi
from support import REPOSITORY
from support.libparsec import (
    TEXT,
    TEXT_ID,
    build,
    fingerprint,
    read_record,
)
from support.secrets import SESSION_ID
from support.worker import KERNEL, PEER_ID, Reported, start_line

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

Connect = "Callable[..., Reported]"


def message(kind: int, **member: Any) -> str:
    """Return a message for the `send` command."""
    return bytes(_abi.ParsecMessage(type=kind, **member)).hex()


def direct_frames(library: Path, wanted: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Return four of the wanted frames as the stand-in gives them, by how they begin.

    Their numbers return after 256 frames.
    """
    functions = ctypes.CDLL(str(library))
    _abi.declare(functions)
    instance = ctypes.c_void_p()
    functions.ParsecInit(_abi.PARSEC_VER, None, None, ctypes.byref(instance))
    functions.ParsecClientConnect(instance, None, b"session", b"peer")
    while functions.ParsecClientGetStatus(instance, None):
        time.sleep(0.01)
    frames = {}

    def keep(frame: Any, image: int, _: object) -> None:
        data = ctypes.string_at(image, frame.contents.size)
        if data[:4096] in wanted:
            frames[data[:4096]] = data

    until = time.monotonic() + 10
    while len(frames) < 4:
        assert time.monotonic() < until
        callback = _abi.ParsecFrameCallback(keep)
        functions.ParsecClientPollFrame(instance, 0, callback, 1000, None)
    functions.ParsecClientDisconnect(instance)
    return frames


@pytest.mark.parametrize("pixels", range(1, 8))
def test_frames_arrive_bit_by_bit(
    connect: Callable[..., Reported], libparsec: Path, pixels: int
) -> None:
    """Every format, with padding, is what the library gave."""
    settings = {"fps": 100, "size": "160x96", "padding": "32x8"}

    worker = connect(format=pixels, connect=10, **settings).worker
    number, arrived = 0, {}
    while len(arrived) < 8:
        header = worker.wait_frame(0, number, 5)
        assert header
        frame = worker.media.pin(0)
        assert frame
        number = frame.header.number
        arrived[bytes(frame.data[:4096])] = bytes(frame.data)
        assert frame.header[1:3] == (pixels, 1)
        assert frame.header[4:8] == (160, 96, 192, 104)
        assert abs(time.time_ns() - header.received_ns) < 5e9

    direct = direct_frames(libparsec, arrived)
    assert direct == {key: arrived[key] for key in direct}


def test_larger_frames_arrive(connect: Callable[..., Reported]) -> None:
    """The host changes the size of its picture."""
    worker = connect(fps=60, size="64x64", resize="5:1920x1080", rotation=2).worker

    header = worker.wait_frame(0, 8, 5)

    assert header
    assert header[2:6] == (2, 1920 * 1080 * 3 // 2, 1920, 1080)
    assert worker.media.dropped(0) == 0


def test_the_second_stream_arrives_once_it_is_enabled(
    connect: Callable[..., Reported],
) -> None:
    """Stream 1 is off at first."""
    reported = connect(fps=30, size="64x64")
    reported.wait("status", code=0)
    assert reported.worker.wait_frame(0, 0, 5)
    assert reported.worker.wait_frame(1, 0, 0.2) is None

    reply = reported.worker.request("stream", stream=1, enable=True)

    assert reply["status"] == 0
    assert reported.worker.wait_frame(1, 0, 5)


def test_sound_arrives_without_a_gap(connect: Callable[..., Reported]) -> None:
    """Each pair of samples tells its number."""
    reported = connect()
    media = reported.worker.media
    reported.wait("status", code=0)
    while media.sound_written < 24_000:
        time.sleep(0.05)

    sound = media.sound(0, 24_000)

    pairs = list(struct.iter_unpack("<hh", sound))
    first = pairs[0][0]
    expected = [(first + i + 2**15) % 2**16 - 2**15 for i in range(24_000)]
    assert [left for left, _ in pairs] == expected
    assert all((left + right) % 2**16 == 0 for left, right in pairs)


def test_each_event_arrives_once_with_what_belongs_to_it(
    connect: Callable[..., Reported], record: Path
) -> None:
    """Buffers are fetched and freed."""
    reported = connect(events=1)
    reported.wait("client", type=6)
    reported.worker.end()

    events = [
        (_abi.ParsecClientEvent.from_buffer_copy(bytes.fromhex(event["data"])), event)
        for event in reported.of("client")
    ]
    assert [about.type for about, _ in events] == [1, 3, 2, 4, 5, 6]
    buffers = [base64.b64decode(event["buffer"] or "") for _, event in events]
    assert events[0][0].cursor.cursor.size == 16 * 16 * 4
    assert buffers[0] == bytes(i % 256 for i in range(16 * 16 * 4))
    assert events[1][0].userData.id == TEXT_ID
    assert buffers[1].decode() == TEXT
    assert buffers[2:] == [b""] * 4
    assert events[2][0].rumble.motorBig == 200
    assert read_record(record)[-1] == ("disconnect", {"unfreed": "0"})


def test_commands_reach_the_library(
    connect: Callable[..., Reported], record: Path
) -> None:
    """All fields arrive, and each command has its reply."""
    reported = connect()
    reported.wait("status", code=0)
    ask = reported.worker.request
    keyboard = _abi.ParsecKeyboardMessage(code=4, mod=1, pressed=True)
    motion = _abi.ParsecMouseMotionMessage(x=-5, y=70_000, relative=True, stream=1)

    replies = [
        ask(
            "send",
            messages=[message(1, keyboard=keyboard), message(4, mouseMotion=motion)],
        ),
        ask("user_data", number=7, text="grüße"),
        ask("pause", video=True, audio=False),
        ask("stream", stream=1, enable=False),
    ]
    reported.worker.post("send", messages=[message(9)])
    guests = ask("guests")["guests"]

    assert [reply["status"] for reply in replies] == [0] * 4
    entries = [e for e in read_record(record) if e.name != "setDimensions"]
    names = [entry.name for entry in entries]
    assert names[:2] == ["init", "connect"]
    assert entries[0].fields["upnp"] == "0"
    assert json.loads(entries[0].fields["reserved"]) == {"ssHost": "example.com"}
    assert entries[1].fields["peer"] == PEER_ID
    assert entries[1].fields["session"] == fingerprint(SESSION_ID)
    assert entries[1].fields["protocol"] == "1"
    assert entries[2].fields == {"code": "4", "mod": "1", "pressed": "1"}
    assert entries[3].fields["y"] == "70000"
    assert entries[4].fields == {"id": "7", "text": "grüße"}
    assert entries[5].fields == {"pauseVideo": "1", "pauseAudio": "0"}
    assert entries[6].fields == {"stream": "1", "enable": "0"}
    assert names[7:] == ["release"]
    names = [
        _abi.ParsecGuest.from_buffer_copy(bytes.fromhex(guest)).name for guest in guests
    ]
    assert len(names) == 2


def test_the_sdk_is_told_the_size_of_the_picture(
    connect: Callable[..., Reported], record: Path
) -> None:
    """Once it is known, and again when it changes; mouse positions refer to it."""
    settings = {"fps": 100, "size": "64x48", "resize": "60:96x80"}
    reported = connect(connect=10, **settings)
    reported.wait("status", code=0)

    reported.worker.request("stream", stream=1, enable=True)
    assert reported.worker.wait_frame(0, 80, 5)
    reported.wait_until(
        lambda: len([e for e in read_record(record) if e.name == "setDimensions"]) >= 4
    )

    told = [e.fields for e in read_record(record) if e.name == "setDimensions"]
    assert {fields.pop("scale") for fields in told} == {"1"}
    for stream in "0", "1":
        sizes = [(f["width"], f["height"]) for f in told if f["stream"] == stream]
        assert sizes == [("64", "48"), ("96", "80")]


def test_the_status_of_a_message_that_failed_is_the_reply(
    connect: Callable[..., Reported],
) -> None:
    """Before there is a connection, nothing is sent."""
    reported = connect(connect=400)

    early = reported.worker.request("send", messages=[message(9)])
    reported.wait("status", code=20)
    connecting = reported.worker.request("send", messages=[message(9)])

    assert early["status"] == connecting["status"] == -3


def test_each_change_of_the_status_is_an_event(
    connect: Callable[..., Reported],
) -> None:
    """The approval shows, and while connected the metrics come twice a second."""
    reported = connect(approval=150, connect=100, fps=30, size="320x200")

    reported.wait("status", code=0)
    connected = time.monotonic()
    reported.wait_until(lambda: len(reported.of("status", code=0)) >= 4)

    assert 0.9 < time.monotonic() - connected < 5
    codes = [event["code"] for event in reported.of("status")][:6]
    assert codes in ([20, 6, 0, 0, 0, 0], [6, 20, 0, 0, 0, 0])
    last = reported.of("status")[-1]["status"]
    status = _abi.ParsecClientStatus.from_buffer_copy(bytes.fromhex(last))
    assert (status.decoder[0].width, status.decoder[0].height) == (320, 200)
    assert status.self.metrics[0].packetsSent > 0


@pytest.mark.parametrize("code", [11, 8, -3008, -6101])
def test_a_final_status_is_reported_once(
    connect: Callable[..., Reported], code: int
) -> None:
    """The worker waits until the kernel ends it."""
    reported = connect(connect=10, status=code)
    reported.wait("status", code=code)
    time.sleep(0.2)

    assert len(reported.of("status", code=code)) == 1
    assert not reported.ended
    reported.worker.end()
    assert reported.ended == [(0, "")]


def test_a_line_that_drops_is_reported(connect: Callable[..., Reported]) -> None:
    """The reason is the SDK's."""
    reported = connect(connect=10, drop="100:-12007", fps=30, size="64x64")

    reported.wait("status", code=0)
    reported.wait("status", code=-12007)


def test_a_disconnect_lets_go_of_keys_first(
    connect: Callable[..., Reported], record: Path
) -> None:
    """The reply comes before the process ends."""
    reported = connect(fps=30, size="64x64")
    reported.wait("status", code=0)

    assert reported.worker.request("disconnect")["status"] == 0

    assert reported.wait_end()[0] == 0
    names = [entry.name for entry in read_record(record)]
    assert [name for name in names if name != "setDimensions"] == [
        *("init", "connect", "release", "disconnect"),
    ]


def test_the_end_of_standard_input_disconnects(
    connect: Callable[..., Reported], record: Path
) -> None:
    """An attempt that waits is broken off at once, without a release."""
    connected, waiting = connect(), connect(approval=60_000)
    connected.wait("status", code=0)
    waiting.wait("status", code=6)

    begin = time.monotonic()
    waiting.worker.end()
    took = time.monotonic() - begin
    connected.worker.end()

    assert took < 1
    assert waiting.ended == [(0, "")]
    assert connected.ended == [(0, "")]
    names = [entry.name for entry in read_record(record)]
    ends = [name for name in names if name in ("release", "disconnect")]
    assert ends == ["disconnect", "release", "disconnect"]


@pytest.mark.parametrize(
    ("reason", "detail", "change", "settings"),
    [
        ("load", "no-library", {"library": "/no-library.so"}, {}),
        ("load", "invalid ELF", {"library": __file__}, {}),
        ("openssl", "", {"openssl": None}, {}),
        ("openssl", "no-openssl", {"openssl": ["/no-openssl.so"]}, {}),
        ("version", "5.0", {}, {"version": 0x50000}),
        ("init", "-36000", {}, {"init": -36000}),
    ],
)
def test_what_cannot_run_is_refused(
    connect: Callable[..., Reported],
    reason: str,
    detail: str,
    change: dict[str, Any],
    settings: dict[str, Any],
) -> None:
    """The reason is one word, and the process ends with status 3."""
    reported = connect(change, **settings)

    refused = reported.wait("refused")

    assert refused["reason"] == reason
    assert detail in refused["detail"]
    assert reported.wait_end() == (3, "")
    assert not reported.of("ready")


def test_a_library_that_lacks_a_function_is_refused(
    connect: Callable[..., Reported], tmp_path: Path
) -> None:
    """Its name is told."""
    library = build(tmp_path, "WITHOUT=ParsecClientPause")

    refused = connect({"library": str(library)}).wait("refused")

    assert refused["reason"] == "function"
    assert "ParsecClientPause" in refused["detail"]


def test_openssl_is_loaded_before_the_sdk_needs_it(
    connect: Callable[..., Reported],
) -> None:
    """The stand-in ends its process, as the library does, where there is none."""
    connect(openssl="required").wait("status", code=0)


def test_an_error_of_ours_is_reported_without_secrets(
    connect: Callable[..., Reported],
) -> None:
    """A command that is not known is one; the process ends with status 4."""
    reported = connect()
    reported.wait("ready")
    reported.wait("status")

    reported.worker.post(PEER_ID)

    assert reported.wait("fault")["text"] == "KeyError: '***'"
    assert reported.wait_end() == (4, "")


def test_log_lines_are_masked_and_bounded(connect: Callable[..., Reported]) -> None:
    """Threads of the library write them, in any encoding, and as many as they like."""
    reported = connect(log=4000)
    reported.wait("status", code=0)

    lines = reported.of("log")

    assert {line["level"] for line in lines} == {"i", "d"}
    texts = [line["text"] for line in lines]
    assert any("session ***, peer ***" in text for text in texts)
    assert any("café" in text for text in texts)
    assert any("\N{REPLACEMENT CHARACTER}" in text for text in texts)
    assert len(texts) <= 200
    assert any("left out" in text for text in texts)


def test_what_the_library_prints_is_no_event(connect: Callable[..., Reported]) -> None:
    """It is kept for messages on the end."""
    reported = connect(print=1)
    reported.wait("status", code=0)
    reported.worker.end()

    assert not reported.of("fault")
    assert reported.ended == [(0, "printed to stdout\nprinted to stderr\n")]


def test_the_session_id_is_nowhere(
    connect: Callable[..., Reported], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither arguments, environment, files, events nor texts hold it."""
    monkeypatch.setenv("PARSEC_SESSION_ID", SESSION_ID)
    reported = connect(log=20, print=1, events=1, fps=30, size="64x64")
    reported.wait("status", code=0)
    process = Path(f"/proc/{reported.worker.pid}")
    arguments = (process / "cmdline").read_bytes()
    status = (process / "status").read_text()
    with pytest.raises(SDKProcessError) as caught:
        reported.worker.request(SESSION_ID, timeout=2)
    reported.wait_end()

    seen = json.dumps([reported.events, reported.ended, str(caught.value)])
    assert SESSION_ID not in seen
    assert SESSION_ID.encode().hex() not in seen
    assert PEER_ID not in seen
    assert SESSION_ID not in repr(vars(reported.worker))
    assert SESSION_ID.encode() not in arguments
    assert b"_worker" in arguments
    assert "CoreDumping:\t0" in status


def test_the_environment_has_no_secret(
    libparsec: Path, openssl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what the kernel has, without the session ID and Python's own settings."""
    monkeypatch.setenv("PARSEC_SESSION_ID", SESSION_ID)
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/kept")
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nenv >&2\npwd >&2\n")
    python.chmod(0o700)

    printed = Reported(start_line(libparsec, openssl), str(python)).wait_end()[1]

    assert "PARSEC_SESSION_ID" not in printed
    assert "PYTHONSTARTUP" not in printed
    assert "LD_LIBRARY_PATH=/kept" in printed
    assert f"PYTHONPATH={REPOSITORY}" in printed
    assert printed.endswith("\n/\n")


def test_modules_in_the_notebooks_folder_are_not_run(
    connect: Callable[..., Reported], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user's random.py does not replace the standard library's."""
    for name in ("json", "ctypes", "struct", "parsec_nb"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)

    connect().wait("status", code=0)


def test_packages_that_are_called_like_standard_modules_are_not_run(
    run: Callable[..., tuple[subprocess.Popen[str], int]], tmp_path: Path
) -> None:
    """Outdated backports lie beside this package where it is installed."""
    venv.create(tmp_path, symlinks=True)
    (packages,) = tmp_path.glob("lib/python*/site-packages")
    for name in ("json", "ctypes", "struct", "typing"):
        (packages / f"{name}.py").write_text("raise SystemExit(9)")
    (packages / "parsec_nb").symlink_to(REPOSITORY / "parsec_nb")

    process, _ = run(f"{KERNEL}worker.end()", tmp_path / "bin/python", path=[])

    assert process.wait(5) == 0
