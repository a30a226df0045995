"""The card's HTML and text, as functions of a snapshot of the login.

Every string that may come from a server or a user is escaped here, and only http and
https addresses become links. On a JupyterHub or Binder the browser runs on another
computer than the kernel: there links to this machine lead through jupyter-server-proxy,
which serves this machine's ports below the user's address.
"""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from urllib.parse import unquote

from parsec_nb._api.models import AuthCode
from parsec_nb._api.url import parse_url
from parsec_nb._auth.flow import Status
from parsec_nb._auth.observers import LoginSnapshot
from parsec_nb._notebook import messages


@dataclass(frozen=True)
class CardContext:
    """What a card shows besides its login.

    Attributes:
        host_name: The computer that the kernel runs on.
        variable: The variable that will hold the session ID, if any.
        demo: Whether the login is to this process's simulator.
        proxy: The address of the hub's proxy to this machine's ports; empty without.
    """

    host_name: str
    variable: str | None
    demo: bool = False
    proxy: str = ""


def _package_file(name: str) -> str:
    # The package may be inside a zip file, as on Spark.
    return (pkgutil.get_data(__package__, name) or b"").decode()


_CSS = _package_file("card.css").replace("KERNEL_LOST", messages.KERNEL_LOST)
STYLE = f"<style>\n{_CSS}</style>"

# Claims "copied" only where the browser confirms it; elsewhere it selects the code.
_COPY = escape(
    " ".join(_package_file("card.js").split())
    .replace("SELECTED", messages.SELECTED)
    .replace("COPIED", messages.COPIED)
)

# Only the page knows its host where the hub does not tell its public address.
_SHOW_HOST = (
    '<style onload="var link = this.previousElementSibling; '
    'link.textContent = link.href"></style>'
)


def instructions(snapshot: LoginSnapshot, context: CardContext) -> str:
    """Return the upper part of the card: what to do, with link and code if pending."""
    if snapshot.status.ended:
        return STYLE
    parts = [f'<p class="parsec-nb-title">{escape(_title(context))}</p>']
    if snapshot.auth_code is not None:
        parts.append(_code(snapshot.auth_code, context, interactive=True))
        if context.demo:
            parts.append(_small_print(messages.PAGE_UNREACHABLE))
    elif snapshot.status is Status.NEEDS_GAME_ID:
        parts.append(_small_print(messages.GAME_ID_HELP))
    parts.append(_small_print(_kernel(context)))
    return STYLE + "".join(parts)


def status(snapshot: LoginSnapshot, context: CardContext, *, announce: bool) -> str:
    """Return the status label; with *announce*, screen readers read it at once."""
    role = ' role="alert"' if announce else ""
    text = escape(status_text(snapshot, context))
    return f'<div data-status="{snapshot.status.value}"{role}>{text}</div>'


def static(snapshot: LoginSnapshot, context: CardContext, *, announce: bool) -> str:
    """Return the card without widgets; at the end, the line that stays in the file."""
    parts = [status(snapshot, context, announce=announce)]
    if snapshot.auth_code is not None:
        parts.insert(0, _code(snapshot.auth_code, context, interactive=False))
        parts += map(_small_print, (_kernel(context), messages.STALE))
    return f'<div class="parsec-nb parsec-nb-status">{"".join(parts)}</div>'


def plain(snapshot: LoginSnapshot, context: CardContext) -> str:
    """Return the card as text."""
    lines = [status_text(snapshot, context)]
    code = snapshot.auth_code
    if code is not None:
        link = _visible(browsable(code.verification_uri, context.proxy))
        if parse_url(code.verification_uri) is None:
            link = f"{link} ({messages.NOT_A_LINK})"
        elif parse_url(link) is None:
            link = f"{link} {messages.AT_HUB}"
        lines[:0] = [
            f"{_title(context)}. {_kernel(context)}",
            f"{messages.STEP_LINK} {link}",
            f"{messages.STEP_CODE} {_visible(code.user_code)}",
        ]
    return "\n".join(lines)


def line(text: str) -> dict[str, str]:
    """Return one sentence as a MIME bundle."""
    return {"text/plain": text, "text/html": f"<p>{escape(text)}</p>"}


def status_text(
    snapshot: LoginSnapshot, context: CardContext, *, already: bool = False
) -> str:
    """Return the status, and the notices, as text."""
    return " ".join([_status_text(snapshot, context, already), *snapshot.notices])


