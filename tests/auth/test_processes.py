"""Logins in processes that lack an encoding, a stream, a package or threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from support import REPOSITORY

if TYPE_CHECKING:
    from parsec_nb.simulator import Simulator

LOG_IN = """
import sys, time
import parsec_nb
def approve(login):
    while login.auth_code is None and not login.done():
        time.sleep(0.02)
    code = login.auth_code
    sys.stderr.write(f"code {code.user_code}\\n")
    sys.stderr.flush()
"""
LOG_IN_TWICE = """
login = parsec_nb.login("game")
assert parsec_nb.login("game") is login
approve(login)
login.result(20)
sys.stderr.write(f"bound {len(session_id)}\\n")
parsec_nb.login("game")
parsec_nb.logout()
"""
DEMO = """
from urllib.request import urlopen
with parsec_nb.simulator.Simulator() as simulator:
    assert b"<style>" in urlopen(f"{simulator.url}/activate").read()
"""
# What an application without a console, a closed pipe and a full disk leave of stdout.
STREAMS = {
    "none": "import sys; sys.stdout = None",
    "closed": "import sys; sys.stdout.close()",
    "full": "import sys; sys.stdout = open('/dev/full', 'w')",
    "unlike a stream": "import sys; sys.stdout = object()",
}
IPYTHON = ("-m", "IPython", "--no-banner", "--simple-prompt", "--colors=NoColor")


def run(
    simulator: Simulator, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python with the simulator as Parsec, and approve the codes on stderr."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PARSEC_")}
    with subprocess.Popen(
        [sys.executable, *arguments],
        env=kept | {"PARSEC_API_URL": simulator.url} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="latin-1",
    ) as process:
        told = ""
        for line in process.stderr or ():
            told += line
            if line.startswith("code "):
                simulator.approve(line.split()[1])
        stdout = process.stdout.read() if process.stdout else ""
    return subprocess.CompletedProcess(arguments, process.returncode, stdout, told)


@pytest.mark.parametrize(
    ("shell", "encoding"), [((), "latin-1"), ((), "ascii"), (IPYTHON, "cp437")]
)
def test_a_login_is_shown_in_what_stdout_can_encode(
    simulator: Simulator, shell: tuple[str, ...], encoding: str, tmp_path: Path
) -> None:
    """What a stream cannot encode is replaced; link, code and end stay."""
    script = tmp_path / "script.py"
    script.write_text(LOG_IN + LOG_IN_TWICE)
    settings = {"PYTHONIOENCODING": encoding, "IPYTHONDIR": str(tmp_path)}

    ended = run(simulator, *shell, str(script), **settings)

    assert ended.returncode == 0, ended.stderr
    assert "bound 64" in ended.stderr
    assert "Asking Parsec for a code..." in ended.stdout
    assert f"{simulator.url}/activate" in ended.stdout
    assert "Already logged in as user" in ended.stdout


@pytest.mark.parametrize("stream", STREAMS)
def test_a_login_that_cannot_be_shown_goes_on(
    simulator: Simulator, stream: str
) -> None:
    """No call of ours fails because of stdout."""
    program = f"{STREAMS[stream]}\n{LOG_IN}{LOG_IN_TWICE}"

    ended = run(simulator, "-c", program)

    assert "bound 64" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "missing",
    ["tornado", "segno,keyring,pandas,rich,psutil,ipywidgets", "IPython,ipywidgets"],
)
def test_a_missing_package_breaks_no_protocol_of_python(
    simulator: Simulator, missing: str
) -> None:
    """Attributes, dir, help, inspect and star imports work, and so does a login."""
    program = f"""
import sys
sys.modules.update(dict.fromkeys({missing.split(",")!r}))
import inspect, pydoc, unittest.mock
{LOG_IN}
assert all(hasattr(parsec_nb, name) for name in dir(parsec_nb))
assert not hasattr(parsec_nb, "nothing")
inspect.getmembers(parsec_nb)
inspect.getmembers(parsec_nb.simulator)
pydoc.render_doc(parsec_nb)
unittest.mock.create_autospec(parsec_nb)
exec("from parsec_nb import *", {{}})
{LOG_IN_TWICE}
parsec_nb.diagnose()
try:
    parsec_nb.simulator.Simulator().start().stop()
except parsec_nb.simulator.SimulatorError as error:
    sys.stderr.write(f"refused: {{error}}")
"""

    ended = run(simulator, "-c", program)

    assert ended.returncode == 0, ended.stderr
    assert "bound 64" in ended.stderr
    assert ("refused: The simulator needs tornado" in ended.stderr) is (
        missing == "tornado"
    )


@pytest.mark.parametrize(
    ("package", "fault"),
    [
        ("keyring", "RuntimeError"),
        # What a broken library in Rust raises, such as cryptography's.
        ("keyring", "Panic"),
        ("tornado", "AttributeError"),
    ],
)
def test_a_broken_package_takes_nothing_else_down(
    simulator: Simulator, package: str, fault: str, tmp_path: Path
) -> None:
    """A login loses what the package is for; calls end in errors of ours."""
    source = f"class Panic(BaseException): pass\nraise {fault}('broken')"
    (tmp_path / f"{package}.py").write_text(source)
    program = f"""
