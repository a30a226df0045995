"""The card is accessible in every state and theme: axe-core, sizes, keyboard.

One JupyterLab shows all states at once, each reached by a real login.
"""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from parsec_nb import Status
from parsec_nb.simulator import Simulator
from support.accessibility import complaints, cut_off, in_focus, styled, zoomed
from support.browser import LAB, SECONDS, window
from support.http_server import ScriptedServer, respond

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

    from support.jupyter_server import Server

OUTPUT = f"{LAB.output} "
CARDS = (".jp-OutputArea-output.parsec-nb", ".jp-OutputArea-output .parsec-nb")
CODE: dict[str, Any] = {
    "verification_uri": "https://parsec.gg/activate",
    "user_code": "ABCD3456",
    "hash": "0ujsswThIGTUYm2K8FjOOfXtY1K",
    "expires_at": 2_000_000_000,
    "interval": 0.5,
}
# A second before the code expires, by the clock of who issued it.
NEARLY_OVER = {"Date": formatdate(CODE["expires_at"] - 1, usegmt=True)}
# A kernel has one login at a time: imported anew, the package lets the earlier ones
# go on, so that one page shows them all.
ANEW = """\
import sys
for name in [name for name in sys.modules if name.startswith("parsec_nb")]:
    del sys.modules[name]
import parsec_nb
"""
# A login in the demo waits for the simulator, which never starts here.
NO_SIMULATOR = """\
import threading, parsec_nb.simulator
parsec_nb.simulator.shared = threading.Event().wait
"""
LOG_IN = "login = parsec_nb.login('game', variable=None, api_url='{}')"
# Each state of the card: what its cell runs, and the status it shows in the end.
STATES = {
    "form": (f"{ANEW}parsec_nb.login()", Status.NEEDS_GAME_ID),
    "pending in the demo": (f"{ANEW}parsec_nb.login(demo=True)", Status.PENDING),
    "pending with a QR code": (ANEW + LOG_IN, Status.PENDING),
    "trouble": (ANEW + LOG_IN, Status.PENDING),
    "denied": (ANEW + LOG_IN, Status.DENIED),
    "expired": (ANEW + LOG_IN, Status.EXPIRED),
    "failed": (ANEW + LOG_IN, Status.FAILED),
    "cancelled": (f"{ANEW}{LOG_IN}; _ = login.cancel()", Status.CANCELLED),
    "replaced": (ANEW + LOG_IN, Status.CANCELLED),
    # With other arguments than the one above, which it replaces.
    "approved": (LOG_IN.replace("game", "another game"), Status.APPROVED),
    "requesting": (
        f"{ANEW}{NO_SIMULATOR}parsec_nb.login(demo=True, variable='other')",
        Status.REQUESTING,
    ),
}
HOSTS = """\
from parsec_nb import Host, Hosts
display(Hosts([Host("p1", "Living room", "desktop", 1, 4, online=True)], has_more=True))
display(Hosts())"""


@pytest.fixture(scope="module")
def remote_simulator() -> Iterator[Simulator]:
    """A simulator whose link leads to another machine, so that it gets a QR code."""
    link = CODE["verification_uri"]
    with Simulator(interval=0.3, verification_uri=str(link)) as running:
        yield running


@pytest.fixture(scope="module")
def gallery(
    server: Server, browser: Browser, remote_simulator: Simulator
) -> Iterator[dict[str, Locator]]:
    """All states of the card on one page, by name, and the hosts below them."""
    issue = respond(201, {"data": CODE})
    with (
        ScriptedServer(respond(201, {"data": CODE}, NEARLY_OVER), respond(202)) as late,
        ScriptedServer(issue, respond(503)) as trouble,
        ScriptedServer(respond(403, {"error": "unknown game_id"})) as refusing,
    ):
        urls = {"trouble": trouble.url, "expired": late.url, "failed": refusing.url}
        calls = [
            call.format(urls.get(name, remote_simulator.url))
            for name, (call, _) in STATES.items()
        ]
        server.use_theme("Light")
        server.write("gallery.ipynb", *calls, HOSTS)
        lab = server.open(window(browser, 1100, 4400), "gallery.ipynb")
        cells = lab.page.locator(".jp-CodeCell")
        cards = {
            name: cells.nth(i).locator(", ".join(CARDS))
            for i, name in enumerate(STATES)
        }
        for number, name in enumerate(STATES):
            lab.run(number)
            # Only the last goes on requesting; the others' threads still import.
            if name != "requesting":
                requesting = cards[name].locator('[data-status="requesting"]')
                expect(cards[name].locator("[data-status]")).to_be_visible()
                expect(requesting).to_have_count(0, timeout=30 * SECONDS)
        lab.run(len(calls))
        for name, decide in (
            ("approved", remote_simulator.approve),
            ("denied", remote_simulator.deny),
        ):
            decide(cards[name].locator(".parsec-nb-code").inner_text())
        for name, card in cards.items():
            status = card.locator(f'[data-status="{STATES[name][1].value}"]')
            expect(status).to_be_visible(timeout=30 * SECONDS)
        expect(cards["trouble"]).to_contain_text("Can't reach Parsec")
        expect(cells.last.locator("table")).to_be_visible()
        yield cards


