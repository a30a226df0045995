"""The simulator's server: its address, its thread, and what it leaves behind."""

from __future__ import annotations

import _thread
import http.client
import importlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

import parsec_nb.simulator
from parsec_nb.simulator import Simulator, SimulatorError, shared
from support.threads import no_more_threads

if TYPE_CHECKING:
    from .conftest import API, Clock

CANARY = "C4N4RYtoken"
# Forks while another thread is about to listen.
FORK = """
import os, sys, threading, urllib.request
from parsec_nb import simulator

listening, forked = threading.Event(), threading.Event()

def wait_for_fork(event, _):
    if event == "socket.bind" and threading.current_thread() is thread:
        listening.set()
        forked.wait(10)

thread = threading.Thread(target=simulator.shared)
sys.addaudithook(wait_for_fork)
thread.start()
listening.wait(10)
child = os.fork()
if not child:
    url = simulator.shared().url
    urllib.request.urlopen(url, timeout=5).close()
    print(url, flush=True)
    os._exit(0)
forked.set()
status = os.waitpid(child, 0)[1]
print(simulator.shared().url, status)
"""
# Counts how busy it is during a second in which it opens files as a notebook does.
NOTEBOOK = """
import time
from parsec_nb.simulator import Simulator

print(Simulator().start().port, flush=True)
input()
used, files = time.process_time(), [open("/dev/null") for _ in range(40)]
time.sleep(1)
print(time.process_time() - used, flush=True)
input()
"""
# Counts how busy it is during a second in which it has no file left.
FULL = """
import time, urllib.request
from parsec_nb.simulator import Simulator

simulator = Simulator().start()
urllib.request.urlopen(simulator.url, timeout=5).close()
print(simulator.port, flush=True)
files = []
try:
    while True:
        files.append(open("/dev/null"))
except OSError:
    pass
input()
used = time.process_time()
time.sleep(1)
print(time.process_time() - used, flush=True)
input()
files.clear()
input()
"""
# Starts a simulator where a few files are left, one more each time.
SCARCE = """
import time
from parsec_nb.simulator import Simulator, SimulatorError, _server

for free in range(12):
    files = []
    try:
        while True:
            files.append(open("/dev/null"))
    except OSError:
        del files[:free]
    simulator = Simulator()
    try:
        simulator.start()
    except SimulatorError as error:
        print("refused", error)
    else:
        time.sleep(0.1)
        print("runs" if simulator.running else "died")
        simulator.stop()
    files.clear()
"""


def raw(simulator: Simulator, request: bytes) -> bytes:
    """Send bytes as they are and return everything that comes back."""
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=5) as sock:
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))


@pytest.mark.parametrize("path", ["/auth/codes", "/activate"])
def test_a_body_has_a_limit(api: API, simulator: Simulator, path: str) -> None:
    """More than 16 KiB is 413, much more is cut off."""
    response = api.request("POST", path, data=b"x" * 20_000)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n"
    )

    assert response.status_code == 413
    assert raw(simulator, head.encode() + b"x" * 1000).startswith(b"HTTP/1.1 400")


