"""`login()` and `logout()`: decides between a new login and one that is there.

A kernel has one pending login at a time, and one approved for each variable. What
a login does, and how it is shown, is not said here.
"""

from __future__ import annotations

import sys
import threading
import uuid
from typing import TYPE_CHECKING

from parsec_nb import _markup, _service, _texts
from parsec_nb._errand import Wish
from parsec_nb._launch import Launch
from parsec_nb._notebook import Notebook
from parsec_nb._store import KeyringStore, NoKeyringError
from parsec_nb.errors import LoginError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._login import Login

_lock = threading.RLock()
_current: Launch | None = None
_approved: dict[str, Launch] = {}


def login(  # noqa: PLR0913 - each is a choice of the user's
    game_id: str | None = None,
    *,
    variable: str | None = "session_id",
    api_url: str | None = None,
    demo: bool = False,
    fresh: bool = False,
    remember: bool = False,
) -> Login:
    """Show a card to log in to Parsec with, and return at once.

    The card shows a link and a code. Once the code is approved in a browser,
    the session ID is assigned to a variable of the notebook. A thread in the
    background does all the waiting (RFC 8628; Parsec web API, POST /auth/codes
    and /auth/sessions); `await parsec_nb.login()` waits for it.

    Called again, it shows the same login while that is pending, and does
    nothing while the variable holds an unexpired session. A call with other
    arguments takes the place of a pending login.

    Args:
        game_id: The application's ID, issued by Parsec; else PARSEC_GAME_ID,
            else the card asks for it.
        variable: The variable to assign the session ID to; None for none.
        api_url: The base URL of the web API; else PARSEC_API_URL, else Parsec's
            documented one.
        demo: Log in to a simulator in this kernel; no account is needed.
        fresh: Log in anew even if a login is pending or a session is there.
        remember: Keep the session in the system's keyring until it expires.

    Raises:
        InvalidArgumentError: *variable* is no name or holds something else, or
            *api_url* cannot be used.
        LoginError: This Python has no threads.

    Example:
        >>> import parsec_nb
        >>> login = parsec_nb.login("YOUR_GAME_ID")  # shows the card
        >>> session = await login  # waits until you have allowed the code
        >>> session_id
        SessionID('…...')
    """
    global _current  # noqa: PLW0603 - a kernel has one login at a time
    if sys.platform == "emscripten":
        raise LoginError(_texts.NO_THREADS)
    notebook = Notebook()
    notebook.check_variable(variable)
    service = _service.choose(game_id, api_url, demo=demo)
    wish = Wish(service, variable, remember)
    with _lock:
        if _current is not None:
            _note_approved(_current)
        there = None if fresh else _already_approved(wish)
        if there is not None:
            there.say_already()
            return there.login
        earlier = launch = _current
        if fresh or launch is None or launch.course.done() or not launch.answers(wish):
            launch = _current = Launch(wish, notebook, fresh=fresh)
    # Without the lock, because its done-callbacks may call login() themselves.
    if earlier is not None and earlier is not launch:
        earlier.course.supersede()
    launch.display.show()
    launch.course.start()
    return launch.login


def logout(
    game_id: str | None = None,
    *,
    variable: str = "session_id",
    api_url: str | None = None,
) -> None:
    """Delete the session ID from the notebook and from the system's keyring.

    A pending login for the variable is cancelled. The session itself lives on
    at Parsec, which has no endpoint to end it; the output says so.

    Args:
        game_id: As for `login`; needed only to reach a keyring entry that an
            earlier kernel made.
        variable: The variable that holds the session ID.
        api_url: As for `login`.

    Raises:
        InvalidArgumentError: *api_url* cannot be used.

    Example:
        >>> parsec_nb.logout()
        >>> "session_id" in globals()
        False
    """
    global _current  # noqa: PLW0603 - as in login
    notebook = Notebook()
    asked = _service.choose(game_id, api_url, demo=False)
    with _lock:
        known = (_current, _approved.pop(variable, None))
        launches = [one for one in known if one and one.wish.variable == variable]
        if _current in launches:
            # Nothing of ours is to hold the session on.
            _current = None
    for launch in launches:
        # Without the lock, as in login.
        launch.course.cancel()
    services = {asked, *(launch.wish.service for launch in launches)}
    unbound = notebook.unbind(variable)
    display_id = uuid.uuid4().hex
    told = False

    def waiting(waits: bool) -> None:  # noqa: FBT001 - its only argument
        nonlocal told
        if waits:
            words = _markup.line(_texts.KEYRING_WAITS)
            notebook.display(words, display_id, update=told)
            told = True

    forgotten, failure = _forget(services, waiting)
    words = _texts.logged_out(variable if unbound else None, forgotten=forgotten)
    notebook.display(
        _markup.line(f"{words} {failure}".strip()), display_id, update=told
    )


def _forget(
    services: set[_service.Service], waiting: Callable[[bool], object]
) -> tuple[bool, str]:
    """Delete the keyring's entries; returns whether, and what to tell if it failed."""
    kept = [s for s in services if s.game_id is not None and not s.demo]
    if not kept:
        return False, ""
    try:
        store = KeyringStore(waiting)
        deleted = [store.delete(service) for service in kept]
    except NoKeyringError:
        return False, ""
    except StoreError as error:
        return False, _texts.not_forgotten(str(error))
    return any(deleted), ""


def _note_approved(launch: Launch) -> None:
    """Remember that the variable is this login's, if it is."""
    if launch.course.session is not None and launch.wish.variable is not None:
        _approved[launch.wish.variable] = launch


def _already_approved(wish: Wish) -> Launch | None:
    """Return the login whose session the variable holds, if it is the one asked for."""
    launch = None if wish.variable is None else _approved.get(wish.variable)
    if launch is None or not launch.holds_variable:
        return None
    asked = {launch.asked.service, launch.wish.service}
    return launch if wish.service in asked else None
