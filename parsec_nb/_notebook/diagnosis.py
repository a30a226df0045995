"""`diagnose()`: the set-up of a notebook, line by line, for a report or a teacher."""

from __future__ import annotations

import os
import platform
import re
import ssl
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib import metadata
from pathlib import Path
from urllib.request import getproxies

from parsec_nb import __version__
from parsec_nb._api import environment
from parsec_nb._api.url import parse_url
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.store import KeyringStore
from parsec_nb._notebook import messages
from parsec_nb._notebook.display import LoginDisplay
from parsec_nb._notebook.ipython import Notebook
from parsec_nb._notebook.render import proxy_address
from parsec_nb.errors import ParsecError, StoreError

_SECONDS = 6.0
_LARGE_CLOCK_ERROR = 300.0
_PACKAGES = (
    *("ipywidgets", "IPython", "ipykernel", "requests", "urllib3", "tornado"),
    *("segno", "jupyterlab-widgets", "jupyter-server-proxy"),
)
_VARIABLES = (
    *(environment.API_URL, environment.DEMO, environment.GAME_ID),
    *(environment.SESSION_ID, "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"),
    *("JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_PUBLIC_URL", "BINDER_LAUNCH_HOST"),
    *("COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE", "VSCODE_PID"),
)
# A package's name, and its lowest version, where our tests alone do not require it.
_BOUND = re.compile(r"([\w-]+)[^;>]*>=([\d.]+)(?!.*extra == .test)")


@dataclass(frozen=True)
class Finding:
    """One line of a diagnosis.

    Attributes:
        name: What was looked at.
        value: What was found.
        remedy: What to do about it; empty where nothing need be done.
    """

    name: str
    value: str
    remedy: str = ""


class Diagnosis(list[Finding]):
    """The findings; a table in a notebook, text elsewhere."""

    def __str__(self) -> str:
        width = max(len(finding.name) for finding in self)
        lines = []
        for finding in self:
            lines.append(f"{finding.name:{width}}  {finding.value}")
            if finding.remedy:
                lines.append(f"{'':{width}}  -> {finding.remedy}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr style="text-align: left"><th scope="row">{escape(f.name)}</th>'
            f"<td>{escape(f.value)}</td><td>{escape(f.remedy)}</td></tr>"
            for f in self
        )
        head = "".join(f'<th scope="col">{x}</th>' for x in messages.DIAGNOSIS_COLUMNS)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def diagnose() -> Diagnosis:
    """Return what parsec_nb finds of this notebook's set-up, and what to do about it.

    Takes at most 10 s. It asks Parsec's web API for the hosts of no session, to see
    whether it responds; it sends no session ID and shows no value of a secret, so
    that the result can be pasted into a report.

    Example:
        >>> findings = parsec_nb.diagnose()
        >>> [finding.value for finding in findings if finding.name == "parsec_nb"]
        ['...']
    """
    found = Diagnosis([Finding("parsec_nb", __version__)])
    for look in (
        *(_python, _packages, _notebook, _service),
        *(_tls, _proxies, _keyring, _environment),
    ):
        try:
            found += look()
        except Exception as error:  # noqa: BLE001 - the rest is worth to know
            kind = type(error).__name__
            reason = str(error) if isinstance(error, ImportError) else ""
            text = messages.BROKEN.format(error=kind, reason=reason)
            name = look.__name__.strip("_")
            found.append(Finding(name, messages.NOT_USABLE, text))
    return found


def _python() -> Iterator[Finding]:
    bits = struct.calcsize("P") * 8
    python = f"{platform.python_implementation()} {platform.python_version()}"
    remedy = messages.NO_THREADS if sys.platform == "emscripten" else ""
    yield Finding("Python", f"{python}, {bits} bits", remedy)
    yield Finding("platform", platform.platform())


