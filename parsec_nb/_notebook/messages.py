"""Every sentence that parsec_nb says, in one place, so that it can be translated.

Plain strings and functions that fill one in; nothing is escaped or laid out
here. The simulator has its own sentences, because it imports nothing of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

AGAIN = "Try again"
HAVE_AN_ID = (
    "If you already have a session ID, set PARSEC_SESSION_ID or use "
    "parsec_nb.Session.from_id()."
)
TRY_DEMO = "parsec_nb.login(demo=True) works without an account."

# The card

TITLE = "Log in to Parsec"
DEMO_TITLE = "Log in to the Parsec simulator"
STEP_LINK = "Open this page in a browser:"
STEP_LINK_OR_QR = "Open this page, or scan the QR code with your phone:"
AT_HUB = "(at your hub's address)"
STEP_CODE = "Enter this code there and approve it:"
COPY = "Copy code"
COPIED = "Copied"
SELECTED = "Selected: press Ctrl+C or ⌘C"
CANCEL = "Cancel"
NEW_CODE = "New code"
LOG_IN = "Log in"
GAME_ID = "game_id"
GAME_ID_HELP = (
    "Enter your game_id: Parsec gives one to every application that logs in. You "
    "have none? Ask your teacher or Parsec's support, or try it without an account."
)
GAME_ID_EMPTY = "Enter a game_id first."
TRY_IT = "Try it without an account"
APPROVE_HERE = "Allow here"
DENY_HERE = "Deny here"
UNREACHABLE_PAGE = (
    "The page does not open? This is only the simulator: use the buttons below."
)
QR_LABEL = "QR code of the link"
STALE = (
    "If nothing happens here any more, the kernel was restarted: run the cell again."
)
KERNEL_LOST = (
    "This card has lost its kernel. If the kernel was restarted, run the cell again."
)
CARD_WAS_HERE = (
    "A Parsec login was under way here. Its card works only while its kernel runs: "
    "run the cell again for another one."
)

PRESS_ENTER = "If this console shows nothing new by itself, press Enter now and then."
REQUESTING = "Asking Parsec for a code…"
NEEDS_GAME_ID = "Waiting for a game_id."


def kernel(host_name: str) -> str:
    """Say which computer asks."""
    return f"This login is for the notebook that runs on {host_name}."


def pending(minutes: int) -> str:
    """Say what is waited for, and how long the code is good for."""
    return f"Waiting for your approval. The code is valid for {_minutes(minutes)}."


def trouble(reason: str, seconds: float) -> str:
    """Say that the last request settled nothing."""
    return f"Can't reach Parsec, trying again in {max(round(seconds), 1)} s. ({reason})"


def logged_in(
    user_id: int | None, roles: tuple[str, ...], until: datetime | None
) -> str:
    """Say who is logged in, and until when."""
    who = "Logged in" if user_id is None else f"Logged in as user {user_id}"
    with_roles = f" (roles: {', '.join(roles)})" if roles else ""
    return f"{who}{with_roles}{_until(until)}."


def bound(variable: str) -> str:
    """Say where the session ID is."""
    return f"The session ID is in the variable {variable}."


NOT_BOUND = "The session ID is in the login's .session.id."


def already(sentence: str) -> str:
    """Say that nothing had to be done."""
    return "Already logged in" + sentence.removeprefix("Logged in")


FRESH = "parsec_nb.login(fresh=True) starts another login."


# How a login can end

DENIED = (
    "Parsec did not accept the code: it was denied in the browser, or it was no "
    "longer valid. Get a new code and approve it."
)
EXPIRED = (
    "The code has expired: nobody approved it in time, or the approval was lost on "
    "the way. Get a new code and approve it."
)
CANCELLED = "The login was cancelled. Run the cell again to log in."
SUPERSEDED = "A newer parsec_nb.login() took the place of this one."
MISSING_GAME_ID = (
    "A login needs a game_id, which Parsec gives to applications. Pass "
    "login(game_id=…), set PARSEC_GAME_ID, or enter it in the card. " + TRY_DEMO
)
NOTHING_TO_RENEW = (
    "This login cannot get a new code: it was approved, or a newer one took its "
    "place. Run parsec_nb.login(fresh=True) for another login."
)
STILL_WAITING = (
    "The login is still waiting for its approval, and goes on. Approve the code that "
    "the card shows, then run this again."
)


def callback_failed(error: str) -> str:
    """Say that the user's own callback failed."""
    return f"A function given to add_done_callback raised {error}."


