"""The options of `python -m parsec_nb simulator`, and what is no value for them.

Pure parsing: nothing is printed and no server is started.
"""

from __future__ import annotations

import argparse
import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LIFETIME = 1800.0
MAX_INTERVAL = 60.0
MAX_PORT = 65535

_DESCRIPTION = (
    "Run a stand-in for Parsec, to try logins without an account. One serves all "
    "notebooks on this machine: parsec_nb sends nothing over plain http to another. "
    "It writes no file; once it has ended, its codes and sessions are gone."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m parsec_nb simulator`.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_arguments(parser)
        >>> parser.parse_args(["--interval", "2"]).interval
        2.0
    """
    parser.description = _DESCRIPTION
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen at (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=0,
        metavar="N",
        help="port to listen at (default: 0, which takes a free one)",
    )
    parser.add_argument(
        "--interval",
        type=_seconds_up_to(MAX_INTERVAL),
        default=5.0,
        metavar="S",
        help="seconds that a notebook waits before it asks again (default: 5)",
    )
    parser.add_argument(
        "--lifetime",
        type=_seconds_up_to(MAX_LIFETIME),
        default=MAX_LIFETIME,
        metavar="S",
        help="seconds that a code is valid (default: 1800, the most there is)",
    )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach *host*."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_PORT):
        msg = f"{text!r} is not a port: give a number from 0 to {MAX_PORT}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _seconds_up_to(most: float) -> Callable[[str], float]:
    def seconds(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 0 < value <= most:
            msg = f"{text!r} does not do: give seconds above 0, up to {most:g}"
            raise argparse.ArgumentTypeError(msg)
        return value

    return seconds
