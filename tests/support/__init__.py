"""What tests share; no test module imports another one."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent.parent
REPOSITORY = TESTS.parent