import sys; sys.path.insert(0, {str(tmp_path)!r})
{LOG_IN}
login = parsec_nb.login("game", remember=True)
approve(login)
login.result(20)
sys.stderr.write(f"bound {{len(session_id)}}\\n")
parsec_nb.logout("game")
parsec_nb.diagnose()
try:
    parsec_nb.simulator.Simulator().start().stop()
except parsec_nb.simulator.SimulatorError:
    sys.stderr.write("refused")
"""

    ended = run(simulator, "-c", program)

    assert ended.returncode == 0, ended.stderr
    assert "bound 64" in ended.stderr
    assert ("refused" in ended.stderr) is (package == "tornado")
    assert ended.stdout.count("The session is kept in memory only.") == 1


FORK = """
import multiprocessing, os, traceback, warnings
warnings.simplefilter("ignore")
from parsec_nb import simulator
from parsec_nb._auth.store import KeyringStore
mine = simulator.Simulator().start()
shared = simulator.shared()
login = parsec_nb.login("game", variable="mine_alone")
while login.auth_code is None:
    time.sleep(0.02)
def child():
    try:
        started = time.monotonic()
        assert isinstance(login.exception(5), parsec_nb.LoginCancelledError)
        assert "forked from" in str(login.exception())
        another = parsec_nb.login("game")
        assert another is not login
        approve(another)
        session = another.result(20)
        assert len(session_id) == 64
        assert len(session.hosts()) > 0
        assert not (mine.running or shared.running)
        mine.start().stop()
        assert simulator.shared().running and simulator.shared() is not shared
        try:
            KeyringStore(timeout=5).describe()
        except parsec_nb.StoreError as error:
            assert "not responded" not in str(error)
        assert time.monotonic() - started < 15
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
"""
FORKS = {
    "fork": "pid = os.fork() or child()\nstatus = os.waitpid(pid, 0)[1]",
    "multiprocessing": (
        "process = multiprocessing.get_context('fork').Process(target=child)\n"
        "process.start(); process.join(); status = process.exitcode"
    ),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("how", FORKS)
def test_a_forked_child_starts_anew(simulator: Simulator, how: str) -> None:
    """In it nothing waits for threads of the parent, whose login goes on."""
    program = f"""{LOG_IN}{FORK}{FORKS[how]}
assert status == 0
assert mine.running and shared.running
approve(login)
login.result(20)
sys.stderr.write(f"bound {{len(mine_alone)}}")
"""

    ended = run(simulator, "-c", program)

    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("code ") == 2
    assert "bound 64" in ended.stderr


@pytest.mark.parametrize(
    ("options", "before"),
    [
        (["-OO"], ""),
        (["-W", "error"], ""),
        ([], "import socket; socket.setdefaulttimeout(0.2)"),
    ],
    ids=["without docstrings", "with warnings as errors", "with a default timeout"],
)
def test_settings_of_the_whole_process_do_not_matter(
    simulator: Simulator, options: list[str], before: str
) -> None:
    """They are the user's, and may be meant for other code."""
    program = f"{before}\n{LOG_IN}{LOG_IN_TWICE}{DEMO}"

    ended = run(simulator, *options, "-c", program)

    assert ended.returncode == 0, ended.stderr
    assert "bound 64" in ended.stderr


def test_the_package_may_be_inside_a_zip_file(
    simulator: Simulator, tmp_path: Path
) -> None:
    """Spark and others put packages on the path so, without unpacking them."""
    with ZipFile(tmp_path / "packages.zip", "w") as archive:
        for path in (REPOSITORY / "parsec_nb").rglob("*.*"):
            if "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(REPOSITORY))
    script = tmp_path / "script.py"
    script.write_text(
        f"{LOG_IN}assert '.zip' in parsec_nb.__file__\n{LOG_IN_TWICE}{DEMO}"
    )

    ended = run(simulator, str(script), PYTHONPATH=f"{tmp_path}/packages.zip")

    assert ended.returncode == 0, ended.stderr
    assert "bound 64" in ended.stderr


def test_where_no_thread_can_start_every_call_ends_in_words(
    simulator: Simulator,
) -> None:
    """As on a shared hub that limits processes; a later call works again."""
    program = f"""{LOG_IN}
import threading
session = parsec_nb.Session.from_id("0" * 64)
before = threading.stack_size(2**46)
login = parsec_nb.login("game", remember=True)
assert isinstance(login.exception(1), parsec_nb.LoginError)
assert isinstance(parsec_nb.login(demo=True).exception(1), parsec_nb.LoginError)
try:
    session.hosts()
except parsec_nb.UnreachableError:
    sys.stderr.write("unreachable\\n")
try:
    parsec_nb.simulator.shared()
except parsec_nb.simulator.SimulatorError:
    sys.stderr.write("no simulator\\n")
parsec_nb.logout("game")
parsec_nb.diagnose()
threading.stack_size(before)
{LOG_IN_TWICE}"""

    ended = run(simulator, "-X", "dev", "-c", program)

    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.startswith("unreachable\nno simulator\n")
    assert "bound 64" in ended.stderr
    assert "keyring may still hold it" in ended.stdout
    assert "Warning" not in ended.stderr
