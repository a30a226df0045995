"""The values of a login: codes, sessions, hosts, and what a request returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from html import escape
from typing import TypeAlias

from parsec_nb._api import messages
from parsec_nb._api.environment import DEFAULT_API_URL, checked_api_url
from parsec_nb._api.secret import Secret, SessionID, is_secret
from parsec_nb._api.url import parse_url
from parsec_nb.errors import InvalidArgumentError, ParsecError

_MODES = (None, "desktop", "game")


@dataclass(frozen=True)
class AuthCode:
    """A code that the user approves in a browser (RFC 8628 §3.2).

    Attributes:
        user_code: What the user types, such as `ABCD3456`.
        verification_uri: Where the user types it, as Parsec sent it.
        expires_at: When the code expires, by Parsec's clock; aware, UTC.
        interval: Seconds to wait before each poll.
        lifetime: Seconds from its arrival until it expires, at most 1800.
        auth_code_hash: What a poll sends; a secret.

    Example:
        >>> code = pending.auth_code
        >>> code
        AuthCode(user_code='...', verification_uri='...', expires_at=..., interval=...)
        >>> code.expires_at.tzname(), 0 < code.lifetime <= 1800
        ('UTC', True)
        >>> code.auth_code_hash
        Secret('…')
    """

    user_code: str
    verification_uri: str
    expires_at: datetime
    interval: float
    lifetime: float = field(repr=False)
    auth_code_hash: Secret = field(repr=False)


@dataclass(frozen=True)
class Session:
    """An approved login (Parsec web API, POST /auth/sessions, 201).

    Attributes:
        id: The session ID, as the SDK needs it.
        user_id: The number of the user who approved, where known.
        roles: The session's roles as Parsec names them; for display only.
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

    id: SessionID
    user_id: int | None = None
    roles: tuple[str, ...] = ()
    host_peer_id: str = ""
    expires_at: datetime | None = None
    api_url: str = DEFAULT_API_URL
    game_id: str = ""

    @classmethod
    def from_id(cls, session_id: str, *, api_url: str | None = None) -> Session:
        """Make a session from an ID that you already have, without any request.

        Args:
            session_id: The session ID; white space around it is dropped.
            api_url: The web API that issued it; see `parsec_nb.login`.

        Raises:
            InvalidArgumentError: It is empty, or has a character that no session
                ID has.

        Example:
            >>> session = Session.from_id(session_id)
            >>> len(session.hosts())
            6
        """
        given = SessionID(session_id.strip() if isinstance(session_id, str) else "")
        # A verbose traceback shows the variables of its frames.
        del session_id
        if not is_secret(given):
            raise InvalidArgumentError(messages.NOT_A_SESSION_ID)
        return cls(id=given, api_url=checked_api_url(api_url))

    @property
    def expired(self) -> bool:
        """Whether `expires_at` has passed; False where that is not known.

        Example:
            >>> session.expired
            False
            >>> Session.from_id("0" * 64).expired  # only Parsec knows
            False
        """
        now = datetime.now(timezone.utc)
        return self.expires_at is not None and self.expires_at <= now

    @property
    def simulated(self) -> bool:
        """Whether a simulator on this machine issued it: plain http to loopback.

        Example:
            >>> session.simulated
            True
        """
        url = parse_url(self.api_url)
        return url is not None and url.scheme == "http" and url.is_loopback

    def hosts(self, mode: str | None = None, public: bool | None = None) -> Hosts:  # noqa: FBT001 - the web API's two filters, in its order
        """Return the hosts that this session can see (GET /v2/hosts).

        Takes at most 10 s, in the calling thread. A notebook shows the result
        as a table, and `pandas.DataFrame(hosts)` takes it.

        Args:
            mode: `desktop` or `game`; None for both.
            public: Only public hosts, or only private ones; None for both.

        Raises:
            SessionExpiredError: Parsec no longer accepts the session.
            UnreachableError: Parsec sent no usable response.
            APIError: Parsec refused.
            InvalidArgumentError: *mode* is neither of the two.

        Example:
            >>> [host.name for host in session.hosts(mode="game", public=True)]
            ['Open tournament (bad line)']
        """
        from parsec_nb._api.client import list_hosts  # noqa: PLC0415 - slow to load, and imports this module

        if mode not in _MODES:
            raise InvalidArgumentError(messages.UNKNOWN_MODE.format(mode=mode))
        result = list_hosts(self, mode=mode, public=public)
        if isinstance(result, ParsecError):
            raise result
        return result


