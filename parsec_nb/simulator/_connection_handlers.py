"""The simulator's HTTP handlers for connections to hosts: JSON, and a page.

The addresses under /simulated are the simulator's own: Parsec's web API has none of
them. The simulated SDK (`parsec_nb.sdk`) is their client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tornado.web import HTTPError

from . import _pages
from ._handlers import BaseHandler, RefusedError

if TYPE_CHECKING:
    from ._connections import Connection
    from ._games import Game


class _JSONHandler(BaseHandler):
    def send_connection(
        self, connection: Connection | None, status: int = 200, game: Game | None = None
    ) -> None:
        if connection is None:
            raise RefusedError(404, "this session has no such connection")
        data = {
            "id": connection.id,
            "state": connection.state,
            "name": connection.host["name"],
            "mode": connection.host["mode"],
        }
        if game is not None:
            is_own = connection.host["user"]["id"] == connection.user_id
            name = "you" if is_own else f"Guest {connection.user_id}"
            user = {"user_id": connection.user_id, "user_name": name}
            data |= user | {"port": game.port, "key": game.key}
        self.send({"data": data}, status)


class ConnectionsHandler(_JSONHandler):
    """Asks a host for a connection."""

    ALLOW = "POST"

    def post(self) -> None:
        fields = self.fields()
        peer_id, secret = fields.get("peer_id"), fields.get("secret", "")
        session = self.session()
        if not isinstance(peer_id, str) or not peer_id:
            raise RefusedError(400, "peer_id is missing")
        if not isinstance(secret, str):
            raise RefusedError(400, "secret must be a text")
        found = self.state.games.find(session, peer_id, secret)
        if found is None:
            raise RefusedError(404, "no host of this peer ID is known")
        host, behaviour, game = found
        opened = self.state.connections.open(session, self.address, host, behaviour)
        self.send_connection(opened, 201, game)


class ConnectionHandler(_JSONHandler):
    """Tells how a connection is, decides about a request for one, ends one."""

    ALLOW = "GET, POST, DELETE"

    def get(self, connection_id: str) -> None:
        session = self.session()
        self.send_connection(self.state.connections.check(connection_id, session.id))

    def post(self, connection_id: str) -> None:
        allow = self.fields().get("allow")
        session = self.session()
        if not isinstance(allow, bool):
            raise RefusedError(400, "allow must be true or false")
        decided = self.state.connections.decide(
            connection_id, allow=allow, session_id=session.id
        )
        self.send_connection(decided)

    def delete(self, connection_id: str) -> None:
        session = self.session()
        if not self.state.connections.close(connection_id, session.id):
            raise RefusedError(404, "this session has no such connection")
        self.send({})


class GamesHandler(BaseHandler):
    """Lists a game that a simulated SDK hosts, or no longer."""

    ALLOW = "POST, DELETE"

    def post(self) -> None:
        if not self.state.games.announce(self.session(), self.fields()):
            raise RefusedError(400, "a field is missing, or is not what it should be")
        self.send({})

    def delete(self) -> None:
        key = self.fields().get("key")
        if not self.state.games.end(self.session().id, key):
            raise RefusedError(404, "this session hosts no such game")
        self.send({})


class RequestsHandler(BaseHandler):
    """A page on which somebody allows or declines the requests that wait."""

    ALLOW = "GET, HEAD, POST"

    def get(self) -> None:
        self.send_list()

    head = get

    def post(self) -> None:
        # A Jupyter proxy leaves this check to the server behind it.
        self.check_xsrf_cookie()
        decision = self.get_body_argument("decision", "")
        if decision not in {"allow", "deny"}:
            raise HTTPError(400)
        allow = decision == "allow"
        connection_id = self.get_body_argument("id", "")
        decided = self.state.connections.decide(connection_id, allow=allow)
        if decided is None:
            self.send_list(_pages.NOT_WAITING)
        else:
            heading = "Connection allowed" if allow else "Connection declined"
            self.send_page("decided", heading, asked=decided, allowed=allow)

    def send_list(self, error: str = "") -> None:
        waiting = self.state.connections.waiting()
        self.send_page("requests", "Connection requests", error=error, waiting=waiting)
