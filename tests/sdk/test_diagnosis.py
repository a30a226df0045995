"""`diagnose()` with libraries of all sorts, each loaded in a process of its own."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from parsec_nb import InvalidArgumentError, sdk
from parsec_nb.sdk._library.diagnosis import Finding, _version
from support.libparsec import build, build_openssl
from support.secrets import SESSION_ID

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what the machine itself has set."""
    for name in ("PARSEC_SDK_PATH", "PARSEC_OPENSSL_PATH", "PARSEC_STAND_IN"):
        monkeypatch.delenv(name, raising=False)


def rows(library: Path | str | None = None) -> dict[str, Finding]:
    """Return the findings by their names."""
    return {finding.name: finding for finding in sdk.diagnose(library)}


def test_a_library_that_works_needs_nothing(
    libparsec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is, what it is, its version, and OpenSSL beside it."""
    monkeypatch.setenv("PARSEC_SDK_PATH", str(libparsec))
    crypto = build_openssl(tmp_path)
    monkeypatch.setenv("PARSEC_OPENSSL_PATH", str(tmp_path))

    found = rows()

    assert found["library"].value == f"{libparsec} (from PARSEC_SDK_PATH)"
    assert found["file"].value.startswith("ELF, ")
    assert found["version"].value == "6.0"
    assert found["OpenSSL 1.1"].value == f"1.1: {crypto}"
    names = ("Python", "library", "file", "version", "OpenSSL 1.1")
    assert not [found[name].remedy for name in names if found[name].remedy]


def test_nothing_is_loaded_into_this_process(libparsec: Path) -> None:
    """The library can end the process that it is in."""
    found = rows(libparsec)

    assert found["library"].value == f"{libparsec} (from library=)"
    with open("/proc/self/maps") as maps:  # noqa: PTH123 - it has no size
        assert str(libparsec) not in maps.read()


def test_without_a_library_the_rest_is_told() -> None:
    """What to set, and the extras all the same."""
    found = rows()

    assert found["library"].value == "not found"
    assert "PARSEC_SDK_PATH" in found["library"].remedy
    assert "version" not in found
    names = ("numpy", "anywidget", "simplejpeg", "OpenCV", "Pillow", "PyAV", "pandas")
    assert tuple(found)[-7:] == names
    assert found["numpy"].value.endswith("; for frames and sound as arrays")
    for name in names:
        missing = "not installed" in found[name].value
        assert missing == ("pip install " in found[name].remedy)


def test_a_file_that_does_not_fit_is_not_loaded(tmp_path: Path) -> None:
    """The reason is that of `connect()`."""
    page = tmp_path / "libparsec.so"
    page.write_text("<!DOCTYPE html>")

    found = rows(page)

    assert found["file"].value == "cannot be used"
    assert "an HTML page" in found["file"].remedy
    assert "version" not in found


@pytest.mark.parametrize(
    ("define", "value", "remedy"),
    [
        ("ON_LOAD=EXIT", "cannot be used", "ended the process that loaded it (exit s"),
        ("WITHOUT=ParsecClientPause", "6.0, without ParsecClientPause", "Take version"),
        ("WITHOUT=ParsecVersion", "cannot be used", "lacks ParsecVersion"),
    ],
)
def test_a_bad_library_is_told(
    tmp_path: Path, define: str, value: str, remedy: str
) -> None:
    """It ends its process, or lacks a function."""
    version = rows(build(tmp_path, define))["version"]

    assert version.value == value
    assert remedy in version.remedy


def test_what_a_library_prints_is_left_out(tmp_path: Path) -> None:
    """Its version is found all the same."""
    assert rows(build(tmp_path, "ON_LOAD=PRINT"))["version"].value == "6.0"


def test_a_library_gets_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in exits with 4 if there is a session ID in its environment."""
    monkeypatch.setenv("PARSEC_SESSION_ID", SESSION_ID)

    version = rows(build(tmp_path, "ON_LOAD=EXIT"))["version"]

    assert "(exit status 3)" in version.remedy


def test_another_version_is_told(
    libparsec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only 6.0 is declared here."""
    monkeypatch.setenv("PARSEC_STAND_IN", f"version={5 << 16 | 1}")

    version = rows(libparsec)["version"]

    assert version.value == "5.1"
    assert version.remedy == ("Take version 6.0 of the SDK, which has all functions.")


def test_a_library_that_hangs_is_told(tmp_path: Path) -> None:
    """Its process is ended."""
    version = _version(build(tmp_path, "ON_LOAD=HANG"), os.environ, seconds=1)

    assert "The library did not load within 1 s. Take another" in version.remedy


def test_what_the_system_lacks_is_named(tmp_path: Path) -> None:
    """The loader's own words say which library is missing."""
    openssl = build_openssl(tmp_path)
    library = build(tmp_path, needs=openssl)
    openssl.unlink()

    version = rows(library)["version"]

    assert version.value == "cannot be used"
    assert "libcrypto.so.1.1: cannot open shared object file" in version.remedy


@pytest.mark.skipif(sys.version_info < (3, 11), reason="PYTHONSAFEPATH is new in it")
def test_modules_in_the_notebooks_folder_do_not_matter(
    libparsec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a json.py beside the notebook."""
    (tmp_path / "json.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)

    assert rows(libparsec)["version"].value == "6.0"


def test_it_is_a_table_in_a_notebook() -> None:
    """What was found is escaped."""
    found = sdk.diagnose("<b>")

    assert "library: there is no file" in str(found)
    html = found._repr_html_()
    assert html.startswith("<table>")
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_what_is_no_path_is_refused() -> None:
    """The caller's mistake is an error at the call."""
    with pytest.raises(InvalidArgumentError, match="library=7 is not a path"):
        sdk.diagnose(7)  # type: ignore[arg-type]