def test_nothing_of_a_request_is_logged_or_sent_back(
    simulator: Simulator,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A Jupyter token in a header or query string leaves no trace anywhere."""
    loggers = [logging.getLogger(n) for n in ("", *logging.root.manager.loggerDict)]
    kept = [logger.level for logger in loggers]
    bodies = []
    start = "POST /activate HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    form = "Content-Length: 4\r\nContent-Type: multipart/form-data; boundary="
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=5)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        for method, path in [
            ("GET", "/"),
            ("GET", "/activate"),
            ("POST", "/activate"),
            ("GET", "/nothing"),
            ("DELETE", "/activate"),
            ("BREW", "/activate"),
            ("GET", "/v2/hosts"),
            ("POST", "/auth/codes"),
            ("POST", "/auth/sessions"),
            ("GET", "/auth/codes"),
            ("GET", "/activate/%ff"),
            ("500", "/auth/codes"),
            ("500", "/activate"),
        ]:
            fails = method == "500"
            clock.broken = CANARY if fails else ""
            verb = "GET" if path == "/activate" else "POST"
            connection.request(
                verb if fails else method,
                f"{path}?token={CANARY}&mode={CANARY}",
                body="{}",
                headers={
                    "Authorization": f"token {CANARY}",
                    "Cookie": f"parsec_nb_simulator={CANARY}",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
            )
            response = connection.getresponse()
            bodies.append(f"{response.headers}{response.read().decode()}")
            if fails and path == "/activate":
                assert response.status == 500
        bodies += [
            raw(simulator, line.encode() + b"\r\n\r\n").decode()
            for line in [
                f"GET /?token={CANARY} HTTP/9",
                f"{CANARY}",
                f"{start}{CANARY}",
                f"{start}Content-Length: {CANARY}",
                f"{start}X: {CANARY}\r\nContent-Length: 9",
                f"{start}{form}{CANARY}\r\n\r\n",
            ]
        ]
    finally:
        connection.close()
        simulator.stop()
        for logger, level in zip(loggers, kept, strict=True):
            logger.setLevel(level)

    captured = capfd.readouterr()
    assert not any(CANARY in body for body in bodies)
    assert CANARY not in caplog.text
    assert CANARY not in captured.out + captured.err
    assert "Traceback" not in captured.err


def test_other_threads_keep_their_tornado_log(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Only the simulator's thread is silent, and no filter is added per start."""
    logger = logging.getLogger("tornado.general")
    filters = list(logger.filters)

    logger.warning("from the kernel")
    with Simulator():
        pass

    assert simulator.running
    assert "from the kernel" in caplog.text
    assert logger.filters == filters


@pytest.mark.serial
def test_a_simulator_leaves_nothing_behind() -> None:
    """Threads and descriptors are as before, also with a connection kept open."""

    def left() -> tuple[int, int]:
        descriptors = Path("/proc/self/fd")
        count = len(list(descriptors.iterdir())) if descriptors.exists() else 0
        return threading.active_count(), count

    def once() -> None:
        with Simulator() as simulator:
            sock = socket.create_connection(("127.0.0.1", simulator.port), timeout=5)
            sock.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert sock.recv(4) == b"HTTP"
        with sock:
            while sock.recv(65536):
                pass

    once()
    before = left()

    for _ in range(5):
        once()

    assert left() == before


def test_a_simulator_starts_and_stops_again() -> None:
    """A second start is refused, a second stop is allowed, and it can be used again."""
    simulator = Simulator()
    assert simulator.running is False
    with pytest.raises(SimulatorError, match=r"start\(\)"):
        _ = simulator.url

    assert simulator.start() is simulator
    with pytest.raises(SimulatorError, match="runs already"):
        simulator.start()
    assert simulator.running is True
    assert simulator.url == f"http://127.0.0.1:{simulator.port}"
    simulator.stop()
    simulator.stop()
    assert simulator.running is False
    assert repr(simulator) == "<Simulator stopped>"

    with simulator:
        assert requests.get(simulator.url, timeout=5).status_code == 200


def test_ctrl_c_ends_a_simulator_in_the_foreground() -> None:
    """It comes back without an exception, and nothing runs any more."""
    simulator = Simulator()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.1, _thread.interrupt_main)
    timer.start()

    try:
        simulator.run()
    finally:
        timer.join()
        signal.signal(signal.SIGINT, handler)

    assert simulator.running is False


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 300, "192.0.2.1"])
def test_an_address_that_cannot_be_had_is_explained(host: str) -> None:
    """The message names the host and what to do."""
    with pytest.raises(SimulatorError, match=host):
        Simulator(host=host).start()


def test_a_port_in_use_is_explained(simulator: Simulator) -> None:
    """The message names the port and what to do."""
    with pytest.raises(SimulatorError, match=f"{simulator.port}.*another port"):
        Simulator(port=simulator.port).start()


@pytest.mark.parametrize("host", ["localhost", "", "0.0.0.0"])
def test_the_url_leads_to_the_simulator(host: str) -> None:
    """It can be used where the host is a name, or every address."""
    with Simulator(host=host) as simulator:
        assert requests.get(simulator.url, timeout=5).status_code == 200


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 in this Python")
def test_ipv6_addresses_are_bracketed() -> None:
    """The URL can be used as it is."""
    try:
        simulator = Simulator(host="::1").start()
    except SimulatorError:
        pytest.skip("no IPv6 on this machine")
    url = simulator.url
    response = requests.get(url, timeout=5)
    simulator.stop()

    assert url.startswith("http://[::1]:")
    assert response.status_code == 200


