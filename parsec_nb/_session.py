"""A Parsec session: its ID, what is known of it, and the hosts that it sees.

The one value that a login ends in. It asks Parsec for hosts when told to, in
the calling thread; it keeps no connection and renews nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from parsec_nb import _service, _texts
from parsec_nb._values import Grant, SessionID
from parsec_nb._web_api import WebAPI
from parsec_nb._wire import is_secret
from parsec_nb.errors import InvalidArgumentError, ParsecError

if TYPE_CHECKING:
    from parsec_nb._hosts import Hosts

_MODES = (None, "desktop", "game")


@dataclass(frozen=True)
class Session(Grant):
    """An approved login: a session ID and what Parsec said of it.

    Attributes:
        id: The session ID, as the SDK wants it.
        user_id: The number of the user who approved, where known.
        roles: What Parsec calls the session's roles; for show only.
        host_peer_id: The peer ID under which guests reach this user's host.
        expires_at: When the session ends, where known; aware, UTC.
        api_url: The web API that issued it.
        game_id: The game_id it was issued for; empty where not known.

    Example:
        >>> session = await login
        >>> session.id
        SessionID('…...')
        >>> session.roles, len(session.host_peer_id)
        (('host',), 27)
    """

    api_url: str = _service.DEFAULT_API_URL
    game_id: str = ""

    @classmethod
    def from_id(cls, session_id: str, *, api_url: str | None = None) -> Session:
        """Make a session of an ID that you already have, without any request.

        Args:
            session_id: The session ID; white space around it is dropped.
            api_url: The web API that issued it; see `parsec_nb.login`.

        Raises:
            InvalidArgumentError: It is empty, or holds what no session ID has.

        Example:
            >>> session = Session.from_id(session_id)
            >>> len(session.hosts())
            6
        """
        given = SessionID(session_id.strip())
        # A verbose traceback shows what its frames hold.
        del session_id
        if not is_secret(given):
            raise InvalidArgumentError(_texts.NO_SESSION_ID)
        return cls(id=given, api_url=_service.checked_api_url(api_url))

    @property
    def expired(self) -> bool:
        """Whether the time is over that Parsec gave it; False where not known.

        Example:
            >>> session.expired
            False
            >>> Session.from_id("0" * 64).expired  # only Parsec would know
            False
        """
        return self.expires_at is not None and self.expires_at <= datetime.now(
            timezone.utc
        )

    def hosts(self, mode: str | None = None, public: bool | None = None) -> Hosts:  # noqa: FBT001 - the web API's own two filters, in its order
        """Return the hosts that this session can see (GET /v2/hosts).

        Takes at most 10 s, in the calling thread. A notebook shows the result
        as a table, and `pandas.DataFrame(hosts)` takes it.

        Args:
            mode: `desktop` or `game`; None for both.
            public: Only public hosts, or only the others; None for both.

        Raises:
            SessionExpiredError: Parsec does not accept the session any more.
            UnreachableError: No usable answer came.
            APIError: Parsec refused.
            InvalidArgumentError: *mode* is neither of the two.

        Example:
            >>> [host.name for host in session.hosts(mode="game", public=True)]
            ['Open tournament']
        """
        if mode not in _MODES:
            raise InvalidArgumentError(_texts.unknown_mode(mode))
        answer = self._ask_for_hosts(mode, public)
        if isinstance(answer, ParsecError):
            raise answer
        return answer

    def _ask_for_hosts(
        self,
        mode: str | None,
        public: bool | None,  # noqa: FBT001 - as above
    ) -> Hosts | ParsecError:
        api = WebAPI(self.api_url)
        try:
            return api.list_hosts(self.id, mode=mode, public=public)
        except KeyboardInterrupt as interrupt:
            # The frames below hold the request, and with it the session ID.
            raise interrupt.with_traceback(None) from None
        finally:
            api.close()
