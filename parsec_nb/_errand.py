"""What one login is for: which service it asks, and where its session goes.

Joins the web API, the simulator, the keyring and the notebook's variable for
the login's thread. It shows nothing, and decides nothing about waiting.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from parsec_nb import _texts
from parsec_nb._store import KeyringStore
from parsec_nb._values import Grant, SessionID
from parsec_nb._wire import is_secret
from parsec_nb.errors import InvalidArgumentError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._notebook import Notebook
    from parsec_nb._roles import LoginAPI
    from parsec_nb._service import Service
    from parsec_nb._session import Session

SESSION_ID_VARIABLE = "PARSEC_SESSION_ID"


@dataclass(frozen=True)
class Wish:
    """What a call of `login()` asks for; equal wishes share one login."""

    service: Service
    variable: str | None
    remember: bool = False


class NotebookErrand:
    """A login's errand for a notebook.

    Args:
        wish: What was asked for.
        notebook: Where the variable is.
        fresh: Pass over a session that is there already.
        open_store: Opens the keyring.
    """

    def __init__(
        self,
        wish: Wish,
        notebook: Notebook,
        *,
        fresh: bool,
        open_store: Callable[[], KeyringStore] = KeyringStore,
    ) -> None:
        self._open_store = open_store
        self._wish = wish
        self._notebook = notebook
        self._may_recall = not fresh and not wish.service.demo
        self._recalled: Grant | None = None
        self._api_url = wish.service.api_url

    @property
    def game_id(self) -> str:
        """The game_id to ask a code for."""
        return self._wish.service.game_id or ""

    def open_api(self) -> LoginAPI:
        """Connect to the service; the simulator is started where it is the one."""
        # By the time of the approval an upgrade may have moved the file away.
        from parsec_nb import _session  # noqa: F401, PLC0415 - loaded in the login's thread, to keep the call quick
        from parsec_nb._web_api import WebAPI  # noqa: PLC0415 - likewise

        if self._wish.service.demo:
            from parsec_nb._demo import simulator  # noqa: PLC0415 - likewise

            self._api_url = simulator().url
        return WebAPI(self._api_url)

    def recall(self) -> Grant | None:
        """Return the session of the environment or the keyring, at the first try.

        Raises:
            InvalidArgumentError: PARSEC_SESSION_ID holds no session ID.
        """
        if not self._may_recall:
            return None
        self._may_recall = False
        self._recalled = given_session() or self._load()
        return self._recalled

    def deliver(self, grant: Grant) -> Session:
        """Bind the session ID to the variable, and return the session."""
        if self._wish.variable is not None:
            # A namespace may be anybody's; without it there is still the login.
            with suppress(BaseException):
                self._notebook.bind(self._wish.variable, grant.id)
        from parsec_nb._session import Session  # noqa: PLC0415 - after the variable is safe

        known = {field.name: getattr(grant, field.name) for field in fields(Grant)}
        return Session(
            **known,
            api_url=self._api_url,
            game_id=self.game_id,
        )

    def keep(self, session: Session) -> str | None:
        """Put the session into the keyring if asked to; returns what to tell."""
        told = self._save(session), self._unbound(session)
        return " ".join(filter(None, told)) or None

    def _unbound(self, session: Session) -> str | None:
        variable = self._wish.variable
        if variable is None or self._notebook.session_id(variable) is session.id:
            return None
        return _texts.unbound(variable)

    def _save(self, session: Session) -> str | None:
        recalled = self._recalled is not None and self._recalled.id == session.id
        if not self._wish.remember or recalled or self._wish.service.demo:
            return None
        try:
            self._open_store().save(self._wish.service, session)
        except StoreError as error:
            return _texts.not_remembered(str(error))
        return _texts.REMEMBERED

    def _load(self) -> Grant | None:
        if not self._wish.remember:
            return None
        try:
            return self._open_store().load(self._wish.service)
        except StoreError:
            # Told at the end, when there is a session that is not kept.
            return None


def given_session() -> Grant | None:
    """Return the session whose ID the environment holds, if it does.

    Raises:
        InvalidArgumentError: It holds something else.
    """
    given = os.environ.get(SESSION_ID_VARIABLE, "").strip()
    if not given:
        return None
    if not is_secret(given):
        raise InvalidArgumentError(_texts.bad_given_id(SESSION_ID_VARIABLE))
    return Grant(id=SessionID(given))
