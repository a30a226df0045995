"""The login card in ipywidgets, for front ends with a widget manager.

It draws snapshots and passes clicks on. Its widgets share one layout and one style
each, because every widget costs a message to the browser.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from parsec_nb._auth.flow import Status
from parsec_nb._auth.observers import LoginSnapshot
from parsec_nb._notebook import messages, render
from parsec_nb._notebook.render import CardContext
from parsec_nb.errors import ParsecError

if TYPE_CHECKING:
    from parsec_nb._notebook.login import LoginController

_Widgets = tuple[ipywidgets.Widget, ...]


class _Root(ipywidgets.Box):  # type: ignore[misc]
    # Front ends count a widget's views only where this is a number. Their report
    # need not be sent back to them.
    _view_count = traitlets.Int(0, allow_none=True).tag(sync=True, echo_update=False)


class Card:
    """The widgets of one login.

    Args:
        controller: What the buttons call.
        snapshot: What to draw first.
        context: What the card shows besides.
    """

    def __init__(
        self,
        controller: LoginController,
        snapshot: LoginSnapshot,
        context: CardContext,
    ) -> None:
        self._controller = controller
        self._layout = ipywidgets.Layout()
        self._button_style = ipywidgets.ButtonStyle()
        self._widgets: list[Any] = [self._layout, self._button_style]
        self._cancel = self._button(messages.CANCEL, "cancel", controller.login.cancel)
        self._renew = self._button(messages.NEW_CODE, "renew", controller.login.renew)
        self._form: _Widgets = ()
        self._decisions: _Widgets = ()
        self._instructed = snapshot.status, snapshot.auth_code, context
        self._head = self._add(
            ipywidgets.HTML, value=render.instructions(snapshot, context)
        )
        self._widgets.append(self._head.style)
        self._text = render.status(snapshot, context, announce=False)
        self._status = self._add(
            ipywidgets.HTML,
            "parsec-nb-status",
            value=self._text,
            style=self._head.style,
        )
        self._announced: object = None
        children = self._children(snapshot, context)
        self._root = self._add(_Root, "parsec-nb", children=children)

    @property
    def view(self) -> dict[str, object]:
        """The card as the data of `application/vnd.jupyter.widget-view+json`."""
        return {
            "version_major": 2,
            "version_minor": 0,
            "model_id": self._root.model_id,
        }

    @property
    def closed(self) -> bool:
        """Whether the widgets are closed, as by `Widget.close_all()`."""
        return self._root.comm is None

    def on_view_count(self, call: Callable[[int], object]) -> None:
        """Call *call* in the kernel's thread when front ends draw or drop the card."""
        self._root.observe(lambda change: call(change["new"] or 0), "_view_count")

    def draw(
        self, snapshot: LoginSnapshot, context: CardContext, *, announce: bool
    ) -> None:
        """Draw *snapshot*; what stays the same is not sent again.

        With *announce*, screen readers read a new status or notice, once.
        """
        instructed = snapshot.status, snapshot.auth_code, context
        if instructed != self._instructed:
            # Not every minute: a QR code takes longer to draw than all the rest.
            self._instructed = instructed
            self._head.value = render.instructions(snapshot, context)
        text = render.status(snapshot, context, announce=False)
        news = snapshot.announcement, snapshot.notices
        if announce and news != self._announced:
            self._announced = news
            self._status.value = render.status(snapshot, context, announce=True)
        elif text != self._text:
            self._status.value = text
        self._text = text
        self._root.children = self._children(snapshot, context)

    def mute(self) -> None:
        """Keep the status from being announced again when a front end redraws it."""
        self._status.value = self._text

    def close(self) -> None:
        for widget in self._widgets:
            widget.close()

    def _children(self, snapshot: LoginSnapshot, context: CardContext) -> _Widgets:
        children: _Widgets = (self._head, self._status)
        if snapshot.status is Status.NEEDS_GAME_ID:
            self._form = self._form or self._make_form()
            children += self._form
        if not snapshot.status.ended:
            children += (self._cancel,)
        if snapshot.renewable:
            children += (self._renew,)
        if context.demo and snapshot.status is Status.PENDING:
            self._decisions = self._decisions or self._make_decisions()
            children += self._decisions
        return children

    def _make_form(self) -> _Widgets:
        field = self._add(
            ipywidgets.Text, "parsec-nb-game-id", description=messages.GAME_ID
        )

        def start() -> None:
            self._controller.start(field.value)

        def submitted(_: object, content: dict[str, object], __: object) -> None:
            if content.get("event") == "submit":
                start()

        field.on_msg(submitted)
        self._widgets.append(field.style)
        return (
            field,
            self._button(messages.LOG_IN, "start", start),
            self._button(messages.TRY_IT, "demo", self._controller.start_demo),
        )

    def _make_decisions(self) -> _Widgets:
        decide = self._controller.decide
        return (
            self._button(messages.ALLOW_HERE, "approve", lambda: decide(approve=True)),
            self._button(messages.DENY_HERE, "deny", lambda: decide(approve=False)),
        )

    def _button(
        self, label: str, name: str, action: Callable[[], object]
    ) -> ipywidgets.Button:
        def click(_: ipywidgets.Button) -> None:
            # The card shows already what made the click come too late.
            with suppress(ParsecError):
                action()

        button = self._add(
            ipywidgets.Button,
            f"parsec-nb-{name}",
            description=label,
            style=self._button_style,
        )
        button.on_click(click)
        return button

    def _add(self, kind: Any, css_class: str | None = None, **traits: Any) -> Any:
        classes = (css_class,) if css_class else ()
        widget = kind(layout=self._layout, _dom_classes=classes, **traits)
        self._widgets.append(widget)
        return widget
