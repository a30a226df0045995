"""Jupyter front ends in a real Chromium, and the login card in them."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

HUB_HOST = "hub.example"
_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
    # A hub on another computer, as far as the browser knows.
    f"--host-resolver-rules=MAP {HUB_HOST} 127.0.0.1",
)
# The first page of a cold server takes its time on a busy machine.
PATIENCE = 60_000
SECONDS = 1000


@dataclass(frozen=True)
class FrontEnd:
    """How to use one front end.

    Attributes:
        path: Where the server shows a notebook in it.
        ready: The script that tells whether the kernel is idle.
        cell: A code cell.
        prompt: What changes in a cell when it runs.
        output: A cell's outputs, apart from its source.
        run_all: The script that runs all cells.
        restart: The script that restarts the kernel.
        restart_and_run_all: The script that does both.
        confirm: The button that a restart asks for, if it does.
    """

    name: str
    path: str
    ready: str
    cell: str
    prompt: str
    output: str
    run_all: str = ""
    restart: str = ""
    restart_and_run_all: str = ""
    confirm: str = ""

    def __str__(self) -> str:
        return self.name


# The page says idle before it has a kernel, and asks for one if a cell is run then.
_LUMINO_READY = """(kernel =>
    kernel.connectionStatus === "connected" && kernel.status === "idle"
)(jupyterapp.shell.currentWidget.sessionContext.session.kernel)"""


def _lumino(name: str, path: str) -> FrontEnd:
    return FrontEnd(
        name=name,
        path=path,
        ready=_LUMINO_READY,
        # A reloaded page may restore another test's notebook, in a tab behind.
        cell=".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell",
        prompt=".jp-InputPrompt",
        output=".jp-OutputArea",
        run_all="void jupyterapp.commands.execute('notebook:run-all-cells')",
        restart="void jupyterapp.commands.execute('notebook:restart-kernel')",
        restart_and_run_all=(
            "void jupyterapp.commands.execute('notebook:restart-run-all')"
        ),
        confirm=".jp-Dialog .jp-mod-accept",
    )


LAB = _lumino("JupyterLab", "lab/tree/{}?reset&")
NOTEBOOK = _lumino("Notebook", "notebooks/{}?")
CLASSIC = FrontEnd(
    name="nbclassic",
    path="nbclassic/notebooks/{}?",
    ready="Jupyter.notebook.kernel.is_connected() && "
    "document.querySelector('.kernel_idle_icon')",
    cell=".code_cell",
    prompt=".input_prompt",
    output=".output_wrapper > .output",
    run_all="void Jupyter.notebook.execute_all_cells()",
    restart="void Jupyter.notebook.restart_kernel({confirm: false})",
    restart_and_run_all="void Jupyter.notebook.restart_run_all({confirm: false})",
)
VOILA = FrontEnd(
    name="Voila",
    path="voila/render/{}?",
    ready="document.querySelector('.jp-OutputArea-output')",
    cell=".jp-Cell",
    prompt="",
    output=".jp-OutputArea",
)


class OpenNotebook:
    """A notebook in a tab of a browser."""

    def __init__(self, front_end: FrontEnd, page: Page, file: Path) -> None:
        self.front_end = front_end
        self.page = page
        self._file = file

    def output(self, number: int) -> Locator:
        """Return the outputs of a code cell, the first is 0."""
        return self._cell(number).locator(self.front_end.output).first

    def run(self, number: int) -> None:
        """Run a code cell, and wait until it has begun."""
        prompt = self._prompt(number)

        def press() -> None:
            prompt.click()
            self.page.keyboard.press("Control+Enter")

        self._repeat(press, until_changed=prompt)

    def run_all(self) -> None:
        """Run all cells, and wait until the first has begun."""
        script = self.front_end.run_all
        prompt = self._prompt(0)
        self._repeat(lambda: self.page.evaluate(script), until_changed=prompt)

    def restart(self, *, run_all: bool = False) -> None:
        """Restart the kernel; with *run_all*, and run all cells."""
        how = self.front_end
        self.page.evaluate(how.restart_and_run_all if run_all else how.restart)
        if how.confirm:
            self.page.locator(how.confirm).click()

    def reload(self) -> None:
        """Load the page anew, as a browser's button does."""
        self.page.reload()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the kernel is idle."""
        ready = self.front_end.ready
        self.page.wait_for_function(
            f"() => {{ try {{ return {ready} }} catch {{ return false }} }}"
        )

    def save(self) -> str:
        """Save the notebook, and return what the file holds then."""
        before = self._file.stat().st_mtime_ns
        self.page.keyboard.press("Escape")
        for waited in range(600):
            if waited % 20 == 0:
                self.page.keyboard.press("Control+s")
            self.page.wait_for_timeout(50)
            # The server writes it in place, so that it may be there in part.
            with contextlib.suppress(json.JSONDecodeError):
                if self._file.stat().st_mtime_ns != before:
                    saved = self._file.read_text()
                    json.loads(saved)
                    return saved
        msg = "The notebook was not saved"
        raise AssertionError(msg)

    def save_without(self, text: str) -> str:
        """Save until the file no longer holds *text*, and return it."""
        for _ in range(20):
            saved = self.save()
            if text not in saved:
                return saved
            # Before it has the response to a save, nbclassic takes the file on disk
            # for somebody else's, and asks what to do.
            self.page.wait_for_timeout(1000)
        msg = f"The saved file holds {text!r}"
        raise AssertionError(msg)

    def _repeat(self, act: Callable[[], object], *, until_changed: Locator) -> None:
        """Act until it helps: a page that is still starting drops keys and commands."""
        before = until_changed.inner_text()
        for _ in range(20):
            act()
            with contextlib.suppress(AssertionError):
                expect(until_changed).not_to_have_text(before, timeout=3 * SECONDS)
                return
        msg = "No cell runs"
        raise AssertionError(msg)

    def _prompt(self, number: int) -> Locator:
        return self._cell(number).locator(self.front_end.prompt).first

    def _cell(self, number: int) -> Locator:
        return self.page.locator(self.front_end.cell).nth(number)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium; it ends with the block."""
    path = shutil.which("chromium")
    assert path, "These tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS])
        yield browser
        browser.close()


