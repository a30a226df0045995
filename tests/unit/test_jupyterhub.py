"""Links to this machine's pages on a JupyterHub, and links that are never changed."""

from __future__ import annotations

import pytest

from parsec_nb._auth.flow import Status
from parsec_nb._auth.observers import LoginSnapshot
from parsec_nb._notebook import render
from parsec_nb._notebook.render import CardContext, browsable, proxy_address
from support.builders import auth_code

PAGE = "http://127.0.0.1:8765/activate"
HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}
PROXY = "/user/ada/proxy/"


def pending(uri: str) -> LoginSnapshot:
    """Build the snapshot of a login whose code is approved at *uri*."""
    return LoginSnapshot(Status.PENDING, auth_code=auth_code(verification_uri=uri))


def through(proxy: str) -> CardContext:
    """Build the context of a card behind a proxy."""
    return CardContext("lab-7", "session_id", proxy=proxy)


def test_a_page_of_this_machine_is_below_the_users_prefix() -> None:
    """Both names of this machine lead through the proxy."""
    for page in (PAGE, PAGE.replace("127.0.0.1", "localhost")):
        assert browsable(page, proxy_address(HUB)) == "/user/ada/proxy/8765/activate"


@pytest.mark.parametrize(
    ("public", "expected"),
    [
        ("https://hub.example/user/ada/", "https://hub.example/user/ada/proxy/"),
        ("https://ada.hub.example:8443/user/ada", "https://ada.hub.example:8443"),
        ("", "/user/ada/proxy/"),
        ("hub.example", "/user/ada/proxy/"),
        ("javascript:alert(1)", "/user/ada/proxy/"),
    ],
)
def test_the_hubs_public_address_comes_first_where_it_is_told(
    public: str, expected: str
) -> None:
    """A hub with JupyterHub.public_url makes a full URL of it, another a path."""
    way = proxy_address(HUB | {"JUPYTERHUB_PUBLIC_URL": public})

    assert way.startswith(expected)
    assert way.endswith("/user/ada/proxy/")


def test_on_binder_no_qr_code_is_shown_to_a_phone_that_would_not_be_let_in() -> None:
    """Its server asks any other browser for a token."""
    told = HUB | {"JUPYTERHUB_PUBLIC_URL": "https://hub.example/user/ada/"}
    way = proxy_address(told | {"BINDER_LAUNCH_HOST": "https://mybinder.org/"})

    html = render.instructions(pending(PAGE), through(way))

    assert way == "/user/ada/proxy/"
    assert "<svg" not in html


def test_no_link_is_changed_away_from_a_hub() -> None:
    """On the user's own computer loopback is the right address."""
    assert browsable(PAGE, proxy_address({})) == PAGE


@pytest.mark.parametrize(
    "uri",
    [
        "https://parsec.gg/activate",
        # The proxy speaks plain http to this machine.
        "https://127.0.0.1:8765/activate",
        # These would lead out of the proxy, to the hub's pages.
        "http://127.0.0.1:8765/../../../../hub/logout",
        "http://127.0.0.1:8765/%2e%2E/%2e%2e/api",
        "http://127.0.0.1:99999/activate",
        "/hub/logout",
    ],
)
def test_other_links_are_never_changed(uri: str) -> None:
    """Real links stay, and no link leads to the hub's pages."""
    assert browsable(uri, PROXY) == uri


def test_a_link_of_the_hub_becomes_a_full_one_where_the_page_allows() -> None:
    """A path is linked as it is, and says its host as soon as the page tells it."""
    html = render.instructions(pending(PAGE), through("/user/ada/proxy/"))

    assert 'href="/user/ada/proxy/8765/activate" target="_blank"' in html
    assert "link.textContent = link.href" in html
    assert "127.0.0.1" not in html


def test_a_full_link_of_the_hub_needs_no_script_and_has_a_qr_code() -> None:
    """Where the hub tells its public address, a phone can go there as well."""
    html = render.instructions(
        pending(PAGE), through("https://hub.example/user/ada/proxy/")
    )

    assert ">https://hub.example/user/ada/proxy/8765/activate</a>" in html
    assert "link.href" not in html
    assert "<svg" in html


def test_in_a_terminal_a_path_is_explained() -> None:
    """Text cannot find its own host, so it says which one is meant."""
    text = render.plain(pending(PAGE), through("/user/ada/proxy/"))

    assert "browser: /user/ada/proxy/8765/activate (at your hub's address)\n" in text


def test_a_path_that_a_server_sends_is_no_link() -> None:
    """What a server sends as a link is judged before the proxy's prefix is added."""
    for uri in ("/hub/logout", "//evil", "javascript:alert(1)"):
        html = render.instructions(pending(uri), through("/user/ada/proxy/"))
        assert "<a " not in html
