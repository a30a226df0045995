"""Every public name is documented, with an example; the README names what exists."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re

import pytest

import parsec_nb
from parsec_nb import sdk
from support import REPOSITORY
from support.docs import examples, public_objects

README = REPOSITORY / "README.md"
OBJECTS = public_objects()
CLASSES = {name: value for name, value in OBJECTS.items() if inspect.isclass(value)}


# Of classes that set them in `__init__`.
ATTRIBUTES = {
    "Hosts": {"has_more"},
    "APIError": {"status"},
    "SDKConnectionError": {"status", "name", "permanent"},
    "SDKProcessError": {"returncode"},
    "Client": {"host_name"},
    "GameHost": {"host_name", "peer_id", "secret"},
    "Frame": {"format", "width", "height", "number", "received_at", "turns"},
    "Recording": {"frames", "sound", "fps"},
    "Sound": {"pcm"},
}


def attributes(kind: type) -> set[str]:
    """Return the names of a class's plain attributes: fields, members, annotations."""
    if kind is sdk.ParsecStatus:
        # Each has a meaning in a table instead.
        return set()
    if issubclass(kind, enum.Enum):
        return set(kind.__members__)
    if dataclasses.is_dataclass(kind):
        return {field.name for field in dataclasses.fields(kind)}
    return ATTRIBUTES.get(kind.__name__, set())


@pytest.mark.parametrize("name", OBJECTS)
def test_every_public_name_has_an_example(name: str) -> None:
    """A docstring is a sentence at least; an error needs no more."""
    docstring = inspect.getdoc(OBJECTS[name]) or ""
    class_name, _, member = name.rpartition(".")
    of_class = examples(OBJECTS[class_name]) if class_name in OBJECTS else []

    assert docstring.partition("\n")[0].endswith((".", ":"))
    if name in {"errors", "simulator"} or name.endswith(("Error", "Event")):
        return
    assert (
        inspect.ismodule(OBJECTS[name])
        or examples(OBJECTS[name])
        or re.search(rf"\.{member}\b", "".join(e.source for e in of_class))
    )
    assert "+SKIP" not in docstring


@pytest.mark.parametrize("name", CLASSES)
def test_every_attribute_is_documented(name: str) -> None:
    """A class's docstring has one line for each attribute."""
    docstring = inspect.getdoc(CLASSES[name]) or ""
    _, _, listed = docstring.partition("Attributes:\n")

    documented = set(re.findall(r"(?m)^    (\w+):", listed.partition("\n\n")[0]))

    assert documented == attributes(CLASSES[name])


def test_a_login_shows_what_its_users_can_do() -> None:
    """Tab after `login.` offers these, and nothing that only modules use."""
    shown = {name for name in dir(parsec_nb.Login) if not name.startswith("_")}

    assert shown == {
        *("done", "result", "exception", "cancel", "add_done_callback"),
        *("status", "auth_code", "session", "renew"),
    }


def test_the_readme_names_what_exists() -> None:
    """Files, modules and environment variables in the README are there."""
    text = README.read_text()
    paths = set(re.findall(r"\b(?:notebooks|tests)/[\w./-]+\w", text))
    modules = set(re.findall(r"`((?:_\w+|simulator)/\w+\.py)`", text))
    paths |= {f"parsec_nb/{module}" for module in modules}
    sources = "".join(
        path.read_text() for path in (REPOSITORY / "parsec_nb").rglob("*.py")
    )

    assert modules
    assert not [path for path in paths if not (REPOSITORY / path).exists()]
    for variable in set(re.findall(r"PARSEC_[A-Z_]+", text)):
        assert f'"{variable}"' in sources
