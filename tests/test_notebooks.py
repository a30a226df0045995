"""Every notebook is committed without outputs, and runs from top to bottom."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))

# Stands in for the person who approves: by the card's own simulator, in its kernel.
APPROVE = """
import threading as _threading, time as _time
from parsec_nb import _demo, _start

def _approve_all():
    while True:
        launch = _start._current
        code = launch and launch.login.auth_code
        if code:
            _demo.answer(code.user_code, approve=True)
        _time.sleep(0.1)

_threading.Thread(target=_approve_all, daemon=True).start()
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_is_committed_without_outputs(path: Path) -> None:
    """A committed notebook holds no output, no count and no widget state."""
    notebook = json.loads(path.read_text())

    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]

    assert all(not cell["outputs"] for cell in code)
    assert all(cell["execution_count"] is None for cell in code)
    assert "widgets" not in notebook["metadata"]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_runs_from_top_to_bottom(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run All works, with somebody who approves every code."""
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    notebook: Any = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(APPROVE))
    # Lets the first code be approved before a cell reads the variable.
    started = time.monotonic()

    NotebookClient(
        notebook, timeout=60, kernel_name="python3", on_cell_executed=_wait
    ).execute()

    text = nbformat.writes(notebook)
    assert "HTML(value=" not in text
    assert time.monotonic() - started < 120


def _wait(cell: Any, **_: Any) -> None:
    """Give a reader's time to a cell that shows a card."""
    if "login(demo=True)\n" in cell["source"] + "\n" and "result" not in cell["source"]:
        time.sleep(6)
