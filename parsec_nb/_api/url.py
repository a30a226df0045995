"""Web addresses, read in one way only.

Parsers of URLs disagree about backslashes, spaces, user names and brackets, so that
one could check a host and another connect to a different one. Here such addresses are
not URLs at all, and what connects takes host and port from here.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]+\]|[0-9a-z]([0-9a-z._-]*[0-9a-z])?)"
    r"(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!$%&'()*+,./0-9:;=@A-Z_a-z~-]*)?"
    r"(?P<query>\?[!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)?",
    re.ASCII | re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535


@dataclass(frozen=True)
class URL:
    """An http or https address in its normal form.

    Attributes:
        scheme: `http` or `https`.
        host: The host name or the IP address, without brackets.
        port: The port, also where it is the default.
        path: The path; may be empty.
        query: The query with its question mark; may be empty.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    query: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = self.port == _DEFAULT_PORTS[self.scheme]
        port = "" if default else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}{self.query}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine, without a name look-up."""
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return self.host == "localhost"
        address = getattr(address, "ipv4_mapped", None) or address
        # A connection to 0.0.0.0 or to :: goes to this machine, too.
        return address.is_loopback or address.is_unspecified


def parse_url(text: str) -> URL | None:
    """Return the URL that *text* is; None if it is not one, or could be misread.

    Example:
        >>> parse_url("HTTPS://Parsec.gg:443/activate")
        URL(scheme='https', host='parsec.gg', port=443, path='/activate', query='')
        >>> parse_url("https://parsec.gg@evil.test/")
    """
    match = _URL.fullmatch(text)
    if match is None:
        return None
    scheme, host = match["scheme"].lower(), match["host"].lower().strip("[]")
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    if ":" in host:
        try:
            # Not its str, which Python 3.13 writes in another way.
            packed = ipaddress.IPv6Address(host).packed
            host = socket.inet_ntop(socket.AF_INET6, packed)
        except ValueError:
            return None
    if not 0 < port <= _MAX_PORT:
        return None
    return URL(scheme, host, port, match["path"] or "", match["query"] or "")