def use_theme(page: Page, name: str) -> None:
    """Choose a theme in JupyterLab's menu."""
    page.locator(".lm-MenuBar-item", has_text="Settings").click()
    page.locator(".lm-Menu-item", has_text="Theme").first.click()
    page.locator(".lm-Menu-item", has_text=re.compile(f"^{name}$")).click()
    page.locator(f'body[data-jp-theme-name="{name}"]').wait_for(state="attached")
    # Its style sheet arrives later.
    page.wait_for_timeout(500)
    page.wait_for_load_state("networkidle")


def page_of(gallery: dict[str, Locator]) -> Page:
    """Return the page that shows all states."""
    return gallery["form"].page


def test_the_gallery_shows_every_status(gallery: dict[str, Locator]) -> None:
    """No status is forgotten, and the loopback link alone has no QR code."""
    with_qr = {name for name in gallery if gallery[name].locator("svg").count()}

    assert {status for _, status in STATES.values()} == set(Status)
    assert with_qr == {"pending with a QR code", "trouble"}


@pytest.mark.parametrize(
    "theme", ["JupyterLab Dark", "JupyterLab Dark High Contrast", "JupyterLab Light"]
)
def test_axe_has_nothing_against_any_state(
    gallery: dict[str, Locator], theme: str
) -> None:
    """Names, roles, targets and contrasts are in order, in the card and the hosts."""
    page = page_of(gallery)
    use_theme(page, theme)

    found = complaints(page, *CARDS, ".jp-OutputArea-output table")

    assert found == []


NARROW = "{} {{ width: 320px !important; max-width: 320px !important; }}"
BIG = ":root, body {{ --jp-content-font-size1: 28px !important; {} }}"


def misfits(gallery: dict[str, Locator]) -> dict[str, list[str]]:
    """Return what does not fit into the card by state, a code of two lines included."""
    broken = (
        "code => code.offsetHeight >= 2 * parseFloat(getComputedStyle(code).fontSize)"
    )
    found = {name: cut_off(card) for name, card in gallery.items()}
    for name, card in gallery.items():
        codes = card.locator(".parsec-nb-code").all()
        found[name] += ["the code is broken"] * any(c.evaluate(broken) for c in codes)
    return found


def test_nothing_is_cut_off_at_320_pixels(gallery: dict[str, Locator]) -> None:
    """In a column as narrow as a phone every state fits, without sideways scrolling."""
    with styled(page_of(gallery), NARROW.format(", ".join(CARDS))):
        found = misfits(gallery)

    assert not any(found.values()), found


def test_nothing_is_cut_off_with_text_of_twice_the_size(
    gallery: dict[str, Locator],
) -> None:
    """Larger letters, as JupyterLab's settings give them, stay inside their boxes."""
    sizes = "--jp-ui-font-size1: 26px !important; --jp-widgets-font-size: 26px"
    with (
        styled(page_of(gallery), NARROW.format(", ".join(CARDS))),
        styled(page_of(gallery), BIG.format(sizes)),
    ):
        size = gallery["form"].evaluate("card => getComputedStyle(card).fontSize")
        found = misfits(gallery)

    assert size == "28px"
    assert not any(found.values()), found


def test_nothing_is_cut_off_at_200_percent(gallery: dict[str, Locator]) -> None:
    """At twice the zoom every state still fits between JupyterLab's side bars."""
    page = page_of(gallery)
    with zoomed(page, 1100, 8800):
        page.wait_for_function("innerWidth === 550 && devicePixelRatio === 2")
        # JupyterLab lays its panels out by script.
        page.wait_for_timeout(500)
        width = gallery["form"].evaluate("card => card.offsetWidth")
        found = misfits(gallery)

    assert width < 320
    assert not any(found.values()), found


