"""The simulator's connections to hosts: its endpoints, and the page for requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb.simulator import _pages as pages
from parsec_nb.simulator._connections import Connections
from parsec_nb.simulator._state import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from .conftest import API, Clock, Visitor

OWN, ASKS, OFFLINE, GAME, FULL, DROPS = range(6)


class Client:
    """A session that connects to hosts.

    Args:
        api: A client of the web API, which logs the session in.
    """

    def __init__(self, api: API) -> None:
        self.api = api
        self.session = api.session()
        self.headers = {"Authorization": f"Bearer {self.session['id']}"}
        hosts = api.request("GET", "/v2/hosts", headers=self.headers).json()["data"]
        self.peers = [host["peer_id"] for host in hosts]

    def request(self, method: str, path: str = "", **options: Any) -> requests.Response:
        """Send a request of this session."""
        headers = self.headers | options.pop("headers", {})
        address = f"/simulated/connections{path}"
        return self.api.request(method, address, headers=headers, **options)

    def open(self, host: int) -> dict[str, Any]:
        """Ask a host for a connection."""
        response = self.request("POST", json={"peer_id": self.peers[host]})
        assert response.status_code == 201
        data: dict[str, Any] = response.json()["data"]
        return data

    def state(self, connection: dict[str, Any]) -> str:
        """Return a connection's state; its HTTP status if it has none."""
        response = self.request("GET", f"/{connection['id']}")
        found = response.json().get("data", {}).get("state")
        return found or str(response.status_code)


@pytest.fixture
def client(api: API) -> Client:
    """A session that connects."""
    return Client(api)


@pytest.mark.parametrize(
    ("host", "state", "mode"),
    [
        (OWN, "connected", "desktop"),
        (ASKS, "waiting", "desktop"),
        (OFFLINE, "offline", "desktop"),
        (GAME, "connected", "game"),
        (FULL, "full", "game"),
        (DROPS, "connected", "game"),
    ],
)
def test_each_host_has_its_way(
    client: Client, host: int, state: str, mode: str
) -> None:
    """A connection has an ID, a state, and the host's name and mode."""
    data = client.open(host)

    assert set(data) == {"id", "state", "name", "mode"}
    assert (data["state"], data["mode"]) == (state, mode)


def test_names_tell_what_hosts_do(client: Client) -> None:
    """A user sees in the list of hosts what will happen."""
    response = client.api.request("GET", "/v2/hosts", headers=client.headers)
    hosts = response.json()["data"]

    words = ["own", "asks first", "switched off", "racing", "full", "bad line"]
    for host, word in zip(hosts, words, strict=True):
        assert word in host["name"]
    assert hosts[FULL]["players"] == hosts[FULL]["max_players"]


@pytest.mark.parametrize(("allow", "state"), [(True, "connected"), (False, "declined")])
def test_the_client_may_decide(
    client: Client,
    allow: bool,  # noqa: FBT001
    state: str,
) -> None:
    """Once: a request that does not wait cannot be decided."""
    connection = client.open(ASKS)
    path = f"/{connection['id']}"
    assert client.state(connection) == "waiting"

    decided = client.request("POST", path, json={"allow": allow})
    again = client.request("POST", path, json={"allow": not allow})

    assert decided.status_code == 200
    assert again.status_code == 404
    assert client.state(connection) == state


def test_a_request_waits_two_minutes(
    client: Client, clock: Clock, visitor: Visitor
) -> None:
    """Then nobody can allow it, and the client is told."""
    connection = client.open(ASKS)
    for _ in range(40):
        clock.now += 2.9
        assert client.state(connection) == "waiting"
    clock.now += 4.1
    assert connection["id"] not in visitor.open("/connections").html

    late = client.request("POST", f"/{connection['id']}", json={"allow": True})

    assert late.status_code == 404
    assert client.state(connection) == "unanswered"


