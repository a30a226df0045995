"""The simulator over real HTTP, as a client, a browser and a proxy meet it."""

from __future__ import annotations

import _thread
import argparse
import http.client
import json
import logging
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
import requests

from parsec_nb import _simulator_pages as pages
from parsec_nb._simulator_command import add_arguments, run
from parsec_nb.simulator import Simulator, SimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "C4N4RYtoken"
BANNER = "Simulator: this is not Parsec. No account, no password."
# A program started in the background of a shell begins with SIGINT ignored.
MAIN = (
    "import argparse, signal, sys\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from parsec_nb._simulator_command import add_arguments, run\n"
    "parser = argparse.ArgumentParser()\n"
    "add_arguments(parser)\n"
    "sys.exit(run(parser.parse_args()))\n"
)


class Clock:
    """A clock that a test moves, and that fails once when told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.25
        self.broken = False

    def __call__(self) -> float:
        """Return Unix seconds."""
        if self.broken:
            self.broken = False
            raise RuntimeError(CANARY)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    """Run a simulator on a free port."""
    with Simulator(clock=clock) as running:
        yield running


def get_code(simulator: Simulator, game_id: str = "a game") -> dict[str, Any]:
    """Ask for a code as a client does."""
    answer = requests.post(
        f"{simulator.url}/auth/codes", json={"game_id": game_id}, timeout=5
    )
    assert answer.status_code == 201
    data: dict[str, Any] = answer.json()["data"]
    return data


def poll(simulator: Simulator, code_hash: str) -> requests.Response:
    """Poll as a client does."""
    return requests.post(
        f"{simulator.url}/auth/sessions",
        json={"grant_type": "auth_code", "auth_code_hash": code_hash},
        timeout=5,
    )


def log_in(simulator: Simulator, clock: Clock) -> dict[str, Any]:
    """Go through a whole login without the pages."""
    code = get_code(simulator)
    assert simulator.approve(code["user_code"])
    clock.now += 5
    data: dict[str, Any] = poll(simulator, code["hash"]).json()["data"]
    return data


class Page(HTMLParser):
    """The forms, links and ids of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the tag."""
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every such tag."""
        return [attrs for name, attrs in self.tags if name == tag]

    def field(self, name: str) -> str:
        """Return the value of an input."""
        values = [a["value"] for a in self.all("input") if a.get("name") == name]
        assert len(values) == 1
        return values[0] or ""

    @property
    def title(self) -> str:
        """Return the title."""
        match = re.search("<title>(.*)</title>", self.html)
        assert match
        return match[1]


class Visitor:
    """A browser without scripts: keeps cookies, fills in forms."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.session = requests.Session()
        self.page = Page("")

    def open(self, path: str = "/activate") -> Page:
        """Go to a page."""
        answer = self.session.get(f"{self.simulator.url}{path}", timeout=5)
        self.page = Page(answer.text)
        return self.page

    def post(
        self, fields: dict[str, str], headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Send the form of the page with these fields besides its token."""
        answer = self.session.post(
            f"{self.simulator.url}/activate",
            data={"token": self.page.field("token"), **fields},
            headers=headers,
            allow_redirects=False,
            timeout=5,
        )
        self.page = Page(answer.text)
        return answer


def raw(simulator: Simulator, request: bytes) -> bytes:
    """Send bytes as they are and return everything that comes back."""
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=5) as sock:
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def test_a_code_has_the_documented_shape(simulator: Simulator, clock: Clock) -> None:
    """POST /auth/codes gives 201 and the five documented fields."""
    data = get_code(simulator)

    assert set(data) == {
        "verification_uri",
        "user_code",
        "hash",
        "expires_at",
        "interval",
    }
    assert data["verification_uri"] == f"{simulator.url}/activate"
    assert re.fullmatch("[A-Z0-9]{8}", data["user_code"])
    assert re.fullmatch("[0-9A-Za-z]{27}", data["hash"])
    assert data["expires_at"] == int(clock.now) + 1800
    assert isinstance(data["expires_at"], int)
    assert data["interval"] == 5
    assert isinstance(data["interval"], int)


