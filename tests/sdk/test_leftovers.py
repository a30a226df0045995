"""What a client leaves behind, however it or its kernel ends: nothing."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb import sdk
from parsec_nb.errors import ParsecError, SDKProcessError
from support.kernel import Kernel
from support.leftovers import gone, left
from support.libparsec import environment
from support.secrets import SESSION_ID
from support.worker import PEER_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsec_nb import Session
    from parsec_nb.sdk import Client

# A program with a client; its first line of output is the worker's number.
PROGRAM = """
import os, signal, sys, threading, time
from pathlib import Path
from parsec_nb import sdk
from parsec_nb.errors import SDKProcessError
from support.secrets import SESSION_ID
from support.worker import PEER_ID
how = {"library": Path(sys.argv[1]), "openssl": Path(sys.argv[2])}
client = sdk.connect(SESSION_ID, PEER_ID, **how).result(10)
print(client._connection.worker().pid, flush=True)
"""
CELL = """
import os
from parsec_nb import sdk
how = {"library": os.environ["LIBRARY"], "openssl": os.environ["OPENSSL"]}
client = sdk.connect("5e55" * 16, "peer-of-a-host", **how)
"""


@pytest.fixture
def kernel(libparsec: Path, openssl: Path) -> Iterator[Kernel]:
    """A kernel that can connect to the stand-in."""
    settings = environment(connect=10, size="64x48")
    paths = {"LIBRARY": str(libparsec), "OPENSSL": str(openssl)}
    with Kernel(**settings, **paths) as kernel:
        yield kernel


@pytest.mark.serial
@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.sound(20),
        lambda client: list(client.frames()),
        lambda client: [client.guests() for _ in iter(int, 1)],
        lambda client: list(client.events()) and client.metrics(),
        lambda client: client.frame(20, stream=1) and client.record(20),
    ],
    ids=["sound", "frames", "guests", "events", "record"],
)
def test_the_death_of_the_worker_is_told_at_once(
    guest: Callable[..., Client], call: Callable[[Client], object]
) -> None:
    """Whatever waits raises the reason within 0.1 s, and so does what follows."""
    client = guest(events=1)
    pid = client._connection.worker().pid
    killed_at = 0.0

    def kill() -> None:
        nonlocal killed_at
        killed_at = time.monotonic()
        os.kill(pid, signal.SIGKILL)

    timer = threading.Timer(0.3, kill)
    timer.start()
    with pytest.raises(SDKProcessError, match="SIGKILL") as caught:
        call(client)
    took = time.monotonic() - killed_at
    timer.join()

    assert caught.value.returncode == -signal.SIGKILL
    assert took < 0.1
    with pytest.raises(SDKProcessError, match="SIGKILL"):
        client.press("a")


def test_fifty_clients_in_a_row_leave_nothing(
    guest: Callable[..., Client],
    libparsec: Path,
    openssl: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ended in each way: by a call, by a context, unused, failed, killed, forgotten."""
    guest().disconnect()
    before = left()
    how = {"library": libparsec, "openssl": openssl}

    for number in range(50):
        code = -6101 if number % 6 == 3 else 0
        for name, value in environment(
            connect=5, size="64x48", fps=60, status=code
        ).items():
            monkeypatch.setenv(name, value)
        client: Any = sdk.connect(SESSION_ID, PEER_ID, **how)
        kind = number % 6
        if kind == 0:
            client.result(10).frame()
            client.disconnect()
        elif kind == 1:
            with client:
                held = client.frame(copy=False)
            held.release()
        elif kind == 2:
            client.disconnect()
        elif kind == 3:
            with pytest.raises(ParsecError):
                client.result(10)
        elif kind == 4:
            os.kill(client.result(10)._connection.worker().pid, signal.SIGKILL)
            with pytest.raises(SDKProcessError):
                client.sound(5)
        del client
    held = None
    gc.collect()

    deadline = time.monotonic() + 5
    while left() != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left() == before


def test_simulated_clients_leave_nothing(session: Session) -> None:
    """Nor does the simulator keep a connection."""
    hosts = session.hosts()
    sdk.connect(session, hosts[0]).result(10).disconnect()
    before = left()

    for number in range(8):
        client = sdk.connect(session, hosts[number % 6])
        if number in (0, 3):
            client.result(10).frame()
        client.disconnect()

    deadline = time.monotonic() + 5
    while left()[1:] != before[1:] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left()[1:] == before[1:]


@pytest.mark.parametrize(
    "program",
    [
        "",
        "frames = client.frames(); next(frames)",
        """
def listen():
    try:
        client.sound(20)
    except Exception:
        pass
threading.Thread(target=listen, daemon=True).start()""",
        "held = client.frame(copy=False)",
        "sdk.connect(SESSION_ID, PEER_ID, **how)",
    ],
    ids=["idle", "iterating", "in a thread", "with a pinned frame", "connecting"],
)
def test_an_interpreter_exits_with_a_client_open(
    run: Callable[..., tuple[subprocess.Popen[str], int]], program: str
) -> None:
    """At once, in silence, and the worker with it."""
    process, pid = run(PROGRAM + program)

    begin = time.monotonic()
    printed = process.communicate(timeout=10)

    assert (process.returncode, *printed) == (0, "", "")
    assert time.monotonic() - begin < 3
    assert gone(pid, 0.5)


