"""One login with its card: joins the two, and says what the card's buttons do.

Whether there is to be a login is decided elsewhere; what it does, in its own room.
"""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

from parsec_nb import _hub, _markup, _service, _texts
from parsec_nb._course import Course
from parsec_nb._display import LoginDisplay
from parsec_nb._errand import SESSION_ID_VARIABLE, NotebookErrand
from parsec_nb._login import Login
from parsec_nb._store import KeyringStore

if TYPE_CHECKING:
    from parsec_nb._errand import Wish
    from parsec_nb._notebook import Notebook


class Launch:
    """One login with its card, and what the card's buttons do."""

    def __init__(self, wish: Wish, notebook: Notebook, *, fresh: bool) -> None:
        self.asked = self.wish = wish
        self._notebook = notebook
        has_id = bool(os.environ.get(SESSION_ID_VARIABLE)) and not fresh
        ready = wish.service.game_id is not None or has_id
        errand = self._errand(fresh=fresh) if ready else None
        self.course = Course(errand)
        self.display = LoginDisplay(notebook, self._place, self.course.progress, self)
        self.course.audience.watch(self.display.refresh)
        self.login = Login(self.course, self.display.show_once, notebook.awaiting)

    @property
    def holds_variable(self) -> bool:
        """Whether the variable still holds this login's unexpired session."""
        session = self.course.session
        return (
            session is not None
            and not session.expired
            and self._notebook.session_id(self.wish.variable) is session.id
        )

    def answers(self, wish: Wish) -> bool:
        """Whether this login is what *wish* asks for."""
        return wish in (self.asked, self.wish)

    def say_already(self) -> None:
        """Say who is logged in, instead of logging in."""
        words = _markup.status_text(self.course.progress(), self._place())
        self.display.say(f"{_texts.already(words)} {_texts.FRESH}")

    def cancel(self) -> None:
        """End the login."""
        self.course.cancel()

    def renew(self) -> None:
        """Ask for a new code."""
        self.course.renew()

    def start(self, game_id: str) -> None:
        """Go on with the game_id that was entered."""
        if game_id.strip():
            self._start(replace(self.asked.service, game_id=game_id.strip()))
        else:
            self.course.audience.tell(_texts.GAME_ID_EMPTY)

    def start_demo(self) -> None:
        """Go on with the simulator."""
        self._start(_service.DEMO)

    def answer(self, *, approve: bool) -> None:
        """Answer in place of the simulator's page."""
        from parsec_nb import _demo  # noqa: PLC0415 - running already, where there is a code to answer

        code = self.course.auth_code
        if code is not None:
            _demo.answer(code.user_code, approve=approve)

    def _start(self, service: _service.Service) -> None:
        self.wish = replace(self.asked, service=service)
        self.course.start(self._errand(fresh=False))

    def _errand(self, *, fresh: bool) -> NotebookErrand:
        return NotebookErrand(
            self.wish, self._notebook, fresh=fresh, open_store=self._open_store
        )

    def _open_store(self) -> KeyringStore:
        return KeyringStore(self._keyring_waits)

    def _keyring_waits(self, waits: bool) -> None:  # noqa: FBT001 - its only argument
        if waits and not self.course.done():
            self.course.audience.tell(_texts.KEYRING_WAITS)
        else:
            self.course.audience.take_back(_texts.KEYRING_WAITS)

    def _place(self) -> _markup.Place:
        return _markup.Place(
            host_name=socket.gethostname(),
            variable=self.wish.variable,
            demo=self.wish.service.demo,
            proxy=_hub.proxy(self.wish.service),
        )
