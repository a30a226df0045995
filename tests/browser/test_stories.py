"""Reloads, restarts and outages while a login is pending, in every front end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from parsec_nb._auth.messages import SUPERSEDED
from parsec_nb._notebook import messages
from parsec_nb.simulator import Simulator
from support.browser import CLASSIC, LAB, NOTEBOOK, Card, FrontEnd, OpenNotebook
from support.relay import Relay

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from support.jupyter_server import Server

LOGIN = "import parsec_nb\nlogin = parsec_nb.login('game')"
AWAIT = "import parsec_nb\nsession = await parsec_nb.login('game')"
AWAIT_DEMO = "import parsec_nb\nsession = await parsec_nb.login(demo=True)"
TELL = "print(type(session_id).__name__, len(session_id))"
FRONT_ENDS = pytest.mark.parametrize("front_end", [LAB, NOTEBOOK, CLASSIC], ids=str)


def expect_not_run(notebook: OpenNotebook, number: int) -> None:
    """Expect a cell to have no output."""
    expect(notebook.output(number)).to_have_text("")


def test_run_all_waits_and_buttons_work(
    server: Server, context: BrowserContext
) -> None:
    """While a cell awaits the login, the card's own button can allow it."""
    server.write("wait.ipynb", AWAIT_DEMO, TELL)
    notebook = server.open(context, "wait.ipynb")
    notebook.run_all()
    card = Card(notebook)
    card.code()
    expect_not_run(notebook, 1)

    card.click("approve")

    card.expect("approved")
    expect(notebook.output(1)).to_contain_text("SessionID 64")


@FRONT_ENDS
def test_run_all_ends_at_cancel(
    server: Server, context: BrowserContext, front_end: FrontEnd
) -> None:
    """Cancel ends the waiting cell with one error, and no later cell runs."""
    server.write("cancel.ipynb", AWAIT, TELL)
    notebook = server.open(context, "cancel.ipynb", front_end)
    notebook.run_all()
    card = Card(notebook)
    card.code()
    # nbclassic loses a card whose output is replaced while it still draws it.
    notebook.page.wait_for_timeout(1000)

    card.click("cancel")

    card.expect("cancelled")
    card.expect_text("LoginCancelledError")
    expect_not_run(notebook, 1)


@FRONT_ENDS
def test_the_card_comes_back_to_a_new_page(
    server: Server, context: BrowserContext, front_end: FrontEnd
) -> None:
    """A page that is reloaded, or closed and opened, has the same code to approve."""
    server.write("back.ipynb", LOGIN, TELL)
    notebook = server.open(context, "back.ipynb", front_end)
    notebook.run(0)
    code = Card(notebook).code()
    notebook.save_without(code)
    notebook.reload()
    assert Card(notebook).code() == code
    notebook.page.close()
    notebook = server.open(context, "back.ipynb", front_end)
    card = Card(notebook)

    assert card.code() == code
    card.decide("allow")
    card.expect("approved")
    notebook.run(1)

    expect(notebook.output(1)).to_contain_text("SessionID 64")
    expect(card.find("code")).to_have_count(0)
    assert code not in notebook.save()


@FRONT_ENDS
def test_a_restarted_kernel_is_told(
    server: Server, context: BrowserContext, front_end: FrontEnd
) -> None:
    """A card whose kernel is gone says so, at once and in a new page."""
    server.write("restart.ipynb", LOGIN)
    notebook = server.open(context, "restart.ipynb", front_end)
    notebook.run(0)
    card = Card(notebook)
    code = card.code()
    saved = notebook.save_without(code)

    notebook.restart()
    expect(card.find("code")).to_be_hidden()
    said = notebook.page.evaluate(
        "getComputedStyle(document.querySelector('.parsec-nb'), '::before').content"
    )
    assert messages.KERNEL_LOST in said
    notebook.reload()

    assert messages.CARD_WAS_HERE in saved
    expect(card.output).not_to_contain_text(code)


