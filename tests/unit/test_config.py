"""How the arguments of a login and the environment make its settings."""

from __future__ import annotations

from typing import Any

import pytest

from parsec_nb._auth.config import DEMO_GAME_ID, LoginConfig
from parsec_nb.errors import InvalidArgumentError
from support.builders import SESSION_ID

DEFAULT = "https://kessel-api.parsecgaming.com"
NEWER = "https://kessel-api.parsec.app"


def resolve(environ: dict[str, str], **arguments: Any) -> LoginConfig:
    """Resolve these arguments in an environment that has these variables alone."""
    return LoginConfig.resolve(**arguments, environ=environ)


@pytest.mark.parametrize(
    ("arguments", "environ", "game_id"),
    [
        ({"game_id": "game"}, {}, "game"),
        ({"game_id": " game\n"}, {"PARSEC_GAME_ID": "other"}, "game"),
        ({}, {"PARSEC_GAME_ID": " game "}, "game"),
        ({}, {}, None),
        ({}, {"PARSEC_GAME_ID": "  "}, None),
        ({"game_id": " "}, {}, None),
        # An argument counts even if it is blank, as the card's form may send it.
        ({"game_id": ""}, {"PARSEC_GAME_ID": "other"}, None),
    ],
)
def test_the_game_id_is_stripped_and_is_never_empty(
    arguments: dict[str, Any], environ: dict[str, str], game_id: str | None
) -> None:
    """The argument comes first, then PARSEC_GAME_ID; None lets the card ask."""
    config = resolve(environ, **arguments)

    assert config.game_id == game_id
    assert config.ready is (game_id is not None)


@pytest.mark.parametrize(
    ("arguments", "environ", "api_url"),
    [
        ({}, {}, DEFAULT),
        ({}, {"PARSEC_API_URL": f"{NEWER}/"}, NEWER),
        ({"api_url": f" {NEWER}/ "}, {"PARSEC_API_URL": DEFAULT}, NEWER),
        ({"api_url": " "}, {"PARSEC_API_URL": " "}, DEFAULT),
        ({"api_url": "http://[::1]:80"}, {}, "http://[::1]"),
    ],
)
def test_the_base_url_has_three_sources(
    arguments: dict[str, Any], environ: dict[str, str], api_url: str
) -> None:
    """The argument comes first, then PARSEC_API_URL, then the documented one."""
    assert resolve(environ, **arguments).api_url == api_url


@pytest.mark.parametrize(
    ("arguments", "environ", "demo"),
    [
        ({}, {"PARSEC_DEMO": "1"}, True),
        ({"demo": True, "game_id": "game"}, {}, True),
        *(({}, {"PARSEC_DEMO": on}, True) for on in ("true", "Yes", " on ")),
        *(({}, {"PARSEC_DEMO": off}, False) for off in ("", " ", "0", "No", "OFF")),
        # Only a login that names no service uses the simulator by default.
        ({"game_id": "game"}, {"PARSEC_DEMO": "1"}, False),
        ({"api_url": NEWER}, {"PARSEC_DEMO": "1"}, False),
    ],
)
def test_the_simulator_is_used_on_request(
    arguments: dict[str, Any], environ: dict[str, str], *, demo: bool
) -> None:
    """demo=True or PARSEC_DEMO chooses it, for any game_id and without any URL."""
    config = resolve(environ, **arguments)

    assert config.demo is demo
    if demo:
        assert config.game_id == arguments.get("game_id", DEMO_GAME_ID)
        assert config.api_url == ""
        assert config.local


def test_the_simulator_and_another_server_contradict_each_other() -> None:
    """A call that asks for both is refused."""
    with pytest.raises(InvalidArgumentError, match="give one of the two"):
        resolve({}, demo=True, api_url=NEWER)


@pytest.mark.parametrize("game_id", [None, "game"])
def test_a_session_of_the_environment_takes_the_place_of_the_flow(
    game_id: str | None,
) -> None:
    """PARSEC_SESSION_ID makes a login ready, even without a game_id."""
    config = resolve({"PARSEC_SESSION_ID": f" {SESSION_ID}\n"}, game_id=game_id)

    assert config.ready
    assert config.existing is not None
    assert config.existing.id == SESSION_ID
    assert config.existing.game_id == (game_id or "")
    assert config.existing.api_url == DEFAULT


