"""No byte that JupyterLab saves or shows holds the session ID or a code's hash."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from support.browser import window
from support.http_server import ScriptedServer, respond
from support.jupyter_server import Server
from support.secrets import (
    AUTH_CODE_HASH,
    LOG_IN,
    SAVED,
    SESSION_ID,
    USER_CODE,
    Search,
    cells,
    grant,
    issue_code,
)

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def test_a_notebook_that_jupyterlab_saves(browser: Browser, tmp_path: Path) -> None:
    """With saving of the widgets' state turned on, and what its page shows."""
    search_pending = Search()
    search = Search((SESSION_ID, AUTH_CODE_HASH, USER_CODE))
    folder = tmp_path / "lab"
    settings = folder / "settings" / "@jupyter-widgets" / "jupyterlab-manager"
    settings.mkdir(parents=True)
    (settings / "plugin.jupyterlab-settings").write_text('{"saveState": true}')
    with ScriptedServer(
        issue_code(interval=3), respond(202), grant(), respond(401, {"error": "no"})
    ) as server:
        lab = Server(folder, PARSEC_API_URL=server.url)
        story = [LOG_IN, *cells(SAVED)]
        lab.write("saved.ipynb", *story)
        with lab.running():
            notebook = lab.open(window(browser), "saved.ipynb")
            for number in range(len(story)):
                notebook.run(number)
                if number == 0:
                    # Its widgets come after its HTML.
                    notebook.output(0).locator(".parsec-nb-cancel").wait_for()
                    pending = notebook.save()
                # An error lets go of all cells that wait behind it.
                prompt = notebook.page.locator(".jp-CodeCell .jp-InputPrompt")
                expect(prompt.nth(number)).to_have_text(
                    f"[{number + 1}]:", timeout=60_000
                )
            last = notebook.output(len(story) - 1)
            expect(last).to_contain_text("SessionExpiredError", timeout=60_000)
            saved = notebook.save()
            search.text("the page", notebook.page.content())

    search_pending.text("notebook while pending, with widget state", pending)
    search.text("notebook, with widget state", saved)
    search.tree("files of JupyterLab and its kernel", tmp_path)
    print(search.report())
    assert search.hits == search_pending.hits == []
    [state] = json.loads(pending)["metadata"]["widgets"].values()
    assert "parsec-nb" in json.dumps(state)
    assert "SessionExpiredError" in saved
