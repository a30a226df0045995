"""`python -m parsec_nb simulator`: its options, and what it prints."""
# ruff: noqa: T201 - a command prints

from __future__ import annotations

import argparse
import gc
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from . import Simulator, SimulatorError
from ._data import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

_DESCRIPTION = (
    "Run a stand-in for Parsec, to try logins without an account. One serves all "
    "notebooks on this machine, of all its users: parsec_nb sends nothing over plain "
    "http to another. "
    "It writes no file; once it has ended, its codes and sessions are gone."
)
_HOW_TO = """\
This is a simulator: not Parsec, no account, no password.

  Before you start a notebook here, set   PARSEC_API_URL={url}
  or log in, in the notebook, with        parsec_nb.login("any", api_url="{url}")
  Codes are allowed or denied at          {url}/activate
  and connections to a host that asks at  {url}/connections

It serves every notebook on this machine, and no other. Any game_id will do.
Ctrl-C ends it, and it forgets all codes and sessions."""
# For each option: its type, the least, the most, the default and the help.
_NUMBERS = {
    "--port": (int, 0, 65535, 0, "port to listen at; 0 takes a free one"),
    "--interval": (float, 0.01, 60, 5, "seconds between two polls of a notebook"),
    "--lifetime": (float, 0.01, 1800, 1800, "seconds that a code is valid"),
}
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
    for option, (kind, least, most, default, text) in _NUMBERS.items():
        parser.add_argument(
            option,
            type=_number(kind, least, most),
            default=default,
            metavar="N",
            help=f"{text} (default: {default})",
        )


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C; return 0, or 1 with a message on stderr."""
    simulator = Simulator(
        host=arguments.host,
        port=arguments.port,
        interval=arguments.interval,
        lifetime=arguments.lifetime,
    )
    _allow_many_connections()
    # The usual 700 make the collector a tenth of the work of a room that polls at once.
    gc.set_threshold(50_000)
    try:
        with simulator:
            if not is_loopback(arguments.host):
                text = _NOT_LOOPBACK.format(host=arguments.host or "Every address")
                print(text, file=sys.stderr, flush=True)
            print(_HOW_TO.format(url=simulator.url), flush=True)
            _show_counts(simulator)
    except SimulatorError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _show_counts(simulator: Simulator) -> None:
    """Show the counts while the simulator runs: one line in a terminal, else a log."""
    is_terminal = sys.stdout.isatty()
    shown = None
    try:
        while simulator.running:
            counts = simulator.counts
            # The reader of a pipe may be gone.
            with suppress(OSError):
                if counts != shown and is_terminal:
                    print(f"\r{counts!s:<78}", end="", flush=True)
                elif counts != shown:
                    print(counts, flush=True)
            shown = counts
            time.sleep(0.5)
    finally:
        if is_terminal:
            print()


def _allow_many_connections() -> None:
    # Each notebook keeps a connection. macOS lets a process have 256 files and most
    # Linuxes 1024, unless it asks for more; 10,240 is as many as macOS ever gives.
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - there is none on Windows

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 10_240)), hard))


def _number(
    kind: Callable[[str], float], least: float, most: float
) -> Callable[[str], float]:
    def number(text: str) -> float:
        with suppress(ValueError):
            value = kind(text)
            if least <= value <= most:
                return value
        msg = f"{text!r} does not fit: give a number from {least:g} to {most:g}"
        raise argparse.ArgumentTypeError(msg)

    return number
