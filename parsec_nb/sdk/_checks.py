"""Checks of arguments that many calls take."""

from __future__ import annotations

import math
import threading
from typing import Any

from parsec_nb.errors import InvalidArgumentError

from . import messages


def is_number(value: Any) -> bool:
    """Return whether a value can be a number in a message: finite, not a text."""
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):
        return False


def checked_flag(name: str, value: Any) -> bool:
    """Return True or False; 1, 0 and those of numpy are taken, too.

    Raises:
        InvalidArgumentError: It is something else, such as the text "no".
    """
    if is_number(value) and value in (0, 1):
        return bool(value)
    raise InvalidArgumentError(messages.NOT_A_FLAG.format(name=name, value=value))


def checked_timeout(value: Any) -> float:
    """Return a number of seconds that a call may wait.

    Raises:
        InvalidArgumentError: It is not a number, or below 0.
    """
    number = is_number(value) and not isinstance(value, bool)
    if number and 0 <= value <= threading.TIMEOUT_MAX:
        return float(value)
    raise InvalidArgumentError(messages.NOT_A_TIMEOUT.format(value=value))
