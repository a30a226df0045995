"""The text of the card, of logging out, and of what is refused at the call.

Text for `str.format`, and functions where a sentence has optional parts. Nothing
here escapes HTML.
"""

from __future__ import annotations

from datetime import datetime

from parsec_nb._api.models import Session

# The card

TITLE = "Log in to Parsec"
DEMO_TITLE = "Log in to the Parsec simulator"
STEP_LINK = "Open this page in a browser:"
STEP_LINK_OR_QR = "Open this page, or scan the QR code with your phone:"
AT_HUB = "(at your hub's address)"
NOT_A_LINK = (
    "This is not a link here, because a browser could read the address differently: "
    "compare it with Parsec's."
)
STEP_CODE = "Enter this code there and approve it:"
COPY = "Copy code"
COPIED = "Copied"
SELECTED = "Selected: press Ctrl+C or ⌘C"
CANCEL = "Cancel"
NEW_CODE = "New code"
LOG_IN = "Log in"
GAME_ID = "game_id"
GAME_ID_HELP = (
    "Enter your game_id: Parsec gives one to every application that logs in. If you "
    "have none, ask your teacher or Parsec's support, or try it without an account."
)
GAME_ID_EMPTY = "Enter a game_id first."
TRY_IT = "Try it without an account"
ALLOW_HERE = "Allow here"
DENY_HERE = "Deny here"
PAGE_UNREACHABLE = (
    "If the page does not open: this is only the simulator, so use the buttons below."
)
QR_LABEL = "QR code of the link"
KERNEL = "This login is for the notebook that runs on {host_name}."
STALE = "If nothing changes here, the kernel was restarted: run the cell again."
KERNEL_LOST = (
    "This card has lost its kernel. If the kernel was restarted, run the cell again."
)
CARD_WAS_HERE = (
    "A Parsec login was pending here. Its card works only while its kernel runs: "
    "run the cell again for another one."
)
PRESS_ENTER = "If this console shows nothing new by itself, press Enter now and then."

# The status

REQUESTING = "Asking Parsec for a code…"
NEEDS_GAME_ID = "Waiting for a game_id."
BOUND = "The session ID is in the variable {variable}."
NOT_BOUND = "The session ID is in the login's .session.id."
FRESH = "parsec_nb.login(fresh=True) starts another login."


def pending(minutes: int) -> str:
    """Return what the login waits for, and how long the code is valid."""
    left = f"{minutes} more minute{'' if minutes == 1 else 's'}"
    return f"Waiting for your approval. The code is valid for {left}."


def retry(reason: str, seconds: float) -> str:
    """Return why the last request failed, and when the next one starts."""
    return f"Can't reach Parsec, trying again in {max(round(seconds), 1)} s. ({reason})"


def logged_in(session: Session, *, already: bool = False) -> str:
    """Return who is logged in, and until when."""
    logged_in = "Already logged in" if already else "Logged in"
    user = "" if session.user_id is None else f" as user {session.user_id}"
    roles = f" (roles: {', '.join(session.roles)})" if session.roles else ""
    return f"{logged_in}{user}{roles}{_until(session.expires_at)}."


def _until(moment: datetime | None) -> str:
    return "" if moment is None else f" until {moment:%Y-%m-%d %H:%M} UTC"


# What is refused at the call

BAD_VARIABLE = (
    "variable={name!r} is not a name that Python can assign to. Use one like "
    "'session_id', or None to bind none."
)
VARIABLE_TAKEN = (
    "The variable {name!r} already holds a {kind}, which a login would "
    "overwrite. Delete it (del {name}), or use login(variable='…')."
)
NO_THREADS = (
    "parsec_nb needs threads, which Python in the browser (Pyodide, JupyterLite) does "
    "not have. Use a notebook whose kernel runs on a computer, such as Binder's."
)
NO_SIMULATOR = "The simulator cannot be started: {reason}"

# The diagnosis

DIAGNOSIS_COLUMNS = ("what", "found", "what to do")
PLAIN_PYTHON = "plain Python"
IPYTHON_TERMINAL = "IPython in a terminal"
CONSOLE = "a kernel with a console, such as qtconsole"
UNATTENDED = "a kernel, run by a program such as nbclient or Voila"
NOTEBOOK = "a kernel with a notebook"
WIDGETS_DRAWN = "a front end has drawn a card"
WIDGETS_UNKNOWN = "no front end has drawn a card in this kernel yet"
SHOW_A_CARD = (
    "Run parsec_nb.login(demo=True). If it shows text instead of a card, install "
    "ipywidgets where the notebook server runs, and reload the page."
)
NO_HUB = "direct: this is not a JupyterHub"
NOT_INSTALLED = "not installed"
NEEDS = " (parsec_nb needs {bound} or later)"
TOO_OLD = "parsec_nb needs {bound} or later: pip install --upgrade {name}"
PROXY_MISSING = (
    "Links to the simulator need it where the notebook server runs: "
    "pip install jupyter-server-proxy"
)
KEYRING_OPTIONAL = "cannot be used; only remember=True needs it"
NOT_USABLE = "cannot be used"
BROKEN = "{error}: {reason} Install the package again that the error comes from."
TLS = "{library}, certificate authorities from {source}"
RESPONDS = "responds"
NO_RESPONSE = "no usable response"
CHECK_NETWORK = (
    "Can't reach Parsec: {reason}. Check the network and PARSEC_API_URL; "
    "parsec_nb.login(demo=True) works without a network."
)
CLOCK = "{seconds:+.0f} s from Parsec's"
CHANGE_DIRECTORY = (
    "It was deleted, so that Python cannot import: run import os; "
    "os.chdir(os.path.expanduser('~'))"
)
SET_CA_BUNDLE = "SSL_CERT_FILE is not read: set REQUESTS_CA_BUNDLE to that file, too."
SET_CLOCK = "Set this computer's clock: TLS certificates are judged by it."
IS_SET = "set"

# Logging out

FORGET_OUTPUTS = "`%reset -f out` deletes what IPython keeps of outputs. "
FORGOTTEN = "The entry in the system's keyring is deleted, too. "
NOT_FORGOTTEN = "The system's keyring may still hold it. {reason}"
NOT_REVOKED = (
    "Parsec has no revoke endpoint, so a session lives on until it expires: "
    "to be sure, revoke it on your Parsec account page."
)
NOT_REVOKED_DEMO = (
    "Parsec has no revoke endpoint, nor has its simulator: a session lives on until "
    "it expires or the simulator ends."
)


def logged_out(  # noqa: PLR0913 - each is a part of the text
    variable: str,
    value: object,
    *,
    unbound: bool,
    forgotten: bool,
    demo: bool,
    left: list[str],
) -> str:
    """Return what a logout did, what it left, and what it cannot do."""
    if unbound:
        done = f"Logged out: {variable} is deleted. "
    elif value is None:
        done = f"There is no session ID in the variable {variable}. "
    else:
        kind = type(value).__name__
        done = f"The variable {variable} holds a {kind}, which is left as it is. "
    if left:
        done += f"A session ID is still in: {', '.join(left)}. "
    if any(name.startswith("_") for name in left):
        done += FORGET_OUTPUTS
    return done + FORGOTTEN * forgotten + (NOT_REVOKED_DEMO if demo else NOT_REVOKED)
