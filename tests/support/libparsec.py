"""The stand-in for Parsec's library: compiling it, its settings, and its record."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from support import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = REPOSITORY / "tests/sdk/libparsec"
_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared")
# The picture's quadrants: upper left, upper right, lower left, lower right.
QUADRANTS = ((220, 40, 50), (40, 200, 70), (50, 70, 210), (230, 210, 40))
# Sides of the two grey blocks that hold a frame's number.
BLOCK = 8
# What a guest or host of the stand-in sends as text, with this number.
TEXT, TEXT_ID = "hello ☃", 7


def build(folder: Path, *defines: str, needs: Path | None = None) -> Path:
    """Compile the stand-in, with macros such as `WITHOUT=ParsecClientPause`.

    It *needs* another library when it is loaded, if one is given.
    """
    suffix = ".dylib" if sys.platform == "darwin" else ".so"
    library = folder / f"libparsec{suffix}"
    _compile(
        *_FLAGS,
        *("-fvisibility=hidden", "-pthread"),
        *(f"-D{define}" for define in defines),
        *map(str, sorted(SOURCES.glob("*.c"))),
        *("-o", str(library), "-ldl"),
        *(("-Wl,--no-as-needed", str(needs)) if needs else ()),
    )
    return library


def build_openssl(folder: Path, version: str = "1.1") -> Path:
    """Compile empty libraries under OpenSSL's names; return libcrypto's path."""
    source = folder / "empty.c"
    source.write_text("typedef int empty;\n")
    for name in ("crypto", "ssl"):
        file = f"lib{name}.so.{version}"
        soname = f"-Wl,-soname,{file}"
        _compile(*_FLAGS, soname, str(source), "-o", str(folder / file))
    return folder / f"libcrypto.so.{version}"


def _compile(*arguments: str) -> None:
    done = subprocess.run(
        ["cc", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def environment(record: Path | None = None, **settings: Any) -> dict[str, str]:
    """Return the environment variables for the stand-in; see `stand_in.h`."""
    pairs = (f"{key}={value}" for key, value in settings.items())
    records = {} if record is None else {"PARSEC_STAND_IN_RECORD": str(record)}
    return {"PARSEC_STAND_IN": " ".join(pairs)} | records


class Entry(NamedTuple):
    """One call that the stand-in wrote down."""

    name: str
    fields: dict[str, str]


def read_record(path: Path) -> list[Entry]:
    """Return what the stand-in was sent, in order.

    Values are texts as C prints them, so that True is "1".
    """
    entries = []
    for line in path.read_text().splitlines() if path.exists() else ():
        name, *pairs = line.split(" ")
        fields = dict(pair.split("=", 1) for pair in pairs)
        entries.append(Entry(name, {k: unquote(v) for k, v in fields.items()}))
    return entries


def fingerprint(secret: str) -> str:
    """Return what the record holds of a secret: its length and FNV-1a hash."""
    content = secret.encode()
    return f"{len(content)}:{fnv1a(content):08x}"


def fnv1a(content: bytes) -> int:
    """Return the 32-bit FNV-1a hash, as in the record."""
    value = 2166136261
    for byte in content:
        value = (value ^ byte) * 16777619 % 2**32
    return value


def quadrant_centres(width: int, height: int) -> tuple[tuple[int, int], ...]:
    """Return row and column of each quadrant's centre, of an upright picture."""
    return tuple(
        (height * down // 4, width * across // 4)
        for down in (1, 3)
        for across in (1, 3)
    )


def frame_number(picture: Any) -> int:
    """Return a frame's number modulo 256, from an RGB array of the upright picture."""
    low, high = (int(picture[BLOCK // 2, x][1]) for x in (BLOCK // 2, BLOCK * 3 // 2))
    return low // 16 + high // 16 * 16