def test_the_code_cannot_be_misread(gallery: dict[str, Locator]) -> None:
    """Big, one click selects it all, and no two characters of it look alike."""
    code = gallery["pending with a QR code"].locator(".parsec-nb-code")

    seen = code.evaluate(
        """code => {
          const style = getComputedStyle(code);
          const canvas = document.createElement('canvas');
          const brush = canvas.getContext('2d', {willReadFrequently: true});
          const draw = letter => {
            brush.clearRect(0, 0, 99, 99);
            brush.font = `${style.fontWeight} 48px ${style.fontFamily}`;
            brush.fillText(letter, 9, 60);
            return [brush.measureText(letter).width,
              brush.getImageData(0, 0, 99, 99).data.join()];
          };
          const drawn = [...'0OQD1IL8B5S2Z'].map(draw);
          return {select: style.userSelect, size: parseFloat(style.fontSize),
            widths: new Set(drawn.map(d => d[0])).size,
            shapes: new Set(drawn.map(d => d[1])).size};
        }"""
    )

    assert seen["select"] == "all"
    assert seen["size"] >= 28
    assert (seen["widths"], seen["shapes"]) == (1, 13)


def test_forced_colours_leave_the_qr_code_and_the_borders(
    gallery: dict[str, Locator],
) -> None:
    """In a high contrast mode a phone still reads the code, and boxes have edges."""
    page = page_of(gallery)
    page.emulate_media(forced_colors="active", color_scheme="dark")
    colour = "e => getComputedStyle(e).backgroundColor"
    edge = (
        "e => getComputedStyle(e).borderTopWidth + getComputedStyle(e).borderTopColor"
    )
    card = gallery["pending with a QR code"]

    behind_qr = card.locator(".parsec-nb-qr").evaluate(colour)
    edges = [
        card.locator(f".parsec-nb-{name}").evaluate(edge)
        for name in ("code", "copy", "cancel")
    ]
    page.emulate_media(forced_colors="none", color_scheme="light")

    assert behind_qr == "rgb(255, 255, 255)"
    assert all(re.fullmatch(r"1pxrgb\(\d+, \d+, \d+\)", edge) for edge in edges), edges


def test_nothing_moves(gallery: dict[str, Locator]) -> None:
    """The card has no animation that a setting would have to switch off."""
    moving = page_of(gallery).evaluate(
        f"""document.getAnimations().filter(a => a.effect.target.closest(
          '{", ".join(CARDS)}')).length"""
    )

    assert moving == 0


def press(page: Page, key: str, times: int) -> list[tuple[str, bool]]:
    """Press a key some times; return what has the focus after each, and a ring."""
    found = []
    for _ in range(times):
        page.keyboard.press(key)
        found.append(in_focus(page))
    return found


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of this name has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if in_focus(page)[0] == name:
            return
    msg = f"Tab does not lead to {name}"
    raise AssertionError(msg)


def test_a_login_without_a_mouse(server: Server, context: BrowserContext) -> None:
    """Tab leads through the card in order, and keys do all that clicks do."""
    server.write("keys.ipynb", "import parsec_nb\nparsec_nb.login(demo=True)")
    lab = server.open(context, "keys.ipynb")
    page = lab.page
    lab.run(0)
    code = page.locator(f"{OUTPUT}.parsec-nb-code")
    page.locator(f"{OUTPUT}.parsec-nb-approve").wait_for()
    # Until the front end has drawn the card for good.
    page.wait_for_timeout(1000)
    first = code.inner_text()

    tab_to(page, "link")
    order = [in_focus(page), *press(page, "Tab", 5)]
    assert order == [
        (name, True) for name in ("link", "copy", "cancel", "renew", "approve", "deny")
    ]
    press(page, "Shift+Tab", 2)
    page.keyboard.press("Space")
    another = re.compile(f"^(?!{first})[A-Z0-9]{{8}}$")
    expect(code).to_have_text(another, timeout=20 * SECONDS)
    page.locator(f"{OUTPUT}.parsec-nb-approve").wait_for()
    press(page, "Shift+Tab", 2)
    assert in_focus(page) == ("copy", True)
    page.keyboard.press("Enter")
    expect(page.locator(f"{OUTPUT}.parsec-nb-copy")).not_to_have_text("Copy code")
    assert press(page, "Shift+Tab", 1) == [("link", True)]
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    activate = opened.value
    activate.locator("input:focus").wait_for()
    typed = code.inner_text().lower()
    activate.keyboard.type(typed)
    expect(activate.get_by_role("textbox")).to_have_value(typed)
    activate.keyboard.press("Enter")
    activate.get_by_role("button", name="Allow").wait_for()
    tab_to(activate, "Allow")
    assert in_focus(activate) == ("Allow", True)
    activate.keyboard.press("Space")
    expect(activate.get_by_role("heading")).to_have_text("Login allowed")
    activate.close()

    approved = page.locator(f'{OUTPUT}[data-status="approved"]')
    expect(approved).to_be_visible(timeout=30 * SECONDS)


