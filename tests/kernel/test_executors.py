"""Programs that run a notebook without a front end, while its code is approved."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

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


class Ran(NamedTuple):
    """The executors' folder and outputs, the codes, and all secrets."""

    folder: Path
    printed: dict[str, str]
    codes: list[str]
    secrets: list[str]


@contextmanager
def approving_all(simulator: Simulator) -> Iterator[list[str]]:
    """Approve every code of a simulator on its page; yields the codes."""
    approved: list[str] = []
    stopped = threading.Event()

    def approve_all() -> None:
        while not stopped.wait(0.1):
            for code in set(simulator._state._by_user_code).difference(approved):
                approve(f"{simulator.url}/activate", code)
                approved.append(code)

    thread = threading.Thread(target=approve_all, daemon=True)
    thread.start()
    yield approved
    stopped.set()
    thread.join()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """What all executors left behind, after they ran at the same time."""
    folder = tmp_path_factory.mktemp("executors")
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook: Any = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, folder / "login.ipynb")

    def start(name: str, url: str) -> subprocess.Popen[str]:
        given = {"notebook": folder / "login.ipynb", "out": folder / f"{name}.ipynb"}
        return subprocess.Popen(
            [sys.executable, *(word.format(**given) for word in EXECUTORS[name])],
            env=os.environ | {"PARSEC_API_URL": url, "IPYTHONDIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    # Not the shared one: all of its codes are approved.
    with Simulator(interval=0.3) as simulator, approving_all(simulator) as codes:
        running = {name: start(name, simulator.url) for name in EXECUTORS}
        printed = {n: each.communicate(timeout=120)[0] for n, each in running.items()}
        for name, each in running.items():
            if each.returncode:
                # Kernels that start at the same time may choose the same ports.
                printed[name] = start(name, simulator.url).communicate(timeout=120)[0]
        secrets = [*codes, *simulator._state._sessions]
    return Ran(folder, printed, codes, secrets)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_waits_for_the_approval_and_saves_no_secret(executor: str, ran: Ran) -> None:
    """The awaiting cell gets the session, and the file has one line of the login."""
    saved = ran.folder / f"{executor}.ipynb"
    assert saved.exists(), ran.printed[executor]
    notebook: Any = nbformat.read(saved, as_version=4)
    card, told = (cell.outputs for cell in notebook.cells if cell.outputs)

    assert told[0].text == "SessionID 64\n"
    assert [set(output.data) for output in card] == [{"text/plain", "text/html"}]
    assert card[0].data["text/plain"].startswith("Logged in as user")
    assert len(ran.codes) == len(EXECUTORS)
    everything = saved.read_text() + ran.printed[executor]
    for secret in (*ran.secrets, "/activate", "HTML(value="):
        assert secret not in everything
