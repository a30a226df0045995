"""The controller of a card: starts its login, and does what its buttons ask for."""

from __future__ import annotations

import socket
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from parsec_nb._api.models import Session
from parsec_nb._auth.config import DEMO_GAME_ID, LoginConfig
from parsec_nb._auth.handle import Login
from parsec_nb._auth.messages import KEYRING_WAITS, UNBOUND
from parsec_nb._auth.runner import LoginRunner
from parsec_nb._auth.store import KeyringStore
from parsec_nb._notebook import messages, render
from parsec_nb._notebook.display import LoginDisplay
from parsec_nb._notebook.ipython import Notebook
from parsec_nb._notebook.jupyterhub import proxy_address
from parsec_nb._notebook.render import CardContext
from parsec_nb.errors import LoginError

if TYPE_CHECKING:
    from parsec_nb._api.client import WebAPI


class LoginController:
    """One login with its card: starts the login, and does what the buttons ask for."""

    def __init__(self, config: LoginConfig, notebook: Notebook) -> None:
        self._asked = config
        self._notebook = notebook
        self._shown_in: object = None
        store = KeyringStore(self._show_keyring_wait)
        self.runner = LoginRunner(config, _connect, self._bind, store)
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
        snapshot, context = self.runner.snapshot(), self._context()
        text = render.status_text(snapshot, context, already=True)
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
            proxy=proxy_address() if config.local else "",
        )


def _connect(config: LoginConfig) -> WebAPI:
    from parsec_nb._api.client import WebAPI  # noqa: PLC0415 - slow to load, so not at the call

    if not config.demo:
        return WebAPI(config.api_url)
    from parsec_nb import simulator  # noqa: PLC0415 - likewise

    try:
        return WebAPI(simulator.shared().url)
    except simulator.SimulatorError as error:
        text = messages.NO_SIMULATOR.format(reason=error)
    raise LoginError(text)
