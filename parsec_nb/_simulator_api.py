"""The simulator's three documented endpoints, in JSON.

Handlers over a *State*. The wire format is stated here for a second time, from the
documents alone: nothing is shared with the client.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ._simulator_hosts import sample_hosts
from ._simulator_state import Outcome, State
from ._simulator_web import BaseHandler

if TYPE_CHECKING:
    from collections.abc import Callable

# The C SDK's field gameID is char[72].
MAX_GAME_ID = 71


class _JSONHandler(BaseHandler):
    ALLOW = "POST"

    def fields(self) -> dict[str, Any]:
        """Return the JSON object of the body, empty if it is none."""
        try:
            body = json.loads(self.request.body)
        except (ValueError, RecursionError):
            return {}
        return body if isinstance(body, dict) else {}


class CodesHandler(_JSONHandler):
    """Parsec web API, POST /auth/codes."""

    def initialize(
        self, *, state: State, clock: Callable[[], float], verification_uri: str = ""
    ) -> None:
        super().initialize(state=state, clock=clock)
        self.verification_uri = verification_uri

    def post(self) -> None:
        game_id = self.fields().get("game_id")
        if not isinstance(game_id, str) or not game_id.strip():
            self.fail(400, "game_id is missing: send JSON with a text game_id")
            return
        if len(game_id) > MAX_GAME_ID or not game_id.isprintable():
            self.fail(400, f"game_id is not plain text of at most {MAX_GAME_ID} signs")
            return
        code = self.state.issue(game_id)
        if code is None:
            wait = self.state.seconds_until_room()
            self.fail(503, "too many codes are waiting, try again later", wait=wait)
            return
        interval = self.state.interval
        data = {
            "verification_uri": self.verification_uri,
            "user_code": code.user_code,
            "hash": code.hash,
            "expires_at": int(code.expires),
            "interval": int(interval) if interval == int(interval) else interval,
        }
        self.answer(201, {"data": data})


class SessionsHandler(_JSONHandler):
    """Parsec web API, POST /auth/sessions."""

    def post(self) -> None:
        fields = self.fields()
        code_hash = fields.get("auth_code_hash")
        if fields.get("grant_type") != "auth_code":
            self.fail(400, 'grant_type must be "auth_code"')
            return
        if not isinstance(code_hash, str) or not code_hash:
            self.fail(400, "auth_code_hash is missing")
            return
        poll = self.state.poll(code_hash)
        if poll.outcome is Outcome.TOO_SOON:
            self.fail(429, "polled too soon, slow down", wait=poll.wait)
        elif poll.outcome is Outcome.PENDING:
            self.answer(202, {})
        elif poll.session is None:
            self.fail(401, "the code was denied, has expired or is unknown")
        else:
            data = {
                "id": poll.session.id,
                "user_id": poll.session.user_id,
                "roles": ["host"],
                "host_peer_id": poll.session.host_peer_id,
                "expires_at": int(poll.session.expires),
            }
            self.answer(201, {"data": data})


class HostsHandler(BaseHandler):
    """Parsec web API, GET /v2/hosts."""

    ALLOW = "GET"

    def get(self) -> None:
        scheme, _, session_id = self.request.headers.get("Authorization", "").partition(
            " "
        )
        if scheme.lower() != "bearer" or not session_id.strip():
            self.fail(401, "no session ID in request header")
            return
        session = self.state.session(session_id.strip())
        if session is None:
            self.fail(403, "the session is unknown or has expired")
            return
        mode = self.get_query_argument("mode", None)
        public = self.get_query_argument("public", None)
        if mode not in {None, "desktop", "game"}:
            self.fail(400, "mode must be desktop or game")
        elif public not in {None, "true", "false"}:
            self.fail(400, "public must be true or false")
        else:
            hosts = sample_hosts(
                user_id=session.user_id,
                peer_id=session.host_peer_id,
                mode=mode,
                public=None if public is None else public == "true",
            )
            self.answer(200, {"data": hosts, "has_more": False})
