"""Which module may import which, how long modules are, and what the import loads."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from support import REPOSITORY

MODULES = {
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts): path
    for path in (REPOSITORY / "parsec_nb").rglob("*.py")
}
# What a module or sub-package may import, besides itself and `__version__`. Imports
# for type checking count.
ALLOWED = {
    "errors": (),
    "_api": ("errors", "certifi", "requests", "urllib3"),
    "_auth": ("_api", "errors", "keyring"),
    "_notebook": (
        *("_auth", "_api", "errors", "simulator"),
        *("IPython", "ipykernel", "ipywidgets", "traitlets", "segno"),
    ),
    "__main__": (
        *("_auth", "_api", "errors", "simulator"),
        *("_notebook.login", "_notebook.messages"),
        *("_notebook.render", "_notebook.diagnosis"),
    ),
    "simulator": ("tornado",),
    "sdk": (
        *("errors", "_api.models", "numpy"),
        *("anywidget", "ipywidgets", "traitlets"),
    ),
    # It only names where its public names are.
    "__init__": ("",),
}
# Where a package from outside is imported; all else goes through these modules.
OUTSIDE = {
    "certifi": ("_api.tls",),
    "requests": ("_api.http",),
    "urllib3": ("_api.http", "_api.limits"),
    "keyring": ("_auth.store",),
    "IPython": ("_notebook.ipython",),
    "ipykernel": ("_notebook.ipykernel6",),
    "anywidget": ("sdk._view.view",),
    "ipywidgets": ("_notebook.card", "sdk._card", "sdk._view.image_view"),
    "numpy": ("sdk._frames", "sdk._host", "sdk._sound", "sdk._view.jpeg"),
    "traitlets": ("_notebook.card", "sdk._view.image_view", "sdk._view.view"),
    "segno": ("_notebook.render",),
    "tornado": ("simulator",),
}
# With what only type checkers know.
STANDARD_LIBRARY = {*sys.stdlib_module_names, "_typeshed", "typing_extensions"}


def imports(tree: ast.AST) -> set[str]:
    """Return the modules that the code imports, without `parsec_nb.` in front."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        # A relative import stays inside the sub-package.
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {
        name.removeprefix("parsec_nb.")
        for name in names - {"parsec_nb.__version__"}
        if name.split(".")[0] not in STANDARD_LIBRARY
    }


def inside(name: str, prefixes: tuple[str, ...]) -> bool:
    """Return whether a dotted name is one of the prefixes, or inside of one."""
    return any(f"{name}.".startswith(f"{prefix}.".lstrip(".")) for prefix in prefixes)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_imports_only_what_it_may(name: str) -> None:
    """Dependencies point one way, and each outside package has its modules."""
    module = name.removeprefix("parsec_nb.").removesuffix(".__init__")
    part = module.split(".")[0]
    tree = ast.parse(MODULES[name].read_text())

    imported = {other for other in imports(tree) if not inside(other, (part,))}

    assert not [other for other in imported if not inside(other, ALLOWED[part])]
    outside = {other.split(".")[0] for other in imported} & set(OUTSIDE)
    assert not [top for top in outside if not inside(module, OUTSIDE[top])]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_is_short_and_documented(name: str) -> None:
    """A module can be read in one go, and its docstring says what it does."""
    source = MODULES[name].read_text()

    assert ast.get_docstring(ast.parse(source))
    assert len(source.splitlines()) <= 300


def test_the_simulator_is_loaded_for_a_demo_only() -> None:
    """No module of the notebook imports it, and with it tornado, when it is loaded."""
    for name, path in MODULES.items():
        if inside(name, ("parsec_nb._notebook",)):
            tree = ast.parse(path.read_text())
            loaded = [
                n for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))
            ]
            assert not any("simulator" in ast.unparse(node) for node in loaded)


def test_the_import_loads_nothing() -> None:
    """`import parsec_nb` alone loads neither requests nor anything of Jupyter."""
    program = (
        "import sys; before = set(sys.modules); import parsec_nb;"
        "print(*sorted(set(sys.modules) - before))"
    )

    loaded = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert set(loaded.split()) - {"__future__"} == {"parsec_nb"}
