"""Key names, text, mouse and gamepads become the SDK's messages."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

import pytest

from parsec_nb.errors import InvalidArgumentError
from parsec_nb.sdk import _input
from parsec_nb.sdk._abi import (
    ParsecKeycode,
    ParsecKeymod,
    ParsecMessage,
    ParsecMessageType,
)

SHIFT = ParsecKeycode.KEY_LSHIFT
Key = tuple[int, int, bool]


@pytest.fixture
def keyboard() -> _input.Keyboard:
    """A keyboard on which nothing is pressed."""
    return _input.Keyboard()


def keys(messages: list[ParsecMessage]) -> list[Key]:
    """Return code, modifiers and direction of each message."""
    assert {m.type for m in messages} == {ParsecMessageType.MESSAGE_KEYBOARD}
    return [(m.keyboard.code, m.keyboard.mod, m.keyboard.pressed) for m in messages]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a", 4),
        ("A", 4),
        ("0", 39),
        ("enter", 40),
        ("Return", 40),
        ("esc", 41),
        ("f12", 69),
        ("kp_enter", 88),
        ("rctrl", 228),
        ("pgdn", 78),
        ("left", 80),
        ("audioplay", 261),
    ],
)
def test_keys_have_the_names_of_the_sdk(
    keyboard: _input.Keyboard, name: str, code: int
) -> None:
    """Names are the SDK's without KEY_, and what is printed on keyboards."""
    message = keyboard.key(name, down=True)

    assert [(k, down) for k, _, down in keys([message])] == [(code, True)]


def test_modifiers_are_told_with_each_key(keyboard: _input.Keyboard) -> None:
    """A host reads the modifiers of the message, not only their own keys."""
    ctrl, shift = ParsecKeymod.MOD_LCTRL, ParsecKeymod.MOD_LSHIFT

    pressed = keys(keyboard.press(["ctrl", "shift", "c"]))

    assert pressed == [
        (ParsecKeycode.KEY_LCTRL, ctrl, True),
        (SHIFT, ctrl | shift, True),
        (ParsecKeycode.KEY_C, ctrl | shift, True),
        (ParsecKeycode.KEY_C, ctrl | shift, False),
        (SHIFT, ctrl, False),
        (ParsecKeycode.KEY_LCTRL, 0, False),
    ]


def test_a_modifier_that_is_held_stays_held(keyboard: _input.Keyboard) -> None:
    """Typing a capital letter does not release the Shift key that a cell pressed."""
    keyboard.key("lshift", down=True)

    typed = keys(keyboard.type("A"))

    assert (SHIFT, 0, False) not in typed
    assert keys([keyboard.key("b", down=True)])[0][1] == ParsecKeymod.MOD_LSHIFT
    keyboard.release_all()
    assert keys([keyboard.key("b", down=True)])[0][1] == 0


