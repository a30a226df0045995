"""Tells what a library or program is by its header, without loading it."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from . import messages

_ELF_MACHINES = {3: "x86", 40: "arm", 62: "x86_64", 183: "arm64", 243: "riscv64"}
_PE_MACHINES = {0x14C: "x86", 0x1C4: "arm", 0x8664: "x86_64", 0xAA64: "arm64"}
_MACH_MACHINES = {7: "x86", 12: "arm", 0x01000007: "x86_64", 0x0100000C: "arm64"}
_MACH_64 = 0x01000000
# A Java class begins like a fat Mach-O file, with a version of 45 or more for a count.
_MOST_FAT_PARTS = 32
_PT_LOAD, _ET_DYN = 1, 3
_PE_SIGNATURE, _PE_DLL, _PE_WIDE = 0x4550, 0x2000, 0x20B
_MACH_LIBRARIES = (6, 8)  # MH_DYLIB, MH_BUNDLE
_BEGINNINGS = {
    b"PK\x03\x04": messages.ARCHIVE.format(format="ZIP"),
    b"\x1f\x8b": messages.ARCHIVE.format(format="gzip"),
    b"BZh": messages.ARCHIVE.format(format="bzip2"),
    b"\xfd7zXZ": messages.ARCHIVE.format(format="xz"),
    b"7z\xbc\xaf": messages.ARCHIVE.format(format="7z"),
    b"\x28\xb5\x2f\xfd": messages.ARCHIVE.format(format="zstd"),
    b"!<arch>\ndebian": messages.ARCHIVE.format(format="Debian"),
    b"!<arch>": messages.STATIC_LIBRARY,
    b"version https://git-lfs": messages.LFS_POINTER,
}
_SAMPLE = 1024


@dataclass(frozen=True)
class LibraryFile:
    """What a file's header says.

    Attributes:
        path: Where the file is.
        format: "ELF" (Linux), "Mach-O" (macOS) or "PE" (Windows).
        architectures: The processors, several in a universal file of macOS.
        bits: 32 or 64.
        size: The file's size in bytes.
        shared: Whether it is a shared library and not a program.
    """

    path: Path
    format: str
    architectures: tuple[str, ...]
    bits: int
    size: int
    shared: bool


class NotALibraryError(Exception):
    """The file is neither a library nor a program; the text says what it is."""


def read_header(path: Path) -> LibraryFile:
    """Return what a file is, from at most a few KiB of it.

    The file must be a regular one: opening a pipe would block.

    Raises:
        NotALibraryError: It is something else, or only the beginning of a library.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        sample = file.read(_SAMPLE)
        matches = (row for row in _FORMATS if sample.startswith(row[0]))
        _, name, read = next(matches, (b"", "", None))
        if read is None:
            raise NotALibraryError(_describe(sample))
        try:
            found, bits, shared = read(file, size)
        except (struct.error, OverflowError):
            text = messages.TRUNCATED.format(format=name)
            raise NotALibraryError(text) from None
        return LibraryFile(path, name, found, bits, size, shared)


def _describe(sample: bytes) -> str:
    if not sample:
        return messages.EMPTY
    for beginning, text in _BEGINNINGS.items():
        if sample.startswith(beginning):
            return text
    if sample[257:262] == b"ustar":
        return messages.ARCHIVE.format(format="tar")
    text = sample.decode("utf-8", errors="ignore").removeprefix("\ufeff").strip()
    if text.lower().startswith(("<!doctype html", "<html")):
        return messages.HTML
    # The sample may end inside a character.
    whole = len(text.encode()) > len(sample.strip()) - 4
    return messages.TEXT if whole and "\0" not in text else messages.UNKNOWN_FILE


def _unpack(file: BinaryIO, layout: str, offset: int) -> tuple[int, ...]:
    file.seek(offset)
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _check_end(end: int, size: int) -> None:
    """A library that was cut off would end the process with SIGBUS when loaded."""
    if end > size:
        raise struct.error


def _elf(file: BinaryIO, size: int) -> tuple[tuple[str, ...], int, bool]:
    wide, big = (value - 1 for value in _unpack(file, "BB", 4))
    order = ">" if big else "<"
    kind, machine = _unpack(file, f"{order}HH", 16)
    (table,) = _unpack(file, order + ("Q" if wide else "I"), 32 if wide else 28)
    length, count = _unpack(file, f"{order}HH", 54 if wide else 42)
    for entry in range(table, table + length * count, length or 1):
        if wide:
            segment, _, begin, _, _, held = _unpack(file, f"{order}IIQQQQ", entry)
        else:
            segment, begin, _, _, held = _unpack(file, f"{order}IIIII", entry)
        if segment == _PT_LOAD:
            _check_end(begin + held, size)
    name = _ELF_MACHINES.get(machine, f"ELF-{machine}")
    return (name,), 64 if wide else 32, kind == _ET_DYN


def _mach_o(file: BinaryIO, size: int) -> tuple[tuple[str, ...], int, bool]:
    (magic,) = _unpack(file, ">I", 0)
    order = ">" if magic in {0xFEEDFACE, 0xFEEDFACF} else "<"
    machine, _, kind, _, length = _unpack(file, f"{order}5I", 4)
    bits = 64 if machine & _MACH_64 else 32
    _check_end((32 if bits == 64 else 28) + length, size)  # noqa: PLR2004 - the header
    name = _MACH_MACHINES.get(machine, f"Mach-O-{machine}")
    return (name,), bits, kind in _MACH_LIBRARIES


def _fat(file: BinaryIO, size: int) -> tuple[tuple[str, ...], int, bool]:
    magic, count = _unpack(file, ">II", 0)
    if count > _MOST_FAT_PARTS:
        raise NotALibraryError(messages.JAVA_CLASS)
    layout, step = (">IIQQ", 32) if magic & 1 else (">IIII", 20)
    parts = [_unpack(file, layout, 8 + step * part) for part in range(count)]
    for _, _, begin, length in parts:
        _check_end(begin + length, size)
    names = tuple(_MACH_MACHINES.get(part[0], f"Mach-O-{part[0]}") for part in parts)
    bits = 64 if any(part[0] & _MACH_64 for part in parts) else 32
    # The kind is in the parts; macOS refuses a program by itself.
    return names, bits, True


def _pe(file: BinaryIO, size: int) -> tuple[tuple[str, ...], int, bool]:
    (start,) = _unpack(file, "<I", 60)
    signature, machine, count = _unpack(file, "<IHH", start)
    if signature != _PE_SIGNATURE:
        raise NotALibraryError(messages.PROGRAM.format(format="DOS"))
    length, flags = _unpack(file, "<HH", start + 20)
    (magic,) = _unpack(file, "<H", start + 24)
    for section in range(count):
        entry = start + 24 + length + 40 * section
        held, begin = _unpack(file, "<II", entry + 16)
        _check_end(begin + held, size)
    name = _PE_MACHINES.get(machine, f"PE-{machine}")
    return (name,), 64 if magic == _PE_WIDE else 32, bool(flags & _PE_DLL)


_FORMATS = (
    (b"\x7fELF", "ELF", _elf),
    ((b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"), "Mach-O", _fat),
    ((b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf"), "Mach-O", _mach_o),
    ((b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"), "Mach-O", _mach_o),
    (b"MZ", "PE", _pe),
)
