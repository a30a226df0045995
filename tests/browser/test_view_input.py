"""The live view's input beyond mouse and letters, and its sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from playwright.sync_api import expect

from parsec_nb.sdk._abi import ParsecGamepadState
from parsec_nb.sdk._abi import ParsecKeymod as Mod
from parsec_nb.sdk._abi import ParsecMouseButton as Button
from parsec_nb.sdk._sound import SAMPLE_RATE as RATE
from support.accessibility import complaints, in_focus
from support.libparsec import read_record
from support.live_view import LiveView, show_stand_in, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext

    from support.jupyter_server import Server

# A browser has no other way to plug a gamepad in without hands.
GAMEPADS = """() => {
  const pads = [];
  navigator.getGamepads = () => pads;
  const tell = (type, gamepad) =>
    dispatchEvent(Object.assign(new Event(type), {gamepad}));
  window.plug = index => {
    const buttons = Array.from({length: 17}, () => ({pressed: false, value: 0}));
    pads[index] = {index, mapping: "standard", buttons, axes: [0, 0, 0, 0]};
    tell("gamepadconnected", pads[index]);
  };
  window.unplug = index => {
    const gamepad = pads[index];
    pads[index] = null;
    tell("gamepaddisconnected", gamepad);
  };
}"""
USE_GAMEPAD = """() => {
  const pad = navigator.getGamepads()[0];
  pad.buttons[0] = {pressed: true, value: 1};
  pad.buttons[7] = {pressed: true, value: 0.5};
  pad.axes[0] = -1;
  pad.axes[1] = -1;
}"""
# Playwright's keyboard has no locks.
KEY = """(canvas, [code, locks = {}]) => {
  for (const type of ["keydown", "keyup"]) {
    canvas.dispatchEvent(new KeyboardEvent(type, {code, ...locks}));
  }
}"""
ON_A_MAC = "Object.defineProperty(navigator, 'platform', {value: 'MacIntel'})"
# Notes when each stretch of sound is to begin, and its samples as the host has them.
LISTEN = """() => {
  window.played = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (when) {
    const [left, right] = [0, 1].map(side =>
      Array.from(this.buffer.getChannelData(side), value => value * 32768));
    played.push({when, now: this.context.currentTime, left, right});
    return start.call(this, when);
  };
}"""
# Gives the times of all messages of a kind that a view sends or gets from now on.
NOTE_MESSAGES = """() => {
  const noted = [];
  const {kernel} = jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.anyMessage.connect((_, {msg}) =>
    noted.push([msg.content.data?.content?.type, performance.now()]));
  window.messages = kind =>
    noted.filter(([type]) => type === kind).map(([_, at]) => at);
}"""
# Whether no report came in the second before the last one.
IS_RARE = """() => {
  const [last, before] = messages("report").reverse();
  return last - before > 900;
}"""
IS_SOON = IS_RARE.replace("> 900", "< 450")
CAUGHT = "canvas => document.pointerLockElement === canvas"


class Sent:
    """What a view has sent to the host of the stand-in."""

    def __init__(self, view: LiveView, record: Path) -> None:
        self._view = view
        self._record = record

    def of(self, kind: str) -> list[dict[str, str]]:
        """Return the fields of each message of that kind."""
        return [e.fields for e in read_record(self._record) if e.name == kind]

    def wait(self, kind: str, number: int) -> dict[str, str]:
        """Wait for the message of that kind and number; the first is 1."""
        wait_for(self._view.root, lambda: len(self.of(kind)) >= number)
        return self.of(kind)[number - 1]


def expect_locks(view: LiveView, sent: Sent) -> None:
    """Press keys, and look at the modifiers that the host gets with them."""
    page = view.screen.page
    view.screen.evaluate(KEY, ["KeyQ", {"modifierCapsLock": True}])
    view.screen.evaluate(KEY, ["KeyQ", {"modifierNumLock": True}])
    page.keyboard.press("Shift+KeyQ")
    sent.wait("keyboard", 8)
    caps, num, shift = Mod.MOD_CAPS, Mod.MOD_NUM, Mod.MOD_LSHIFT
    mods = [int(fields["mod"]) for fields in sent.of("keyboard")]
    assert mods == [caps, caps, num, num, shift, shift, shift, 0]
    # There, pressing it sends down the first time, and up the second.
    page.evaluate(ON_A_MAC)
    view.screen.evaluate(KEY, ["CapsLock"])
    sent.wait("keyboard", 12)
    pressed = [fields["pressed"] for fields in sent.of("keyboard")[8:]]
    assert pressed == ["1", "0", "1", "0"]


def test_gamepads_locks_and_a_caught_mouse(
    server: Server,
    context: BrowserContext,
    stand_in: dict[str, str],
    tmp_path: Path,
) -> None:
    """They reach the host as long as the input is on, and are released after it."""
    record = tmp_path / "record"
    settings = "size=320x200 fps=30 catch=1"
    lab, view = show_stand_in(server, context, stand_in, settings, record)
    page = lab.page
    view.expect_pictures()
    page.evaluate(NOTE_MESSAGES)
    sent = Sent(view, record)
    box = view.screen.bounding_box()
    assert box is not None
    x, y = box["x"] + 100, box["y"] + 100

    page.mouse.click(x, y, button="right")
    assert sent.wait("mouseButton", 2)["button"] == str(int(Button.MOUSE_R))
    view.expect_input("on")

    page.evaluate(GAMEPADS)
    page.evaluate("plug(0)")
    page.mouse.click(x, y)
    view.expect_input("on")
    assert sent.wait("gamepadState", 1)["buttons"] == "0"
    page.evaluate(USE_GAMEPAD)
    assert sent.wait("gamepadState", 2) == {
        "id": "0",
        "buttons": str(int(ParsecGamepadState.GAMEPAD_STATE_A)),
        "thumbLX": "-32767",
        "thumbLY": "32767",
        "thumbRX": "0",
        "thumbRY": "0",
        "leftTrigger": "0",
        "rightTrigger": "128",
    }
    page.evaluate("unplug(0)")
    assert sent.wait("gamepadUnplug", 1) == {"id": "0"}

    expect_locks(view, sent)

    page.mouse.click(x, y, button="middle")
    expect(view.find("mode")).to_contain_text("the mouse is caught")
    assert view.screen.evaluate(CAUGHT)
    before = len(sent.of("mouseMotion"))
    page.mouse.move(x + 30, y - 20)
    moved = sent.wait("mouseMotion", before + 1)
    assert [moved[name] for name in ("x", "y", "relative")] == ["30", "-20", "1"]
    page.mouse.click(x, y, button="middle")
    view.expect_input("on")
    expect(view.find("mode")).not_to_contain_text("the mouse is caught")
    assert not view.screen.evaluate(CAUGHT)
    page.evaluate("plug(1)")
    page.mouse.click(x, y, button="middle")
    expect(view.find("mode")).to_contain_text("the mouse is caught")
    page.keyboard.press("Escape")
    view.expect_input("off")
    assert not view.screen.evaluate(CAUGHT)
    assert sent.wait("gamepadUnplug", 2) == {"id": "1"}
    sent.wait("release", 1)

    # Each makes the kernel busy for a moment, and JupyterLab show it.
    page.wait_for_function(IS_RARE)
    assert len(view.numbers()) >= 5
    page.wait_for_function(IS_SOON)
    page.wait_for_function(IS_RARE)


def test_sound_is_played_in_step_and_keys_and_a_screen_reader_suffice(
    server: Server,
    context: BrowserContext,
    stand_in: dict[str, str],
    tmp_path: Path,
) -> None:
    """What the host sent, without gaps; none is sent before it is on, or after."""
    end, record = "client.disconnect()", tmp_path / "record"
    lab, view = show_stand_in(server, context, stand_in, "fps=0", record, end)
    page = lab.page
    expect(view.root).to_match_aria_snapshot("""
        - group /Live view of p{27}/:
          - /children: equal
          - application /Screen of p+. Press Enter to send input, Escape to stop/
          - status: Waiting for a picture…
          - status: /Input is off. Click into the picture, or press Enter on it/
          - button "Sound"
          - text: /frames.*delay.*Mbit.*sent again/
    """)
    assert complaints(page, ".parsec-nb-view") == []
    page.evaluate(LISTEN)
    page.evaluate(NOTE_MESSAGES)

    # From the cell below; the ring is there for those who see.
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    if in_focus(page)[0] != "view-screen":
        page.keyboard.press("Tab")
    assert in_focus(page) == ("view-screen", True)
    page.keyboard.press("Enter")
    view.expect_input("on")
    expect(view.root).to_match_aria_snapshot("""
        - application
        - status
        - status: /Input is on.* Escape gives them back/
        - button "Sound"
    """)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert in_focus(page) == ("view-sound", True)
    assert page.evaluate("messages('sound').length") == 0
    page.keyboard.press("Enter")
    page.wait_for_function("played.length >= 10")
    expect(view.root).to_match_aria_snapshot('- button "Sound" [pressed]')
    page.keyboard.press("Enter")
    expect(view.root).to_match_aria_snapshot('- button "Sound" [pressed=false]')

    played = page.evaluate("played")
    left = np.concatenate([part["left"] for part in played]).astype(int)
    right = np.concatenate([part["right"] for part in played]).astype(int)
    assert (np.diff(left) % 2**16 == 1).all()
    assert ((left + right) % 2**16 == 0).all()
    begins = np.array([part["when"] for part in played])
    lengths = np.array([len(part["left"]) for part in played]) / RATE
    gaps = begins[1:] - (begins + lengths)[:-1]
    assert gaps.min() > -1 / RATE
    # A busy machine may be late, and is not from then on.
    assert gaps.sum() < 0.5
    assert all(0 <= part["when"] - part["now"] < 0.6 for part in played)
    page.wait_for_timeout(200)
    received = page.evaluate("messages('sound').length")
    page.wait_for_timeout(500)
    assert page.evaluate("messages('sound').length") == received

    lab.run(1)
    expect(view.root).to_match_aria_snapshot("""
        - group /Live view of p+/:
          - /children: equal
          - status: /Disconnected from p+. The connection was ended here/
    """)
