"""The login card as somebody at the browser sees and uses it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from front_ends import SECONDS
from playwright.sync_api import expect

if TYPE_CHECKING:
    from front_ends import OpenNotebook
    from playwright.sync_api import Locator


class Card:
    """The card under a code cell of an open notebook, the first is 0."""

    def __init__(self, notebook: OpenNotebook, cell: int = 0) -> None:
        self._page = notebook.page
        self.output = notebook.output(cell)

    def find(self, name: str) -> Locator:
        """Return a part of the card by its CSS class, without the prefix."""
        return self.output.locator(f".parsec-nb-{name}")

    def code(self) -> str:
        """Wait for the code, and return it."""
        return self.find("code").inner_text(timeout=60 * SECONDS)

    def expect(self, status: str) -> None:
        """Wait until the card has a status."""
        shown = self.output.locator(f'[data-status="{status}"]').first
        expect(shown).to_be_visible(timeout=30 * SECONDS)

    def expect_words(self, words: str) -> None:
        """Wait until the output says something."""
        expect(self.output).to_contain_text(words, timeout=30 * SECONDS)

    def click(self, name: str) -> None:
        """Click a button."""
        self.find(name).click()

    def decide(self, decision: str) -> None:
        """Follow the link, and enter and decide the code on the page there."""
        code = self.code()
        with self._page.context.expect_page() as opened:
            self.click("link")
        activate = opened.value
        activate.get_by_role("textbox").fill(code.lower())
        activate.keyboard.press("Enter")
        name = re.compile(decision, re.IGNORECASE)
        activate.get_by_role("button", name=name).click()
        heading = activate.get_by_role("heading", level=1)
        done = re.compile("allowed|denied", re.IGNORECASE)
        expect(heading).to_contain_text(done, timeout=30 * SECONDS)
        activate.close()
