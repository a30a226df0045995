"""A Jupyter server with every front end, and its notebooks."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import nbformat
import requests

from support.browser import LAB, FrontEnd, OpenNotebook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

# JupyterLab's settings against what it would look up, and ask, at a start.
NO_NEWS: dict[str, Any] = {"fetchNews": "false", "checkForUpdates": False}
_OPEN = "path => void jupyterapp.commands.execute('docmanager:open', {path})"
# Without questions about what is not saved; false if the page asks something else, or
# was reloaded: it may have yet to open what it showed before.
_CLOSE_ALL = """() => {
  for (const widget of [...jupyterapp.shell.widgets("main")]) widget.dispose();
  const [{type}] = performance.getEntriesByType("navigation");
  return type !== "reload" && !document.querySelector(".jp-Dialog");
}"""


class Server:
    """A Jupyter server with all its front ends, in a folder."""

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
        (self.port,) = free_ports(1)
        # Nor does it ask, at each page, whether it has to be built.
        page_config = folder / "config" / "labconfig" / "page_config.json"
        page_config.parent.mkdir(parents=True)
        page_config.write_text('{"buildCheck": false, "buildAvailable": false}')
        # JupyterLab takes long to load, so the next notebook may use its page.
        self._idle_lab: Page | None = None
        self._set("notification", **NO_NEWS)

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
        self._idle_lab = None

    def write(self, name: str, *cells: str) -> Path:
        """Write a notebook of code cells."""
        path = self.folder / name
        nbformat.write(code_notebook(*cells), path)
        return path

    def open(
        self,
        context: BrowserContext,
        name: str,
        front_end: FrontEnd = LAB,
        *,
        port: int = 0,
    ) -> OpenNotebook:
        """Open a notebook of the folder in a tab of its own, and wait for its kernel.

        By another *port* if the server is to be reached through that.
        """
        wait_for_port(self.port, self._log)
        page, self._idle_lab = self._idle_lab, None
        if page in context.pages and front_end is LAB and not port:
            page.evaluate(_OPEN, name)
        else:
            page = context.new_page()
            path = front_end.path.format(name)
            page.goto(f"http://127.0.0.1:{port or self.port}/{path}token=secret")
        notebook = OpenNotebook(front_end, page, self.folder / name)
        notebook.wait_until_ready()
        return notebook

    def share_kernel(self, name: str, other: str) -> None:
        """Let a notebook that is not open use the kernel of one that is."""
        sessions = self._ask("GET", "sessions").json()
        (kernel,) = (s["kernel"] for s in sessions if s["path"] == name)
        session = {"path": other, "name": "", "type": "notebook"}
        self._ask("POST", "sessions", session | {"kernel": {"id": kernel["id"]}})

    def close(self, context: BrowserContext, *, all_tabs: bool) -> None:
        """Close the notebooks and end their kernels; a JupyterLab may stay, empty."""
        lab = f"http://127.0.0.1:{self.port}/lab/"
        for page in context.pages:
            reusable = page.url.startswith(lab) and not (all_tabs or self._idle_lab)
            if reusable and page.evaluate(_CLOSE_ALL):
                self._idle_lab = page
            else:
                page.close()
        self.end_kernels()

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

    def _set(self, plugin: str, **settings: object) -> None:
        path = self._settings / f"{plugin}.jupyterlab-settings"
        path.write_text(json.dumps(settings))


def code_notebook(*cells: str) -> Any:
    """Return a notebook of code cells."""
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )


def free_ports(number: int) -> list[int]:
    """Return different ports that are not in use."""
    with contextlib.ExitStack() as stack:
        probes = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            for _ in range(number)
        ]
        return [probe.getsockname()[1] for probe in probes]


def wait_for_port(port: int, log: Path) -> None:
    """Wait until a server listens; where it does not, its log tells why."""
    until = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        assert time.monotonic() < until, f"No server started:\n{log.read_text()}"
        time.sleep(0.1)
