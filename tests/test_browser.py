"""The whole story as a newcomer lives it: JupyterLab in Chromium, in both themes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from jupyter_lab import OUTPUT, Lab, jupyter_lab, run_cell, save
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

QUICK_START = Path(__file__).parent.parent / "notebooks" / "01-quickstart.ipynb"
SECONDS = 1000


@pytest.fixture(scope="module", params=["light", "dark"])
def lab(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """JupyterLab, once in each theme."""
    folder = tmp_path_factory.mktemp(request.param)
    with jupyter_lab(folder, dark=request.param == "dark") as running:
        yield running


def code_of(page: Page) -> str:
    """Wait for the card's code, and return it."""
    return page.locator(f"{OUTPUT}.parsec-nb-code").inner_text(timeout=60 * SECONDS)


def expect_status(page: Page, status: str) -> None:
    """Wait until the card has a status."""
    shown = page.locator(f'{OUTPUT}[data-status="{status}"]').first
    expect(shown).to_be_visible(timeout=30 * SECONDS)


def decide(page: Page, code: str, decision: str) -> None:
    """Follow the card's link, and enter and decide the code on the page there."""
    with page.context.expect_page() as opened:
        page.locator(f"{OUTPUT}.parsec-nb-link").click()
    activate = opened.value
    activate.get_by_role("textbox").fill(code.lower())
    activate.keyboard.press("Enter")
    activate.get_by_role("button", name=re.compile(decision, re.IGNORECASE)).click()
    heading = activate.get_by_role("heading", level=1)
    done = re.compile("allowed|denied", re.IGNORECASE)
    expect(heading).to_contain_text(done, timeout=30 * SECONDS)
    activate.close()


def test_the_quick_start(lab: Lab) -> None:
    """Card, link, code, approval, hosts; and the saved file tells none of it."""
    path = lab.folder / "quickstart.ipynb"
    notebook: Any = nbformat.read(QUICK_START, as_version=4)
    tell = "_ = open('secret', 'w').write(session_id)"
    notebook.cells.append(nbformat.v4.new_code_cell(tell))
    nbformat.write(notebook, path)
    context = lab.context()
    page = lab.open(context, path.name)

    run_cell(page, 0)
    code = code_of(page)
    expect_status(page, "pending")
    decide(page, code, "allow")
    expect_status(page, "approved")
    run_cell(page, 1)
    run_cell(page, 2)

    expect(page.locator(f"{OUTPUT}table")).to_contain_text("<b>", timeout=30 * SECONDS)
    expect(page.locator(f"{OUTPUT}.parsec-nb-link")).to_have_count(0)
    secret_file = lab.folder / "secret"
    run_cell(page, 4)
    for _ in range(50):
        if secret_file.exists() and secret_file.read_text():
            break
        page.wait_for_timeout(100)
    save(page)
    saved = path.read_text()
    outputs = json.loads(saved)["cells"][1]["outputs"]
    assert len(secret_file.read_text()) == 64
    assert secret_file.read_text() not in saved
    assert code not in saved
    assert "/activate" not in json.dumps(outputs)
    assert [set(output["data"]) for output in outputs] == [{"text/plain", "text/html"}]
    context.close()


def test_deny_then_a_new_code_in_the_same_card(lab: Lab) -> None:
    """A denial is told in words, and the card's own button asks for another code."""
    lab.write_notebook("deny.ipynb", "import parsec_nb\nparsec_nb.login(demo=True)")
    context = lab.context()
    page = lab.open(context, "deny.ipynb")
    run_cell(page, 0)
    code = code_of(page)

    decide(page, code, "deny")
    expect_status(page, "denied")
    expect(page.locator(f"{OUTPUT}.parsec-nb-code")).to_have_count(0)
    page.locator(f"{OUTPUT}.parsec-nb-renew").click()
    expect_status(page, "pending")

    assert code_of(page) != code
    page.locator(f"{OUTPUT}.parsec-nb-cancel").click()
    expect_status(page, "cancelled")
    save(page)
    assert code not in (lab.folder / "deny.ipynb").read_text()
    context.close()


def test_copy_claims_no_more_than_happened(lab: Lab) -> None:
    """Copied is said where the browser copied; else the code is selected instead."""
    lab.write_notebook("copy.ipynb", "import parsec_nb\nparsec_nb.login(demo=True)")
    context = lab.context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = lab.open(context, "copy.ipynb")
    run_cell(page, 0)
    code = code_of(page)
    copy = page.locator(f"{OUTPUT}.parsec-nb-copy")
    page.wait_for_timeout(500)

    copy.click()
    expect(copy).to_have_text("Copied", timeout=10 * SECONDS)
    assert page.evaluate("navigator.clipboard.readText()") == code
    # As on a hub without https, where browsers hide the clipboard.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    copy.click()

    expect(copy).to_contain_text("Selected")
    assert page.evaluate("window.getSelection().toString()") == code
    context.close()


def test_no_widget_is_wider_than_a_phone(lab: Lab) -> None:
    """At 320 px of width the card needs no sideways scrolling."""
    lab.write_notebook("narrow.ipynb", "import parsec_nb\nparsec_nb.login(demo=True)")
    context = lab.context()
    page = lab.open(context, "narrow.ipynb")
    run_cell(page, 0)
    code_of(page)

    page.evaluate(
        "document.querySelector('.jp-OutputArea .parsec-nb').style.width = '320px'"
    )

    assert page.evaluate(
        "(card => card.scrollWidth <= card.clientWidth)"
        "(document.querySelector('.jp-OutputArea .parsec-nb'))"
    )
    context.close()


def test_a_game_id_is_asked_for_or_the_simulator_offered(lab: Lab) -> None:
    """The form refuses an empty game_id, and its demo button leads to a code."""
    lab.write_notebook("form.ipynb", "import parsec_nb\nparsec_nb.login()")
    context = lab.context()
    page = lab.open(context, "form.ipynb")
    run_cell(page, 0)
    expect_status(page, "needs_game_id")

    page.locator(f"{OUTPUT}.parsec-nb-game-id input").press("Enter")
    status = page.locator(f"{OUTPUT}.parsec-nb-status")
    expect(status).to_contain_text("Enter a game_id first.")
    page.locator(f"{OUTPUT}.parsec-nb-demo").click()
    code_of(page)
    page.locator(f"{OUTPUT}.parsec-nb-approve").click()

    expect_status(page, "approved")
    context.close()