def test_the_verification_uri_can_be_another() -> None:
    """Behind a proxy the client is told the address that a browser needs."""
    uri = "https://hub.example/user/ada/proxy/1/activate"

    with Simulator(verification_uri=uri, interval=0.2) as simulator:
        codes = f"{simulator.url}/auth/codes"
        data = requests.post(codes, json={"game_id": "g"}, timeout=5).json()["data"]

    assert data["verification_uri"] == uri
    assert data["interval"] == 0.2


def test_real_time_is_kept() -> None:
    """With the real clock an interval of 0.2 s is 0.2 s."""
    with Simulator(interval=0.2, lifetime=1) as simulator:
        codes = f"{simulator.url}/auth/codes"
        code = requests.post(codes, json={"game_id": "g"}, timeout=5).json()["data"]
        fields = {"grant_type": "auth_code", "auth_code_hash": code["hash"]}
        statuses = []
        for wait in (0, 0.2):
            time.sleep(wait)
            polled = requests.post(
                f"{simulator.url}/auth/sessions", json=fields, timeout=5
            )
            statuses.append(polled.status_code)

    assert statuses == [429, 202]


def test_a_process_shares_one_simulator() -> None:
    """Many threads that ask at once get the same one, also after a reload."""
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: shared(), range(64)))

    importlib.reload(parsec_nb.simulator)

    (simulator,) = found
    assert simulator.running
    assert parsec_nb.simulator.shared() is simulator


def test_a_shared_simulator_that_was_stopped_is_replaced() -> None:
    """The next one who asks gets one that runs."""
    shared().stop()

    assert shared().running


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_forked_child_has_another_simulator() -> None:
    """It runs in the child, also if another thread was starting one at the fork."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )

    child, parent, status = run.stdout.split()
    assert child != parent
    assert status == "0"


@pytest.mark.serial
def test_without_another_thread_it_says_so() -> None:
    """It leaves neither a socket nor an event loop open, and can start later."""
    simulator = Simulator()

    # Another test has reloaded the module, and with it the class.
    error = parsec_nb.simulator.SimulatorError
    with no_more_threads(), pytest.raises(error, match="Restart the kernel"):
        simulator.start()

    assert not simulator.running
    with simulator:
        assert simulator.running


@pytest.mark.parametrize("tornado", ["raise ImportError", "version_info = 6, 2, 0"])
def test_without_tornado_the_start_names_what_to_install(
    tmp_path: Path, tornado: str
) -> None:
    """The module and its options load; only starting needs tornado 6.3."""
    (tmp_path / "tornado").mkdir()
    (tmp_path / "tornado" / "__init__.py").write_text(tornado)
    for name in ("httpserver", "httputil", "ioloop", "netutil", "web"):
        (tmp_path / "tornado" / f"{name}.py").write_text(
            "def __getattr__(name): return type(name, (Exception,), {})\n"
        )
    script = (
        "from parsec_nb.simulator import SimulatorError, _cli, shared\n"
        "try: shared()\n"
        "except SimulatorError as error: print(error)\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])

    run = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": path},
    )

    assert "pip install 'parsec-nb[demo]'" in run.stdout


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.2:8888", 200),
        ("localhost:8888", 200),
        ("LOCALHOST", 200),
        ("sim.localhost", 200),
        ("[::1]:8888", 200),
        ("evil.example", 421),
        ("evil.example:80", 421),
        ("localhost.evil.example", 421),
        ("192.0.2.1", 421),
        ("[", 421),
    ],
)
@pytest.mark.parametrize("path", ["/activate", "/v1", "/nothing"])
def test_another_name_is_refused(api: API, path: str, host: str, status: int) -> None:
    """A name that a web page made lead here (DNS rebinding) opens nothing."""
    response = api.request("GET", path, headers={"Host": host})

    assert (response.status_code == 421) == (status == 421)


def test_a_host_that_was_asked_for_is_accepted() -> None:
    """Where others can reach the simulator, its own name and addresses are fine."""
    name = socket.gethostname()
    hosts = [name.upper(), "192.0.2.1:80", "localhost", f"{name}.evil.example"]

    with Simulator(host="0.0.0.0") as simulator:
        statuses = [
            requests.get(simulator.url, headers={"Host": host}, timeout=5).status_code
            for host in hosts
        ]

    assert statuses == [200, 200, 200, 421]


def test_a_hub_may_forward_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a hub the browser's Host is the hub's."""
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    headers = {"Host": "hub.example"}

    with Simulator() as simulator:
        response = requests.get(simulator.url, headers=headers, timeout=5)

    assert response.status_code == 200


