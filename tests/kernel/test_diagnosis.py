"""`diagnose()` finds the faults of a set-up, and shows no secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from parsec_nb.simulator import Simulator
from support.http_server import ScriptedServer, respond

if TYPE_CHECKING:
    from pathlib import Path

READ_BY_PARSEC_NB = ("PARSEC", "JUPYTERHUB", "HTTP_", "HTTPS_", "ALL_", "NO_")
SECRET = "C4N4RY" * 10


def diagnose(**environment: str) -> str:
    """Return what `python -m parsec_nb diagnose` prints in an environment."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(READ_BY_PARSEC_NB)
    }
    run = subprocess.run(
        [sys.executable, "-m", "parsec_nb", "diagnose"],
        check=True,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return run.stdout


def finding(name: str, printed: str) -> str:
    """Return a line of a diagnosis without its name, and the remedy below it."""
    _, _, rest = printed.partition(f"\n{name} ")
    value, _, below = rest.partition("\n")
    remedy = below.partition("\n")[0].strip()
    return value.strip() + (f" {remedy}" if remedy.startswith("->") else "")


def test_a_good_set_up_needs_no_remedy(simulator: Simulator) -> None:
    """The web API responds, the clock is right, and the packages are new enough."""
    printed = diagnose(PARSEC_API_URL=simulator.url)

    assert finding("web API", printed) == f"{simulator.url}: responds"
    assert re.fullmatch(r"[+-][0-2] s from Parsec's", finding("clock", printed))
    assert finding("front end", printed) == "plain Python"
    for package in ("ipywidgets", "IPython", "requests", "ipykernel", "tornado"):
        assert finding(package, printed)
        assert "->" not in finding(package, printed)


def test_an_old_package_is_to_be_upgraded(tmp_path: Path, simulator: Simulator) -> None:
    """The remedy names the version that parsec_nb needs."""
    about = tmp_path / "ipywidgets-7.8.1.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text("Metadata-Version: 2.1\nName: ipywidgets\nVersion: 7.8.1\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])

    printed = diagnose(PARSEC_API_URL=simulator.url, PYTHONPATH=path)

    assert "7.8.1 -> parsec_nb needs 8.1 or later" in finding("ipywidgets", printed)


def test_parsec_is_not_reached() -> None:
    """The remedy names the reason, and what works without a network."""
    printed = diagnose(PARSEC_API_URL="http://127.0.0.1:9")

    assert "no usable response -> Can't reach Parsec" in finding("web API", printed)
    assert "parsec_nb.login(demo=True)" in finding("web API", printed)


def test_no_secret_is_shown() -> None:
    """The password of a proxy and a session ID stay out of a report."""
    printed = diagnose(
        HTTPS_PROXY=f"http://ada:{SECRET}@127.0.0.1:9", PARSEC_SESSION_ID=SECRET
    )

    assert finding("https proxy", printed) == "127.0.0.1:9"
    assert "the proxy in HTTPS_PROXY" in finding("web API", printed)
    assert finding("PARSEC_SESSION_ID", printed) == "set"
    assert "C4N4RY" not in printed


def test_a_wrong_clock_is_to_be_set() -> None:
    """Parsec's own clock is the reference."""
    with Simulator(clock=lambda: time.time() - 7200) as behind:
        printed = diagnose(PARSEC_API_URL=behind.url)

    assert finding("clock", printed).startswith("+7")
    assert "-> Set this computer's clock" in finding("clock", printed)


def test_a_wi_fi_login_page_is_recognised() -> None:
    """A redirect does not come from Parsec's web API."""
    redirect = respond(302, {}, {"Location": "http://portal.example/"})
    with ScriptedServer(redirect) as portal:
        printed = diagnose(PARSEC_API_URL=portal.url)

    assert "HTTP 302; maybe a Wi-Fi login page" in finding("web API", printed)


def test_an_unusable_environment_is_named() -> None:
    """A variable that a login would refuse is refused with the same message."""
    printed = diagnose(PARSEC_API_URL="http://parsec.example")

    assert "cannot be used -> PARSEC_API_URL is" in finding("web API", printed)
    assert "cannot be used -> PARSEC_API_URL is" in finding("environment", printed)
