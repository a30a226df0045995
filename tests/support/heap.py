"""Looks through the objects of a kernel, from inside it, for what shows a secret."""

from __future__ import annotations

import gc
import types
from pathlib import Path
from typing import Any


def secrets_in(file: str) -> tuple[str, ...]:
    """Read the secrets to look for, which no cell may hold."""
    return tuple(Path(file).read_text().split())


def shown_from(roots: list[Any], file: str) -> tuple[int, list[str]]:
    """Return how many objects *roots* lead to, and those whose repr or str tells.

    The str of a secret itself is left out: that is what it is for.
    """
    secrets = secrets_in(file)
    objects = _reachable(roots)
    told = set()
    for found in objects:
        texts = [_call(repr, found)]
        if not isinstance(found, str):
            texts.append(_call(str, found))
        if any(secret in text for secret in secrets for text in texts):
            told.add(f"{type(found).__module__}.{type(found).__qualname__}")
    return len(objects), sorted(told)


def plain_holders(file: str) -> list[str]:
    """Return the types of all objects that hold a secret as a plain str or bytes."""
    secrets = secrets_in(file)
    gc.collect()
    holders = set()
    pending = gc.get_objects()
    for holder in pending:
        if isinstance(holder, types.FrameType) or holder is secrets:
            continue
        for held in gc.get_referents(holder):
            if _is_plain(held, secrets):
                holders.add(f"{type(holder).__qualname__} with {type(held).__name__}")
            elif isinstance(held, (dict, tuple)) and not gc.is_tracked(held):
                # The collector leaves out containers of nothing but atoms.
                pending.append(held)
    return sorted(holders)


def _is_plain(held: Any, secrets: tuple[str, ...]) -> bool:
    if isinstance(held, (bytes, bytearray)):
        return any(secret.encode() in held for secret in secrets)
    return type(held) is str and any(secret in held for secret in secrets)


def _reachable(roots: list[Any]) -> list[Any]:
    """Follow every reference, except into modules, classes and their globals."""
    globals_of_modules = {
        id(vars(module))
        for module in gc.get_objects()
        if isinstance(module, types.ModuleType)
    }
    seen: dict[int, Any] = {}
    pending = list(roots)
    while pending:
        found = pending.pop()
        beyond = isinstance(found, (types.ModuleType, type, types.FrameType))
        if beyond or id(found) in seen or id(found) in globals_of_modules:
            continue
        seen[id(found)] = found
        pending += gc.get_referents(found)
    return list(seen.values())


def _call(show: Any, found: Any) -> str:
    try:
        text: str = show(found)
    except Exception:  # noqa: BLE001 - any object may refuse
        return ""
    return text