def _packages() -> Iterator[Finding]:
    """Compare the installed packages with the versions that parsec_nb requires."""
    try:
        required = metadata.requires("parsec-nb") or []
    except metadata.PackageNotFoundError:
        required = []
    bounds = {m[1].lower(): m[2] for m in map(_BOUND.match, required) if m}
    for name in _PACKAGES:
        bound = bounds.get(name.lower(), "")
        try:
            # None where an interrupted installation has left parts of the package.
            version = metadata.version(name) or ""
        except metadata.PackageNotFoundError:
            version = ""
        remedy, needs = "", messages.NEEDS.format(bound=bound) if bound else ""
        if version and bound and _numbers(version) < _numbers(bound):
            needs = ""
            remedy = messages.TOO_OLD.format(name=name, bound=bound)
        elif not version and name == "jupyter-server-proxy" and proxy_address():
            remedy = messages.PROXY_MISSING
        yield Finding(name, f"{version or messages.NOT_INSTALLED}{needs}", remedy)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def _notebook() -> Iterator[Finding]:
    notebook = Notebook()
    yield Finding("front end", notebook.describe_front_end())
    if LoginDisplay.drawn:
        yield Finding("widgets", messages.WIDGETS_DRAWN)
    elif notebook.output_area().has_widgets:
        yield Finding("widgets", messages.WIDGETS_UNKNOWN, messages.SHOW_A_CARD)
    proxy = proxy_address()
    yield Finding("link to the simulator", proxy or messages.NO_HUB)


def _service() -> Iterator[Finding]:
    """Ask the web API for hosts without a session, which it refuses if it is there."""
    from parsec_nb._api.client import WebAPI  # noqa: PLC0415 - slow to load

    try:
        url = environment.checked_api_url(None)
        failure, server_time = WebAPI(url, timeout=_SECONDS).probe()
    except ParsecError as error:
        yield Finding("web API", messages.NOT_USABLE, str(error))
        return
    if failure:
        remedy = messages.CHECK_NETWORK.format(reason=failure)
        yield Finding("web API", f"{url}: {messages.NO_RESPONSE}", remedy)
    else:
        yield Finding("web API", f"{url}: {messages.RESPONDS}")
    if server_time is not None:
        wrong = time.time() - server_time
        remedy = messages.SET_CLOCK if abs(wrong) > _LARGE_CLOCK_ERROR else ""
        yield Finding("clock", messages.CLOCK.format(seconds=wrong), remedy)


def _tls() -> Iterator[Finding]:
    bundles = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    source = next((name for name in bundles if os.environ.get(name)), "certifi")
    found = messages.TLS.format(library=ssl.OPENSSL_VERSION, source=source)
    unread = "SSL_CERT_FILE" in os.environ and source == "certifi"
    yield Finding("TLS", found, messages.SET_CA_BUNDLE if unread else "")


def _proxies() -> Iterator[Finding]:
    for scheme, address in getproxies().items():
        if scheme in {"https", "all"}:
            # Without the user name and the password.
            host = re.sub(r"^\w+://|^", "http://", address.rpartition("@")[2], count=1)
            url = parse_url(host)
            shown = f"{url.host}:{url.port}" if url else messages.NOT_USABLE
            yield Finding(f"{scheme} proxy", shown)


def _keyring() -> Iterator[Finding]:
    try:
        yield Finding("keyring", KeyringStore(timeout=0.5).describe())
    except StoreError as error:
        yield Finding("keyring", messages.KEYRING_OPTIONAL, str(error))


def _environment() -> Iterator[Finding]:
    """Name the variables that are set, and what of the surroundings is unusable."""
    for name in _VARIABLES:
        if name in os.environ or name.lower() in os.environ:
            yield Finding(name, messages.IS_SET)
    try:
        Path.cwd()
    except OSError:
        yield Finding("directory", messages.NOT_USABLE, messages.CHANGE_DIRECTORY)
    try:
        LoginConfig.resolve()
    except ParsecError as error:
        yield Finding("environment", messages.NOT_USABLE, str(error))
