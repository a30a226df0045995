"""The stand-in for Parsec's library, compiled once a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.libparsec import build

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def libparsec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of the compiled stand-in."""
    return build(tmp_path_factory.mktemp("libparsec"))
