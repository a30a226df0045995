"""No byte that a notebook with a connection produces holds the session ID.

Run with `-s` to see what was searched, how much of it, and what was found.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from support import TESTS
from support.http_server import ScriptedServer
from support.kernel import Kernel
from support.libparsec import environment, fingerprint, read_record
from support.saved import search_saved
from support.secrets import (
    LOG_IN,
    LOUD,
    SESSION_ID,
    Search,
    Told,
    cells,
    grant,
    issue_code,
)
from support.worker import PEER_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

SECRET = "share-qkzx7wvj"
CONNECT = """
from parsec_nb import sdk
session = login.result(20)
how = {"library": os.environ["LIBRARY"], "openssl": os.environ["OPENSSL"]}
client = sdk.connect(session, os.environ["PEER"], secret=os.environ["SHARE"], **how)
client
"""
# What people do with a client; the library writes the session ID into its log.
CONNECTED = """
client.result(20)
---
client.frame()
---
list(client.events(0.2)), client.log, client.guests(), client.metrics()
---
client, [client], {"client": client}, str(client), vars(client)
---
connection = client._connection
worker = connection.worker()
print(vars(connection), vars(worker), connection._start, vars(worker._process))
---
[connection, worker, worker.media, connection.reports, vars(connection.reports)]
---
%whos
---
client?
---
client??
---
frames = sys._current_frames().values()
traceback.StackSummary.extract(((f, f.f_lineno) for f in frames), capture_locals=True)
---
faulthandler.dump_traceback(sys.__stderr__)
---
pickle.dumps(client)
---
copy.deepcopy(client)
---
def fail():
    one, two, three, four = session, client, vars(connection), vars(worker)
    raise ValueError("with locals")
fail()
---
sdk.connect(session_id + " x", "peer-of-a-host", **how)
---
try:
    sdk.connect(str(session_id) + " x", "peer-of-a-host", **how)
except ValueError:
    raise RuntimeError("chained")
---
sdk.connect("peer-of-a-host", session, **how)
---
sdk.connect(session, [session_id], **how)
---
sdk.connect(session, "peer-of-a-host", library="/nowhere")
---
client.key("no such key", True)
---
client.frame(timeout="soon")
---
worker.request("no such command", timeout=5)
---
client.press("a")
---
client
---
%tb Verbose
---
other = sdk.connect(session, os.environ["PEER"], **how).result(20)
os.kill(other._connection.worker().pid, 11)
other.frame(timeout=5) and other.sound(5)
---
other.press("a")
---
other.log, vars(other._connection), repr(other._connection.error)
---
rest = sdk.connect(session, os.environ["PEER"], python="/bin/false", **how)
rest.result(20)
"""


@pytest.fixture
def set_up(
    libparsec: Path,
    openssl: Path,
    record: Path,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ScriptedServer]:
    """Set what the cells need; no cell has the secrets in its text."""
    settings = environment(
        record, connect=10, log=20, print=1, events=1, size="64x48", fps=30
    )
    paths = {"LIBRARY": str(libparsec), "OPENSSL": str(openssl)}
    named = {"PEER": PEER_ID, "SHARE": SECRET}
    with ScriptedServer(issue_code(), grant()) as server:
        for name, value in (settings | paths | named).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PARSEC_API_URL", server.url)
        yield server


def children(pid: int) -> list[Path]:
    """Return the process directories of a process's children."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [Path(f"/proc/{n}") for task in tasks for n in task.read_text().split()]


def search_process(search: Search, process: Path) -> None:
    """Search what others can see of a process, and the memory that it shares."""
    for name in ("cmdline", "environ", "comm", "maps", "status"):
        search.bytes(f"worker's {name}", (process / name).read_bytes())
    for descriptor in (process / "fd").iterdir():
        target = str(descriptor.readlink())
        search.text("worker's descriptors (names)", target)
        if "parsec_nb" in target or "/dev/shm" in target:
            search.bytes("shared memory", descriptor.read_bytes())


