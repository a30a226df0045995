"""The live view on each version of ipykernel: what a page gets, and what it sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.views import log_in

if TYPE_CHECKING:
    from parsec_nb.simulator import Simulator
    from support.kernel import Kernel

CONNECT = """
import parsec_nb, time
from parsec_nb import sdk
session = parsec_nb.Session.from_id({session!r}, api_url={url!r})
client = sdk.connect(session, session.hosts()[0]).result(30)
client.view()
"""
# The only trait of its name.
VIEW = "takes_input"
BUTTON_A = 0x1000
RUMBLES = "[e.big for e in client.events(timeout=0.3) if hasattr(e, 'big')]"


def test_a_page_gets_pictures_sends_input_and_is_told_the_end(
    kernel: Kernel, simulator: Simulator
) -> None:
    """Pictures go on while a cell runs."""

    def say(kind: str, **content: Any) -> None:
        kernel.send_to_widget(VIEW, {"type": kind, "viewer": "page", **content})

    def got(kind: str) -> list[dict[str, Any]]:
        return [sent for sent in kernel.sent_by_widget(VIEW) if sent["type"] == kind]

    code = CONNECT.format(session=log_in(simulator), url=simulator.url)
    shown = kernel.outputs(kernel.run(code))
    (output,) = [m["content"] for m in shown if m["msg_type"] == "execute_result"]
    assert output["data"]["text/plain"].endswith("which is not saved.")
    assert got("frame") == []

    say("hello")
    say("visible", visible=True)
    kernel.wait_for(lambda: len(got("frame")) > 2)
    assert got("status")[0]["live"]
    before = len(got("frame"))
    cell = kernel.run("time.sleep(1)")
    assert cell.status == "ok"
    assert len(got("frame")) > before + 2

    say("input", events=[["pad", 0, BUTTON_A, 0, 0, 0, 0, 0, 0]])
    kernel.wait_for(lambda: 200 in kernel.value(RUMBLES))
    say("release")
    kernel.run("client.disconnect()")
    kernel.wait_for(lambda: got("status")[-1]["ended"])
