"""The simulator's sample hosts, the shapes of its codes and IDs, loopback names."""

from __future__ import annotations

import ipaddress
import secrets
import unicodedata
from contextlib import suppress
from typing import Any

# RFC 8628 section 6.1: no vowels, so no words; one of any two characters that look
# alike, so that 1, 2, 5 and 8 can only be meant as L, Z, S and B.
USER_CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXYZ34679"
USER_CODE_LENGTH = 8
_LOOKALIKES = str.maketrans("1I258", "LLZSB")
_TO_BASE62 = str.maketrans("-_", "09")
_ID_LENGTH = 27

_DEFAULTS = {
    "user": {"id": 4711, "name": "ada", "warp": True},
    "mode": "desktop",
    "game_id": "",
    "build": "150-32",
    "description": "",
    "max_players": 1,
    "players": 0,
    "public": False,
    "self": False,
    "online": True,
}
# Markup, so that a reader who forgets to escape it notices.
_GAME = {
    "mode": "game",
    "game_id": "1SimulatedGame".ljust(_ID_LENGTH, "0"),
    "description": 'A text with <i>markup</i> in it, to be shown "as is".',
}
# What a host does with a request for a connection, and each host's way.
CONNECTS, ASKS, OFFLINE, FULL, DROPS = "connects", "asks", "offline", "full", "drops"
_DUNGEON = {"name": "Tom & Ada's <b>bold</b> dungeon (full)", "max_players": 3}
_OPEN = {"name": "Open tournament (bad line)", "max_players": 16, "public": True}
_SAMPLES: tuple[tuple[str, dict[str, Any]], ...] = (
    (CONNECTS, {"name": "My own computer", "self": True}),
    (ASKS, {"name": "Render box (asks first)", "max_players": 2}),
    (OFFLINE, {"name": "Office PC (switched off)", "online": False}),
    (CONNECTS, _GAME | {"name": "Friday kart racing", "max_players": 4, "players": 2}),
    (FULL, _GAME | _DUNGEON | {"players": 3}),
    (DROPS, _GAME | _OPEN),
)


def random_id() -> str:
    """Return a base62 text, the shape of Parsec's peer IDs and hashes."""
    # A text of 27 characters, and thirty times as quick as choosing each.
    return secrets.token_urlsafe(20).translate(_TO_BASE62)


def random_user_code() -> str:
    """Return a new code for a person to type."""
    return "".join(secrets.choice(USER_CODE_ALPHABET) for _ in range(USER_CODE_LENGTH))


def normalize_user_code(text: str) -> str:
    """Return what a person meant: capitals, with no spaces, dashes or look-alikes."""
    wide = unicodedata.normalize("NFKC", text[:64]).upper()
    kept = (c for c in wide if not c.isspace() and unicodedata.category(c) != "Pd")
    return "".join(kept).translate(_LOOKALIKES)


def sample_hosts(user_id: int, peer_id: str) -> list[dict[str, Any]]:
    """Return the hosts; the one marked *self* carries the session's own IDs.

    Parsec web API, GET /v2/hosts.
    """
    own = {"user": {"id": user_id, "name": "you", "warp": False}, "peer_id": peer_id}
    return [
        {"peer_id": f"{number}SimulatedPeer".ljust(_ID_LENGTH, "0"), **_DEFAULTS}
        | sample
        | (own if "self" in sample else {})
        for number, (_, sample) in enumerate(_SAMPLES, start=1)
    ]


def find_host(
    user_id: int, own_peer_id: str, peer_id: str
) -> tuple[dict[str, Any], str] | None:
    """Return the host of this peer ID, and what it does with a request, or None."""
    hosts = sample_hosts(user_id, own_peer_id)
    for host, (behaviour, _) in zip(hosts, _SAMPLES, strict=True):
        if host["peer_id"] == peer_id:
            return host, behaviour
    return None


def is_loopback(host: str) -> bool:
    """Return whether a name or address leads to this machine alone."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")
