"""What runs in a measured process: clients of the SDK's stand-in, at 720p60.

It prints what it measured as JSON, in seconds. BENCH_LIBRARY and BENCH_OPENSSL are the
paths of the stand-in (tests/sdk/libparsec) and of its OpenSSL, BENCH_SCALE is how
thorough to be. The stand-in is not Parsec's: these are the figures of parsec_nb's own
layers.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SESSION_ID, PEER_ID = "0" * 64, "peer-of-a-host"
_SCALE = float(os.environ.get("BENCH_SCALE", "1"))
_SECONDS = 5 * _SCALE
_ROUNDS = max(round(10 * _SCALE), 2)
_ENDED = """
import time
import inside_sdk
client = inside_sdk.connect().result(10)
print(client._connection.worker().pid, flush=True)
time.sleep(60)
"""


def connect() -> Any:
    """Begin to connect to the stand-in."""
    from parsec_nb import sdk  # noqa: PLC0415 - its time is measured

    library, openssl = os.environ["BENCH_LIBRARY"], os.environ["BENCH_OPENSSL"]
    return sdk.connect(SESSION_ID, PEER_ID, library=library, openssl=openssl)


def timed(call: Callable[[], object], rounds: int) -> list[float]:
    """Return the seconds of each of some calls."""
    samples = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        samples.append(time.perf_counter() - began)
    return samples


def first_frames() -> dict[str, list[float]]:
    """Time `connect()`, and when the worker has loaded the library."""
    samples: dict[str, list[float]] = {"first": [], "returned": [], "ready": []}
    for number in range(_ROUNDS + 1):
        began = time.perf_counter()
        client = connect()
        returned = time.perf_counter() - began
        connection = client._connection
        connection.wait_while(lambda c=client: c.status.value == "starting", 10)
        ready = time.perf_counter() - began
        client.result(10)
        client.disconnect()
        if number == 0:
            samples["first"] = [returned]
            continue
        samples["returned"].append(returned)
        samples["ready"].append(ready)
    return samples


def arrivals(client: Any) -> list[float]:
    """Return how long after the SDK's callback a numpy view of each frame is there."""
    samples = []
    end = time.monotonic() + _SECONDS
    for frame in client.frames(copy=False):
        assert frame.planes[0].shape == (720, 1280)
        samples.append(time.time() - frame.received_at.timestamp())
        frame.release()
        if time.monotonic() > end:
            return samples
    return samples


def core_share(client: Any) -> list[float]:
    """Return what the worker takes of a core, while frames and sound arrive."""
    clock = (~client._connection.worker().pid << 3) | 2
    samples = []
    for _ in range(3):
        used, began = time.clock_gettime(clock), time.monotonic()
        time.sleep(_SECONDS / 3)
        used = time.clock_gettime(clock) - used
        samples.append(used / (time.monotonic() - began))
    return samples


def pictures(client: Any) -> dict[str, list[float]]:
    """Time RGB with OpenCV and without, and JPEG from planes and from RGB."""
    from jupyter_rfb._jpg import array2jpg  # noqa: PLC0415 - imports are measured

    from parsec_nb.sdk._view import jpeg  # noqa: PLC0415 - likewise

    rounds = _ROUNDS * 5
    samples = {"opencv": timed(lambda: client.frame().array, rounds)}
    opencv = sys.modules.pop("cv2")
    sys.modules["cv2"] = None  # type: ignore[assignment] - as where it is missing
    samples["numpy"] = timed(lambda: client.frame().array, rounds)
    sys.modules["cv2"] = opencv

    samples["jpeg"] = timed(lambda: jpeg.encode(client.frame(), 80), rounds)
    samples["rfb"] = timed(lambda: array2jpg(client.frame().array, 80), rounds)
    return samples


def deaths() -> list[float]:
    """Return how long after the worker's death a call that waits raises."""
    from parsec_nb.errors import SDKProcessError  # noqa: PLC0415

    samples = []
    for _ in range(_ROUNDS):
        client = connect().result(10)
        killed = []

        def kill(pid: int = client._connection.worker().pid, at: Any = killed) -> None:
            at.append(time.perf_counter())
            os.kill(pid, signal.SIGKILL)

        threading.Timer(0.2, kill).start()
        try:
            client.sound(20)
        except SDKProcessError:
            samples.append(time.perf_counter() - killed[0])
    return samples


def left() -> dict[str, list[int]]:
    """Return what is left in this process, and of workers, after each kind of end."""

    def count() -> list[int]:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        files = list(Path("/dev/shm").glob("parsec_nb*"))
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        return [len(children), descriptors, threading.active_count(), len(files)]

    def killed_worker() -> None:
        client = connect().result(10)
        os.kill(client._connection.worker().pid, signal.SIGKILL)
        client._connection.wait_while(lambda: not client.status.ended, 10)
        client.disconnect()

    def killed_kernel() -> None:
        command = [sys.executable, "-c", _ENDED]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as kernel:
            assert kernel.stdout
            worker = int(kernel.stdout.readline())
            kernel.kill()
        time.sleep(1)
        stat = Path(f"/proc/{worker}/stat")
        # Who adopts it may let it be a zombie.
        is_left = stat.exists() and ") Z" not in stat.read_text()
        assert not is_left, "the worker is left"

    ends: dict[str, Callable[[], object]] = {
        "disconnect()": lambda: connect().result(10).disconnect(),
        "kill -9 of the worker": killed_worker,
        "kill -9 of the kernel": killed_kernel,
    }
    result = {}
    for name, end in ends.items():
        before = count()
        end()
        result[name] = [b - a for a, b in zip(before, count(), strict=True)]
    return result


def main() -> None:
    """Measure all, and print it."""
    os.environ["PARSEC_STAND_IN"] = "connect=10 fps=60 size=1280x720"
    measured: dict[str, Any] = first_frames()
    with connect() as client:
        measured["share"] = core_share(client)
        measured["arrival"] = arrivals(client)
        measured |= pictures(client)
    measured["death"] = deaths()
    measured["left"] = left()
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
