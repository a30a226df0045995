"""Cells around a login: where its updates go, in which order cells run, what stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from support.kernel import Kernel

if TYPE_CHECKING:
    from parsec_nb.simulator import Simulator
    from support.kernel import Cell

START = "import asyncio, time, parsec_nb\nlogin = parsec_nb.login('game')"


def approve(kernel: Kernel, simulator: Simulator) -> None:
    """Approve the login of the kernel, and wait until it has ended."""
    simulator.approve(kernel.wait_for_code())
    kernel.wait_for_status("approved")


def text_of(kernel: Kernel, cell: Cell) -> str:
    """Return all text that a cell has shown, updates included."""
    return json.dumps([m["content"].get("data") for m in kernel.outputs(cell)])


def printed(kernel: Kernel, cell: Cell) -> str:
    """Return what a cell has printed."""
    streams = (m for m in kernel.outputs(cell) if m["msg_type"] == "stream")
    return "".join(message["content"]["text"] for message in streams)


def test_cells_after_one_that_awaits_in_the_background_run_at_once_and_in_order(
    kernel: Kernel,
) -> None:
    """A task that awaits a login holds up no cell behind the one that started it."""
    kernel.run(START)
    kernel.run("order = []\nasync def wait():\n    await login")

    cells = [
        kernel.start(code)
        for code in (
            "task = asyncio.ensure_future(wait()); await asyncio.sleep(0.3)",
            "order.append(1)",
            "await asyncio.sleep(0.2); order.append(2)",
            "order.append(3)",
        )
    ]
    statuses = [kernel.reply_to(cell)["status"] for cell in cells]

    assert statuses == ["ok"] * 4
    assert kernel.value("order, login.done()") == ([1, 2, 3], False)
    kernel.run("task.cancel()")


def test_cells_behind_one_that_awaits_a_login_keep_their_order(kernel: Kernel) -> None:
    """A click is handled while a cell awaits; what is not a widget's waits in line."""
    kernel.run(START)
    kernel.wait_for_code()
    kernel.run("order = []")
    wait = (
        "try:\n    await login\n"
        "except parsec_nb.LoginCancelledError:\n    order.append(0)"
    )

    cells = [kernel.start(code) for code in (wait, "order.append(1)")]
    kernel.click("parsec-nb-cancel")
    cells.append(kernel.start("order.append(2)"))
    for cell in cells:
        kernel.reply_to(cell)

    assert kernel.value("order") == [0, 1, 2]


@pytest.mark.parametrize(
    "around",
    [
        "%%capture captured\n{}",
        (
            "from contextlib import redirect_stdout; from io import StringIO\n"
            "with redirect_stdout(StringIO()):\n    {}"
        ),
        "import ipywidgets\nwith ipywidgets.Output():\n    {}",
        (
            "import threading\nthread = threading.Thread(target=lambda: {})\n"
            "thread.start(); thread.join()"
        ),
    ],
    ids=["capture", "redirect_stdout", "Output", "thread"],
)
def test_updates_go_to_the_output_that_showed_the_card(
    kernel: Kernel, simulator: Simulator, around: str
) -> None:
    """Whatever runs when the code comes and when the login ends."""
    launch = kernel.run(START)
    kernel.run(around.format("time.sleep(1.5)"))
    code = kernel.wait_for_code()
    simulator.approve(code)

    kernel.run(around.format("login.exception(10)"))

    [shown] = [m for m in kernel.outputs(launch) if m["msg_type"] == "display_data"]
    transient = shown["content"]["transient"]
    updates = [
        message["content"]["data"]["text/plain"]
        for message in kernel.messages
        if message["msg_type"] == "update_display_data"
        if message["content"]["transient"] == transient
    ]
    assert any(code in text for text in updates)
    assert "Logged in" in updates[-1]
    if around.startswith("%%"):
        assert kernel.value("len(captured.outputs)") == 0


def test_an_explicit_display_always_shows_the_card(kernel: Kernel) -> None:
    """Only the echo of the call itself is left out."""
    kernel.run(START)
    kernel.wait_for_code()

    again = kernel.run("display(login); display(login)")
    same_cell = kernel.run("parsec_nb.login('game'); display(login)")
    echoed = kernel.run("parsec_nb.login('game')")

    def cards(cell: Cell) -> int:
        return sum(m["msg_type"] == "display_data" for m in kernel.outputs(cell))

    assert (cards(again), cards(same_cell), cards(echoed)) == (2, 2, 1)


def test_a_card_whose_widgets_were_closed_is_made_anew(kernel: Kernel) -> None:
    """`Widget.close_all()` ends no login, and the cell shows a card again."""
    kernel.run(START)
    kernel.wait_for_code()

    kernel.run("import ipywidgets; ipywidgets.Widget.close_all()")
    again = kernel.run("parsec_nb.login('game')")

    [shown] = [m for m in kernel.outputs(again) if m["msg_type"] == "display_data"]
    assert again.status == "ok"
    assert "application/vnd.jupyter.widget-view+json" in shown["content"]["data"]
    assert kernel.value("login.status.value") == "pending"


