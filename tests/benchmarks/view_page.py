"""Shows one picture stream in JupyterLab and Chromium, and tells what arrived, as JSON.

`figure_view` runs it in the environment of all contenders:
python view_page.py CONTENDER FPS SECONDS CONDITION RECORD
CONTENDER is a key of `CELLS`, CONDITION one of `CONDITIONS`. RECORD is a folder for the
compiled stand-in.
"""

from __future__ import annotations

import contextlib
import json
import math
import random
import sys
import tempfile
import time
from pathlib import Path

import psutil

from parsec_nb.simulator import Simulator
from support.browser import chromium, window
from support.jupyter_server import Server
from support.libparsec import build, build_openssl
from support.relay import Relay
from support.views import log_in

# What the page has to do with: a cell that computes, a processor that is four times as
# slow for the page (Chromium's own throttling), a line of 2 Mbit/s and 80 ms between
# the page and the server; or how much memory it takes, minute by minute.
CONDITIONS = ("", "busy", "slow page", "slow line", "memory")
_THROTTLE = 4
_LINE_BYTES, _LINE_DELAY = 2_000_000 / 8, 0.08
_APART_SECONDS = 120
_SETTLE_MS = {"": 3000, "slow line": 10_000}

# A client, and thirty of its frames for those that show arrays.
_CLIENT = """\
import json, os, threading, time
import parsec_nb
from parsec_nb import sdk
session = parsec_nb.Session.from_id({session!r}, api_url={url!r})
client = sdk.connect(session, session.hosts()[0]).result(60)
"""
_STAND_IN = """\
import json, os, threading, time
import parsec_nb
from parsec_nb import sdk
os.environ["PARSEC_STAND_IN"] = "size=1920x1080 format=1 fps=60"
session = parsec_nb.Session.from_id("s" * 64, api_url="https://parsec.invalid")
client = sdk.connect(session, "p" * 27, library={library!r}, openssl={openssl!r})
client.result(60)
"""
_OURS = """\
view = client.view({fps})
sent, clicked, send = {{}}, [], view.send
def noted(content, buffers=None):
    if content["type"] == "frame":
        sent[content["number"]] = time.time() * 1000
    send(content, buffers)
view.send = noted
worker = client._connection.worker()
post = worker.post
def posted(do, **arguments):
    post(do, **arguments)
    # MESSAGE_MOUSE_BUTTON, as the first bytes of a message.
    if any(message.startswith("02000000") for message in arguments["messages"]):
        clicked.append(time.time() * 1000)
worker.post = posted
view"""
_RECORDED = """\
pictures = [frame.array for frame, _ in zip(client.frames(), range(30))]
client.disconnect()
"""
_RFB = """\
from jupyter_rfb import RemoteFrameBuffer
class Buffer(RemoteFrameBuffer):
    number, began = 0, time.monotonic()
    def get_frame(self):
        self.number += 1
        self.request_draw()
        return pictures[self.number % len(pictures)]
shown = Buffer(css_width="900px", css_height="506px", max_buffered_frames=2)
shown.request_draw()
shown"""
_IMAGE = """\
import ipywidgets, simplejpeg
image = ipywidgets.Image(format="jpeg", width=900)
def run():
    due = time.monotonic()
    for number in range(10**9):
        image.value = simplejpeg.encode_jpeg(
            pictures[number % len(pictures)], 80, "RGB", "420")
        due = max(due + 1 / {fps}, time.monotonic())
        time.sleep(max(due - time.monotonic(), 0))
threading.Thread(target=run, daemon=True).start()
image"""
CELLS = {
    "parsec_nb 720p": (_CLIENT, _OURS),
    "parsec_nb 1080p": (_STAND_IN, _OURS),
    "jupyter_rfb 720p": (_CLIENT + _RECORDED, _RFB),
    "Image.value 720p": (_CLIENT + _RECORDED, _IMAGE),
}
_BUSY = """\
until = time.monotonic() + {seconds}
while time.monotonic() < until:
    sum(range(1000))"""
_DUMP = """\
with open({path!r} + ".part", "w") as file:
    json.dump({{"sent": sent, "clicked": clicked}}, file)
os.replace({path!r} + ".part", {path!r})"""
# When each picture was drawn: ours numbers its canvas, the others load images.
_WATCH = """() => {
  window.drawn = []; window.clicked = [];
  const now = () => performance.timeOrigin + performance.now();
  new MutationObserver(all => all.forEach(one =>
    one.attributeName === 'data-number' &&
      window.drawn.push([now(), Number(one.target.dataset.number)])
  )).observe(document.body, {subtree: true, attributes: true});
  document.addEventListener('load', e =>
    e.target.tagName === 'IMG' && window.drawn.push([now(), 0]), true);
  document.addEventListener('pointerdown', e =>
    window.clicked.push(performance.timeOrigin + e.timeStamp), true);
}"""


