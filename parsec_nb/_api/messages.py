"""The text of errors that come from arguments, the network and Parsec's responses.

Text for `str.format`, and functions where a sentence has optional parts. Nothing
here escapes HTML.
"""

from __future__ import annotations

TRY_DEMO = "parsec_nb.login(demo=True) works without an account."
HAVE_AN_ID = (
    "If you already have a session ID, set PARSEC_SESSION_ID or use "
    "parsec_nb.Session.from_id()."
)

# Refused arguments

BAD_API_URL = (
    "{name} is {url!a}, which is not a web address that can be used. "
    "It looks like 'https://kessel-api.parsecgaming.com'."
)
PLAIN_HTTP = (
    "{name} is {url!a}: without https, the network could read the session ID. "
    "Use https; plain http works only to this computer."
)
CREDENTIALS_IN_URL = (
    "{name} holds a user name or a password, which would be shown. Leave it out."
)
UNPRINTABLE_VARIABLE = (
    "The environment variable {name} has an unprintable character in it. Set it again."
)
NOT_A_SESSION_ID = (
    "That is not a session ID: it is empty, or has a space or an unprintable "
    "character in it. Copy it again, whole."
)
UNKNOWN_MODE = "mode={mode!a} is not known. Use 'desktop', 'game' or None for both."

# Responses

CODE_UNUSABLE = (
    "Parsec's response has no usable code (hash, user_code and verification_uri). "
    f"Check api_url. Try again, or: {TRY_DEMO}"
)
SESSION_UNUSABLE = (
    "Parsec approved the code, but its response has no usable session ID. "
    "Get a new code."
)
CODE_REFUSED = (
    "Parsec does not issue a code for the game_id {game_id!a}. Check it letter by "
    "letter. If it is right: reports say that since 2023 Parsec refuses some "
    f"game_ids of other applications. {HAVE_AN_ID} {TRY_DEMO}"
)
POLL_REFUSED = "Parsec refused to tell whether the code is approved. Get a new code."
HOSTS_REFUSED = "Parsec refused to list the hosts. Check mode and public."
UNREACHABLE = (
    "Can't reach Parsec: {reason}. Check your internet connection, and api_url "
    "if you gave one. Try again."
)


def refused(text: str, status: int | None, server_text: str) -> str:
    """Return a refusal with its HTTP status and the server's text, if any."""
    said = f", Parsec says: {server_text}" if server_text else ""
    return f"{text} (HTTP {status}{said})"


def session_refused(server_text: str) -> str:
    """Return that the session is no longer valid, with the server's text, if any."""
    said = f" (Parsec says: {server_text})" if server_text else ""
    return (
        f"Parsec no longer accepts this session{said}. "
        "Run parsec_nb.login(fresh=True) to log in again."
    )


def unexpected_status(status: int) -> str:
    """Return what a status that does not settle a request probably means."""
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return "Parsec asks to slow down, HTTP 429"
    if 300 <= status < 400:  # noqa: PLR2004 - redirection
        return f"the response leads elsewhere, HTTP {status}; maybe a Wi-Fi login page"
    if status < 300:  # noqa: PLR2004 - success
        return f"the response is not Parsec's, HTTP {status}; maybe a Wi-Fi login page"
    return f"the server responds with HTTP {status}"


# Why there is no response from {host}

ADDRESS_INVALID = "{host} is not a valid address"
CERTIFICATE_FILE_MISSING = "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE does not name a file"
CERTIFICATE_NOT_TRUSTED = (
    "the TLS certificate of {host} cannot be verified; if the network inspects https, "
    "set REQUESTS_CA_BUNDLE to a file with its certificate"
)
CONNECTION_CLOSED = "{host} closed the connection"
CONNECTION_LOST = "the connection to {host} was lost"
CONNECTION_REFUSED = "{host} refused the connection"
NAME_UNKNOWN = "the name {host} cannot be looked up; maybe this computer is not online"
NO_TLS = "a TLS connection to {host} cannot be made"
NOT_HTTP = "{host} did not send a valid HTTP response"
RESPONSE_INCOMPLETE = "the response of {host} is incomplete"
RESPONSE_TOO_LONG = "the response of {host} is too long"
NO_THREAD = "this process cannot start another thread at the moment"
TIMED_OUT = "{host} did not respond in time"

PROXY = "the proxy in HTTPS_PROXY or ALL_PROXY"
PROXY_FAILED = f"{PROXY} failed"
PROXY_SPEAKS_HTTP = f"{PROXY} speaks plain http: write http:// at its start"
PROXY_INVALID = f"{PROXY} is not an address"
PROXY_NEEDS_PYSOCKS = f"{PROXY} needs PySocks: pip install PySocks"
THROUGH_PROXY = f", through {PROXY},"

# Hosts and secrets

NO_HOSTS = "No hosts. Start Parsec on a computer to see it here."
HIDDEN_HOSTS = "Hosts of this list that are not shown here: {}."
MORE_HOSTS = "Parsec has more hosts than these."
YES = "yes"
NO = "no"


def not_pickled(kind: str) -> str:
    """Return why a secret is not written to a file."""
    return (
        f"A {kind} is not pickled, because the file would hold it in plain text. Keep "
        "it in memory, or log in with remember=True to keep it in the system's keyring."
    )
