"""Takes the README's picture of the real card.

Run `python tests/take_screenshot.py`; `--dark` takes it in the dark theme.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from jupyter_lab import OUTPUT, jupyter_lab, run_cell


def main() -> None:
    """Drive JupyterLab to a pending card, and photograph that."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parent / "card.png"
    parser.add_argument("path", nargs="?", type=Path, default=default)
    parser.add_argument("--dark", action="store_true")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_lab(Path(folder), dark=given.dark) as lab,
    ):
        lab.write_notebook("card.ipynb", "import parsec_nb\nparsec_nb.login(demo=True)")
        page = lab.open(lab.context(width=1000), "card.ipynb")
        run_cell(page, 0)
        page.wait_for_selector(f"{OUTPUT}.parsec-nb-approve")
        page.wait_for_timeout(500)
        page.locator(".jp-CodeCell").first.screenshot(path=given.path)


if __name__ == "__main__":
    main()