def test_the_bad_line_drops(client: Client, clock: Clock) -> None:
    """After eight seconds; other connections stay."""
    drops, stays = client.open(DROPS), client.open(OWN)
    states = []
    for seconds in (4, 3.9, 0.2, 1):
        clock.now += seconds
        states.append((client.state(drops), client.state(stays)))

    assert [state for state, _ in states] == ["connected"] * 2 + ["lost"] * 2
    assert {state for _, state in states} == {"connected"}


@pytest.mark.parametrize("hosts", [(ASKS, OWN), (OWN, ASKS)])
def test_who_no_longer_asks_is_forgotten(
    client: Client, clock: Clock, visitor: Visitor, hosts: tuple[int, int]
) -> None:
    """A client that was killed leaves neither a connection nor a request."""
    opened = {host: client.open(host) for host in hosts}
    dead, alive = opened[ASKS], opened[OWN]
    clock.now += 9
    assert client.state(alive) == "connected"
    assert dead["id"] in visitor.open("/connections").html
    clock.now += 2

    assert dead["id"] not in visitor.open("/connections").html
    assert client.state(dead) == "404"
    assert client.state(alive) == "connected"


def test_a_simulator_that_was_held_up_forgets_nothing(
    client: Client, clock: Clock
) -> None:
    """A kernel that is busy in C code answers late, and a laptop sleeps."""
    connection = client.open(OWN)
    clock.now += 600

    assert client.state(connection) == "connected"


def test_a_connection_can_be_ended(client: Client) -> None:
    """Once; the request is withdrawn with it."""
    connection = client.open(ASKS)
    path = f"/{connection['id']}"

    statuses = [client.request("DELETE", path).status_code for _ in range(2)]

    assert statuses == [200, 404]
    assert client.state(connection) == "404"


def test_another_session_cannot_touch_it(api: API, client: Client) -> None:
    """It does not even learn that there is such a connection."""
    connection = client.open(ASKS)
    other = Client(api)
    path = f"/{connection['id']}"

    responses = [
        other.request("GET", path),
        other.request("POST", path, json={"allow": True}),
        other.request("DELETE", path),
        other.request("GET", "/unknown"),
    ]

    assert [response.status_code for response in responses] == [404] * 4
    assert len({response.text for response in responses}) == 1
    assert client.state(connection) == "waiting"


def test_the_own_computer_is_only_ones_own(api: API, client: Client) -> None:
    """Another session's peer ID is no host of the list."""
    stranger = Client(api)

    response = client.request("POST", json={"peer_id": stranger.peers[OWN]})

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("header", "status"), [({}, 401), ({"Authorization": f"Bearer {'0' * 64}"}, 403)]
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("GET", "/x"), ("POST", "/x"), ("DELETE", "/x")]
)
def test_a_session_is_needed(
    api: API, method: str, path: str, header: dict[str, str], status: int
) -> None:
    """As for the list of hosts."""
    body = {"json": {"peer_id": "x", "allow": True}} if method == "POST" else {}

    response = api.request(
        method, f"/simulated/connections{path}", headers=header, **body
    )

    assert response.status_code == status
    assert response.json()["error"]


def test_an_expired_session_ends_with_its_connections(
    client: Client, clock: Clock
) -> None:
    """The client learns that it has to log in again."""
    connection = client.open(OWN)
    clock.now += 5200

    assert client.state(connection) == "403"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"peer_id": 5}', b'{"peer_id": ""}', b"\xff"]
)
def test_a_connection_needs_a_peer_id(client: Client, body: bytes) -> None:
    """What has none is 400; an unknown one is 404."""
    headers = {"Content-Type": "application/json"}

    response = client.request("POST", data=body, headers=headers)
    unknown = client.request("POST", json={"peer_id": "../../etc/passwd"})

    assert response.status_code == 400
    assert "peer_id" in response.json()["error"]
    assert unknown.status_code == 404


