"""Finding Parsec's library and OpenSSL, and refusing what does not fit, in words."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import pytest

from parsec_nb.errors import InvalidArgumentError, SDKSetupError
from parsec_nb.sdk._library.finding import (
    check_library,
    find_library,
    python_architectures,
)
from parsec_nb.sdk._library.headers import NotALibraryError, read_header
from parsec_nb.sdk._library.openssl import OpenSSL, find_openssl, system_folders

LINUX, MACOS, WINDOWS = "linux", "darwin", "win32"


def elf(machine: int = 62, *, bits: int = 64, kind: int = 3, order: str = "<") -> bytes:
    """Return an ELF file with one segment, which ends with the file."""
    identity = struct.pack("4sBBB9x", b"\x7fELF", bits // 32, "<>".index(order) + 1, 1)
    if bits == 64:
        layout, segment = (
            "HHIQQQIHHHHHH",
            struct.pack(f"{order}IIQQQQQQ", 1, 5, 0, 0, 0, 200, 200, 4096),
        )
        header = (64, 0, 0, 64, 56, 1, 0, 0, 0)
    else:
        layout, segment = (
            "HHIIIIIHHHHHH",
            struct.pack(f"{order}8I", 1, 0, 0, 0, 200, 200, 5, 4096),
        )
        header = (52, 0, 0, 52, 32, 1, 0, 0, 0)
    packed = struct.pack(f"{order}{layout}", kind, machine, 1, 0, *header)
    return (identity + packed + segment).ljust(200, b"\0")


def mach_o(machine: int = 0x0100000C, kind: int = 6, order: str = "<") -> bytes:
    """Return a thin Mach-O file with 40 bytes of load commands."""
    wide = machine >> 24
    header = struct.pack(
        f"{order}7I", 0xFEEDFACE + wide, machine, 0, kind, 1, 40, 0
    ) + bytes(4 * wide)
    return header + bytes(40)


def fat(*machines: int, wide: bool = False) -> bytes:
    """Return a universal file of macOS with parts of 64 bytes."""
    layout = ">IIQQQ" if wide else ">IIIII"
    begin = 8 + struct.calcsize(layout) * len(machines)
    parts = [
        struct.pack(layout, machine, 0, begin + 64 * index, 64, 0)
        for index, machine in enumerate(machines)
    ]
    header = struct.pack(">II", 0xCAFEBABE + wide, len(machines))
    return header + b"".join(parts) + bytes(64 * len(machines))


def pe(machine: int = 0x8664, flags: int = 0x2022, magic: int = 0x20B) -> bytes:
    """Return a PE file with one section, which ends with the file."""
    start = b"MZ".ljust(60, b"\0") + struct.pack("<I", 2048)
    coff = struct.pack("<IHHIIIHH", 0x4550, machine, 1, 0, 0, 0, 112, flags)
    optional = struct.pack("<H", magic).ljust(112, b"\0")
    section = struct.pack("<8sIIII", b".text", 16, 0, 16, 2500).ljust(40, b"\0")
    return (start.ljust(2048, b"\0") + coff + optional + section).ljust(2516, b"\0")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test puts a library."""
    return tmp_path / "libparsec.so"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (elf(), ("ELF", ("x86_64",), 64, True)),
        (elf(183), ("ELF", ("arm64",), 64, True)),
        (elf(3, bits=32), ("ELF", ("x86",), 32, True)),
        (elf(40, bits=32), ("ELF", ("arm",), 32, True)),
        (elf(21, order=">"), ("ELF", ("ELF-21",), 64, True)),
        (elf(20, bits=32, order=">"), ("ELF", ("ELF-20",), 32, True)),
        (elf(kind=2), ("ELF", ("x86_64",), 64, False)),
        (mach_o(), ("Mach-O", ("arm64",), 64, True)),
        (mach_o(0x01000007, 8), ("Mach-O", ("x86_64",), 64, True)),
        (mach_o(7, 2), ("Mach-O", ("x86",), 32, False)),
        (mach_o(18, order=">"), ("Mach-O", ("Mach-O-18",), 32, True)),
        (fat(0x01000007, 0x0100000C), ("Mach-O", ("x86_64", "arm64"), 64, True)),
        (fat(7, wide=True), ("Mach-O", ("x86",), 32, True)),
        (pe(), ("PE", ("x86_64",), 64, True)),
        (pe(0xAA64), ("PE", ("arm64",), 64, True)),
        (pe(0x14C, magic=0x10B), ("PE", ("x86",), 32, True)),
        (pe(flags=0x22), ("PE", ("x86_64",), 64, False)),
    ],
)
def test_a_header_is_read(
    file: Path, content: bytes, expected: tuple[str, tuple[str, ...], int, bool]
) -> None:
    """Format, processors, bits and whether it is a library, of three systems."""
    file.write_bytes(content)

    header = read_header(file)

    assert header.path == file
    assert header.size == len(content)
    found = (header.format, header.architectures, header.bits, header.shared)
    assert found == expected


