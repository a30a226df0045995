"""The simulator's pages, on which a code is entered and then allowed or denied.

Handlers over a *State*; the HTML is made elsewhere. A Jupyter proxy checks no
cross-site posts for what stands behind it, so every form carries its own token.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from . import _simulator_pages as pages
from ._simulator_names import USER_CODE_LENGTH, normalize_user_code
from ._simulator_web import BaseHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._simulator_state import State

COOKIE = "parsec_nb_simulator"


class StartHandler(BaseHandler):
    ALLOW = "GET, HEAD"

    def get(self) -> None:
        self.page(pages.start_page(self.request.path))

    head = get


class ActivateHandler(BaseHandler):
    """RFC 8628 section 3.3: enter a code, then allow or deny it."""

    ALLOW = "GET, HEAD, POST"

    def initialize(
        self, *, state: State, clock: Callable[[], float], key: bytes = b""
    ) -> None:
        super().initialize(state=state, clock=clock)
        self.key = key

    def get(self, given: str | None = None) -> None:
        code = normalize_user_code(given or "")
        self.enter(code if len(code) == USER_CODE_LENGTH else "")

    head = get

    def post(self, _given: str | None = None) -> None:
        typed = self.get_body_argument("user_code", "")
        decision = self.get_body_argument("decision", "")
        code = normalize_user_code(typed)
        if not self.is_own_form(f"decide {code}" if decision else "enter"):
            self.send_error(403)
        elif decision:
            self.decide(code, decision)
        elif not code:
            self.enter("", error=pages.EMPTY_CODE)
        else:
            self.look_up(code, typed)

    def look_up(self, code: str, typed: str) -> None:
        wait = self.state.guess_wait()
        if wait > 0:
            self.send_error(429, wait=wait)
            return
        found = self.state.guess(code)
        if found is None:
            self.enter(typed[:32], error=pages.WRONG_CODE)
            return
        token = self.token(f"decide {found.user_code}")
        path = self.request.path
        self.page(
            pages.decide_page(path, token, code=found.user_code, game_id=found.game_id)
        )

    def decide(self, code: str, decision: str) -> None:
        allow = decision == "allow"
        if not allow and decision != "deny":
            self.send_error(400)
        elif self.state.approve(code) if allow else self.state.deny(code):
            self.page(pages.result_page(allowed=allow))
        else:
            self.enter("", error=pages.GONE_CODE)

    def enter(self, code: str, *, error: str = "") -> None:
        path = self.request.path
        html = pages.enter_page(path, self.token("enter"), code=code, error=error)
        self.page(html)

    def token(self, purpose: str) -> str:
        """Return the form token of this visitor, setting the cookie if there is none.

        The cookie has no Path: behind a proxy the browser's default, the directory
        of the page it sees, is the only right one.
        """
        visitor = self.visitor()
        if visitor is None:
            visitor = secrets.token_hex(16)
            self.set_cookie(COOKIE, visitor, path="", httponly=True, samesite="Lax")
        return self.sign(visitor, purpose)

    def visitor(self) -> str | None:
        value = self.get_cookie(COOKIE)
        return value if value and re.fullmatch("[0-9a-f]{32}", value) else None

    def sign(self, visitor: str, purpose: str) -> str:
        message = f"{visitor} {purpose}".encode()
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()

    def is_own_form(self, purpose: str) -> bool:
        visitor = self.visitor()
        if visitor is None or not self.is_own_origin():
            return False
        token = self.get_body_argument("token", "")
        expected = self.sign(visitor, purpose)
        return hmac.compare_digest(token.encode(), expected.encode())

    def is_own_origin(self) -> bool:
        """Tell whether the post comes from this address, as far as it says.

        A browser's Sec-Fetch-Site is the better witness, since a proxy may change
        Host; over plain http to another machine only Origin is sent.
        """
        site = self.request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = self.request.headers.get("Origin")
        if origin is None:
            return True
        return urlsplit(origin).netloc.lower() == self.request.host.lower()