def test_a_script_finds_its_own_variable(
    kernel: Kernel, simulator: Simulator, tmp_path: Path
) -> None:
    """`%run job.py` binds the script's variable, and the text names the script."""
    script = tmp_path / "job.py"
    script.write_text(
        "import parsec_nb, threading, time\n"
        "login = parsec_nb.login('game')\n"
        "login.result(20)\n"
        "print(len(session_id))\n"
    )

    cell = kernel.start(f"%run {script}")
    kernel.wait_for(lambda: simulator.approve(kernel.shown_code()))
    reply = kernel.reply_to(cell)

    assert reply["status"] == "ok"
    assert kernel.value("len(session_id)") == 64
    shown = json.dumps(kernel.messages, default=str)
    assert "in the variable session_id of job.py" in shown
    assert '"64\\n"' in shown


def test_a_reload_keeps_what_the_notebook_holds_usable(
    kernel: Kernel, simulator: Simulator
) -> None:
    """A session ID of a class before the reload is still one of ours."""
    kernel.run(START)
    approve(kernel, simulator)

    reload = kernel.run(
        "import importlib, sys\n"
        "for name in [n for n in sys.modules if n.startswith('parsec_nb')]:\n"
        "    importlib.reload(sys.modules[name])\n"
        "login = parsec_nb.login('game')"
    )
    logout = kernel.run("parsec_nb.logout()")

    assert (reload.status, logout.status) == ("ok", "ok")
    assert kernel.value("'session_id' in globals()") is False


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("session_id = session_id.strip()", "session_id is deleted"),
        ("session_id = str(session_id)", "holds a str, which is left"),
        ("del session_id", "no session ID in the variable session_id"),
        ("kept = session_id", "still in: kept"),
    ],
)
def test_a_logout_tells_what_is_left(
    kernel: Kernel, simulator: Simulator, before: str, text: str
) -> None:
    """It claims no more than it did, and names what still holds a session ID."""
    kernel.run(START)
    approve(kernel, simulator)
    kernel.run(before)

    assert text in text_of(kernel, kernel.run("parsec_nb.logout()"))


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (r"parsec_nb.login('game', variable='\uff53id')", "ok"),
        ("parsec_nb.login(12345)", "InvalidArgumentError"),
        ("session_id = None\nparsec_nb.login('game')", "ok"),
        ("session_id = ''\nparsec_nb.login('game')", "ok"),
        ("session_id = 5\nparsec_nb.login('game')", "InvalidArgumentError"),
    ],
)
def test_names_and_arguments(
    kernel: Kernel, simulator: Simulator, code: str, status: str
) -> None:
    """Python's normal form of a name is bound; None and an empty string are free."""
    call = code.replace("parsec_nb.login", "login = parsec_nb.login")
    cell = kernel.run(f"import parsec_nb\n{call}")

    assert (cell.content.get("ename") or cell.status) == status
    if "uff53" in code:
        approve(kernel, simulator)
        assert kernel.value("len(sid)") == 64


def test_a_secret_does_not_come_up_unasked(
    kernel: Kernel, simulator: Simulator
) -> None:
    """Neither `help()`, a completion, an inspection nor a copy's echo shows it."""
    kernel.run(START)
    approve(kernel, simulator)
    kernel.run("by_id = {session_id: 1}")

    shown = [
        printed(kernel, kernel.run("help(session_id)")),
        text_of(kernel, kernel.run("session_id.strip()")),
        text_of(kernel, kernel.run("session_id + ''")),
        text_of(kernel, kernel.run("session_id.replace('x', 'y')")),
        text_of(kernel, kernel.run("session_id?")),
        str(kernel.complete("by_id['")),
        str(kernel.complete("session_id.")),
        str(kernel.inspect("session_id")),
    ]

    session_id = kernel.value("str(session_id)")
    assert not [text for text in shown if session_id[:12] in text]


def run_notebook(*cells: str) -> dict[str, Any]:
    """Run cells as nbclient does, and return the notebook's file."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    file: dict[str, Any] = json.loads(nbformat.writes(notebook))
    return file


def test_a_file_that_a_program_saves_while_a_login_is_pending_holds_no_code() -> None:
    """Neither the link nor the code is of use there."""
    file = run_notebook(
        "import parsec_nb, time\nlogin = parsec_nb.login(demo=True)",
        "while login.auth_code is None:\n    time.sleep(0.05)",
        "print('code=' + login.auth_code.user_code[::-1])",
    )

    text = json.dumps(file)
    backwards = text.split("code=")[2][:8]
    assert "was pending here" in text
    assert backwards[::-1] not in text
    assert "/activate" not in text


def test_a_program_sees_link_and_code_while_a_cell_waits() -> None:
    """What a waiting cell shows can be approved; the file keeps the end alone."""
    file = run_notebook(
        "import parsec_nb, threading, time\nlogin = parsec_nb.login(demo=True)",
        "from parsec_nb import simulator\n"
        "def approve():\n"
        "    time.sleep(1)\n"
        "    simulator.shared().approve(login.auth_code.user_code)\n"
        "threading.Thread(target=approve).start()\n"
        "session = await login",
    )

    text = json.dumps(file["cells"][0]["outputs"])
    assert "Logged in" in text
    assert "/activate" not in text
