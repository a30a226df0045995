"""What Parsec's library needs to connect: its file, and OpenSSL 1.1."""

from __future__ import annotations

import os
import sys

from parsec_nb.errors import SDKSetupError

from . import messages
from .finding import check_library, describe, find_library, python_architectures
from .openssl import find_openssl


def find_native(
    library: str | os.PathLike[str] | None,
    openssl: str | os.PathLike[str] | None,
    python: str | None,
) -> dict[str, object]:
    """Return the paths of the library and of OpenSSL, once their files are checked.

    Raises:
        SDKSetupError: One of them is missing, or does not fit.
        InvalidArgumentError: An argument is not a path.
    """
    path = find_library(library)
    architectures = python_architectures(python)
    check_library(path, architectures, python=python)
    pair = find_openssl(openssl, architectures=architectures)
    if pair is None and sys.platform.startswith("linux"):
        wanted = describe(architectures) or messages.THAT_PROCESSOR
        raise SDKSetupError(messages.NO_OPENSSL.format(architecture=wanted))
    paths = None if pair is None else [str(pair.crypto), str(pair.ssl)]
    return {"library": str(path), "openssl": paths}
