"""Ways to the server: names, addresses, TLS, proxies, and their settings."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import urllib3

from network.hostile.parsec import CLOSED, IN_TIME, PENDING, RETRIES, approve, code
from network.hostile.world import REFUSED_AT_CALL, Row, certificate
from support import http_server

PROXY = "the proxy in HTTPS_PROXY or ALL_PROXY"
THROUGH = f"127.0.0.1, through {PROXY},"
# urllib3 1.26 says no more than that the proxy failed.
OLD_URLLIB3 = urllib3.__version__ < "2"
UNVERIFIED = "the TLS certificate of 127.0.0.1 cannot be verified"
NO_TLS = "a TLS connection to 127.0.0.1 cannot be made"
TRUSTED = {"REQUESTS_CA_BUNDLE": "{ca}"}
PROXIED = TRUSTED | {"HTTPS_PROXY": "http://{proxy}"}
OWN = {"tls": certificate("127.0.0.1", "localhost")}
EXPIRED = certificate(
    "127.0.0.1",
    not_before=datetime(2001, 1, 1, tzinfo=timezone.utc),
    not_after=datetime(2001, 9, 9, tzinfo=timezone.utc),
)


def unreachable(name: str, reason: str, **more: Any) -> Row:
    """Return a row in which no request arrives, and the user is shown why."""
    sees = [
        f"Can't reach Parsec, trying again in 8 s. ({reason}",
        f"Can't reach Parsec: {reason}",
        "Check your internet connection, and api_url if you gave one. Try again",
    ]
    return Row(name, [PENDING], "failed", sees, asked=RETRIES, arrive=0, **more)


def reached(name: str, **more: Any) -> Row:
    """Return a row in which a login goes well."""
    return Row(name, [code(), PENDING, approve()], **more)


def tls(name: str, reason: str = "", environ: dict[str, str] | None = None) -> Row:
    """Return a row with our certificate; it is reached if there is no reason."""
    settings = {"listens": OWN, "environ": environ or {}}
    return (
        unreachable(name, reason, **settings) if reason else reached(name, **settings)
    )


def proxied(name: str, reason: str = "", connections: int = 0, **more: Any) -> Row:
    """Return a row with a proxy; the server is reached if there is no reason."""
    settings = {"listens": OWN, "environ": PROXIED, "proxied": connections} | more
    return (
        unreachable(name, reason, **settings) if reason else reached(name, **settings)
    )


def through(reason: str) -> str:
    """Return the reason of a failure of the server, or of the proxy before it."""
    return f"{PROXY} failed" if OLD_URLLIB3 else f"{THROUGH} {reason}"


REFUSED_URLS = {
    "http://kessel-api.parsecgaming.com": "plain http works only to this computer",
    "http://127.0.0.1.evil.example": "plain http works only to this computer",
    "http://10.0.0.1": "plain http works only to this computer",
    "http://localhost.evil.example": "plain http works only to this computer",
    "https://user:word@parsec.example": "holds a user name or a password",
    "https://parsec.example\\@evil.example": "holds a user name or a password",
    "https://parsec.example\\.evil.example": "is not a web address",
    "http://evil.example:9\\[::1]": "is not a web address",
    "http://127.0.0.1\x1b[2J": r"'http://127.0.0.1\x1b[2J', which is not a web address",
    "https://parsec.example?key=word": "is not a web address",
    "ftp://parsec.example": "is not a web address",
    "parsec.example": "is not a web address",
    "https://": "is not a web address",
}

ROWS = [
    reached("IPv6", listens={"host": "::1"}),
    reached("the name localhost", url="http://localhost:{port}"),
    unreachable(
        "a name that does not exist",
        "the name parsec.invalid cannot be looked up",
        url="https://parsec.invalid",
    ),
    unreachable(
        "a name server that does not respond",
        "silent.invalid did not respond in time",
        url="https://{silent_name}",
        timeout=0.1,
    ),
    *(
        Row(f"api_url {url}", [], REFUSED_AT_CALL, [reason], url=url)
        for url, reason in REFUSED_URLS.items()
    ),
    tls("TLS, trusted", environ=TRUSTED),
    tls("TLS of an unknown authority", UNVERIFIED),
    tls(
        "TLS of another authority than the trusted one",
        UNVERIFIED,
        {"REQUESTS_CA_BUNDLE": "{stranger}"},
    ),
    *(
        unreachable(name, UNVERIFIED, listens={"tls": shown}, environ=TRUSTED)
        for name, shown in {
            "TLS of another host": certificate("parsec.example"),
            "TLS that has expired": EXPIRED,
        }.items()
    ),
    *(
        unreachable(
            f"instead of TLS, {name}",
            reason,
            listens={} if greeting is None else {"greeting": greeting},
            url="https://{server}",
            timeout=timeout,
        )
        for name, greeting, reason, timeout in (
            ("plain HTTP", http_server.send(b"HTTP/1.1 400 X\r\n\r\n"), NO_TLS, 20),
            ("nothing", None, IN_TIME, 0.1),
            (
                "a handshake that drips",
                http_server.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 900),
                IN_TIME,
                0.3,
            ),
            ("a closed connection", http_server.close, CLOSED, 20),
        )
    ),
    tls(
        "REQUESTS_CA_BUNDLE without a file",
        "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE does not name a file",
        {"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"},
    ),
    tls(
        "REQUESTS_CA_BUNDLE without a certificate",
        NO_TLS,
        {"REQUESTS_CA_BUNDLE": __file__},
    ),
    tls("a password for the host in .netrc", environ=TRUSTED | {"NETRC": "{netrc}"}),
    proxied("HTTPS_PROXY", connections=1),
    proxied(
        "ALL_PROXY", connections=1, environ=TRUSTED | {"all_proxy": "http://{proxy}"}
    ),
    proxied("NO_PROXY", environ=PROXIED | {"NO_PROXY": "127.0.0.1"}),
    reached(
        "HTTP_PROXY, which must not see plain HTTP on this computer",
        environ={"HTTP_PROXY": "http://{proxy}", "ALL_PROXY": "http://{proxy}"},
    ),
    proxied(
        "HTTPS_PROXY that shows another certificate",
        f"the TLS certificate of {THROUGH} cannot be verified",
        connections=4,
        environ={"HTTPS_PROXY": "http://{proxy}"},
    ),
    proxied(
        "HTTPS_PROXY that is down",
        f"{PROXY} failed",
        environ={"HTTPS_PROXY": "http://{closed}"},
    ),
    *(
        proxied(
            f"HTTPS_PROXY that responds with {status}",
            f"{PROXY} failed",
            connections=4,
            proxy=[http_server.respond(status, b"<html>who are you?</html>")],
        )
        for status in (403, 407, 502)
    ),
    *(
        proxied(
            f"HTTPS_PROXY that {does}",
            reason,
            connections=4,
            proxy=[behaviour],
            timeout=0.4,
        )
        for does, behaviour, reason in (
            ("hangs", http_server.hang, through("did not respond in time")),
            (
                "drips",
                http_server.drip(b"HTTP/1.1 200 X\r\n" * 9),
                through("did not respond in time"),
            ),
            ("closes", http_server.close, through("closed the connection")),
        )
    ),
    unreachable(
        "HTTPS_PROXY of https that speaks plain http",
        f"{PROXY} speaks plain http: write http:// at its start",
        listens={"greeting": http_server.send(b"HTTP/1.1 400 X\r\n\r\n")},
        environ={"HTTPS_PROXY": "https://{server}"},
        url="https://parsec.invalid",
    ),
    *(
        proxied(
            f"HTTPS_PROXY {address}",
            f"{PROXY} is not an address",
            environ=TRUSTED | {"HTTPS_PROXY": address},
        )
        for address in (
            "://:nonsense",
            "http://127.0.0.1:9\\@{proxy}",
            "http://evil.example\\[::1]",
            "http://{proxy}/@evil.example",
        )
    ),
    *(
        proxied(
            f"HTTPS_PROXY of {kind}",
            connections=1,
            environ=TRUSTED | {"HTTPS_PROXY": f"{kind}://{{socks}}"},
        )
        for kind in ("socks5", "socks5h")
    ),
    proxied(
        "HTTPS_PROXY of SOCKS that is down",
        f"{THROUGH} refused the connection",
        environ=TRUSTED | {"HTTPS_PROXY": "socks5h://{closed}"},
    ),
]
