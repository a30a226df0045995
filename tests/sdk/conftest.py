"""The stand-in for Parsec's library, compiled once a run, and workers with it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb import sdk
from support import REPOSITORY, TESTS
from support.libparsec import build, build_openssl, environment
from support.secrets import SESSION_ID
from support.simulated_sdk import log_in
from support.worker import PEER_ID, Reported, start_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from parsec_nb import Session
    from parsec_nb.sdk import Client
    from parsec_nb.simulator import Simulator


@pytest.fixture(scope="session")
def libparsec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of the compiled stand-in."""
    return build(tmp_path_factory.mktemp("libparsec"))


@pytest.fixture(scope="session")
def openssl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of an empty libcrypto, beside its libssl."""
    return build_openssl(tmp_path_factory.mktemp("openssl"))


@pytest.fixture
def session(simulator: Simulator) -> Session:
    """A session of the simulator."""
    return log_in(simulator)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Where the stand-in writes what it was sent."""
    return tmp_path / "record"


@pytest.fixture
def connect(
    libparsec: Path, openssl: Path, record: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Reported]]:
    """Start a worker with the stand-in, which gets the given settings."""
    started = []

    def connect(start: dict[str, Any] | None = None, **settings: Any) -> Reported:
        for name, value in environment(record, **settings).items():
            monkeypatch.setenv(name, value)
        reported = Reported(start_line(libparsec, openssl) | (start or {}))
        started.append(reported)
        return reported

    yield connect
    for reported in started:
        reported.worker.end()


@pytest.fixture
def run(
    libparsec: Path, openssl: Path, record: Path
) -> Iterator[Callable[..., tuple[subprocess.Popen[str], int]]]:
    """Run a program that prints a worker's number; return its process, and that."""
    started = []

    def run(
        program: str,
        python: Path | str = sys.executable,
        path: Sequence[object] = (REPOSITORY,),
    ) -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [str(python), "-c", program, str(libparsec), str(openssl)],
            env={
                **os.environ,
                **environment(record, connect=10, size="64x48"),
                "PYTHONPATH": os.pathsep.join(map(str, (TESTS, *path))),
            },
            cwd=record.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout
        # readline() may take more than a line, which communicate() would not return.
        number = b""
        while not number.endswith(b"\n"):
            digit = os.read(process.stdout.fileno(), 1)
            assert digit, process.communicate()
            number += digit
        return process, int(number)

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def guest(
    libparsec: Path, openssl: Path, record: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Client]]:
    """Connect to the stand-in, which gets the given settings, and wait for it.

    `options` are those of `sdk.connect()`; `wait=False` does not wait.
    """
    clients = []

    def guest(
        options: dict[str, Any] | None = None, *, wait: bool = True, **settings: Any
    ) -> Client:
        quick = {"connect": 10, "size": "64x48"}
        for name, value in environment(record, **quick | settings).items():
            monkeypatch.setenv(name, value)
        paths = {"library": libparsec, "openssl": openssl}
        client = sdk.connect(SESSION_ID, PEER_ID, **paths | (options or {}))
        clients.append(client)
        return client.result(10) if wait else client

    yield guest
    for client in clients:
        client.disconnect()
