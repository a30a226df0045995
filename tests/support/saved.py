"""A notebook that nbclient runs and saves, with all that is left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

if TYPE_CHECKING:
    from pathlib import Path

    from support.secrets import Search


def search_saved(search: Search, story: list[str], place: Path) -> Any:
    """Run the cells, and search notebook, HTML and files; return the notebook.

    The notebook holds the widgets' state.
    """
    notebook: Any = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in story]
    )
    NotebookClient(
        notebook, timeout=60, kernel_name="python3", allow_errors=True
    ).execute()
    search.text("notebook, with widget state", nbformat.writes(notebook))
    search.text("HTML", HTMLExporter().from_notebook_node(notebook)[0])
    search.tree("home, IPYTHONDIR, working directory", place)
    print(search.report())
    assert search.hits == []
    return notebook
