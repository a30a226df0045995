"""`diagnose()` finds the faults of a set-up, and shows no secret."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from parsec_nb.simulator import Simulator
from support.http_server import ScriptedServer, drip, respond

if TYPE_CHECKING:
    from pathlib import Path

    from support.kernel import Kernel

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


def describe_package(folder: Path, name: str, *lines: str) -> None:
    """Write what an installed package says of itself."""
    about = folder / f"{name}-1.dist-info" / "METADATA"
    about.parent.mkdir()
    text = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", *lines])
    about.write_text(f"{text}\n")


def path_with(folder: Path) -> dict[str, str]:
    """Return the variable that lets Python look into a folder first."""
    inherited = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join([str(folder), inherited])}


def test_packages_are_compared_with_what_users_need(
    tmp_path: Path, simulator: Simulator
) -> None:
    """The remedy names the version; what only our tests require binds no user."""
    describe_package(tmp_path, "ipywidgets", "Version: 7.0.1")
    describe_package(tmp_path, "ipython", "Version: 7.33.0")
    describe_package(tmp_path, "ipykernel", "Version: 6.17.0")
    # An installation that was interrupted leaves a package without a version.
    describe_package(tmp_path, "requests")
    required = (
        *("ipython>=7.34", "ipywidgets>=7.7.1", "requests>=2.27"),
        "ipykernel!=7.0.*,>=6.29.5; extra == 'test'",
    )
    lines = [f"Requires-Dist: {one}" for one in required]
    describe_package(tmp_path, "parsec_nb", "Version: 1", *lines)

    printed = diagnose(PARSEC_API_URL=simulator.url, **path_with(tmp_path))

    found = finding("ipywidgets", printed)
    assert found.startswith("7.0.1 -> parsec_nb needs 7.7.1 or later: pip install")
    assert "-> parsec_nb needs 7.34 or later" in finding("IPython", printed)
    assert finding("ipykernel", printed) == "6.17.0"
    assert finding("requests", printed).startswith("not installed")


def test_a_package_that_cannot_be_loaded_hides_nothing_else(
    tmp_path: Path, simulator: Simulator
) -> None:
    """Its own error is shown, and the lines after it are there."""
    reason = "urllib3 v2 only supports OpenSSL 1.1.1+"
    (tmp_path / "urllib3.py").write_text(f"raise ImportError({reason!r})")

    printed = diagnose(PARSEC_API_URL=simulator.url, **path_with(tmp_path))

    assert f"cannot be used -> ImportError: {reason}" in finding("service", printed)
    assert finding("TLS", printed)
    assert finding("keyring", printed)


def test_takes_ten_seconds_where_nothing_responds(tmp_path: Path) -> None:
    """A network that swallows everything and a keyring that hangs are both found."""
    (tmp_path / "keyring.py").write_text("import time; time.sleep(60)")
    program = (
        "import time; started = time.monotonic()\n"
        "import parsec_nb; found = parsec_nb.diagnose()\n"
        "print(f'\\nseconds {time.monotonic() - started}\\n{found}')"
    )
    with ScriptedServer(drip(b"HTTP/1.1 200 X\r\n" * 99)) as server:
        environment = {"PARSEC_API_URL": server.url, **path_with(tmp_path)}
        printed = subprocess.check_output(
            [sys.executable, "-c", program], env=os.environ | environment, text=True
        )
        requests = server.requests

    assert float(finding("seconds", printed)) < 10
    assert "did not respond in time" in finding("web API", printed)
    assert "->" in finding("keyring", printed)
    assert [request.split()[1] for request in requests] == [b"/v2/hosts"]


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("HTTPS_PROXY", f"http://ada:{SECRET}@127.0.0.1:9"),
        ("https_proxy", f"ada:{SECRET}@127.0.0.1:9"),
        ("HTTPS_PROXY", f"http://ada:a@{SECRET}/@127.0.0.1:9/{SECRET}"),
        ("ALL_PROXY", f"socks5h://ada:{SECRET}@127.0.0.1:9"),
    ],
)
def test_no_password_of_a_proxy_is_shown(variable: str, address: str) -> None:
    """Host and port are, however the address is written."""
    printed = diagnose(**{variable: address}, PARSEC_API_URL="https://127.0.0.1:9")

    scheme = variable.partition("_")[0].lower()
    assert finding(f"{scheme} proxy", printed) == "127.0.0.1:9"
    assert SECRET.lower() not in printed.lower()


def test_a_notebook_shows_a_table(kernel: Kernel) -> None:
    """It has a line for the widgets, which no front end draws here, and no secret."""
    kernel.run(
        "import os, parsec_nb\n"
        f"session_id = parsec_nb.Session.from_id({SECRET!r}).id\n"
        "os.environ['PARSEC_API_URL'] = '<i>nowhere</i>'"
    )

    [shown] = kernel.outputs(kernel.run("parsec_nb.diagnose()"))

    data = shown["content"]["data"]
    assert data["text/html"].startswith("<table>")
    assert "&lt;i&gt;nowhere" in data["text/html"]
    assert "<i>nowhere" in data["text/plain"]
    assert "no front end has drawn a card" in finding("widgets", data["text/plain"])
    assert SECRET not in str(data)


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


def test_a_bundle_that_is_not_read_is_named() -> None:
    """OpenSSL reads SSL_CERT_FILE, but requests does not."""
    unset = {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": ""}
    printed = diagnose(
        **unset, SSL_CERT_FILE="/etc/ca.pem", PARSEC_API_URL="http://127.0.0.1:9"
    )

    assert "-> SSL_CERT_FILE is not read" in finding("TLS", printed)


def test_a_directory_that_was_deleted_is_named(kernel: Kernel, tmp_path: Path) -> None:
    """Python imports nothing more there, so that nothing else would work."""
    gone = tmp_path / "gone"
    gone.mkdir()
    kernel.run(
        f"import os, parsec_nb; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})"
    )

    [shown] = kernel.outputs(kernel.run("parsec_nb.diagnose()"))
    kernel.run("os.chdir(os.path.expanduser('~'))")

    text = shown["content"]["data"]["text/plain"]
    assert "cannot be used -> It was deleted" in finding("directory", text)
