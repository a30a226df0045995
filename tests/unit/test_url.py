"""Addresses that are URLs here, and those that parsers of URLs disagree about."""

from __future__ import annotations

import dataclasses

import pytest

from parsec_nb import Session
from parsec_nb._api.url import URL, parse_url


@pytest.mark.parametrize(
    ("text", "normal", "is_loopback"),
    [
        ("https://parsec.gg", "https://parsec.gg", False),
        ("HTTPS://Parsec.GG:443/Activate", "https://parsec.gg/Activate", False),
        ("http://127.0.0.1:80", "http://127.0.0.1", True),
        ("http://127.9.9.9:8765/a?b=c", "http://127.9.9.9:8765/a?b=c", True),
        ("http://LOCALHOST:8765", "http://localhost:8765", True),
        ("http://[0:0:0::1]:8765/", "http://[::1]:8765/", True),
        ("http://127.0.0.1.evil.test", "http://127.0.0.1.evil.test", False),
        ("http://localhost.evil.test", "http://localhost.evil.test", False),
        ("http://10.0.0.1", "http://10.0.0.1", False),
        ("http://2130706433", "http://2130706433", False),
        ("https://[::ffff:127.0.0.1]", "https://[::ffff:127.0.0.1]", True),
        ("https://[::ffff:10.0.0.1]", "https://[::ffff:10.0.0.1]", False),
        ("http://0.0.0.0:8765", "http://0.0.0.0:8765", True),
        ("http://[::]:8765", "http://[::]:8765", True),
    ],
)
def test_reads_an_address_into_its_normal_form(
    text: str, normal: str, *, is_loopback: bool
) -> None:
    """Equal services have equal URLs, and loopback needs no name look-up."""
    url = parse_url(text)

    assert url is not None
    assert str(url) == normal
    assert url.is_loopback is is_loopback
    assert parse_url(str(url)) == url


@pytest.mark.parametrize(
    ("api_url", "simulated"),
    [
        ("http://127.0.0.1:8765", True),
        ("http://localhost:8765", True),
        ("http://0.0.0.0:8765", True),
        ("http://[::]:8765", True),
        ("http://[::ffff:127.0.0.1]:8765", True),
        ("https://127.0.0.1:8765", False),
        # A name look-up may lead to another machine.
        ("http://sim.localhost:8765", False),
        ("http://127.0.0.1.evil.test", False),
        ("http://10.0.0.1", False),
        ("https://parsec.gg", False),
        ("nothing", False),
    ],
)
def test_a_simulator_is_on_this_machine(api_url: str, *, simulated: bool) -> None:
    """The simulated SDK sends the session ID by plain http to this machine only."""
    session = dataclasses.replace(Session.from_id("0" * 64), api_url=api_url)

    assert session.simulated is simulated


def test_takes_an_address_apart() -> None:
    """Each part can be used without reading the address again."""
    url = parse_url("https://[2001:DB8::1]/a/b?c=d")

    assert url == URL("https", "2001:db8::1", 443, "/a/b", "?c=d")


@pytest.mark.parametrize(
    "text",
    [
        *("", "parsec.gg", "//parsec.gg", "/path", "https://", "https:///path"),
        *("ftp://parsec.gg", "javascript:alert(1)", "data:text/html,x"),
        *("https://user@parsec.gg", "https://user:word@parsec.gg"),
        *("https://parsec.gg@evil.test/", "https://parsec.gg\\@evil.test/"),
        *(
            "http://evil.test:9\\[::1]",
            "http://evil.test:9[::1]",
            "http://evil.test[::1]",
        ),
        *("https:\\\\parsec.gg", "https://parsec.gg\\.evil.test"),
        *("https://parsec.gg#@evil.test", "https://parsec.gg/#fragment"),
        *(" https://parsec.gg", "https://parsec.gg\n", "https://par\tsec.gg"),
        *("https://parsec.gg/a b", "https://parsec.gg/<b>", 'https://parsec.gg/"'),
        *("https://pärsec.gg", "https://parsec.gg/\u4e2d", "https://parsec\uff0egg"),
        *(
            f"https://parsec.gg/{blank}"
            for blank in "\u3164\u2800\u115f\ufe0f\u200b\u202e"
        ),
        *("https://parsec.gg:", "https://parsec.gg:0", "https://parsec.gg:65536"),
        *("https://parsec.gg:+1", "https://parsec.gg:\u0661", "https://parsec.gg:8a"),
        *("https://[::1", "https://[::g]", "https://[1:2]", "https://[::1%eth0]"),
        *("https://.parsec.gg", "https://parsec.gg.", "https://-parsec.gg"),
    ],
)
def test_what_could_be_misread_is_not_a_url(text: str) -> None:
    """A browser, requests and urllib3 may see another host in such an address."""
    assert parse_url(text) is None