@pytest.mark.parametrize(
    "content",
    [elf(), elf(3, bits=32), mach_o(), fat(7, 12), fat(7, wide=True), pe()],
    ids=["elf64", "elf32", "mach-o", "fat", "fat64", "pe"],
)
def test_every_cut_is_noticed(file: Path, content: bytes) -> None:
    """A library that was cut off would end the process that loads it."""
    for length in range(4, len(content)):
        file.write_bytes(content[:length])
        with pytest.raises(NotALibraryError, match="was not copied wholly"):
            read_header(file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"\x7fELF", "the beginning of a library (ELF)"),
        ("Größe\n".encode() * 300, "a text file"),
        ("é".encode() * 2000, "a text file"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<title>Log in", "an HTML page"),
        (b"<HTML><body>", "an HTML page"),
        (b"PK\x03\x04....", "an archive (ZIP), which has to be unpacked"),
        (b"\x1f\x8b\x08", "an archive (gzip)"),
        (b"libparsec.so".ljust(257, b"\0") + b"ustar  \0", "an archive (tar)"),
        (b"!<arch>\ndebian-binary", "an archive (Debian)"),
        (b"!<arch>\n/ ", "a static library"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "a Java class"),
        (b"MZ".ljust(200, b"\0"), "a program (DOS)"),
        (bytes(range(256)), "a file of an unknown kind"),
        (bytes(range(1, 256)), "a file of an unknown kind"),
        (elf(kind=2), "a program (ELF)"),
    ],
)
def test_another_file_is_named(file: Path, content: bytes, words: str) -> None:
    """The message says what the file is, and which one to take."""
    file.write_bytes(content)

    with pytest.raises(SDKSetupError) as caught:
        check_library(file, ("x86_64",), system=LINUX)

    message = str(caught.value)
    assert message.startswith(f"{file} is not a library but ")
    assert words in message
    assert message.endswith("Take the SDK's library for Linux, x86_64 (64 bits).")


@pytest.mark.parametrize(
    ("content", "system", "words"),
    [
        (pe(), LINUX, "for Windows, but this is Linux. Take the SDK's library for L"),
        (mach_o(), LINUX, "is a library for macOS, but this is Linux"),
        (elf(), MACOS, "is a library for Linux, but this is macOS"),
        (elf(), WINDOWS, "is a library for Linux, but this is Windows"),
        (
            elf(183),
            LINUX,
            "for arm64 (64 bits), but this Python is for x86_64 (64 bits)",
        ),
        (elf(3, bits=32), LINUX, "for x86 (32 bits), but this Python is for x86_64"),
        (fat(12, 0x0100000C), MACOS, "is a library for arm (32 bits), arm64 (64 bits)"),
        (elf(183), LINUX, "python='…', the path of a Python for arm64 (64 bits)."),
    ],
)
def test_a_library_for_others_is_refused(
    file: Path, content: bytes, system: str, words: str
) -> None:
    """Another system's, another processor's, or 32 bits beside 64."""
    file.write_bytes(content)

    with pytest.raises(SDKSetupError) as caught:
        check_library(file, ("x86_64",), system=system)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "architectures", "system"),
    [
        (elf(), ("x86_64",), LINUX),
        (elf(3, bits=32), ("x86",), LINUX),
        (elf(183), (), LINUX),
        (fat(0x01000007, 0x0100000C), ("arm64",), MACOS),
        (mach_o(0x01000007), ("x86_64", "arm64"), MACOS),
        (pe(), ("x86_64",), WINDOWS),
        (elf(), ("x86_64",), "freebsd14"),
    ],
)
def test_a_library_that_fits_is_taken(
    file: Path, content: bytes, architectures: tuple[str, ...], system: str
) -> None:
    """One common processor is enough, and none known is no reason to refuse."""
    file.write_bytes(content)

    assert check_library(file, architectures, system=system).path == file


