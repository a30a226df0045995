"""The simulator's web API over HTTP: shapes, statuses and headers."""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests

from parsec_nb.simulator import Simulator

if TYPE_CHECKING:
    from .conftest import API, Clock


def test_a_code_has_the_documented_shape(
    api: API, simulator: Simulator, clock: Clock
) -> None:
    """POST /auth/codes gives 201 and the five documented fields."""
    data = api.code()

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
def test_a_code_needs_a_game_id(api: API, body: bytes) -> None:
    """A body without a plain text game_id is 400, with a text about it."""
    headers = {"Content-Type": "application/json"}

    response = api.request("POST", "/auth/codes", data=body, headers=headers)

    assert response.status_code == 400
    assert "game_id" in response.json()["error"]


def test_a_session_has_the_documented_shape(
    api: API, simulator: Simulator, clock: Clock
) -> None:
    """A poll gives 202 while pending, 201 and five documented fields once approved."""
    code = api.code()
    clock.now += 5
    assert api.poll(code["hash"]).status_code == 202
    assert simulator.approve(code["user_code"].lower())
    clock.now += 5

    response = api.poll(code["hash"])

    assert response.status_code == 201
    data = response.json()["data"]
    assert set(data) == {"id", "user_id", "roles", "host_peer_id", "expires_at"}
    assert re.fullmatch("[0-9a-f]{64}", data["id"])
    assert isinstance(data["user_id"], int)
    assert data["roles"] == ["host"]
    assert re.fullmatch("[0-9A-Za-z]{27}", data["host_peer_id"])
    assert data["expires_at"] == int(clock.now) + 5100


def test_denied_unknown_and_expired_codes_look_alike(
    api: API, simulator: Simulator, clock: Clock
) -> None:
    """All three give the same 401."""
    denied, expired = api.code(), api.code()
    assert simulator.deny(denied["user_code"])
    clock.now += 5

    responses = [api.poll(denied["hash"]), api.poll("unknown")]
    clock.now += 1800
    responses.append(api.poll(expired["hash"]))

    assert [response.status_code for response in responses] == [401] * 3
    assert len({response.text for response in responses}) == 1


def test_a_poll_that_comes_too_soon_is_429(api: API, clock: Clock) -> None:
    """The wait is in Retry-After, in whole seconds, rounded up."""
    code = api.code()
    clock.now += 1.5

    response = api.poll(code["hash"])

    assert response.status_code == 429
    assert response.json()["error"]
    assert response.headers["Retry-After"] == "4"


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
def test_a_poll_needs_its_fields(api: API, body: dict[str, Any]) -> None:
    """A wrong grant_type or no hash is 400, with a text."""
    response = api.request("POST", "/auth/sessions", json=body)

    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.parametrize("mode", [None, "desktop", "game"])
@pytest.mark.parametrize("public", [None, "true", "false"])
def test_hosts_are_filtered(api: API, mode: str | None, public: str | None) -> None:
    """Each filter keeps exactly the hosts that match it."""
    headers = {"Authorization": f"Bearer {api.session()['id']}"}
    everything = api.request("GET", "/v2/hosts", headers=headers).json()["data"]
    query = {"mode": mode, "public": public}

    response = api.request("GET", "/v2/hosts/", params=query, headers=headers)

    assert response.status_code == 200
    assert response.json() == {
        "data": [
            host
            for host in everything
            if mode in {None, host["mode"]}
            if public in {None, str(host["public"]).lower()}
        ],
        "has_more": False,
    }
    assert response.json()["data"] or (mode == "desktop" and public == "true")


@pytest.mark.parametrize("query", ["mode=tv", "mode=", "public=1", "public=True"])
def test_an_unknown_filter_is_400(api: API, query: str) -> None:
    """A filter that the documents do not know is not ignored."""
    headers = {"Authorization": f"Bearer {api.session()['id']}"}

    response = api.request("GET", f"/v2/hosts?{query}", headers=headers)

    assert response.status_code == 400


