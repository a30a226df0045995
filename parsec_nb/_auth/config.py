"""What a login is for: arguments first, then the environment, then defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from parsec_nb._api import environment
from parsec_nb._api.models import Session
from parsec_nb._api.secret import SessionID, is_secret
from parsec_nb._api.url import parse_url
from parsec_nb._auth import messages
from parsec_nb.errors import InvalidArgumentError

DEMO_GAME_ID = "parsec-nb-demo"
_DEMO = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
    ("0", "false", "no", "off"), False
)


@dataclass(frozen=True)
class LoginConfig:
    """The settings of one login; logins with equal settings are the same login.

    Attributes:
        api_url: The base URL; empty for the process's own simulator, which has a URL
            only while it runs.
        game_id: The game_id; None while the user has yet to enter one.
        variable: The variable to bind; None to bind none.
        demo: Whether the process's own simulator is used.
        remember: Whether the session goes to the system's keyring.
        fresh: Whether to ignore a session that exists already.
        existing: The session of PARSEC_SESSION_ID, which belongs to the environment's
            own API.
        spelling: The base URL as it was given.
    """

    api_url: str
    game_id: str | None
    variable: str | None = "session_id"
    demo: bool = False
    remember: bool = False
    fresh: bool = field(default=False, compare=False)
    existing: Session | None = field(default=None, compare=False)
    spelling: str = field(default="", compare=False)

    @classmethod
    def resolve(  # noqa: PLR0913 - the arguments of login()
        cls,
        game_id: str | None = None,
        *,
        variable: str | None = "session_id",
        api_url: str | None = None,
        demo: bool = False,
        fresh: bool = False,
        remember: bool = False,
        environ: Mapping[str, str] = os.environ,
    ) -> LoginConfig:
        """Resolve the arguments of `parsec_nb.login` and the environment.

        Raises:
            InvalidArgumentError: An argument or an environment variable cannot be
                used, or *demo* and *api_url* contradict each other.
        """
        if not isinstance(game_id, str | None):
            raise InvalidArgumentError(messages.BAD_GAME_ID.format(game_id=game_id))
        if demo and api_url is not None:
            raise InvalidArgumentError(messages.DEMO_OR_API_URL)
        given = (game_id or "").strip() or None
        if game_id is None and api_url is None:
            demo = demo or _wants_demo(environ)
        if demo:
            return cls("", given or DEMO_GAME_ID, variable, True, remember, fresh)  # noqa: FBT003 - demo
        url = environment.checked_api_url(api_url, environ)
        if game_id is None:
            given = environment.variable(environment.GAME_ID, environ)
        own = api_url is None or url == environment.checked_api_url(None, environ)
        existing = _existing(url, given, environ) if own and not fresh else None
        named = api_url or environment.variable(environment.API_URL, environ) or url
        spelling = named.strip().rstrip("/")
        return cls(url, given, variable, False, remember, fresh, existing, spelling)  # noqa: FBT003 - demo

    @property
    def ready(self) -> bool:
        """Whether the login can start: it has a game_id, or a session already."""
        return self.game_id is not None or self.existing is not None

    @property
    def service(self) -> tuple[str, str | None, bool]:
        """What the session is issued by and for."""
        return self.api_url, self.game_id, self.demo

    @property
    def local(self) -> bool:
        """Whether the service runs on this machine, as a simulator does."""
        url = parse_url(self.api_url)
        return self.demo or (url is not None and url.is_loopback)


def _wants_demo(environ: Mapping[str, str]) -> bool:
    value = (environment.variable(environment.DEMO, environ) or "0").lower()
    if value not in _DEMO:
        raise InvalidArgumentError(messages.BAD_DEMO.format(value=value))
    return _DEMO[value]


def _existing(
    api_url: str, game_id: str | None, environ: Mapping[str, str]
) -> Session | None:
    """Return the session of PARSEC_SESSION_ID, which is never sent to this machine."""
    given = environment.variable(environment.SESSION_ID, environ)
    url = parse_url(api_url)
    if given is None or url is None or url.is_loopback:
        return None
    if not is_secret(given):
        raise InvalidArgumentError(messages.BAD_ENVIRONMENT_SESSION)
    return Session(id=SessionID(given), api_url=api_url, game_id=game_id or "")
