"""A Jupyter server whose kernels' Parsec is a simulator, and Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.browser import chromium, window
from support.jupyter_server import Server
from support.libparsec import build, build_openssl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext

    from parsec_nb.simulator import Simulator


@pytest.fixture(scope="session")
def server(
    simulator: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A Jupyter server whose kernels' Parsec is the simulator."""
    folder = tmp_path_factory.mktemp("jupyter")
    server = Server(folder, PARSEC_API_URL=simulator.url)
    with server.running():
        yield server


# Playwright runs an event loop in this thread: tests of other folders need it back.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def shared_window(browser: Browser) -> BrowserContext:
    """A browser window that the tests share, for what it has cached."""
    return window(browser)


@pytest.fixture
def context(
    shared_window: BrowserContext,
    server: Server,
    failed: Callable[[], bool],
    tmp_path: Path,
) -> Iterator[BrowserContext]:
    """The browser window; its notebooks and their kernels end with the test."""
    yield shared_window
    if failed():
        for number, page in enumerate(shared_window.pages):
            picture = tmp_path / f"{number}.png"
            page.screenshot(path=picture)
            print(f"What the browser showed: {picture}")
    server.close(shared_window, all_tabs=failed())


@pytest.fixture(scope="package")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The compiled stand-ins for Parsec's library, and for OpenSSL."""
    folder = tmp_path_factory.mktemp("libparsec")
    return {"library": str(build(folder)), "openssl": str(build_openssl(folder))}
