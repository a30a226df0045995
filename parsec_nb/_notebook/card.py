"""The login card in ipywidgets: what a front end with a widget manager shows.

It draws progress and passes clicks on; it decides nothing. The only room that
imports ipywidgets. Its widgets share one layout and one style each, because
every one of them is a message to the browser.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import ipywidgets
import traitlets

from parsec_nb import _markup, _texts
from parsec_nb._states import Status
from parsec_nb.errors import ParsecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsec_nb._markup import Place
    from parsec_nb._progress import Progress


class Actions(Protocol):
    """What the card's buttons do."""

    def cancel(self) -> object:
        """End the login."""

    def renew(self) -> object:
        """Ask for a new code."""

    def start(self, game_id: str) -> object:
        """Go on with the game_id that was entered."""

    def start_demo(self) -> object:
        """Go on with the simulator."""

    def answer(self, *, approve: bool) -> object:
        """Answer in place of the simulator's page."""


class _Root(ipywidgets.Box):  # type: ignore[misc]
    """A box that knows whether a front end draws it."""

    # Front ends count their views only where this is a number. Their report
    # need not be sent back to them.
    _view_count = traitlets.Int(0, allow_none=True).tag(sync=True, echo_update=False)


class Card:
    """The widgets of one login, drawn for the first time as *progress* says."""

    def __init__(self, actions: Actions, progress: Progress, place: Place) -> None:
        self._actions = actions
        self._layout = ipywidgets.Layout()
        self._button_style = ipywidgets.ButtonStyle()
        self._cancel = self._button(_texts.CANCEL, "cancel", actions.cancel)
        self._renew = self._button(_texts.NEW_CODE, "renew", actions.renew)
        self._form: tuple[ipywidgets.Widget, ...] = ()
        self._answers: tuple[ipywidgets.Widget, ...] = ()
        self._instructed = progress.status, progress.auth_code, place
        self._head = ipywidgets.HTML(
            _markup.instructions(progress, place), layout=self._layout
        )
        self._words = _markup.status(progress, place, announce=False)
        self._status = ipywidgets.HTML(
            self._words,
            layout=self._layout,
            style=self._head.style,
            _dom_classes=("parsec-nb-status",),
        )
        self._announced: object = None
        self._root = _Root(
            self._children(progress, place),
            layout=self._layout,
            _dom_classes=("parsec-nb",),
        )

    @property
    def view(self) -> dict[str, object]:
        """The card as the data of `application/vnd.jupyter.widget-view+json`."""
        return {
            "version_major": 2,
            "version_minor": 0,
            "model_id": self._root.model_id,
        }

    def when_viewed(self, call: Callable[[], object]) -> None:
        """Call *call*, in the kernel's thread, when a front end draws the card."""

        def changed(change: dict[str, int | None]) -> None:
            if change["new"]:
                call()

        self._root.observe(changed, "_view_count")

    def draw(self, progress: Progress, place: Place, *, aloud: bool) -> None:
        """Draw *progress*; what stays the same is not sent again.

        A new status or notice that is drawn *aloud* is announced to screen readers,
        once.
        """
        instructed = progress.status, progress.auth_code, place
        if instructed != self._instructed:
            # Not every minute: a QR code takes longer to draw than all the rest.
            self._instructed = instructed
            self._head.value = _markup.instructions(progress, place)
        words = _markup.status(progress, place, announce=False)
        news = progress.announcement, progress.notices
        if aloud and news != self._announced:
            self._announced = news
            self._status.value = _markup.status(progress, place, announce=True)
        elif words != self._words:
            self._status.value = words
        self._words = words
        self._root.children = self._children(progress, place)

    def hush(self) -> None:
        """Let nothing be announced again when a front end draws the card anew."""
        self._status.value = self._words

    def _children(
        self, progress: Progress, place: Place
    ) -> tuple[ipywidgets.Widget, ...]:
        return (self._head, self._status, *self._controls(progress, place))

    def _controls(
        self, progress: Progress, place: Place
    ) -> tuple[ipywidgets.Widget, ...]:
        if progress.status is Status.NEEDS_GAME_ID:
            self._form = self._form or self._make_form()
            return (*self._form, self._cancel)
        controls: tuple[ipywidgets.Widget, ...] = ()
        if not progress.status.ended:
            controls += (self._cancel,)
        if progress.renewable:
            controls += (self._renew,)
        if place.demo and progress.status is Status.PENDING:
            self._answers = self._answers or self._make_answers()
            controls += self._answers
        return controls

    def _make_form(self) -> tuple[ipywidgets.Widget, ...]:
        field = ipywidgets.Text(
            description=_texts.GAME_ID,
            layout=self._layout,
            _dom_classes=("parsec-nb-game-id",),
        )

        def start() -> None:
            self._actions.start(field.value)

        def submitted(_: object, content: dict[str, object], __: object) -> None:
            if content.get("event") == "submit":
                start()

        field.on_msg(submitted)
        return (
            field,
            self._button(_texts.LOG_IN, "start", start),
            self._button(_texts.TRY_IT, "demo", self._actions.start_demo),
        )

    def _make_answers(self) -> tuple[ipywidgets.Widget, ...]:
        def answer(approve: bool) -> Callable[[], object]:  # noqa: FBT001 - the answer itself
            return lambda: self._actions.answer(approve=approve)

        return (
            self._button(_texts.APPROVE_HERE, "approve", answer(approve=True)),
            self._button(_texts.DENY_HERE, "deny", answer(approve=False)),
        )

    def _button(
        self, label: str, name: str, action: Callable[[], object]
    ) -> ipywidgets.Button:
        button = ipywidgets.Button(
            description=label,
            layout=self._layout,
            style=self._button_style,
            _dom_classes=(f"parsec-nb-{name}",),
        )

        def click(_: ipywidgets.Button) -> None:
            # What a click comes too late for is told on the card already.
            with suppress(ParsecError):
                action()

        button.on_click(click)
        return button
