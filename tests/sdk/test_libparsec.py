"""The stand-in for Parsec's library: its layout and its behaviour."""

from __future__ import annotations

import ctypes
import re
import signal
import subprocess
import sys
import time
from enum import EnumMeta
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb.sdk import _abi
from support.libparsec import (
    QUADRANTS,
    SOURCES,
    TEXT,
    build,
    build_openssl,
    environment,
    fingerprint,
    frame_number,
    quadrant_centres,
    read_record,
)
from support.secrets import SESSION_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VERSION = 0x60000
FRAME = ctypes.CFUNCTYPE(
    None, ctypes.POINTER(ctypes.c_uint32 * 7), ctypes.c_void_p, ctypes.c_void_p
)
AUDIO = ctypes.CFUNCTYPE(
    None, ctypes.POINTER(ctypes.c_int16), ctypes.c_uint32, ctypes.c_void_p
)
LOG = ctypes.CFUNCTYPE(None, ctypes.c_int32, ctypes.c_char_p, ctypes.c_void_p)
# For programs in processes that are expected to die.
PRELUDE = f"""
import ctypes, sys, time
from ctypes import byref
library = ctypes.CDLL(sys.argv[1])
ps = ctypes.c_void_p()
library.ParsecInit({VERSION}, (ctypes.c_int32 * 3)(), None, byref(ps))
def connect():
    return library.ParsecClientConnect(ps, None, b"session", b"peer")
"""


class Instance:
    """An instance of the stand-in in this process."""

    def __init__(self, path: Path, reserved: bytes | None = None) -> None:
        self.library = ctypes.CDLL(str(path))
        self.library.ParsecGetBuffer.restype = ctypes.c_void_p
        self.library.ParsecClientPollEvents.restype = ctypes.c_bool
        self.library.ParsecHostPollEvents.restype = ctypes.c_bool
        self.library.ParsecHostPollInput.restype = ctypes.c_bool
        self.ps = ctypes.c_void_p()
        config = (ctypes.c_int32 * 3)()
        self.init = self.library.ParsecInit(
            VERSION, config, reserved, ctypes.byref(self.ps)
        )

    def __call__(self, name: str, *arguments: object) -> int:
        return getattr(self.library, f"Parsec{name}")(self.ps, *arguments)

    def connect(self) -> int:
        """Connect and return the status with which the attempt ended."""
        self("ClientConnect", None, SESSION_ID.encode(), b"peer")
        while (status := self("ClientGetStatus", None)) in {6, 20}:
            time.sleep(0.002)
        return status

    def frame(self, stream: int = 0, timeout: int = 1000) -> tuple[list[int], bytes]:
        """Return the fields and the bytes of the next frame."""
        frames = []

        def keep(frame: ctypes._Pointer[ctypes.Array], image: int, _: object) -> None:
            fields = list(frame.contents)
            frames.append((fields, ctypes.string_at(image, fields[2])))

        assert self("ClientPollFrame", stream, FRAME(keep), timeout, None) == 0
        return frames[0]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Where the stand-in writes what it was sent."""
    return tmp_path / "record"


@pytest.fixture
def start(
    libparsec: Path, record: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Instance]:
    """Make an instance with the given settings."""

    def start(**settings: object) -> Instance:
        for name, value in environment(record, **settings).items():
            monkeypatch.setenv(name, value)
        return Instance(libparsec, b'{"ssHost":"example.com"}')

    return start


def run(
    library: Path, program: str, *arguments: object, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run a program with the stand-in in a process."""
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + program, str(library), *map(str, arguments)],
        env=environment(library.parent / "record", **settings),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("target", [["-m64"], ["-m32", "-ffreestanding"]])
def test_the_structs_have_the_documented_layout(target: list[str]) -> None:
    """Every size and every offset, in 64 and in 32 bit."""
    command = ["cc", "-std=c11", *target, "-fsyntax-only", str(SOURCES / "layout.h")]

    subprocess.run(command, check=True)


