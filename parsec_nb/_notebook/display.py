"""Shows a login in the cell that launched it, and keeps it up to date.

One output carries three forms of the card: widgets, and HTML and text for front ends
without them. Once a front end draws the widgets, HTML and text have no link and no
code, because a saved file keeps them. All methods may be called from any thread; they
touch only widget traits and outputs.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from parsec_nb._api.threads import NoThreadError, start_daemon
from parsec_nb._auth.observers import LoginSnapshot
from parsec_nb._notebook import messages, render
from parsec_nb._notebook.ipython import OutputArea
from parsec_nb._notebook.render import CardContext

if TYPE_CHECKING:
    from parsec_nb._notebook.card import Card
    from parsec_nb._notebook.login import LoginController

Bundle = dict[str, Any]

# Keeps an unstable network below the 40 messages of a pending half hour.
_BURST = 6
_SECONDS_PER_MESSAGE = 60.0
_ANNOUNCEMENT_SECONDS = 1.0


def call_later(seconds: float, work: Callable[[], object]) -> None:
    """Call *work* in another thread, in the context of this call."""
    context = copy_context()

    def wait_and_call() -> None:
        time.sleep(seconds)
        context.run(work)

    with suppress(NoThreadError):
        start_daemon(wait_and_call, "parsec_nb-display")


class LoginDisplay:
    """The card of one login, in every form.

    Args:
        controller: What the card's buttons call.
        snapshot: Returns what to show.
        context: Returns what to show besides.
        monotonic: Seconds, to limit the rate of updates.
        call_later: Calls a function in so many seconds.

    Attributes:
        drawn: Whether a front end has drawn the widgets of any card.
    """

    drawn: ClassVar[bool] = False

    def __init__(
        self,
        controller: LoginController,
        snapshot: Callable[[], LoginSnapshot],
        context: Callable[[], CardContext],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        call_later: Callable[[float, Callable[[], object]], object] = call_later,
    ) -> None:
        self._controller = controller
        self._snapshot = snapshot
        self._context = context
        self._monotonic = monotonic
        self._call_later = call_later
        self._lock = threading.RLock()
        self._display_id = uuid.uuid4().hex
        self._output: OutputArea | None = None
        self._card: Card | None = None
        self._views = 0
        self._viewed = False
        self._hidden = False
        self._published: Bundle = {}
        self._shown: LoginSnapshot | None = None
        self._allowance = float(_BURST)
        self._counted_at = monotonic()

    def show(self, output: OutputArea) -> None:
        """Show the card in an output; later updates go there."""
        with self._lock:
            snapshot = self._snapshot()
            if self._card is not None and self._card.closed:
                self._card = None
            if self._card is None and output.has_widgets and not _is_final(snapshot):
                self._card = _make_card(self._controller, snapshot, self._context())
                if self._card is not None:
                    self._card.on_view_count(self._count_views)
            self._output = output
            self._shown = snapshot
            self._publish(self._bundle(snapshot), update=False)

    def hide(self) -> bool:
        """Show no link and no code until `reveal`; False once the login has ended.

        A program that runs a notebook saves it as it is after the last cell, and takes
        only what comes from the cell that runs: so this shows everything again.
        """
        with self._lock:
            self._hidden = True
            snapshot = self._snapshot()
            self._draw(snapshot)
            self._publish(self._bundle(snapshot), update=True)
        return not snapshot.status.ended

    def reveal(self) -> None:
        """Show link and code, because a cell waits for the approval."""
        with self._lock:
            if self._hidden:
                self._hidden = False
                self._show_anew()

    def refresh(self) -> None:
        """Bring what is shown up to date."""
        with self._lock:
            snapshot, shown = self._snapshot(), self._shown
            if self._output is None or shown is None or snapshot == shown:
                return
            same_status = snapshot.status is shown.status
            if same_status and not self._may_send():
                return
            self._shown = snapshot
            # The output first: it redraws the widgets, which are then filled once.
            if not self._updates_in_place:
                self._append(snapshot, shown)
            elif self._card is None or snapshot.announcement != shown.announcement:
                self._republish(snapshot)
            self._draw(snapshot)
            if _is_final(snapshot):
                self._close_unviewed_card()

    def _show_anew(self) -> None:
        snapshot = self._snapshot()
        self._republish(snapshot)
        self._draw(snapshot)

    def _draw(self, snapshot: LoginSnapshot) -> None:
        if self._card is not None:
            if self._hidden and not self._viewed:
                # A program may save the state of the widgets, too.
                snapshot = replace(snapshot, auth_code=None)
            self._card.draw(snapshot, self._context(), announce=self._viewed)

    def _append(self, snapshot: LoginSnapshot, shown: LoginSnapshot) -> None:
        """Show below what a console has shown already."""
        if snapshot.status is not shown.status:
            self._republish(snapshot)
        elif snapshot.status.ended:
            new = [one for one in snapshot.notices if one not in shown.notices]
            if new:
                self._publish(render.line(" ".join(new)), update=False)

    def _count_views(self, views: int) -> None:
        with self._lock:
            self._views = views
            if views and not self._viewed:
                self._viewed = LoginDisplay.drawn = True
                self._show_anew()
            if self._shown is not None and _is_final(self._shown):
                self._close_unviewed_card()

    def _close_unviewed_card(self) -> None:
        """Free the widgets, except those that a reloaded page still shows."""
        if self._card is not None and not self._views:
            self._card.close()
            self._card = None

    @property
    def _updates_in_place(self) -> bool:
        """Whether an update reaches the output, as it does where widgets are drawn."""
        output = self._output
        return self._viewed or (output is not None and output.updates_in_place)

    def _republish(self, snapshot: LoginSnapshot) -> None:
        in_place = self._updates_in_place
        redrawn = self._card is not None and not _is_final(snapshot)
        announce = in_place and snapshot.status.ended and not redrawn
        bundle = self._bundle(snapshot, announce=announce)
        if bundle == self._published:
            return
        if self._card is not None:
            self._card.mute()
        self._publish(bundle, update=in_place)
        if announce:
            # A saved file must not announce the end again.
            self._call_later(_ANNOUNCEMENT_SECONDS, self._mute)

    def _mute(self) -> None:
        with self._lock:
            bundle = self._bundle(self._snapshot())
            if bundle != self._published:
                self._publish(bundle, update=True)

    def _publish(self, bundle: Bundle, *, update: bool) -> None:
        self._published = bundle
        if self._output is not None:
            self._output.display(bundle, self._display_id, update=update)

    def _bundle(self, snapshot: LoginSnapshot, *, announce: bool = False) -> Bundle:
        context = self._context()
        bundle: Bundle = {
            "text/plain": render.plain(snapshot, context),
            "text/html": render.static(snapshot, context, announce=announce),
        }
        hidden = (self._viewed or self._hidden) and not snapshot.status.ended
        if hidden:
            bundle = render.line(messages.CARD_WAS_HERE)
        if self._card is None or _is_final(snapshot):
            return bundle
        if not (hidden or self._updates_in_place) and not snapshot.status.ended:
            bundle["text/plain"] += f"\n{messages.PRESS_ENTER}"
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


def _is_final(snapshot: LoginSnapshot) -> bool:
    """Return whether the login has ended and offers no new code."""
    return snapshot.status.ended and not snapshot.renewable


def _make_card(
    controller: LoginController, snapshot: LoginSnapshot, context: CardContext
) -> Card | None:
    """Return the widgets; None where ipywidgets is missing, or cannot make them."""
    try:
        from parsec_nb._notebook.card import Card  # noqa: PLC0415 - slow to load, and may be missing

        return Card(controller, snapshot, context)
    except Exception:  # noqa: BLE001 - HTML and text work without them, whatever fails
        return None