def test_the_form_without_a_mouse(
    server: Server, context: BrowserContext, remote_simulator: Simulator
) -> None:
    """A game_id is typed and sent from its field, and its absence is announced."""
    call = f"import parsec_nb\nparsec_nb.login(api_url='{remote_simulator.url}')"
    server.write("form.ipynb", call)
    lab = server.open(context, "form.ipynb")
    page = lab.page
    lab.run(0)
    page.locator(f"{OUTPUT}.parsec-nb-demo").wait_for()
    page.wait_for_timeout(1000)

    tab_to(page, "game-id")
    order = [in_focus(page), *press(page, "Tab", 3)]
    assert order == [(name, True) for name in ("game-id", "start", "demo", "cancel")]
    press(page, "Shift+Tab", 3)
    page.keyboard.press("Enter")
    told = page.locator(f"{OUTPUT}[role=alert]")
    expect(told).to_contain_text("Enter a game_id first.", timeout=20 * SECONDS)
    page.keyboard.type("my-game")
    page.keyboard.press("Enter")
    page.locator(f"{OUTPUT}.parsec-nb-code").wait_for()
    tab_to(page, "cancel")
    page.keyboard.press("Enter")

    cancelled = page.locator(f'{OUTPUT}[data-status="cancelled"]')
    expect(cancelled).to_be_visible(timeout=30 * SECONDS)


LISTEN = """() => {
  window.heard = [];
  const note = node => {
    if (!(node instanceof Element)) return;
    for (const found of [node, ...node.querySelectorAll('*')])
      if (found.role === 'alert') heard.push([found.dataset.status, found.textContent]);
  };
  const look = change =>
    (change.type === 'attributes' ? [change.target] : change.addedNodes).forEach(note);
  new MutationObserver(changes => changes.forEach(look)).observe(
    document.body, {subtree: true, childList: true, attributeFilter: ['role']});
}"""


def test_each_status_is_announced_once_and_the_code_stays(
    server: Server, context: BrowserContext
) -> None:
    """A minute's tick is silent; trouble, and its end, are heard, and move nothing."""
    now = time.time()
    code: dict[str, Any] = CODE | {"expires_at": now + 63}
    date = {"Date": formatdate(now, usegmt=True)}
    waiting = respond(202, {})
    script = [*[waiting] * 10, respond(503), *[waiting] * 6, respond(401)]
    with ScriptedServer(respond(201, {"data": code}, date), *script) as scripted:
        call = f"import parsec_nb\nparsec_nb.login('game', api_url='{scripted.url}')"
        server.write("listen.ipynb", call)
        lab = server.open(context, "listen.ipynb")
        page = lab.page
        page.evaluate(LISTEN)
        lab.run(0)
        shown = page.locator(f"{OUTPUT}.parsec-nb-code")
        expect(page.locator(f"{OUTPUT}[role=alert]")).to_contain_text("2 more minutes")
        shown.evaluate(
            """code => {
              window.drawn = [code, document.querySelector('.parsec-nb-link')];
              getSelection().selectAllChildren(code);
            }"""
        )
        kept = "() => [...drawn.map(d => d.isConnected), getSelection().toString()]"
        status = page.locator(f"{OUTPUT}.parsec-nb-status")

        expect(status).to_contain_text("1 more minute.", timeout=20 * SECONDS)
        after_tick = status.aria_snapshot(), page.evaluate(kept)
        expect(status).to_contain_text("Can't reach Parsec", timeout=20 * SECONDS)
        after_trouble = status.aria_snapshot(), page.evaluate(kept)
        expect(status).to_contain_text("1 more minute.", timeout=20 * SECONDS)
        after_recovery = page.evaluate(kept)
        expect(page.locator(f"{OUTPUT}[data-status=denied]")).to_be_visible(
            timeout=20 * SECONDS
        )
        page.wait_for_timeout(500)
        heard = page.evaluate("heard")

    assert (
        after_tick[1] == after_trouble[1] == after_recovery == [True, True, "ABCD3456"]
    )
    assert "alert" not in after_tick[0]
    assert "alert" in after_trouble[0]
    # The request for a code may be too short to be announced.
    told = [(status, words[:11]) for status, words in heard if status != "requesting"]
    assert told == [
        ("pending", "Waiting for"),
        ("pending", "Can't reach"),
        ("pending", "Waiting for"),
        ("denied", "Parsec did "),
    ]
    assert len(heard) - len(told) <= 1
