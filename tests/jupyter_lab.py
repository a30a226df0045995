"""A real JupyterLab in a real Chromium, in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
)
OUTPUT = ".jp-OutputArea "


class Lab:
    """A running JupyterLab, and pages of it."""

    def __init__(self, folder: Path, port: int, browser: Browser) -> None:
        self.folder = folder
        self._port = port
        self._browser = browser

    def write_notebook(self, name: str, *cells: str) -> Path:
        """Write a notebook of code cells."""
        notebook: Any = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        path = self.folder / name
        nbformat.write(notebook, path)
        return path

    def context(self, width: int = 1100, height: int = 800) -> BrowserContext:
        """Open a browser window."""
        viewport = {"width": width, "height": height}
        context = self._browser.new_context(viewport=viewport)
        # The first page of a cold JupyterLab takes its time on a busy machine.
        context.set_default_timeout(90_000)
        return context

    def open(self, context: BrowserContext, name: str) -> Page:
        """Open a notebook of the folder, and wait for its kernel."""
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{self._port}/lab/tree/{name}?reset&token=secret")
        page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached"
        )
        return page


def run_cell(page: Page, number: int) -> None:
    """Run a code cell that has not run yet, the first is 0."""
    cell = page.locator(".jp-CodeCell").nth(number)
    prompt = cell.locator(".jp-InputPrompt").first
    untouched = prompt.inner_text()
    for _ in range(20):
        cell.click()
        page.keyboard.press("Control+Enter")
        # A page that is still starting drops the key.
        with contextlib.suppress(AssertionError):
            expect(prompt).not_to_have_text(untouched, timeout=3000)
            return
    msg = f"Cell {number} did not run"
    raise AssertionError(msg)


def save(page: Page) -> None:
    """Save the notebook, and wait until it is saved."""
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    page.wait_for_selector(".jp-mod-dirty", state="detached")
    page.wait_for_timeout(500)


@contextlib.contextmanager
def jupyter_lab(folder: Path, *, dark: bool = False) -> Iterator[Lab]:
    """Run JupyterLab in *folder* and Chromium beside it; both end with the block."""
    chromium = shutil.which("chromium")
    assert chromium, "These tests need Chromium: apt-get install chromium"
    notebooks = folder / "notebooks"
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    notebooks.mkdir(parents=True)
    settings.mkdir(parents=True)
    theme = "JupyterLab Dark" if dark else "JupyterLab Light"
    (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
    news = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(news))
    port = _free_port()
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *(f"--ServerApp.port={port}", "--IdentityProvider.token=secret"),
        f"--ServerApp.root_dir={notebooks}",
    ]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=list(ARGUMENTS)
            )
            lab = Lab(notebooks, port, browser)
            _warm_up(lab)
            yield lab
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


def _warm_up(lab: Lab) -> None:
    """Run a cell until its output shows: the first page of a cold server loses some."""
    lab.write_notebook("warm.ipynb", "print('warm')")
    for _ in range(3):
        context = lab.context()
        page = lab.open(context, "warm.ipynb")
        page.wait_for_timeout(3000)
        run_cell(page, 0)
        output = page.locator(f"{OUTPUT}.jp-OutputArea-output").first
        with contextlib.suppress(AssertionError):
            expect(output).to_contain_text("warm", timeout=10_000)
            context.close()
            return
        context.close()
    msg = "JupyterLab shows no output"
    raise AssertionError(msg)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        assert time.monotonic() < until, "JupyterLab did not start"
        time.sleep(0.1)