def main() -> None:
    """Measure one contender."""
    name, fps, seconds, condition, folder = sys.argv[1:]
    setup, cell = CELLS[name]
    if condition == "memory":
        # Notes would grow.
        cell = "client.view({fps})"
    values = {}
    if "1080p" in name:
        parts = Path(folder)
        values = {"library": str(build(parts)), "openssl": str(build_openssl(parts))}
    with (
        Simulator(interval=0.2) as simulator,
        tempfile.TemporaryDirectory() as home,
        chromium() as browser,
        contextlib.ExitStack() as stack,
    ):
        values |= {"session": log_in(simulator), "url": simulator.url}
        server = Server(Path(home))
        line = stack.enter_context(Relay(server.port))
        port = line.port if condition == "slow line" else 0
        dumped = Path(home) / "dumped.json"
        dump = _DUMP.format(path=str(dumped))
        server.write(
            "view.ipynb",
            setup.format(**values),
            cell.format(fps=fps),
            _BUSY.format(seconds=float(seconds) + 6),
            dump,
        )
        with server.running():
            lab = server.open(window(browser), "view.ipynb", port=port)
            lab.run(0)
            lab.wait_until_ready()
            lab.page.evaluate(_WATCH)
            if condition == "slow line":
                line.rate, line.delay = _LINE_BYTES, _LINE_DELAY
            lab.run(1)
            lab.page.wait_for_function("() => window.drawn.length > 20")
            if condition == "busy":
                lab.run(2)
            elif condition == "memory":
                # For its driver, the browser keeps all that a page loads. JupyterLab
                # loads the tab's icon anew whenever the kernel is busy or idle again.
                lab.page.route("**/favicons/*", lambda route: route.abort())
            elif condition == "slow page":
                session = lab.page.context.new_cdp_session(lab.page)
                rate = {"rate": _THROTTLE}
                session.send("Emulation.setCPUThrottlingRate", rate)
            lab.page.wait_for_timeout(_SETTLE_MS.get(condition, _SETTLE_MS[""]))
            if condition == "memory":
                print(json.dumps(_weigh(lab.page, float(seconds))))
                return
            result = _watch(lab.page, float(seconds), clicks=not condition)
            line.rate, line.delay = math.inf, 0.0
            if cell is _OURS:
                lab.run(3)
                until = time.monotonic() + 30
                while not dumped.exists() and time.monotonic() < until:
                    lab.page.wait_for_timeout(200)
                lab.page.wait_for_timeout(500)
                result |= json.loads(dumped.read_text())
    print(json.dumps(result))


def _weigh(page: object, seconds: float) -> dict[str, list[int]]:
    """Return the memory of each process, in bytes: now, and every two minutes."""
    processes = {
        "kernel": _process("ipykernel_launcher"),
        "worker": _process("parsec_nb.sdk._worker"),
        "page": _process("--type=renderer"),
    }
    samples: dict[str, list[int]] = {name: [] for name in processes}
    for number in range(int(seconds) // _APART_SECONDS + 1):
        if number:
            page.wait_for_timeout(1000 * _APART_SECONDS)
        for name, process in processes.items():
            samples[name].append(process.memory_info().rss)
    return samples


def _process(argument: str) -> psutil.Process:
    """Return the largest process below this one that has an argument."""
    found = [
        process
        for process in psutil.Process().children(recursive=True)
        if argument in " ".join(process.cmdline())
    ]
    return max(found, key=lambda process: process.memory_info().rss)


def _watch(page: object, seconds: float, *, clicks: bool) -> dict[str, object]:
    """Let the page run; then click, where that is measured."""
    kernel = _process("ipykernel_launcher")
    page.evaluate("() => { window.drawn.length = window.clicked.length = 0; }")
    cpu, began = sum(kernel.cpu_times()[:2]), time.monotonic()
    page.wait_for_timeout(1000 * seconds)
    cpu, passed = sum(kernel.cpu_times()[:2]) - cpu, time.monotonic() - began
    drawn = page.evaluate("() => [...window.drawn]")
    chance = random.Random(1)
    screen = page.locator(".parsec-nb-view-screen")
    if clicks and screen.count():
        for _ in range(40):
            screen.click()
            page.wait_for_timeout(chance.uniform(50, 120))
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)
    return {
        "drawn": drawn,
        "pressed": page.evaluate("() => window.clicked"),
        "cpu": cpu / passed,
        "seconds": passed,
    }


if __name__ == "__main__":
    main()
