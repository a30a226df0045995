"""The benchmarks can still be run; what they measure is no matter here."""

from __future__ import annotations

import os
import subprocess
import sys

from support import REPOSITORY, TESTS

BENCHMARKS = TESTS / "benchmarks"

PROGRAM = """
import glob, importlib, importlib.util, time

modules = {path.removesuffix(".py") for path in glob.glob("*.py")}
if not importlib.util.find_spec("playwright"):
    # Only environments for tests with a browser have it.
    modules -= {"view_page"}
for module in modules:
    importlib.import_module(module)

import inside
import parsec_nb
from parsec_nb.simulator import Simulator

def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)

with Simulator(interval=0.1, lifetime=30) as simulator:
    crowd = inside.Crowd(simulator.url, 2)
    until(lambda: len(crowd.codes()) == 2)
    for code in crowd.codes():
        simulator.approve(code)
    until(lambda: all(crowd.bound_at))
    assert len(session_0) == len(session_1) == 64

    inside.hasten(factor=60)
    login = parsec_nb.login("game", api_url=simulator.url)
    assert isinstance(login.exception(timeout=10), parsec_nb.LoginExpiredError)
"""


def test_the_benchmarks_fit_the_package_that_they_measure() -> None:
    """They import, start many logins, and let a login's time run faster."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=BENCHMARKS,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY, TESTS)))},
        capture_output=True,
        check=False,
        text=True,
    )

    assert ran.returncode == 0, ran.stderr
