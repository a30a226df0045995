"""The examples of the docstrings and the README run, and print what they say."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from support import REPOSITORY
from support.approver import Approver, approve
from support.docs import examples, public_objects
from support.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsec_nb.simulator import Simulator

README = REPOSITORY / "README.md"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

# The names that the examples use: an approved login, and one that waits.
GIVEN = """
import os, tempfile, threading, time, requests, parsec_nb
os.chdir(tempfile.mkdtemp())  # some save files
from parsec_nb import *
from parsec_nb.simulator import *
from parsec_nb.sdk import ConnectionStatus, ParsecStatus, describe
_simulator = Simulator(interval=0.2).start()
_login = parsec_nb.login("YOUR_GAME_ID")
await _login

def _give():
    simulator, login, session = _simulator, _login, _login.session
    session_id = session.id
    pending = parsec_nb.login(
        "docs", api_url=simulator.url, variable=None, fresh=True
    )
    while pending.auth_code is None:
        time.sleep(0.01)
    globals().update(locals())

def _connect():
    global client
    if "game" in globals():
        # One that an example left stands in the desktop's place.
        game.stop()
    client = sdk.connect(session, session.hosts(mode="desktop")[0]).result(30)
"""

# The functions that the README names, with a login that is still pending.
WRAPPED = """
import asyncio, concurrent.futures as cf, parsec_nb
login = parsec_nb.login("wrapped", variable=None, fresh=True)
task = asyncio.ensure_future(login)
future = cf.ThreadPoolExecutor().submit(login.result)
found = await asyncio.gather(login, asyncio.shield(login), asyncio.wait_for(login, 30))
found += [each.result() for each in (await asyncio.wait([task]))[0]]
found += [each.result() for each in cf.as_completed([future])]
"""
REFUSED = {
    "asyncio.create_task(login)": "TypeError",
    "cf.wait([login])": "AttributeError",
    "list(cf.as_completed([login]))": "AttributeError",
}

OBJECTS = {name: it for name, it in public_objects().items() if examples(it)}


@pytest.fixture(scope="module")
def given_kernel(simulator: Simulator) -> Iterator[Kernel]:
    """A kernel with the names that the examples use, whose codes are approved."""
    with (
        Kernel(PARSEC_API_URL=simulator.url) as running,
        Approver(running.connection_file, at=simulator.url),
    ):
        assert running.run(GIVEN).status == "ok"
        yield running


@pytest.mark.parametrize("name", OBJECTS)
def test_examples_print_what_they_say(name: str, given_kernel: Kernel) -> None:
    """Each line of an example prints what is written below it."""
    assert given_kernel.run("_give()").status == "ok"
    if name.startswith("sdk."):
        assert given_kernel.run("_connect()").status == "ok"

    for example in examples(OBJECTS[name]):
        printed = run(given_kernel, example.source)
        expected = example.want
        if example.exc_msg is not None:
            expected = example.exc_msg
        assert doctest.OutputChecker().check_output(expected, printed, OPTIONS), (
            f"{example.source}expected:\n{expected}printed:\n{printed}"
        )


def run(kernel: Kernel, source: str) -> str:
    """Run a cell, and return what it prints, gives and raises."""
    cell = kernel.run(source)
    if cell.status == "error":
        return f"{cell.content['ename']}: {cell.content['evalue']}\n"
    texts = []
    for message in kernel.outputs(cell):
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            texts.append(content["text"])
        elif message["msg_type"] == "execute_result":
            texts.append(content["data"]["text/plain"] + "\n")
    return "".join(texts)


def code_of_readme(language: str) -> list[str]:
    """Return the README's blocks of a language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", README.read_text())


def test_the_readmes_python_runs(simulator: Simulator) -> None:
    """Every block, one after another, with somebody who allows the code meanwhile."""
    blocks = code_of_readme("python")
    with (
        Kernel(PARSEC_API_URL=simulator.url) as kernel,
        Approver(kernel.connection_file, at=simulator.url) as approver,
    ):
        statuses = []
        for block in blocks:
            statuses.append(kernel.run(block).status)
            kernel.wait_for(lambda: kernel.value("'session_id' in globals()"))

    assert statuses == ["ok"] * len(blocks)
    assert len(blocks) >= 3
    assert len(approver.approved) == 1


def test_the_readmes_wrappers_give_the_session(simulator: Simulator) -> None:
    """Each function that takes a login, or its wrapper, gives the same session."""
    with (
        Kernel(PARSEC_API_URL=simulator.url) as kernel,
        Approver(kernel.connection_file, at=simulator.url, delay=1),
    ):
        wrapped = kernel.run(WRAPPED)
        refused = {call: kernel.run(call).content.get("ename") for call in REFUSED}

        assert wrapped.status == "ok", wrapped.content
        assert kernel.value("len(found), len(set(map(id, found)))") == (5, 1)
        assert refused == REFUSED


def test_the_readmes_commands_run(simulator: Simulator) -> None:
    """`python -m parsec_nb login GAME_ID` does what the README says of it."""
    assert "`python -m parsec_nb login GAME_ID`" in README.read_text()
    command = [sys.executable, "-m", "parsec_nb", "login", "GAME_ID"]
    environment = os.environ | {"PARSEC_API_URL": simulator.url}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        # A command that waits for ever is ended, and fails the test.
        clock = threading.Timer(30, process.kill)
        clock.start()
        assert process.stderr
        told = ""
        while not (match := re.search(r"(http\S+)\n.*: (\w{8})\n", told)):
            line = process.stderr.readline()
            assert line, told
            told += line
        approve(match[1], match[2])
        printed, _ = process.communicate()
        clock.cancel()

    assert process.returncode == 0
    assert re.fullmatch(r"[0-9a-f]{64}\n", printed)


@pytest.mark.parametrize("command", ["", "login", "simulator"])
def test_help_speaks_to_users(command: str) -> None:
    """`--help` tells what a command is for, and nothing of how the code is laid out."""
    line = [sys.executable, "-m", "parsec_nb", *command.split(), "--help"]

    printed = subprocess.check_output(line, text=True)

    assert "Log in to Parsec" in printed if not command else f"nb {command}" in printed
    assert "_auth" not in printed