@pytest.mark.parametrize("blank", ["", "  ", "\n", "''", '" "'])
def test_a_blank_session_of_the_environment_is_none(blank: str) -> None:
    """Without a game_id the card then asks for one: an empty one is never sent."""
    config = resolve({"PARSEC_SESSION_ID": blank})

    assert config.existing is None
    assert config.game_id is None
    assert not config.ready


@pytest.mark.parametrize("arguments", [{"fresh": True}, {"demo": True}])
def test_a_session_of_the_environment_can_be_passed_over(
    arguments: dict[str, Any],
) -> None:
    """A fresh login, and one to the simulator, do not use it."""
    config = resolve({"PARSEC_SESSION_ID": SESSION_ID}, game_id="game", **arguments)

    assert config.existing is None


@pytest.mark.parametrize("value", ["two words", "tab\there", "é", "a" * 5000])
def test_a_session_of_the_environment_is_refused_without_being_shown(
    value: str,
) -> None:
    """A value that cannot be a session ID is refused at the call, not sent."""
    with pytest.raises(InvalidArgumentError, match="PARSEC_SESSION_ID") as caught:
        resolve({"PARSEC_SESSION_ID": value}, game_id="game")

    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("api_url", "environ", "used"),
    [
        (DEFAULT, {}, True),
        (f"{DEFAULT}:443/", {}, True),
        (NEWER, {"PARSEC_API_URL": NEWER}, True),
        (None, {"PARSEC_API_URL": NEWER}, True),
        (NEWER, {}, False),
        (DEFAULT, {"PARSEC_API_URL": NEWER}, False),
        ("http://127.0.0.1:8765", {}, False),
        (None, {"PARSEC_API_URL": "http://localhost:8765"}, False),
    ],
)
def test_a_session_of_the_environment_goes_to_its_own_server_only(
    api_url: str | None, environ: dict[str, str], *, used: bool
) -> None:
    """Another web API, or a simulator, must not get the real session ID."""
    variables = environ | {"PARSEC_SESSION_ID": SESSION_ID}

    config = resolve(variables, game_id="game", api_url=api_url)

    assert (config.existing is not None) is used


def test_quotes_around_a_variable_are_dropped() -> None:
    """`docker run --env-file` keeps those of the file."""
    environ = {"PARSEC_GAME_ID": "'game'", "PARSEC_API_URL": f'"{NEWER}"'}

    config = resolve(environ | {"PARSEC_SESSION_ID": f'"{SESSION_ID}"'})

    assert (config.game_id, config.api_url) == ("game", NEWER)
    assert config.existing is not None
    assert config.existing.id == SESSION_ID


@pytest.mark.parametrize(
    ("arguments", "environ", "problem"),
    [
        ({"game_id": 7}, {}, "game_id=7 is not text"),
        ({}, {"PARSEC_DEMO": "maybe"}, "PARSEC_DEMO is 'maybe'. Set it to 1 or 0"),
        ({}, {"PARSEC_GAME_ID": "ga\x00me"}, "PARSEC_GAME_ID has an unprintable"),
        ({"api_url": 7}, {}, "api_url is 7, which is not a web address"),
        ({"api_url": "parsec.gg"}, {}, "api_url is 'parsec.gg', which is not a web"),
        ({}, {"PARSEC_API_URL": "x"}, "PARSEC_API_URL is 'x', which is not a web"),
        ({"api_url": f"{DEFAULT}?a=b"}, {}, "is not a web address"),
        ({"api_url": "http://parsec.gg"}, {}, "Use https; plain http works only to"),
        ({"api_url": "https://user:secret@parsec.gg"}, {}, "api_url holds a user name"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(
    arguments: dict[str, Any], environ: dict[str, str], problem: str
) -> None:
    """The error names the argument or the variable, and what to do."""
    with pytest.raises(InvalidArgumentError) as caught:
        resolve(environ, **arguments)

    assert problem in str(caught.value)
    assert "secret" not in str(caught.value)


def test_logins_with_equal_settings_are_the_same_login() -> None:
    """A fresh start and a session that exists make no other login of it."""
    plain = resolve({}, game_id="game")

    assert plain == resolve({"PARSEC_SESSION_ID": SESSION_ID}, game_id="game")
    assert plain == resolve({}, game_id="game", fresh=True)
    assert plain != resolve({}, game_id="other")
    assert plain != resolve({}, game_id="game", variable="other_id")
    assert plain != resolve({}, game_id="game", remember=True)
    assert SESSION_ID not in repr(resolve({"PARSEC_SESSION_ID": SESSION_ID}))
