"""Loading the SDK in the worker, checking it, and making an instance."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Mapping
from ctypes import byref
from typing import Any

from parsec_nb.sdk import _abi
from parsec_nb.sdk._shared.media import SharedMedia
from parsec_nb.sdk._status import ParsecStatus


class RefusalError(Exception):
    """The SDK cannot be used.

    Attributes:
        detail: What the system or the SDK says.
        reason: `load`, `function`, `version`, `openssl`, `init`, `simulated` or
            `memory`.
    """

    def __init__(self, detail: object, *, reason: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason


def attach(handle: int | str) -> SharedMedia:
    """Map the memory that the kernel made."""
    if isinstance(handle, int):
        os.set_inheritable(handle, False)  # noqa: FBT003 - it takes no name
    try:
        return SharedMedia.attach(handle)
    except (OSError, ValueError) as error:
        raise RefusalError(error, reason="memory") from None


def load(start: Mapping[str, Any]) -> Any:
    """Return the functions of the SDK, or of the simulated one.

    Raises:
        RefusalError: It cannot be loaded, or is not version 6.0.
    """
    if start["simulated"]:
        library = _simulate(start["simulated"])
    else:
        try:
            library = _abi.load(start["library"])
        except OSError as error:
            raise RefusalError(error, reason="load") from None
    try:
        _abi.declare(library)
    except AttributeError as error:
        raise RefusalError(error, reason="function") from None
    version = library.ParsecVersion()
    if version >> 16 != _abi.PARSEC_VER_MAJOR:
        text = f"{version >> 16}.{version & 0xFFFF}"
        raise RefusalError(text, reason="version")
    if sys.platform == "linux" and not start["simulated"]:
        _load_openssl(start["openssl"])
    return library


def _simulate(api_url: str) -> Any:
    from parsec_nb.sdk import _simulated  # noqa: PLC0415 - a library needs none of it

    try:
        return _simulated.load(api_url)
    except Exception as error:  # noqa: BLE001 - reported
        raise RefusalError(error, reason="simulated") from None


def _load_openssl(paths: list[str] | None) -> None:
    """Open OpenSSL 1.1, without which the SDK ends the process."""
    if paths is None:
        raise RefusalError(None, reason="openssl")
    for path in paths:
        try:
            ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
        except OSError as error:
            raise RefusalError(error, reason="openssl") from None


def initialise(library: Any, start: Mapping[str, Any]) -> ctypes.c_void_p:
    """Make an instance of the SDK.

    Raises:
        RefusalError: ParsecInit failed.
    """
    config = _abi.ParsecConfig(upnp=int(start["upnp"]))
    reserved = json.dumps({"ssHost": start["signal_host"]}).encode()
    instance = ctypes.c_void_p()
    arguments = byref(config), reserved, byref(instance)
    status = library.ParsecInit(_abi.PARSEC_VER, *arguments)
    if status != ParsecStatus.PARSEC_OK or not instance:
        raise RefusalError(status, reason="init")
    return instance
