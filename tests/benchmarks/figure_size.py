"""What an installation adds: the wheel, and what it brings along."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from environments import JUPYTERLAB, OURS, download, wheels_beyond
from peers import PEERS
from table import Row

if TYPE_CHECKING:
    from bench import Bench

TITLE = "What an installation adds"
_WHEEL_KB = 100


def measure(bench: Bench) -> list[Row]:
    """Weigh the wheels, and ask pip what each would install beside JupyterLab."""
    rows = []
    for peer in PEERS:
        ours = peer.name == OURS
        requirements = (str(bench.wheel),) if ours else peer.requirements
        size = _kilobytes(bench.wheel) if ours else _downloaded(requirements[0])
        rows.append(
            Row(
                "its wheel",
                peer.name,
                f"{size:.0f} kB",
                f"≤ {_WHEEL_KB} kB" if ours else "",
                size <= _WHEEL_KB if ours else None,
            )
        )
    for peer in PEERS:
        requirements = peer.requirements or (str(bench.wheel),)
        rows.append(_beyond("JupyterLab", peer.name, _names(*requirements)))
    added = _names(str(bench.wheel)) - _names("ipywidgets")
    rows.append(_beyond("JupyterLab and ipywidgets", OURS, added))
    return rows


def _beyond(place: str, name: str, added: set[str]) -> Row:
    others = sorted(added - {_plain(name)})
    most = 4
    shown = ", ".join(others[:most]) + (", …" if len(others) > most else "")
    return Row(
        f"distributions besides itself, beyond {place}",
        name,
        f"{len(others)}: {shown}" if others else "0",
        "0" if name == OURS else "",
        not others if name == OURS else None,
    )


def _names(*requirements: str) -> set[str]:
    found = wheels_beyond(JUPYTERLAB, *requirements)
    return {_plain(each["metadata"]["name"]) for each in found}


def _downloaded(requirement: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return _kilobytes(download(requirement, Path(folder)))


def _kilobytes(path: Path) -> float:
    return path.stat().st_size / 1000


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
