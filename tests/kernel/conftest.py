"""Kernels whose Parsec is a simulator."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from support.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parsec_nb.simulator import Simulator


@pytest.fixture(scope="session")
def idle_kernels() -> Iterator[list[Kernel]]:
    """A running kernel that the next test can use, or none."""
    with ExitStack() as stack:
        kernels: list[Kernel] = []
        yield kernels
        for kernel in kernels:
            stack.enter_context(kernel)


@pytest.fixture
def kernel(
    idle_kernels: list[Kernel], simulator: Simulator, failed: Callable[[], bool]
) -> Iterator[Kernel]:
    """A kernel with no login and no variable, whose Parsec is the simulator."""
    with ExitStack() as stack:
        kernel = stack.enter_context(idle_kernels.pop() if idle_kernels else Kernel())
        kernel.reset(PARSEC_API_URL=simulator.url)
        yield kernel
        if not failed():
            stack.pop_all()
            idle_kernels.append(kernel)
