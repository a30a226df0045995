"""`login()` and `logout()`.

A kernel has one pending login at a time, and one approved login for each variable.
"""

from __future__ import annotations

import sys
import threading
import uuid
from collections.abc import Callable, Iterable

from parsec_nb._api.threads import after_fork
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.handle import Login
from parsec_nb._auth.messages import KEYRING_WAITS
from parsec_nb._auth.store import KeyringStore, NoKeyringError
from parsec_nb._notebook import messages, render
from parsec_nb._notebook.controller import LoginController
from parsec_nb._notebook.ipython import Notebook
from parsec_nb.errors import LoginError, StoreError

_lock = threading.RLock()
_current: LoginController | None = None
_approved: dict[str | None, LoginController] = {}


@after_fork
def _start_anew() -> None:
    """Forget the pending login in a forked child: its thread is in the parent."""
    global _lock, _current
    _lock, _current = threading.RLock(), None


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

    The card shows a link and a code. Once the code is approved in a browser, the
    session ID is assigned to a variable of the notebook. A thread waits in the
    background (RFC 8628; Parsec web API, POST /auth/codes and /auth/sessions);
    `await parsec_nb.login()` waits for it.

    Called again, it shows the same login while that is pending, and does nothing
    while the variable holds an unexpired session. A call with other arguments
    replaces a pending login.

    Args:
        game_id: The application's ID, issued by Parsec; else PARSEC_GAME_ID, else
            the card asks for it.
        variable: The variable to assign the session ID to; None for none.
        api_url: The base URL of the web API; else PARSEC_API_URL, else Parsec's
            documented one.
        demo: Log in to a simulator in this kernel; no account is needed.
        fresh: Log in anew even if a login is pending or a session exists.
        remember: Keep the session in the system's keyring until it expires.

    Raises:
        InvalidArgumentError: *variable* is not a name or holds another value, or
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
        raise LoginError(messages.NO_THREADS)
    notebook = Notebook()
    config = LoginConfig.resolve(
        game_id,
        variable=notebook.checked_variable(variable),
        api_url=api_url,
        demo=demo,
        fresh=fresh,
        remember=remember,
    )
    with _lock:
        if _current is not None and _current.login.session is not None:
            _approved[_current.runner.config.variable] = _current
        approved = _approved.get(config.variable)
        if approved is not None and not fresh and approved.has_approved(config):
            approved.show_already(notebook)
            return approved.login
        earlier = controller = _current
        if fresh or controller is None or not controller.continues(config):
            controller = _current = LoginController(config, notebook)
    # Without the lock, because done-callbacks may call login().
    if earlier is not None and earlier is not controller:
        earlier.runner.supersede()
    try:
        controller.show(notebook)
    finally:
        controller.runner.start()
    return controller.login


def logout(
    game_id: str | None = None,
    *,
    variable: str = "session_id",
    api_url: str | None = None,
) -> None:
    """Delete the session ID from the notebook and from the system's keyring.

    A pending login for the variable is cancelled. The session itself lives on at
    Parsec, which has no endpoint to end it; the output states this.

    Args:
        game_id: As for `login`; needed only to delete a keyring entry that an
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
    config = LoginConfig.resolve(game_id, api_url=api_url, fresh=True)
    with _lock:
        known = (_current, _approved.pop(variable, None))
        logins = [
            one for one in known if one and one.runner.config.variable == variable
        ]
        if _current in logins:
            # Nothing here may keep the session alive.
            _current = None
    for one in logins:
        # Without the lock, as in login.
        one.runner.cancel()
    value, unbound = notebook.value(variable), notebook.unbind(variable)
    output, display_id, shown = notebook.output_area(), uuid.uuid4().hex, False

    def show(text: str) -> None:
        nonlocal shown
        output.display(render.line(text), display_id, update=shown)
        shown = True

    configs = [config, *(one.runner.config for one in logins)]
    forgotten, failure = _forget(configs, lambda: show(KEYRING_WAITS))
    text = messages.logged_out(
        variable,
        value,
        unbound=unbound,
        forgotten=forgotten,
        left=notebook.holding_session_ids(),
    )
    show(f"{text} {failure}".strip())


def _forget(
    configs: Iterable[LoginConfig], on_wait: Callable[[], object]
) -> tuple[bool, str]:
    """Delete the keyring's entries; return whether, and why that failed."""
    kept = {c.service: c for c in configs if c.game_id is not None and not c.demo}
    store = KeyringStore(lambda waits: on_wait() if waits else None)
    try:
        deleted = [store.delete(config) for config in kept.values()]
    except NoKeyringError:
        return False, ""
    except StoreError as error:
        return False, messages.NOT_FORGOTTEN.format(reason=error)
    return any(deleted), ""
