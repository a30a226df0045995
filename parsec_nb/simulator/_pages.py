"""The HTML of the simulator's pages.

Pure functions from text to text: no script, no outside resource, and never a field
for a password. Links and form actions are relative, because the pages are also
served under a proxy's prefix that the server never sees.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._connections import Connection

WRONG_CODE = (
    "This code is not waiting for a decision. Check it letter by letter. A code works "
    "once and for 30 minutes at most: if yours is older, or was decided already, ask "
    "for a new one in your notebook."
)
FOREIGN_FORM = (
    "Nothing was changed: the form did not come from this simulator's page in your "
    "browser, or the simulator was started again since. Open the page again with the "
    "link below, and allow cookies for it."
)
TOO_MANY = (
    "Many wrong codes were typed here in a short time. Wait one minute, then try "
    "again. Your own code still works."
)
# For each HTTP status: what happened, and what to do next.
PROBLEMS = {
    400: ("Not understood", "The simulator cannot use what your browser sent."),
    403: ("This form cannot be used", FOREIGN_FORM),
    404: ("Page not found", "The simulator has no page at this address."),
    421: ("Another address", "Open the link that your notebook shows."),
    429: ("Too many wrong codes", TOO_MANY),
    500: ("The simulator made a mistake", "This is not your fault. Try again."),
}

NOT_WAITING = (
    "This request does not wait any more: it was decided already, was withdrawn, or is "
    "older than two minutes. Nothing was changed."
)

_TYPE = "Your notebook shows a code of eight characters. Type it here."
_COMPARE = "Does your notebook show this code? Compare the two, then continue."
_ENTER = """\
<p>{text}</p>
<form method="post" action="{action}">
<input type="hidden" name="_xsrf" value="{token}">
<label for="user-code">Code from your notebook</label>
<p class="hint" id="hint">Small letters, spaces and dashes are fine.</p>{alert}
<input id="user-code" name="user_code" value="{code}" aria-describedby="{described}"
 {invalid} required autofocus maxlength="32" autocomplete="off"
 autocapitalize="characters" spellcheck="false">
<p class="buttons"><button>Continue</button></p>
</form>
<p class="more"><a href="{requests}">Requests for a connection to a host</a></p>"""
_DECIDE = """\
<p>A notebook asks to log in with this code:</p>
<p class="code">{code}</p>
<dl><dt>Game ID</dt><dd><bdi>{game_id}</bdi></dd></dl>
<p>Only allow it if the code came from your own notebook. If somebody sent you the
code, choose Deny.</p>
<form method="post" action="{action}">
<input type="hidden" name="_xsrf" value="{token}">
<input type="hidden" name="user_code" value="{code}">
<p class="buttons">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny" class="quiet">Deny</button>
</p>
</form>"""
_ALLOWED = (
    "Go back to your notebook: it logs in by itself within a few seconds. You can "
    "close this page."
)
_DENIED = (
    "Nobody was logged in, and the code no longer works. If you want to log in after "
    "all, ask for a new code in your notebook. You can close this page."
)
_NO_REQUESTS = (
    "Nobody asks for a connection now. The host “Render box (asks first)” needs "
    "somebody's approval: when a notebook connects to it, the request is here for two "
    "minutes."
)
_REQUEST = """\
<li>
<p id="{id}">User {user_id} asks to connect to <bdi>{host}</bdi>.</p>
<form method="post" action="{action}">
<input type="hidden" name="_xsrf" value="{token}">
<input type="hidden" name="id" value="{id}">
<p class="buttons">
<button name="decision" value="allow" aria-describedby="{id}">Allow</button>
<button name="decision" value="deny" aria-describedby="{id}" class="quiet">
Decline</button>
</p>
</form>
</li>"""
_REQUESTS = """\
{alert}<p>Whoever is allowed sees and controls the host, which is simulated too.</p>
<ul>
{requests}
</ul>
"""
_LINKS = """\
<p class="more"><a href="{action}">Look again</a></p>
<p class="more"><a href="{activate}">Enter a code</a></p>"""
_DECIDED = {
    True: ("Connection allowed", "User {user_id} is connected to <bdi>{host}</bdi>."),
    False: ("Connection declined", "User {user_id} was told that the host said no."),
}
# The icon is an empty data: link, so that browsers do not ask for /favicon.ico.
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} - Simulator, not Parsec</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<header><p>Simulator: this is not Parsec. No account, no password.</p></header>
<main><h1>{heading}</h1>{body}</main>
</body>
</html>
"""
_STYLE = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def enter_page(path: str, token: str, code: str = "", error: str = "") -> str:
    """Return the form for a code, with an error about it if there is one."""
    heading = "Enter your code"
    body = _ENTER.format(
        text=_COMPARE if code and not error else _TYPE,
        action=_to_activate(path),
        requests=_to_root(path) + "connections",
        token=token,
        alert=f'<p class="error" id="error">{error}</p>' if error else "",
        code=escape(code),
        described="error hint" if error else "hint",
        invalid='aria-invalid="true"' if error else "",
    )
    return _page(heading, body, title=f"Error: {heading}" if error else heading)


