"""What a login shows in a notebook, form by form and message by message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm
from ipywidgets.widgets.widget import _instances

from parsec_nb._api.models import Approved, Denied, Pending
from parsec_nb._auth.handle import Login
from parsec_nb._auth.runner import LoginRunner
from parsec_nb._notebook import messages
from parsec_nb._notebook.display import LoginDisplay
from parsec_nb._notebook.render import CardContext
from support.builders import NO_RESPONSE, auth_code, session
from support.fakes import CONFIG, ScriptedAPI, SetClock

WIDGET = "application/vnd.jupyter.widget-view+json"


class Output:
    """An output area that keeps what it is given, with or without widgets."""

    def __init__(
        self, *, has_widgets: bool = True, updates_in_place: bool = True
    ) -> None:
        self.has_widgets = has_widgets
        self.updates_in_place = updates_in_place
        self.outputs: list[dict[str, Any]] = []
        self.updates: list[bool] = []

    def display(self, bundle: dict[str, Any], display_id: str, *, update: bool) -> None:
        self.outputs.append(bundle)
        self.updates.append(update)


class NoController:
    """What buttons call that do nothing."""

    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *_: Any, **__: Any) -> None:
        pass


@contextmanager
def counted_messages() -> Iterator[list[dict[str, Any]]]:
    """Collect what widgets send to a front end."""
    sent: list[dict[str, Any]] = []

    class Comm(BaseComm):
        def publish_msg(self, msg_type: str, data: Any = None, **_: Any) -> None:
            sent.append({"type": msg_type, "data": data})

    real = comm.create_comm
    comm.create_comm = Comm
    try:
        yield sent
    finally:
        comm.create_comm = real


class Shown:
    """A login that has run to its end before a front end.

    Args:
        results: What the web API returns.
        view_at: When a front end draws the widgets, in seconds.
        store: Where the session is saved.
        output_is: What the output area can do.
    """

    def __init__(
        self,
        *results: Any,
        view_at: float | None = None,
        store: Any = None,
        **output_is: bool,
    ) -> None:
        clock, api = SetClock(), ScriptedAPI(*results)
        self.output = Output(**output_is)
        self.later: list[Callable[[], object]] = []
        runner = LoginRunner(
            CONFIG,
            *(api.connect, api.bind, store),
            now=clock.instant,
            wait=clock.wait,
            jitter=lambda: 0.0,
        )
        self._view_at, self._clock = view_at, clock
        display = LoginDisplay(
            NoController(),
            runner.snapshot,
            lambda: CardContext(host_name="here", variable="session_id"),
            monotonic=lambda: clock.now,
            call_later=lambda _, work: self.later.append(work),
        )
        runner.observers.add(display.refresh)
        display.show(self.output)
        runner.observers.add(self._draw)
        # A view at second 0 comes before the thread.
        self._draw()
        runner.start()
        self.login = Login(runner)
        self.login.exception(timeout=20)

    @property
    def root(self) -> Any:
        """The card's root widget; None once it is closed."""
        return _instances.get(self.output.outputs[0][WIDGET]["model_id"])

    def _draw(self) -> None:
        if self._view_at is not None and self._clock.now >= self._view_at:
            self._view_at = None
            self.root._view_count = 1


def test_a_pending_half_hour_costs_few_messages() -> None:
    """From the code to its expiry the kernel sends a message a minute, and no more."""
    with counted_messages() as sent:
        shown = Shown(auth_code(), Pending())

    opened = sum(message["type"] == "comm_open" for message in sent)
    changed = len(sent) - opened
    assert opened == 8
    # Link, status, a button; 29 minutes; the end: instructions, status and buttons.
    assert changed == 3 + 29 + 3
    # The card, its text with link and code, and the end.
    assert len(shown.output.outputs) == 3


def test_a_flickering_network_costs_few_messages_too() -> None:
    """However often the network fails and comes back, half an hour costs below 40."""
    with counted_messages() as sent:
        shown = Shown(auth_code(), *[NO_RESPONSE, Pending()] * 90)

    changed = sum(message["type"] == "comm_msg" for message in sent)
    assert changed <= 2 + 36 + 3
    assert len(shown.output.outputs) <= 40


