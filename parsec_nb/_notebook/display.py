"""Shows a login in the cell that launched it, and keeps what it shows current.

One output carries three forms of the card: the widgets, and HTML and text for
front ends without them. Once a front end draws the widgets, the other two hold
no link and no code any more, because they are what a saved file keeps. It
touches widget traits and display handles only, prints nothing, and may be
called from any thread.
"""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, Protocol

from parsec_nb import _markup, _texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._card import Actions, Card
    from parsec_nb._markup import Place
    from parsec_nb._progress import Progress

Bundle = dict[str, Any]

# Keeps a flickering network below the 40 messages of a pending half hour.
_BURST = 6
_SECONDS_PER_MESSAGE = 60.0


class Outlet(Protocol):
    """Where a notebook's outputs go."""

    @property
    def has_widgets(self) -> bool:
        """Whether a front end may show widgets."""

    @property
    def updates_in_place(self) -> bool:
        """Whether an update replaces an output; a terminal can only print below."""

    @property
    def cell(self) -> object:
        """What tells one execution of a cell from another."""

    def display(self, bundle: Bundle, display_id: str, *, update: bool) -> None:
        """Show a MIME bundle as an output, or in place of an earlier one."""


class LoginDisplay:
    """The card of one login, in every form.

    Args:
        outlet: Where to show it.
        place: What it says of where it is; asked at each drawing.
        progress: What it shows; asked at each drawing.
        actions: What its buttons do.
        monotonic: Seconds, to spread updates.
    """

    def __init__(
        self,
        outlet: Outlet,
        place: Callable[[], Place],
        progress: Callable[[], Progress],
        actions: Actions,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outlet = outlet
        self._place = place
        self._progress = progress
        self._actions = actions
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self._display_id = uuid.uuid4().hex
        self._card: Card | None = None
        self._cell: object = None
        self._viewed = False
        self._published: Bundle = {}
        self._shown: Progress | None = None
        self._allowance = float(_BURST)
        self._counted_at = monotonic()

    def show(self) -> None:
        """Show the card as an output of the cell that runs now."""
        with self._lock:
            progress, place = self._progress(), self._place()
            if self._card is None and self._outlet.has_widgets:
                self._card = _make_card(self._actions, progress, place)
                if self._card is not None:
                    self._card.when_viewed(self._note_view)
            self._cell = self._outlet.cell
            self._shown = progress
            self._publish(self._bundle(progress, place), update=False)

    def say(self, words: str) -> None:
        """Show a line instead of the card, as an output of the cell that runs now."""
        self._cell = self._outlet.cell
        self._outlet.display(_markup.line(words), uuid.uuid4().hex, update=False)

    def show_once(self) -> None:
        """Show the card unless this execution of the cell has shown it."""
        if self._outlet.cell != self._cell:
            self.show()

    def refresh(self) -> None:
        """Bring what is shown up to date."""
        with self._lock:
            progress, shown = self._progress(), self._shown
            if shown is None or progress == shown:
                return
            same_status = progress.status is shown.status
            if same_status and not self._may_send():
                return
            place = self._place()
            # The output first: it draws the widgets anew, and they are then
            # filled only once.
            if not self._updates_in_place:
                if not same_status:
                    self._republish(progress, place)
            elif self._card is None or progress.announcement != shown.announcement:
                self._republish(progress, place)
            self._shown = progress
            if self._card is not None:
                self._card.draw(progress, place, aloud=self._viewed)

    def _note_view(self) -> None:
        with self._lock:
            if not self._viewed:
                self._viewed = True
                progress, place = self._progress(), self._place()
                self._republish(progress, place)
                if self._card is not None:
                    self._card.draw(progress, place, aloud=True)

    @property
    def _updates_in_place(self) -> bool:
        """Whether an update reaches the output: what draws widgets takes it too."""
        return self._viewed or self._outlet.updates_in_place

    def _republish(self, progress: Progress, place: Place) -> None:
        bundle = self._bundle(progress, place)
        if bundle != self._published:
            if self._card is not None:
                self._card.hush()
            self._publish(bundle, update=self._updates_in_place)

    def _publish(self, bundle: Bundle, *, update: bool) -> None:
        self._published = bundle
        self._outlet.display(bundle, self._display_id, update=update)

    def _bundle(self, progress: Progress, place: Place) -> Bundle:
        bundle: Bundle = {
            "text/plain": _markup.plain(progress, place),
            "text/html": _markup.static(progress, place),
        }
        if self._card is None or (progress.status.ended and not progress.renewable):
            return bundle
        if not self._updates_in_place and not progress.status.ended:
            bundle["text/plain"] += f"\n{_texts.PRESS_ENTER}"
        if self._viewed and not progress.status.ended:
            bundle = _markup.line(_texts.CARD_WAS_HERE)
        return bundle | {"application/vnd.jupyter.widget-view+json": self._card.view}

    def _may_send(self) -> bool:
        now = self._monotonic()
        earned = (now - self._counted_at) / _SECONDS_PER_MESSAGE
        self._allowance = min(self._allowance + earned, float(_BURST))
        self._counted_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True


def _make_card(actions: Actions, progress: Progress, place: Place) -> Card | None:
    try:
        from parsec_nb._card import Card  # noqa: PLC0415 - slow to load, and may be missing
    except ImportError:
        return None
    return Card(actions, progress, place)