def test_the_verification_uri_can_be_another(clock: Clock) -> None:
    """Behind a proxy the client is told the address that a browser needs."""
    uri = "https://hub.example/user/ada/proxy/1/activate"

    with Simulator(clock=clock, verification_uri=uri, interval=0.2) as simulator:
        data = get_code(simulator)

    assert data["verification_uri"] == uri
    assert data["interval"] == 0.2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 10_000,
        b"{}",
        b'{"game_id": ""}',
        b'{"game_id": "  "}',
        b'{"game_id": 5}',
        b'{"game_id": null}',
        b'{"game_id": "\\ud800"}',
        b'{"game_id": "a\\u202eb"}',
        json.dumps({"game_id": "x" * 72}).encode(),
    ],
)
def test_a_code_needs_a_game_id(simulator: Simulator, body: bytes) -> None:
    """Anything but a plain text game_id is answered with 400 and words."""
    answer = requests.post(f"{simulator.url}/auth/codes", data=body, timeout=5)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    assert "game_id" in answer.json()["error"]


def test_a_session_has_the_documented_shape(simulator: Simulator, clock: Clock) -> None:
    """202 while pending, 201 once approved, with the five documented fields."""
    code = get_code(simulator)
    clock.now += 5
    assert poll(simulator, code["hash"]).status_code == 202
    assert simulator.approve(code["user_code"].lower())
    clock.now += 5

    answer = poll(simulator, code["hash"])

    assert answer.status_code == 201
    data = answer.json()["data"]
    assert set(data) == {"id", "user_id", "roles", "host_peer_id", "expires_at"}
    assert re.fullmatch("[0-9a-f]{64}", data["id"])
    assert isinstance(data["user_id"], int)
    assert data["roles"] == ["host"]
    assert re.fullmatch("[0-9A-Za-z]{27}", data["host_peer_id"])
    assert data["expires_at"] == int(clock.now) + 5100


def test_a_session_is_given_once(simulator: Simulator, clock: Clock) -> None:
    """A second poll of an approved code is refused."""
    code = get_code(simulator)
    simulator.approve(code["user_code"])
    clock.now += 5
    assert poll(simulator, code["hash"]).status_code == 201
    clock.now += 5

    answer = poll(simulator, code["hash"])

    assert answer.status_code == 401
    assert answer.json()["error"]


def test_denied_unknown_and_expired_codes_look_alike(
    simulator: Simulator, clock: Clock
) -> None:
    """All three give the same 401."""
    denied, expired = get_code(simulator), get_code(simulator)
    assert simulator.deny(denied["user_code"])
    clock.now += 5
    answers = [poll(simulator, denied["hash"]), poll(simulator, "unknown")]
    clock.now += 1800
    answers.append(poll(simulator, expired["hash"]))

    assert [answer.status_code for answer in answers] == [401] * 3
    assert len({answer.text for answer in answers}) == 1


