"""A kernel whose packages fail has a login all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.kernel import Kernel

if TYPE_CHECKING:
    from parsec_nb.simulator import Simulator


def test_a_login_needs_neither_widgets_nor_psutil(simulator: Simulator) -> None:
    """Link and code are in the output as HTML and text, and the variable is bound."""
    with Kernel(PARSEC_API_URL=simulator.url) as kernel:
        cell = kernel.run(
            "import ipywidgets, parsec_nb, psutil\n"
            "from unittest.mock import patch\n"
            # As in a sandbox that hides /proc, and with two versions at odds.
            "with patch.object(psutil, 'Process', side_effect=PermissionError):\n"
            "    with patch.object(ipywidgets.Widget, 'open', side_effect=TypeError):\n"
            "        login = parsec_nb.login('game')"
        )
        code = kernel.wait_for_code()
        [shown] = [m for m in kernel.outputs(cell) if m["msg_type"] == "display_data"]
        kernel.wait_for(lambda: kernel.shown_code() == code)
        simulator.approve(code)
        kernel.wait_for_status("approved")

        assert cell.status == "ok"
        assert set(shown["content"]["data"]) == {"text/plain", "text/html"}
        assert kernel.value("len(session_id)") == 64


def test_a_loop_that_was_patched_waits_for_a_login(simulator: Simulator) -> None:
    """nest_asyncio lets a cell run the loop that runs the cell."""
    with Kernel(PARSEC_API_URL=simulator.url) as kernel:
        kernel.run("import asyncio, nest_asyncio, parsec_nb; nest_asyncio.apply()")
        kernel.run("login = parsec_nb.login('game')")
        code = kernel.wait_for_code()

        waiting = kernel.start(
            "async def wait():\n    return await login\n"
            "session = asyncio.get_event_loop().run_until_complete(wait())"
        )
        simulator.approve(code)

        assert kernel.reply_to(waiting)["status"] == "ok"
        assert kernel.value("session.id is session_id")
