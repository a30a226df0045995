"""The messages that the pages quote exist, and so do the targets of their links."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from support import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator


PAGES = sorted(
    path
    for path in (REPOSITORY / "notebooks").iterdir()
    if path.suffix in {".md", ".ipynb"}
)
NOTEBOOKS = [page for page in PAGES if page.suffix == ".ipynb"]


def text_of(page: Path) -> str:
    """Return the text of a page, or of a notebook's cells."""
    if page.suffix == ".md":
        return page.read_text()
    notebook: Any = nbformat.read(page, as_version=4)
    return "\n\n".join(cell.source for cell in notebook.cells)


def package_texts() -> list[str]:
    """Return every string of the package, with … for its placeholders."""
    texts = []
    for path in (REPOSITORY / "parsec_nb").rglob("*.py"):
        tree = ast.parse(path.read_text())
        docstrings = {
            id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
        }
        texts += [
            template(node)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp))
            if id(node) not in docstrings
        ]
    pages = (REPOSITORY / "parsec_nb/simulator/pages").iterdir()
    return texts + [page.read_text() for page in pages]


def template(node: ast.AST) -> str:
    """Return the text of an expression, with … for the parts that are not constant."""
    match node:
        case ast.Constant(value=str(text)):
            return re.sub(r"\{\w*\}|%s", "…", text)
        case ast.JoinedStr(values=parts):
            return "".join(map(template, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return template(left) + template(right)
    return "…"


PACKAGE_TEXTS = package_texts()


def quotes() -> Iterator[Any]:
    """Return every quotation of every page."""
    for page in PAGES:
        text = re.sub(r"\s+", " ", text_of(page))
        for quote in dict.fromkeys(re.findall("“([^”]*)”", text)):
            yield pytest.param(quote, id=f"{page.stem}-{quote}")


@pytest.mark.parametrize("quote", list(quotes()))
def test_a_quotation_is_a_text_of_the_package(quote: str) -> None:
    """Text in quotation marks is from the card, an error or the simulator's pages."""
    parts = [part for part in re.split(r"\s*…\s*", quote) if part]
    wanted = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)

    assert parts
    assert any(map(wanted.search, PACKAGE_TEXTS))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_have_targets(page: Path) -> None:
    """A link between the pages leads to an existing file and heading."""
    text = text_of(page)

    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        aim = page.parent / name if name else page
        assert aim.exists(), target
        assert not anchor or anchor in anchors(aim), target


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub or Jupyter names them."""
    headings = re.findall(r"(?m)^#+ (.*)$", text_of(page))
    if page.suffix == ".ipynb":
        return {heading.replace(" ", "-") for heading in headings}
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in headings
    }


def test_the_readme_and_the_quick_start_link_to_every_page() -> None:
    """A user finds the pages without a list of files."""
    readme = (REPOSITORY / "README.md").read_text()

    assert "notebooks/01-quickstart.ipynb" in readme
    assert "notebooks/troubleshooting.md" in readme
    quick_start = text_of(REPOSITORY / "notebooks" / "01-quickstart.ipynb")
    assert all(f"({page.name})" in quick_start for page in PAGES[1:])


@pytest.mark.parametrize(
    "path",
    NOTEBOOKS,
    ids=lambda path: path.stem,
)
def test_is_committed_without_outputs(path: Path) -> None:
    """A committed notebook holds no output, no count and no widget state."""
    notebook: Any = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert all(not cell.outputs for cell in code)
    assert all(cell.execution_count is None for cell in code)
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.kernelspec.name == "python3"