def unexpected(error: str) -> str:
    """Say that something failed that never should."""
    return (
        f"The login stopped on an unexpected {error}. {AGAIN}; if it comes back, "
        "please report it to the project."
    )


# What Parsec answers

CODE_UNUSABLE = (
    "Parsec's answer holds no usable code (hash, user_code and verification_uri). "
    f"Check api_url. {AGAIN}, or: {TRY_DEMO}"
)
GRANT_UNUSABLE = (
    "Parsec approved the code, but its answer holds no usable session ID. "
    "Get a new code."
)
POLL_REFUSED = "Parsec refused to say whether the code was approved. Get a new code."
HOSTS_REFUSED = "Parsec refused to list the hosts. Check mode and public."


def code_refused(game_id: str) -> str:
    """Say that no code is to be had with this game_id, and what to do."""
    return (
        f"Parsec issues no code for the game_id {game_id!r}. Check it letter by "
        "letter. If it is right: reports say that since 2023 Parsec refuses some "
        "game_ids of other applications. "
        f"{HAVE_AN_ID} {TRY_DEMO}"
    )


def refused(words: str, status: int, said: str) -> str:
    """Join our words for a refusal with the server's own."""
    return f"{words} (HTTP {status}" + (f", Parsec says: {said})" if said else ")")


def session_refused(said: str) -> str:
    """Say that the session is no good any more."""
    why = f" (Parsec says: {said})" if said else ""
    return (
        f"Parsec does not accept this session any more{why}. "
        "Run parsec_nb.login(fresh=True) to log in again."
    )


def unreachable(reason: str) -> str:
    """Say that Parsec cannot be reached."""
    return (
        f"Can't reach Parsec: {reason}. Check your internet connection, and api_url "
        f"if you gave one. {AGAIN}."
    )


def unexpected_answer(status: int, *, is_redirect: bool) -> str:
    """Name an answer that settles nothing."""
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return "Parsec asks to slow down, HTTP 429"
    if is_redirect:
        return f"the answer leads elsewhere, HTTP {status}; maybe a Wi-Fi sign-in page"
    if status < 300:  # noqa: PLR2004 - the class of successes
        return f"the answer is not Parsec's, HTTP {status}; maybe a Wi-Fi sign-in page"
    return f"the server answers HTTP {status}"


# Why no answer came from {host}

ADDRESS_INVALID = "{host} is not a valid address"
ANSWER_BROKE_OFF = "the answer of {host} broke off"
ANSWER_NOT_HTTP = "{host} sent what is no HTTP answer"
ANSWER_TOO_LONG = "the answer of {host} is too long"
CERTIFICATE_FILE_MISSING = "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names no file"
CERTIFICATE_NOT_TRUSTED = "the TLS certificate of {host} cannot be verified"
CONNECTION_BROKE_OFF = "{host} broke the connection off"
CONNECTION_LOST = "the connection to {host} broke off"
CONNECTION_REFUSED = "{host} refused the connection"
NAME_UNKNOWN = (
    "the name {host} cannot be looked up; maybe this computer has no internet"
)
NO_TLS = "no TLS connection to {host} can be made"
PROXY = "the proxy in HTTPS_PROXY or ALL_PROXY"
PROXY_FAILED = f"{PROXY} failed"
PROXY_INVALID = f"{PROXY} is no address"
PROXY_NEEDS_PYSOCKS = f"{PROXY} needs PySocks: pip install PySocks"
THROUGH_PROXY = f", by way of {PROXY},"
TOO_SLOW = "{host} did not answer in time"


# What is refused at the call

DEMO_OR_API_URL = (
    "demo=True uses the simulator of this kernel, and api_url another server: "
    "give one of the two."
)
CREDENTIALS_IN_API_URL = (
    "api_url holds a user name or a password, which would be shown. Leave it out."
)
NO_SESSION_ID = (
    "That is no session ID: it is empty, or has a space or an unprintable "
    "character in it. Copy it again, whole."
)
NO_THREADS = (
    "parsec_nb needs threads, and Python in the browser (Pyodide, JupyterLite) has "
    "none. Use a notebook with a kernel of its own, such as Binder's."
)
NO_THREAD = (
    "No thread could be started to log in with: this process has as many as it may. "
    f"End other work, then try again. {HAVE_AN_ID}"
)
NO_TORNADO = (
    "The simulator needs tornado, which is not installed here: "
    "pip install 'parsec-nb[demo]'."
)


