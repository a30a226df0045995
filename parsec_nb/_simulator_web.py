"""What all answers of the simulator have in common.

A tornado handler that answers in JSON or with a page, and errors in words. A Jupyter
proxy forwards its own token in headers and query strings, so nothing of a request is
ever logged or sent back from here.
"""

from __future__ import annotations

import json
import logging
import math
from typing import TYPE_CHECKING, Any

from tornado.httputil import format_timestamp
from tornado.web import RequestHandler

from . import _simulator_pages as pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from ._simulator_state import State

MAX_BODY = 16 * 1024

_API_ROOTS = frozenset(
    {"auth", "v1", "v2", "me", "friendships", "hosts", "host-invites", "enterprise"}
)
_WORDS = {
    400: "bad request",
    404: "no such endpoint",
    405: "method not allowed",
    413: "request body too large",
    500: "internal error of the simulator",
}
_LOG = logging.getLogger("parsec_nb.simulator")


class BaseHandler(RequestHandler):
    """Errors in words; silent in the log."""

    ALLOW = ""

    def initialize(self, *, state: State, clock: Callable[[], float]) -> None:
        self.state = state
        self.clock = clock

    def prepare(self) -> Awaitable[None] | None:
        if len(self.request.body) > MAX_BODY:
            self.send_error(413)
        return None

    def set_default_headers(self) -> None:
        self.set_header("Server", "parsec-nb-simulator")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def compute_etag(self) -> str | None:
        return None

    def is_api(self) -> bool:
        return self.request.path.lstrip("/").partition("/")[0] in _API_ROOTS

    def answer(self, status: int, payload: dict[str, Any]) -> None:
        self._dated(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(payload))

    def fail(self, status: int, words: str, *, wait: float | None = None) -> None:
        if wait is not None:
            self.set_header("Retry-After", str(whole_seconds(wait)))
        self.answer(status, {"error": words})

    def page(self, html: str, *, status: int = 200) -> None:
        self._dated(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", pages.CONTENT_SECURITY_POLICY)
        # With no-referrer a browser sends "Origin: null" with the page's own forms.
        self.set_header("Referrer-Policy", "same-origin")
        self.finish(html)

    def _dated(self, status: int) -> None:
        self.set_status(status)
        # Clients measure expires_at against this header, so both keep one clock.
        self.set_header("Date", format_timestamp(self.clock()))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        if status_code == 405:  # noqa: PLR2004
            self.set_header("Allow", self.ALLOW)
        if "wait" in kwargs:
            self.set_header("Retry-After", str(whole_seconds(kwargs["wait"])))
        if self.is_api():
            words = _WORDS.get(status_code, _WORDS[400 if status_code < 500 else 500])  # noqa: PLR2004
            self.fail(status_code, words)
        else:
            html = pages.problem_page(self.request.path, status_code)
            self.page(html, status=status_code)

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,  # noqa: ARG002
        tb: TracebackType | None,  # noqa: ARG002
    ) -> None:
        _LOG.debug("a request failed: %s", typ.__name__ if typ else "unknown")


class UnknownHandler(BaseHandler):
    """Any other address."""

    def prepare(self) -> Awaitable[None] | None:
        self.send_error(404)
        return None


def whole_seconds(seconds: float) -> int:
    """Round a wait up to a Retry-After, which has no fractions and is at least 1."""
    return max(1, math.ceil(seconds))
