"""JupyterLab's debugger in Chromium, and notebooks of other users."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from support.http_server import ScriptedServer, respond
from support.secrets import LOG_IN, Search, cells, grant, issue_code

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from support.jupyter_server import Server

HELD = """
session = await login
sid, by_id, listed = session.id, {session_id: 1}, [session_id]
---
def stop(argument):
    copied = argument
    keyed = {argument: [copied]}
    return len(keyed)
stop(sid)
"""
MARKUP = '<img src=x onerror="window.attacked = 1"><b>bold</b>'


def test_the_debugger_of_jupyterlab_shows_no_session_id(
    server: Server, context: BrowserContext
) -> None:
    """Its panel lists all variables, and those of a breakpoint, as a tree."""
    search = Search()
    with ScriptedServer(issue_code(), grant()) as parsec:
        server.write("debugged.ipynb", log_in_to(parsec), *cells(HELD))
        notebook = server.open(context, "debugged.ipynb")
        for number in (0, 1):
            notebook.run(number)
        page = notebook.page
        page.set_viewport_size({"width": 1400, "height": 800})
        page.locator(".jp-DebuggerBugButton").first.click()
        panel = page.locator(".jp-DebuggerVariables")
        folded = panel.locator('jp-tree-item[aria-expanded="false"]')
        masked = panel.get_by_text("SessionID('…").first
        expect(panel).to_contain_text("by_id", timeout=60_000)
        folded.filter(has_text="by_id").click()
        expect(masked).to_be_visible(timeout=60_000)
        search.text("the debugger's globals", page.content())

        cell = page.locator(".jp-CodeCell").nth(2)
        # The first element of the gutter is a spacer.
        cell.locator(".cm-breakpoint-gutter .cm-gutterElement").nth(4).click()
        notebook.run(2)
        expect(panel).to_contain_text("copied", timeout=60_000)
        folded.filter(has_text="keyed").click()
        expect(masked).to_be_visible(timeout=60_000)
        search.text("the debugger's locals", page.content())
        # The next notebook needs neither its panel nor its breakpoints.
        page.close()

    print(search.report())
    assert search.hits == []


def test_the_notebook_of_another_user_does_nothing(
    server: Server, context: BrowserContext
) -> None:
    """What a server sent stays text in a saved notebook, trusted or not."""
    hosts = {"data": [{"name": MARKUP, "peer_id": MARKUP, "mode": MARKUP}]}
    granted, listed = grant_with(MARKUP), respond(200, hosts)
    with ScriptedServer(issue_code(), granted, listed) as parsec:
        story = [log_in_to(parsec), "session = await login", "session.hosts()"]
        server.write("mine.ipynb", *story)
        mine = server.open(context, "mine.ipynb")
        for number in range(len(story)):
            mine.run(number)
        expect(mine.output(2)).to_contain_text("onerror", timeout=60_000)
        saved = mine.save()
        (server.folder / "yours.ipynb").write_text(saved)
        yours = server.open(context, "yours.ipynb")
        for notebook in (mine, yours):
            output = notebook.output(2)
            expect(output).to_contain_text("<b>bold</b>", timeout=60_000)
            expect(output.locator("img")).to_have_count(0)
            assert notebook.page.evaluate("window.attacked") is None

    for cell in json.loads(saved)["cells"]:
        for output in cell["outputs"]:
            html = "".join(output.get("data", {}).get("text/html", ""))
            assert "<script" not in html
            assert " onclick=" not in html
            assert "<img" not in html
            assert "<style" not in html


def log_in_to(parsec: ScriptedServer) -> str:
    """Return a cell that logs in to a server."""
    return f"%env PARSEC_API_URL={parsec.url}\n{LOG_IN}"


def grant_with(role: str) -> Any:
    """Approve with a role that a card shows."""
    session = {"id": "0123456789abcdef" * 4, "roles": [role], "user_id": 7}
    return respond(201, {"data": session})