@dataclass(frozen=True)
class Pending:
    """202 from POST /auth/sessions: neither approved nor denied yet."""


@dataclass(frozen=True)
class Approved:
    """201 from POST /auth/sessions, or a session that existed before.

    Attributes:
        session: The session.
        origin: Where an existing session comes from, as text to show.
    """

    session: Session
    origin: str = ""


@dataclass(frozen=True)
class Denied:
    """401 from POST /auth/sessions: denied, invalid or expired."""


@dataclass(frozen=True)
class TransientFailure:
    """No response, or one that does not settle the login.

    Attributes:
        reason: What happened, as text that follows "Can't reach Parsec:".
        error: The error to raise if no retry is left.
        retry_after: Seconds that Parsec asked to wait, where it did.
        slow_down: Whether Parsec reported too many requests (429).
        approved: Whether it was an approval whose session could not be read.
    """

    reason: str
    error: ParsecError
    retry_after: float | None = None
    slow_down: bool = False
    approved: bool = False


# What requests return. An error is returned, not raised: an exception would keep the
# frames that it came from, and with them the secrets.
CodeResult: TypeAlias = AuthCode | TransientFailure | ParsecError
PollResult: TypeAlias = Pending | Approved | Denied | TransientFailure | ParsecError


@dataclass(frozen=True)
class Host:
    """A computer or a game to connect to (Parsec web API, GET /v2/hosts).

    Attributes:
        peer_id: What a guest connects to.
        name: Its name, as its owner wrote it.
        mode: `desktop` or `game`.
        players: Guests connected now.
        max_players: Guests it admits.
        user_id: Its owner's number.
        user_name: Its owner's name.
        game_id: The game, where mode is `game`.
        description: Its owner's description.
        event_name: The event it belongs to, where there is one.
        build: The Parsec build it runs, such as `150-32`.
        public: Whether every user may see it.
        online: Whether it can be reached now; None where Parsec does not tell.
        guest_access: Whether it admits guests; None where Parsec does not tell.
        is_self: Whether it is the host of this very session.

    Example:
        >>> host = session.hosts()[0]
        >>> host.name, host.mode, host.online, host.is_self
        ('My own computer', 'desktop', True, True)
    """

    peer_id: str
    name: str = ""
    mode: str = ""
    players: int | None = None
    max_players: int | None = None
    user_id: int | None = None
    user_name: str = ""
    game_id: str = ""
    description: str = ""
    event_name: str = ""
    build: str = ""
    public: bool | None = None
    online: bool | None = None
    guest_access: bool | None = None
    is_self: bool = False


_SHOWN = ("name", "mode", "players", "max_players", "user_name", "online", "peer_id")
_MAX_ROWS = 200


class Hosts(list[Host]):
    """A list of hosts that a notebook shows as a table.

    `pandas.DataFrame(hosts)` turns it into a data frame.

    Attributes:
        has_more: Whether Parsec has more hosts than it sent.

    Example:
        >>> hosts = session.hosts()
        >>> [host.name for host in hosts if host.online is False]
        ['Office PC (switched off)']
        >>> hosts.has_more
        False
        >>> import pandas
        >>> pandas.DataFrame(hosts)["mode"].value_counts().to_dict()
        {'desktop': 3, 'game': 3}
    """

    def __init__(
        self, hosts: list[Host] | None = None, *, has_more: bool = False
    ) -> None:
        super().__init__(hosts or [])
        self.has_more = has_more

    def _repr_html_(self) -> str:
        if not self:
            return f"<p>{messages.NO_HOSTS}</p>"
        head = "".join(f'<th scope="col">{n.replace("_", " ")}</th>' for n in _SHOWN)
        rows = "".join(
            f"<tr>{''.join(_cell(getattr(host, name)) for name in _SHOWN)}</tr>"
            for host in self[:_MAX_ROWS]
        )
        hidden = len(self) - _MAX_ROWS
        more = f"<p>{messages.HIDDEN_HOSTS.format(hidden)}</p>" if hidden > 0 else ""
        more += f"<p>{messages.MORE_HOSTS}</p>" if self.has_more else ""
        return (
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"
        )


def _cell(value: object) -> str:
    shown = {None: "", True: messages.YES, False: messages.NO}
    if value is None or isinstance(value, bool):
        return f"<td>{shown[value]}</td>"
    return f"<td>{escape(str(value))}</td>"
