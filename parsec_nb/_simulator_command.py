"""`python -m parsec_nb simulator`: its options, and what it says in a terminal.

The options alone load nothing that takes time, or that may be missing.
"""

from __future__ import annotations

import argparse
import ipaddress
import sys
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
_HOW_TO = """\
This is a simulator: not Parsec, no account, no password.

  Before you start a notebook here, set   PARSEC_API_URL={url}
  or log in, in the notebook, with        parsec_nb.login("any", api_url="{url}")
  Codes are allowed or denied at          {url}/activate

It serves every notebook on this machine, and no other. Any game_id will do.
Ctrl-C ends it, and it forgets all codes and sessions."""
_NOT_LOOPBACK = (
    "Warning: {host} can be reached from other machines, and the simulator has no TLS. "
    "parsec_nb itself uses plain http on this machine only."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options, and what the command is for."""
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


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C and return the exit code: 0, or 1 with words on stderr.

    Raises:
        ImportError: tornado is not installed.
    """
    from ._simulator_server import allow_many_connections  # noqa: PLC0415 - it needs tornado
    from .simulator import Simulator, SimulatorError  # noqa: PLC0415 - likewise

    simulator = Simulator(
        host=arguments.host,
        port=arguments.port,
        interval=arguments.interval,
        lifetime=arguments.lifetime,
    )
    allow_many_connections()
    try:
        simulator.start()
        if not _is_loopback(arguments.host):
            words = _NOT_LOOPBACK.format(host=arguments.host or "Every address")
            print(words, file=sys.stderr, flush=True)  # noqa: T201
        print(_HOW_TO.format(url=simulator.url), flush=True)  # noqa: T201
        simulator.run()
    except SimulatorError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        simulator.stop()
    return 0


def _is_loopback(host: str) -> bool:
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
