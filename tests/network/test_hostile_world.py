"""A login in a hostile world: every row of the table, each a test.

`python -m network.hostile` prints the table with what users see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from network.hostile.faults import faults
from network.hostile.rows import ROWS
from network.hostile.world import live

if TYPE_CHECKING:
    from network.hostile.world import Row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_login_in_a_hostile_world(row: Row) -> None:
    """It ends as the row states, shows why, polls on time, and leaks nothing."""
    assert faults(live(row)) == []


def test_each_row_has_another_name() -> None:
    """A row can be run by its name."""
    assert len({row.name for row in ROWS}) == len(ROWS)
