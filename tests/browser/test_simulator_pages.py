"""The simulator's pages in Chromium: any width, zoom, letter size, theme and key."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests
from playwright.sync_api import expect

from parsec_nb.simulator import Simulator
from parsec_nb.simulator._pages import WRONG_CODE
from support.accessibility import complaints, cut_off, in_focus, zoomed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

PHONE = 320
FAULTY = {"wrong", "too late"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """A simulator."""
    with Simulator(interval=0.1) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty window, as wide as a phone."""
    context = browser.new_context(viewport={"width": PHONE, "height": 700})
    yield context.new_page()
    context.close()


def log_in(simulator: Simulator) -> str:
    """Return a new session's ID."""
    code = requests.post(
        f"{simulator.url}/auth/codes", json={"game_id": "any"}, timeout=10
    ).json()["data"]
    assert simulator.approve(code["user_code"])
    time.sleep(0.1)
    fields = {"grant_type": "auth_code", "auth_code_hash": code["hash"]}
    answer = requests.post(f"{simulator.url}/auth/sessions", json=fields, timeout=10)
    session_id: str = answer.json()["data"]["id"]
    return session_id


def new_code(simulator: Simulator) -> str:
    """Ask the simulator for a code, as a notebook does."""
    response = requests.post(
        f"{simulator.url}/auth/codes", json={"game_id": "g" * 60}, timeout=10
    )
    code: str = response.json()["data"]["user_code"]
    return code


def enter(page: Page, simulator: Simulator, code: str) -> None:
    """Enter a code on the page for it."""
    page.goto(f"{simulator.url}/activate")
    page.get_by_role("textbox").fill(code)
    page.keyboard.press("Enter")


def decide(page: Page, simulator: Simulator, button: str) -> None:
    """Enter a new code, and press a button of the page that asks about it."""
    enter(page, simulator, new_code(simulator))
    page.get_by_role("button", name=button).click()


def post_from_elsewhere(page: Page, simulator: Simulator) -> None:
    """Send the form as a browser does that keeps no cookies."""
    page.goto(f"{simulator.url}/activate")
    page.context.clear_cookies()
    page.get_by_role("textbox").fill("WRONG")
    page.keyboard.press("Enter")


def ask(page: Page, simulator: Simulator) -> None:
    """Ask a host for a connection as two notebooks do, and open the page for it."""
    for _ in range(2):
        response = requests.post(
            f"{simulator.url}/simulated/connections",
            json={"peer_id": "2SimulatedPeer".ljust(27, "0")},
            headers={"Authorization": f"Bearer {log_in(simulator)}"},
            timeout=10,
        )
        assert response.json()["data"]["state"] == "waiting"
    page.goto(f"{simulator.url}/connections")


def judge(page: Page, simulator: Simulator, button: str) -> None:
    """Allow or decline a request for a connection."""
    ask(page, simulator)
    page.get_by_role("button", name=button).first.click()


def judge_too_late(page: Page, simulator: Simulator) -> None:
    """Allow a request for a connection that was decided already."""
    ask(page, simulator)
    page.locator("input[name=id]").first.evaluate("input => input.value = 'gone'")
    page.get_by_role("button", name="Allow").first.click()


# Each page: its heading, and what leads to it.
PAGES: dict[str, tuple[str, Callable[[Page, Simulator], object]]] = {
    "enter": ("Enter your code", lambda page, it: page.goto(f"{it.url}/activate")),
    "wrong": ("Enter your code", lambda page, it: enter(page, it, "WRONGONE")),
    "decide": ("Allow this login?", lambda page, it: enter(page, it, new_code(it))),
    "allowed": ("Login allowed", lambda page, it: decide(page, it, "Allow")),
    "denied": ("Login denied", lambda page, it: decide(page, it, "Deny")),
    "403": ("This form cannot be used", post_from_elsewhere),
    "requests": ("Connection requests", ask),
    "too late": ("Connection requests", judge_too_late),
    "connected": ("Connection allowed", lambda page, it: judge(page, it, "Allow")),
    "declined": ("Connection declined", lambda page, it: judge(page, it, "Decline")),
    "none asks": (
        "Connection requests",
        lambda page, it: page.goto(f"{it.url}/connections"),
    ),
    "404": ("Page not found", lambda page, it: page.goto(f"{it.url}/none")),
}


