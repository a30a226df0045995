"""Every public name is documented with an example, and every example runs.

The examples run as their readers run them: in a notebook's kernel, with `await`,
magics and a card under the cell, and somebody who allows the codes.
"""

from __future__ import annotations

import dataclasses
import doctest
import enum
import inspect
import os
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import parsec_nb
from parsec_nb import simulator as simulator_module
from parsec_nb.simulator import Simulator
from support import REPOSITORY
from support.approver import Approver, approve
from support.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

README = REPOSITORY / "README.md"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

# The names that the examples use: an approved login, and one that waits.
GIVEN = """
import threading, time, requests, parsec_nb
from parsec_nb import *
from parsec_nb.simulator import *
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
"""


def public_objects() -> dict[str, Any]:
    """Return every public name, with the methods and properties of the classes."""
    found: dict[str, Any] = {}
    for module in (parsec_nb, simulator_module):
        for name in module.__all__:
            value = getattr(module, name)
            found[name] = value
            if inspect.isclass(value):
                found |= {f"{name}.{key}": it for key, it in members(value).items()}
    return found


def members(kind: type) -> dict[str, Any]:
    """Return a class's public methods and properties, with those that it inherits."""
    return {
        name: value
        for base in reversed(kind.__mro__)
        if base.__module__.startswith("parsec_nb")
        for name, value in vars(base).items()
        if not name.startswith("_")
        if callable(value) or isinstance(value, (property, classmethod, staticmethod))
    }


def attributes(kind: type) -> set[str]:
    """Return the names of a class's plain attributes: fields, members, annotations."""
    if issubclass(kind, enum.Enum):
        return set(kind.__members__)
    if dataclasses.is_dataclass(kind):
        return {field.name for field in dataclasses.fields(kind)}
    return {"Hosts": {"has_more"}, "APIError": {"status"}}.get(kind.__name__, set())


OBJECTS = public_objects()
CLASSES = {name: value for name, value in OBJECTS.items() if inspect.isclass(value)}


def examples(text: str | None) -> list[doctest.Example]:
    """Return the examples of a docstring."""
    return doctest.DocTestParser().get_examples(text or "")


WITH_EXAMPLES = [
    name for name, value in OBJECTS.items() if examples(inspect.getdoc(value))
]


@pytest.fixture(scope="module")
def parsec() -> Iterator[Simulator]:
    """What stands where Parsec would."""
    with Simulator(interval=0.2) as running:
        yield running


@pytest.fixture(scope="module")
def kernel(parsec: Simulator) -> Iterator[Kernel]:
    """A kernel with the names that the examples use, and a person before it."""
    with (
        Kernel(PARSEC_API_URL=parsec.url) as running,
        Approver(running._manager.connection_file, at=parsec.url),
    ):
        assert running.run(GIVEN).status == "ok"
        yield running


@pytest.mark.parametrize("name", OBJECTS)
def test_every_public_name_has_an_example(name: str) -> None:
    """A docstring is a sentence at least; the name is used there, or by its class."""
    docstring = inspect.getdoc(OBJECTS[name]) or ""
    class_name, _, member = name.rpartition(".")
    of_class = examples(inspect.getdoc(OBJECTS[class_name])) if class_name else []

    assert docstring.partition("\n")[0].endswith((".", ":"))
    assert examples(docstring) or re.search(
        rf"\.{member}\b", "".join(example.source for example in of_class)
    )
    assert "+SKIP" not in docstring


@pytest.mark.parametrize("name", CLASSES)
def test_every_attribute_is_told(name: str) -> None:
    """What a class carries stands in its docstring, one line each."""
    docstring = inspect.getdoc(CLASSES[name]) or ""
    _, _, listed = docstring.partition("Attributes:\n")

    told = set(re.findall(r"(?m)^    (\w+):", listed.partition("\n\n")[0]))

    assert told == attributes(CLASSES[name])


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_say_what_happens(name: str, kernel: Kernel) -> None:
    """Each line of an example prints what is written below it."""
    assert kernel.run("_give()").status == "ok"

    for example in examples(inspect.getdoc(OBJECTS[name])):
        printed = run(kernel, example.source)
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


def test_the_readmes_python_runs(parsec: Simulator) -> None:
    """Every block, one after another, with somebody who allows the code meanwhile."""
    blocks = code_of_readme("python")
    with (
        Kernel(PARSEC_API_URL=parsec.url) as kernel,
        Approver(kernel._manager.connection_file, at=parsec.url) as person,
    ):
        statuses = []
        for block in blocks:
            statuses.append(kernel.run(block).status)
            kernel.wait_for(lambda: kernel.value("'session_id' in globals()") == "True")

    assert statuses == ["ok"] * len(blocks)
    assert len(blocks) >= 3
    assert len(person.allowed) == 1


def test_the_readmes_commands_run(parsec: Simulator) -> None:
    """`python -m parsec_nb login GAME_ID` does what the README says of it."""
    assert "`python -m parsec_nb login GAME_ID`" in README.read_text()
    command = [sys.executable, "-m", "parsec_nb", "login", "GAME_ID"]
    environment = os.environ | {"PARSEC_API_URL": parsec.url}
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


def test_a_login_shows_what_its_users_can_do() -> None:
    """Tab after `login.` offers these, and nothing that rooms tell one another."""
    shown = {name for name in dir(parsec_nb.Login) if not name.startswith("_")}

    assert shown == {
        *("done", "result", "exception", "cancel", "add_done_callback"),
        *("status", "auth_code", "session", "renew"),
    }


@pytest.mark.parametrize("command", ["", "login", "simulator"])
def test_help_speaks_to_users(command: str) -> None:
    """`--help` tells what a command is for, and nothing of how the code is laid out."""
    line = [sys.executable, "-m", "parsec_nb", *command.split(), "--help"]

    printed = subprocess.check_output(line, text=True)

    assert "Log in to Parsec" in printed if not command else f"nb {command}" in printed
    assert "rooms" not in printed


def test_the_readme_names_what_exists() -> None:
    """Files, rooms and environment variables in the README are there."""
    text = README.read_text()
    paths = set(re.findall(r"\b(?:notebooks|tests)/[\w./-]+\w", text))
    sources = "".join(
        path.read_text() for path in (README.parent / "parsec_nb").glob("*.py")
    )

    assert paths
    assert not [path for path in paths if not (README.parent / path).exists()]
    for variable in set(re.findall(r"PARSEC_[A-Z_]+", text)):
        assert f'"{variable}"' in sources
