"""Binder's files: what repo2docker makes of them, and what pip would install."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from support import REPOSITORY

BINDER = REPOSITORY / "binder"
PYTHON = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
SCRIPTS = [
    *(path for path in BINDER.iterdir() if path.read_bytes().startswith(b"#!")),
    *(REPOSITORY / "tests" / "run", REPOSITORY / ".ci" / "run"),
]
BADGE = re.compile(r"https://mybinder\.org/v2/gh/([^/\s]+)/parsec_nb/HEAD\?\S+")


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """What repo2docker would build an image of, without docker."""
    made = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout
    return made.stdout


def test_repo2docker_takes_the_files_as_they_are_meant(dockerfile: str) -> None:
    """The Python is the pinned one; requirements and start are found in binder/."""
    assert f"Building conda environment for python={PYTHON}\n" in dockerfile
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in dockerfile
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile
    assert "warning" not in dockerfile.lower()


def test_the_package_is_there_before_it_is_installed(dockerfile: str) -> None:
    """The requirement `.` needs the whole repository to be copied first."""
    copied = dockerfile.index("COPY --chown=0:0 src/ ${REPO_DIR}/\n")

    assert copied < dockerfile.index('-r "binder/requirements.txt"')


def test_the_requirements_can_be_installed_on_binders_python(tmp_path: Path) -> None:
    """Pip finds a set for the pinned Python, with all that a login there needs."""
    # A target, because pip resolves for another Python only where it does not
    # install into this one; nothing is installed at all.
    command = [
        *(sys.executable, "-m", "pip", "install", "--dry-run", "--quiet"),
        *("--target", str(tmp_path / "none"), "--report", str(tmp_path / "report")),
        *("--python-version", PYTHON, "--only-binary", ":all:"),
        *("--requirement", "binder/requirements.txt"),
    ]

    ran = subprocess.run(
        command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    found = {
        canonicalize_name(package["metadata"]["name"]): package
        for package in json.loads((tmp_path / "report").read_text())["install"]
    }
    assert found["parsec-nb"]["download_info"]["url"] == REPOSITORY.as_uri()
    # Binder's own ipykernel is 7.0.1, whose threads cannot update a widget.
    assert Version(found["ipykernel"]["metadata"]["version"]) >= Version("7.1")
    assert {"jupyter-server-proxy", "ipywidgets", "tornado", "segno"} <= set(found)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_executable_and_have_no_syntax_errors(script: Path) -> None:
    """Neither is caught by repo2docker, which only copies them."""
    checked = subprocess.run(["bash", "-n", script], stderr=subprocess.PIPE, check=True)

    assert os.access(script, os.X_OK)
    assert checked.stderr == b""


def test_start_makes_the_simulator_the_default_and_hands_over() -> None:
    """On Binder, login() without arguments is the simulator's."""
    started = subprocess.run(
        [BINDER / "start", "printenv", "PARSEC_DEMO"],
        stdout=subprocess.PIPE,
        check=True,
    )

    assert started.stdout == b"1\n"


def test_the_badge_opens_the_quick_start() -> None:
    """The README's badge leads to a notebook that is there."""
    readme = (REPOSITORY / "README.md").read_text()
    badge = BADGE.search(readme)

    assert badge
    assert "[![Binder](https://mybinder.org/badge_logo.svg)][binder]" in readme
    assert f"\n[binder]: {badge[0]}\n" in readme
    (path,) = parse_qs(urlsplit(badge[0]).query)["urlpath"]
    assert (REPOSITORY / path.removeprefix("lab/tree/")).is_file()
    # A slash that is not encoded would be read as part of Binder's own address.
    assert "/" not in urlsplit(badge[0]).query


def test_the_repositorys_owner_is_written_in_one_place() -> None:
    """The repository's address stands in one line, the badge's."""
    badge = BADGE.search((REPOSITORY / "README.md").read_text())
    assert badge
    owner = f"/{badge[1]}/"
    text = {".ipynb", ".md", ".py", ".toml", ".txt"}
    folders = (REPOSITORY, BINDER, REPOSITORY / "notebooks", REPOSITORY / "parsec_nb")
    files = [path for folder in folders for path in folder.iterdir()]

    mentions = [
        path
        for path in files
        if path.suffix in text
        for _ in range(path.read_text().count(owner))
    ]

    assert mentions == [REPOSITORY / "README.md"]
