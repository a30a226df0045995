"""The quick start and the card's buttons, in JupyterLab."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nbformat
from playwright.sync_api import expect

from support import REPOSITORY
from support.browser import SECONDS, Card

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from support.jupyter_server import Server

QUICK_START = REPOSITORY / "notebooks" / "01-quickstart.ipynb"
DEMO = "import parsec_nb\nparsec_nb.login(demo=True)"


def test_the_quick_start(server: Server, context: BrowserContext) -> None:
    """Card, link, code, approval, hosts; and the saved file tells none of it."""
    server.use_theme("Dark")
    path = server.folder / "quickstart.ipynb"
    notebook: Any = nbformat.read(QUICK_START, as_version=4)
    tell = "_ = open('secret', 'w').write(session_id)"
    notebook.cells.append(nbformat.v4.new_code_cell(tell))
    nbformat.write(notebook, path)
    lab = server.open(context, path.name)
    secret_file = server.folder / "secret"
    secret_file.write_text("")

    lab.run(0)
    card = Card(lab)
    code = card.code()
    card.expect("pending")
    card.decide("allow")
    card.expect("approved")
    lab.run(1)
    lab.run(2)

    expect(lab.output(2).locator("table")).to_contain_text("<b>", timeout=30 * SECONDS)
    expect(card.find("link")).to_have_count(0)
    lab.run(4)
    for _ in range(50):
        if secret_file.read_text():
            break
        lab.page.wait_for_timeout(100)
    saved = lab.save()
    outputs = json.loads(saved)["cells"][1]["outputs"]
    assert len(secret_file.read_text()) == 64
    assert secret_file.read_text() not in saved
    assert code not in saved
    assert "/activate" not in json.dumps(outputs)
    assert [set(output["data"]) for output in outputs] == [{"text/plain", "text/html"}]


def test_deny_then_a_new_code_in_the_same_card(
    server: Server, context: BrowserContext
) -> None:
    """A card that shows a denial has a button for a new code."""
    server.write("deny.ipynb", "import parsec_nb\nparsec_nb.login('game')")
    lab = server.open(context, "deny.ipynb")
    lab.run(0)
    card = Card(lab)
    code = card.code()

    card.decide("deny")
    card.expect("denied")
    expect(card.find("code")).to_have_count(0)
    card.click("renew")
    card.expect("pending")

    assert card.code() != code
    card.click("cancel")
    card.expect("cancelled")
    assert code not in lab.save()


def test_copy_claims_no_more_than_happened(
    server: Server, context: BrowserContext
) -> None:
    """Copied is said where the browser copied; else the code is selected instead."""
    server.write("copy.ipynb", DEMO)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab = server.open(context, "copy.ipynb")
    lab.run(0)
    card = Card(lab)
    code = card.code()
    copy = card.find("copy")
    lab.page.wait_for_timeout(500)

    copy.click()
    expect(copy).to_have_text("Copied", timeout=10 * SECONDS)
    assert lab.page.evaluate("navigator.clipboard.readText()") == code
    # As on a hub without https, where browsers hide the clipboard.
    hide = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
    lab.page.evaluate(hide)
    copy.click()

    expect(copy).to_contain_text("Selected")
    assert lab.page.evaluate("window.getSelection().toString()") == code
    # Its clipboard does not come back.
    lab.page.close()


def test_a_game_id_is_asked_for_or_the_simulator_offered(
    server: Server, context: BrowserContext
) -> None:
    """The form refuses an empty game_id, and its demo button leads to a code."""
    server.write("form.ipynb", "import parsec_nb\nparsec_nb.login()")
    lab = server.open(context, "form.ipynb")
    lab.run(0)
    card = Card(lab)
    card.expect("needs_game_id")

    card.find("game-id").locator("input").press("Enter")
    card.expect_text("Enter a game_id first.")
    card.click("demo")

    assert card.code()
