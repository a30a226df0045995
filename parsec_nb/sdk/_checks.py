"""Checks of arguments that many calls take."""

from __future__ import annotations

import math
import re
import threading
from typing import Any

from parsec_nb.errors import InvalidArgumentError

from . import messages

_MOST_CHARACTERS = 1000


def is_number(value: Any) -> bool:
    """Return whether a value can be a number in a message: finite, not a text."""
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):
        return False


def is_amount(value: Any) -> bool:
    """Return whether a value is such a number, and not True or False."""
    return is_number(value) and not isinstance(value, bool)


def is_whole(value: Any, least: int, most: int) -> bool:
    """Return whether a value is a whole number, such as one of numpy's, in a range."""
    return is_amount(value) and least <= value <= most and value == int(value)


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
    if is_amount(value) and 0 <= value <= threading.TIMEOUT_MAX:
        return float(value)
    raise InvalidArgumentError(messages.NOT_A_TIMEOUT.format(value=value))


def checked_positive(name: str, value: Any, most: float) -> float:
    """Return a number above 0.

    Raises:
        InvalidArgumentError: It is not a number, 0 or below, or above *most*.
    """
    if is_amount(value) and 0 < value <= most:
        return float(value)
    text = messages.OUT_OF_RANGE.format(name=name, value=value, most=most)
    raise InvalidArgumentError(text)


def checked_text(text: Any) -> str:
    """Return a text that the SDK can send.

    Raises:
        InvalidArgumentError: It is none, is too long, or holds what has no UTF-8.
    """
    # Half of a surrogate pair is no character.
    usable = isinstance(text, str) and len(text) <= _MOST_CHARACTERS
    if usable and not re.search("[\0\ud800-\udfff]", text):
        return str(text)
    raise InvalidArgumentError(messages.NOT_SENDABLE)
