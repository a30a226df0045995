"""The live view in each front end: its picture, the input, and what stays of it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from support.accessibility import complaints, cut_off, in_focus
from support.browser import CLASSIC, LAB, NOTEBOOK, SECONDS, VOILA, FrontEnd
from support.libparsec import QUADRANTS, Entry, read_record
from support.live_view import LiveView, show_stand_in, wait_for
from support.views import log_in

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext

    from parsec_nb.simulator import Simulator
    from support.jupyter_server import Server

CONNECT = """\
import parsec_nb
from parsec_nb import sdk
session = parsec_nb.Session.from_id({session!r}, api_url={url!r})
client = sdk.connect(session, session.hosts()[0]).result(30)"""
THREADS = """\
import threading
print("encoding" if any(t.name == "parsec_nb-view" for t in threading.enumerate())
      else "no thread")"""
# How a JPEG begins in Base64.
JPEG = "/9j/"


def picture_in(notebook: str) -> bool:
    """Return whether a saved notebook holds any picture."""
    return JPEG in notebook or "image/" in notebook


@pytest.fixture
def connect(simulator: Simulator) -> str:
    """Code that connects to the simulated host."""
    return CONNECT.format(session=log_in(simulator), url=simulator.url)


@pytest.mark.parametrize("front_end", [LAB, NOTEBOOK, CLASSIC], ids=str)
def test_the_picture_is_live_and_input_arrives(
    server: Server,
    context: BrowserContext,
    front_end: FrontEnd,
    stand_in: dict[str, str],
    tmp_path: Path,
) -> None:
    """Colours, a click, keys that are also shortcuts, Escape, and the saved file."""
    record = tmp_path / "record"
    settings = "size=320x200 padding=32x8 format=1 fps=30"
    notebook, view = show_stand_in(
        server, context, stand_in, settings, record, "1 + 1", front_end=front_end
    )
    page = notebook.page

    def inputs() -> list[Entry]:
        kinds = ("keyboard", "mouseMotion", "mouseButton", "mouseWheel", "release")
        return [e for e in read_record(record) if e.name in kinds]

    view.expect_pictures()
    numbers = view.numbers()
    assert len(numbers) >= 5
    assert numbers == sorted(set(numbers))
    view.expect_input("off")
    view.screen.hover()
    difference = np.abs(np.array(view.colors()) - QUADRANTS).max()
    assert difference <= 4
    # Hovering and scrolling sent nothing.
    assert inputs() == []

    view.screen.click(position={"x": 160, "y": 100})
    view.expect_input("on")
    page.keyboard.type("dd")
    page.mouse.wheel(0, 100)
    page.keyboard.down("Shift")
    wait_for(view.root, lambda: len(inputs()) >= 9)
    page.keyboard.press("Escape")
    view.expect_input("off")
    wait_for(view.root, lambda: inputs()[-1].name == "release")

    at, press, let_go, *keys, wheel, shift, _ = inputs()
    # Centred in a page of odd width, a picture begins at half a pixel.
    assert (int(at.fields["x"]), int(at.fields["y"])) == pytest.approx(
        (160, 100), abs=1
    )
    assert [press.fields["pressed"], let_go.fields["pressed"]] == ["1", "0"]
    assert [k.fields["code"] for k in keys] == ["7"] * 4
    assert wheel.fields == {"x": "0", "y": "-100"}
    assert shift.fields == {"code": "225", "mod": "1", "pressed": "1"}
    # JupyterLab deletes a cell at `dd`.
    expect(page.locator(front_end.cell)).to_have_count(2)
    page.keyboard.up("Shift")

    # nbclassic takes no shortcut from a widget that has the focus.
    notebook.run(1)
    saved = notebook.save()
    (output,) = json.loads(saved)["cells"][0]["outputs"]
    assert "Live view of" in "".join(output["data"]["text/plain"])
    assert not picture_in(saved)


def test_the_picture_is_live_in_voila(
    server: Server, context: BrowserContext, connect: str
) -> None:
    """Voila shows it without any cell, and in a narrow window, too."""
    server.write("view-voila.ipynb", f"{connect}\nclient.view()")
    notebook = server.open(context, "view-voila.ipynb", VOILA)
    view = LiveView(notebook.page.locator("body"))
    view.expect_pictures()

    notebook.page.set_viewport_size({"width": 320, "height": 700})

    assert complaints(notebook.page, ".parsec-nb-view") == []
    assert cut_off(view.root) == []
    view.expect_pictures()


def test_nothing_is_encoded_out_of_sight_and_no_picture_stays(
    server: Server, context: BrowserContext, connect: str
) -> None:
    """Scrolled away, another tab, a reload, a restart of the kernel."""
    server.write("sight.ipynb", connect, "client.view()", THREADS, *["1"] * 40)
    lab = server.open(context, "sight.ipynb")
    lab.run(0)
    lab.run(1)
    view = LiveView(lab.output(1))
    view.expect_pictures()

    def expect_thread(state: str) -> None:
        lab.run(2)
        expect(lab.output(2)).to_contain_text(state)

    expect_thread("encoding")
    view.screen.click()
    view.expect_input("on")
    lab.page.locator(LAB.cell).last.scroll_into_view_if_needed()
    expect(view.screen).not_to_be_in_viewport()
    view.expect_input("off")
    # What was under way arrives; on a busy machine that takes a while.
    for _ in range(20):
        number = view.number()
        lab.page.wait_for_timeout(500)
        if view.number() == number:
            break
    else:
        pytest.fail("Pictures go on arriving")

    lab.page.locator(LAB.cell).nth(2).scroll_into_view_if_needed()
    view.screen.scroll_into_view_if_needed()
    view.expect_pictures()
    lab.save()
    lab.reload()
    view.screen.scroll_into_view_if_needed()
    view.expect_pictures()

    lab.restart()
    expect(view.find("message")).to_contain_text("Run the notebook again")
    expect(view.screen).to_be_hidden()
    black = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
    assert not view.screen.evaluate(f"c => ({black})(c).some((v, i) => i % 4 < 3 && v)")
    # A kernel that has yet to start could not be ended.
    expect_thread("no thread")


def test_it_goes_on_while_a_cell_is_busy(
    server: Server, context: BrowserContext, connect: str
) -> None:
    """Also if the cell was busy before the page had drawn the view: Run All."""
    busy = "import time\ntime.sleep(12)\nprint('done')"
    server.write("busy.ipynb", connect, "client.view()", busy, "client.disconnect()")
    lab = server.open(context, "busy.ipynb")
    lab.run_all()
    view = LiveView(lab.output(1))
    view.expect_pictures()
    began, first = time.monotonic(), view.number()

    view.expect_pictures(60)

    assert 60 / (time.monotonic() - began) > 10
    assert first >= 5
    expect(lab.output(2)).not_to_contain_text("done")
    view.screen.click()
    lab.page.keyboard.type("x")
    expect(view.find("message")).to_contain_text("Disconnected", timeout=30 * SECONDS)
    expect(view.screen).to_be_hidden()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_a_keyboard_is_enough_and_axe_has_nothing_against_it(
    server: Server, context: BrowserContext, connect: str, theme: str
) -> None:
    """Tab, Enter, Escape; with a ring around what has the focus."""
    server.use_theme(theme)
    name = f"keyboard-{theme}.ipynb"
    server.write(name, f"{connect}\nclient.view()", "1")
    lab = server.open(context, name)
    page = lab.page
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    lab.run(0)
    view = LiveView(lab.output(0))
    view.expect_pictures()
    assert complaints(page, ".parsec-nb-view") == []

    view.find("sound").focus()
    page.keyboard.press("Shift+Tab")
    assert in_focus(page) == ("view-screen", True)
    page.keyboard.press("Enter")
    view.expect_input("on")
    assert complaints(page, ".parsec-nb-view") == []
    # It goes to the host, and leaves the view only after Escape.
    page.keyboard.press("Tab")
    assert in_focus(page)[0] == "view-screen"
    page.keyboard.press("Escape")
    view.expect_input("off")
    page.keyboard.press("Tab")
    assert in_focus(page) == ("view-sound", True)
    page.keyboard.press("Enter")
    expect(view.find("sound")).to_have_attribute("aria-pressed", "true")
    assert cut_off(view.root) == []
    # Sound is played, as far as a test can tell.
    page.wait_for_timeout(500)
    assert errors == []
