"""What tests of several modules share: a simulator, and the Jupyter server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from front_ends import chromium, window
from jupyter_servers import Server

from parsec_nb.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext

_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """A simulator in this process, which is polled quickly."""
    with Simulator(interval=0.3) as running:
        yield running


@pytest.fixture(scope="session")
def server(
    simulator: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A Jupyter server whose kernels' Parsec is the simulator."""
    folder = tmp_path_factory.mktemp("jupyter")
    server = Server(folder, PARSEC_API_URL=simulator.url)
    with server.running():
        yield server


# Not for the session: Playwright keeps an event loop running in this thread.
@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    """Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def shared_window(browser: Browser) -> BrowserContext:
    """A browser window that a module's tests share, for what it has cached."""
    return window(browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test's fixtures know whether it failed."""
    report = yield
    item.stash[_FAILED] = report.failed
    return report


@pytest.fixture
def context(
    shared_window: BrowserContext,
    server: Server,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Iterator[BrowserContext]:
    """An empty browser window; its tabs and their kernels end with the test."""
    yield shared_window
    for number, page in enumerate(shared_window.pages):
        if request.node.stash[_FAILED]:
            picture = tmp_path / f"{number}.png"
            page.screenshot(path=picture)
            print(f"What the browser showed: {picture}")
        page.close()
    server.end_kernels()
