"""Every notebook is committed without outputs, and runs from top to bottom."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient
from person import Person

from parsec_nb.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def parsec() -> Iterator[Simulator]:
    """What stands where Parsec would, for whatever asks the default service."""
    with Simulator(interval=1) as running:
        yield running


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_committed_without_outputs(path: Path) -> None:
    """A committed notebook holds no output, no count and no widget state."""
    notebook: Any = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert all(not cell.outputs for cell in code)
    assert all(cell.execution_count is None for cell in code)
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(path: Path, parsec: Simulator) -> None:
    """Run All works for somebody who takes a while to allow each code."""
    notebook: Any = nbformat.read(path, as_version=4)
    environment = os.environ | {
        "PARSEC_API_URL": parsec.url,
        # As on a JupyterLab in a folder of its own.
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    with ExitStack() as stack:

        def arrive(**_: Any) -> None:
            connection_file = client.km.connection_file
            stack.enter_context(Person(connection_file, patience=1))

        client = NotebookClient(
            notebook, timeout=60, kernel_name="python3", on_notebook_start=arrive
        )
        client.execute(env=environment)

    outputs = nbformat.writes(notebook)
    assert "HTML(value=" not in outputs
    assert not [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]