@pytest.mark.parametrize("cookie", ["x=" + "\\" * 32_000, '"' + "\\" * 63_000])
def test_a_head_has_a_limit(simulator: Simulator, cookie: str) -> None:
    """More than 16 KiB of headers is cut off before anything is parsed."""
    head = f"GET /activate HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"

    assert not raw(simulator, head.encode()).startswith(b"HTTP/1.1 200")


def test_cookies_of_others_are_not_parsed(simulator: Simulator) -> None:
    """Old tornado takes quadratic time for a quoted cookie; ours stays readable."""
    page = requests.get(f"{simulator.url}/activate", timeout=5)
    ((name, value),) = page.cookies.items()
    cookie = f'x="{chr(92) * 15_000}"; {name}={value}; y=1'
    started = time.perf_counter()

    for _ in range(10):
        again = requests.get(
            f"{simulator.url}/activate", headers={"Cookie": cookie}, timeout=5
        )

    assert time.perf_counter() - started < 1
    assert again.status_code == 200
    assert "Set-Cookie" not in again.headers


@pytest.mark.serial
def test_clients_that_never_read_do_not_hold_up_the_end(simulator: Simulator) -> None:
    """Twenty clients that send request after request cost less than a second."""
    request = b"GET /activate HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(20):
            address = ("127.0.0.1", simulator.port)
            sock = stack.enter_context(socket.create_connection(address, timeout=5))
            sock.settimeout(0)
            with suppress(BlockingIOError):
                while True:
                    sock.send(request * 1000)
        threads = threading.active_count()
        started = time.monotonic()

        simulator.stop()

        assert time.monotonic() - started < 1
    assert threading.active_count() == threads - 1


@pytest.mark.serial
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_idle_connections_leave_files_to_the_process() -> None:
    """Past a share of its files a process accepts no more, and does not spin."""
    limited = ["sh", "-c", 'ulimit -n 120; exec "$@"', "sh", sys.executable]
    with (
        subprocess.Popen(
            [*limited, "-c", NOTEBOOK],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
        ExitStack() as stack,
    ):
        stack.callback(process.kill)
        assert process.stdin
        assert process.stdout
        port = int(process.stdout.readline())
        for _ in range(100):
            sock = socket.create_connection(("127.0.0.1", port), timeout=5)
            stack.enter_context(sock)
        time.sleep(0.5)

        print(file=process.stdin, flush=True)
        busy = float(process.stdout.readline())
        started = time.monotonic()
        response = requests.get(f"http://127.0.0.1:{port}", timeout=10)

        assert busy < 0.1
        assert response.status_code == 200
        assert time.monotonic() - started < 5


@pytest.mark.serial
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_process_without_files_does_not_spin() -> None:
    """Accepting waits where the process itself has no file left."""
    limited = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", sys.executable]
    with subprocess.Popen(
        [*limited, "-c", FULL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            print(file=process.stdin, flush=True)
            busy = float(process.stdout.readline())
            print(file=process.stdin, flush=True)
            response = requests.get(f"http://127.0.0.1:{port}", timeout=5)
        process.kill()

    assert busy < 0.1
    assert response.status_code == 200


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
def test_a_hubs_proxy_may_forward_any_name(
    simulator: Simulator, connection: str
) -> None:
    """As jupyter-server-proxy does; a web page can add headers, but not close."""
    headers = {
        "Host": "hub.example",
        "Connection": connection,
        "X-Forwarded-Context": "/user/ada/proxy/8899",
    }

    response = requests.get(simulator.url, headers=headers, timeout=5)

    assert response.status_code == (200 if connection == "close" else 421)


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_start_without_files_is_explained() -> None:
    """It raises nothing but SimulatorError, and does not return before it serves."""
    limited = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", sys.executable]

    run = subprocess.run(
        [*limited, "-c", SCARCE],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )

    lines = run.stdout.splitlines()
    assert {line.split()[0] for line in lines} == {"refused", "runs"}
    assert all("open files" in line for line in lines if line != "runs")
