"""Logins whose server responds as documented, and clocks that do not agree."""

from __future__ import annotations

from network.hostile.parsec import (
    HAS_EXPIRED,
    HOUR,
    IN_TIME,
    ISSUED,
    LAST_MINUTE,
    NOT_ACCEPTED,
    PENDING,
    UNAUTHORIZED,
    approve,
    code,
)
from network.hostile.world import LOGGED_IN, Row
from support import http_server

MINUTE = [code(lifetime=60), PENDING]

ROWS = [
    Row(
        "202, 202, then 201",
        [code(), PENDING, PENDING, approve()],
        "approved",
        [ISSUED, "30 more minutes", LOGGED_IN, "in the variable session_id"],
    ),
    Row(
        "401 before the deadline",
        [code(), PENDING, UNAUTHORIZED],
        "denied",
        [ISSUED, NOT_ACCEPTED, "denied in the browser, or it was no longer valid"],
    ),
    Row(
        "401 so slowly that the code expires meanwhile",
        [code(lifetime=12), PENDING, UNAUTHORIZED],
        "expired",
        [HAS_EXPIRED],
        lasts=12,
        before={2: lambda world: world.take(2)},
    ),
    Row(
        "201 so slowly that the code expires meanwhile",
        [code(lifetime=12), PENDING, approve()],
        lasts=15,
        before={2: lambda world: world.take(5)},
    ),
    Row(
        "202 for half an hour",
        [code(interval=20), PENDING],
        "expired",
        ["30 more minutes", "29 more minutes", LAST_MINUTE, HAS_EXPIRED],
        interval=20,
        lasts=1800,
    ),
    Row(
        "no response to any poll",
        [code(lifetime=100), http_server.hang],
        "expired",
        [f"again in 10 s. ({IN_TIME}", "again in 20 s", "again in 40 s", HAS_EXPIRED],
        asked=[0, 5, 15, 35, 75],
        lasts=100,
        timeout=1,
    ),
    Row(
        "201 to a poll that was on its way when the user cancelled",
        [code(), approve()],
        "cancelled",
        ["The login was cancelled"],
        before={1: lambda world: world.cancel()},
    ),
    *(
        Row(
            f"a clock two hours {name} ours",
            [code(ahead=ahead, lifetime=60), PENDING],
            "expired",
            [LAST_MINUTE, HAS_EXPIRED],
            lasts=60,
        )
        for name, ahead in {"ahead of": 2 * HOUR, "behind": -2 * HOUR}.items()
    ),
    Row(
        "our clock is set back by two hours",
        MINUTE,
        "expired",
        [LAST_MINUTE, HAS_EXPIRED],
        lasts=60,
        jumps={12: -2 * HOUR},
    ),
    Row(
        "our clock is set forward by 30 s",
        [*MINUTE, PENDING, PENDING, approve()],
        jumps={12: 30},
    ),
    Row(
        "our clock is set forward by two hours",
        [code(), PENDING],
        "expired",
        [HAS_EXPIRED],
        lasts=15,
        jumps={12: 2 * HOUR},
    ),
    Row(
        "this computer sleeps for ten minutes",
        [code(), PENDING, PENDING, approve()],
        "approved",
        ["30 more minutes", "20 more minutes", LOGGED_IN],
        jumps={12: 600},
    ),
    Row(
        "this computer sleeps for eight hours, and misses the approval",
        [code(), PENDING, PENDING, UNAUTHORIZED],
        "expired",
        [HAS_EXPIRED, "or the approval was lost on the way"],
        lasts=15,
        jumps={12: 8 * HOUR},
    ),
]
