"""Debuggers, completers and variable viewers, which show variables unasked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.http_server import ScriptedServer
from support.kernel import Kernel
from support.secrets import LOG_IN, Search, grant, issue_code

if TYPE_CHECKING:
    from collections.abc import Iterator

HELD = """
session = login.session
sid = session.id
by_id, by_name = {session_id: 1, (session_id, 2): 3}, {"session": session_id}
listed, nested = [session_id], {"a": {session_id: {session_id: 1}}}
class Holder:
    sid = session_id
holder = Holder()
"""
NAMES = ("session_id", "sid", "session", "login", "by_id", "listed", "holder")
BREAKPOINT_LINE = 5
STOPS = """\
def stop(argument):
    copied = argument
    keyed = {argument: [copied]}
    a_session = session
    return len(copied)
stop(session_id)
"""
# What JupyterLab's variable inspector (lckr_jupyterlab_variableinspector 3.2) defines
# in a notebook's namespace, and evaluates after each cell.
VARIABLE_INSPECTOR = """
import json
from IPython import get_ipython
from IPython.core.magics.namespace import NamespaceMagics
_jupyterlab_variableinspector_nms = NamespaceMagics()
_jupyterlab_variableinspector_nms.shell = get_ipython().kernel.shell

def _jupyterlab_variableinspector_getcontentof(x):
    content = str(x)
    return content[:150] + " ..." if len(content) > 150 else content

def _jupyterlab_variableinspector_dict_list():
    return json.dumps([
        {
            "varName": _v,
            "varContent": str(_jupyterlab_variableinspector_getcontentof(eval(_v))),
        }
        for _v in _jupyterlab_variableinspector_nms.who_ls()
    ])
"""
COMPLETED = (
    *("by_id[", "by_id['", "by_id['gjk", "by_id[(", "nested['a'][", "session_id."),
    *("sid.", "listed[0].", "holder.sid.", "session.id.", "by_name['session'].", "s"),
)
COMPLETERS = ("use_jedi = False", "use_jedi = True", "evaluation = 'unsafe'")


@pytest.fixture(scope="module")
def holding() -> Iterator[Kernel]:
    """A kernel whose variables hold a session ID that a search can find."""
    with (
        ScriptedServer(issue_code(), grant()) as server,
        Kernel(PARSEC_API_URL=server.url) as kernel,
    ):
        kernel.run(LOG_IN)
        kernel.wait_for_status("approved")
        kernel.run(HELD)
        yield kernel


class Debugger:
    """Sends what JupyterLab's debugger sends, and searches what comes back."""

    def __init__(self, kernel: Kernel, search: Search) -> None:
        self._kernel = kernel
        self._search = search
        self.shown: list[str] = []

    def ask(self, command: str, **arguments: Any) -> Any:
        """Return the body of the response."""
        response = self._kernel.debug(command, arguments)
        assert response["success"], response
        text = json.dumps(response, ensure_ascii=False)
        self._search.text(command, text)
        self.shown.append(text)
        return response.get("body", {})

    def unfold(self, reference: int, depth: int = 3) -> None:
        """Unfold a variable, and those in it."""
        for found in self.ask("variables", variablesReference=reference)["variables"]:
            if found["variablesReference"] and depth > 1:
                self.unfold(found["variablesReference"], depth - 1)


def test_a_debugger_shows_no_session_id(holding: Kernel) -> None:
    """Neither its list of variables, nor a breakpoint's, nor what it unfolds."""
    search = Search()
    debugger = Debugger(holding, search)
    debugger.ask("initialize", clientID="jupyterlab", adapterID="python")
    debugger.ask("attach")

    debugger.ask("inspectVariables")
    for name in NAMES:
        debugger.ask("richInspectVariables", variableName=name)
    path = debugger.ask("dumpCell", code=STOPS)["sourcePath"]
    lines = [{"line": BREAKPOINT_LINE}]
    debugger.ask("setBreakpoints", source={"path": path}, breakpoints=lines)
    debugger.ask("configurationDone")
    cell = holding.start(STOPS)
    thread = holding.wait_for_debug_event("stopped")["threadId"]
    frame = debugger.ask("stackTrace", threadId=thread)["stackFrames"][0]["id"]
    for scope in debugger.ask("scopes", frameId=frame)["scopes"]:
        if scope["name"] == "Locals":
            debugger.unfold(scope["variablesReference"])
    for name in ("copied", "keyed", "a_session"):
        debugger.ask("evaluate", expression=name, frameId=frame, context="hover")
        debugger.ask("richInspectVariables", variableName=name, frameId=frame)
    debugger.ask("continue", threadId=thread)
    assert holding.reply_to(cell)["status"] == "ok"
    debugger.ask("disconnect")

    assert search.hits == []
    assert sum("SessionID('…" in text for text in debugger.shown) > len(NAMES)


def test_the_variable_inspector_shows_no_session_id(holding: Kernel) -> None:
    """It calls `str()` on all variables that the user has assigned."""
    search = Search()
    holding.run(VARIABLE_INSPECTOR)

    cell = holding.run("_jupyterlab_variableinspector_dict_list()")

    shown = json.dumps(holding.outputs(cell), default=str, ensure_ascii=False)
    search.text("variable inspector", shown)
    assert search.hits == []
    for name in ("sid", "by_id", "listed"):
        assert f'\\"varName\\": \\"{name}\\"' in shown
    assert shown.count("SessionID(") > len(NAMES) - 3


@pytest.mark.parametrize("completer", COMPLETERS)
def test_no_completer_offers_a_session_id(holding: Kernel, completer: str) -> None:
    """A dict's keys are offered by IPython's completer and by jedi."""
    search = Search()
    holding.run("%config Completer.use_jedi = False")
    holding.run(f"%config Completer.{completer}")

    offered = [holding.complete(code) for code in COMPLETED]

    search.text("completions", json.dumps(offered, ensure_ascii=False))
    assert search.hits == []
    assert any(offer["matches"] for offer in offered)