def test_the_message_names_the_other_python(file: Path) -> None:
    """It is not this Python that the library does not fit."""
    file.write_bytes(elf(183))

    with pytest.raises(SDKSetupError, match=r"but python=/opt/py is for x86 \(32 bit"):
        check_library(file, ("x86",), python="/opt/py", system=LINUX)
    with pytest.raises(SDKSetupError, match="for macOS, the processor of that Python"):
        check_library(file, (), python="/opt/shim", system=MACOS)


def test_the_library_is_found(file: Path) -> None:
    """By argument or environment variable, as a file or as a folder."""
    file.write_bytes(elf())
    (file.parent / "libparsec.so.6").symlink_to(file)
    (file.parent / "parsec.txt").write_text("notes")
    (file.parent / "parsecd").write_bytes(elf(kind=2))
    (file.parent / "libother.so").write_bytes(elf())
    for path in (file, str(file), file.parent):
        assert find_library(path, {"PARSEC_SDK_PATH": "/elsewhere"}) == file
    for value in (f" {file} ", f'"{file}"', str(file.parent)):
        assert find_library(None, {"PARSEC_SDK_PATH": value}) == file


def test_home_and_relative_paths_are_absolute(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel may change its folder between the call and the worker's start."""
    file.write_bytes(elf())
    monkeypatch.setenv("HOME", str(file.parent))
    monkeypatch.chdir(file.parent)

    assert find_library("~/libparsec.so", {}) == file
    assert find_library("libparsec.so", {}) == file


@pytest.mark.parametrize("environ", [{}, {"PARSEC_SDK_PATH": " "}])
@pytest.mark.parametrize("library", [None, "", " "])
def test_no_library_is_explained(library: str | None, environ: dict[str, str]) -> None:
    """What to set, where it comes from, and what works without."""
    with pytest.raises(SDKSetupError) as caught:
        find_library(library, environ)

    for words in ("library='…/libparsec.so'", "PARSEC_SDK_PATH", "login(demo=True)"):
        assert words in str(caught.value)


def test_a_wrong_path_is_explained(file: Path) -> None:
    """The message says where the path comes from."""
    pipe = file.parent / "pipe"
    os.mkfifo(pipe)
    long = file.parent / ("x" * 300)
    for path, words in (
        (file, f"there is no file {file}. Check the path."),
        (f"{file}\0", "there is no file"),
        (pipe, "is not a regular file"),
        (long, "cannot be read (File name too long). Check who may read it."),
        (file.parent, f"the folder {file.parent} holds no library whose name"),
    ):
        with pytest.raises(SDKSetupError) as caught:
            find_library(path, {})
        assert words in str(caught.value)
        assert str(caught.value).startswith("library: ")
    with pytest.raises(SDKSetupError, match=r"^PARSEC_SDK_PATH: there is no file"):
        find_library(None, {"PARSEC_SDK_PATH": str(file)})
    with pytest.raises(InvalidArgumentError, match="library=7 is not a path"):
        find_library(7, {})  # type: ignore[arg-type]


def test_several_libraries_in_a_folder_are_named(file: Path) -> None:
    """The choice is the user's."""
    for name in ("libparsec.so", "libparsec-5.so"):
        file.with_name(name).write_bytes(elf())

    with pytest.raises(SDKSetupError, match=r"libparsec-5\.so, libparsec\.so\. Pass"):
        find_library(file.parent, {})


def test_another_python_is_read_and_not_run(file: Path) -> None:
    """A link is followed; a script that starts a Python says nothing."""
    python = file.with_name("python-arm")
    python.write_bytes(elf(183, kind=2))
    python.chmod(0o755)
    link = file.with_name("link")
    link.symlink_to(python)
    universal = file.with_name("universal")
    universal.write_bytes(fat(0x0100000C, 0x01000007))
    universal.chmod(0o755)
    script = file.with_name("shim")
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)

    assert python_architectures(link) == ("arm64",)
    assert python_architectures(str(script)) == ()
    assert python_architectures(sys.executable) == python_architectures(None)
    assert python_architectures(universal) == python_architectures(None)
    with pytest.raises(SDKSetupError, match="no program python='no-such-python'"):
        python_architectures("no-such-python")


