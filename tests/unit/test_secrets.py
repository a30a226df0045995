"""Strings that are shown only on request: session IDs, and the hashes of codes."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from parsec_nb._api.secret import Secret, SessionID, masked_callers
from support.builders import SESSION_ID, auth_code, session

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = "0123456789abcdef" * 4
HASH = Secret(PLAIN)


def test_a_repr_shows_four_characters_at_most() -> None:
    """A session ID is hinted at by its end, a hash and a short ID not at all."""
    code = auth_code(auth_code_hash=HASH)

    shown = repr([session(), vars(session()), code, vars(code), HASH[1:], f"{HASH!r}"])

    assert "SessionID('…cdef')" in shown
    assert "89abcdef" not in shown
    assert repr(SessionID("short")) == "SessionID('…')"


def test_the_real_characters_are_there_on_request() -> None:
    """An f-string, JSON, str() and encode() give what the SDK needs."""
    assert f"{SESSION_ID}" == str(SESSION_ID) == PLAIN
    assert json.loads(json.dumps({"id": SESSION_ID})) == {"id": PLAIN}
    assert SESSION_ID.encode() == PLAIN.encode()
    assert (len(SESSION_ID), hash(SESSION_ID)) == (64, hash(PLAIN))


def test_the_real_characters_are_there_without_a_python_caller() -> None:
    """A thread of C code, and the end of the process, print what a cell would."""
    program = (
        "import _thread, atexit, time\n"
        "from parsec_nb import Session\n"
        f"session_id = Session.from_id({PLAIN!r}).id\n"
        "_thread.start_new_thread(print, (session_id,))\n"
        "time.sleep(0.3)\n"
        "atexit.register(print, session_id)\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert run.stdout.split() == [PLAIN] * 2
    assert run.stderr == ""


def test_str_is_masked_for_modules_that_show_it_unasked() -> None:
    """What such a module gets is the repr; every other caller gets the characters."""
    masked_callers.add("test.inspector")
    inspector = {"__name__": "test.inspector"}
    try:
        shown = eval("str(value)", inspector, {"value": SESSION_ID})
    finally:
        masked_callers.remove("test.inspector")

    assert shown == repr(SESSION_ID)


@pytest.mark.parametrize("value", [session(), SESSION_ID, HASH, auth_code()], ids=type)
def test_a_secret_is_copied_but_not_pickled(value: object) -> None:
    """`%store` and caches, which write pickles to files, are refused with a reason."""
    assert copy.deepcopy(value) == copy.copy(value) == value
    with pytest.raises(TypeError, match="is not pickled"):
        pickle.dumps(value)


@pytest.mark.parametrize(
    "method",
    [
        lambda s: s.strip(),
        lambda s: s.removeprefix("x"),
        lambda s: s.replace("x", "y"),
        lambda s: s.lower(),
        lambda s: s.casefold(),
        lambda s: s.ljust(64),
        lambda s: s.expandtabs(),
        lambda s: s.translate({}),
        lambda s: s.split()[0],
        lambda s: s.splitlines()[0],
        lambda s: s.partition("x")[0],
        lambda s: s + "",
        lambda s: s * 1,
    ],
)
def test_a_method_that_copies_a_secret_returns_a_secret(
    method: Callable[[Secret], object],
) -> None:
    """A cell that ends in `session_id.strip()` does not show it."""
    for secret in (SESSION_ID, HASH):
        copied = method(secret)

        assert copied == secret
        assert isinstance(copied, Secret)


# What makes a plain string of a secret is meant to.
CONVERSIONS = {"__str__", "__format__", "encode"}
ARGUMENTS: tuple[tuple[object, ...], ...] = (
    *((), ("x",), (64,), ("x", "y"), (slice(None),), (0,), ({},), (["a", "b"],)),
    ("%s",),
)


@pytest.mark.parametrize(
    "name", sorted({n for n in dir(str) if callable(getattr(str, n))} - CONVERSIONS)
)
def test_no_method_of_str_returns_a_plain_copy(name: str) -> None:
    """Whatever it is called with, no repr of its result shows the characters."""
    method = getattr(SESSION_ID, name)

    for arguments in ARGUMENTS:
        try:
            result = method(*arguments)
            shown = (
                f"{result!r}{[*result]!r}" if hasattr(result, "__iter__") else result
            )
        except (TypeError, ValueError, LookupError, AttributeError):
            continue
        assert "89abcdef" not in repr(shown).replace("', '", "")
