"""`login()` and `logout()`, and the controller of a card.

A kernel has one pending login at a time, and one approved login for each variable.
"""

from __future__ import annotations

import socket
import sys
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from parsec_nb._api.models import Session
from parsec_nb._api.threads import after_fork
from parsec_nb._api.tls import start_reading
from parsec_nb._auth.config import DEMO_GAME_ID, LoginConfig
from parsec_nb._auth.handle import Login
from parsec_nb._auth.messages import KEYRING_WAITS, UNBOUND
from parsec_nb._auth.runner import LoginRunner
from parsec_nb._auth.store import KeyringStore, NoKeyringError
from parsec_nb._notebook import messages, render
from parsec_nb._notebook.display import LoginDisplay
from parsec_nb._notebook.ipython import Notebook
from parsec_nb._notebook.render import CardContext
from parsec_nb.errors import LoginError, StoreError

if TYPE_CHECKING:
    from parsec_nb._api.client import WebAPI

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

    A pending login for the variable is cancelled. The session itself lives on.

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
        logins = [c for c in known if c and c.runner.config.variable == variable]
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
        demo=all(one.demo for one in configs[1:] or configs),
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


class LoginController:
    """One login with its card: starts the login, and does what the buttons ask for."""

    def __init__(self, config: LoginConfig, notebook: Notebook) -> None:
        self._asked = config
        self._notebook = notebook
        self._shown_in: object = None
        store = KeyringStore(self._show_keyring_wait)
        self.runner = LoginRunner(config, connect, self._bind, store)
        self.display = LoginDisplay(self, self.runner.snapshot, self._context)
        self.runner.observers.add(self.display.refresh)
        self.login = Login(
            self.runner, self._show_again, self.display.reveal, notebook.awaiting
        )
        notebook.after_unattended_cells(self.display.hide)

    def show(self, notebook: Notebook) -> None:
        """Show the card in the cell that runs now."""
        self._shown_in = notebook.cell
        self.display.show(notebook.output_area())

    def show_already(self, notebook: Notebook) -> None:
        """Show who is logged in already."""
        self._shown_in = notebook.cell
        text = render.status_text(self.runner.snapshot(), self._context(), already=True)
        line = render.line(f"{text} {messages.FRESH}")
        notebook.output_area().display(line, uuid.uuid4().hex, update=False)

    def continues(self, config: LoginConfig) -> bool:
        """Return whether this login has not ended and is the one asked for."""
        return not self.login.done() and config in (self._asked, self.runner.config)

    def has_approved(self, config: LoginConfig) -> bool:
        """Return whether the variable holds this login's unexpired session."""
        session = self.login.session
        return (
            session is not None
            and not session.expired
            and self._notebook.value(config.variable) is session.id
            and config.service in (self._asked.service, self.runner.config.service)
        )

    def start(self, game_id: str) -> None:
        """Go on with the game_id that was entered."""
        if game_id.strip():
            self.runner.start(replace(self._asked, game_id=game_id.strip()))
        else:
            self.runner.observers.add_notice(messages.GAME_ID_EMPTY)

    def start_demo(self) -> None:
        """Go on with the simulator."""
        demo = replace(self._asked, api_url="", game_id=DEMO_GAME_ID, demo=True)
        self.runner.start(demo)

    def decide(self, *, approve: bool) -> None:
        """Approve or deny the code in place of the simulator's page."""
        from parsec_nb.simulator import shared  # noqa: PLC0415 - an extra, and slow to load

        code = self.login.auth_code
        if code is not None:
            server = shared()
            (server.approve if approve else server.deny)(code.user_code)

    def _show_again(self) -> None:
        """Show the card, unless the call that this cell ends with has shown it."""
        notebook = Notebook()
        if not (notebook.echoing and notebook.cell == self._shown_in):
            self.show(notebook)

    def _bind(self, config: LoginConfig, session: Session) -> str | None:
        if config.variable is None:
            return None
        self._notebook.bind(config.variable, session.id)
        if self._notebook.value(config.variable) is session.id:
            return None
        return UNBOUND.format(variable=config.variable)

    def _show_keyring_wait(self, waits: bool) -> None:  # noqa: FBT001 - its only argument
        observers = self.runner.observers
        if waits and not self.login.done():
            observers.add_notice(KEYRING_WAITS)
        else:
            observers.remove_notice(KEYRING_WAITS)

    def _context(self) -> CardContext:
        config = self.runner.config
        return CardContext(
            host_name=socket.gethostname(),
            variable=config.variable and self._notebook.describe(config.variable),
            demo=config.demo,
            # The links of a service on another machine are never changed.
            proxy=render.proxy_address() if config.local else "",
        )


def connect(config: LoginConfig) -> WebAPI:
    """Return the web API of a login; a demo's is the simulator, which is started."""
    # It goes on while the next line loads.
    start_reading(config.api_url)
    from parsec_nb._api.client import WebAPI  # noqa: PLC0415 - slow to load, so not at the call

    if not config.demo:
        return WebAPI(config.api_url)
    from parsec_nb import simulator  # noqa: PLC0415 - likewise

    try:
        return WebAPI(simulator.shared().url)
    except simulator.SimulatorError as error:
        text = messages.NO_SIMULATOR.format(reason=error)
    raise LoginError(text)
