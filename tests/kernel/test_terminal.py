"""A login without widgets: front ends of text, consoles, and the command line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from parsec_nb._auth import messages as login_messages
from parsec_nb._notebook import messages
from parsec_nb.simulator import Simulator
from support.approver import approve
from support.http_server import ScriptedServer, respond
from support.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = rf"{re.escape(messages.STEP_CODE)} (\w{{8}})"
LINK = rf"{re.escape(messages.STEP_LINK)} (http\S+)"
CONSOLES = {
    "IPython": ["-m", "IPython", "--no-banner", "--simple-prompt"],
    "Jupyter console": ["-m", "jupyter_console"],
}


@contextmanager
def command(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m parsec_nb` with no environment of Parsec's but this."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PARSEC_")}
    with subprocess.Popen(
        [sys.executable, "-m", "parsec_nb", *arguments],
        env=kept | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def read_card(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return link and code, once stderr tells both."""
    assert process.stderr
    told = ""
    while not ((link := re.search(LINK, told)) and (code := re.search(CODE, told))):
        line = process.stderr.readline()
        assert line, told
        told += line
    return link[1], code[1]


@pytest.mark.parametrize("console", CONSOLES)
def test_a_console_shows_link_and_code_as_text(
    console: str, simulator: Simulator, tmp_path: Path
) -> None:
    """Link, code and end are printed below the call, and the variable is bound."""
    places = ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")
    environment = os.environ | dict.fromkeys(places, str(tmp_path))
    terminal = pexpect.spawn(
        sys.executable,
        CONSOLES[console],
        env=environment | {"PARSEC_API_URL": simulator.url, "TERM": "dumb"},
        dimensions=(50, 300),
        encoding="utf-8",
        timeout=60,
    )
    try:
        terminal.expect(r"In \[1\]")
        terminal.send("import parsec_nb; login = parsec_nb.login('game')\r")
        terminal.expect_exact(messages.REQUESTING)
        link, code = expect_after_enter(terminal, LINK), expect(terminal, CODE)

        approve(link, code)

        expect_after_enter(terminal, "(Logged in as user)")
        assert code not in terminal.before
        terminal.send("print('it', 'has', len(session_id))\r")
        terminal.expect_exact("it has 64")
    finally:
        terminal.close(force=True)


def test_a_front_end_without_widgets(simulator: Simulator) -> None:
    """Its one output is kept current: link and code, and who is logged in."""
    with Kernel(PARSEC_API_URL=simulator.url) as kernel:
        kernel.run("import parsec_nb\nlogin = parsec_nb.login('game')")
        kernel.wait_for_status("pending")
        pending = outputs(kernel)
        shown = pending[-1]["text/plain"]
        link, code = re.search(LINK, shown)[1], re.search(CODE, shown)[1]
        approve(link, code)
        kernel.wait_for_status("approved")
        assert kernel.value("len(session_id)") == 64
        approved = outputs(kernel)

    assert re.search(rf'href="{link}".*{code}', pending[-1]["text/html"], re.DOTALL)
    assert approved[-1]["text/plain"].startswith("Logged in as user")
    assert [len(pending), len(approved)] == [1, 1]


def outputs(kernel: Kernel) -> list[dict[str, Any]]:
    """Return what a front end shows that applies updates."""
    shown: list[tuple[str | None, dict[str, Any]]] = []
    for message in kernel.messages:
        content = message["content"]
        display_id = content.get("transient", {}).get("display_id")
        if message["msg_type"] == "display_data":
            shown.append((display_id, content["data"]))
        elif message["msg_type"] == "update_display_data":
            data = content["data"]
            shown = [(i, data if i == display_id else old) for i, old in shown]
    return [data for _, data in shown]


def expect(terminal: pexpect.spawn[str], pattern: str) -> str:
    """Wait for a pattern, and return its group."""
    terminal.expect(pattern)
    found: str = terminal.match[1]
    return found


def expect_after_enter(terminal: pexpect.spawn[str], pattern: str) -> str:
    """Wait for a pattern, pressing Enter now and then, as the console is told to."""
    for _ in range(60):
        terminal.send("\r")
        if terminal.expect([pattern, pexpect.TIMEOUT], timeout=1) == 0:
            break
    found: str = terminal.match[1]
    return found


