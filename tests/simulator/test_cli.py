"""The simulator as a command: options, messages and exit codes."""

from __future__ import annotations

import argparse
import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pexpect
import pytest
import requests

from parsec_nb.simulator._cli import add_arguments, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsec_nb.simulator import Simulator

# A program started in the background of a shell begins with SIGINT ignored.
MAIN = (
    "import argparse, signal, sys\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from parsec_nb.simulator._cli import add_arguments, run\n"
    "parser = argparse.ArgumentParser()\n"
    "add_arguments(parser)\n"
    "sys.exit(run(parser.parse_args()))\n"
)


@contextmanager
def command(
    *arguments: str, under: tuple[str, ...] = ()
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command; yields its process, and what it printed first."""
    with subprocess.Popen(
        [*under, sys.executable, "-c", MAIN, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            printed = ""
            while "Ctrl-C" not in printed:
                line = process.stdout.readline()
                assert line
                printed += line
            yield process, printed
        finally:
            process.kill()


def url_in(printed: str) -> str:
    """Return the URL that the command tells to set."""
    match = re.search(r"PARSEC_API_URL=(\S+)", printed)
    assert match
    return match[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--interval", "-1"],
        ["--interval", "0"],
        ["--interval", "nan"],
        ["--interval", "soon"],
        ["--lifetime", "0"],
        ["--lifetime", "1801"],
        ["--lifetime", "inf"],
        ["--port", "-1"],
        ["--port", "65536"],
        ["--port", "x"],
    ],
)
def test_nonsense_on_the_command_line_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Usage errors end with 2 and a message that names what would do."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)

    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(arguments)

    assert stopped.value.code == 2
    assert "give " in capsys.readouterr().err


def test_the_command_explains_why_it_cannot_start(
    simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port in use ends with 1 and one sentence on stderr."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)

    code = run(parser.parse_args(["--port", str(simulator.port)]))

    captured = capsys.readouterr()
    assert code == 1
    assert captured.out == ""
    assert str(simulator.port) in captured.err
    assert len(captured.err.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one child there")
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_command_serves_until_ctrl_c(host: str) -> None:
    """It prints what to set and what to open, warns, and ends with 0."""
    with command("--host", host, "--lifetime", "60") as (process, printed):
        url = url_in(printed)
        assert requests.get(url, timeout=5).status_code == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)

    assert process.returncode == 0
    assert f"{url}/activate" in printed
    assert "not Parsec" in printed
    if host == "127.0.0.1":
        assert errors == ""
    else:
        assert errors.startswith("Warning: 0.0.0.0")
        assert len(errors.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_many_notebooks_may_keep_their_connections() -> None:
    """More connections than the system's first limit for files are answered."""
    limited = ("sh", "-c", 'ulimit -Sn 64; exec "$@"', "sh")
    with command(under=limited) as (_, printed), ExitStack() as connections:
        port = urlsplit(url_in(printed)).port
        assert port
        for _ in range(100):
            connections.enter_context(
                socket.create_connection(("127.0.0.1", port), timeout=5)
            )
        last = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connections.callback(last.close)
        last.request("GET", "/")

        assert last.getresponse().status == 200


def test_a_log_gets_a_line_for_each_change() -> None:
    """Where stdout is no terminal the counts are plain lines."""
    with command("--interval", "60") as (process, printed):
        url = url_in(printed)
        assert process.stdout
        first = process.stdout.readline()
        requests.post(f"{url}/auth/codes", json={"game_id": "a"}, timeout=5)
        second = process.stdout.readline()

    assert first == "0 waiting, 0 logged in, 0 denied, 0 expired, 0 too soon\n"
    assert second == "1 waiting, 0 logged in, 0 denied, 0 expired, 0 too soon\n"


@pytest.mark.serial
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal there")
def test_a_terminal_shows_one_line_that_changes() -> None:
    """In a terminal the counts stay in one line, which Ctrl-C leaves intact."""
    terminal = pexpect.spawn(sys.executable, ["-c", MAIN], timeout=10, encoding="utf-8")
    terminal.expect(r"PARSEC_API_URL=(\S+)")
    url = terminal.match.group(1)
    terminal.expect("\r0 waiting, [^\r\n]*")
    requests.post(f"{url}/auth/codes", json={"game_id": "a"}, timeout=5)
    terminal.expect("\r1 waiting, [^\r\n]*")
    started = time.monotonic()

    terminal.sendintr()
    terminal.expect(pexpect.EOF)

    assert time.monotonic() - started < 1
    terminal.close()
    assert terminal.exitstatus == 0
    assert terminal.before.endswith("\n")
    assert "Traceback" not in terminal.before
    assert "1 waiting" not in terminal.before


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one child there")
def test_a_reader_that_leaves_does_not_end_the_command() -> None:
    """A closed pipe takes the counts away, not the simulator."""
    with command() as (process, printed):
        url = url_in(printed)
        assert process.stdout
        process.stdout.close()
        for _ in range(2):
            requests.post(f"{url}/auth/codes", json={"game_id": "a"}, timeout=5)
            time.sleep(0.6)

        assert requests.get(url, timeout=5).status_code == 200
