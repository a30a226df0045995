"""Takes the README's picture of the real card.

Run `python tests/take_screenshot.py`; `--dark` takes it in the dark theme.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from support.browser import Card, chromium, window
from support.jupyter_server import Server


def main() -> None:
    """Drive JupyterLab to a pending card, and photograph that."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parent / "card.png"
    parser.add_argument("path", nargs="?", type=Path, default=default)
    parser.add_argument("--dark", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.use_theme("Dark" if given.dark else "Light")
        server.write("card.ipynb", "import parsec_nb\nparsec_nb.login(demo=True)")
        with server.running(), chromium() as browser:
            lab = server.open(window(browser, width=1000), "card.ipynb")
            lab.run(0)
            Card(lab).find("approve").wait_for()
            lab.page.wait_for_timeout(500)
            lab.page.locator(".jp-CodeCell").first.screenshot(path=given.path)


if __name__ == "__main__":
    main()
