"""`python -m parsec_nb login` and `python -m parsec_nb simulator`.

Reads arguments and prints for a terminal; the work is done in the other rooms.
The session ID goes to stdout alone, so that `$(…)` can take it.
"""

from __future__ import annotations

import argparse
import socket
import sys
from typing import TYPE_CHECKING

from parsec_nb import _hub, _markup, _service, _simulator_command, _texts
from parsec_nb._course import Course
from parsec_nb._errand import NotebookErrand, Wish, given_session
from parsec_nb._notebook import Notebook
from parsec_nb.errors import (
    InvalidArgumentError,
    LoginExpiredError,
    ParsecError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_DESCRIPTION = "Log in to Parsec from a terminal, or run a simulator of Parsec."
_OK, _FAILED, _USAGE, _EXPIRED, _INTERRUPTED = 0, 1, 2, 3, 130


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
    simulator = commands.add_parser("simulator", help="run a stand-in for Parsec")
    _simulator_command.add_arguments(simulator)
    given = parser.parse_args(arguments)
    if given.command == "simulator":
        return _simulate(given)
    return _log_in(given.game_id, given.api_url, demo=given.demo)


def _simulate(arguments: argparse.Namespace) -> int:
    try:
        return _simulator_command.run(arguments)
    except ImportError:
        _tell(_texts.NO_TORNADO)
        return _FAILED


def _log_in(game_id: str | None, api_url: str | None, *, demo: bool) -> int:
    """Log in; 0 approved, 1 denied or failed, 2 usage, 3 expired, 130 interrupted."""
    try:
        service = _service.choose(game_id, api_url, demo=demo)
        ready = service.game_id is not None or given_session() is not None
    except InvalidArgumentError as error:
        _tell(str(error))
        return _USAGE
    if not ready:
        _tell(_texts.MISSING_GAME_ID)
        return _USAGE
    wish = Wish(service, variable=None)
    course = Course(NotebookErrand(wish, Notebook(), fresh=False))
    course.audience.watch(_Teller(course, service).tell)
    course.start()
    try:
        session = course.result()
    except KeyboardInterrupt:
        course.cancel()
        return _INTERRUPTED
    except LoginExpiredError:
        return _EXPIRED
    except ParsecError:
        return _FAILED
    sys.stdout.write(f"{session.id}\n")
    return _OK


class _Teller:
    """Writes a login's progress to stderr: each status once."""

    def __init__(self, course: Course, service: _service.Service) -> None:
        self._course = course
        self._place = _markup.Place(
            socket.gethostname(), None, demo=service.demo, proxy=_hub.proxy(service)
        )
        self._told: object = None

    def tell(self) -> None:
        progress = self._course.progress()
        state = progress.status, progress.trouble, progress.notices
        if state == self._told:
            return
        self._told = state
        session = progress.session
        if session is None:
            _tell(_markup.plain(progress, self._place))
        else:
            _tell(_texts.logged_in(session.user_id, session.roles, session.expires_at))


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