def test_the_sample_hosts_are_of_all_kinds(api: API) -> None:
    """One is the session's own, one public, one offline, one has a tricky name."""
    session = api.session()
    headers = {"Authorization": f"Bearer {session['id']}"}

    hosts = api.request("GET", "/v2/hosts", headers=headers).json()["data"]

    own = [(host["peer_id"], host["user"]["id"]) for host in hosts if host["self"]]
    assert own == [(session["host_peer_id"], session["user_id"])]
    assert sum(host["public"] for host in hosts) == 1
    assert sum(not host["online"] for host in hosts) == 1
    assert any("<b>" in host["name"] for host in hosts)
    assert len({host["peer_id"] for host in hosts}) == len(hosts)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("token something", 401),
        ("Bearer", 401),
        ("Bearer " + "0" * 64, 403),
    ],
)
def test_hosts_need_a_session(api: API, header: str | None, status: int) -> None:
    """No session ID is 401 with the documented text, an unknown one 403."""
    headers = {"Authorization": header} if header else {}

    response = api.request("GET", "/v2/hosts", headers=headers)

    assert response.status_code == status
    assert response.json()["error"]
    if status == 401:
        assert response.json() == {"error": "no session ID in request header"}


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
def test_wrong_methods_and_addresses_respond_in_json(
    api: API, method: str, path: str, status: int, allow: str | None
) -> None:
    """The API always speaks JSON, also when it refuses."""
    response = api.request(method, path)

    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers.get("Allow") == allow
    assert response.json()["error"]


def test_a_trailing_slash_is_accepted(api: API) -> None:
    """Clients use both forms."""
    fields = {"grant_type": "auth_code", "auth_code_hash": "x"}

    issued = api.request("POST", "/auth/codes/", json={"game_id": "a"})
    polled = api.request("POST", "/auth/sessions/", json=fields)

    assert issued.status_code == 201
    assert polled.status_code == 401


def test_responses_are_dated_by_the_simulators_clock(api: API, clock: Clock) -> None:
    """A client that compares expires_at with Date sees the whole lifetime."""
    response = api.request("POST", "/auth/codes", json={"game_id": "a"})

    dated = parsedate_to_datetime(response.headers["Date"]).timestamp()
    assert dated == int(clock.now)
    assert response.json()["data"]["expires_at"] - dated == 1800


@pytest.mark.parametrize("path", ["/auth/codes", "/auth/sessions"])
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/jsonx"])
def test_the_api_takes_json_alone(
    api: API, path: str, content_type: str | None
) -> None:
    """What a web page can post to another site without asking first is 415."""
    headers = {"Content-Type": content_type} if content_type else {}

    response = api.request("POST", path, data=b'{"game_id": "a"}', headers=headers)

    assert response.status_code == 415
    assert "application/json" in response.json()["error"]


def test_json_may_name_its_charset(api: API) -> None:
    """A parameter of the content type makes no difference."""
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}

    response = api.request(
        "POST", "/auth/codes", data=b'{"game_id": "a"}', headers=headers
    )

    assert response.status_code == 201


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/auth/codes", "/auth/sessions"])
def test_a_post_from_another_site_is_refused(
    api: API, path: str, header: dict[str, str]
) -> None:
    """A web page cannot use the API, whatever it sends."""
    response = api.request("POST", path, json={"game_id": "a"}, headers=header)

    assert response.status_code == 403
    assert response.json()["error"]


@pytest.mark.parametrize("on_hub", [False, True])
def test_a_hub_tells_visitors_apart(
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    on_hub: bool,  # noqa: FBT001
) -> None:
    """Only behind a hub's proxy the last hop of X-Forwarded-For is the visitor."""
    if on_hub:
        monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    hops = ["192.0.2.1", "forged, 192.0.2.1", "192.0.2.2"]

    with Simulator(clock=clock) as simulator:
        for hop in hops:
            requests.post(
                f"{simulator.url}/auth/codes",
                json={"game_id": "a"},
                headers={"X-Forwarded-For": hop},
                timeout=5,
            )
        visitors = {name: len(held) for name, held in simulator._state._held.items()}

    told_apart = {"192.0.2.1": 2, "192.0.2.2": 1}
    assert visitors == (told_apart if on_hub else {"127.0.0.1": 3})