@pytest.mark.parametrize("allow", [None, 1, "true", []])
def test_a_decision_is_true_or_false(client: Client, allow: object) -> None:
    """Anything else decides nothing."""
    connection = client.open(ASKS)

    response = client.request("POST", f"/{connection['id']}", json={"allow": allow})

    assert response.status_code == 400
    assert client.state(connection) == "waiting"


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_another_site_can_change_nothing(
    client: Client, method: str, header: dict[str, str]
) -> None:
    """Even with the session ID: no connection is begun, decided or ended."""
    connection = client.open(ASKS)
    path = f"/{connection['id']}"

    response = client.request(method, path, json={"allow": True}, headers=header)
    begun = client.request("POST", json={"peer_id": client.peers[OWN]}, headers=header)

    assert {response.status_code, begun.status_code} <= {403, 421}
    assert client.state(connection) == "waiting"


@pytest.mark.parametrize("path", ["", "/x"])
@pytest.mark.parametrize("content_type", [None, "text/plain"])
def test_it_takes_json_alone(
    client: Client, path: str, content_type: str | None
) -> None:
    """What a web page can post to another site without asking first is 415."""
    headers = {"Content-Type": content_type} if content_type else {}

    response = client.request("POST", path, data=b'{"allow": true}', headers=headers)

    assert response.status_code == 415


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "", "POST"),
        ("PUT", "/x", "GET, POST, DELETE"),
        ("DELETE", "", "POST"),
    ],
)
def test_wrong_methods_respond_in_json(
    client: Client, method: str, path: str, allow: str
) -> None:
    """They say which ones there are."""
    response = client.request(method, path)

    assert response.status_code == 405
    assert response.headers["Allow"] == allow
    assert response.json()["error"]


def session(number: int) -> Session:
    """Return a session without a login."""
    return Session(f"session {number}", number, "own", 2**40)


def test_a_session_has_few_connections(clock: Clock) -> None:
    """The ninth forgets the first."""
    connections = Connections(clock)
    opened = [
        connections.open(session(1), "visitor", {"name": "host"}, "connects")
        for _ in range(9)
    ]

    found = [connections.check(each.id, "session 1") for each in opened]

    assert found == [None, *opened[1:]]


def test_a_visitor_with_many_makes_room(clock: Clock) -> None:
    """When the memory is full, others keep theirs."""
    connections = Connections(clock, capacity=10)
    host = {"name": "host"}
    honest = connections.open(session(0), "honest", host, "asks")
    for number in range(1, 100):
        connections.open(session(number), "flood", host, "asks")

    assert len(connections._kept) == 10
    assert connections.check(honest.id, "session 0") is honest
    assert len(connections.waiting()) == 10


