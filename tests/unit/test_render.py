"""The card's HTML and text: escaped, linked only where safe, short at the end."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from parsec_nb._auth.flow import Status
from parsec_nb._auth.observers import LoginSnapshot
from parsec_nb._notebook import render
from parsec_nb._notebook.render import CardContext
from support.builders import SESSION_ID, auth_code, session

HERE = CardContext(host_name="lab-7", variable="session_id")
MARKUP = "<img src=x onerror=alert(1)>\"'"


def pending(**overrides: object) -> LoginSnapshot:
    """Build the snapshot of a login that waits for its code's approval."""
    return LoginSnapshot(
        Status.PENDING, auth_code=auth_code(**overrides), minutes_left=29
    )


def test_says_what_to_do_for_whom_and_how_long() -> None:
    """The card names link, code, kernel and the minutes that are left."""
    html = render.instructions(pending(), HERE)

    assert 'href="https://parsec.gg/activate" target="_blank"' in html
    assert 'rel="noopener noreferrer"' in html
    assert "ABCD3456" in html
    assert "lab-7" in html
    assert "29 more minutes" in render.status(pending(), HERE, announce=False)


def test_every_string_of_a_server_is_escaped() -> None:
    """Markup in a code or a link is shown, and does nothing."""
    snapshot = pending(user_code=MARKUP, verification_uri=f"https://a/{MARKUP}")

    for html in (
        render.instructions(snapshot, HERE),
        render.static(snapshot, HERE, announce=False),
    ):
        assert "<img" not in html
        assert "&lt;img" in html


@pytest.mark.parametrize(
    "uri",
    [
        *("javascript:alert(1)", "data:text/html,x", "//evil", "/logout", "http://[x"),
        *("https://user@parsec.gg", "https://parsec.gg\\@evil.example"),
        *(f"https://parsec.gg/{blank}" for blank in "\u115f\u2800\u3164\ufe0f"),
    ],
)
def test_links_to_nothing_but_web_addresses(uri: str) -> None:
    """A link of any other kind is text with the reason, and has no QR code."""
    html = render.instructions(pending(verification_uri=uri), HERE)

    assert "<a " not in html
    assert "<svg" not in html
    assert "This is not a link here" in html
    assert uri.isascii() or uri not in html


def test_a_phone_gets_a_qr_code_where_it_can_follow_the_link() -> None:
    """A web address is drawn as a QR code; this computer's own is not."""
    loopback = pending(verification_uri="http://127.0.0.1:80/activate")

    assert "<svg" in render.instructions(pending(), HERE)
    assert "<svg" not in render.instructions(loopback, HERE)


@pytest.mark.parametrize("fault", [ImportError, AttributeError, RuntimeError])
def test_a_card_needs_no_qr_code(
    fault: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An extra may be missing, too old, or fail."""

    def make(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setitem(sys.modules, "segno", SimpleNamespace(make=make))

    html = render.instructions(pending(), HERE)

    assert "<svg" not in html
    assert 'href="https://parsec.gg/activate"' in html
    assert "ABCD3456" in html


def test_a_link_too_long_for_a_qr_code_is_shown_without_one() -> None:
    """The card is drawn whatever a server sends for a link."""
    endless = pending(verification_uri="https://parsec.gg/" + "\u4e2d" * 1900)

    html = render.instructions(endless, HERE)

    assert 'class="parsec-nb-link"' in html
    assert "<svg" not in html


def test_the_line_that_stays_tells_who_and_where_and_no_secret() -> None:
    """Once approved, the saved output is one short line."""
    approved = session(user_id=7, roles=("host",))
    done = LoginSnapshot(Status.APPROVED, session=approved)

    html, text = render.static(done, HERE, announce=False), render.plain(done, HERE)

    assert text == (
        "Logged in as user 7 (roles: host). The session ID is in the variable "
        "session_id."
    )
    assert text in html
    assert SESSION_ID[-4:] not in html