def decide_page(path: str, token: str, code: str, game_id: str) -> str:
    """Return the question whether this code may log in."""
    # What is not ASCII may look like nothing, or like another game_id.
    shown = escape(game_id.encode("ascii", "backslashreplace").decode())
    body = _DECIDE.format(
        action=_to_activate(path), token=token, code=code, game_id=shown
    )
    return _page("Allow this login?", body)


def result_page(*, allowed: bool) -> str:
    """Return the page after a decision."""
    heading = "Login allowed" if allowed else "Login denied"
    return _page(heading, f"<p>{_ALLOWED if allowed else _DENIED}</p>")


def requests_page(
    path: str, token: str, waiting: list[Connection], error: str = ""
) -> str:
    """Return the list of requests for a connection, with a form for each."""
    heading = "Connection requests"
    action = f"{_to_root(path)}connections"
    alert = f'<p class="error">{error}</p>\n' if error else ""
    if waiting:
        items = (
            _REQUEST.format(
                id=each.id,
                user_id=each.user_id,
                host=escape(each.host["name"]),
                action=action,
                token=token,
            )
            for each in waiting
        )
        body = _REQUESTS.format(alert=alert, requests="\n".join(items))
    else:
        body = f"{alert}<p>{_NO_REQUESTS}</p>\n"
    body += _LINKS.format(action=action, activate=_to_activate(path))
    return _page(heading, body, title=f"Error: {heading}" if error else heading)


def decided_page(path: str, connection: Connection, *, allowed: bool) -> str:
    """Return the page after a decision about a connection."""
    heading, text = _DECIDED[allowed]
    host = escape(connection.host["name"])
    text = text.format(user_id=connection.user_id, host=host)
    link = f'<a href="{_to_root(path)}connections">All requests</a>'
    return _page(heading, f"<p>{text}</p>\n<p>{link}</p>")


def problem_page(path: str, status: int) -> str:
    """Return the page for an HTTP error; nothing of the request stands on it."""
    heading, text = PROBLEMS.get(status, PROBLEMS[400 if status < 500 else 500])  # noqa: PLR2004
    link = f'<a href="{_to_activate(path)}">Enter a code</a>'
    return _page(heading, f"<p>{text}</p>\n<p>{link}</p>")


def _to_activate(path: str) -> str:
    return f"{_to_root(path)}activate"


def _to_root(path: str) -> str:
    # A proxy's prefix is missing from the path, but not from the browser's address:
    # only the depth counts, and that is the same on both sides.
    return "../" * (path.count("/") - 1)


def _page(heading: str, body: str, title: str = "") -> str:
    title = title or heading
    return _PAGE.format(title=title, style=_STYLE, heading=heading, body=body)