def test_polls_that_come_too_soon_are_told_to_wait(
    simulator: Simulator, clock: Clock
) -> None:
    """429 says in Retry-After when a poll will be answered, and keeps its word."""
    code = get_code(simulator)
    clock.now += 1.5

    answer = poll(simulator, code["hash"])

    assert answer.status_code == 429
    assert answer.json()["error"]
    assert answer.headers["Retry-After"] == "4"
    clock.now += 4
    assert poll(simulator, code["hash"]).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"grant_type": "password", "auth_code_hash": "x"},
        {"grant_type": "auth_code"},
        {"grant_type": "auth_code", "auth_code_hash": 5},
        {"grant_type": ["auth_code"], "auth_code_hash": "x"},
    ],
)
def test_a_poll_needs_its_fields(simulator: Simulator, body: dict[str, Any]) -> None:
    """A wrong grant_type or no hash is 400, with words."""
    answer = requests.post(f"{simulator.url}/auth/sessions", json=body, timeout=5)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_hosts_are_listed_and_filtered(simulator: Simulator, clock: Clock) -> None:
    """GET /v2/hosts gives what the session may see, by mode and public."""
    session = log_in(simulator, clock)
    headers = {"Authorization": f"Bearer {session['id']}"}

    def hosts(query: str) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{simulator.url}/v2/hosts{query}", headers=headers, timeout=5
        )
        assert answer.status_code == 200
        assert answer.json()["has_more"] is False
        data: list[dict[str, Any]] = answer.json()["data"]
        return data

    assert {host["mode"] for host in hosts("")} == {"desktop", "game"}
    assert {host["mode"] for host in hosts("?mode=game")} == {"game"}
    assert [h["public"] for h in hosts("/?mode=game&public=true")] == [True]
    assert {h["public"] for h in hosts("?mode=desktop&public=false")} == {False}
    own = [host for host in hosts("?mode=desktop") if host["self"]]
    assert own[0]["peer_id"] == session["host_peer_id"]
    assert own[0]["user"]["id"] == session["user_id"]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("token something", 401),
        ("Bearer", 401),
        ("Bearer " + "0" * 64, 403),
    ],
)
def test_hosts_need_a_session(
    simulator: Simulator, header: str | None, status: int
) -> None:
    """No session ID is 401 in the documented words, an unknown one 403."""
    headers = {"Authorization": header} if header else {}

    answer = requests.get(f"{simulator.url}/v2/hosts", headers=headers, timeout=5)

    assert answer.status_code == status
    assert answer.json()["error"]
    if status == 401:
        assert answer.json() == {"error": "no session ID in request header"}


def test_an_expired_session_is_refused(simulator: Simulator, clock: Clock) -> None:
    """A session ends at its expires_at."""
    session = log_in(simulator, clock)
    clock.now += 5100

    answer = requests.get(
        f"{simulator.url}/v2/hosts",
        headers={"Authorization": f"Bearer {session['id']}"},
        timeout=5,
    )

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/auth/codes/", 405, "POST"),
        ("PUT", "/auth/sessions/", 405, "POST"),
        ("POST", "/v2/hosts/", 405, "GET"),
        ("GET", "/auth/nothing", 404, None),
        ("POST", "/v1/auth", 404, None),
        ("GET", "/me", 404, None),
    ],
)
def test_wrong_methods_and_addresses_answer_in_json(
    simulator: Simulator, method: str, path: str, status: int, allow: str | None
) -> None:
    """The API always speaks JSON, also when it refuses."""
    answer = requests.request(method, f"{simulator.url}{path}", timeout=5)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers.get("Allow") == allow
    assert answer.json()["error"]


def test_a_trailing_slash_is_accepted(simulator: Simulator) -> None:
    """Clients use both forms."""
    answer = requests.post(
        f"{simulator.url}/auth/codes/", json={"game_id": "a"}, timeout=5
    )
    polled = requests.post(
        f"{simulator.url}/auth/sessions/",
        json={"grant_type": "auth_code", "auth_code_hash": "x"},
        timeout=5,
    )

    assert answer.status_code == 201
    assert polled.status_code == 401


@pytest.mark.parametrize("path", ["/auth/codes", "/activate"])
def test_a_body_has_a_limit(simulator: Simulator, path: str) -> None:
    """More than 16 KiB is 413, much more is cut off."""
    answer = requests.post(f"{simulator.url}{path}", data=b"x" * 20_000, timeout=5)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"

    assert answer.status_code == 413
    assert raw(simulator, head.encode() + b"x" * 1000).startswith(b"HTTP/1.1 400")


def test_answers_are_dated_by_the_simulators_own_clock(
    simulator: Simulator, clock: Clock
) -> None:
    """A client that compares expires_at with Date sees the whole lifetime."""
    answer = requests.post(
        f"{simulator.url}/auth/codes", json={"game_id": "a"}, timeout=5
    )

    dated = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    assert dated == int(clock.now)
    assert answer.json()["data"]["expires_at"] - dated == 1800


