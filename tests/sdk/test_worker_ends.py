"""How workers end, whoever ends first, and that nothing is left."""

from __future__ import annotations

import os
import queue
import resource
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb.errors import SDKProcessError, SDKSetupError
from parsec_nb.sdk._popen import describe_end
from parsec_nb.sdk._process import Worker
from support.leftovers import gone, left
from support.libparsec import build
from support.threads import no_more_threads
from support.worker import KERNEL, Reported, start_line

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.serial
def test_the_end_of_a_killed_worker_is_reported_at_once(
    connect: Callable[..., Reported],
) -> None:
    """A request that waits fails, and so does the next; a wait for frames returns."""
    reported = connect()
    reported.wait("status", code=0)
    worker = reported.worker
    os.kill(worker.pid, signal.SIGSTOP)
    caught: list[BaseException] = []

    def ask() -> None:
        with pytest.raises(SDKProcessError) as error:
            worker.request("guests", timeout=8)
        caught.append(error.value)

    def wait() -> None:
        assert worker.wait_frame(0, 10**9, 8) is None

    threads = [threading.Thread(target=work) for work in (ask, wait)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)

    begin = time.monotonic()
    os.kill(worker.pid, signal.SIGKILL)
    reported.wait_end()
    for thread in threads:
        thread.join()

    assert reported.ended_at - begin < 0.1
    assert time.monotonic() - begin < 0.3
    assert reported.ended == [(-signal.SIGKILL, "")]
    assert worker.returncode == -signal.SIGKILL
    with pytest.raises(SDKProcessError, match="SIGKILL") as error:
        worker.request("guests")
    caught.append(error.value)
    assert [e.returncode for e in caught] == [-signal.SIGKILL] * 2
    with pytest.raises(SDKProcessError):
        worker.post("guests")


@pytest.mark.parametrize(
    ("setting", "returncode", "printed"),
    [
        ({"exit": "50:1"}, 1, ""),
        ({"openssl": "required"}, 1, ""),
        ({"crash": 50}, -signal.SIGSEGV, "Segmentation fault"),
    ],
)
def test_a_library_that_ends_the_process_is_reported(
    connect: Callable[..., Reported],
    setting: dict[str, Any],
    returncode: int,
    printed: str,
) -> None:
    """By a status, or by a fault whose traceback is kept."""
    other = {"openssl": []} if "openssl" in setting else {}

    ended = connect(other, connect=10, **setting).wait_end()

    assert ended[0] == returncode
    assert printed in ended[1]


def test_a_library_that_hangs_holds_nothing_up(
    connect: Callable[..., Reported], libparsec: Path
) -> None:
    """Commands are replied to, and the end comes at once."""
    reported = connect(hang="ParsecInit")
    while str(libparsec) not in Path(f"/proc/{reported.worker.pid}/maps").read_text():
        time.sleep(0.02)
    reply = reported.worker.request("guests")

    begin = time.monotonic()
    reported.worker.end()

    assert reply["status"] == -3
    assert time.monotonic() - begin < 0.5
    assert gone(reported.worker.pid, 0)


def test_a_worker_that_does_not_leave_is_killed(
    connect: Callable[..., Reported],
) -> None:
    """Requests to it do not hang either, however many they are."""
    reported = connect()
    reported.wait("status", code=0)
    worker = reported.worker
    os.kill(worker.pid, signal.SIGSTOP)
    caught: list[str] = []

    with pytest.raises(SDKProcessError, match="did not reply"):
        worker.request("guests", timeout=0.1)
    while not caught:
        try:
            worker.post("user_data", number=1, text="x" * 3000)
        except SDKProcessError as error:
            caught.append(str(error))
    begin = time.monotonic()
    worker.end(timeout=0.3)

    assert "did not reply" in caught[0]
    assert time.monotonic() - begin < 1.2
    assert reported.wait_end() == (-signal.SIGKILL, "")


def test_the_last_words_of_a_process_are_told_on_a_slow_machine(
    tmp_path: Path, openssl: Path
) -> None:
    """They are read after its end, where the thread that reads them comes late."""

    class LateWorker(Worker):
        def _read_printed(self) -> None:
            time.sleep(0.3)
            super()._read_printed()

    ended: queue.Queue[tuple[int | None, str]] = queue.Queue()
    LateWorker(
        start_line(build(tmp_path, "ON_LOAD=EXIT"), openssl),
        python=None,
        on_event=print,
        on_end=lambda *end: ended.put(end),
    )

    assert "printed by the library" in ended.get(timeout=10)[1]


@pytest.mark.usefixtures("_interrupts_arrive")
@pytest.mark.parametrize("interrupted", [True, False])
def test_a_command_that_was_cut_off_harms_no_other(
    connect: Callable[..., Reported], *, interrupted: bool
) -> None:
    """By an interrupt while it was written, or because the worker did not read."""
    reported = connect()
    reported.wait("status", code=0)
    worker = reported.worker
    os.kill(worker.pid, signal.SIGSTOP)
    if interrupted:
        interrupt = os.getpid(), signal.SIGINT
        threading.Timer(0.2, os.kill, interrupt).start()

    with pytest.raises(KeyboardInterrupt if interrupted else SDKProcessError):
        worker.request("user_data", 5 if interrupted else 0.1, text="x" * 200_000)
    os.kill(worker.pid, signal.SIGCONT)

    assert worker.request("guests")["status"] == 0
    assert worker.request("guests")["status"] == 0


