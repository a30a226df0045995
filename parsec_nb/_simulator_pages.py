"""The HTML of the simulator's pages.

Pure functions from text to text: no HTTP, no state, no script, no outside
resource, and never a field for a password. Every sentence that a visitor reads
stands in the constants at the top. Whatever comes from outside is escaped here.
Links and form actions are relative, because the pages are also served under a
proxy's prefix that the server never sees.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

BANNER = "Simulator: this is not Parsec. No account, no password."

ENTER_TITLE = "Enter your code"
ENTER_TEXT = "Your notebook shows a code of eight characters. Type it here."
ENTER_LABEL = "Code from your notebook"
ENTER_HINT = "Small letters, spaces and dashes are fine."
ENTER_BUTTON = "Continue"
PREFILLED_TEXT = (
    "Compare this code with the one that your notebook shows. Are they the same? "
    "Then continue."
)

DECIDE_TITLE = "Allow this login?"
DECIDE_TEXT = "A notebook asks to log in with this code:"
DECIDE_GAME = "Game ID"
DECIDE_WARNING = (
    "Only allow it if the code came from your own notebook. If somebody sent you the "
    "code, choose Deny."
)
ALLOW_BUTTON = "Allow"
DENY_BUTTON = "Deny"

ALLOWED_TITLE = "Login allowed"
ALLOWED_TEXT = (
    "Go back to your notebook: it logs in by itself within a few seconds. You can "
    "close this page."
)
DENIED_TITLE = "Login denied"
DENIED_TEXT = (
    "Nobody was logged in, and the code no longer works. If you want to log in after "
    "all, ask for a new code in your notebook. You can close this page."
)

EMPTY_CODE = "Type the code that your notebook shows."
WRONG_CODE = (
    "This code is not waiting for an answer. Check it letter by letter. A code works "
    "once and for 30 minutes at most: if yours is older, ask for a new one in your "
    "notebook."
)
GONE_CODE = (
    "That code expired, or it was answered already. Look at your notebook, or ask for "
    "a new code there."
)

START_TITLE = "A Parsec for trying things out"
START_TEXT = (
    "This small server stands in for Parsec, so that you can try a login from a "
    "notebook without an account."
)
START_LINK = "Enter a code"

# For each HTTP status: title, what happened, what to do next.
PROBLEMS = {
    400: (
        "Not understood",
        "The simulator could not read what your browser sent. Start again here:",
    ),
    403: (
        "This form cannot be used",
        (
            "Open the page again with the link below, and allow cookies for it. "
            "Nothing was changed: the form did not come from this simulator's page in "
            "your browser, or the simulator was started again since."
        ),
    ),
    404: (
        "Page not found",
        "The simulator has no page at this address. Codes are entered on this one:",
    ),
    405: ("Not possible here", "This page cannot be used in that way. Start here:"),
    413: ("Too long", "That is more text than a code has. Start again here:"),
    429: (
        "Too many wrong codes",
        (
            "Many wrong codes were typed here in a short time. Wait one minute, then "
            "try again. Your own code still works."
        ),
    ),
    500: (
        "The simulator made a mistake",
        (
            "This is not your fault. Try again; if it happens again, start the "
            "simulator anew."
        ),
    ),
}
PROBLEM_LINK = "Enter a code"

STYLE = """
:root { color-scheme: light dark; --back: #f4f5f7; --card: #fff; --text: #1c2024;
  --soft: #545b64; --line: #858d97; --main: #1d5fbf; --on-main: #fff;
  --note: #fff3d1; --on-note: #4a3500; --bad: #a8201a; }
@media (prefers-color-scheme: dark) {
  :root { --back: #15181c; --card: #1f2429; --text: #e8eaed; --soft: #b3bac2;
    --line: #7d8690; --main: #8ab8ff; --on-main: #0d1b2e; --note: #3a3016;
    --on-note: #ffe3a1; --bad: #ffaaa3; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header { background: var(--note); color: var(--on-note); text-align: center;
  padding: .6rem 1rem; font-weight: 600; }
header p { margin: 0; }
main { background: var(--card); max-width: 30rem; margin: 2rem auto;
  padding: 1.75rem 2rem 2rem; border-radius: .75rem;
  box-shadow: 0 1px 4px rgb(0 0 0 / 18%); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; }
p { margin: 0 0 1rem; }
main > :last-child { margin-bottom: 0; }
label { display: block; font-weight: 600; }
.hint, dt { color: var(--soft); font-size: .9375rem; }
.hint { margin-bottom: .4rem; }
.error { color: var(--bad); border-left: .25rem solid; padding-left: .75rem; }
input, .code { font: 600 min(1.625rem, 11vw)/1.3 ui-monospace, Consolas, monospace;
  letter-spacing: .1em; }
input { width: 100%; padding: .5rem min(.75rem, 4vw); color: inherit;
  background: var(--card); border: 2px solid var(--line); border-radius: .5rem;
  text-transform: uppercase; }
input[aria-invalid] { border-color: var(--bad); }
.code { margin: 0 0 1rem; }
dl { margin: 0 0 1rem; } dd { margin: 0; font-weight: 600; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 0; }
button { flex: 1 1 8rem; min-height: 2.75rem; padding: .5rem 1.25rem; font: inherit;
  font-weight: 600; border: 2px solid var(--main); border-radius: .5rem;
  background: var(--main); color: var(--on-main); cursor: pointer; }
button.quiet { background: transparent; color: var(--main); }
a { color: var(--main); }
:focus-visible { outline: 3px solid var(--main); outline-offset: 3px; }
@media (max-width: 32rem) {
  main { margin: min(1rem, 5vw); padding: min(1.25rem, 6vw); } }
"""

_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

# The icon is an empty data: link, so that browsers do not ask for /favicon.ico.
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def to_activate(path: str) -> str:
    """Return the relative link that leads from *path* to the activation page.

    The path is the one that arrived here, without a proxy's prefix: only its depth
    counts, and that is the same on both sides of the proxy.
    """
    return "../" * (path.count("/") - 1) + "activate"


def start_page(path: str) -> str:
    """Return the page at the root."""
    return _page(START_TITLE, f"<p>{START_TEXT}</p>{_link(path, START_LINK)}")


def enter_page(path: str, token: str, *, code: str = "", error: str = "") -> str:
    """Return the form for a code, with an error about it if there is one."""
    describedby, invalid, alert = "hint", "", ""
    if error:
        describedby, invalid = "error hint", ' aria-invalid="true"'
        alert = f'<p class="error" id="error">{escape(error)}</p>'
    text = PREFILLED_TEXT if code and not error else ENTER_TEXT
    title = f"Error: {ENTER_TITLE}" if error else ENTER_TITLE
    return _page(
        ENTER_TITLE,
        f"<p>{text}</p>"
        f'<form method="post" action="{escape(to_activate(path))}">'
        f"{_hidden('token', token)}"
        f'<label for="user-code">{ENTER_LABEL}</label>'
        f'<p class="hint" id="hint">{ENTER_HINT}</p>{alert}'
        f'<input id="user-code" name="user_code" value="{escape(code)}"'
        f' aria-describedby="{describedby}"{invalid} required autofocus maxlength="32"'
        ' autocomplete="off" autocapitalize="characters" spellcheck="false">'
        f'<p class="buttons"><button>{ENTER_BUTTON}</button></p></form>',
        title=title,
    )


def decide_page(path: str, token: str, *, code: str, game_id: str) -> str:
    """Return the question whether this code may log in."""
    return _page(
        DECIDE_TITLE,
        f'<p>{DECIDE_TEXT}</p><p class="code">{escape(code)}</p>'
        f"<dl><dt>{DECIDE_GAME}</dt><dd><bdi>{escape(game_id)}</bdi></dd></dl>"
        f"<p>{DECIDE_WARNING}</p>"
        f'<form method="post" action="{escape(to_activate(path))}">'
        f"{_hidden('token', token)}{_hidden('user_code', code)}"
        '<p class="buttons">'
        f'<button name="decision" value="allow">{ALLOW_BUTTON}</button>'
        f'<button name="decision" value="deny" class="quiet">{DENY_BUTTON}</button>'
        "</p></form>",
    )


def result_page(*, allowed: bool) -> str:
    """Return the page that says what was decided."""
    if allowed:
        return _page(ALLOWED_TITLE, f"<p>{ALLOWED_TEXT}</p>")
    return _page(DENIED_TITLE, f"<p>{DENIED_TEXT}</p>")


def problem_page(path: str, status: int) -> str:
    """Return the page for an HTTP error; nothing of the request stands on it."""
    title, text = PROBLEMS.get(status, PROBLEMS[400 if status < 500 else 500])  # noqa: PLR2004
    return _page(title, f"<p>{text}</p>{_link(path, PROBLEM_LINK)}")


def _link(path: str, text: str) -> str:
    return f'<p><a href="{escape(to_activate(path))}">{text}</a></p>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _page(heading: str, body: str, *, title: str = "") -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title or heading} - Simulator, not Parsec</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head>'
        f"<body><header><p>{BANNER}</p></header>"
        f"<main><h1>{heading}</h1>{body}</main></body></html>\n"
    )