@pytest.mark.parametrize(
    ("decision", "title", "status"),
    [("allow", pages.ALLOWED_TITLE, 201), ("deny", pages.DENIED_TITLE, 401)],
)
def test_a_visitor_decides_on_the_pages(
    simulator: Simulator, clock: Clock, decision: str, title: str, status: int
) -> None:
    """Enter the code, see which game asks, allow or deny; each step has its title."""
    code = get_code(simulator, "<i>game & co</i>")
    typed = f" {code['user_code'][:4].lower()}-{code['user_code'][4:]} "
    visitor = Visitor(simulator)
    titles = [visitor.open().title]

    visitor.post({"user_code": typed})
    titles.append(visitor.page.title)
    assert "&lt;i&gt;game &amp; co&lt;/i&gt;" in visitor.page.html
    assert "<i>" not in visitor.page.html
    assert pages.DECIDE_WARNING in visitor.page.html
    answer = visitor.post({"user_code": code["user_code"], "decision": decision})
    titles.append(visitor.page.title)

    assert answer.status_code == 200
    assert title in visitor.page.title
    assert len(set(titles)) == 3
    clock.now += 5
    assert poll(simulator, code["hash"]).status_code == status


def test_a_code_in_the_address_is_filled_in(simulator: Simulator) -> None:
    """/activate/CODE saves the typing, and decides nothing by itself."""
    code = get_code(simulator)["user_code"]
    visitor = Visitor(simulator)

    page = visitor.open(f"/activate/{code.lower()}")

    assert page.field("user_code") == code
    visitor.post({"user_code": page.field("user_code")})
    assert pages.DECIDE_TITLE in visitor.page.title


def test_a_wrong_code_is_explained_at_the_field(simulator: Simulator) -> None:
    """The same page again, with the error tied to the field, which has the focus."""
    visitor = Visitor(simulator)
    visitor.open()

    visitor.post({"user_code": '"><b>wrong'})

    field = next(a for a in visitor.page.all("input") if a.get("id") == "user-code")
    ids = {attrs.get("id") for _, attrs in visitor.page.tags}
    described = (field["aria-describedby"] or "").split()
    assert described[0] == "error"
    assert set(described) <= ids
    assert field["aria-invalid"] == "true"
    assert "autofocus" in field
    assert pages.WRONG_CODE in visitor.page.html
    assert visitor.page.title.startswith("Error: ")
    assert "<b>" not in visitor.page.html


def test_a_code_cannot_be_decided_twice(simulator: Simulator) -> None:
    """The second answer, or one that comes too late, is told so."""
    code = get_code(simulator)["user_code"]
    visitor = Visitor(simulator)
    visitor.open()
    visitor.post({"user_code": code})
    simulator.deny(code)

    visitor.post({"user_code": code, "decision": "allow"})

    assert pages.GONE_CODE in visitor.page.html


def test_guessing_is_slowed_down(simulator: Simulator, clock: Clock) -> None:
    """After twenty wrong codes in a minute a page says to wait, then it goes on."""
    code = get_code(simulator)["user_code"]
    visitor = Visitor(simulator)
    for _ in range(20):
        visitor.open()
        assert visitor.post({"user_code": "BBBBBBBB"}).status_code == 200

    visitor.open()
    answer = visitor.post({"user_code": code})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert pages.PROBLEMS[429][1] in answer.text
    clock.now += 61
    visitor.open()
    visitor.post({"user_code": code})
    assert pages.DECIDE_TITLE in visitor.page.title


