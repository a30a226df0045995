"""The simulator of this kernel: started when first needed, and how to reach it.

The kernel polls it on loopback; a browser may have to come through a Jupyter
proxy, so the link is made here. The simulator itself knows none of this.
"""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from parsec_nb import _texts
from parsec_nb._answers import CodeIssued
from parsec_nb._web_api import WebAPI
from parsec_nb.errors import LoginError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsec_nb._answers import CodeAnswer
    from parsec_nb.simulator import Simulator

_lock = threading.Lock()
_running: list[Simulator] = []


def simulator() -> Simulator:
    """Return this process's simulator, started if it does not run yet.

    Raises:
        LoginError: It cannot be started; the message says why.
    """
    with _lock:
        if not _running:
            try:
                from parsec_nb.simulator import Simulator, SimulatorError  # noqa: PLC0415 - tornado is an extra, and slow to load
            except ImportError:
                raise LoginError(_texts.NO_TORNADO) from None
            try:
                _running.append(Simulator().start())
            except SimulatorError as error:
                raise LoginError(_texts.no_simulator(str(error))) from None
        return _running[0]


def answer(user_code: str, *, approve: bool) -> bool:
    """Approve or deny *user_code* as its web page does; False if it is not known."""
    server = simulator()
    return server.approve(user_code) if approve else server.deny(user_code)


class DemoAPI(WebAPI):
    """The simulator's web API, with a link that the user's browser can follow."""

    def __init__(self) -> None:
        server = simulator()
        self.api_url = server.url
        self._port = server.port
        super().__init__(server.url)

    def create_auth_code(self, game_id: str) -> CodeAnswer:
        """Ask for a code, and point its link to where the browser gets through."""
        issued = super().create_auth_code(game_id)
        if not isinstance(issued, CodeIssued):
            return issued
        code = replace(issued.auth_code, verification_uri=activation_url(self._port))
        return CodeIssued(code)


def activation_url(port: int, environ: Mapping[str, str] = os.environ) -> str:
    """Return where a browser finds the simulator's page.

    On a JupyterHub or Binder that is below the user's own prefix, by
    jupyter-server-proxy; the hub's public address stands before it where the
    hub tells it, and elsewhere the browser puts in its own.
    """
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if not prefix:
        return f"http://127.0.0.1:{port}/activate"
    public = environ.get("JUPYTERHUB_PUBLIC_URL", "").rstrip("/")
    base = public if public.endswith(prefix.rstrip("/")) else public + prefix
    return f"{base.rstrip('/')}/proxy/{port}/activate"