def pair(folder: Path, version: str = "1.1", machine: int = 62) -> OpenSSL:
    """Make both libraries of OpenSSL."""
    folder.mkdir(exist_ok=True, parents=True)
    found = OpenSSL(
        folder / f"libcrypto.so.{version}",
        folder / f"libssl.so.{version}",
        "1.1" if version.startswith("1.1") else version,
    )
    for path in (found.crypto, found.ssl):
        path.write_bytes(elf(machine))
    return found


def find(
    openssl: object = None, *folders: Path, system: str = LINUX, **environ: str
) -> OpenSSL | None:
    """Look for OpenSSL for x86_64."""
    return find_openssl(
        openssl,  # type: ignore[arg-type]
        environ,
        architectures=("x86_64",),
        system=system,
        folders=folders,
    )


def test_openssl_is_found(tmp_path: Path) -> None:
    """What is given comes first, and 1.1 before 1.0.0; half a pair does not count."""
    old, new = pair(tmp_path / "old", "1.0.0"), pair(tmp_path / "new")
    arm = pair(tmp_path / "arm", machine=183)
    half = pair(tmp_path / "half")
    half.ssl.unlink()
    patch = pair(tmp_path / "patch", "1.1.1k")
    folders = [tmp_path / name for name in ("absent", "half", "arm", "old", "new")]

    assert find(None, *folders) == new
    assert find(None, *folders[:-1]) == old
    assert find(None, *folders[:-2]) is None
    assert find(old.crypto, *folders) == old
    assert find(str(old.crypto.parent), *folders) == old
    assert find(None, *folders, PARSEC_OPENSSL_PATH=str(old.crypto)) == old
    assert find(patch.crypto) == patch
    assert find(arm.crypto, system=MACOS) is None


def test_the_loaders_folders_are_searched(tmp_path: Path) -> None:
    """As the system's loader does where a program asks for a library by its name."""
    found = pair(tmp_path)

    environ = {"LD_LIBRARY_PATH": f"/nowhere:{tmp_path}"}
    assert find_openssl(None, environ, architectures=(), system=LINUX) == found


def test_the_loaders_cache_is_read(tmp_path: Path) -> None:
    """It holds the paths of libraries as text, and may be missing."""
    cache = tmp_path / "ld.so.cache"
    names = ("crypto.so.3", "crypto.so.1.1", "crypto.so.1.0.0", "ssl.so.1.1")
    paths = (f"lib{name}\0/opt/{name}/lib{name}\0".encode() for name in names)
    cache.write_bytes(b"glibc-ld.so.cache1.1\0\1\2" + b"".join(paths))

    found = {str(path) for path in system_folders({}, cache)}
    without = {str(path) for path in system_folders({}, tmp_path / "absent")}

    assert found - without == {"/opt/crypto.so.1.1", "/opt/crypto.so.1.0.0"}
    assert {"/usr/lib", f"{sys.prefix}/lib"} < without


def test_a_wrong_openssl_is_explained(tmp_path: Path) -> None:
    """Where it comes from, what is wrong, and what to take."""
    arm = pair(tmp_path / "arm", machine=183)
    half = pair(tmp_path / "half")
    half.ssl.unlink()
    page = pair(tmp_path / "page")
    page.ssl.write_text("<html>")
    bundled = tmp_path / "libcrypto-a1b2.so.1.1"
    bundled.write_bytes(elf())
    for path, words in (
        (tmp_path, f"{tmp_path} is neither libcrypto.so.1.1 nor a folder that holds"),
        (tmp_path / "absent", "is neither libcrypto.so.1.1 nor a folder"),
        (tmp_path / "libcrypto.so.1.1", "is neither libcrypto.so.1.1 nor a folder"),
        (bundled, "is neither libcrypto.so.1.1 nor a folder"),
        (half.crypto, "libssl.so.1.1 is not beside it"),
        (
            arm.crypto.parent,
            "crypto.so.1.1 is for arm64 (64 bits). Take OpenSSL 1.1 for x86_64 (64",
        ),
        (page.crypto, "libssl.so.1.1 is an HTML page"),
    ):
        with pytest.raises(SDKSetupError) as caught:
            find(path)
        assert words in str(caught.value)
        assert str(caught.value).startswith("openssl: ")
    with pytest.raises(SDKSetupError, match=r"^PARSEC_OPENSSL_PATH: "):
        find(None, PARSEC_OPENSSL_PATH=str(tmp_path))
    with pytest.raises(InvalidArgumentError, match="openssl=7 is not a path"):
        find(7)
