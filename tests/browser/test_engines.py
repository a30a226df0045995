"""The login and the SDK's cells in Firefox and in WebKit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.browser import LAB
from support.engines import Engine, firefox, webkit
from support.jupyter_server import wait_for_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.jupyter_server import Server

CELLS = (
    "import parsec_nb\nfrom parsec_nb import sdk\nlogin = parsec_nb.login(demo=True)",
    "session = await login",
    "client = await sdk.connect(session, session.hosts()[0])\nclient",
    "client.view()",
)
# The rate that the view shows in its line of figures.
TEXT = "document.querySelector('.parsec-nb-view')?.innerText"
RATE = rf"/([1-9]\d*)\sframes/.exec({TEXT})"
COUNT_SOUNDS = """void (start => {
  window.played = 0;
  AudioBufferSourceNode.prototype.start = function (when) {
    played += 1;
    return start.call(this, when);
  };
})(AudioBufferSourceNode.prototype.start)"""
ENGINES = {"Firefox": firefox, "WebKit": webkit}


@pytest.fixture(params=ENGINES)
def engine(
    request: pytest.FixtureRequest,
    server: Server,
    tmp_path: Path,
    failed: Callable[[], bool],
) -> Iterator[Engine]:
    """Each engine, with what it showed last if the test fails."""
    folder = tmp_path / "home"
    folder.mkdir()
    with ENGINES[request.param](folder) as running:
        yield running
        if failed():
            picture = tmp_path / "engine.png"
            running.screenshot(picture)
            print(f"What the browser showed: {picture}")
    server.end_kernels()


def test_a_login_a_connection_and_the_view(engine: Engine, server: Server) -> None:
    """Run All waits for the click on the card; the host has picture, input, sound."""
    server.write("engines.ipynb", *CELLS)
    wait_for_port(server.port, server.folder)
    path = LAB.path.format("engines.ipynb")
    engine.go(f"http://127.0.0.1:{server.port}/{path}token=secret")
    engine.wait_for(LAB.ready)
    engine.evaluate(LAB.run_all)

    engine.click(".parsec-nb-approve button, button.parsec-nb-approve")

    engine.wait_for("document.querySelector('[data-status=approved]')?.offsetWidth")
    engine.wait_for("document.querySelector('[data-status=connected]')?.offsetWidth")
    assert engine.wait_for(f"({RATE})?.[1]")
    engine.click(".parsec-nb-view canvas")
    engine.press("h", "i")
    engine.wait_for(f"{TEXT}.includes('Input is on')")
    engine.evaluate(COUNT_SOUNDS)
    engine.click(".parsec-nb-view-sound")
    engine.wait_for("played > 2")
    assert engine.evaluate(f"{TEXT}.includes('Input is off')")
