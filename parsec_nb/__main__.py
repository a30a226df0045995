"""`python -m parsec_nb login` and `python -m parsec_nb simulator`.

Only the session ID goes to stdout, so that a shell's `$(…)` can take it.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence

from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.handle import Login
from parsec_nb._auth.runner import LoginRunner
from parsec_nb._notebook import render
from parsec_nb._notebook.diagnosis import diagnose
from parsec_nb._notebook.login import connect
from parsec_nb._notebook.messages import logged_in
from parsec_nb.errors import (
    InvalidArgumentError,
    LoginExpiredError,
    MissingGameIDError,
    ParsecError,
)
from parsec_nb.simulator import _cli

_DESCRIPTION = "Log in to Parsec from a terminal, or run a simulator of Parsec."
_FAILED, _INTERRUPTED = 1, 130
_EXIT_STATUS: dict[type[Exception], int] = {
    InvalidArgumentError: 2,
    MissingGameIDError: 2,
    LoginExpiredError: 3,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m parsec_nb", description=_DESCRIPTION
    )
    commands = parser.add_subparsers(dest="command", required=True)
    login = commands.add_parser("login", help="log in, and print the session ID")
    login.add_argument("game_id", nargs="?", help="else PARSEC_GAME_ID")
    login.add_argument("--api-url", help="else PARSEC_API_URL")
    login.add_argument("--demo", action="store_true", help="log in to a simulator")
    simulate = commands.add_parser("simulator", help="run a simulator of Parsec")
    _cli.add_arguments(simulate)
    commands.add_parser("diagnose", help="show the set-up, for a report")
    given = parser.parse_args(arguments)
    if given.command == "diagnose":
        # An address may have characters that stdout cannot encode.
        text = str(diagnose()).encode("ascii", "backslashreplace").decode()
        sys.stdout.write(f"{text}\n")
        return 0
    if given.command == "simulator":
        return _cli.run(given)
    try:
        _log_in(given.game_id, given.api_url, demo=given.demo)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except ParsecError as error:
        _print(str(error))
        return _EXIT_STATUS.get(type(error), _FAILED)
    return 0


def _log_in(game_id: str | None, api_url: str | None, *, demo: bool) -> None:
    """Log in, and print the session ID."""
    config = LoginConfig.resolve(game_id, api_url=api_url, demo=demo, variable=None)
    runner = LoginRunner(config, connect, lambda _config, _session: None)
    _show_progress(runner)
    runner.start()
    sys.stdout.write(f"{Login(runner).result().id}\n")


def _show_progress(runner: LoginRunner) -> None:
    """Write the login's progress to stderr, each change once."""
    proxy = render.proxy_address() if runner.config.local else ""
    host_name, demo = socket.gethostname(), runner.config.demo
    context = render.CardContext(host_name, None, demo, proxy)
    shown: object = None

    def show() -> None:
        nonlocal shown
        snapshot = runner.snapshot()
        before, shown = shown, (snapshot.status, snapshot.retry, snapshot.notices)
        if before == shown or snapshot.error is not None:
            return
        if snapshot.session is None:
            _print(render.plain(snapshot, context))
        else:
            _print(logged_in(snapshot.session))

    runner.observers.add(show)


def _print(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
