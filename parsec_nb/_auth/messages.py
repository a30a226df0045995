"""The text of how a login ends, and of the keyring."""

from __future__ import annotations

from parsec_nb._api import environment
from parsec_nb._api.messages import HAVE_AN_ID, NOT_A_SESSION_ID, TRY_DEMO

# Refused arguments

DEMO_OR_API_URL = (
    "demo=True uses the simulator of this kernel, and api_url another server: "
    "give one of the two."
)
BAD_ENVIRONMENT_SESSION = f"{environment.SESSION_ID}: {NOT_A_SESSION_ID}"
BAD_GAME_ID = "game_id={game_id!a} is not text. Pass it in quotes: login('…')."
BAD_DEMO = f"{environment.DEMO} is {{value!a}}. Set it to 1 or 0."
MISSING_GAME_ID = (
    "A login needs a game_id, which Parsec gives to applications. Pass "
    f"login(game_id=…), set PARSEC_GAME_ID, or enter it in the card. {TRY_DEMO}"
)
NOTHING_TO_RENEW = (
    "This login cannot get a new code: it was approved, or a newer login replaced "
    "it. Run parsec_nb.login(fresh=True) for another login."
)

# How a login ends

DENIED = (
    "Parsec did not accept the code: it was denied in the browser, or it was no "
    "longer valid. Get a new code and approve it."
)
APPROVAL_LOST = (
    "The code was approved, but the response with the session could not be read, and "
    "Parsec sends a session only once. Get a new code and approve it."
)
EXPIRED = (
    "The code has expired: it was not approved in time, or the approval was lost on "
    "the way. Get a new code and approve it."
)
CANCELLED = "The login was cancelled. Run the cell again to log in."
SUPERSEDED = "A newer parsec_nb.login() replaced this one."
NO_THREAD = (
    "This process has as many threads as it may have, so the login could not start. "
    f"End other work, then run the cell again. {HAVE_AN_ID}"
)
UNEXPECTED = (
    "The login stopped on an unexpected {error}. Try again; if it comes back, "
    "please report it to the project, with what parsec_nb.diagnose() shows."
)
FORKED = (
    "This login runs in the process that this one was forked from, and only that one "
    "gets its session. Call parsec_nb.login() here, or pass the session on."
)
STILL_WAITING = (
    "The login is still waiting for its approval, and goes on. Approve the code that "
    "the card shows, then run this again."
)
NOT_PICKLED = (
    "A Login cannot be pickled or copied, because it is bound to a thread of this "
    "process. Send str(login.session.id), and use parsec_nb.Session.from_id() there."
)
CALLBACK_FAILED = "A function given to add_done_callback raised {error}."
FROM_ENVIRONMENT = f"It is the session of {environment.SESSION_ID}."
FROM_KEYRING = "It is the session in the system's keyring."
UNBOUND = (
    "The variable {variable} could not be assigned. The login holds the session: "
    "{variable} = login.session.id"
)

# The keyring

NO_KEYRING = (
    "remember=True needs the keyring package: pip install 'parsec-nb[keyring]'."
)
NO_EXPIRY = "Parsec did not tell when this session expires, so no keyring keeps it."
REMEMBERED = "The session is kept in the system's keyring until it expires."
NOT_REMEMBERED = "The session is kept in memory only. {reason}"
KEYRING_WAITS = (
    "Waiting for the system's keyring, which may be asking for its password in "
    "another window."
)
KEYRING_FAILED = (
    "The system's keyring cannot be used ({error}). Unlock it, or set one up, "
    "and try again."
)
KEYRING_SILENT = (
    "The system's keyring has not responded for {seconds:.0f} s. Unlock it and "
    "try again."
)
KEYRING_UNSAFE = (
    "The system has no keyring that encrypts (there is only {kind}). "
    "Set one up, such as GNOME Keyring or KWallet, and try again."
)
