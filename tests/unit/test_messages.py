"""The sentences of the client stand in its `messages` modules, and are used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import REPOSITORY

PACKAGE = REPOSITORY / "parsec_nb"
# The two simulations have their own.
SIMULATIONS = ("simulator", "_simulated")
MODULES = [p for p in PACKAGE.rglob("*.py") if p.parent.name not in SIMULATIONS]
TWO_WORDS = re.compile(r"[A-Za-z]{2,}[,;:.]? [A-Za-z]+")
# A tag with its attributes, or the part of one beside a value that is filled in.
TAG = re.compile(r"<[^>]*(>|$)|^[^<]*>")
# Code whose strings no user reads, and the command line's help.
ALLOWED = re.compile(
    r"msg = f'module|_log\.debug|_DESCRIPTION =|help=|class Event|class Change"
    r"|_SHOW_HOST =|_URLLIB3_HINT =|Finding\("
)
PLACES = (ast.Assign, ast.Call, ast.ClassDef, ast.keyword)


def sentences(module: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of what reads like a sentence in a module."""
    tree = ast.parse(module.read_text())
    passed = set()
    for node in ast.walk(tree):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if docstring or (isinstance(node, PLACES) and ALLOWED.match(ast.unparse(node))):
            passed |= set(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in passed:
            text = TAG.sub("", node.value) if isinstance(node.value, str) else ""
            if TWO_WORDS.search(text):
                yield node.lineno, text


@pytest.mark.parametrize(
    "module",
    [module for module in MODULES if module.stem != "messages"],
    ids=lambda module: str(module.relative_to(PACKAGE)),
)
def test_no_other_module_holds_a_sentence(module: Path) -> None:
    """A translator, or an editor of the text, finds it in few places."""
    assert list(sentences(module)) == []


def test_every_message_is_used() -> None:
    """No sentence stays behind when the code that showed it goes."""
    code = "".join(path.read_text() for path in MODULES)
    defined = [
        name
        for path in MODULES
        if path.stem == "messages"
        for name in re.findall(r"(?m)^(?:def )?(\w+)(?= = |\()", path.read_text())
    ]

    unused = [name for name in defined if len(re.findall(rf"\b{name}\b", code)) < 2]

    assert len(defined) > 80
    assert unused == []
