"""A real JupyterHub with its users' JupyterLabs, in a real Chromium.

Each user's server is started as Binder starts one: by `binder/start`. To the
browser the hub is `hub.example`, another computer, on plain http and, through a
proxy in front of it, on https.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from certipy import Certipy
from playwright.sync_api import expect

from support import REPOSITORY
from support.browser import HUB_HOST, SECONDS
from support.jupyter_server import NO_NEWS, code_notebook, free_ports, wait_for_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

PASSWORD = "workshop"
# Servers start while the pages wait, and the machine may be busy.
PATIENCE = 90 * SECONDS
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden) "
PROGRAMS = Path(sys.executable).parent
PROXY = PROGRAMS / "configurable-http-proxy"
START = REPOSITORY / "binder" / "start"
NEWS_SETTINGS = (
    ".jupyter/lab/user-settings/@jupyterlab/apputils-extension/"
    "notification.jupyterlab-settings"
)

CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
# The proxy in front keeps connections, and one that closes under it fails a page.
c.ConfigurableHTTPProxy.command = ["{proxy}", "--keep-alive-timeout=600000"]
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = "{password}"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"
c.Spawner.cmd = ["{start}", "{programs}/jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.http_timeout = 90
# JupyterLab takes its time to end, and the hub ends one after the other.
c.LocalProcessSpawner.interrupt_timeout = 1
c.LocalProcessSpawner.term_timeout = 1

def tell_public_url(spawner):
    # As JupyterHub.public_url does, but that would end plain http.
    name = spawner.user.name
    if name in {told!r}:
        spawner.public_url = f"{https_url}/user/{{name}}/"

c.Spawner.pre_spawn_hook = tell_public_url
"""


class HubUser:
    """One user of the hub, with a home, at one of the hub's addresses."""

    def __init__(self, name: str, home: Path, hub_url: str) -> None:
        self.url = f"{hub_url}/user/{name}/"
        self._name = name
        self._home = home
        self._hub_url = hub_url
        self.write_file(NEWS_SETTINGS, json.dumps(NO_NEWS))

    def write_file(self, path: str, text: str) -> None:
        """Write a file into the user's home."""
        file = self._home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def write_notebook(self, name: str, *cells: str) -> None:
        """Write a notebook of code cells into the user's home."""
        self.write_file(name, nbformat.writes(code_notebook(*cells)))

    def open(self, window: BrowserContext, name: str) -> Page:
        """Log in to the hub, as a link to a notebook makes one do, and open it."""
        page = window.new_page()
        # JupyterLab asks where the notebook is there before its list of kernels.
        dialog = page.locator(".jp-Dialog", has_text="Select kernel")
        select = dialog.locator(".jp-mod-accept")
        page.add_locator_handler(dialog, select.click)
        page.goto(f"{self._hub_url}/hub/user-redirect/lab/tree/{name}")
        self.log_in(page)
        idle = f"{SHOWN}.jp-Notebook-ExecutionIndicator[data-status=idle]"
        expect(page.locator(idle)).to_be_attached(timeout=PATIENCE)
        return page

    def log_in(self, page: Page) -> None:
        """Fill in the hub's form, and wait until the user's server is there."""
        page.get_by_label("Username").fill(self._name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.url}**")


def run_cell(page: Page, number: int) -> None:
    """Run a code cell to its end, the first is 0."""
    # JupyterLab opens again, in hidden tabs, what was open before.
    cell = page.locator(f"{SHOWN}.jp-CodeCell").nth(number)
    prompt = cell.locator(".jp-InputPrompt").first
    for _ in range(20):
        cell.click()
        page.keyboard.press("Control+Enter")
        # A page that is still starting drops the key, or forgets the cell again
        # when its connection to the kernel is made.
        with contextlib.suppress(AssertionError):
            expect(prompt).not_to_have_text("[ ]:", timeout=3 * SECONDS)
            expect(prompt).not_to_have_text("[*]:", timeout=60 * SECONDS)
        if re.search("[0-9]", prompt.inner_text()):
            return
    msg = f"Cell {number} did not run"
    raise AssertionError(msg)


class Hub:
    """A running JupyterHub, and a browser."""

    def __init__(self, folder: Path, urls: dict[str, str], browser: Browser) -> None:
        self._folder = folder
        self._urls = urls
        self._browser = browser

    def user(self, name: str, scheme: str) -> HubUser:
        """Return a user, who comes by http or https."""
        return HubUser(name, self._folder / "homes" / name, self._urls[scheme])

    def window(self, width: int = 1100, height: int = 800) -> BrowserContext:
        """Open a browser window with separate cookies."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, ignore_https_errors=True
        )
        context.set_default_timeout(PATIENCE)
        return context


@contextlib.contextmanager
def jupyter_hub(folder: Path, browser: Browser, *, told: set[str]) -> Iterator[Hub]:
    """Run a JupyterHub in *folder*; it ends with the block.

    The servers of the users in *told* are told the hub's public address, which is
    its https one; a hub tells it where its administrator has set it.
    """
    assert PROXY.exists(), "These tests need JupyterHub's proxy: bash tests/run"
    port, hub_port, api_port, front_port, front_api_port = free_ports(5)
    urls = {
        "http": f"http://{HUB_HOST}:{port}",
        "https": f"https://{HUB_HOST}:{front_port}",
    }
    (folder / "config.py").write_text(
        CONFIG.format(
            folder=folder,
            start=START,
            programs=PROGRAMS,
            proxy=PROXY,
            port=port,
            hub_port=hub_port,
            api_port=api_port,
            password=PASSWORD,
            told=told,
            https_url=urls["https"],
        )
    )
    authority = Certipy(store_dir=str(folder / "tls"))
    authority.create_ca("authority")
    files = authority.create_signed_pair("hub", "authority")["files"]
    hub = [sys.executable, "-m", "jupyterhub", f"--config={folder}/config.py"]
    front = [
        *(str(PROXY), "--ip=127.0.0.1", f"--port={front_port}"),
        *("--api-ip=127.0.0.1", f"--api-port={front_api_port}"),
        *(f"--ssl-key={files['key']}", f"--ssl-cert={files['cert']}"),
        f"--default-target=http://127.0.0.1:{port}",
    ]
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((folder / "log").open("w"))
        for command in (hub, front):
            server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
            stack.callback(server.wait, 30)
            stack.callback(server.terminate)
        for awaited in (port, hub_port, front_port):
            wait_for_port(awaited, folder / "log")
        yield Hub(folder, urls, browser)