@pytest.mark.parametrize("view_at", [0.0, 60.0])
def test_what_a_saved_file_keeps_has_no_code_once_widgets_are_drawn(
    view_at: float,
) -> None:
    """Beside a card that is drawn, HTML and text tell of no link and no code."""
    shown = Shown(auth_code(), *[Pending()] * 20, Denied(), view_at=view_at)

    before_end = shown.output.outputs[-2]
    assert WIDGET in before_end
    assert "ABCD3456" not in json.dumps(before_end)
    assert "activate" not in json.dumps(before_end)
    assert "run the cell again" in before_end["text/plain"]
    undrawn = [o for o in shown.output.outputs if "ABCD3456" in json.dumps(o)]
    assert len(undrawn) == (0 if view_at == 0 else 1)


def test_a_front_end_that_draws_no_widgets_gets_link_and_code() -> None:
    """HTML and text hold all that is needed, until the end takes it away."""
    shown = Shown(auth_code(), Pending(), Approved(session()))

    pending, approved = shown.output.outputs[1:]
    for form in ("text/plain", "text/html"):
        assert "ABCD3456" in pending[form]
        assert "https://parsec.gg/activate" in pending[form]
        assert "ABCD3456" not in approved[form]
    assert WIDGET not in approved


def test_without_a_kernel_for_widgets_the_text_is_kept_current() -> None:
    """Where outputs are all there is, they follow the minutes."""
    shown = Shown(auth_code(lifetime=180.0), Pending(), has_widgets=False)

    minutes = [o["text/plain"][-16:] for o in shown.output.outputs if "valid" in str(o)]
    assert minutes[:2] == [" 3 more minutes.", " 2 more minutes."]
    assert not any(WIDGET in output for output in shown.output.outputs)


def test_a_console_gets_a_new_output_for_each_status() -> None:
    """Where updates are dropped, link, code and end are separate outputs."""
    shown = Shown(
        *(auth_code(), NO_RESPONSE, *[Pending()] * 20, Approved(session())),
        updates_in_place=False,
    )

    asking, pending, approved = shown.output.outputs
    assert not any(shown.output.updates)
    assert asking["text/plain"].endswith(messages.PRESS_ENTER)
    assert "ABCD3456" in pending["text/plain"]
    assert "ABCD3456" not in approved["text/plain"]


def test_what_draws_the_widgets_takes_updates_too() -> None:
    """A front end that was taken for a console gets its card like any other."""
    shown = Shown(
        *(auth_code(), *[Pending()] * 20, Approved(session())),
        updates_in_place=False,
        view_at=0.0,
    )

    assert shown.output.updates[1:] == [True] * (len(shown.output.updates) - 1)
    assert "ABCD3456" not in json.dumps(shown.output.outputs)


class Store:
    """A keyring that has something to tell when it keeps a session."""

    def load(self, config: Any) -> None:
        return None

    def save(self, config: Any, session: Any) -> str:
        return "The session is kept."


def test_a_console_shows_what_comes_after_the_end() -> None:
    """A notice after the end is one more line, and not the whole end again."""
    shown = Shown(
        *(auth_code(), Pending(), Approved(session())),
        updates_in_place=False,
        store=Store(),
    )

    *_, approved, notice = shown.output.outputs
    assert "Logged in" in approved["text/plain"]
    assert notice["text/plain"] == "The session is kept."


@pytest.mark.parametrize("view_at", [None, 0.0])
def test_the_saved_end_is_not_announced_again(view_at: float | None) -> None:
    """A file that is opened later holds no alert; the page has had one."""
    shown = Shown(auth_code(), Approved(session()), view_at=view_at)
    announced = shown.output.outputs[-1]
    assert 'role="alert"' in announced["text/html"]

    for work in shown.later:
        work()

    saved = shown.output.outputs[-1]
    assert saved["text/html"] == announced["text/html"].replace(' role="alert"', "")
    assert shown.output.updates[-1]


def test_a_card_that_is_drawn_nowhere_frees_its_widgets_at_the_end() -> None:
    """Nothing of it stays in ipywidgets' registry."""
    before = set(_instances)

    shown = Shown(auth_code(), Approved(session()))

    assert shown.root is None
    assert set(_instances) <= before


def test_a_card_is_freed_once_its_output_is_replaced() -> None:
    """A page that has dropped the card says so; one that was reloaded keeps it."""
    before = set(_instances)
    shown = Shown(auth_code(), Approved(session()), view_at=0.0)
    assert shown.root is not None

    shown.root._view_count = 0

    assert set(_instances) <= before


def test_a_card_that_offers_a_new_code_keeps_its_widgets() -> None:
    """A denied login can go on in the same card."""
    shown = Shown(auth_code(), Denied())

    assert shown.root is not None
