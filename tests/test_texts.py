"""Every sentence of the client stands in `_texts`, where it can be translated."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING

import pytest
from test_architecture import ROOMS, SIMULATOR

from parsec_nb import _texts

if TYPE_CHECKING:
    from collections.abc import Iterator

# Two words in a row, at least one of them a real one.
_WORDS = re.compile(r"[A-Za-z]{2,}[,;:.]? [A-Za-z]+")
# What has words in it and is nobody's sentence, by room and with its reason.
ALLOWED = {
    "__init__": [r"has no attribute"],  # Python's own words for it.
    "__main__": [r"help=", r"description="],  # The command line's own page.
    "_magic": [r"help="],
    "_flow": [r"^class Event"],  # Names of what happens, shown to nobody.
    "_login": [r"_log\.debug"],
    "_markup": [r"^_RULES =", r"^STYLE =", r"^_COPY ="],  # CSS and JavaScript.
}


def sentences(room: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string of a room that reads like a sentence."""
    tree = ast.parse(ROOMS[room].read_text())
    harmless: set[int] = set()
    for node in ast.walk(tree):
        source = ast.unparse(node) if isinstance(node, ALLOWING) else ""
        lone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if lone or any(re.search(p, source) for p in ALLOWED.get(room, ())):
            harmless |= {id(child) for child in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Tags and their attributes are no words.
            words = re.sub(r"<[^>]*(>|$)|^[^<]*>", " ", node.value)
            if id(node) not in harmless and _WORDS.search(words):
                yield node.lineno, node.value
