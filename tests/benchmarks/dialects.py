"""What the stub server answers: Parsec's dialect, and the peers' of RFC 8628.

Codes are issued, granted when told to, and expire; every request is written
down. It knows no socket and measures nothing.
"""

from __future__ import annotations

import base64
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

CLIENT_ID = "benchmark"
CODE_PATTERN = r"BN\d{6}"


@dataclass
class Grant:
    """One code, and what became of it; times are of the monotonic clock."""

    user_code: str
    lifetime: float
    issued_at: float = field(default_factory=time.monotonic)
    polled_at: list[float] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    approved_at: float | None = None
    denied: bool = False

    @property
    def secret(self) -> str:
        """The device code, or hash, that stands for the user code."""
        return f"secret-{self.user_code}"

    @property
    def session_id(self) -> str:
        """What the login ends in."""
        return f"{int(self.user_code[2:]):064x}"

    @property
    def expired(self) -> bool:
        """Whether it is too late to approve it."""
        return time.monotonic() > self.issued_at + self.lifetime

    def approve(self) -> float:
        """Let the next poll succeed; returns when this was."""
        self.approved_at = time.monotonic()
        return self.approved_at


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    path: str
    values: dict[str, str]
    connection: int
    origin: str


class Dialects:
    """All endpoints of all services.

    Attributes:
        interval: Seconds that the next codes ask to wait between polls.
        lifetime: Seconds that the next codes are good for.
        grants: Every code issued, by its user code.
    """

    def __init__(self) -> None:
        self.interval: float = 5
        self.lifetime: float = 1800
        self.grants: dict[str, Grant] = {}
        self._numbers = itertools.count()

    def answer(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Return the status and the content of an answer."""
        for suffix, endpoint in (
            ("/openid-configuration", _discovery),
            ("/whoami-v2", _who_am_i),
            ("/auth/codes", self._parsec_code),
            ("/auth/sessions", self._parsec_session),
            ("/device", self._device_code),
            ("/device/code", self._device_code),
            ("/token", self._token),
            ("/access_token", self._token),
        ):
            if request.path.endswith(suffix):
                return endpoint(request)
        return 404, {"error": f"nothing at {request.path}"}

    def _issue(self, request: Request) -> Grant:
        grant = Grant(f"BN{next(self._numbers):06d}", self.lifetime)
        grant.connections.add(request.connection)
        self.grants[grant.user_code] = grant
        return grant

    def _polled(self, request: Request, name: str) -> Grant:
        grant = self.grants[request.values[name].removeprefix("secret-")]
        grant.polled_at.append(time.monotonic())
        grant.connections.add(request.connection)
        return grant

    def _parsec_code(self, request: Request) -> tuple[int, dict[str, Any]]:
        grant = self._issue(request)
        code = {
            "verification_uri": "https://parsec.example/activate",
            "user_code": grant.user_code,
            "hash": grant.secret,
            "expires_at": time.time() + self.lifetime,
            "interval": self.interval,
        }
        return 201, {"data": code}

    def _parsec_session(self, request: Request) -> tuple[int, dict[str, Any]]:
        grant = self._polled(request, "auth_code_hash")
        if grant.expired or grant.denied:
            return 401, {"error": "invalid or denied"}
        if grant.approved_at is None:
            return 202, {}
        session = {"id": grant.session_id, "user_id": 1, "roles": ["host"]}
        return 201, {"data": session | {"expires_at": time.time() + 3600}}

    def _device_code(self, request: Request) -> tuple[int, dict[str, Any]]:
        grant = self._issue(request)
        return 200, {
            "verification_uri": "https://device.example/activate",
            "user_code": grant.user_code,
            "device_code": grant.secret,
            "expires_in": self.lifetime,
            "interval": self.interval,
            "message": f"Go to https://device.example and enter {grant.user_code}",
        }

    def _token(self, request: Request) -> tuple[int, dict[str, Any]]:
        github = request.path.endswith("/access_token")
        grant = self._polled(request, "device_code")
        if grant.expired or grant.approved_at is None:
            error = "expired_token" if grant.expired else "authorization_pending"
            # GitHub says so with 200.
            status = 200 if github else 400
            return status, {"error": error, "error_description": error}
        token = {
            "access_token": grant.session_id,
            "token_type": "bearer",
            "expires_in": 3600,
        }
        return 200, token if github else token | _identity(request.origin)


def _discovery(request: Request) -> tuple[int, dict[str, Any]]:
    origin = request.origin
    return 200, {
        "issuer": f"{origin}/tenant",
        "authorization_endpoint": f"{origin}/tenant/authorize",
        "token_endpoint": f"{origin}/tenant/token",
        "device_authorization_endpoint": f"{origin}/tenant/device",
    }


def _who_am_i(_: Request) -> tuple[int, dict[str, Any]]:
    return 200, {"name": "benchmark", "type": "user", "auth": {}}


def _identity(origin: str) -> dict[str, str]:
    """Return what azure-identity wants to know besides the token."""
    claims = {
        "iss": f"{origin}/tenant",
        "aud": CLIENT_ID,
        "sub": "1",
        "tid": "tenant",
        "preferred_username": "benchmark",
        "iat": int(time.time()),
        "exp": int(time.time()) + 3600,
    }
    return {
        "id_token": f"{_base64({'alg': 'none'})}.{_base64(claims)}.",
        "client_info": _base64({"uid": "1", "utid": "tenant"}),
    }


def _base64(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
