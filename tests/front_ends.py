"""Real front ends in a real Chromium: one Jupyter server serves them all.

It knows how each of them opens, runs and saves a notebook, and nothing of what
parsec_nb shows there.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat
import requests
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
)
# The first page of a cold server takes its time on a busy machine.
PATIENCE = 20_000
SECONDS = 1000


@dataclass(frozen=True)
class FrontEnd:
    """How to use one front end.

    Attributes:
        path: Where the server shows a notebook in it.
        ready: What is there once the kernel is idle.
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


def _lumino(name: str, path: str) -> FrontEnd:
    return FrontEnd(
        name=name,
        path=path,
        ready=".jp-Notebook-ExecutionIndicator[data-status=idle]",
        cell=".jp-CodeCell",
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
    ready=".kernel_idle_icon",
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
    ready=".jp-OutputArea-output",
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
        self.page.wait_for_selector(self.front_end.ready, state="attached")

    def save(self) -> str:
        """Save the notebook, and return what the file holds then."""
        before = self._file.stat().st_mtime_ns
        until = time.monotonic() + 30
        self.page.keyboard.press("Escape")
        while self._file.stat().st_mtime_ns == before:
            assert time.monotonic() < until, "The notebook was not saved"
            self.page.keyboard.press("Control+s")
            self.page.wait_for_timeout(500)
        return self._file.read_text()

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


class Server:
    """A Jupyter server with all its front ends, in a folder of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
        self._settings.mkdir(parents=True)
        self.folder = folder / "notebooks"
        self.folder.mkdir()
        self._log = folder / "log"
        self._environment = environment | {
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        self.port = _free_port()
        self._warm = False
        self._set("notification", fetchNews="false", checkForUpdates=False)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Run the server; returns at once, while it still starts."""
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *(f"--ServerApp.port={self.port}", "--IdentityProvider.token=secret"),
            f"--ServerApp.root_dir={self.folder}",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ]
        environment = os.environ | self._environment
        with self._log.open("w") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)

    def use_theme(self, name: str) -> None:
        """Let JupyterLab pages that are opened from now on be Light or Dark."""
        self._set("themes", theme=f"JupyterLab {name}")

    def write(self, name: str, *cells: str) -> Path:
        """Write a notebook of code cells."""
        notebook: Any = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        path = self.folder / name
        nbformat.write(notebook, path)
        return path

    def open(
        self,
        context: BrowserContext,
        name: str,
        front_end: FrontEnd = LAB,
        *,
        port: int = 0,
    ) -> OpenNotebook:
        """Open a notebook of the folder in a new tab, and wait for its kernel.

        By another *port* if the server is to be reached through that.
        """
        if not self._warm:
            self._warm_up(context)
        return self._open(context, name, front_end, port or self.port)

    def share_kernel(self, name: str, other: str) -> None:
        """Let a notebook that is not open use the kernel of one that is."""
        sessions = self._ask("GET", "sessions").json()
        (kernel,) = (s["kernel"] for s in sessions if s["path"] == name)
        session = {"path": other, "name": "", "type": "notebook"}
        self._ask("POST", "sessions", session | {"kernel": {"id": kernel["id"]}})

    def end_kernels(self) -> None:
        """Shut all kernels down."""
        for kernel in self._ask("GET", "kernels").json():
            self._ask("DELETE", f"kernels/{kernel['id']}")

    def _ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        url = f"http://127.0.0.1:{self.port}/api/{path}"
        headers = {"Authorization": "token secret"}
        answer = requests.request(method, url, json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer

    def _open(
        self, context: BrowserContext, name: str, front_end: FrontEnd, port: int
    ) -> OpenNotebook:
        page = context.new_page()
        path = front_end.path.format(name)
        page.goto(f"http://127.0.0.1:{port}/{path}token=secret")
        notebook = OpenNotebook(front_end, page, self.folder / name)
        notebook.wait_until_ready()
        return notebook

    def _warm_up(self, context: BrowserContext) -> None:
        """Run a cell until its output shows: a cold server's first page loses some."""
        self._wait_for_port()
        self.write("warm.ipynb", "print('warm')")
        for _ in range(3):
            notebook = self._open(context, "warm.ipynb", LAB, self.port)
            notebook.run(0)
            with contextlib.suppress(AssertionError):
                expect(notebook.output(0)).to_contain_text("warm", timeout=9 * SECONDS)
                self._warm = True
            notebook.page.close()
            if self._warm:
                return
        msg = f"JupyterLab shows no output; its log:\n{self._log.read_text()}"
        raise AssertionError(msg)

    def _wait_for_port(self) -> None:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            assert time.monotonic() < until, self._log.read_text()
            time.sleep(0.1)

    def _set(self, plugin: str, **settings: object) -> None:
        path = self._settings / f"{plugin}.jupyterlab-settings"
        path.write_text(json.dumps(settings))


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium; it ends with the block."""
    path = shutil.which("chromium")
    assert path, "These tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


def window(browser: Browser, width: int = 1100, height: int = 800) -> BrowserContext:
    """Open a browser window of its own, with its own cookies."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    return context


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
