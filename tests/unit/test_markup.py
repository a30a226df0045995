"""The card's HTML and text: escaped, linked only where safe, short at the end."""

from __future__ import annotations

import pytest
from test_flow import GRANT, code

from parsec_nb import _markup
from parsec_nb._markup import Place
from parsec_nb._progress import Progress
from parsec_nb._session import Session
from parsec_nb._states import Status

HERE = Place(host_name="lab-7", variable="session_id", demo=False)
MARKUP = "<img src=x onerror=alert(1)>\"'"


def pending(**overrides: object) -> Progress:
    """Build the progress of a login that waits for its code's approval."""
    return Progress(Status.PENDING, auth_code=code(**overrides), minutes_left=29)


def test_says_what_to_do_for_whom_and_how_long() -> None:
    """The card names link, code, kernel and the minutes that are left."""
    html = _markup.instructions(pending(), HERE)

    assert 'href="https://parsec.gg/activate" target="_blank"' in html
    assert 'rel="noopener noreferrer"' in html
    assert "ABCD3456" in html
    assert "lab-7" in html
    assert "29 more minutes" in _markup.status(pending(), HERE, announce=False)


def test_every_string_of_a_server_is_escaped() -> None:
    """Markup in a code or a link is shown, and does nothing."""
    progress = pending(user_code=MARKUP, verification_uri=f"https://a/{MARKUP}")

    for html in (
        _markup.instructions(progress, HERE),
        _markup.static(progress, HERE),
    ):
        assert "<img" not in html
        assert "&lt;img" in html


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "data:text/html,x", "//evil", "/logout", "http://[x"]
)
def test_links_to_nothing_but_web_addresses(uri: str) -> None:
    """A link of any other kind is text."""
    html = _markup.instructions(pending(verification_uri=uri), HERE)

    assert "<a " not in html


def test_a_phone_gets_a_qr_code_where_it_can_follow_the_link() -> None:
    """A web address is drawn as a QR code; this computer's own is not."""
    loopback = pending(verification_uri="http://127.0.0.1:80/activate")

    assert "<svg" in _markup.instructions(pending(), HERE)
    assert "<svg" not in _markup.instructions(loopback, HERE)


def test_a_link_too_long_for_a_qr_code_is_shown_without_one() -> None:
    """The card is drawn whatever a server sends for a link."""
    endless = pending(verification_uri="https://parsec.gg/" + "\u4e2d" * 1900)

    html = _markup.instructions(endless, HERE)

    assert 'class="parsec-nb-link"' in html
    assert "<svg" not in html


def test_the_line_that_stays_tells_who_and_where_and_no_secret() -> None:
    """Once approved, the saved output is one short line."""
    session = Session(id=GRANT.id, user_id=7, roles=("host",))
    done = Progress(Status.APPROVED, session=session)

    html, text = _markup.static(done, HERE), _markup.plain(done, HERE)

    assert text == (
        "Logged in as user 7 (roles: host). The session ID is in the variable "
        "session_id."
    )
    assert text in html
    assert GRANT.id[-4:] not in html
