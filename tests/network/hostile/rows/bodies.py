"""Bodies of a 201 that cannot be read, and compressed ones that can.

None is a denial: the session may be in it, and the next poll may be readable.
"""

from __future__ import annotations

import gzip
import json
import zlib

from network.hostile.parsec import (
    ELSEWHERE,
    INCOMPLETE,
    LOST,
    SIGN_IN,
    TOO_LONG,
    code,
    redirect,
    session,
    unsettled,
)
from network.hostile.world import Row
from support.http_server import gzip_bomb, respond

APPROVAL = json.dumps(session()).encode()
PACKED = gzip.compress(APPROVAL)
HALF = len(APPROVAL) // 2
MEMBERS = gzip.compress(APPROVAL[:HALF]) + gzip.compress(APPROVAL[HALF:])
GZIP = {"Content-Encoding": "gzip"}

ROWS = [
    *(
        Row(
            f"201 in {name}",
            [code(), respond(201, body, {"Content-Encoding": encoding})],
        )
        for name, encoding, body in (
            ("gzip", "gzip", PACKED),
            ("gzip, in capitals", "GZIP", PACKED),
            ("gzip, filled up behind its end", "gzip", PACKED + bytes(100)),
            ("deflate with zlib's header", "deflate", zlib.compress(APPROVAL)),
            ("identity", "identity", APPROVAL),
        )
    ),
    *(
        unsettled(
            f"201 in {name}", respond(201, body, {"Content-Encoding": encoding}), reason
        )
        for name, encoding, body, reason in (
            ("half of its gzip", "gzip", PACKED[: len(PACKED) // 2], INCOMPLETE),
            ("gzip of no bytes", "gzip", b"", INCOMPLETE),
            ("two members of gzip", "gzip", MEMBERS, SIGN_IN),
            ("gzip that is none", "gzip", APPROVAL, LOST),
            ("gzip with a wrong checksum", "gzip", PACKED[:-8] + bytes(8), LOST),
            ("deflate without a header", "deflate", PACKED[10:-8], LOST),
            ("x-gzip", "x-gzip", PACKED, SIGN_IN),
            ("br", "br", b"\x0b\x02\x80{}\x03", SIGN_IN),
            ("an unknown encoding", "dcb, \xff", b"\x00\xff", SIGN_IN),
            ("gzip twice", "gzip, gzip", gzip.compress(PACKED), SIGN_IN),
        )
    ),
    unsettled(
        "201 in 1 MB of gzip that unpacks to 1 GB",
        respond(201, gzip_bomb(1000), GZIP),
        TOO_LONG,
        at_most=2,
    ),
    unsettled(
        "302 with 1 MB of gzip that unpacks to 1 GB",
        redirect(302, gzip_bomb(1000), **GZIP),
        ELSEWHERE,
        at_most=2,
    ),
    *(
        unsettled(f"201 with {name}", respond(201, body), reason)
        for name, body, reason in (
            ("5 MB of [", b"[" * 5_000_000, TOO_LONG),
            ("1 MB of [", b"[" * 10**6, SIGN_IN),
            ("bytes that are not UTF-8", b'{"data": {"id": "\xff\xfe\xfd"}}', SIGN_IN),
            (
                "a number of 5,000 digits, which Python refuses to read",
                b'{"data": {"user_id": 1' + b"0" * 5000 + b"}}",
                SIGN_IN,
            ),
        )
    ),
]