@FRONT_ENDS
def test_restart_and_run_all_logs_in_anew(
    server: Server, context: BrowserContext, front_end: FrontEnd
) -> None:
    """After a success, a new kernel's card is there while its cell awaits."""
    server.write("anew.ipynb", AWAIT, TELL)
    notebook = server.open(context, "anew.ipynb", front_end)
    notebook.run_all()
    card = Card(notebook)
    code = card.code()
    card.decide("allow")
    expect(notebook.output(1)).to_contain_text("SessionID 64")

    notebook.restart(run_all=True)

    assert card.code() != code
    expect_not_run(notebook, 1)
    card.decide("allow")
    card.expect("approved")
    expect(notebook.output(1)).to_contain_text("SessionID 64")


@FRONT_ENDS
def test_two_notebooks_on_one_kernel(
    server: Server, context: BrowserContext, front_end: FrontEnd
) -> None:
    """The same call shows the same login in both; another call ends it in both."""
    server.write("first.ipynb", LOGIN)
    server.write("second.ipynb", LOGIN, "parsec_nb.login('another')", TELL)
    first = server.open(context, "first.ipynb", front_end)
    first.run(0)
    code = Card(first).code()
    server.share_kernel("first.ipynb", "second.ipynb")
    second = server.open(context, "second.ipynb", front_end)

    second.run(0)
    assert Card(second).code() == code
    second.run(1)
    another = Card(second, 1)
    assert another.code() != code

    for ended in (Card(first), Card(second)):
        ended.expect_text(SUPERSEDED)
        expect(ended.find("code")).to_have_count(0)
    another.decide("allow")
    another.expect("approved")
    second.run(2)
    expect(second.output(2)).to_contain_text("SessionID 64")


@FRONT_ENDS
def test_the_same_cell_again(
    server: Server, context: BrowserContext, front_end: FrontEnd
) -> None:
    """A pending card is shown again with its code; a finished one says so."""
    server.write("again.ipynb", LOGIN)
    notebook = server.open(context, "again.ipynb", front_end)
    notebook.run(0)
    card = Card(notebook)
    code = card.code()

    notebook.run(0)
    expect(card.find("code")).to_have_count(1)
    assert card.code() == code
    card.decide("allow")
    card.expect("approved")
    notebook.run(0)

    card.expect_text("Already logged in")
    expect(card.find("code")).to_have_count(0)


@pytest.mark.parametrize("front_end", [LAB, CLASSIC], ids=str)
def test_the_browser_loses_its_server_for_a_while(
    server: Server, context: BrowserContext, front_end: FrontEnd, simulator: Simulator
) -> None:
    """What was approved meanwhile is on the card once the browser is back."""
    server.write("cut.ipynb", LOGIN, TELL)
    with Relay(server.port) as network:
        notebook = server.open(context, "cut.ipynb", front_end, port=network.port)
        notebook.run(0)
        card = Card(notebook)
        code = card.code()
        # In its first second, nbclassic takes a lost connection for a dead kernel.
        notebook.page.wait_for_timeout(1000)

        network.cut()
        assert simulator.approve(code)
        notebook.page.wait_for_timeout(1500)
        expect(card.find("code")).to_have_count(1)
        network.mend()

        card.expect("approved")
        notebook.run(1)
        expect(notebook.output(1)).to_contain_text("SessionID 64")


@FRONT_ENDS
def test_the_kernel_loses_parsec_for_a_while(
    server: Server, context: BrowserContext, front_end: FrontEnd
) -> None:
    """The card says that Parsec is out of reach, and the same code works later."""
    with Simulator(interval=0.3) as probe:
        port = probe.port
    parsec = Simulator(port=port, interval=0.3)
    call = f"parsec_nb.login('game', api_url='http://127.0.0.1:{port}')"
    server.write("outage.ipynb", f"import parsec_nb\n{call}", TELL)
    with parsec:
        notebook = server.open(context, "outage.ipynb", front_end)
        notebook.run(0)
        card = Card(notebook)
        code = card.code()
    card.expect_text("Can't reach Parsec, trying again in")
    assert card.code() == code

    with parsec:
        card.expect_text("Waiting for your approval")
        card.decide("allow")
        card.expect("approved")

    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("SessionID 64")