def bad_given_id(variable: str) -> str:
    """Say that an environment variable holds no session ID."""
    return f"{variable}: {NO_SESSION_ID}"


def bad_api_url(url: str) -> str:
    """Say that a base URL is none."""
    return (
        f"api_url is {url!r}, which is no web address. "
        "It looks like 'https://kessel-api.parsecgaming.com'."
    )


def plain_http(url: str) -> str:
    """Say why plain http is refused."""
    return (
        f"api_url is {url!r}: without https anybody on the way could read the "
        "session ID. Use https; plain http works only to this computer."
    )


def bad_variable(name: object) -> str:
    """Say that a name is none."""
    return (
        f"variable={name!r} is not a name that Python can assign to. Use one like "
        "'session_id', or None to bind none."
    )


def variable_taken(name: str, kind: str) -> str:
    """Say that a variable is in use."""
    return (
        f"The variable {name!r} already holds a {kind}, which a login would "
        f"overwrite. Delete it (del {name}), or use login(variable='…')."
    )


def unbound(variable: str) -> str:
    """Say that the session ID is not in its variable."""
    return (
        f"The variable {variable} could not be assigned; the login holds the session "
        f"all the same: {variable} = login.session.id"
    )


def unknown_mode(mode: object) -> str:
    """Say which modes there are."""
    return f"mode={mode!r} is not known. Use 'desktop', 'game' or None for both."


def no_simulator(reason: str) -> str:
    """Say that the simulator did not start."""
    return f"The simulator cannot be started: {reason}"


# Hosts

NO_HOSTS = "No hosts. Start Parsec on a computer to see it here."
MORE_HOSTS = "Parsec has more hosts than these."
YES = "yes"
NO = "no"


# The keyring, and logging out

NO_KEYRING = (
    "remember=True needs the keyring package: pip install 'parsec-nb[keyring]'."
)
NO_EXPIRY = "Parsec did not say when this session expires, so no keyring keeps it."
REMEMBERED = "The session is kept in the system's keyring until it expires."
KEYRING_WAITS = (
    "Waiting for the system's keyring, which may be asking for its password in a "
    "window of its own."
)
FORGOTTEN = "The entry in the system's keyring is deleted, too. "
NOT_REVOKED = (
    "Parsec has no revoke endpoint, so the session itself lives on until it expires: "
    "to be sure, revoke it on your Parsec account page."
)


def not_pickled(kind: str) -> str:
    """Say why a secret is not written to a file."""
    return (
        f"A {kind} is not pickled, because the file would hold it readable. Keep it "
        "in memory, or log in with remember=True to keep it in the system's keyring."
    )


def keyring_failed(error: str) -> str:
    """Say that the keyring did not work."""
    return (
        f"The system's keyring cannot be used ({error}). Unlock it, or set one up, "
        "and try again."
    )


def keyring_silent(seconds: float) -> str:
    """Say that the keyring does not answer."""
    return (
        f"The system's keyring has not answered for {seconds:.0f} s. Unlock it and "
        "try again."
    )


def keyring_unsafe(kind: str) -> str:
    """Say that there is no keyring, or one that anybody can read."""
    return (
        f"The system has no keyring that encrypts (there is only {kind}). "
        "Set one up, such as GNOME Keyring or KWallet, and try again."
    )


def not_remembered(why: str) -> str:
    """Say that the session is not in the keyring."""
    return f"The session is kept in memory only. {why}"


def not_forgotten(why: str) -> str:
    """Say that the session may still be in the keyring."""
    return f"The system's keyring may still hold it. {why}"


def logged_out(variable: str | None, *, forgotten: bool) -> str:
    """Say what a logout did, and what it cannot do."""
    done = f"Logged out: {variable} is deleted. " if variable else "Logged out. "
    return done + FORGOTTEN * forgotten + NOT_REVOKED


def _minutes(minutes: int) -> str:
    return f"{minutes} more minute{'' if minutes == 1 else 's'}"


def _until(moment: datetime | None) -> str:
    return "" if moment is None else f" until {moment:%Y-%m-%d %H:%M} UTC"
