"""The sentences that users of the SDK read, but for those of the status codes."""

from __future__ import annotations

# Status codes.
WSA_ERROR = "Windows error {number}"
SSL_ERROR = "SSL error {number}"
UNKNOWN_STATUS = (
    "The SDK reported a status that its version 6.0 does not document.",
    "Connect again.",
)