def show(page: Page, simulator: Simulator, name: str) -> None:
    """Go to a page."""
    heading, go = PAGES[name]
    go(page, simulator)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    # The same form once more, with words about what was wrong.
    expect(page.locator(".error")).to_have_count(int(name in FAULTY))


def misfits(page: Page) -> list[str]:
    """Return what does not fit."""
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return ["the page scrolls sideways"] * wide + cut_off(page.locator("body"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_against_any_page(
    page: Page, simulator: Simulator, scheme: str
) -> None:
    """Names, roles, headings, landmarks and contrasts are in order, in both themes."""
    page.emulate_media(color_scheme=scheme)

    found = {}
    for name in PAGES:
        show(page, simulator, name)
        found[name] = complaints(page, "html")

    assert not any(found.values()), found


def test_every_page_fits_a_phone_a_zoom_and_large_letters(
    page: Page, simulator: Simulator
) -> None:
    """At 320 pixels, at 200 % and with letters of twice the size nothing is lost."""
    letters = page.context.new_cdp_session(page)

    found = {}
    for name in PAGES:
        show(page, simulator, name)
        found[name, "phone"] = misfits(page)
        with zoomed(page, 2 * PHONE, 800):
            assert page.evaluate("[innerWidth, devicePixelRatio]") == [PHONE, 2]
            found[name, "zoom"] = misfits(page)
        letters.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
        size = "parseFloat(getComputedStyle(document.querySelector('p')).fontSize)"
        assert page.evaluate(size) == 32
        found[name, "letters"] = misfits(page)
        letters.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})

    assert not any(found.values()), found


def test_forced_colours_leave_edges_and_nothing_moves(
    page: Page, simulator: Simulator
) -> None:
    """In a high contrast mode, field and button have edges and the focus a ring."""
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.goto(f"{simulator.url}/activate")

    edges = page.locator("input:focus, button").evaluate_all(
        "found => found.map(e => getComputedStyle(e).borderTopWidth)"
    )
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")

    assert edges == ["2px", "2px"]
    assert ring == "3px"
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize(
    ("button", "keys", "heading"),
    [
        ("Allow", ["Tab", "Space"], "Login allowed"),
        ("Deny", ["Tab", "Tab", "Enter"], "Login denied"),
    ],
)
def test_a_decision_without_a_mouse(
    page: Page, simulator: Simulator, button: str, keys: list[str], heading: str
) -> None:
    """The code can be typed at once; Tab leads to each button, with a visible ring."""
    page.goto(f"{simulator.url}/activate")
    page.locator("input:focus").wait_for()

    on_field = in_focus(page)
    page.keyboard.type(new_code(simulator).lower())
    page.keyboard.press("Tab")
    on_continue = in_focus(page)
    page.keyboard.press("Space")
    page.get_by_role("button", name=button).wait_for()
    *tabs, last = keys
    for key in tabs:
        page.keyboard.press(key)
    on_button = in_focus(page)
    page.keyboard.press(last)

    assert on_field == ("", True)
    assert on_continue == ("Continue", True)
    assert on_button == (button, True)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_a_wrong_code_is_told_where_the_reader_is(
    page: Page, simulator: Simulator
) -> None:
    """The field has the focus again, and describes what was wrong with it."""
    enter(page, simulator, "WRONG")
    page.locator(".error").wait_for()

    field = page.get_by_role("textbox")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(
        f"{WRONG_CODE} Small letters, spaces and dashes are fine."
    )
    expect(page).to_have_title("Error: Enter your code - Simulator, not Parsec")