def _status_text(snapshot: LoginSnapshot, context: CardContext, already: bool) -> str:  # noqa: FBT001
    if snapshot.session is not None:
        variable = context.variable
        where = messages.BOUND if variable else messages.NOT_BOUND
        who = messages.logged_in(snapshot.session, already=already)
        return f"{who} {where.format(variable=variable)}"
    if snapshot.error is not None:
        return str(snapshot.error)
    if snapshot.retry is not None:
        return messages.retry(snapshot.retry.reason, snapshot.retry.seconds)
    if snapshot.status is Status.PENDING:
        return messages.pending(snapshot.minutes_left)
    if snapshot.status is Status.NEEDS_GAME_ID:
        return messages.NEEDS_GAME_ID
    return messages.REQUESTING


def _title(context: CardContext) -> str:
    return messages.DEMO_TITLE if context.demo else messages.TITLE


def _kernel(context: CardContext) -> str:
    return messages.KERNEL.format(host_name=context.host_name)


def _small_print(text: str) -> str:
    return f'<p class="parsec-nb-quiet">{escape(text)}</p>'


def _code(code: AuthCode, context: CardContext, *, interactive: bool) -> str:
    link = browsable(code.verification_uri, context.proxy)
    qr = copy = ""
    if interactive:
        qr = _qr(link)
        copy = (
            f'<button type="button" class="parsec-nb-copy" onclick="{_COPY}">'
            f"{escape(messages.COPY)}</button>"
        )
    step = messages.STEP_LINK_OR_QR if qr else messages.STEP_LINK
    return (
        f"{qr}<p>1. {escape(step)}<br>{_link(code.verification_uri, link)}</p>"
        f"<p>2. {escape(messages.STEP_CODE)}</p>"
        f'<p><code class="parsec-nb-code" style="user-select: all">'
        f"{escape(_visible(code.user_code))}</code>{copy}</p>"
    )


def _visible(text: str) -> str:
    """Return *text* with what is not ASCII as an escape: it may look like nothing."""
    return text.encode("ascii", "backslashreplace").decode()


def _link(uri: str, href: str) -> str:
    """Return a link to *href*, or the text *uri* if that may lead elsewhere."""
    if parse_url(uri) is None:
        return (
            f'<span class="parsec-nb-link">{escape(_visible(uri))}</span><br>'
            f"{escape(messages.NOT_A_LINK)}"
        )
    shown = escape(href)
    return (
        f'<a class="parsec-nb-link" href="{shown}" target="_blank" '
        f'rel="noopener noreferrer">{shown}</a>'
        f"{'' if parse_url(href) else _SHOW_HOST}"
    )


def _qr(uri: str) -> str:
    """Return the link as a QR code if a phone can follow it; needs segno."""
    url = parse_url(uri)
    if url is None or url.is_loopback:
        return ""
    try:
        import segno  # noqa: PLC0415 - an extra

        svg = segno.make(uri, micro=False).svg_inline(scale=3, border=1)
    except Exception:  # noqa: BLE001 - the card works without it, whatever fails
        return ""
    label = escape(messages.QR_LABEL)
    return f'<div class="parsec-nb-qr" role="img" aria-label="{label}">{svg}</div>'


def proxy_address(environ: Mapping[str, str] = os.environ) -> str:
    """Return the address of the hub's proxy to this machine's ports, empty without.

    It is a path where the hub does not tell its public address
    (JupyterHub.public_url); the browser resolves it against the hub's page. It is a
    path on Binder too, which admits only the browser that launched the server.
    """
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "").strip("/")
    if not prefix:
        return ""
    public = parse_url(environ.get("JUPYTERHUB_PUBLIC_URL", ""))
    usable = public is not None and "BINDER_LAUNCH_HOST" not in environ
    origin = str(replace(public, path="", query="")) if public and usable else ""
    return f"{origin}/{prefix}/proxy/"


def browsable(uri: str, proxy: str) -> str:
    """Return where a browser finds *uri*: this machine's pages are below *proxy*.

    Example:
        >>> browsable("http://127.0.0.1:8765/activate", "/user/ada/proxy/")
        '/user/ada/proxy/8765/activate'
    """
    url = parse_url(uri)
    if not proxy or url is None or url.scheme != "http" or not url.is_loopback:
        return uri
    # A browser resolves dots, also encoded ones, which would lead out of the proxy.
    if ".." in unquote(url.path):
        return uri
    return f"{proxy}{url.port}/{url.path.lstrip('/')}{url.query}"
