"""Links to this machine's own pages on a JupyterHub, and what is never changed."""

from __future__ import annotations

import pytest
from test_markup import pending

from parsec_nb import _markup
from parsec_nb._hub import browsable, proxy
from parsec_nb._markup import Place
from parsec_nb._service import DEMO, Service

PAGE = "http://127.0.0.1:8765/activate"
HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}
SHARED = Service("http://localhost:8765", "workshop")
PARSEC = Service("https://kessel-api.parsec.app", "workshop")


def place(proxy: str) -> Place:
    """Return where a card is, with that way to this machine's pages."""
    return Place("lab-7", "session_id", demo=False, proxy=proxy)


@pytest.mark.parametrize("service", [DEMO, SHARED])
def test_a_page_of_this_machine_is_reached_through_the_users_own_prefix(
    service: Service,
) -> None:
    """The kernel's own simulator and a shared one take the same way."""
    way = proxy(service, HUB)

    assert browsable(PAGE, way) == "/user/ada/proxy/8765/activate"


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
    way = proxy(DEMO, HUB | {"JUPYTERHUB_PUBLIC_URL": public})

    assert way.startswith(expected)
    assert way.endswith("/user/ada/proxy/")


def test_on_binder_no_qr_code_is_shown_to_a_phone_that_would_not_be_let_in() -> None:
    """Its server asks any other browser for a token that nobody knows."""
    told = HUB | {"JUPYTERHUB_PUBLIC_URL": "https://hub.example/user/ada/"}
    way = proxy(DEMO, told | {"BINDER_LAUNCH_HOST": "https://mybinder.org/"})

    html = _markup.instructions(pending(verification_uri=PAGE), place(way))

    assert way == "/user/ada/proxy/"
    assert "<svg" not in html


def test_no_link_is_changed_away_from_a_hub() -> None:
    """On one's own computer loopback is the right address."""
    assert browsable(PAGE, proxy(DEMO, {})) == PAGE


@pytest.mark.parametrize(
    ("service", "uri"),
    [
        (PARSEC, "https://parsec.gg/activate"),
        # A server elsewhere has no say in what is opened on the hub.
        (PARSEC, PAGE),
        (SHARED, "https://parsec.gg/activate"),
        # The proxy speaks plain http to this machine.
        (SHARED, "https://127.0.0.1:8765/activate"),
        # These would leave the proxy, for the hub's own pages.
        (SHARED, "http://127.0.0.1:8765/../../../../hub/logout"),
        (SHARED, "http://127.0.0.1:8765/%2e%2E/%2e%2e/api"),
        (SHARED, "http://127.0.0.1:99999/activate"),
        (SHARED, "/hub/logout"),
    ],
)
def test_what_is_no_page_of_this_machine_is_left_alone(
    service: Service, uri: str
) -> None:
    """Real links are never changed, and no link leads to the hub's own pages."""
    assert browsable(uri, proxy(service, HUB)) == uri


def test_a_link_of_the_hub_becomes_a_full_one_where_the_page_allows() -> None:
    """A path is linked as it is, and says its host as soon as the page tells it."""
    html = _markup.instructions(
        pending(verification_uri=PAGE), place("/user/ada/proxy/")
    )

    assert 'href="/user/ada/proxy/8765/activate" target="_blank"' in html
    assert "link.textContent = link.href" in html
    assert "127.0.0.1" not in html


def test_a_full_link_of_the_hub_needs_no_script_and_has_a_qr_code() -> None:
    """Where the hub tells its public address, a phone can go there as well."""
    html = _markup.instructions(
        pending(verification_uri=PAGE), place("https://hub.example/user/ada/proxy/")
    )

    assert ">https://hub.example/user/ada/proxy/8765/activate</a>" in html
    assert "link.href" not in html
    assert "<svg" in html


def test_in_a_terminal_a_path_is_explained() -> None:
    """Text cannot find its own host, so it says which one is meant."""
    text = _markup.plain(pending(verification_uri=PAGE), place("/user/ada/proxy/"))

    assert "browser: /user/ada/proxy/8765/activate (at your hub's address)\n" in text


def test_a_path_that_a_server_sends_is_no_link() -> None:
    """What a server sends as a link is judged before the proxy's prefix is added."""
    for uri in ("/hub/logout", "//evil", "javascript:alert(1)"):
        html = _markup.instructions(
            pending(verification_uri=uri), place("/user/ada/proxy/")
        )
        assert "<a " not in html