def test_header_and_python_declare_the_same() -> None:
    """Each was written from the facts, without the other."""
    layout = (SOURCES / "layout.h").read_text()
    fields = re.findall(r"AT\((Parsec\w+), (\w+), (\d+), (\d+)\)", layout)
    header = re.sub(r"\n +", " ", (SOURCES / "libparsec.h").read_text())
    constants = dict(re.findall(r"(\w+) = (-?\d+)", header))
    constants |= dict(re.findall(r"#define (\w+) (\d+)", header))
    prototypes = re.findall(r"(?m)^([\w *]+?)(Parsec\w+)\((.*)\);", header)

    for structure, field, offset, size in fields:
        found = getattr(getattr(_abi, structure), field)
        assert (found.offset, found.size) == (int(offset), int(size))
    declared = dict(vars(_abi))
    for value in vars(_abi).values():
        if isinstance(value, EnumMeta):
            declared |= value.__members__
    assert {name: int(value) for name, value in constants.items()} == {
        name: int(declared[name]) for name in constants
    }
    assert len(prototypes) == len(_abi.FUNCTIONS) == 44
    for result, name, arguments in prototypes:
        kinds = [] if arguments == "void" else arguments.split(", ")
        kinds = [result, *(re.sub(r"\w+$", "", kind) for kind in kinds)]
        assert _abi.FUNCTIONS[name] == tuple(map(python, kinds)), name
    assert len(fields) == 166
    assert len(constants) == 380


def python(kind: str) -> Any:
    """Return the ctypes type for a C type of the header."""
    name = kind.replace("const ", "").strip()
    known = {
        "void": None,
        "void *": ctypes.c_void_p,
        "Parsec *": ctypes.c_void_p,
        "char *": ctypes.c_char_p,
        "ParsecStatus": ctypes.c_int32,
    }
    if name in known:
        return known[name]
    if name.endswith("*"):
        return ctypes.POINTER(python(name[:-1]))
    if name.startswith("Parsec"):
        return getattr(_abi, name)
    return getattr(ctypes, f"c_{name.removesuffix('_t')}")


def test_it_exports_the_44_functions(libparsec: Path, tmp_path: Path) -> None:
    """Nothing else is visible; a library can be built that lacks one."""

    def exported(path: Path) -> set[str]:
        lines = subprocess.check_output(["nm", "-D", "--defined-only", path], text=True)
        return {line.split()[-1] for line in lines.splitlines()}

    assert len(exported(libparsec)) == 44
    assert all(name.startswith("Parsec") for name in exported(libparsec))
    poorer = build(tmp_path, "WITHOUT=ParsecClientPause")
    assert exported(libparsec) - exported(poorer) == {"ParsecClientPause"}


def test_it_connects_and_writes_down_what_it_was_sent(
    start: Callable[..., Instance], record: Path
) -> None:
    """The record holds all fields, but of secrets only the length and a hash."""
    ps = start()
    assert ps("ClientPause", 1, 0) == -3
    assert ps.connect() == 0
    assert ps("ClientConnect", None, b"", b"") == -4
    ps("ClientSendMessage", (ctypes.c_int32 * 5)(1, 4, 0x41, 1))
    ps("ClientSendUserData", 3, TEXT.encode())
    ps("ClientDisconnect")
    assert ps("ClientGetStatus", None) == -3
    ps("Destroy")

    entries = read_record(record)

    assert SESSION_ID not in record.read_text()
    assert entries[0].fields["reserved"] == '{"ssHost":"example.com"}'
    assert entries[1].fields["session"] == fingerprint(SESSION_ID)
    assert entries[1].fields["peer"] == "peer"
    assert entries[1].fields["video1.decoderIndex"] == "1"
    assert entries[3] == ("keyboard", {"code": "4", "mod": "65", "pressed": "1"})
    assert entries[4] == ("userData", {"id": "3", "text": TEXT})
    assert [e.name for e in entries[5:]] == ["disconnect", "destroy"]