def test_the_command_prints_the_session_id_alone(simulator: Simulator) -> None:
    """Link and code go to stderr, the session ID to stdout, and the exit is 0."""
    with command("login", "game", PARSEC_API_URL=simulator.url) as process:
        link, code = read_card(process)
        approve(link, code)
        stdout, stderr = process.communicate(timeout=60)

    assert process.returncode == 0
    assert stdout.strip() in simulator._state._sessions
    assert stdout.count("\n") == 1
    assert "Logged in as user" in stderr
    assert stdout.strip() not in stderr


def test_the_command_takes_all_from_its_environment(simulator: Simulator) -> None:
    """PARSEC_GAME_ID and PARSEC_API_URL stand for the arguments."""
    with command(
        "login", PARSEC_GAME_ID="game", PARSEC_API_URL=simulator.url
    ) as process:
        link, _ = read_card(process)

    assert link == f"{simulator.url}/activate"


def test_the_command_uses_a_session_id_of_the_environment() -> None:
    """PARSEC_SESSION_ID is printed at once, without a request."""
    with command("login", PARSEC_SESSION_ID="a" * 64) as process:
        stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (0, f"{'a' * 64}\n")
    assert "aaaa" not in stderr


def test_only_the_simulator_needs_tornado(simulator: Simulator, tmp_path: Path) -> None:
    """Where it is not installed a login works, and the simulator says what to do."""
    (tmp_path / "tornado.py").write_text("raise ImportError")
    without = {"PYTHONPATH": str(tmp_path)}
    for arguments in (("simulator",), ("login", "--demo")):
        with command(*arguments, **without) as process:
            _, stderr = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "pip install 'parsec-nb[demo]'" in stderr.splitlines()[-1]

    with command("login", "game", "--api-url", simulator.url, **without) as process:
        approve(*read_card(process))
        process.communicate(timeout=60)

    assert process.returncode == 0


@pytest.mark.parametrize("how", [("--demo",), ("PARSEC_DEMO",)])
def test_the_command_has_a_simulator(how: tuple[str, ...]) -> None:
    """--demo and PARSEC_DEMO=1 need no account and no game_id."""
    flags = [word for word in how if word.startswith("-")]
    with command("login", *flags, **dict.fromkeys(set(how) - set(flags), "1")) as demo:
        link, _ = read_card(demo)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/activate", link)


def test_a_denial_exits_with_1(simulator: Simulator) -> None:
    """A code that is denied is told on stderr, and stdout stays empty."""
    with command("login", "game", "--api-url", simulator.url) as process:
        _, code = read_card(process)
        assert simulator.deny(code)
        stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (1, "")
    assert login_messages.DENIED in stderr


def test_a_refused_game_id_exits_with_1() -> None:
    """What Parsec says is told, with what to do next."""
    with (
        ScriptedServer(respond(403, {"error": "no such game"})) as server,
        command("login", "game", PARSEC_API_URL=server.url) as process,
    ):
        stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (1, "")
    assert "no such game" in stderr
    assert "PARSEC_SESSION_ID" in stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["login"],
        ["login", "game", "--api-url", "nowhere"],
        ["login", "game", "--api-url", "http://example.com"],
        ["login", "game", "--nonsense"],
        [],
    ],
    ids=" ".join,
)
def test_wrong_use_exits_with_2(arguments: list[str]) -> None:
    """What cannot be meant is told on stderr, and nothing is asked."""
    with command(*arguments) as process:
        stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (2, "")
    assert stderr
    assert "Traceback" not in stderr


def test_an_expired_code_exits_with_3() -> None:
    """A code that is not approved in time ends the command with a message."""
    with (
        Simulator(interval=0.3, lifetime=1) as short,
        command("login", "game", PARSEC_API_URL=short.url) as process,
    ):
        stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (3, "")
    assert login_messages.EXPIRED in stderr


def test_ctrl_c_exits_with_130(simulator: Simulator) -> None:
    """An interrupt ends the login at once, without a traceback."""
    with command("login", "game", PARSEC_API_URL=simulator.url) as process:
        read_card(process)
        process.send_signal(signal.SIGINT)
        interrupted = time.monotonic()
        stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (130, "")
    assert time.monotonic() - interrupted < 5
    assert "Traceback" not in stderr
