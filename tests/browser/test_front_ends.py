"""A login in each front end with a browser, from the call to the saved file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.browser import CLASSIC, LAB, NOTEBOOK, VOILA, Card, FrontEnd

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from parsec_nb.simulator import Simulator
    from support.jupyter_server import Server

LOGIN = "import parsec_nb\nparsec_nb.login('game')"
TELL = "print(type(session_id).__name__, len(session_id))"


def issued_ids(simulator: Simulator) -> list[str]:
    """Return every session ID that the simulator has issued."""
    return list(simulator._state._sessions)


@pytest.mark.parametrize("front_end", [LAB, NOTEBOOK, CLASSIC], ids=str)
def test_logs_in_and_saves_no_secret(
    server: Server, context: BrowserContext, front_end: FrontEnd, simulator: Simulator
) -> None:
    """Card, link, code, approval, variable; the file keeps one line of it."""
    name = f"login-{front_end}.ipynb"
    server.write(name, LOGIN, TELL)
    notebook = server.open(context, name, front_end)
    notebook.run(0)
    card = Card(notebook)
    code = card.code()
    saved_pending = notebook.save_without(code)

    card.decide("allow")
    card.expect("approved")
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("SessionID 64")

    expect(card.find("link")).to_have_count(0)
    saved = notebook.save()
    (output,) = json.loads(saved)["cells"][0]["outputs"]
    assert set(output["data"]) == {"text/plain", "text/html"}
    assert "Logged in" in saved
    assert code not in saved
    for text in (saved, saved_pending):
        assert "/activate" not in text
        assert "HTML(value=" not in text
        assert not any(secret in text for secret in issued_ids(simulator))


def test_logs_in_in_voila(server: Server, context: BrowserContext) -> None:
    """Voila shows the card without any cell, and the approval on it."""
    server.write("voila.ipynb", LOGIN)
    notebook = server.open(context, "voila.ipynb", VOILA)
    card = Card(notebook)

    card.decide("allow")

    card.expect("approved")
    card.expect_text("Logged in")
    expect(card.find("code")).to_have_count(0)
