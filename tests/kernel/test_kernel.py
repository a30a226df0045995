"""A login in a real kernel: what it sends, to which cell, and what it never says."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from support.kernel import Kernel

if TYPE_CHECKING:
    from pathlib import Path

    from parsec_nb.simulator import Simulator

START = "import parsec_nb\nlogin = parsec_nb.login('game')"


def test_the_whole_story(kernel: Kernel, simulator: Simulator, tmp_path: Path) -> None:
    """Approval binds the variable, the output becomes one line, nothing leaks."""
    launch = kernel.run(START)
    code = kernel.wait_for_code()
    assert kernel.value("'session_id' in globals()") is False
    before = len(kernel.messages)

    assert simulator.approve(code)
    kernel.wait_for_status("approved")

    assert kernel.value("len(session_id), type(session_id).__name__") == (
        64,
        "SessionID",
    )
    assert kernel.value("session_id is login.session.id") is True
    listing = kernel.outputs(kernel.run("%whos"))[0]["content"]["text"]
    assert "session_id" not in listing
    table = kernel.outputs(kernel.run("login.session.hosts()"))
    assert "<table>" in table[0]["content"]["data"]["text/html"]
    updates = [
        message
        for message in kernel.messages[before:]
        if message["msg_type"] == "update_display_data"
    ]
    assert [set(update["content"]["data"]) for update in updates] == [
        {"text/plain", "text/html"}
    ]
    shown = json.dumps(updates[0]["content"]["data"])
    assert "Logged in" in shown
    assert code not in shown
    assert simulator.url not in shown
    file = tmp_path / "session_id"
    kernel.run(f"open({str(file)!r}, 'w').write(session_id) and None")
    assert kernel.outputs(launch)
    assert file.read_text() not in json.dumps(kernel.messages, default=str)


@pytest.mark.serial
def test_returns_at_once_and_leaves_the_kernel_free(kernel: Kernel) -> None:
    """The call does not wait for the network, nor does any cell after it."""
    kernel.run("import ipywidgets, parsec_nb, time")

    # The least of a few, because the machine may be busy with something else.
    took = kernel.run(
        "took = []\nfor number in range(5):\n    began = time.monotonic()\n"
        "    login = parsec_nb.login(f'game {number}')\n"
        "    took.append(time.monotonic() - began)\nprint(min(took))"
    )
    other = kernel.run("1 + 1")

    printed = [m for m in kernel.outputs(took) if m["msg_type"] == "stream"]
    assert float(printed[0]["content"]["text"]) < 0.05
    assert other.seconds < 0.5
    assert kernel.value("login.done()") is False


def test_a_bare_call_shows_one_card_and_no_result(kernel: Kernel) -> None:
    """A login as a cell's last line is not displayed twice."""
    cell = kernel.run("import parsec_nb\nparsec_nb.login('game')")

    kinds = [message["msg_type"] for message in kernel.outputs(cell)]

    assert kinds.count("display_data") == 1
    assert "execute_result" not in kinds


def test_the_thread_writes_under_no_other_cell(
    kernel: Kernel, simulator: Simulator
) -> None:
    """Later cells hold nothing of the login, whatever becomes of it."""
    kernel.run(START)
    code = kernel.wait_for_code()
    later = kernel.run("import time; time.sleep(1)")

    simulator.deny(code)
    kernel.wait_for_status("denied")

    # Before ipykernel 7.1 an update names the cell that runs, but not as its output.
    shown = [m["msg_type"] for m in kernel.outputs(later)]
    assert set(shown) <= {"update_display_data"}
    kinds = {message["msg_type"] for message in kernel.messages}
    assert "error" not in kinds
    texts = [
        message["content"]["data"]["text/plain"]
        for message in kernel.messages
        if "data" in message["content"] and "text/plain" in message["content"]["data"]
    ]
    assert texts
    assert not any(text.startswith("HTML(value=") for text in texts)


def test_a_quiet_wait_sends_no_message(kernel: Kernel) -> None:
    """While nothing changes but the seconds, polling costs the browser nothing."""
    kernel.run(START)
    kernel.wait_for_code()
    # A second after it has changed, a card of an earlier login is muted.
    kernel.run(
        "import threading\nfor thread in threading.enumerate():\n"
        "    thread.name == 'parsec_nb-display' and thread.join()"
    )
    before = len(kernel.messages)

    cell = kernel.run("import time; time.sleep(3)")

    others = [
        message
        for message in kernel.messages[before:]
        if message["parent_header"].get("msg_id") != cell.message_id
    ]
    assert others == []


def test_the_same_call_shows_the_same_login(kernel: Kernel) -> None:
    """Run again while pending: no second thread, no second code, the same object."""
    kernel.run(START)
    code = kernel.wait_for_code()

    again = kernel.run("second = parsec_nb.login('game')")

    assert kernel.value("second is login") is True
    assert code in json.dumps(kernel.outputs(again)[0]["content"]["data"])
    threads = "sum(t.name == 'parsec_nb-login' for t in threading.enumerate())"
    kernel.run("import threading")
    assert kernel.value(threads) == 1


def test_other_arguments_supersede(kernel: Kernel) -> None:
    """A call with other arguments takes the place of a pending login."""
    kernel.run(START)
    kernel.wait_for_code()

    kernel.run("second = parsec_nb.login('another game')")

    kernel.wait_for_status("cancelled")
    assert "newer" in kernel.value("str(login.exception())")


