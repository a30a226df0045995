"""The simulator's HTTP handlers: three JSON endpoints, and the pages for a person.

The wire format is written from the documents alone; nothing is shared with the
client. A Jupyter proxy forwards its own token in headers and query strings, so
nothing of a request is logged or sent back.
"""

from __future__ import annotations

import json
import math
import socket
from dataclasses import asdict
from http.client import responses
from typing import TYPE_CHECKING, Any

from tornado.httputil import format_timestamp
from tornado.netutil import is_valid_ip
from tornado.web import HTTPError, RequestHandler

from . import _pages
from ._data import USER_CODE_LENGTH, is_loopback, normalize_user_code

if TYPE_CHECKING:
    from ._state import Session, State

COOKIE = "parsec_nb_simulator"
MAX_BODY = 16 * 1024
# The C SDK's field gameID is char[72].
MAX_GAME_ID = 71

_API_ROOTS = {
    *("auth", "v1", "v2", "me", "friendships", "hosts", "host-invites"),
    "simulated",
}


class RefusedError(HTTPError):
    """An error with a text for the client, and with seconds to wait."""

    def __init__(self, status: int, text: str = "", *, wait: float = 0.0) -> None:
        super().__init__(status)
        self.text = text
        self.wait = wait


class BaseHandler(RequestHandler):
    """Responds with JSON or a page, to errors too."""

    ALLOW = "GET, HEAD"

    @property
    def state(self) -> State:
        state: State = self.settings["state"]
        return state

    @property
    def address(self) -> str:
        """The visitor's, as far as it is known."""
        hops = self.request.headers.get("X-Forwarded-For", "")
        if hops and self.settings["host"] is None:
            # Behind a hub its proxy adds the last hop; visitors may send the others.
            return hops.rpartition(",")[2].strip()[:64]
        return self.request.remote_ip or ""

    def prepare(self) -> None:
        if not self.has_own_host():
            raise RefusedError(421, "Host names another server than this simulator")
        is_reading = self.request.method in {"GET", "HEAD"}
        if not (is_reading or self.has_own_origin()):
            raise RefusedError(403, "a request from another site is refused")
        if len(self.request.body) > MAX_BODY:
            raise HTTPError(413)
        # Cookies of other servers stay unread: tornado before 6.4.2 takes quadratic
        # time for a quoted one.
        pairs = self.request.headers.get("Cookie", "").split(";")
        own = [p for p in pairs if p.strip().startswith(f"{COOKIE}=") and len(p) < 128]  # noqa: PLR2004
        self.request.headers["Cookie"] = ";".join(own)

    def has_own_host(self) -> bool:
        # A web page can make its own name lead here (DNS rebinding), but no address.
        # The port does not matter: a tunnel changes it.
        bound = self.settings["host"]
        name = self.request.host_name.strip("[]")
        if bound is None or name == bound or is_loopback(name):
            return True
        headers = self.request.headers
        if "X-Forwarded-Context" in headers and headers.get("Connection") == "close":
            # From jupyter-server-proxy, for a hub. A web page could forge the first
            # header, but no browser sends the second one.
            return True
        own_name = socket.gethostname().lower()
        return not is_loopback(bound) and (name == own_name or is_valid_ip(name))

    def has_own_origin(self) -> bool:
        # A proxy may change Host, so Sec-Fetch-Site counts more; over plain http to
        # another machine a browser sends Origin alone.
        headers, host = self.request.headers, self.request.host
        if "Sec-Fetch-Site" in headers:
            return headers["Sec-Fetch-Site"] in {"same-origin", "none"}
        _, _, sender = headers.get("Origin", f"//{host}").partition("//")
        return sender.lower() == host.lower()

    def fields(self) -> dict[str, Any]:
        """Return the JSON object of the body, empty if it is none."""
        media_type, _, _ = self.request.headers.get("Content-Type", "").partition(";")
        # A web page can post any other type to another site without asking first.
        if media_type.strip().lower() != "application/json":
            raise RefusedError(415, "the body must be application/json")
        try:
            fields = json.loads(self.request.body)
        except (ValueError, RecursionError):
            return {}
        return fields if isinstance(fields, dict) else {}

    def session(self) -> Session:
        """Return the session whose ID the request carries."""
        header = self.request.headers.get("Authorization", "")
        scheme, _, session_id = header.partition(" ")
        if scheme.lower() != "bearer" or not session_id.strip():
            raise RefusedError(401, "no session ID in request header")
        session = self.state.session(session_id.strip())
        if session is None:
            raise RefusedError(403, "the session is unknown or has expired")
        return session

    def set_default_headers(self) -> None:
        self.set_header("Server", "parsec-nb-simulator")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", _pages.CONTENT_SECURITY_POLICY)
        # With no-referrer a browser sends "Origin: null" with the page's own forms.
        self.set_header("Referrer-Policy", "same-origin")

    def send(self, content: str | dict[str, Any], status: int = 200) -> None:
        """Finish with a page or with JSON."""
        self.set_status(status)
        # Clients measure expires_at against this header, so both keep one clock.
        self.set_header("Date", format_timestamp(self.state.clock()))
        self.finish(content)

    def send_page(
        self, name: str, heading: str, status: int = 200, error: str = "", **values: Any
    ) -> None:
        """Finish with a page, which tells of an error if there is one."""
        # Given as a function, because it sets a cookie that only forms need.
        values |= {"xsrf_form_html": self.xsrf_form_html, "error": error}
        page = _pages.page(name, self.request.path, heading=heading, **values)
        self.send(page, status)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs["exc_info"][1]
        text = responses.get(status_code, "")
        if isinstance(error, RefusedError):
            text = error.text
            if error.wait:
                self.set_header("Retry-After", str(max(1, math.ceil(error.wait))))
        if status_code == 405:  # noqa: PLR2004
            self.set_header("Allow", self.ALLOW)
        if self.request.path.lstrip("/").partition("/")[0] in _API_ROOTS:
            self.send({"error": text}, status_code)
        else:
            problems = _pages.PROBLEMS
            other = problems[400 if status_code < 500 else 500]  # noqa: PLR2004
            heading, text = problems.get(status_code, other)
            self.send_page("message", heading, status_code, text=text, is_problem=True)