def test_a_notebook_with_a_connection(
    set_up: ScriptedServer,
    place: Path,
    record: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Echoes, logs, tracebacks, crashes, files, other processes' view: no secret."""
    search = Search((SESSION_ID,))
    with Kernel() as kernel:
        told = Told(kernel)
        told.run(f"{LOUD}\nimport os\n---\n{LOG_IN}")
        kernel.wait_for_status("approved")
        told.run(CONNECT)
        first, *story = cells(CONNECTED)
        told.run(f"{first}\n---\nclient.frame()")
        [worker] = children(kernel.value("os.getpid()"))
        search_process(search, worker)
        for path in Path("/dev/shm").iterdir():
            search.text("/dev/shm (names)", path.name)
        limits = (worker / "limits").read_text()
        ran = [cell for code in story for cell in told.run(code)]
        told.search(search)
        kernel.shut_down()
    out, err = capfd.readouterr()
    search.text("stdout and stderr of the kernel's process", out + err)
    search.tree("home, IPYTHONDIR, working directory", place)

    print(search.report())
    assert search.hits == []
    names = {cell.content.get("ename") for cell in ran}
    assert names >= {"SDKProcessError", "InvalidArgumentError", "RuntimeError"}
    assert search.searched["shared memory"] > 100_000
    assert re.search(r"Max core file size +0 +0 ", limits)
    # The library did get it, and wrote it into its log.
    asked = [entry.fields for entry in read_record(record) if entry.name == "connect"]
    assert {fields["session"] for fields in asked} == {fingerprint(SESSION_ID)}
    assert "session ***, peer ***" in str(told.replies) + str(kernel.messages)


def test_no_object_of_the_kernel_shows_a_secret(
    set_up: ScriptedServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In all that a client reaches, no repr tells; no plain copy stays behind."""
    canary = tmp_path_factory.mktemp("canary") / "secrets"
    canary.write_text(SESSION_ID)
    with Kernel() as kernel:
        kernel.run(
            f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
            "from support import heap\nimport os, threading"
        )
        kernel.run(LOG_IN)
        kernel.wait_for_status("approved")
        kernel.run(CONNECT)
        assert kernel.run("client.result(20).frame()").status == "ok"
        roots = "[client, *threading.enumerate(), vars(sdk)]"
        for _ in range(2):
            count, shown = kernel.value(f"heap.shown_from({roots}, {str(canary)!r})")
            assert count > 500
            assert shown == []
            assert kernel.value(f"heap.plain_holders({str(canary)!r})") == []
            kernel.run("client.disconnect()")


def test_a_saved_notebook_and_its_html(set_up: ScriptedServer, place: Path) -> None:
    """What nbclient saves, widget state and all, and what nbconvert makes of it."""
    search = Search((SESSION_ID, SECRET))
    story = [f"import os\n{LOG_IN}", CONNECT.strip(), *cells(CONNECTED)[:4]]
    story += ["%xmode Verbose\nclient.key('no such key', True)", "client.disconnect()"]

    saved = nbformat.writes(search_saved(search, story, place))

    assert "InvalidArgumentError" in saved
    assert "Connected to" in saved


def test_the_worker_s_memory_is_its_own() -> None:
    """Neither a core dump nor another process of the user gets it."""
    program = """
import ctypes, resource
from parsec_nb.sdk._worker import __main__ as worker
worker._protect()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
"""

    printed = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert printed == "0 (0, 0)\n"


def test_the_search_finds_what_a_connection_could_tell(
    set_up: ScriptedServer, place: Path, connect: Callable[..., Any]
) -> None:
    """A search that finds nothing means nothing unless it can find something."""
    search = Search((SESSION_ID,))
    reported = connect()
    reported.wait("status", code=0)
    search_process(search, Path(f"/proc/{reported.worker.pid}"))
    assert search.hits == []

    with subprocess.Popen(
        ["sh", "-c", "echo; read line", SESSION_ID],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as leaky:
        assert leaky.stdout
        leaky.stdout.readline()
        search_process(search, Path(f"/proc/{leaky.pid}"))

    assert [hit.split(":")[0] for hit in search.hits] == ["worker's cmdline"]
