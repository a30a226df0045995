"""Firefox and WebKit, driven by the W3C's protocols: WebDriver BiDi and WebDriver."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import websocket

from support.jupyter_server import free_ports, wait_for_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 60.0
# Debian's WebKitGTK, in its own small browser.
_MINI_BROWSER = "*/webkit2gtk-4.*/MiniBrowser"


class Engine:
    """A browser with one window; what both protocols do in the same way."""

    def go(self, url: str) -> None:
        """Open a page."""
        raise NotImplementedError

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        raise NotImplementedError

    def screenshot(self, path: Path) -> None:
        """Save what the window shows."""
        raise NotImplementedError

    def perform(self, *sources: dict[str, Any]) -> None:
        """Perform the actions of input devices (WebDriver, section 15)."""
        raise NotImplementedError

    def wait_for(self, expression: str, seconds: float = _SECONDS) -> Any:
        """Wait until a JavaScript expression is true; return its value."""
        until = time.monotonic() + seconds
        while True:
            try:
                value = self.evaluate(expression)
            except RuntimeError as error:
                value, last = None, str(error)
            else:
                last = repr(value)
            if value:
                return value
            assert time.monotonic() < until, f"{expression} gives {last}"
            time.sleep(0.1)

    def click(self, selector: str) -> None:
        """Click with the mouse into the middle of an element."""
        script = (
            f"(element => {{ element.scrollIntoView({{block: 'center'}});"
            "const box = element.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2].map(Math.round)"
            f"}})(document.querySelector({json.dumps(selector)}))"
        )
        self.wait_for(f"document.querySelector({json.dumps(selector)})?.offsetWidth")
        text = self.evaluate(f"JSON.stringify({script})")
        x, y = json.loads(text)
        self.perform(
            {
                "type": "pointer",
                "id": "mouse",
                "actions": [
                    {"type": "pointerMove", "x": x, "y": y},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        )

    def press(self, *keys: str) -> None:
        """Press and release keys, one after the other."""
        actions = [
            {"type": kind, "value": key}
            for key in keys
            for kind in ("keyDown", "keyUp")
        ]
        self.perform({"type": "key", "id": "keyboard", "actions": actions})


class Firefox(Engine):
    """Firefox by WebDriver BiDi, which needs no driver program."""

    def __init__(self, port: int) -> None:
        self._numbers = itertools.count(1)
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}/session", suppress_origin=True, timeout=_SECONDS
        )
        self._call("session.new", capabilities={})
        # The first tab of a screen without a window manager never gets the focus.
        tab = self._call("browsingContext.create", type="tab")
        self._context = tab["context"]
        self._call("browsingContext.activate", context=self._context)

    def go(self, url: str) -> None:
        self._call("browsingContext.navigate", context=self._context, url=url)

    def evaluate(self, expression: str) -> Any:
        answer = self._call(
            "script.evaluate",
            expression=expression,
            target={"context": self._context},
            awaitPromise=False,
        )
        if answer["type"] != "success":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def screenshot(self, path: Path) -> None:
        answer = self._call("browsingContext.captureScreenshot", context=self._context)
        path.write_bytes(base64.b64decode(answer["data"]))

    def perform(self, *sources: dict[str, Any]) -> None:
        self._call("input.performActions", context=self._context, actions=sources)

    def close(self) -> None:
        """Let go of the browser."""
        self._socket.close()

    def _call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params}
        self._socket.send(json.dumps(command))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if message["type"] == "error":
                    raise RuntimeError(message["message"])
                return message["result"]


class WebKit(Engine):
    """WebKitGTK by WebDriver."""

    def __init__(self, port: int, browser: Path) -> None:
        self._url = f"http://127.0.0.1:{port}/session"
        options = {"binary": str(browser), "args": ["--automation"]}
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = self._call("POST", "", capabilities=capabilities)
        self._url += f"/{session['sessionId']}"

    def go(self, url: str) -> None:
        self._call("POST", "/url", url=url)

    def evaluate(self, expression: str) -> Any:
        return self._call(
            "POST", "/execute/sync", script=f"return {expression}", args=[]
        )

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("GET", "/screenshot")))

    def perform(self, *sources: dict[str, Any]) -> None:
        self._call("POST", "/actions", actions=sources)

    def close(self) -> None:
        """End the session, and the browser with it."""
        self._call("DELETE", "")

    def _call(self, method: str, path: str, **body: Any) -> Any:
        response = requests.request(
            method,
            self._url + path,
            json=body if method == "POST" else None,
            timeout=_SECONDS,
        )
        value = response.json()["value"]
        if not response.ok:
            raise RuntimeError(value["message"])
        return value


@contextlib.contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Firefox, with a new profile in the folder."""
    (port,) = free_ports(1)
    command = [
        *("firefox-esr", "--no-remote", "--profile", str(folder)),
        f"--remote-debugging-port={port}",
    ]
    log = folder / "log"
    with _screen(folder) as environment, _running(command, log, environment):
        wait_for_port(port, log)
        engine = Firefox(port)
        try:
            yield engine
        finally:
            engine.close()


@contextlib.contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """WebKit, with a new profile in the folder."""
    (port,) = free_ports(1)
    (browser,) = Path("/usr/lib").glob(_MINI_BROWSER)
    command = ["WebKitWebDriver", f"--port={port}"]
    with _screen(folder) as environment:
        # Its sandbox needs rights that containers do not have; the pages are ours.
        environment["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"
        with _running(command, folder / "log", environment):
            wait_for_port(port, folder / "log")
            engine = WebKit(port, browser)
            try:
                yield engine
            finally:
                engine.close()


@contextlib.contextmanager
def _screen(folder: Path) -> Iterator[dict[str, str]]:
    """A screen and a home directory: only what has a screen can have the focus."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1000x24"]
    with _running(command, folder / "screen", dict(os.environ), keep=write):
        os.close(write)
        with os.fdopen(read) as pipe:
            display = pipe.readline().strip()
        yield os.environ | {"HOME": str(folder), "DISPLAY": f":{display}"}


@contextlib.contextmanager
def _running(
    command: list[str], log: Path, environment: dict[str, str], keep: int | None = None
) -> Iterator[None]:
    with log.open("w") as file:
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=file,
            stderr=file,
            pass_fds=[] if keep is None else [keep],
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)
