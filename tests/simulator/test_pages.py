"""The simulator's pages over HTTP, as a browser and a proxy meet them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from parsec_nb.simulator import _pages as pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb.simulator import Simulator

    from .conftest import API, Clock, Visitor

ACTIVATE = ["/", "/activate", "/activate/", "/activate/BBBBBBBB", "/activate/x/"]
PATHS = [*ACTIVATE, "/connections", "/a/b/c"]


@pytest.mark.parametrize(
    ("decision", "end"),
    [("allow", ("Login allowed", 201)), ("deny", ("Login denied", 401))],
)
def test_a_visitor_decides_on_the_pages(
    api: API, visitor: Visitor, clock: Clock, decision: str, end: tuple[str, int]
) -> None:
    """A code is entered, shown with its game, and decided; each step has a title."""
    code = api.code("<i>game & co</i>")
    typed = f" {code['user_code'][:4].lower()}-{code['user_code'][4:]} "
    title, status = end
    titles = [visitor.page.title]

    visitor.post({"user_code": typed})
    titles.append(visitor.page.title)
    shown = visitor.page.html
    response = visitor.post({"user_code": code["user_code"], "decision": decision})
    titles.append(visitor.page.title)

    assert titles == ["Enter your code", "Allow this login?", title]
    assert "&lt;i&gt;game &amp; co&lt;/i&gt;" in shown
    assert "<i>" not in shown
    assert "Only allow it if the code came from your own notebook" in shown
    assert response.status_code == 200
    clock.now += 5
    assert api.poll(code["hash"]).status_code == status


def test_a_game_id_that_looks_like_nothing_is_shown(api: API, visitor: Visitor) -> None:
    """Who allows a login sees whose it is."""
    code = api.code("a\u3164\ufe0f")["user_code"]

    visitor.post({"user_code": code})

    assert r"<bdi>a\u3164\ufe0f</bdi>" in visitor.page.html


def test_cookies_of_other_users_and_servers_do_not_matter(
    api: API, visitor: Visitor
) -> None:
    """Behind a hub a browser sends all that the hub and its users have set there.

    Another user's page can set a cookie of the simulator's name for the whole hub;
    a browser sends it behind the one of the simulator's own path.
    """
    ((name, value),) = visitor.session.cookies.items()
    hub = "; ".join(f"jupyterhub-user-{user}={'x' * 150}" for user in range(50))
    code = api.code()["user_code"]
    results = []

    for cookie in (
        f"_xsrf=2|a|b|1; {hub}; {name}={value}; username-8888=y",
        f"{name}={value}; {name}=forged",
        f"{name}=forged; {name}={value}",
        f'{name}={value}; {name}="\\',
    ):
        visitor.session.headers["Cookie"] = cookie
        visitor.open()
        results.append(visitor.post({"user_code": code}).status_code)

    assert results == [200] * 4


def test_a_code_in_the_address_is_filled_in(api: API, visitor: Visitor) -> None:
    """/activate/CODE saves the typing, and decides nothing by itself."""
    code = api.code()["user_code"]

    page = visitor.open(f"/activate/{code.lower()}")

    assert page.field("user_code") == code
    visitor.post({"user_code": page.field("user_code")})
    assert visitor.page.title == "Allow this login?"


def test_a_wrong_code_is_explained_at_the_field(visitor: Visitor) -> None:
    """The form comes again, with an error tied to the field, which has the focus."""
    visitor.post({"user_code": '"><b>wrong'})

    field = next(a for a in visitor.page.all("input") if a.get("id") == "user-code")
    ids = {attrs.get("id") for _, attrs in visitor.page.tags}
    described = (field["aria-describedby"] or "").split()
    assert described[0] == "error"
    assert set(described) <= ids
    assert field["aria-invalid"] == "true"
    assert "autofocus" in field
    assert pages.WRONG_CODE in visitor.page.html
    assert visitor.page.title == "Error: Enter your code"
    assert "<b>" not in visitor.page.html


def test_a_code_cannot_be_decided_twice(
    api: API, visitor: Visitor, simulator: Simulator
) -> None:
    """The second decision, or one that comes too late, is told so."""
    code = api.code()["user_code"]
    visitor.post({"user_code": code})
    simulator.deny(code)

    visitor.post({"user_code": code, "decision": "allow"})

    assert pages.WRONG_CODE in visitor.page.html
    assert visitor.page.field("user_code") == ""


@pytest.mark.parametrize("decision", ["", "deny"])
def test_guessing_is_slowed_down(
    api: API, visitor: Visitor, clock: Clock, decision: str
) -> None:
    """After twenty wrong codes in a minute a page asks to wait, then it goes on."""
    code = api.code()["user_code"]
    guess = {"user_code": "BBBBBBBB", "decision": decision}
    for _ in range(20):
        assert visitor.post(guess).status_code == 200

    response = visitor.post({"user_code": code})

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"
    assert pages.TOO_MANY in response.text
    clock.now += 61
    visitor.open()
    visitor.post({"user_code": code})
    assert visitor.page.title == "Allow this login?"


@pytest.mark.parametrize("step", ["enter", "decide"])
@pytest.mark.parametrize("forgery", ["no token", "other's token", "no cookie"])
def test_a_form_from_elsewhere_is_refused(
    api: API,
    simulator: Simulator,
    new_visitor: Callable[[], Visitor],
    step: str,
    forgery: str,
) -> None:
    """A form works only with the token and the cookie that this visitor got."""
    code = api.code()["user_code"]
    visitor, other = new_visitor(), new_visitor()
    fields = {"user_code": code}
    if step == "decide":
        visitor.post({"user_code": code})
        fields["decision"] = "allow"
    if forgery == "no token":
        fields["_xsrf"] = ""
    elif forgery == "other's token":
        fields["_xsrf"] = other.page.field("_xsrf")
    else:
        visitor.session.cookies.clear()

    response = visitor.post(fields)

    assert response.status_code == 403
    assert pages.FOREIGN_FORM in response.text
    assert simulator.approve(code) is True


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
        ({"Host": "localhost:1", "Origin": "http://localhost:2"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_foreign_origin_is_refused(
    api: API, visitor: Visitor, headers: dict[str, str], status: int
) -> None:
    """What the browser tells about the sender must fit the address."""
    ((name, value),) = visitor.session.cookies.items()
    sent = {"Cookie": f"{name}={value}", **headers}

    response = visitor.post({"user_code": api.code()["user_code"]}, sent)

    assert response.status_code == status


def test_an_unknown_decision_is_refused(
    api: API, visitor: Visitor, simulator: Simulator
) -> None:
    """A decision that no button sends changes nothing."""
    code = api.code()["user_code"]

    response = visitor.post({"user_code": code, "decision": "perhaps"})

    assert response.status_code == 400
    assert simulator.approve(code) is True


def test_the_cookie_fits_a_proxy_and_is_closed_to_scripts(api: API) -> None:
    """It has no Path, so that it also fits behind a proxy's prefix, and is kept."""
    first = api.request("GET", "/activate")
    second = api.request("GET", "/activate")

    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith("parsec_nb_simulator=")
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "path" not in cookie.lower()
    assert "Set-Cookie" not in second.headers


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("prefix", ["", "/user/ada/proxy/4711"])
def test_every_link_leads_home_behind_a_proxy(
    visitor: Visitor, path: str, prefix: str
) -> None:
    """Links and forms reach the pages under the prefix that was stripped."""
    page = visitor.open(path)

    targets = [a["href"] for a in page.all("a")]
    targets += [a["action"] for a in page.all("form")]

    assert targets
    for target in targets:
        shown = f"https://hub.example{prefix}{path}"
        found = urljoin(shown, target).removeprefix(f"https://hub.example{prefix}/")
        assert found in {"activate", "connections"}


