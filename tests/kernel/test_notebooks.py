"""Every notebook runs from top to bottom."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from parsec_nb.simulator import Simulator
from support import REPOSITORY
from support.approver import Approver

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def environment(simulator: Simulator) -> dict[str, str]:
    """The environment variables of the notebooks' kernels."""
    return os.environ | {
        "PARSEC_API_URL": simulator.url,
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


@pytest.fixture(scope="module")
def ran(environment: dict[str, str]) -> dict[Path, Any]:
    """Every notebook after Run All, or what ended it; all at the same time."""

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
def test_runs_from_top_to_bottom(
    path: Path, ran: dict[Path, Any], environment: dict[str, str]
) -> None:
    """Run All ends without an error or a warning, and shows no widget as its code."""
    # Taken out, so that a second try runs the notebook again.
    notebook = ran.pop(path, None) or asyncio.run(run_notebook(path, environment))
    if isinstance(notebook, BaseException):
        raise notebook

    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]

    assert "HTML(value=" not in str(outputs)
    assert not [output for output in outputs if output.get("name") == "stderr"]