class UnknownHandler(BaseHandler):
    def prepare(self) -> None:
        super().prepare()
        raise HTTPError(404)


class CodesHandler(BaseHandler):
    """Parsec web API, POST /auth/codes."""

    ALLOW = "POST"

    def post(self) -> None:
        game_id = self.fields().get("game_id")
        if not isinstance(game_id, str) or not game_id.strip():
            raise RefusedError(400, "game_id is missing: send JSON with a text game_id")
        if len(game_id) > MAX_GAME_ID or not game_id.isprintable():
            text = f"game_id is not plain text of at most {MAX_GAME_ID} characters"
            raise RefusedError(400, text)
        code = self.state.issue(game_id, self.address)
        interval = self.state.interval
        if code is None:
            raise RefusedError(503, "too many codes are waiting", wait=interval)
        data = {
            "verification_uri": self.settings["verification_uri"],
            "user_code": code.user_code,
            "hash": code.hash,
            "expires_at": int(code.expires_at),
            "interval": int(interval) if interval == int(interval) else interval,
        }
        self.send({"data": data}, 201)


class SessionsHandler(BaseHandler):
    """Parsec web API, POST /auth/sessions."""

    ALLOW = "POST"

    def post(self) -> None:
        fields = self.fields()
        code_hash = fields.get("auth_code_hash")
        if fields.get("grant_type") != "auth_code":
            raise RefusedError(400, 'grant_type must be "auth_code"')
        if not isinstance(code_hash, str) or not code_hash:
            raise RefusedError(400, "auth_code_hash is missing")
        code = self.state.poll(code_hash)
        if code is None:
            raise RefusedError(401, "the code was denied, has expired or is unknown")
        if code.wait:
            raise RefusedError(429, "polled too soon, slow down", wait=code.wait)
        if code.session is None:
            self.send({}, 202)
        else:
            self.send({"data": asdict(code.session)}, 201)


class HostsHandler(BaseHandler):
    """Parsec web API, GET /v2/hosts."""

    ALLOW = "GET"

    def get(self) -> None:
        session = self.session()
        mode = self.get_query_argument("mode", None)
        public = self.get_query_argument("public", None)
        modes, answers = {None, "desktop", "game"}, {None, "true", "false"}
        if mode not in modes or public not in answers:
            text = "mode must be desktop or game, and public true or false"
            raise RefusedError(400, text)
        hosts = [
            host
            for host in self.state.games.hosts(session)
            if mode in {None, host["mode"]}
            if public in {None, "true" if host["public"] else "false"}
        ]
        self.send({"data": hosts, "has_more": False})


class ActivateHandler(BaseHandler):
    """RFC 8628 section 3.3: a person enters a code, then allows or denies it."""

    ALLOW = "GET, HEAD, POST"

    def get(self, prefilled: str | None = None) -> None:
        code = normalize_user_code(prefilled or "")
        self.send_form(code if len(code) == USER_CODE_LENGTH else "")

    head = get

    def post(self, _prefilled: str | None = None) -> None:
        # A Jupyter proxy leaves this check to the server behind it.
        self.check_xsrf_cookie()
        typed = self.get_body_argument("user_code", "")
        decision = self.get_body_argument("decision", "")
        if decision not in {"", "allow", "deny"}:
            raise HTTPError(400)
        visitor = f"{self.address} {self.get_cookie(COOKIE)}"
        wait = self.state.lookup_delay(visitor)
        if wait:
            raise RefusedError(429, wait=wait)
        code = self.state.lookup_code(typed, visitor)
        allow = decision == "allow"
        if code is None or (decision and not self.state.decide(typed, approve=allow)):
            self.send_form("" if decision else typed[:32], _pages.WRONG_CODE)
        elif decision:
            heading = "Login allowed" if allow else "Login denied"
            text = _pages.ALLOWED if allow else _pages.DENIED
            self.send_page("message", heading, text=text, is_problem=False)
        else:
            # What is not ASCII may look like nothing, or like another game_id.
            game_id = code.game_id.encode("ascii", "backslashreplace").decode()
            heading, user_code = "Allow this login?", code.user_code
            self.send_page("decide", heading, code=user_code, game_id=game_id)

    def send_form(self, code: str, error: str = "") -> None:
        self.send_page("enter", "Enter your code", error=error, code=code)
