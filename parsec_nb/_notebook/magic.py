"""`%parsec_login`: the function `login()` as a magic."""

from __future__ import annotations

from typing import Any

from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from parsec_nb._notebook.login import login


@magic_arguments()
@argument("game_id", nargs="?", help="The application's ID, issued by Parsec.")
@argument("--variable", default="session_id", help="Where the session ID goes.")
@argument("--demo", action="store_true", help="Log in to the simulator.")
@argument("--fresh", action="store_true", help="Log in anew.")
def parsec_login(line: str) -> Any:
    """Log in to Parsec; see parsec_nb.login."""
    return login(**vars(parse_argstring(parsec_login, line)))
