"""Finds OpenSSL 1.1, without which Parsec's library ends its process on Linux."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from parsec_nb.errors import SDKSetupError

from . import messages
from .finding import describe, given_path, reading
from .headers import NotALibraryError, read_header

OPENSSL_PATH = "PARSEC_OPENSSL_PATH"

_VERSIONS = ("1.1", "1.0.0")
_CRYPTO = re.compile(r"libcrypto(\.so\.(1\.1|1\.0\.0)[\w.]*)")
_IN_CACHE = re.compile(rb"/[^\0]{1,500}/libcrypto\.so\.1\.(?:1|0\.0)(?=\0)")
_CACHE = Path("/etc/ld.so.cache")
_LARGEST_CACHE = 1 << 24


@dataclass(frozen=True)
class OpenSSL:
    """The two libraries of OpenSSL, which the worker opens by these paths."""

    crypto: Path
    ssl: Path
    version: str


def find_openssl(
    openssl: str | os.PathLike[str] | None,
    environ: Mapping[str, str] = os.environ,
    *,
    architectures: tuple[str, ...],
    system: str = sys.platform,
    folders: Iterable[Path] | None = None,
) -> OpenSSL | None:
    """Return OpenSSL 1.1, else 1.0.0, or None if there is none or none is needed.

    *openssl*, else PARSEC_OPENSSL_PATH, is a folder or the path of libcrypto; only
    without both the system's *folders* are searched. Only Linux needs it.

    Args:
        openssl: As above.
        environ: The environment variables.
        architectures: The processors of the SDK's library; not checked if empty.
        system: As `sys.platform`.
        folders: Where to look; by default where the system's loader does, and in the
            interpreter's own `lib`, where conda keeps it.

    Raises:
        SDKSetupError: What was given is not OpenSSL 1.1, or for another processor.
        InvalidArgumentError: *openssl* is not a path.
    """
    if not system.startswith("linux"):
        return None
    source, path = given_path("openssl", openssl, OPENSSL_PATH, environ)
    if path is not None:
        with reading(source, path):
            return _openssl_at(source, path, architectures)
    if folders is None:
        folders = system_folders(environ)
    found = [
        pair
        for folder in folders
        for pair in _pairs_in(folder)
        if _fits(pair, architectures)
    ]
    return min(found, key=lambda pair: _VERSIONS.index(pair.version), default=None)


def _openssl_at(source: str, path: Path, architectures: tuple[str, ...]) -> OpenSSL:
    pair = next(iter(_pairs_in(path)), None) if path.is_dir() else _pair(path)
    if pair is None or not pair.crypto.is_file():
        text = messages.NO_OPENSSL_THERE.format(source=source, path=path)
        raise SDKSetupError(text)
    if not pair.ssl.is_file():
        text = messages.NO_SSL_BESIDE.format(
            source=source, path=pair.crypto, missing=pair.ssl.name
        )
        raise SDKSetupError(text)
    unfit = _unfit(pair, architectures)
    if unfit:
        path, what = unfit
        wanted = describe(architectures) or messages.THAT_PROCESSOR
        text = messages.OPENSSL_UNFIT.format(
            source=source, path=path, what=what, architecture=wanted
        )
        raise SDKSetupError(text)
    return pair


def _pair(crypto: Path) -> OpenSSL | None:
    """Return the pair that a file named like libcrypto is part of."""
    name = _CRYPTO.fullmatch(crypto.name)
    if name is None:
        return None
    return OpenSSL(crypto, crypto.with_name(f"libssl{name[1]}"), name[2])


def _pairs_in(folder: Path) -> list[OpenSSL]:
    files = (folder / f"libcrypto.so.{version}" for version in _VERSIONS)
    return [pair for file in files if file.is_file() and (pair := _pair(file))]


def _fits(pair: OpenSSL, architectures: tuple[str, ...]) -> bool:
    try:
        return _unfit(pair, architectures) is None
    except OSError:
        return False


def _unfit(pair: OpenSSL, architectures: tuple[str, ...]) -> tuple[Path, str] | None:
    """Return the first file that is not for the processors, and what it is."""
    for path in (pair.crypto, pair.ssl):
        try:
            found = read_header(path).architectures
        except NotALibraryError as error:
            return path, str(error)
        if architectures and not set(architectures) & set(found):
            return path, messages.FOR_PROCESSOR.format(architecture=describe(found))
    return None


def system_folders(environ: Mapping[str, str], cache: Path = _CACHE) -> list[Path]:
    """Return where the system's loader looks, and where conda keeps libraries."""
    folders = environ.get("LD_LIBRARY_PATH", "").split(":")
    folders += [f"{prefix}/lib" for prefix in (sys.prefix, sys.base_prefix)]
    for root in ("/usr/local", "/usr", ""):
        folders += [f"{root}/lib64", f"{root}/lib"]
    # Debian's folders, such as /usr/lib/x86_64-linux-gnu.
    debian = Path("/usr/lib").glob("*-linux-gnu*")
    found = [*map(Path, filter(None, folders)), *debian]
    # The loader's cache holds paths as text, so that `ldconfig -p` need not run.
    with suppress(OSError), cache.open("rb") as file:
        paths = _IN_CACHE.findall(file.read(_LARGEST_CACHE))
        found += [Path(os.fsdecode(path)).parent for path in paths]
    return found