def window(browser: Browser, width: int = 1100, height: int = 800) -> BrowserContext:
    """Open a browser window with separate cookies."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    return context


class Card:
    """The login card under a code cell of an open notebook, the first is 0."""

    def __init__(self, notebook: OpenNotebook, cell: int = 0) -> None:
        self._page = notebook.page
        self.output = notebook.output(cell)

    def find(self, name: str) -> Locator:
        """Return a part of the card by its CSS class, without the prefix."""
        return self.output.locator(f".parsec-nb-{name}")

    def code(self) -> str:
        """Wait for the code, and return it."""
        return self.find("code").inner_text(timeout=60 * SECONDS)

    def expect(self, status: str) -> None:
        """Wait until the card has a status."""
        shown = self.output.locator(f'[data-status="{status}"]').first
        expect(shown).to_be_visible(timeout=30 * SECONDS)

    def expect_text(self, text: str) -> None:
        """Wait until the output contains *text*."""
        expect(self.output).to_contain_text(text, timeout=30 * SECONDS)

    def click(self, name: str) -> None:
        """Click a button."""
        self.find(name).click()

    def decide(self, decision: str) -> None:
        """Follow the link, and enter and decide the code on the page there."""
        code = self.code()
        with self._page.context.expect_page() as opened:
            self.click("link")
        activate = opened.value
        activate.get_by_role("textbox").fill(code.lower())
        activate.keyboard.press("Enter")
        name = re.compile(decision, re.IGNORECASE)
        activate.get_by_role("button", name=name).click()
        heading = activate.get_by_role("heading", level=1)
        done = re.compile("allowed|denied", re.IGNORECASE)
        expect(heading).to_contain_text(done, timeout=30 * SECONDS)
        activate.close()
