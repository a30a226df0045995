"""The two stand-ins, and the real library, do what the facts about the SDK say.

The real one is asked where PARSEC_SDK_PATH is set, and only for what needs no host.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from support import contract

if TYPE_CHECKING:
    from pathlib import Path

    from parsec_nb import Session


@pytest.fixture
def stand_in(libparsec: Path) -> dict[str, Any]:
    """The C library."""
    return contract.library_about(libparsec)


@pytest.fixture
def simulated(session: Session) -> dict[str, Any]:
    """The simulated SDK, with a session of the simulator."""
    own, asks, _, _, full, _ = session.hosts()
    hosts = {"own": own.peer_id, "asks": asks.peer_id, "full": full.peer_id}
    about = {"path": None, "api_url": session.api_url, "hosts": hosts, "real": False}
    return about | {"session_id": str(session.id)}


@pytest.fixture
def real() -> dict[str, Any]:
    """Parsec's library."""
    path = os.environ.get("PARSEC_SDK_PATH")
    if not path:
        pytest.skip("PARSEC_SDK_PATH is not set")
    return contract.library_about(path, real=True)


@pytest.mark.parametrize("fact", contract.OFFLINE)
@pytest.mark.parametrize("kind", ["simulated", "stand_in", "real"])
def test_without_a_host(kind: str, fact: str, request: pytest.FixtureRequest) -> None:
    """Instances, what they say when idle, and attempts that fail."""
    contract.run(fact, request.getfixturevalue(kind))


@pytest.mark.parametrize("fact", contract.CONNECTED)
@pytest.mark.parametrize("kind", ["simulated", "stand_in"])
def test_with_a_host(kind: str, fact: str, request: pytest.FixtureRequest) -> None:
    """What comes from a host, and what it is sent."""
    contract.run(fact, request.getfixturevalue(kind))