def test_an_attempt_ends_as_it_is_told(start: Callable[..., Instance]) -> None:
    """It waits for approval, fails, and writes its failure also once broken off."""
    ps = start(approval=50, status=11)
    ps("ClientConnect", None, b"", b"")
    assert ps("ClientGetStatus", None) == 6
    assert ps.connect() == 11
    ps("ClientConnect", None, b"", b"")
    ps("ClientDisconnect")
    assert ps("ClientGetStatus", None) == -3
    end = time.monotonic() + 5
    while ps("ClientGetStatus", None) != -6101:
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_connection_drops(start: Callable[..., Instance]) -> None:
    """A poll that waits ends with it."""
    ps = start(drop="50:5", fps=0)

    assert ps.connect() == 0
    began = time.monotonic()
    assert ps("ClientPollFrame", 0, FRAME(), 10_000, None) == -3
    assert time.monotonic() - began < 5
    assert ps("ClientGetStatus", None) == 5


def test_polls_wait_only_while_connected(start: Callable[..., Instance]) -> None:
    """Before, they return at once, except for the host's events."""
    ps = start(fps=0)
    calls: list[tuple[str, tuple[object, ...], int, int]] = [
        ("ClientPollFrame", (0, FRAME(), 300, None), -3, 2000),
        ("ClientPollAudio", (AUDIO(), 300, None), -3, 6000),
        ("ClientPollEvents", (300, ctypes.create_string_buffer(32)), False, False),
    ]
    for name, arguments, idle, connected in calls:
        began = time.monotonic()
        assert ps(name, *arguments) == idle
        assert time.monotonic() - began < 0.3
        ps.connect()
        ps("ClientPause", 1, 1)
        began = time.monotonic()
        assert ps(name, *arguments) == connected
        assert time.monotonic() - began >= 0.3
        ps("ClientDisconnect")
    began = time.monotonic()
    assert not ps("HostPollEvents", 300, ctypes.create_string_buffer(192))
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("pixel_format", [5, 6])
@pytest.mark.parametrize("rotation", [1, 2, 3, 4])
def test_pictures_are_upright_after_a_clockwise_turn(
    start: Callable[..., Instance], pixel_format: int, rotation: int
) -> None:
    """Rotation and padding, where no colour is converted."""
    numpy = pytest.importorskip("numpy")
    ps = start(
        format=pixel_format, rotation=rotation, size="64x48", padding="6x4", fps=200
    )
    ps.connect()

    fields, image = ps.frame()

    ps("ClientDisconnect")
    assert fields == [pixel_format, rotation, 70 * 52 * 4, 64, 48, 70, 52]
    picture = numpy.frombuffer(image, numpy.uint8).reshape(52, 70, 4)[:48, :64]
    picture = numpy.rot90(picture, 1 - rotation)[..., [2, 1, 0, 3]]
    if pixel_format == 6:
        picture = picture[..., [2, 1, 0, 3]]
    height, width, _ = picture.shape
    for (row, column), colour in zip(
        quadrant_centres(width, height), QUADRANTS, strict=True
    ):
        assert tuple(picture[row, column][:3]) == colour
    assert frame_number(picture) < 100


