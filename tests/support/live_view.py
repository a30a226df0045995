"""A view on a page, and a notebook that shows one of the stand-in."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from support.browser import LAB
from support.libparsec import quadrant_centres

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Locator

    from support.browser import FrontEnd, OpenNotebook
    from support.jupyter_server import Server

_CONNECT_TO_STAND_IN = """\
import os, parsec_nb
from parsec_nb import sdk
os.environ["PARSEC_STAND_IN"] = {settings!r}
os.environ["PARSEC_STAND_IN_RECORD"] = {record!r}
session = parsec_nb.Session.from_id("s" * 64, api_url="https://parsec.invalid")
client = sdk.connect(session, "p" * 27, library={library!r}, openssl={openssl!r})
client.result(30)
client.view()"""


def show_stand_in(  # noqa: PLR0913 - where, and what
    server: Server,
    context: BrowserContext,
    stand_in: dict[str, str],
    settings: str,
    record: Path,
    *cells: str,
    front_end: FrontEnd = LAB,
) -> tuple[OpenNotebook, LiveView]:
    """Open a notebook whose first cell shows a host of the stand-in, and run that.

    Args:
        server: The server that has the notebook.
        context: As for `Server.open`.
        stand_in: The paths of the compiled libraries.
        settings: As in `PARSEC_STAND_IN`.
        record: Where the stand-in keeps what it was sent.
        cells: The notebook's other cells.
        front_end: What shows the notebook.
    """
    code = _CONNECT_TO_STAND_IN.format(
        settings=settings, record=str(record), **stand_in
    )
    server.write("stand-in.ipynb", code, *cells)
    notebook = server.open(context, "stand-in.ipynb", front_end)
    notebook.run(0)
    return notebook, LiveView(notebook.output(0))


# Notes the frames that are drawn while the page is held up now and then, so that
# pictures arrive together.
_NOTE_FRAMES = """async canvas => {
  const numbers = [];
  const observer = new MutationObserver(
    () => numbers.push(Number(canvas.dataset.number)));
  observer.observe(canvas, {attributeFilter: ["data-number"]});
  for (let i = 0; i < 5; i++) {
    const until = performance.now() + 150;
    while (performance.now() < until);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  observer.disconnect();
  return numbers;
}"""


class LiveView:
    """A view on a page."""

    def __init__(self, output: Locator) -> None:
        self.root = output.locator(".parsec-nb-view")
        self.screen = self.find("screen")

    def find(self, name: str) -> Locator:
        return self.root.locator(f".parsec-nb-view-{name}")

    def number(self) -> int:
        """Return the number of the frame that is drawn."""
        return int(self.screen.get_attribute("data-number") or 0)

    def numbers(self) -> list[int]:
        """Return the numbers of frames in the order in which a slow page draws them."""
        numbers: list[int] = self.screen.evaluate(_NOTE_FRAMES)
        return numbers

    def expect_pictures(self, count: int = 5) -> None:
        """Wait until so many more are drawn."""
        first = self.number()
        wait_for(self.root, lambda: self.number() >= first + count)

    def expect_input(self, state: str) -> None:
        expect(self.root).to_have_attribute("data-input", state)
        text = "Input is on" if state == "on" else "Input is off"
        expect(self.find("mode")).to_contain_text(text)

    def colors(self) -> list[list[int]]:
        """Return the colours in the middle of the picture's quadrants."""
        shot = Image.open(io.BytesIO(self.screen.screenshot())).convert("RGB")
        picture = np.asarray(shot)
        centres = quadrant_centres(picture.shape[1], picture.shape[0])
        return [picture[row, column].tolist() for row, column in centres]


def wait_for(part: Locator, condition: Callable[[], object]) -> None:
    """Wait until something holds, while the page goes on."""
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        part.page.wait_for_timeout(50)
