"""A call of login() in a kernel: by its environment, by the magic, and once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parsec_nb.simulator import Simulator
from support.approver import approve
from support.http_server import ScriptedServer, hang, respond

if TYPE_CHECKING:
    from support.kernel import Kernel

START = "import parsec_nb\nlogin = parsec_nb.login()"
LINK = "login.auth_code.verification_uri"


def test_a_game_id_of_the_environment(kernel: Kernel) -> None:
    """PARSEC_GAME_ID stands for the argument, which goes before it."""
    kernel.run("os.environ['PARSEC_GAME_ID'] = 'of-the-environment'")

    kernel.run(START)
    kernel.wait_for_status("pending")
    kernel.run("same = parsec_nb.login('of-the-environment') is login")
    kernel.run("other = parsec_nb.login('another') is login")

    assert kernel.value("same, other") == (True, False)


def test_an_api_url_of_the_environment(kernel: Kernel, simulator: Simulator) -> None:
    """PARSEC_API_URL says which Parsec, and the argument goes before it."""
    kernel.run("login = parsec_nb.login('game')")
    kernel.wait_for_status("pending")
    link = kernel.value(LINK)
    kernel.run("os.environ['PARSEC_API_URL'] = 'http://127.0.0.1:9'")
    kernel.run(f"login = parsec_nb.login('game', api_url={simulator.url!r})")
    kernel.wait_for_status("pending")

    assert link == kernel.value(LINK) == f"{simulator.url}/activate"


def test_a_demo_of_the_environment(kernel: Kernel, simulator: Simulator) -> None:
    """PARSEC_DEMO=1 needs no game_id; with one, the login is for that."""
    kernel.run("os.environ['PARSEC_DEMO'] = '1'")

    kernel.run(START)
    kernel.wait_for_status("pending")
    demo = kernel.value(LINK)
    kernel.run("login = parsec_nb.login('game')")
    kernel.wait_for_status("pending")

    assert demo.endswith("/activate")
    assert not demo.startswith(simulator.url)
    assert kernel.value(LINK).startswith(simulator.url)


def test_a_session_id_of_the_environment(kernel: Kernel) -> None:
    """PARSEC_SESSION_ID is bound without a login, and never sent to this machine."""
    kernel.run("os.environ['PARSEC_SESSION_ID'] = given = 'b' * 64")
    kernel.run("simulator_url = os.environ.pop('PARSEC_API_URL')")

    kernel.run(START)
    kernel.wait_for_status("approved")
    bound = kernel.value("session_id == given")
    shown = kernel.value("str(login._runner.snapshot().notices)")
    kernel.run("os.environ['PARSEC_API_URL'] = simulator_url")
    kernel.run("login = parsec_nb.login('game', variable='other')")
    kernel.wait_for_status("pending")

    assert bound
    assert "PARSEC_SESSION_ID" in shown


def test_the_magic_takes_every_option(kernel: Kernel, simulator: Simulator) -> None:
    """`%parsec_login` passes on game_id, variable, demo and fresh."""
    kernel.run("%load_ext parsec_nb")

    kernel.run("login = %parsec_login game --variable mine")
    approve(f"{simulator.url}/activate", kernel.wait_for_code())
    kernel.wait_for_status("approved")
    assert kernel.value("type(mine).__name__, 'session_id' in globals()") == (
        "SessionID",
        False,
    )
    kernel.run("again = %parsec_login game --variable mine")
    assert kernel.value("again is login") is True
    kernel.run("login = %parsec_login game --variable mine --fresh")
    kernel.wait_for_status("pending")
    kernel.run("login = %parsec_login --demo")
    kernel.wait_for_status("pending")
    assert not kernel.value(LINK).startswith(simulator.url)


def test_the_magic_refuses_what_cannot_be_meant(kernel: Kernel) -> None:
    """A wrong option is told in a line, and a wrong variable as by login()."""
    kernel.run("%load_ext parsec_nb\nlogin = parsec_nb.login('game')")

    option = kernel.run("%parsec_login --nonsense")
    variable = kernel.run("%parsec_login game --variable class")

    assert option.content["ename"] == "UsageError"
    assert variable.content["ename"] == "InvalidArgumentError"


@pytest.mark.parametrize(
    "status", ["needs_game_id", "requesting", "pending", "approved"]
)
def test_the_same_call_again_keeps_the_login(
    kernel: Kernel, simulator: Simulator, status: str
) -> None:
    """Nothing starts twice, and an unexpired session is kept."""
    game = "None" if status == "needs_game_id" else "'game'"
    with ScriptedServer(hang) as silent:
        url = silent.url if status == "requesting" else simulator.url
        call = f"parsec_nb.login({game}, api_url={url!r})"
        kernel.run(f"login = {call}")
        if status == "approved":
            approve(f"{url}/activate", kernel.wait_for_code())
        kernel.wait_for_status(status)

        again = kernel.run(f"again = {call}")

        assert kernel.value("again is login") is True
        (shown,) = kernel.outputs(again)
        text = "Already logged in" if status == "approved" else ""
        assert text in shown["content"]["data"]["text/plain"]
        assert kernel.value("login.status.value") == status


@pytest.mark.parametrize("status", ["denied", "expired", "failed", "cancelled"])
def test_the_same_call_again_starts_anew(
    kernel: Kernel, simulator: Simulator, status: str
) -> None:
    """After a login that came to nothing, the same call is another one."""
    with (
        ScriptedServer(respond(403, {"error": "no"})) as refusing,
        Simulator(interval=0.3, lifetime=1) as short,
    ):
        urls = {"failed": refusing.url, "expired": short.url}
        call = f"parsec_nb.login('game', api_url={urls.get(status, simulator.url)!r})"
        kernel.run(f"login = {call}")
        if status == "denied":
            simulator.deny(kernel.wait_for_code())
        if status == "cancelled":
            kernel.wait_for_status("pending")
            kernel.run("login.cancel()")
        kernel.wait_for_status(status)

        kernel.run(f"old, login = login, {call}")

        assert kernel.value("old is login") is False
        assert kernel.value("old.status.value") == status
        kernel.wait_for_status("failed" if status == "failed" else "pending")
        kernel.run("login.cancel()")
