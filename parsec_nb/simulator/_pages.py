"""The simulator's pages: templates below `pages/`, and the text that depends on a case.

No script, no outside resource, and never a field for a password. Links and form
actions are relative, because the pages are also served under a proxy's prefix that
the server never sees.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from tornado.template import DictLoader

WRONG_CODE = (
    "This code is not waiting for a decision. Check it letter by letter. A code works "
    "once and for 30 minutes at most: if yours is older, or was decided already, ask "
    "for a new one in your notebook."
)
FOREIGN_FORM = (
    "Nothing was changed: the form did not come from a page of this simulator in "
    "your browser, or the simulator was started again since. Open it again with the "
    "link below, and allow cookies for it."
)
TOO_MANY = (
    "Many wrong codes were typed here in a short time. Wait one minute, then try "
    "again. Your own code still works."
)
NOT_WAITING = (
    "This request does not wait any more: it was decided already, was withdrawn, or is "
    "older than two minutes. Nothing was changed."
)
ALLOWED = (
    "Go back to your notebook: it logs in by itself within a few seconds. You can "
    "close this page."
)
DENIED = (
    "Nobody was logged in, and the code no longer works. If you want to log in after "
    "all, ask for a new code in your notebook. You can close this page."
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

_FILES = files(__package__)
_STYLE = _FILES.joinpath("style.css").read_text(encoding="utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Not a Loader, which reads no package inside a zip file.
_TEMPLATES = DictLoader(
    {
        file.name: file.read_text(encoding="utf-8")
        for file in _FILES.joinpath("pages").iterdir()
    }
)

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def page(name: str, path: str, **values: object) -> str:
    """Return a page from its template; every value is escaped in it.

    Args:
        name: The template's name without its suffix.
        path: The path of the request. A proxy's prefix is missing from it, but not
            from the browser's address: only the depth counts, which is the same.
        values: What the template shows.
    """
    root = "../" * (path.count("/") - 1)
    template = _TEMPLATES.load(f"{name}.html")
    return template.generate(root=root, style=_STYLE, **values).decode()
