"""The hosts that a session can see, and how they are shown in a notebook.

Plain values: no HTTP, and no pandas, which reads a list of dataclasses itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from parsec_nb import _texts


@dataclass(frozen=True)
class Host:
    """A computer or a game that can be connected to (Parsec web API, GET /v2/hosts).

    Attributes:
        peer_id: What a guest connects to.
        name: Its name, as its owner wrote it.
        mode: `desktop` or `game`.
        players: Guests connected now.
        max_players: Guests it admits.
        user_id: Its owner's number.
        user_name: Its owner's name.
        game_id: The game, where mode is `game`.
        description: Its owner's words about it.
        event_name: The event it belongs to, where there is one.
        build: The Parsec build it runs, such as `150-32`.
        public: Whether anyone may see it.
        online: Whether it can be reached now; None where Parsec does not say.
        guest_access: Whether it admits guests; None where Parsec does not say.
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


class Hosts(list[Host]):
    """A list of hosts that a notebook shows as a table.

    `pandas.DataFrame(hosts)` turns it into a data frame.

    Attributes:
        has_more: Whether Parsec holds more hosts than it sent.

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
        """Return the table, every value escaped."""
        if not self:
            return f"<p>{escape(_texts.NO_HOSTS)}</p>"
        head = "".join(
            f'<th scope="col">{name.replace("_", " ")}</th>' for name in _SHOWN
        )
        rows = "".join(
            "<tr>"
            + "".join(f"<td>{_cell(getattr(host, name))}</td>" for name in _SHOWN)
            + "</tr>"
            for host in self
        )
        more = f"<p>{escape(_texts.MORE_HOSTS)}</p>" if self.has_more else ""
        return (
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"
        )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _texts.YES if value else _texts.NO
    return escape(str(value))
