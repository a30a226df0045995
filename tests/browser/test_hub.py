"""A login on a JupyterHub, through its proxy, as its users live it in a browser."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.hub import SECONDS, SHOWN, Hub, HubUser, jupyter_hub, run_cell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page, Request

# A test that is tried again finds the session of its first try.
LOG_IN = "import parsec_nb\nparsec_nb.login(fresh=True)"
HOSTS = "_login = parsec_nb.login()\n_login.session.hosts()"


@pytest.fixture(scope="module")
def hub(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A JupyterHub, of which ada's server knows the public address."""
    with jupyter_hub(tmp_path_factory.mktemp("hub"), browser, told={"ada"}) as running:
        yield running


@pytest.fixture(scope="module")
def ada(hub: Hub) -> HubUser:
    """A user who comes by https."""
    return hub.user("ada", "https")


@pytest.fixture(scope="module")
def adas_page(hub: Hub, ada: HubUser) -> Iterator[Page]:
    """A notebook of ada's in JupyterLab."""
    ada.write_notebook("login.ipynb", LOG_IN, HOSTS, LOG_IN)
    with hub.window() as window:
        yield ada.open(window, "login.ipynb")


@contextlib.contextmanager
def shared_simulator(output: Path) -> Iterator[str]:
    """Run the command that a teacher runs; gives the URL that it prints."""
    command = [sys.executable, "-m", "parsec_nb", "simulator", "--interval", "1"]
    with output.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        url = None
        while url is None:
            assert process.poll() is None, output.read_text()
            url = re.search(r"PARSEC_API_URL=(\S+)", output.read_text())
        yield url[1]
    finally:
        process.terminate()
        process.wait(20)


def card(page: Page, number: int) -> Locator:
    """Return the output of a code cell, where its card is."""
    cell = page.locator(f"{SHOWN}.jp-CodeCell").nth(number)
    return cell.locator(".jp-OutputArea")


def link_of(card: Locator) -> tuple[str, str]:
    """Return what the card's link shows, in full, and where it leads."""
    # The card is drawn more than once, and its link shows the host soon after.
    link = card.locator(".parsec-nb-link", has_text="://")
    shown, target = link.evaluate("link => [link.innerText, link.href]")
    return shown, target


def expect_status(card: Locator, status: str) -> None:
    """Wait until the card has a status."""
    shown = card.locator(f'[data-status="{status}"]').first
    expect(shown).to_be_visible(timeout=60 * SECONDS)


def allow(activate: Page, card: Locator) -> None:
    """Enter the card's code on the simulator's page, and allow the login."""
    activate.get_by_role("textbox").fill(card.locator(".parsec-nb-code").inner_text())
    activate.get_by_role("button", name="Continue").click()
    activate.get_by_role("button", name="Allow").click()
    expect(activate.get_by_role("heading", level=1)).to_have_text("Login allowed")


def test_a_login_on_a_hub(ada: HubUser, adas_page: Page) -> None:
    """As on Binder: a bare login(), its link through the proxy, approval, hosts."""
    run_cell(adas_page, 0)
    shown_card = card(adas_page, 0)
    shown, target = link_of(shown_card)

    with adas_page.context.expect_page() as opened:
        shown_card.locator(".parsec-nb-link").click()
    allow(opened.value, shown_card)
    expect_status(shown_card, "approved")
    run_cell(adas_page, 1)

    assert re.fullmatch(f"{re.escape(ada.url)}proxy/[0-9]+/activate", shown)
    assert target == shown
    table = card(adas_page, 1).locator("table")
    expect(table).to_contain_text("<b>", timeout=30 * SECONDS)


def test_a_phone_logs_in_to_the_hub_and_approves(
    hub: Hub, ada: HubUser, adas_page: Page
) -> None:
    """What the QR code holds is of use to another device of the same user."""
    run_cell(adas_page, 2)
    shown_card = card(adas_page, 2)
    shown, _ = link_of(shown_card)
    expect(shown_card.locator(".parsec-nb-qr svg")).to_be_visible()

    with hub.window(width=390) as phone:
        activate = phone.new_page()
        activate.goto(shown)
        ada.log_in(activate)
        allow(activate, shown_card)

    expect_status(shown_card, "approved")


def test_a_simulator_for_all_of_a_hub(hub: Hub, tmp_path: Path) -> None:
    """It is reached through each one's own prefix, and tells nothing of who comes.

    By plain http, where a browser says only by Origin where a form comes from.
    """
    grace = hub.user("grace", "http")
    output = tmp_path / "output"
    forms: list[dict[str, str]] = []
    told = []

    def note(request: Request) -> None:
        if request.method == "POST":
            forms.append(request.all_headers())

    with shared_simulator(output) as url, hub.window() as window:
        log_in = LOG_IN.replace("(", f"('workshop', api_url='{url}', ")
        grace.write_notebook("login.ipynb", log_in)
        page = grace.open(window, "login.ipynb")
        run_cell(page, 0)
        shown, target = link_of(card(page, 0))
        assert shown == target == f"{grace.url}proxy/{url.rpartition(':')[2]}/activate"

        activate = window.new_page()
        activate.on("requestfinished", note)
        for address in (f"{target}/a/b?token=letmein", f"{target}?token=letmein"):
            activate.goto(address)
            told.append(activate.content())
        allow(activate, card(page, 0))
        told.append(activate.content())
        expect_status(card(page, 0), "approved")

        told.append(output.read_text())
    cookies = dict(
        cookie.split("=", 1) for form in forms for cookie in form["cookie"].split("; ")
    )
    # Its pages hold a token that belongs to this one.
    del cookies["parsec_nb_simulator"]
    secrets = {value for value in cookies.values() if len(value) > 30} | {"letmein"}
    assert len(secrets) > 3
    assert all("imulator" in text for text in told)
    assert not [secret for secret in secrets if any(secret in text for text in told)]
    assert len(forms) == 2
    assert all("origin" in form and "sec-fetch-site" not in form for form in forms)


def test_without_the_proxy_the_card_has_buttons_of_its_own(hub: Hub) -> None:
    """The link leads nowhere then, and the card is enough."""
    alan = hub.user("alan", "http")
    off = {"jpserver_extensions": {"jupyter_server_proxy": False}}
    alan.write_file(
        ".jupyter/jupyter_server_config.json", json.dumps({"ServerApp": off})
    )
    alan.write_notebook("login.ipynb", LOG_IN)
    with hub.window() as window:
        page = alan.open(window, "login.ipynb")
        run_cell(page, 0)
        shown, target = link_of(card(page, 0))
        visit = window.new_page()
        answer = visit.goto(target)
        assert answer
        assert answer.status == 404
        visit.close()

        card(page, 0).locator(".parsec-nb-approve").click()

        expect_status(card(page, 0), "approved")
        assert shown == target
        assert re.fullmatch(f"{re.escape(alan.url)}proxy/[0-9]+/activate", shown)