@pytest.mark.parametrize("step", ["enter", "decide"])
@pytest.mark.parametrize(
    "forgery", ["no token", "other's token", "no cookie", "wrong step"]
)
def test_a_form_from_elsewhere_is_refused(
    simulator: Simulator, step: str, forgery: str
) -> None:
    """Each form works only with the token that this visitor got for this step."""
    code = get_code(simulator)["user_code"]

    def at_step() -> Visitor:
        visitor = Visitor(simulator)
        visitor.open()
        if step == "decide":
            visitor.post({"user_code": code})
        return visitor

    visitor, other = at_step(), at_step()
    fields = {"user_code": code}
    if step == "decide":
        fields["decision"] = "allow"
    if forgery == "no token":
        fields["token"] = ""
    elif forgery == "other's token":
        fields["token"] = other.page.field("token")
    elif forgery == "no cookie":
        visitor.session.cookies.clear()
    else:
        fields["user_code"] = "BBBBBBBB"
        fields["decision"] = "deny"

    answer = visitor.post(fields)

    assert answer.status_code == 403
    assert pages.PROBLEMS[403][1] in answer.text
    assert simulator.approve(code) is True


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "hub.example", "Origin": "https://hub.example"}, 200),
        ({"Host": "hub.example", "Origin": "https://evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_foreign_origin_is_refused(
    simulator: Simulator, headers: dict[str, str], status: int
) -> None:
    """What the browser says about the sender must fit the address."""
    visitor = Visitor(simulator)
    visitor.open()
    ((name, value),) = visitor.session.cookies.items()
    sent = {"Cookie": f"{name}={value}", **headers}

    answer = visitor.post({"user_code": get_code(simulator)["user_code"]}, sent)

    assert answer.status_code == status


def test_the_cookie_is_its_own_and_closed_to_scripts(simulator: Simulator) -> None:
    """It has no Path, so that it also fits behind a proxy's prefix, and is kept."""
    visitor = Visitor(simulator)
    first = visitor.session.get(f"{simulator.url}/activate", timeout=5)
    second = visitor.session.get(f"{simulator.url}/activate", timeout=5)

    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith("parsec_nb_simulator=")
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "path" not in cookie.lower()
    assert "Set-Cookie" not in second.headers


PATHS = ["/", "/activate", "/activate/", "/activate/BBBBBBBB", "/activate/x/", "/a/b/c"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("prefix", ["", "/user/ada/proxy/4711"])
def test_every_link_leads_home_behind_a_proxy(
    simulator: Simulator, path: str, prefix: str
) -> None:
    """Links and forms reach /activate under the prefix that was stripped."""
    page = Visitor(simulator).open(path)

    targets = [a["href"] for a in page.all("a")]
    targets += [a["action"] for a in page.all("form")]

    assert targets
    for target in targets:
        shown = f"https://hub.example{prefix}{path}"
        assert urljoin(shown, target) == f"https://hub.example{prefix}/activate"


@pytest.mark.parametrize("path", [*PATHS, "/activate/BBBBBBBB/"])
def test_every_form_can_be_used_from_where_it_is(
    simulator: Simulator, path: str
) -> None:
    """The cookie of a page reaches the target of its form."""
    visitor = Visitor(simulator)

    if visitor.open(path).all("form"):
        visitor.post({"user_code": get_code(simulator)["user_code"]})

        assert pages.DECIDE_TITLE in visitor.page.title


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_marked_and_closed(simulator: Simulator, path: str) -> None:
    """Each says that it is no Parsec, asks for no password and loads nothing."""
    answer = requests.get(f"{simulator.url}{path}", timeout=5)
    page = Page(answer.text)

    assert BANNER in page.html
    assert len(page.all("h1")) == 1
    assert page.all("html") == [{"lang": "en"}]
    assert {a.get("type") for a in page.all("input")} <= {None, "hidden"}
    assert not page.all("script")
    assert "://" not in page.html
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_head_is_answered_on_pages(simulator: Simulator) -> None:
    """A link checker sees that the page is there."""
    assert requests.head(f"{simulator.url}/activate", timeout=5).status_code == 200


def test_nothing_of_a_request_is_logged_or_sent_back(
    simulator: Simulator,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A Jupyter token in a header or query string leaves no trace anywhere."""
    loggers = [logging.getLogger(n) for n in ("", *logging.root.manager.loggerDict)]
    kept = [logger.level for logger in loggers]
    bodies = []
    multipart = (
        "POST /activate HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        "Content-Type: multipart/form-data; boundary="
    )
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=5)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        for method, path in [
            ("GET", "/"),
            ("GET", "/activate"),
            ("POST", "/activate"),
            ("GET", "/nothing"),
            ("DELETE", "/activate"),
            ("BREW", "/activate"),
            ("GET", "/v2/hosts"),
            ("POST", "/auth/codes"),
            ("POST", "/auth/sessions"),
            ("GET", "/auth/codes"),
            ("GET", "/activate/%ff"),
            ("500", "/auth/codes"),
            ("500", "/activate"),
        ]:
            clock.broken = method == "500"
            verb = "GET" if path == "/activate" else "POST"
            connection.request(
                verb if clock.broken else method,
                f"{path}?token={CANARY}&mode={CANARY}",
                body="{}",
                headers={
                    "Authorization": f"token {CANARY}",
                    "Cookie": f"parsec_nb_simulator={CANARY}",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
            )
            answer = connection.getresponse()
            bodies.append(f"{answer.headers}{answer.read().decode()}")
            if method == "500" and path == "/activate":
                assert answer.status == 500
        bodies += [
            raw(simulator, line.encode() + b"\r\n\r\n").decode()
            for line in [
                f"GET /?token={CANARY} HTTP/9",
                f"{CANARY}",
                f"GET / HTTP/1.1\r\nHost: x\r\n{CANARY}",
                f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {CANARY}",
                f"POST / HTTP/1.1\r\nHost: x\r\nX: {CANARY}\r\nContent-Length: 9",
                multipart + CANARY + "\r\n\r\n",
            ]
        ]
    finally:
        connection.close()
        simulator.stop()
        for logger, level in zip(loggers, kept, strict=True):
            logger.setLevel(level)

    captured = capfd.readouterr()
    assert not any(CANARY in body for body in bodies)
    assert CANARY not in caplog.text
    assert CANARY not in captured.out + captured.err
    assert "Traceback" not in captured.err


def test_other_threads_keep_their_tornado_log(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Only the simulator's thread is silent, and no filter stays behind."""
    logger = logging.getLogger("tornado.general")

    logger.warning("from the kernel")
    running = len(logger.filters)
    simulator.stop()

    assert "from the kernel" in caplog.text
    assert len(logger.filters) == running - 1


def test_a_simulator_leaves_nothing_behind() -> None:
    """Threads and descriptors are as before, also with a connection kept open."""

    def left() -> tuple[int, int]:
        descriptors = Path("/proc/self/fd")
        count = len(list(descriptors.iterdir())) if descriptors.exists() else 0
        return threading.active_count(), count

    def once() -> None:
        with Simulator() as simulator:
            sock = socket.create_connection(("127.0.0.1", simulator.port), timeout=5)
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert sock.recv(4) == b"HTTP"
        with sock:
            while sock.recv(65536):
                pass

    once()
    before = left()

    for _ in range(5):
        once()

    assert left() == before


def test_a_simulator_starts_and_stops_again() -> None:
    """It refuses a second start, forgives a second stop, and can be used again."""
    simulator = Simulator()
    assert simulator.running is False
    with pytest.raises(SimulatorError, match=r"start\(\)"):
        _ = simulator.url

    assert simulator.start() is simulator
    with pytest.raises(SimulatorError, match="runs already"):
        simulator.start()
    assert simulator.running is True
    assert simulator.url == f"http://127.0.0.1:{simulator.port}"
    simulator.stop()
    simulator.stop()
    assert simulator.running is False

    with simulator:
        assert requests.get(simulator.url, timeout=5).status_code == 200


def test_ctrl_c_ends_a_simulator_in_the_foreground() -> None:
    """It comes back without an exception, and nothing runs any more."""
    simulator = Simulator()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.1, _thread.interrupt_main)
    timer.start()

    try:
        simulator.run()
    finally:
        timer.join()
        signal.signal(signal.SIGINT, handler)

    assert simulator.running is False


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 300, "192.0.2.1"])
def test_an_address_that_cannot_be_had_is_explained(host: str) -> None:
    """The message names the host and says what to do."""
    with pytest.raises(SimulatorError, match=host):
        Simulator(host=host).start()