def test_already_logged_in_until_fresh(kernel: Kernel, simulator: Simulator) -> None:
    """An unexpired session is kept without a request; fresh=True starts over."""
    kernel.run(START)
    simulator.approve(kernel.wait_for_code())
    kernel.wait_for_status("approved")

    again = kernel.run("second = parsec_nb.login('game')")
    kernel.run("third = parsec_nb.login('game', fresh=True)")

    assert "Already logged in" in json.dumps(kernel.outputs(again)[0]["content"])
    assert kernel.value("second is login, third is login") == (True, False)


def test_already_logged_in_after_a_new_code(
    kernel: Kernel, simulator: Simulator
) -> None:
    """A login that was denied first and approved then is kept like any other."""
    kernel.run(START)
    simulator.deny(kernel.wait_for_code())
    kernel.wait_for_status("denied")
    kernel.run("login.renew()")
    simulator.approve(kernel.wait_for_code())
    kernel.wait_for_status("approved")

    kernel.run("second = parsec_nb.login('game')")

    assert kernel.value("second is login") is True


def test_logout_keeps_nothing_behind(kernel: Kernel, simulator: Simulator) -> None:
    """The variable is gone, from IPython's list of hidden ones too; a login is new."""
    kernel.run(START)
    simulator.approve(kernel.wait_for_code())
    kernel.wait_for_status("approved")
    assert kernel.value("'session_id' in get_ipython().user_ns_hidden") is True

    kernel.run("parsec_nb.logout()")
    kernel.run("second = parsec_nb.login('game')")

    assert kernel.value("'session_id' in get_ipython().user_ns_hidden") is False
    assert kernel.value("'session_id' in globals(), second is login") == (
        False,
        False,
    )


def test_await_gives_the_session_or_raises(
    kernel: Kernel, simulator: Simulator
) -> None:
    """Run All waits at an await; a denial is a short error in that cell."""
    kernel.run(START)
    simulator.approve(kernel.wait_for_code())

    kernel.run("session = await login")
    assert kernel.value("session is login.session") is True
    kernel.run("login = parsec_nb.login('game', fresh=True)")
    simulator.deny(kernel.wait_for_code())
    failed = kernel.run("await login")

    assert failed.content["ename"] == "LoginDeniedError"
    assert len(failed.content["traceback"]) == 1


def test_result_times_out_and_can_be_interrupted(kernel: Kernel) -> None:
    """To stop waiting, by time or by interrupt, does not end the login."""
    kernel.run(START)
    kernel.wait_for_code()

    timed_out = kernel.run("login.result(timeout=0.2)")
    waiting = kernel.start("login.result()")
    time.sleep(0.5)
    kernel.interrupt()

    assert timed_out.content["ename"] == "TimeoutError"
    assert kernel.reply_to(waiting)["ename"] == "KeyboardInterrupt"
    assert kernel.value("login.status.value") == "pending"


def test_buttons_cancel_and_renew(kernel: Kernel) -> None:
    """Cancel ends the login; New code asks for another in the same card."""
    kernel.run(START)
    first = kernel.wait_for_code()

    kernel.click("parsec-nb-cancel")
    kernel.wait_for_status("cancelled")
    kernel.click("parsec-nb-renew")

    assert kernel.wait_for_code() != first


def test_buttons_work_while_a_cell_awaits(kernel: Kernel) -> None:
    """Run All waits at an await and the card answers; later cells keep their turn."""
    waiting = kernel.start(
        "import parsec_nb\nsession = await parsec_nb.login(demo=True)"
    )
    later = [
        kernel.start(f"order = [*globals().get('order', ()), {number}]")
        for number in range(3)
    ]

    kernel.click("parsec-nb-approve")

    for cell in (waiting, *later):
        assert kernel.reply_to(cell)["status"] == "ok"
    assert kernel.value("order, session.id == session_id") == ([0, 1, 2], True)


def test_asks_for_a_game_id_or_offers_the_simulator(kernel: Kernel) -> None:
    """Without a game_id the card asks; its demo button needs none."""
    kernel.run("import parsec_nb\nlogin = parsec_nb.login()")
    assert kernel.value("login.status.value") == "needs_game_id"

    kernel.click("parsec-nb-demo")
    kernel.wait_for_code()
    kernel.click("parsec-nb-approve")

    kernel.wait_for_status("approved")
    assert kernel.value("len(session_id)") == 64


@pytest.mark.parametrize(
    "call",
    ["variable='not a name'", "variable='class'", "variable='mine'", "api_url='x'"],
)
def test_refuses_at_the_call(kernel: Kernel, call: str) -> None:
    """A bad name, a variable in use and a bad address start nothing."""
    kernel.run("import parsec_nb\nmine = 1")

    refused = kernel.run(f"parsec_nb.login('game', {call})")

    assert refused.content["ename"] == "InvalidArgumentError"
    assert kernel.value("mine") == 1


@pytest.mark.serial
def test_a_pending_login_does_not_delay_the_shutdown(simulator: Simulator) -> None:
    """The kernel goes when it is told to."""
    with Kernel(PARSEC_API_URL=simulator.url) as kernel:
        kernel.run(START)
        kernel.wait_for_code()

        assert kernel.shut_down() < 2


def test_the_magic_is_the_same_login(kernel: Kernel) -> None:
    """`%parsec_login` is sugar for login()."""
    kernel.run("%load_ext parsec_nb")

    cell = kernel.run("%parsec_login game")

    kinds = [message["msg_type"] for message in kernel.outputs(cell)]
    assert kinds.count("display_data") == 1
