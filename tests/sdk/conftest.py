"""The stand-in for Parsec's library, compiled once a run, and workers with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.libparsec import build, build_openssl, environment
from support.simulated_sdk import log_in
from support.worker import Reported, start_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parsec_nb import Session
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