@pytest.mark.parametrize(
    ("pixel_format", "size"),
    [(1, 1.5), (2, 1.5), (3, 2), (4, 2), (7, 3)],
)
def test_planes_are_where_they_are_documented(
    start: Callable[..., Instance], pixel_format: int, size: float
) -> None:
    """Y, U and V of the lower right quadrant in BT.709 limited range."""
    ps = start(format=pixel_format, size="64x48", padding="6x4")
    ps.connect()

    _, image = ps.frame()

    ps("ClientDisconnect")
    w, h = 70, 52
    assert len(image) == w * h * size
    x, y = 48, 36
    half, quarter = y * w // 2 + x // 2, y // 2 * w // 2 + x // 2
    u, v = {
        1: (2 * quarter, 2 * quarter + 1),
        2: (quarter, w * h // 4 + quarter),
        3: (2 * half, 2 * half + 1),
        4: (half, w * h // 2 + half),
        7: (y * w + x, w * h + y * w + x),
    }[pixel_format]
    # (230, 210, 40) in BT.709: 0.2126 R + 0.7152 G + 0.0722 B = 201.978, so that
    # Y = 16 + 219 * 201.978 / 255, U = 128 + 224 * (40 - 201.978) / 1.8556 / 255
    # and V = 128 + 224 * (230 - 201.978) / 1.5748 / 255.
    assert (image[y * w + x], image[w * h + u], image[w * h + v]) == (189, 51, 144)


def test_the_size_changes_and_stream_1_is_off(start: Callable[..., Instance]) -> None:
    """Frames come in order; the second stream has to be enabled."""
    ps = start(format=6, size="64x48", resize="3:96x80", fps=100)
    ps.connect()
    assert ps("ClientPollFrame", 1, FRAME(), 20, None) == 2000
    ps("ClientEnableStream", 1, 1)
    sizes = [ps.frame()[0][3:5] for _ in range(10)]
    other, _ = ps.frame(stream=1)

    ps("ClientDisconnect")
    assert sizes[-1] == [96, 80]
    assert other[3:5] == [96, 80]


def test_sound_is_an_unbroken_ramp(start: Callable[..., Instance]) -> None:
    """Chunks of 10 ms follow one another."""
    ps = start()
    ps.connect()
    left: list[int] = []
    right: list[int] = []

    def keep(samples: ctypes._Pointer[ctypes.c_int16], frames: int, _: object) -> None:
        assert frames == 480
        left.extend(samples[0 : 2 * frames : 2])
        right.extend(samples[1 : 2 * frames : 2])

    for _ in range(5):
        assert ps("ClientPollAudio", AUDIO(keep), 1000, None) == 0
    ps("ClientDisconnect")

    assert left == list(range(left[0], left[0] + 2400))
    assert right == [-sample for sample in left]


def test_events_come_once_and_their_buffers_too(
    start: Callable[..., Instance], record: Path
) -> None:
    """A key is used up by its first use, and what was not freed is counted."""
    ps = start(events=1)
    ps.connect()
    event = (ctypes.c_uint32 * 8)()
    kinds, texts = [], []
    while ps("ClientPollEvents", 0, event):
        kinds.append(event[0])
        if event[0] == 3:
            buffer = ps("GetBuffer", event[2])
            texts.append(ctypes.string_at(buffer).decode())
            assert ps("GetBuffer", event[2]) is None
    ps("ClientDisconnect")

    assert kinds == [1, 3, 2, 4, 5, 6]
    assert texts == [TEXT]
    assert read_record(record)[-1] == ("disconnect", {"unfreed": "1"})
    ps.library.ParsecFree(ctypes.c_void_p(buffer))


def test_guests_are_allocated(start: Callable[..., Instance], record: Path) -> None:
    """They can be counted without, and are to be freed."""
    ps = start()
    ps.connect()
    guests = ctypes.c_void_p()
    assert ps("ClientGetGuests", None) == 2
    assert ps("ClientGetGuests", ctypes.byref(guests)) == 2
    ps.library.ParsecFree(guests)
    ps("ClientDisconnect")

    assert read_record(record)[-1] == ("disconnect", {"unfreed": "0"})


def test_the_log_comes_from_another_thread(start: Callable[..., Instance]) -> None:
    """It holds the secrets, texts that are no UTF-8, and no text at all."""
    lines: list[bytes | None] = []
    callback = LOG(lambda _level, message, _opaque: lines.append(message))
    ps = start(log=6)
    ps.library.ParsecSetLogCallback(callback, None)
    ps.connect()
    end = time.monotonic() + 5
    while len(lines) < 8:
        assert time.monotonic() < end
        time.sleep(0.002)
    ps.library.ParsecSetLogCallback(LOG(), None)
    ps("ClientDisconnect")

    assert None in lines
    assert f"session {SESSION_ID}, peer peer".encode() in lines
    assert any(b"\xff" in line for line in lines if line)


def test_a_guest_joins_plays_and_is_kicked(
    start: Callable[..., Instance], record: Path
) -> None:
    """Hosting in game mode, with one guest."""
    ps = start(guest=1)
    event, message = (ctypes.c_uint32 * 48)(), (ctypes.c_int32 * 5)()
    assert ps("HostSubmitRumble", 1, 0, 0, 0) == -3
    assert ps("HostStart", 1, None, b"session") == -5
    assert ps("HostStart", 2, None, b"session") == 0
    assert ps("HostStart", 2, None, b"session") == -4

    kinds = []
    while len(kinds) < 3 and ps("HostPollEvents", 1000, event):
        kinds.append(event[0])
    inputs = []
    while ps("HostPollInput", 0, None, message):
        inputs.append(list(message)[:2])
    assert ps("HostKickGuest", 9) == -13011
    assert ps("HostKickGuest", 1) == 0
    assert ps("HostPollEvents", 1000, event)
    ps("HostStop")
    ps("Destroy")

    assert kinds == [1, 1, 2]
    assert inputs == [[1, 4], [1, 4], [4, 12]]
    assert event[46] == 5
    assert fingerprint("session") == read_record(record)[2].fields["session"]


@pytest.mark.parametrize(
    ("settings", "program", "returncode"),
    [
        ({}, "connect(); library.ParsecDestroy(ps)", -signal.SIGSEGV),
        ({"crash": 10}, "connect(); time.sleep(9)", -signal.SIGSEGV),
        ({"exit": "10:42"}, "connect(); time.sleep(9)", 42),
        ({"openssl": "required"}, "connect(); time.sleep(9)", 1),
        (
            {"openssl": "required"},
            "sys.exit(library.ParsecHostStart(ps, 2, None, b'') or time.sleep(9))",
            1,
        ),
    ],
)
def test_it_ends_the_process(
    libparsec: Path, settings: dict[str, object], program: str, returncode: int
) -> None:
    """As the real one does, or as asked for."""
    done = run(libparsec, program, **settings)

    assert done.returncode == returncode
    assert not done.stdout + done.stderr


def test_it_refuses_other_versions(start: Callable[..., Instance]) -> None:
    """The version that it says is a setting, as is what Init returns."""
    assert start(version=0x50000).library.ParsecVersion() == 0x50000
    assert start(init=-36000).init == -36000
    assert start().library.ParsecInit(0x50000, None, None, None) == -36000


@pytest.mark.parametrize(
    ("settings", "program", "printed"),
    [
        ({"print": 1}, "connect()", ("printed to stdout\n", "printed to stderr\n")),
        (
            {},
            f"library.ParsecInit({VERSION}, None, None, byref(ps)); time.sleep(0.3)",
            ("sendto: Network is unreachable\n" * 2, ""),
        ),
    ],
)
def test_it_prints_by_itself(
    libparsec: Path,
    settings: dict[str, object],
    program: str,
    printed: tuple[str, str],
) -> None:
    """Past the log: as asked for, and with UPnP."""
    done = run(libparsec, program, **settings)

    assert (done.stdout, done.stderr) == printed


def test_it_finds_openssl_that_was_opened_before(
    libparsec: Path, tmp_path: Path
) -> None:
    """By its SONAME, whatever its path."""
    program = """
for path in sys.argv[2:]:
    ctypes.CDLL(path)
connect()
time.sleep(0.2)
print(library.ParsecClientGetStatus(ps, None))
"""
    crypto = build_openssl(tmp_path)
    ssl = crypto.with_name("libssl.so.1.1")

    done = run(libparsec, program, crypto, ssl, openssl="required")

    assert (done.stdout, done.returncode) == ("0\n", 0)


def test_a_call_from_a_callback_never_returns(libparsec: Path) -> None:
    """The process has to be ended by others."""
    program = """
connect()
time.sleep(0.2)
FRAME = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
def reenter(*_):
    print("calls", flush=True)
    library.ParsecVersion()
    print("returned", flush=True)
import threading
call = lambda: library.ParsecClientPollFrame(ps, 0, FRAME(reenter), 1000, None)
thread = threading.Thread(target=call, daemon=True)
thread.start()
thread.join(0.3)
sys.stdout.flush()
import os
os._exit(7 if thread.is_alive() else 0)
"""
    done = run(libparsec, program)

    assert (done.stdout, done.returncode) == ("calls\n", 7)
