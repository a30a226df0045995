"""Takes the README's pictures of the real card and the real view.

Run `python tests/take_screenshot.py [FOLDER]`; `--dark` takes them in the dark theme.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from support.browser import Card, chromium, window
from support.jupyter_server import Server

CARD = "import parsec_nb\nparsec_nb.login(demo=True)"
VIEW = """from parsec_nb import sdk
session = await parsec_nb.login(demo=True)
client = await sdk.connect(session, session.hosts()[0])
client.view()"""


def main() -> None:
    """Drive JupyterLab to a pending card, then to a view, and photograph both."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parent
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    parser.add_argument("--dark", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.use_theme("Dark" if given.dark else "Light")
        server.write("pictures.ipynb", CARD, VIEW)
        with server.running(), chromium() as browser:
            lab = server.open(window(browser, width=1000), "pictures.ipynb")
            cells = lab.page.locator(".jp-CodeCell")
            lab.run(0)
            Card(lab).find("approve").wait_for()
            lab.page.wait_for_timeout(500)
            cells.first.screenshot(path=given.folder / "card.png")
            Card(lab).click("approve")
            Card(lab).expect("approved")
            lab.run(1)
            screen = lab.page.locator(".parsec-nb-view canvas")
            screen.click(timeout=30_000)
            lab.page.keyboard.type("hello from JupyterLab")
            # The line of figures settles.
            lab.page.wait_for_timeout(3000)
            cells.nth(1).screenshot(path=given.folder / "view.png")


if __name__ == "__main__":
    main()
