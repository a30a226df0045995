"""`%load_ext parsec_nb` and `%parsec_login`: a magic's spelling of `login()`.

Sugar only: it parses a line and calls the function.
"""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from parsec_nb._start import login


@magics_class
class ParsecMagics(Magics):  # type: ignore[misc]
    """The magics of parsec_nb."""

    @magic_arguments()
    @argument("game_id", nargs="?", help="The application's ID, issued by Parsec.")
    @argument("--variable", default="session_id", help="Where the session ID goes.")
    @argument("--demo", action="store_true", help="Log in to the simulator.")
    @argument("--fresh", action="store_true", help="Log in anew.")
    @line_magic
    def parsec_login(self, line: str) -> Any:
        """Log in to Parsec; see parsec_nb.login."""
        given = parse_argstring(self.parsec_login, line)
        return login(
            given.game_id, variable=given.variable, demo=given.demo, fresh=given.fresh
        )


def load_ipython_extension(shell: Any) -> None:
    """Register `%parsec_login`; IPython calls this for `%load_ext parsec_nb`.

    Example:
        >>> %load_ext parsec_nb
        >>> %parsec_login YOUR_GAME_ID --variable my_session_id
    """
    shell.register_magics(ParsecMagics)