def test_a_port_in_use_is_explained(simulator: Simulator) -> None:
    """The message names the port and says what to do."""
    with pytest.raises(SimulatorError, match=f"{simulator.port}.*another port"):
        Simulator(port=simulator.port).start()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 in this Python")
def test_ipv6_addresses_are_bracketed() -> None:
    """The URL can be used as it is."""
    try:
        simulator = Simulator(host="::1").start()
    except SimulatorError:
        pytest.skip("no IPv6 on this machine")
    url = simulator.url
    simulator.stop()
    assert url.startswith("http://[::1]:")
    assert repr(simulator) == "<Simulator stopped>"


def test_the_server_answers_while_the_main_thread_is_busy(
    simulator: Simulator,
) -> None:
    """A cell that blocks the kernel's own loop does not block the simulator."""
    answered: list[int] = []

    def fetch() -> None:
        answered.append(requests.get(simulator.url, timeout=5).status_code)

    thread = threading.Thread(target=fetch)
    thread.start()
    thread.join(5)

    assert answered == [200]


def test_real_time_is_kept() -> None:
    """With the real clock an interval of 0.2 s is 0.2 s."""
    with Simulator(interval=0.2, lifetime=1) as simulator:
        code = get_code(simulator)
        assert poll(simulator, code["hash"]).status_code == 429
        time.sleep(0.2)

        assert poll(simulator, code["hash"]).status_code == 202