@pytest.mark.parametrize("path", [*ACTIVATE, "/a/b/c", "/activate/BBBBBBBB/"])
def test_every_form_can_be_used_from_where_it_is(
    api: API, visitor: Visitor, path: str
) -> None:
    """The cookie of a page reaches the target of its form."""
    visitor.session.cookies.clear()

    if visitor.open(path).all("form"):
        visitor.post({"user_code": api.code()["user_code"]})

        assert visitor.page.title == "Allow this login?"


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_marked_and_closed(
    api: API, new_visitor: Callable[[], Visitor], path: str
) -> None:
    """A page names itself a simulator, asks for no password and loads nothing."""
    response = api.request("GET", path)
    page = new_visitor().open(path)

    assert "Simulator: this is not Parsec. No account, no password." in page.html
    assert len(page.all("h1")) == 1
    assert page.all("html") == [{"lang": "en"}]
    assert {a.get("type") for a in page.all("input")} <= {None, "hidden"}
    assert not page.all("script")
    assert "://" not in page.html
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_head_is_answered_on_pages(api: API) -> None:
    """A link checker sees that the page is there."""
    assert api.request("HEAD", "/activate").status_code == 200


def test_wrong_codes_of_others_stop_nobody(
    api: API, new_visitor: Callable[[], Visitor]
) -> None:
    """A right code gets through after any number of other visitors' wrong ones."""
    code = api.code()["user_code"]
    guessers = [new_visitor() for _ in range(3)]
    for guesser in guessers:
        statuses = [guesser.post({"user_code": "WRONG"}).status_code for _ in range(20)]
        assert statuses == [200] * 20
        guesser.open()
        assert guesser.post({"user_code": code}).status_code == 429
    visitor = new_visitor()

    visitor.post({"user_code": code})
    visitor.post({"user_code": code, "decision": "allow"})

    assert visitor.page.title == "Login allowed"