def test_text_is_typed_on_a_us_keyboard(keyboard: _input.Keyboard) -> None:
    """Each printable ASCII character has a key, and those above it need Shift."""
    plain = string.ascii_lowercase + string.digits + "-=[]\\;'`,./ \n\t"
    shifted = string.ascii_uppercase + '!@#$%^&*()_+{}|:"~<>?'
    codes = {}

    for character in plain + shifted:
        typed = keys(keyboard.type(character))
        assert len(typed) == (2 if character in plain else 4)
        assert (typed[0][0] == SHIFT) == (character in shifted)
        codes[character] = typed[len(typed) // 2 - 1][0]

    assert set(string.printable) - set(codes) == {"\r", "\x0b", "\x0c"}
    expected = {
        ";": "SEMICOLON",
        "'": "APOSTROPHE",
        "`": "BACKTICK",
        ",": "COMMA",
        ".": "PERIOD",
        "/": "SLASH",
        "\\": "BACKSLASH",
        "[": "LBRACKET",
        "-": "MINUS",
        "=": "EQUALS",
        "~": "BACKTICK",
        "?": "SLASH",
        "|": "BACKSLASH",
        "\n": "ENTER",
        "\t": "TAB",
        " ": "SPACE",
        "0": "0",
        ")": "0",
        "z": "Z",
        '"': "APOSTROPHE",
        ":": "SEMICOLON",
        "!": "1",
        "@": "2",
        "_": "MINUS",
    }
    for character, name in expected.items():
        assert codes[character] == ParsecKeycode[f"KEY_{name}"]


def test_a_line_end_of_windows_is_one_enter(keyboard: _input.Keyboard) -> None:
    """Text from a file may have it."""
    assert keys(keyboard.type("\r\n")) == keys(keyboard.type("\n"))
    assert keyboard.type("") == []


def test_mouse_messages() -> None:
    """Positions, distances, buttons, and the wheel."""
    moved = _input.mouse_move(3.6, -2, relative=True, stream=1).mouseMotion
    assert (moved.x, moved.y, moved.relative, moved.stream) == (4, -2, True, 1)
    pressed = _input.mouse_button("right", down=True).mouseButton
    assert (pressed.button, pressed.pressed) == (3, True)
    # Up is positive, as the SDK's own clients send it.
    turned = _input.wheel(-5, 100).mouseWheel
    assert (turned.x, turned.y) == (-5, 100)


def test_gamepad_messages() -> None:
    """Buttons in order, axes over their whole range, and the end."""
    sent: list[ParsecMessage] = []
    pad = _input.Gamepad(2, sent.extend)

    pad.press("a", "dpad_left")
    pad.button("start", down=True)
    for value in (-1.0, 0.0, 0.5, 1.0):
        pad.axis("lx", value)
    pad.unplug()

    buttons = [m.gamepadButton for m in sent[:5]]
    assert [(b.button, b.id, b.pressed) for b in buttons] == [
        *((0, 2, True), (13, 2, True), (13, 2, False), (0, 2, False)),
        (6, 2, True),
    ]
    values = [m.gamepadAxis.value for m in sent[5:9]]
    assert values == [-32768, 0, 16383, 32767]
    assert sent[9].type == ParsecMessageType.MESSAGE_GAMEPAD_UNPLUG
    assert sent[9].gamepadUnplug.id == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda k: k.key("nose", down=True), "no key 'nose'.*enter"),
        (lambda k: k.key(4, down=True), "no key 4"),
        (lambda k: k.press(["a", "nose"]), "no key 'nose'"),
        (lambda k: k.press([]), "at least one key"),
        (lambda k: k.type("naïve €"), r"cannot type 'ï' '€'.*send_text"),
        (lambda k: k.type(12), "needs a text, not 12"),
        (lambda _: _input.mouse_move("a", 0), "x='a' is not a number"),
        (lambda _: _input.mouse_move(0, float("nan")), "y=nan is not a number"),
        (lambda _: _input.mouse_move(2**31, 0), "x=2147483648"),
        (lambda _: _input.mouse_move(0, 0, stream=2), "stream=2 is not known"),
        (lambda _: _input.mouse_button("up", down=True), "no mouse button 'up'.*left"),
        (lambda _: _input.wheel(0, None), "y=None"),
        (lambda _: _input.Gamepad(-1, print), "number=-1"),
        (lambda _: _input.Gamepad(0, print).press("z"), "no gamepad button 'z'"),
        (lambda _: _input.Gamepad(0, print).axis("lx", 1.1), "not 1.1"),
        (lambda _: _input.Gamepad(0, print).axis("lx", "1"), "not '1'"),
        (lambda _: _input.Gamepad(0, print).axis("up", 1), "no gamepad axis 'up'"),
        (lambda _: _input.checked_id(-1), "id=-1"),
    ],
)
def test_bad_input_is_refused_with_words(
    keyboard: _input.Keyboard, call: Callable[[Any], object], words: str
) -> None:
    """The message names the value, and nothing of it is pressed."""
    with pytest.raises(InvalidArgumentError, match=words):
        call(keyboard)

    assert keys([keyboard.key("a", down=True)]) == [(4, 0, True)]
