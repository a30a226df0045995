"""Programs that run a notebook without a front end, while somebody allows its code."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from parsec_nb.simulator import Simulator
from support.approver import approve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CELLS = (
    "import parsec_nb\nsession = await parsec_nb.login('game')",
    "print(type(session_id).__name__, len(session_id))",
)
NBCLIENT = "import nbclient.cli as cli; cli.main()"
EXECUTORS = {
    "nbclient": ["-c", NBCLIENT, "--output={out}", "{notebook}"],
    "papermill": ["-m", "papermill", "{notebook}", "{out}"],
    "nbconvert": [
        *("-m", "nbconvert", "--to=notebook", "--execute"),
        *("--output={out}", "{notebook}"),
    ],
}


@pytest.fixture(scope="module")
def parsec() -> Iterator[Simulator]:
    """A simulator whose codes are all of these tests."""
    with Simulator(interval=0.3) as running:
        yield running


@contextmanager
def somebody_who_allows(simulator: Simulator) -> Iterator[list[str]]:
    """Allow every code of a simulator on its page; yields the codes."""
    allowed: list[str] = []
    leaving = threading.Event()

    def allow_all() -> None:
        while not leaving.wait(0.1):
            for code in set(simulator._state._by_user_code).difference(allowed):
                approve(f"{simulator.url}/activate", code)
                allowed.append(code)

    thread = threading.Thread(target=allow_all, daemon=True)
    thread.start()
    yield allowed
    leaving.set()
    thread.join()


@pytest.fixture(scope="module")
def ran(
    parsec: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str], list[str]]:
    """The folder, what each executor printed, and the codes; all at the same time."""
    folder = tmp_path_factory.mktemp("executors")
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook: Any = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, folder / "login.ipynb")
    places = {"PARSEC_API_URL": parsec.url, "IPYTHONDIR": str(folder)}

    def start(name: str) -> subprocess.Popen[str]:
        given = {"notebook": folder / "login.ipynb", "out": folder / f"{name}.ipynb"}
        return subprocess.Popen(
            [sys.executable, *(word.format(**given) for word in EXECUTORS[name])],
            env=os.environ | places,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    with somebody_who_allows(parsec) as codes:
        running = {name: start(name) for name in EXECUTORS}
        printed = {n: each.communicate(timeout=120)[0] for n, each in running.items()}
    return folder, printed, codes


@pytest.mark.parametrize("executor", EXECUTORS)
def test_waits_for_the_approval_and_saves_no_secret(
    executor: str, ran: tuple[Path, dict[str, str], list[str]], parsec: Simulator
) -> None:
    """The awaiting cell gets the session, and the file has one line of the login."""
    folder, printed, codes = ran
    saved = folder / f"{executor}.ipynb"
    assert saved.exists(), printed[executor]
    notebook: Any = nbformat.read(saved, as_version=4)
    card, told = (cell.outputs for cell in notebook.cells if cell.outputs)

    assert told[0].text == "SessionID 64\n"
    assert [set(output.data) for output in card] == [{"text/plain", "text/html"}]
    assert card[0].data["text/plain"].startswith("Logged in as user")
    assert len(codes) == len(EXECUTORS)
    everything = saved.read_text() + printed[executor]
    for secret in (*codes, *parsec._state._sessions, "/activate", "HTML(value="):
        assert secret not in everything