@pytest.mark.parametrize(
    "arguments",
    [
        ["--interval", "-1"],
        ["--interval", "0"],
        ["--interval", "nan"],
        ["--interval", "soon"],
        ["--lifetime", "0"],
        ["--lifetime", "1801"],
        ["--lifetime", "inf"],
        ["--port", "-1"],
        ["--port", "65536"],
        ["--port", "x"],
    ],
)
def test_nonsense_on_the_command_line_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Usage errors end with 2 and say what would do."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)

    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(arguments)

    assert stopped.value.code == 2
    assert "give " in capsys.readouterr().err


def test_the_command_line_says_why_it_cannot_start(
    simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port in use ends with 1 and one sentence on stderr."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)

    code = run(parser.parse_args(["--port", str(simulator.port)]))

    captured = capsys.readouterr()
    assert code == 1
    assert captured.out == ""
    assert str(simulator.port) in captured.err
    assert len(captured.err.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one child there")
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_command_serves_until_ctrl_c(host: str) -> None:
    """It prints what to set and what to open, warns, and ends with 0."""
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "--host", host, "--lifetime", "60"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    ) as process:
        assert process.stdout
        assert process.stderr
        try:
            printed = ""
            while "Ctrl-C" not in printed:
                line = process.stdout.readline()
                assert line
                printed += line
            match = re.search(r"PARSEC_API_URL=(\S+)", printed)
            assert match
            assert requests.get(match[1], timeout=5).status_code == 200
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()

    assert process.returncode == 0
    assert f"{match[1]}/activate" in printed
    assert "not Parsec" in printed
    if host == "127.0.0.1":
        assert errors == ""
    else:
        assert errors.startswith("Warning: 0.0.0.0")
        assert len(errors.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_big_room_may_keep_its_connections() -> None:
    """More notebooks than the system's first limit for files are answered."""
    limited = ("sh", "-c", 'ulimit -Sn 64; exec "$@"', "sh")
    command = [*limited, sys.executable, "-m", "parsec_nb", "simulator"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        ExitStack() as connections,
    ):
        connections.callback(process.kill)
        assert process.stdout
        match = None
        while match is None:
            match = re.search(r"PARSEC_API_URL=\S+:(\d+)", process.stdout.readline())
        port = int(match[1])
        for _ in range(100):
            connections.enter_context(
                socket.create_connection(("127.0.0.1", port), timeout=5)
            )
        last = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connections.callback(last.close)
        last.request("GET", "/")

        assert last.getresponse().status == 200
