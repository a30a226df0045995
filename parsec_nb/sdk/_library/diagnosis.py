"""`diagnose()`: what a connection by Parsec's SDK needs, line by line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib import metadata
from pathlib import Path

from parsec_nb.errors import SDKSetupError

from . import messages
from .finding import (
    SDK_PATH,
    check_library,
    describe,
    find_library,
    python_architectures,
)
from .openssl import find_openssl

_SECONDS = 5.0
_MAJOR = 6
_SESSION_ID = "PARSEC_SESSION_ID"
_OPENCV = (
    *("opencv-python-headless", "opencv-python"),
    *("opencv-contrib-python-headless", "opencv-contrib-python"),
)
# A package, the distributions that hold it, what it is for, and whether it is needed.
_EXTRAS = (
    ("numpy", ("numpy",), messages.USE_NUMPY, True),
    ("anywidget", ("anywidget",), messages.USE_ANYWIDGET, True),
    ("simplejpeg", ("simplejpeg",), messages.USE_SIMPLEJPEG, True),
    ("OpenCV", _OPENCV, messages.USE_OPENCV, False),
    ("Pillow", ("pillow",), messages.USE_PILLOW, False),
    ("PyAV", ("av",), messages.USE_PYAV, False),
    ("pandas", ("pandas",), messages.USE_PANDAS, False),
)


@dataclass(frozen=True)
class Finding:
    """One line of a diagnosis.

    Attributes:
        name: What was looked at.
        value: What was found.
        remedy: What to do about it; empty where nothing need be done.
    """

    name: str
    value: str
    remedy: str = ""


class Diagnosis(list[Finding]):
    """The findings; a table in a notebook, text elsewhere."""

    def __str__(self) -> str:
        width = max(len(finding.name) for finding in self)
        lines = []
        for finding in self:
            lines.append(f"{finding.name:{width}}  {finding.value}")
            if finding.remedy:
                lines.append(f"{'':{width}}  -> {finding.remedy}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr style="text-align: left"><th scope="row">{escape(f.name)}</th>'
            f"<td>{escape(f.value)}</td><td>{escape(f.remedy)}</td></tr>"
            for f in self
        )
        head = "".join(f'<th scope="col">{x}</th>' for x in messages.DIAGNOSIS_COLUMNS)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def diagnose(library: str | os.PathLike[str] | None = None) -> Diagnosis:
    """Return what is there of what a connection needs, and what to do about the rest.

    Takes at most 10 s. It connects to nothing. The library, PARSEC_SDK_PATH if none is
    given, is loaded in a process of its own, which ends at once. The result holds
    paths and no secret.

    Raises:
        InvalidArgumentError: *library* is not a path.

    Example:
        >>> [found.name for found in sdk.diagnose()][:2]
        ['Python', 'library']
    """
    found = Diagnosis()
    found += _library(library, os.environ)
    found += _extras()
    return found


def _library(
    library: str | os.PathLike[str] | None, environ: Mapping[str, str]
) -> Iterator[Finding]:
    """Look at the library, and at the OpenSSL for the same processor."""
    architectures = python_architectures(None)
    yield Finding("Python", f"{sys.version.split()[0]}, {describe(architectures)}")
    try:
        path = find_library(library, environ)
    except SDKSetupError as error:
        yield Finding("library", messages.NOT_FOUND, str(error))
    else:
        source = "library=" if library else SDK_PATH
        text = messages.LIBRARY_FOUND.format(path=path, source=source)
        yield Finding("library", text)
        try:
            file = check_library(path, architectures)
        except SDKSetupError as error:
            yield Finding("file", messages.NOT_USABLE, str(error))
        else:
            processors = describe(file.architectures)
            size = file.size / 1e6
            text = messages.LIBRARY_FILE
            text = text.format(format=file.format, architectures=processors, size=size)
            yield Finding("file", text)
            yield _version(path, environ)
    if sys.platform.startswith("linux"):
        yield _openssl(architectures, environ)


def _version(
    path: Path, environ: Mapping[str, str], seconds: float = _SECONDS
) -> Finding:
    """Ask the library for its version, in a process that it may end."""
    root = Path(__file__).parents[2]
    # The library gets no secret, and no module of the folder that the notebook is in
    # takes the place of one of Python's.
    environ = {name: environ[name] for name in environ if name != _SESSION_ID}
    environ |= {"PYTHONPATH": str(root), "PYTHONSAFEPATH": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "parsec_nb.sdk._library.finding", str(path)],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _bad(messages.HANGS.format(seconds=seconds))
    except (OSError, ValueError) as error:
        remedy = messages.NO_PROCESS.format(reason=error)
        return Finding("version", messages.NOT_ASKED, remedy)
    try:
        # The library itself may have printed lines before.
        report = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return _bad(messages.ENDS_PROCESS.format(status=done.returncode))
    if "error" in report:
        remedy = messages.NO_LOAD.format(reason=report["error"])
        return Finding("version", messages.NOT_USABLE, remedy)
    number, missing = report["version"], report["missing"]
    if number is None:
        return _bad(messages.NOT_PARSEC)
    version = f"{number >> 16}.{number & 0xFFFF}"
    if missing:
        text, names = messages.LIBRARY_LACKS_FUNCTIONS, ", ".join(missing)
        version = text.format(version=version, names=names)
    bad = missing or number >> 16 != _MAJOR
    return Finding("version", version, messages.TAKE_VERSION_6 if bad else "")


def _bad(reason: str) -> Finding:
    remedy = messages.TAKE_ANOTHER.format(reason=reason)
    return Finding("version", messages.NOT_USABLE, remedy)


def _openssl(architectures: tuple[str, ...], environ: Mapping[str, str]) -> Finding:
    name = "OpenSSL 1.1"
    try:
        found = find_openssl(None, environ, architectures=architectures)
    except SDKSetupError as error:
        return Finding(name, messages.NOT_USABLE, str(error))
    if found is None:
        processors = describe(architectures)
        remedy = messages.NO_OPENSSL.format(architecture=processors)
        return Finding(name, messages.NOT_FOUND, remedy)
    return Finding(
        name,
        messages.OPENSSL_FOUND.format(version=found.version, crypto=found.crypto),
    )


def _extras() -> Iterator[Finding]:
    """Look which packages are installed; none is imported."""
    for name, distributions, use, needed in _EXTRAS:
        version = next(filter(None, map(_installed, distributions)), "")
        text = messages.INSTALL_NEEDED if needed else messages.INSTALL
        remedy = "" if version else text.format(distribution=distributions[0])
        found = version or messages.NOT_INSTALLED
        value = messages.EXTRA.format(found=found, use=use)
        yield Finding(name, value, remedy)


def _installed(distribution: str) -> str:
    try:
        # None where an interrupted installation has left parts of the package.
        return metadata.version(distribution) or ""
    except metadata.PackageNotFoundError:
        return ""
