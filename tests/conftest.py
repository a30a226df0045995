"""Levels of tests by folder: which are collected, tried again, or run alone."""

from __future__ import annotations

import contextlib
import fcntl
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

TESTS = Path(__file__).parent
LEVELS = ("unit", "network", "auth", "simulator", "kernel", "browser", "sdk")
ON_REQUEST = ("kernel", "browser", "sdk")
# How often a failed test is tried again.
RERUNS = {"kernel": 1, "browser": 2}
# Files whose tests share what takes long to start: one process runs all of a file.
TOGETHER = {
    "browser/test_hub.py",
    "browser/test_people.py",
    "browser/test_view.py",
    "kernel/test_examples.py",
    "kernel/test_executors.py",
    "kernel/test_notebooks.py",
}
FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option for each level that takes long."""
    for level in ON_REQUEST:
        parser.addoption(f"--{level}", action="store_true", help=f"run tests/{level}")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the levels that take long, unless asked for by option or path."""
    level = collection_path.name
    if collection_path.parent == TESTS and level in ON_REQUEST:
        return not config.getoption(level) or None
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests their tries and their order.

    Those with kernels get a second try, and those with browsers a third.
    """
    for item in items:
        level = item.path.relative_to(TESTS).parts[0]
        if level in LEVELS:
            item.add_marker(level)
        if level in RERUNS:
            # A busy machine may cost a browser a click, or a kernel its time.
            item.add_marker(pytest.mark.flaky(reruns=RERUNS[level]))
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    # Beside tests that take long, one that runs alone keeps every process waiting.
    if item.get_closest_marker("serial"):
        return 0
    # What takes long is begun early, so that the end waits for none.
    return 1 if item.path.relative_to(TESTS).as_posix() in TOGETHER else 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give out the tests one by one, but those of a file in TOGETHER at once.

    The groups of xdist 3.8 do nothing on pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - where it runs

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return path if path.removeprefix("tests/") in TOGETHER else nodeid

    config.option.loadscopereorder = False
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test marked as serial while no other process of the run has a test."""
    if not hasattr(item.config, "workerinput"):
        return (yield)
    alone = item.get_closest_marker("serial") is not None
    # A worker's own folder is inside the one of the run.
    folder = Path(item.config.getoption("basetemp")).parent
    with contextlib.ExitStack() as stack:
        # A test that waits to be alone holds the queue, so that no other test begins.
        with _locked(folder / "queue", fcntl.LOCK_EX):
            how = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
            stack.enter_context(_locked(folder / "test", how))
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test's fixtures know whether it failed."""
    report = yield
    item.stash[FAILED] = report.failed
    return report


@contextlib.contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, how)
        yield


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """A simulator in this process, which is polled quickly."""
    with Simulator(interval=0.3) as running:
        yield running


@pytest.fixture
def _interrupts_arrive() -> Iterator[None]:
    """Handle SIGINT, which a shell's background jobs ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def failed(request: pytest.FixtureRequest) -> Callable[[], bool]:
    """Tells other fixtures, once the test has run, whether it failed."""
    return lambda: request.node.stash[FAILED]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders for all that a kernel may write, which are searched in the end."""
    for name in ("home", "work", "ipython", "jupyter"):
        (tmp_path / name).mkdir()
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir()
    (profile / "ipython_config.py").write_text(
        "get_config().HistoryManager.db_log_output = True\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path
