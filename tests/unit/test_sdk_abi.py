"""The SDK's ABI: each size, offset and value is compared with the SDK's facts."""

from __future__ import annotations

import csv
import ctypes
import re
from ctypes import POINTER, Structure, c_void_p

import pytest

from parsec_nb.sdk import ParsecStatus, _abi, describe
from support import TESTS


def rows(name: str) -> list[dict[str, str]]:
    """Read a table of facts about the SDK."""
    with (TESTS / "sdk" / name).open() as file:
        return list(csv.DictReader(file))


LAYOUT = rows("layout.csv")
ENUMS = rows("enums.csv")
STRUCTURES = sorted({row["struct"] for row in LAYOUT})


def test_every_structure_is_declared() -> None:
    """The SDK has 32 structures, and the module declares no other one."""
    declared = {
        name
        for name, value in vars(_abi).items()
        if isinstance(value, type) and issubclass(value, Structure)
    } - {"Structure"}

    assert declared == set(STRUCTURES)
    assert len(STRUCTURES) == 32


@pytest.mark.parametrize("name", STRUCTURES)
def test_sizes_and_offsets_are_those_of_the_sdk(name: str) -> None:
    """They are the same in 32 and 64 bit: no structure holds a pointer or a long."""
    structure = getattr(_abi, name)
    expected = [row for row in LAYOUT if row["struct"] == name]

    for row in expected:
        if row["field"]:
            field = getattr(structure, row["field"])
            assert (field.offset, field.size) == (int(row["offset"]), int(row["size"]))
        else:
            assert ctypes.sizeof(structure) == int(row["size"])
    fields = {row["field"] for row in expected if row["field"]}
    assert {n for n, _ in structure._fields_ if n != "union"} <= fields


def test_no_structure_changes_with_the_word_size() -> None:
    """Types whose size differs between 32 and 64 bit are in no field."""

    def plain(kind: object) -> bool:
        if hasattr(kind, "_fields_"):
            return all(plain(field[1]) for field in kind._fields_)
        if hasattr(kind, "_length_"):
            return plain(kind._type_)
        # The letters of ctypes: bool, char, 8 to 32 bits by names without a size.
        return kind._type_ in "?cbBhHiIf"

    assert all(plain(getattr(_abi, name)) for name in STRUCTURES)


def test_every_enum_has_its_values() -> None:
    """19 enums, and each of their names and values."""
    expected: dict[str, dict[str, int]] = {}
    for row in ENUMS:
        expected.setdefault(row["enum"], {})[row["name"]] = int(row["value"], 0)

    declared = {name: dict(getattr(_abi, name).__members__) for name in expected}

    assert declared == expected
    assert len(expected) == 19


@pytest.mark.parametrize("value", [0, 99, -5])
def test_an_unknown_value_passes(value: int) -> None:
    """A later SDK may add values; they keep their number."""
    member = _abi.ParsecMouseButton(value)

    assert member == value
    assert member.name == f"UNKNOWN_{value}"


def test_44_functions_are_declared() -> None:
    """Pointers to instances come first, and no pointer is a plain integer."""
    assert len(_abi.FUNCTIONS) == 44
    for name, (_, *arguments) in _abi.FUNCTIONS.items():
        static = name in (
            *("ParsecInit", "ParsecFree", "ParsecSetLogCallback", "ParsecVersion"),
            *("ParsecGetOutputs", "ParsecGetDecoders"),
        )
        assert static or arguments[0] is c_void_p
    # As c_char_p the pointer that ParsecFree needs would be lost.
    assert _abi.FUNCTIONS["ParsecGetBuffer"][0] is c_void_p
    guests = _abi.FUNCTIONS["ParsecClientGetGuests"][2]
    assert guests is POINTER(POINTER(_abi.ParsecGuest))


def test_a_library_without_a_function_is_named() -> None:
    """The error names the function, so that the user can be told."""

    class Library:
        def __getattr__(self, name: str) -> object:
            if name == "ParsecClientPause":
                raise AttributeError(name=name)
            return lambda: None

    with pytest.raises(AttributeError) as caught:
        _abi.declare(Library())

    assert caught.value.name == "ParsecClientPause"


@pytest.mark.parametrize("code", list(ParsecStatus), ids=lambda code: code.name)
def test_each_status_has_a_sentence_and_a_remedy(code: ParsecStatus) -> None:
    """Both are sentences, and no two codes but those of one remedy look alike."""
    info = describe(code)

    for text in (info.meaning, info.remedy):
        assert re.fullmatch(r"[A-Z][^\n]{8,}\.|Wait\.", text)
    assert info.kind in (
        *("ok", "wait", "end", "permanent", "retry", "setup", "host", "caller"),
    )
    assert info.name == code.name


def test_141_codes_are_known() -> None:
    """Their meanings differ."""
    assert len(ParsecStatus) == 141
    assert len({describe(code).meaning for code in ParsecStatus}) == 141


# What public clients never retry.
@pytest.mark.parametrize(
    "code", [4, 5, 8, 9, 11, 112, -3008, -3010, -12018, -13000, -13008]
)
def test_permanent_codes(code: int) -> None:
    """Connecting again would give the same."""
    assert describe(code).permanent


@pytest.mark.parametrize(
    ("code", "name", "part"),
    [
        (-800111, "SOCKET_ERR", "Connection refused"),
        (-710061, "SOCKET_ERR", "Windows error 10061"),
        (-600005, "OPENSSL_ERR", "SSL error 5"),
        (-4242, "-4242", "does not document"),
        (77, "77", "does not document"),
    ],
)
def test_codes_that_hold_a_number(code: int, name: str, part: str) -> None:
    """The number of the operating system or of OpenSSL is put into words."""
    info = describe(code)

    assert info.name == name
    assert part in info.meaning
    assert not info.permanent
    assert str(code) in str(info)
