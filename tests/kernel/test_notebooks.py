"""Every notebook runs from top to bottom, and the check of a computer finds faults."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from parsec_nb.simulator import Simulator
from support import REPOSITORY
from support.approver import Approver

# They share what takes long to start.
pytestmark = pytest.mark.xdist_group("notebooks")

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def ran(simulator: Simulator) -> dict[Path, Any]:
    """Every notebook after Run All, or what ended it; all at the same time."""
    environment = os.environ | {
        "PARSEC_API_URL": simulator.url,
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }

    async def run_all() -> list[Any]:
        runs = (run_notebook(path, environment) for path in NOTEBOOKS)
        return await asyncio.gather(*runs, return_exceptions=True)

    return dict(zip(NOTEBOOKS, asyncio.run(run_all()), strict=True))


async def run_notebook(path: Path, environment: dict[str, str]) -> Any:
    """Run a notebook whose codes are approved after a while."""
    notebook: Any = nbformat.read(path, as_version=4)
    with ExitStack() as stack:

        def approve_codes(**_: Any) -> None:
            connection_file = client.km.connection_file
            stack.enter_context(Approver(connection_file, delay=1))

        client = NotebookClient(
            notebook, timeout=60, kernel_name="python3", on_notebook_start=approve_codes
        )
        return await client.async_execute(env=environment)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(path: Path, ran: dict[Path, Any]) -> None:
    """Run All ends without an error or a warning, and shows no widget as its code."""
    if isinstance(ran[path], BaseException):
        raise ran[path]

    outputs = [output for cell in ran[path].cells for output in cell.get("outputs", [])]

    assert "HTML(value=" not in str(outputs)
    assert not [output for output in outputs if output.get("name") == "stderr"]


def check(**environment: str) -> str:
    """Run the teachers' check of a computer, and return what it prints."""
    notebook: Any = nbformat.read(NOTEBOOKS[-1], as_version=4)
    source = next(cell.source for cell in notebook.cells if cell.id == "check")
    told = ("PARSEC", "JUPYTERHUB", "HTTP_", "HTTPS_", "ALL_", "NO_")
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(told)}
    run = subprocess.run(
        [sys.executable, "-c", source],
        check=True,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return run.stdout


def test_the_check_finds_nothing_to_mend(simulator: Simulator) -> None:
    """Where all is well, each line says so."""
    printed = check(PARSEC_API_URL=simulator.url)

    assert "MEND" not in printed
    assert "ok   Parsec: 127.0.0.1, HTTP 200" in printed
    assert "ok   clock" in printed


def test_the_check_names_an_ipykernel_that_is_broken(
    tmp_path: Path, simulator: Simulator
) -> None:
    """An ipykernel 7.0 is to be replaced, and the line says by what."""
    about = tmp_path / "ipykernel-7.0.1.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text("Metadata-Version: 2.1\nName: ipykernel\nVersion: 7.0.1\n")

    printed = check(PARSEC_API_URL=simulator.url, PYTHONPATH=str(tmp_path))

    assert "MEND ipykernel: 7.0.1" in printed
    assert "%pip install -U ipykernel" in printed
    assert printed.count("MEND") == 1


def test_the_check_says_that_parsec_is_not_reached() -> None:
    """Where no server responds, the line names the remedy and what still works."""
    printed = check(PARSEC_API_URL="http://127.0.0.1:9")

    assert "MEND Parsec: 127.0.0.1" in printed
    assert "simulator works without it" in printed


def test_the_check_shows_no_password_of_a_proxy() -> None:
    """A proxy that fails is named without what stands before its name."""
    printed = check(HTTPS_PROXY="http://ada:C4N4RY@127.0.0.1:9")

    assert "ok   proxy: 127.0.0.1" in printed
    assert "MEND Parsec: kessel-api.parsecgaming.com" in printed
    assert "HTTPS_PROXY" in printed
    assert "C4N4RY" not in printed


def test_the_check_tells_a_wrong_clock() -> None:
    """A clock two hours fast is told by Parsec's own."""
    with Simulator(clock=lambda: time.time() - 7200) as behind:
        printed = check(PARSEC_API_URL=behind.url)

    assert "MEND clock: +7" in printed


def test_the_check_knows_a_sign_in_page() -> None:
    """A redirect is no Parsec."""

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://portal.example/")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Portal) as portal:
        threading.Thread(target=portal.handle_request, daemon=True).start()
        printed = check(PARSEC_API_URL=f"http://127.0.0.1:{portal.server_port}")

    assert "MEND Parsec: 127.0.0.1, HTTP 302" in printed
    assert "Wi-Fi sign-in page" in printed
