"""Dependencies point one way, rooms are small, and the import costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from support import REPOSITORY

PACKAGE = REPOSITORY / "parsec_nb"
ROOMS = {path.stem: path for path in PACKAGE.glob("*.py")}

# A room may import these rooms of the package, and no others.
ARROWS: dict[str, set[str]] = {
    "__init__": set(),
    "errors": set(),
    "_values": {"_texts"},
    "_hosts": {"_texts"},
    "_texts": set(),
    "_deadline": set(),
    "_answers": set(),
    "_roles": set(),
    "_threads": set(),
    "_states": set(),
    "_flow": {"_answers", "_states"},
    "_wire": {"_hosts", "_values"},
    "_http": {"_deadline", "_texts", "_values"},
    "_web_api": {"__init__", "_texts", "_wire", "_answers", "_http", "errors"},
    "_service": {"_texts", "errors"},
    "_session": {"_service", "_texts", "_values", "_web_api", "_wire", "errors"},
    "_outcome": {"_texts"},
    "_audience": set(),
    "_login": set(),
    "_course": {
        "_audience",
        "_texts",
        "_answers",
        "_flow",
        "_states",
        "_outcome",
        "_threads",
        "errors",
        "_progress",
    },
    "_hub": {"_service"},
    "_markup": {"_texts", "_states", "_service", "_hub"},
    "_card": {"_markup", "_texts", "_states", "errors"},
    "_display": {"_markup", "_texts", "_card"},
    "_comms": set(),
    "_progress": set(),
    "_notebook": {"_comms", "_texts", "_values", "errors"},
    "_store": {"_texts", "_wire", "errors"},
    "_demo": {"_texts", "errors", "simulator"},
    "_errand": {
        *("_texts", "_store", "_values", "_wire", "errors"),
        *("_demo", "_web_api", "_session"),
    },
    "_launch": {
        *("_hub", "_markup", "_service", "_texts", "_display", "_errand", "_login"),
        *("_course", "_store", "_demo"),
    },
    "_start": {
        *("_markup", "_service", "_texts", "_errand", "_launch", "_notebook"),
        *("_store", "errors"),
    },
    "_magic": {"_start"},
    "__main__": {
        *("_markup", "_service", "_texts", "_simulator_command", "_errand", "_course"),
        *("_notebook", "errors", "_hub"),
    },
}
SIMULATOR = {room for room in ROOMS if room.lstrip("_").startswith("simulator")}
OUTSIDE = {
    "_card": {"ipywidgets", "traitlets"},
    "_http": {"requests", "urllib3"},
    "_magic": {"IPython"},
    "_markup": {"segno"},
    "_notebook": {"IPython"},
    "_store": {"keyring"},
}


def imports(room: str) -> set[str]:
    """Return what a room imports when it runs, inside functions as well."""
    tree = ast.parse(ROOMS[room].read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "parsec_nb." * bool(node.level) + (node.module or "")
            if module.rstrip(".") == "parsec_nb":
                found |= {f"parsec_nb.{name.name}" for name in node.names}
            else:
                found.add(module)
    return found


def rooms_imported(room: str) -> set[str]:
    """Return the rooms of the package that a room imports."""
    names = {name.split(".")[1] for name in imports(room) if name.startswith("parsec")}
    return {name if name in ROOMS else "__init__" for name in names}


@pytest.mark.parametrize("room", sorted(set(ROOMS) - SIMULATOR))
def test_arrows_point_one_way(room: str) -> None:
    """A room imports no room that it may not know."""
    assert rooms_imported(room) <= ARROWS[room]


@pytest.mark.parametrize("room", sorted(SIMULATOR))
def test_the_simulator_knows_nothing_of_the_client(room: str) -> None:
    """The wire format is stated twice, so that a misreading cannot hide."""
    assert rooms_imported(room) <= SIMULATOR


@pytest.mark.parametrize("room", sorted(set(ROOMS) - SIMULATOR))
def test_outside_packages_stay_in_their_room(room: str) -> None:
    """Each package from outside is imported in the rooms that are about it."""
    tops = {name.split(".")[0] for name in imports(room)}

    outside = tops - set(sys.stdlib_module_names) - {"parsec_nb", "__future__"}

    assert outside <= OUTSIDE.get(room, set())


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_rooms_are_small_and_say_what_they_are(room: str) -> None:
    """A room has a docstring, and can be read at one sitting."""
    source = ROOMS[room].read_text()
    code = [line for line in source.splitlines() if line.strip()]

    assert ast.get_docstring(ast.parse(source))
    # Whoever translates wants all sentences in one place.
    assert len(code) <= (300 if room == "_texts" else 250)


def test_the_import_loads_next_to_nothing() -> None:
    """`import parsec_nb` alone loads neither requests nor anything of Jupyter's."""
    program = (
        "import sys; before = set(sys.modules); import parsec_nb;"
        "print(*sorted(set(sys.modules) - before))"
    )

    loaded = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert set(loaded.split()) == {"__future__", "parsec_nb"}
