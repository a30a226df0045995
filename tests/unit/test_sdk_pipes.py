"""Writing to pipes in time, masking secrets, and the end of what was printed."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from parsec_nb.sdk._pipes import Tail, make_non_blocking, masker, write

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "gjkmnpqrstvwxyz"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe whose writing end does not block."""
    ends = os.pipe()
    make_non_blocking(ends[1])
    yield ends
    for end in ends:
        os.close(end)


def test_a_line_is_written_as_a_whole(pipe: tuple[int, int]) -> None:
    """The count is that of all bytes."""
    assert write(pipe[1], b"a line\n", 0) == 7
    assert os.read(pipe[0], 100) == b"a line\n"


def test_a_full_pipe_takes_nothing_in_time(pipe: tuple[int, int]) -> None:
    """A short line is written as a whole or not at all; a long one may be begun."""
    begun = write(pipe[1], bytes(10**6), 0)
    begin = time.monotonic()

    assert write(pipe[1], bytes(4096), 0.05) == 0

    assert 0.04 < time.monotonic() - begin < 1
    assert 0 < begun < 10**6
    os.read(pipe[0], 4096)
    assert write(pipe[1], bytes(4096), 0) == 4096


def test_a_closed_pipe_is_an_error(pipe: tuple[int, int]) -> None:
    """It is the system's."""
    reader, writer = os.pipe()
    os.close(reader)

    with pytest.raises(BrokenPipeError):
        write(writer, b"x", None)

    os.close(writer)


def test_the_longest_secret_is_masked_first() -> None:
    """Nothing of it is left when another one is its beginning."""
    mask = masker("gjkmn", "", SECRET)

    assert mask(f"{SECRET}, gjkmn") == "***, ***"


def test_the_tail_keeps_the_last_kilobytes_without_secrets() -> None:
    """A secret that is cut through is not shown either."""
    tail = Tail(masker(SECRET), len(SECRET))
    tail.add(f"{SECRET} at first\n".encode())
    assert str(tail) == "*** at first\n"

    for cut in range(len(SECRET)):
        tail = Tail(masker(SECRET), len(SECRET))
        tail.add(b"before " + SECRET.encode())
        rest = Tail.LENGTH + len(SECRET) - cut
        # In pieces, as pipes deliver it.
        tail.add(b"x" * 1000)
        tail.add(b"x" * (rest - 1000))
        assert set(str(tail)) == {"x"}
        assert Tail.LENGTH - len(SECRET) <= len(str(tail)) <= Tail.LENGTH


def test_the_tail_takes_any_bytes() -> None:
    """They are those of a library."""
    tail = Tail(masker(), 0)

    tail.add(b"\xff caf\xc3")
    tail.add(b"\xa9")

    assert str(tail) == "\N{REPLACEMENT CHARACTER} café"
