"""A simulator whose clock a test moves, and the clients that speak to it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
import requests

from parsec_nb.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Clock:
    """Stands still until a test moves it; raises once if *broken* is set."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.25
        self.broken = ""

    def __call__(self) -> float:
        """Return Unix seconds."""
        if self.broken:
            message, self.broken = self.broken, ""
            raise RuntimeError(message)
        return self.now


class API:
    """A client of the web API, as the documents describe one."""

    def __init__(self, simulator: Simulator, clock: Clock) -> None:
        self.url = simulator.url
        self._simulator = simulator
        self._clock = clock
        self._http = requests.Session()

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._http.request(method, f"{self.url}{path}", timeout=5, **options)

    def code(self, game_id: str = "a game") -> dict[str, Any]:
        """Return a new code."""
        response = self.request("POST", "/auth/codes", json={"game_id": game_id})
        assert response.status_code == 201
        data: dict[str, Any] = response.json()["data"]
        return data

    def poll(self, code_hash: str) -> requests.Response:
        """Poll once."""
        fields = {"grant_type": "auth_code", "auth_code_hash": code_hash}
        return self.request("POST", "/auth/sessions", json=fields)

    def session(self) -> dict[str, Any]:
        """Return a new session, approved without the pages."""
        code = self.code()
        assert self._simulator.approve(code["user_code"])
        self._clock.now += 5
        data: dict[str, Any] = self.poll(code["hash"]).json()["data"]
        return data

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


class Page(HTMLParser):
    """The tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every such tag."""
        return [attrs for name, attrs in self.tags if name == tag]

    def field(self, name: str) -> str:
        """Return the value of an input."""
        (value,) = [a["value"] for a in self.all("input") if a.get("name") == name]
        return value or ""

    @property
    def title(self) -> str:
        """The title."""
        match = re.search("<title>(.*) - Simulator, not Parsec</title>", self.html)
        assert match
        return match[1]


class Visitor:
    """A browser without scripts: keeps cookies, fills in forms."""

    def __init__(self, simulator: Simulator) -> None:
        self.url = simulator.url
        self.session = requests.Session()
        self.page = Page("")

    def open(self, path: str = "/activate") -> Page:
        """Go to a page."""
        response = self.session.get(f"{self.url}{path}", timeout=5)
        self.page = Page(response.text)
        return self.page

    def post(
        self, fields: dict[str, str], headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Send the form of the page with these fields besides its token."""
        response = self.session.post(
            f"{self.url}/activate",
            data={"_xsrf": self.page.field("_xsrf"), **fields},
            headers=headers,
            allow_redirects=False,
            timeout=5,
        )
        self.page = Page(response.text)
        return response

    def decide(
        self, connection_id: str, decision: str, token: str | None = None
    ) -> requests.Response:
        """Decide about a request for a connection, on the page that lists them."""
        tokens = [a["value"] for a in self.page.all("input") if a["name"] == "_xsrf"]
        response = self.session.post(
            f"{self.url}/connections",
            data={
                "_xsrf": tokens[0] if token is None else token,
                "id": connection_id,
                "decision": decision,
            },
            timeout=5,
        )
        self.page = Page(response.text)
        return response


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    """A simulator on a free port."""
    with Simulator(clock=clock) as running:
        yield running


@pytest.fixture
def api(simulator: Simulator, clock: Clock) -> Iterator[API]:
    """A client of the simulator's web API."""
    client = API(simulator, clock)
    yield client
    client.close()


@pytest.fixture
def new_visitor(simulator: Simulator) -> Iterator[Callable[[], Visitor]]:
    """A function that returns another visitor of the simulator's pages."""
    visitors: list[Visitor] = []

    def visit() -> Visitor:
        visitors.append(Visitor(simulator))
        visitors[-1].open()
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.session.close()


@pytest.fixture
def visitor(new_visitor: Callable[[], Visitor]) -> Visitor:
    """A visitor of the simulator's pages, before the form for a code."""
    return new_visitor()
