"""Finds Parsec's library, and refuses files that do not fit.

`python -m parsec_nb.sdk._library.finding PATH` prints as JSON what a library is.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from parsec_nb.errors import InvalidArgumentError, SDKSetupError

from . import messages
from .headers import LibraryFile, NotALibraryError, read_header

SDK_PATH = "PARSEC_SDK_PATH"

# What platform.machine() says, in one spelling.
_ARCHITECTURES = {"amd64": "x86_64", "aarch64": "arm64", "i386": "x86", "i686": "x86"}
_NARROW_OF = {"x86_64": "x86", "arm64": "arm"}
_NARROW = ("x86", "arm", "ppc")
_SYSTEMS = {"ELF": "Linux", "Mach-O": "macOS", "PE": "Windows"}
_FORMATS = {"win32": "PE", "darwin": "Mach-O"}


def find_library(
    library: str | os.PathLike[str] | None, environ: Mapping[str, str] = os.environ
) -> Path:
    """Return the library's path: *library*, else PARSEC_SDK_PATH.

    A folder is searched for the only library whose name contains "parsec".

    Raises:
        SDKSetupError: Neither is given, or there is no such file.
        InvalidArgumentError: *library* is not a path.
    """
    source, path = given_path("library", library, SDK_PATH, environ)
    if path is None:
        raise SDKSetupError(messages.NO_LIBRARY)
    with reading(source, path):
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError, ValueError):
            text = messages.NO_FILE.format(source=source, path=path)
            raise SDKSetupError(text) from None
        if stat.S_ISDIR(mode):
            return _only_library(source, path)
        # Opening a pipe would block.
        if not stat.S_ISREG(mode):
            raise SDKSetupError(messages.NOT_A_FILE.format(source=source, path=path))
        path.open("rb").close()
    return path


def given_path(
    name: str,
    value: str | os.PathLike[str] | None,
    variable: str,
    environ: Mapping[str, str],
) -> tuple[str, Path | None]:
    """Return where a path comes from, and the absolute path, None if it is blank.

    Raises:
        InvalidArgumentError: The argument *name* is not a path.
    """
    source = name
    if value is None:
        # `docker run --env-file` keeps the quotes of the file.
        source, value = variable, environ.get(variable, "").strip().strip("'\"")
    try:
        text = os.fsdecode(value).strip()
    except (TypeError, UnicodeError):
        text = messages.NOT_A_PATH.format(name=name, value=value)
        raise InvalidArgumentError(text) from None
    if not text:
        return source, None
    path = Path(text)
    # Without a home directory, or in a deleted one, the path is left as it is.
    with suppress(RuntimeError, OSError):
        path = path.expanduser()
        path = path.absolute()
    return source, path


@contextmanager
def reading(source: str, path: Path) -> Iterator[None]:
    """Turn an OSError into one that says what could not be read.

    Raises:
        SDKSetupError: The body raised an OSError.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        text = messages.UNREADABLE.format(source=source, path=path, reason=reason)
        raise SDKSetupError(text) from None


def _only_library(source: str, folder: Path) -> Path:
    names = [path for path in folder.iterdir() if "parsec" in path.name.lower()]
    found: dict[Path, Path] = {}
    for path in sorted(names):
        header = _header(path)
        if header and header.shared:
            # A link and its target are one library.
            found.setdefault(path.resolve(), path)
    if not found:
        text = messages.NO_LIBRARY_IN_FOLDER.format(source=source, path=folder)
        raise SDKSetupError(text)
    if len(found) > 1:
        names_found = ", ".join(path.name for path in found.values())
        text = messages.LIBRARIES_IN_FOLDER
        raise SDKSetupError(text.format(source=source, path=folder, names=names_found))
    return next(iter(found.values()))


def _header(path: Path) -> LibraryFile | None:
    try:
        return read_header(path) if path.is_file() else None
    except (NotALibraryError, OSError):
        return None


def python_architectures(python: str | os.PathLike[str] | None) -> tuple[str, ...]:
    """Return the processors that an interpreter runs on, this one's for None.

    Another interpreter is not started: its file is read. A script that starts an
    interpreter, such as pyenv's, gives an empty tuple.

    Raises:
        SDKSetupError: There is no such program.
    """
    machine = platform.machine().lower()
    own = _ARCHITECTURES.get(machine, machine)
    if python is None:
        narrow = sys.maxsize < 1 << 32
        return (_NARROW_OF.get(own, own) if narrow else own,)
    found = shutil.which(Path(python).expanduser())
    if found is None:
        raise SDKSetupError(messages.NO_PYTHON.format(python=os.fspath(python)))
    header = _header(Path(found))
    architectures = header.architectures if header else ()
    # A universal program runs on this machine's processor.
    return (own,) if own in architectures else architectures


def check_library(
    path: Path,
    architectures: tuple[str, ...],
    *,
    python: str | os.PathLike[str] | None = None,
    system: str = sys.platform,
) -> LibraryFile:
    """Return what a library is, if an interpreter of these *architectures* can load it.

    Args:
        path: The library.
        architectures: As `python_architectures` returns them; not checked if empty.
        python: The interpreter, for the error's text; None for this one.
        system: As `sys.platform`.

    Raises:
        SDKSetupError: It is not a library, or one for another system or processor.
    """
    expected = _FORMATS.get(system, "ELF")
    wanted = describe(architectures) or messages.THAT_PROCESSOR
    words = {"path": path, "architecture": wanted, "system": _SYSTEMS[expected]}
    try:
        with reading("library", path):
            file = read_header(path)
    except NotALibraryError as error:
        text = messages.NOT_A_LIBRARY.format(kind=error, **words)
        raise SDKSetupError(text) from None
    if not file.shared:
        kind = messages.PROGRAM.format(format=file.format)
        raise SDKSetupError(messages.NOT_A_LIBRARY.format(kind=kind, **words))
    if file.format != expected:
        other = _SYSTEMS[file.format]
        raise SDKSetupError(messages.WRONG_SYSTEM.format(file=other, **words))
    if architectures and not set(architectures) & set(file.architectures):
        name = messages.THIS_PYTHON if python is None else f"python={python!s}"
        text = messages.WRONG_ARCHITECTURE
        found = describe(file.architectures)
        raise SDKSetupError(text.format(file=found, python=name, **words))
    return file


def describe(architectures: Iterable[str]) -> str:
    """Name processors with their bits: their names alone are easily confused."""
    return ", ".join(
        messages.BITS.format(architecture=name, bits=32 if name in _NARROW else 64)
        for name in architectures
    )


def _report(path: Path) -> dict[str, object]:
    """Return what a library says of itself once it is loaded."""
    from parsec_nb.sdk._abi import FUNCTIONS, load  # noqa: PLC0415 - slow to load

    try:
        library = load(path)
    except OSError as error:
        return {"error": str(error)}
    missing = [name for name in FUNCTIONS if not hasattr(library, name)]
    version = None if "ParsecVersion" in missing else library.ParsecVersion()
    return {"version": version, "missing": missing}


if __name__ == "__main__":
    print(json.dumps(_report(Path(sys.argv[1]))))  # noqa: T201 - its only output
