"""The sample hosts that every simulated account sees.

Plain data and one filter; no state. One host's name contains markup, so that a
reader who forgets to escape it notices.
"""

from __future__ import annotations

from typing import Any

_SAMPLES: tuple[dict[str, Any], ...] = (
    {"name": "My own computer", "mode": "desktop", "self": True},
    {"name": "Render box", "mode": "desktop", "max_players": 2},
    {"name": "Office PC (switched off)", "mode": "desktop", "online": False},
    {
        "name": "Friday kart racing",
        "mode": "game",
        "max_players": 4,
        "players": 2,
        "description": "Two seats are free.",
    },
    {
        "name": "Tom & Ada's <b>bold</b> dungeon",
        "mode": "game",
        "max_players": 3,
        "players": 1,
        "description": 'A name with <i>markup</i> in it, to be shown "as is".',
    },
    {
        "name": "Open tournament",
        "mode": "game",
        "public": True,
        "max_players": 16,
        "players": 9,
        "description": "Anybody may join.",
    },
)

_OTHER_USER = {"id": 4711, "name": "ada", "warp": True}


def sample_hosts(
    *, user_id: int, peer_id: str, mode: str | None = None, public: bool | None = None
) -> list[dict[str, Any]]:
    """Return the hosts of *mode* and *public*, None meaning all.

    Parsec web API, GET /v2/hosts. The host marked *self* carries the session's own
    user and peer ID.
    """
    hosts = (
        _host(index, sample, user_id=user_id, peer_id=peer_id)
        for index, sample in enumerate(_SAMPLES, start=1)
    )
    return [
        host
        for host in hosts
        if mode in (None, host["mode"]) and public in (None, host["public"])
    ]


def _host(
    index: int, sample: dict[str, Any], *, user_id: int, peer_id: str
) -> dict[str, Any]:
    own = sample.get("self", False)
    return {
        "peer_id": peer_id if own else f"{index}SimulatedPeer".ljust(27, "0"),
        "user": {"id": user_id, "name": "you", "warp": False} if own else _OTHER_USER,
        "game_id": "1SimulatedGame".ljust(27, "0") if sample["mode"] == "game" else "",
        "build": "150-32",
        "description": "",
        "max_players": 1,
        "players": 0,
        "public": False,
        "self": False,
        "online": True,
        **sample,
    }