@pytest.mark.parametrize(
    "program",
    [
        "time.sleep(60)",
        # With a child that has the other ends of the pipes, or would have.
        "os.fork() or time.sleep(60)\ntime.sleep(60)",
        "ctypes.CDLL(None).fork()\ntime.sleep(60)",
    ],
    ids=["alone", "forked", "forked-in-c"],
)
def test_no_worker_outlives_a_killed_kernel(
    run: Callable[..., tuple[subprocess.Popen[str], int]],
    program: str,
) -> None:
    """Its standard input ends, or its parent is another process."""
    process, pid = run(f"{KERNEL}os.setpgid(0, 0)\n{program}")
    time.sleep(0.1)

    process.kill()

    try:
        assert gone(pid, 1)
    finally:
        os.killpg(process.pid, signal.SIGKILL)


def test_a_kernel_that_exits_ends_its_worker(
    run: Callable[..., tuple[subprocess.Popen[str], int]],
) -> None:
    """Nobody called end()."""
    process, pid = run(f"{KERNEL}reported.ended.append(0); del reported, worker")

    assert process.wait(3) == 0
    assert gone(pid, 0)


def test_a_forked_child_leaves_the_worker_alone(
    run: Callable[..., tuple[subprocess.Popen[str], int]],
) -> None:
    """It says at once that the worker is its parent's."""
    process, _ = run(
        KERNEL
        + """
from parsec_nb.errors import SDKProcessError
assert worker.wait_frame(0, 0, 5)
frame = worker.media.pin(0)
pins = worker.media._memory.table[11:13].tolist()
pid = os.fork()
if pid == 0:
    try:
        worker.request("guests")
    except SDKProcessError as error:
        print(error, flush=True)
    frame.release()
    worker.end()
    sys.exit()
assert os.waitpid(pid, 0)[1] == 0
time.sleep(0.3)
assert not reported.ended
assert worker.media._memory.table[11:13].tolist() == pins != [0, 0]
assert len(worker.request("guests")["guests"]) == 2
print("works", flush=True)
"""
    )

    printed, errors = process.communicate(timeout=10)

    assert "was forked" in printed, errors
    assert printed.endswith("works\n")
    assert process.returncode == 0


def test_an_interpreter_that_cannot_run_is_refused(
    libparsec: Path, openssl: Path
) -> None:
    """One that ends at once is reported as an end."""
    before = left()

    with pytest.raises(SDKSetupError, match="nowhere"):
        Reported(start_line(libparsec, openssl), "/nowhere/python")
    reported = Reported(start_line(libparsec, openssl), "false")

    assert reported.wait_end()[0] == 1
    reported.worker.end()
    assert left() == before


def test_no_thread_is_an_error_that_leaves_nothing(
    libparsec: Path, openssl: Path
) -> None:
    """The process is gone again."""
    before = left()

    with no_more_threads(), pytest.raises(SDKSetupError, match="thread"):
        Reported(start_line(libparsec, openssl))

    assert left() == before


def test_too_little_memory_is_an_event(connect: Callable[..., Reported]) -> None:
    """Frames that do not fit are dropped, and the connection goes on."""
    reported = connect(connect=300, fps=60, size="1920x1080")
    limits = resource.prlimit(reported.worker.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(reported.worker.pid, resource.RLIMIT_FSIZE, (7_000_000, limits[1]))

    memory = reported.wait("memory")

    assert memory["needed"] == 1920 * 1080 * 3 // 2
    time.sleep(0.2)
    assert len(reported.of("memory", needed=memory["needed"])) == 1
    assert reported.worker.media.dropped(0) > 3
    assert reported.worker.request("guests")["status"] == 0


def test_fifty_connections_in_a_row_leave_nothing(
    connect: Callable[..., Reported],
) -> None:
    """Neither descriptors, threads, files nor processes."""
    connect(connect=5).worker.end()
    before = left()

    for number in range(50):
        reported = connect(connect=5, fps=60, size="64x64")
        # Some end while they start or connect.
        if number % 5 == 0:
            reported.wait("status", code=0)
            assert reported.worker.wait_frame(0, 0, 5)
            assert reported.worker.media.pin(0)
        reported.worker.end()
        assert len(reported.ended) == 1

    assert left() == before


@pytest.mark.serial
def test_many_connections_at_once(connect: Callable[..., Reported]) -> None:
    """Each gets its own frames, and all end."""
    before = left()

    all_reported = [connect(connect=10, fps=10, size="64x64") for _ in range(32)]
    for reported in all_reported:
        assert reported.worker.wait_frame(0, 0, 20)
    threads = [
        threading.Thread(target=reported.worker.end) for reported in all_reported
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [len(reported.ended) for reported in all_reported] == [1] * 32
    assert left() == before


def test_an_end_is_told_in_words() -> None:
    """A signal by its name, if it has one."""
    assert "(SIGKILL)" in describe_end(-9)
    assert "(exit status 3)" in describe_end(3)
    assert "(exit status -250)" in describe_end(-250)
