"""What a login shows in a notebook, form by form and message by message."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import comm
import pytest
from comm.base_comm import BaseComm
from ipywidgets.widgets.widget import _instances
from test_flow import GRANT, NO_ANSWER, code
from test_login import Errand, SetClock

from parsec_nb import _texts
from parsec_nb._answers import Approved, CodeIssued, Pending, Refused
from parsec_nb._course import Course
from parsec_nb._display import LoginDisplay
from parsec_nb._markup import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDGET = "application/vnd.jupyter.widget-view+json"


class Outlet:
    """A notebook that remembers its outputs, with or without widgets."""

    cell = 1

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


class NoActions:
    """Buttons that do nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


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


def shown(
    *answers: Any, view_at: float | None = None, **outlet_is: bool
) -> tuple[Course, Outlet]:
    """Run a login to its end before a front end that draws it after a while."""
    clock = SetClock()
    outlet = Outlet(**outlet_is)
    login = Course(Errand(*answers), clock=clock, wait=clock.wait, jitter=lambda: 0.0)
    place = Place(host_name="here", variable="session_id", demo=False)
    display = LoginDisplay(
        outlet, lambda: place, login.progress, NoActions(), monotonic=clock.monotonic
    )
    login.audience.watch(display.refresh)
    display.show()
    drawn = threading.Event()

    def front_end() -> None:
        if view_at is not None and clock.now >= view_at and not drawn.is_set():
            drawn.set()
            root(outlet)._view_count = 1

    login.audience.watch(front_end)
    # A view at second 0 is there before the thread is.
    front_end()
    login.start()
    login.exception(timeout=20)
    return login, outlet


def root(outlet: Outlet) -> Any:
    """Return the widget that an outlet was given."""
    return _instances[outlet.outputs[0][WIDGET]["model_id"]]


def test_a_pending_half_hour_costs_few_messages() -> None:
    """From the code to its expiry the kernel sends a message a minute, and no more."""
    with counted_messages() as sent:
        _, outlet = shown(CodeIssued(code()), Pending())

    opened = sum(message["type"] == "comm_open" for message in sent)
    changed = len(sent) - opened
    assert opened == 8
    # Link, status, a button; 29 minutes; the end: instructions, status and buttons.
    assert changed == 3 + 29 + 3
    # The card, its text with link and code, and the end.
    assert len(outlet.outputs) == 3


def test_a_flickering_network_costs_few_messages_too() -> None:
    """However often the network fails and comes back, half an hour costs below 40."""
    with counted_messages() as sent:
        _, outlet = shown(CodeIssued(code()), *[NO_ANSWER, Pending()] * 90)

    changed = sum(message["type"] == "comm_msg" for message in sent)
    assert changed <= 2 + 36 + 3
    assert len(outlet.outputs) <= 40


@pytest.mark.parametrize("view_at", [0.0, 60.0])
def test_what_a_saved_file_keeps_has_no_code_once_widgets_are_drawn(
    view_at: float,
) -> None:
    """Beside a card that is drawn, HTML and text tell of no link and no code."""
    _, outlet = shown(CodeIssued(code()), *[Pending()] * 20, Refused(), view_at=view_at)

    before_end = outlet.outputs[-2]
    assert WIDGET in before_end
    assert "ABCD3456" not in json.dumps(before_end)
    assert "activate" not in json.dumps(before_end)
    assert "run the cell again" in before_end["text/plain"]
    undrawn = [o for o in outlet.outputs if "ABCD3456" in json.dumps(o)]
    assert len(undrawn) == (0 if view_at == 0 else 1)


def test_a_front_end_that_draws_no_widgets_gets_link_and_code() -> None:
    """HTML and text hold all that is needed, until the end takes it away."""
    _, outlet = shown(CodeIssued(code()), Pending(), Approved(GRANT))

    pending, approved = outlet.outputs[1:]
    for form in ("text/plain", "text/html"):
        assert "ABCD3456" in pending[form]
        assert "https://parsec.gg/activate" in pending[form]
        assert "ABCD3456" not in approved[form]
    assert WIDGET not in approved


def test_without_a_kernel_for_widgets_the_text_is_kept_current() -> None:
    """Where outputs are all there is, they follow the minutes."""
    _, outlet = shown(CodeIssued(code(lifetime=180.0)), Pending(), has_widgets=False)

    minutes = [o["text/plain"][-16:] for o in outlet.outputs if "valid" in str(o)]
    assert minutes[:2] == [" 3 more minutes.", " 2 more minutes."]
    assert not any(WIDGET in output for output in outlet.outputs)


def test_a_console_gets_a_new_output_for_each_status() -> None:
    """Where updates are dropped, link, code and end are outputs of their own."""
    _, outlet = shown(
        *(CodeIssued(code()), NO_ANSWER, *[Pending()] * 20, Approved(GRANT)),
        updates_in_place=False,
    )

    asking, pending, approved = outlet.outputs
    assert not any(outlet.updates)
    assert asking["text/plain"].endswith(_texts.PRESS_ENTER)
    assert "ABCD3456" in pending["text/plain"]
    assert "ABCD3456" not in approved["text/plain"]


def test_what_draws_the_widgets_takes_updates_too() -> None:
    """A front end that was taken for a console gets its card like any other."""
    _, outlet = shown(
        *(CodeIssued(code()), *[Pending()] * 20, Approved(GRANT)),
        updates_in_place=False,
        view_at=0.0,
    )

    assert outlet.updates[1:] == [True] * (len(outlet.updates) - 1)
    assert "ABCD3456" not in json.dumps(outlet.outputs)
