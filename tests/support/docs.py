"""The public names of the package, and the examples in their docstrings."""

from __future__ import annotations

import doctest
import inspect
from typing import Any

import parsec_nb
from parsec_nb import sdk, simulator


def public_objects() -> dict[str, Any]:
    """Return every public name, with the methods and properties of the classes."""
    found: dict[str, Any] = {}
    for module, prefix in ((parsec_nb, ""), (simulator, ""), (sdk, "sdk.")):
        for own_name in module.__all__:
            name, value = prefix + own_name, getattr(module, own_name)
            found[name] = value
            if inspect.isclass(value):
                found |= {f"{name}.{key}": it for key, it in members(value).items()}
    return found


def members(kind: type) -> dict[str, Any]:
    """Return a class's public methods and properties, with those that it inherits."""
    return {
        name: value
        for base in reversed(kind.__mro__)
        if base.__module__.startswith("parsec_nb")
        for name, value in vars(base).items()
        if not name.startswith("_") and not hasattr(str, name)
        if callable(value) or isinstance(value, (property, classmethod, staticmethod))
    }


def examples(documented: Any) -> list[doctest.Example]:
    """Return the examples in an object's docstring."""
    return doctest.DocTestParser().get_examples(inspect.getdoc(documented) or "")