def test_a_forked_child_leaves_the_client_alone(
    run: Callable[..., tuple[subprocess.Popen[str], int]],
) -> None:
    """Each of its calls says so at once; the parent's go on, however often it forks."""
    process, pid = run(
        PROGRAM
        + """
signal.alarm(30)
busy = True
def keep_busy():
    while busy:
        client.press("a")
thread = threading.Thread(target=keep_busy)
thread.start()
frame = client.frame(copy=False)
for number in range(12):
    child = os.fork()
    if child == 0:
        signal.alarm(3)
        refused = 0
        for call in (client.frame, client.guests, lambda: client.press("a"),
                     lambda: client.sound(0.1), lambda: next(client.frames()),
                     client.view):
            try:
                call()
            except SDKProcessError:
                refused += 1
            except Exception as error:
                print(call, repr(error), flush=True)
        if number % 3 == 0:
            client.disconnect()
        if number % 3 == 1:
            os._exit(6 - refused)
        sys.exit(6 - refused)
    status = os.waitpid(child, 0)[1]
    assert status == 0, (number, status)
before = frame.planes[0].tobytes()
time.sleep(0.2)
assert frame.planes[0].tobytes() == before
frame.release()
assert len(client.guests()) == 2
busy = False
thread.join()
client.disconnect()
print("works", flush=True)
"""
    )

    printed, errors = process.communicate(timeout=40)

    assert printed == "works\n", errors
    assert process.returncode == 0
    assert gone(pid, 0.5)


@pytest.mark.parametrize(
    ("settings", "call"),
    [
        ({"approval": 60_000}, "client.result()"),
        ({}, "client.frame(60, stream=1)"),
        ({}, "client.sound(30)"),
        ({}, "client.record(30)"),
        ({}, "for event in client.events(): pass"),
    ],
)
def test_an_interrupt_ends_only_the_wait(
    kernel: Kernel, settings: dict[str, int], call: str
) -> None:
    """The client goes on, and can be used and ended."""
    settings = {"connect": 10, "fps": 0 if "stream" in call else 30} | settings
    variables = environment(size="64x48", **settings)
    kernel.run(f"import os; os.environ |= {variables!r}")
    assert kernel.run(CELL).status == "ok"
    if "result" not in call:
        assert kernel.run("client.result(10)").status == "ok"

    started = kernel.start(f"print('begins', flush=True)\n{call}")
    kernel.wait_for(lambda: "begins" in str(kernel.messages))
    time.sleep(0.3)
    begin = time.monotonic()
    kernel.interrupt()
    reply = kernel.reply_to(started)

    assert reply["ename"] == "KeyboardInterrupt"
    # None of the calls would end by itself within 30 s.
    assert time.monotonic() - begin < 5
    expected = "waiting_for_approval" if "result" in call else "connected"
    assert kernel.value("client.status.value") == expected
    if expected == "connected":
        assert kernel.value("len(client.guests())") == 2
    assert kernel.run("client.disconnect()").status == "ok"


@pytest.mark.parametrize("how", ["restart", "kill", "shut down"])
def test_a_kernel_that_ends(kernel: Kernel, how: str) -> None:
    """The worker is gone, and a new kernel can connect again."""
    assert kernel.run(CELL).status == "ok"
    assert kernel.run("client.result(10).frame()").status == "ok"
    pid = kernel.value("client._connection.worker().pid")
    assert not gone(pid, 0)

    if how == "shut down":
        kernel.shut_down()
    elif how == "restart":
        kernel._manager.restart_kernel()
    else:
        os.kill(kernel.value("os.getpid()"), signal.SIGKILL)

    assert gone(pid, 2)
    if how == "restart":
        kernel._client.wait_for_ready(timeout=30)
        assert kernel.run(f"{CELL}\nclient.result(10).frame()").status == "ok"
        assert kernel.run("client.disconnect()").status == "ok"


def test_a_worker_of_the_simulated_sdk_ends_with_its_kernel(
    session: Session,
) -> None:
    """Its threads are Python's, and hold nothing up."""
    program = """
import json, os, sys, time
from parsec_nb import Session, sdk
about = json.load(sys.stdin)
session = Session.from_id(about["id"], api_url=about["url"])
client = sdk.connect(session, about["peer"]).result(10)
client.frame()
print(client._connection.worker().pid, flush=True)
time.sleep(60)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    peer = session.hosts()[0].peer_id
    about = {"id": str(session.id), "url": session.api_url, "peer": peer}
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(about))
    process.stdin.close()
    pid = int(process.stdout.readline())

    process.kill()
    process.wait()
    process.stdout.close()

    assert gone(pid, 1.5)
    assert not list(Path("/dev/shm").glob("parsec_nb*"))