def test_the_page_shows_a_part_of_many(clock: Clock) -> None:
    """The newest request of each session, fifty at most."""
    connections = Connections(clock)
    host = {"name": "host"}
    for number in range(80):
        clock.now += 0.01
        connections.open(session(number // 2 * 2), "visitor", host, "asks")

    shown = [each.user_id for each in connections.waiting()]

    assert shown == [*range(78, -1, -2)]
    for number in range(100, 200):
        connections.open(session(number), "visitor", host, "asks")
    assert len(connections.waiting()) == 50


def test_a_clock_that_goes_back_loses_nothing(client: Client, clock: Clock) -> None:
    """A connection and a request live on."""
    connected, waiting = client.open(OWN), client.open(ASKS)
    clock.now -= 3600

    assert client.state(connected) == "connected"
    assert client.state(waiting) == "waiting"


def test_many_threads_connect_at_once(api: API, clock: Clock) -> None:
    """Every method may be called from any thread."""
    connections = Connections(clock)

    def use(number: int) -> bool:
        own = session(number)
        opened = connections.open(own, "visitor", {"name": "host"}, "asks")
        connections.waiting()
        decided = connections.decide(opened.id, allow=True)
        checked = connections.check(opened.id, own.id)
        return (
            decided is checked is opened
            and opened.state == "connected"
            and connections.close(opened.id, own.id)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(300)))
    assert connections._kept == {}


# The page.


@pytest.mark.parametrize(
    ("decision", "state", "title"),
    [
        ("allow", "connected", "Connection allowed"),
        ("deny", "declined", "Connection declined"),
    ],
)
def test_somebody_else_decides_on_the_page(
    client: Client, visitor: Visitor, decision: str, state: str, title: str
) -> None:
    """It is linked from the page for codes, and says who asks for what."""
    connection = client.open(ASKS)
    links = [link["href"] for link in visitor.open("/activate").all("a")]
    page = visitor.open(f"/{links[0]}")
    shown = page.html

    response = visitor.decide(connection["id"], decision)

    assert links == ["connections"]
    assert page.title == "Connection requests"
    user_id = client.session["user_id"]
    assert f"User {user_id} asks to connect to <bdi>{connection['name']}" in shown
    assert client.session["id"] not in shown + visitor.page.html
    assert response.status_code == 200
    assert visitor.page.title == title
    assert client.state(connection) == state


def test_the_page_says_when_nobody_asks(client: Client, visitor: Visitor) -> None:
    """Connected, full and offline hosts are no requests."""
    for host in (OWN, OFFLINE, FULL, DROPS):
        client.open(host)

    page = visitor.open("/connections")

    assert "Nobody asks for a connection now" in page.html
    assert not page.all("form")


def test_buttons_tell_which_request_they_are_for(api: API, visitor: Visitor) -> None:
    """Those of each form are described by its text."""
    for client in [Client(api) for _ in range(3)]:
        client.open(ASKS)

    page = visitor.open("/connections")

    ids = [attrs["id"] for attrs in page.all("p") if attrs.get("id")]
    described = [button["aria-describedby"] for button in page.all("button")]
    assert len(ids) == len(set(ids)) == 3
    assert described == [each for each in ids for _ in range(2)]


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_what_does_not_wait_is_explained(
    client: Client, visitor: Visitor, decision: str
) -> None:
    """A request that was decided, that ended, or that never was."""
    decided, ended = client.open(ASKS), client.open(ASKS)
    visitor.open("/connections")
    client.request("POST", f"/{decided['id']}", json={"allow": True})
    client.request("DELETE", f"/{ended['id']}")
    client.open(ASKS)

    for connection_id in (decided["id"], ended["id"], "", '"><b>', "x" * 9_000):
        visitor.open("/connections")
        response = visitor.decide(connection_id, decision)

        assert response.status_code == 200
        assert pages.NOT_WAITING in response.text
        assert "<b>" not in response.text
        assert visitor.page.title == "Error: Connection requests"
    assert client.state(decided) == "connected"


@pytest.mark.parametrize("forgery", ["no token", "other's token", "no cookie"])
def test_a_form_from_elsewhere_is_refused(
    client: Client, new_visitor: Callable[[], Visitor], forgery: str
) -> None:
    """A form works only with the token and the cookie that this visitor got."""
    connection = client.open(ASKS)
    visitor, other = new_visitor(), new_visitor()
    token = visitor.open("/connections").all("input")[0]["value"] or ""
    if forgery == "no token":
        token = ""
    elif forgery == "other's token":
        token = other.open("/connections").all("input")[0]["value"] or ""
    else:
        visitor.session.cookies.clear()

    response = visitor.decide(connection["id"], "allow", token)

    assert response.status_code == 403
    assert pages.FOREIGN_FORM in response.text
    assert client.state(connection) == "waiting"


@pytest.mark.parametrize("decision", ["", "perhaps"])
def test_an_unknown_decision_is_refused(
    client: Client, visitor: Visitor, decision: str
) -> None:
    """A decision that no button sends changes nothing."""
    connection = client.open(ASKS)
    visitor.open("/connections")

    assert visitor.decide(connection["id"], decision).status_code == 400
    assert client.state(connection) == "waiting"
