"""Makes an environment for each contender, in a folder that git ignores.

What is there is used again; parsec_nb alone is built and installed anew each
time, as a wheel, because it is what changes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from peers import OURS, PEERS

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / ".environments"
# What every notebook kernel that can show widgets has.
_KERNEL = ("ipykernel", "ipywidgets")
JUPYTERLAB = "jupyterlab"
SDK = "sdk"
# jupyter_rfb is measured beside it.
_SDK = (*_KERNEL, "numpy", "simplejpeg", "opencv-python-headless", "jupyter_rfb")


def prepare() -> Path:
    """Make all environments; returns the wheel of parsec_nb."""
    for peer in PEERS:
        make(peer.name, (*_KERNEL, *peer.requirements))
    make(JUPYTERLAB, (JUPYTERLAB,))
    wheel = _wheel()
    install(OURS, wheel)
    return wheel


def install(name: str, wheel: Path) -> None:
    """Install a wheel in an environment, also over one of the same version."""
    _pip(name, "install", str(wheel))
    _pip(name, "install", "--force-reinstall", "--no-deps", str(wheel))


def prepare_sdk(wheel: Path) -> Path:
    """Make the environment of the SDK's figures; returns its interpreter."""
    make(SDK, _SDK)
    install(SDK, wheel)
    return python(SDK)


def python(name: str) -> Path:
    """Return the interpreter of an environment."""
    return FOLDER / name / "bin" / "python"


def version(name: str) -> str:
    """Return the version of the distribution that an environment is named after."""
    code = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    command = [python(name), "-c", code, name]
    return subprocess.check_output(command, text=True).strip()


def wheels_beyond(name: str, *requirements: str) -> list[dict[str, Any]]:
    """Return what pip would install into an environment for *requirements*."""
    report = json.loads(
        _pip(name, "install", "--dry-run", "--report", "-", *requirements)
    )
    found: list[dict[str, Any]] = report["install"]
    return found


def download(requirement: str, folder: Path) -> Path:
    """Fetch the wheel of one distribution, without what it depends on."""
    _pip(JUPYTERLAB, "download", "--no-deps", "--dest", str(folder), requirement)
    return next(iter(folder.iterdir()))


def make(name: str, requirements: tuple[str, ...]) -> None:
    """Make one environment, unless it is there."""
    done = FOLDER / name / "complete"
    if done.exists():
        return
    print(f"Making the environment {name} ...", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", FOLDER / name], check=True)
    _pip(name, "install", *requirements)
    done.touch()


def _wheel() -> Path:
    folder = FOLDER / "wheel"
    _pip(OURS, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    return max(folder.glob("parsec_nb-*.whl"), key=lambda path: path.stat().st_mtime)


def _pip(name: str, *arguments: str) -> str:
    command = [python(name), "-m", "pip", "--disable-pip-version-check", *arguments]
    ran = subprocess.run(
        [*command, "--quiet"], check=False, capture_output=True, text=True
    )
    if ran.returncode:
        msg = f"{command} failed: {ran.stderr}"
        raise RuntimeError(msg)
    return ran.stdout
