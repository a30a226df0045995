"""The simulator of this kernel: started when first needed, and its answers.

The kernel asks it on loopback, as it would ask any other Parsec.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from parsec_nb import _texts
from parsec_nb.errors import LoginError

if TYPE_CHECKING:
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
