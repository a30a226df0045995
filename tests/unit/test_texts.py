"""Every sentence of the client stands in `_texts`, where it can be translated."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest
from test_architecture import ROOMS, SIMULATOR

from parsec_nb import _texts

if TYPE_CHECKING:
    from collections.abc import Iterator

TWO_WORDS = re.compile(r"[A-Za-z]{2,}[,;:.]? [A-Za-z]+")
# A tag with its attributes, or the part of one beside a value that is put in.
TAG = re.compile(r"<[^>]*(>|$)|^[^<]*>")
# What has words in it and is no sentence of ours: how its code begins, by room.
ALLOWED = {
    "__init__": "msg = f'module",  # as Python says it
    "_audience": r"_log\.debug",  # for a developer's log
    "__main__": "(_DESCRIPTION =|help=)",  # the command line's own page
    "_states": "class Event",  # names, shown to nobody
    "_magic": "help=",
    "_markup": "(_RULES|STYLE|_COPY) =",  # CSS and JavaScript
}
PLACES = (ast.Assign, ast.Call, ast.ClassDef, ast.keyword)


def sentences(room: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of what reads like a sentence in a room."""
    tree = ast.parse(ROOMS[room].read_text())
    allowed = re.compile(ALLOWED.get(room, "(?!)"))
    passed = set()
    for node in ast.walk(tree):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        place = isinstance(node, PLACES) and allowed.match(ast.unparse(node))
        if docstring or place:
            passed |= set(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in passed:
            text = TAG.sub("", node.value) if isinstance(node.value, str) else ""
            if TWO_WORDS.search(text):
                yield node.lineno, text


@pytest.mark.parametrize("room", sorted(set(ROOMS) - SIMULATOR - {"_texts"}))
def test_no_other_room_holds_a_sentence(room: str) -> None:
    """Whoever translates parsec_nb, or mends its words, has one file to read."""
    assert list(sentences(room)) == []


def test_every_text_is_said_somewhere() -> None:
    """No sentence is left behind by the code that said it."""
    said = "".join(path.read_text() for path in ROOMS.values())
    names = [name for name in vars(_texts) if name[0] != "_" and name[0].isalpha()]

    unsaid = [
        name
        for name in set(names) - {"annotations", "TYPE_CHECKING"}
        if not re.search(rf"(_texts\.|\{{){name}\b|\+ {name}\b", said)
    ]

    assert unsaid == []
