"""The card's HTML and text, as pure functions of a login's progress.

Every string that may come from a server or a user is escaped here, and a link
is made of http and https only. No widget, no display, no decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parsec_nb import _hub, _texts
from parsec_nb._service import is_loopback
from parsec_nb._states import Status

if TYPE_CHECKING:
    from parsec_nb._progress import Progress
    from parsec_nb._values import AuthCode


@dataclass(frozen=True)
class Place:
    """What a card says of where it is.

    Attributes:
        host_name: The computer that the kernel runs on.
        variable: The variable that will hold the session ID, if any.
        demo: Whether this is the simulator of this kernel.
        proxy: The address below which a browser finds this machine's own pages,
            if it takes one.
    """

    host_name: str
    variable: str | None
    demo: bool
    proxy: str = ""


_RULES = """\
.parsec-nb.widget-box { display: flex; flex-flow: row wrap; gap: 4px 8px;
  align-items: baseline; box-sizing: border-box; max-width: 44em; margin: 0;
  padding: 12px 16px; overflow: visible; border-radius: 6px;
  border: 1px solid var(--jp-border-color1, #9e9e9e);
  color: var(--jp-content-font-color1, inherit);
  font-family: var(--jp-content-font-family, sans-serif);
  font-size: var(--jp-content-font-size1, 14px); line-height: 1.5; }
.parsec-nb > .widget-html { flex: 1 1 100%; width: 100%; height: auto; margin: 0;
  font-size: inherit; }
.parsec-nb .widget-html-content { white-space: normal; line-height: 1.5;
  overflow-wrap: anywhere; font-size: inherit; color: inherit;
  container-type: inline-size; }
.parsec-nb p { margin: 0 0 6px; }
.parsec-nb .parsec-nb-title { font-weight: 600; font-size: 1.15em; }
.parsec-nb .parsec-nb-quiet { font-size: 0.93em; }
.parsec-nb .parsec-nb-link { color: var(--jp-content-link-color, #1565c0);
  text-decoration: underline; }
.parsec-nb .parsec-nb-code { display: inline-block; user-select: all;
  -webkit-user-select: all; padding: 2px min(12px, 4cqi);
  margin-right: 8px; border-radius: 4px;
  font: 600 2.25em/1.4 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: min(2.25em, 14cqi); vertical-align: middle;
  letter-spacing: 0.12em; color: var(--jp-content-font-color0, inherit);
  border: 1px solid transparent; background: var(--jp-layout-color2, #eeeeee); }
.parsec-nb .parsec-nb-copy { font: inherit; padding: 3px 10px; border-radius: 4px;
  cursor: pointer; vertical-align: middle; color: var(--jp-ui-font-color1, inherit);
  background: var(--jp-layout-color1, transparent);
  border: 1px solid var(--jp-ui-font-color2, #757575); }
.parsec-nb .parsec-nb-qr { float: right; margin: 0 0 8px 16px; line-height: 0;
  padding: 6px; background: #ffffff; border-radius: 4px;
  forced-color-adjust: none; }
.parsec-nb a:focus-visible, .parsec-nb button:focus-visible,
.parsec-nb input:focus-visible { outline: 2px solid
  var(--jp-brand-color1, #1565c0) !important; outline-offset: 2px; }
.parsec-nb > .widget-button { width: auto; min-width: 6em; height: auto;
  min-height: 28px; margin: 2px 0; padding: 4px 10px; line-height: 1.4;
  white-space: normal; border: 1px solid var(--jp-ui-font-color2, #757575); }
.parsec-nb > .widget-text { flex: 1 1 16em; width: auto; min-width: 0;
  max-width: 100%; height: auto; margin: 2px 0; }
.parsec-nb > .widget-text .widget-label { width: auto; height: auto; }
.parsec-nb > .widget-text input { height: auto; min-width: 0; padding: 4px 8px;
  line-height: 1.4; border: 1px solid var(--jp-ui-font-color2, #757575); }
"""
STYLE = f"""<style>
{_RULES}.parsec-nb.jupyter-widgets-disconnected > * {{ display: none; }}
.parsec-nb.jupyter-widgets-disconnected::before {{ content: "{_texts.KERNEL_LOST}";
  flex: 1 1 100%; padding: 0; font: inherit; color: inherit; background: none; }}
</style>"""

# Says "copied" only where the browser says so; elsewhere the code is selected.
_COPY = (
    "(function(b){var c=b.parentNode.querySelector('.parsec-nb-code');"
    "function say(t){b.textContent=t}"
    "function select(){var r=document.createRange();r.selectNodeContents(c);"
    "var s=window.getSelection();s.removeAllRanges();s.addRange(r);say(%s)}"
    "if(navigator.clipboard&&navigator.clipboard.writeText){"
    "navigator.clipboard.writeText(c.textContent).then("
    "function(){say(%s)},select)}else{select()}})(this)"
)

# Only the page itself knows its host where the hub does not tell it.
_SHOW_HOST = (
    '<style onload="var link = this.previousElementSibling; '
    'link.textContent = link.href"></style>'
)


def instructions(progress: Progress, place: Place) -> str:
    """Return the upper part of the card: what to do, with link and code if pending."""
    if progress.status.ended:
        return STYLE
    title = _texts.DEMO_TITLE if place.demo else _texts.TITLE
    parts = [f'<p class="parsec-nb-title">{escape(title)}</p>']
    if progress.auth_code is not None:
        parts.append(_code(progress.auth_code, place, button=True))
        if place.demo:
            parts.append(paragraph(_texts.UNREACHABLE_PAGE))
    elif progress.status is Status.NEEDS_GAME_ID:
        parts.append(paragraph(_texts.GAME_ID_HELP))
    parts.append(paragraph(_texts.kernel(place.host_name)))
    return STYLE + "".join(parts)


def paragraph(words: str) -> str:
    """Return *words* as a paragraph in small print."""
    return f'<p class="parsec-nb-quiet">{escape(words)}</p>'


def status(progress: Progress, place: Place, *, announce: bool) -> str:
    """Return the status label: an alert where it is to be read out, else silent."""
    role = ' role="alert"' if announce else ""
    words = escape(status_text(progress, place))
    return f'<div data-status="{progress.status.value}"{role}>{words}</div>'


def static(progress: Progress, place: Place) -> str:
    """Return the card without widgets; once ended, the line that stays in the file."""
    parts = [status(progress, place, announce=progress.status.ended)]
    if progress.auth_code is not None:
        parts.insert(0, _code(progress.auth_code, place, button=False))
        parts += map(paragraph, (_texts.kernel(place.host_name), _texts.STALE))
    body = "".join(parts)
    return f'<div class="parsec-nb parsec-nb-status">{body}</div>'


def plain(progress: Progress, place: Place) -> str:
    """Return the card as text."""
    lines = [status_text(progress, place)]
    code = progress.auth_code
    if code is not None:
        title = _texts.DEMO_TITLE if place.demo else _texts.TITLE
        lines[:0] = [
            f"{title}. {_texts.kernel(place.host_name)}",
            f"{_texts.STEP_LINK} {_plain_link(code.verification_uri, place.proxy)}",
            f"{_texts.STEP_CODE} {code.user_code}",
        ]
    return "\n".join(lines)


def line(words: str) -> dict[str, str]:
    """Return one sentence as an output of its own."""
    return {"text/plain": words, "text/html": f"<p>{escape(words)}</p>"}


def status_text(progress: Progress, place: Place) -> str:
    """Return the status in words."""
    return " ".join([_status_sentence(progress, place), *progress.notices])


def _status_sentence(progress: Progress, place: Place) -> str:
    if progress.session is not None:
        session = progress.session
        who = _texts.logged_in(session.user_id, session.roles, session.expires_at)
        where = _texts.bound(place.variable) if place.variable else _texts.NOT_BOUND
        return f"{who} {where}"
    if progress.error is not None:
        return str(progress.error)
    if progress.trouble is not None:
        return _texts.trouble(progress.trouble.reason, progress.trouble.retry_in)
    if progress.status is Status.PENDING:
        return _texts.pending(progress.minutes_left)
    if progress.status is Status.NEEDS_GAME_ID:
        return _texts.NEEDS_GAME_ID
    return _texts.REQUESTING


def _code(code: AuthCode, place: Place, *, button: bool) -> str:
    link = _link(code.verification_uri, place.proxy)
    copy = (
        f'<button type="button" class="parsec-nb-copy" onclick="{_copy_script()}">'
        f"{escape(_texts.COPY)}</button>"
        if button
        else ""
    )
    qr = _qr(_hub.browsable(code.verification_uri, place.proxy)) if button else ""
    step = _texts.STEP_LINK_OR_QR if qr else _texts.STEP_LINK
    return (
        f"{qr}<p>1. {escape(step)}<br>{link}</p>"
        f"<p>2. {escape(_texts.STEP_CODE)}</p>"
        f'<p><code class="parsec-nb-code" style="user-select: all">'
        f"{escape(code.user_code)}</code>{copy}</p>"
    )


def _copy_script() -> str:
    words = (_texts.SELECTED, _texts.COPIED)
    return escape(_COPY % tuple(f"'{word}'" for word in words))


def _link(uri: str, proxy: str) -> str:
    """Return a link to *uri*, or its text alone where it is no web address."""
    if not _is_web_address(uri):
        return f'<span class="parsec-nb-link">{escape(uri)}</span>'
    href = _hub.browsable(uri, proxy)
    shown = escape(href)
    return (
        f'<a class="parsec-nb-link" href="{shown}" target="_blank" '
        f'rel="noopener noreferrer">{shown}</a>'
        f"{'' if _is_web_address(href) else _SHOW_HOST}"
    )


def _plain_link(uri: str, proxy: str) -> str:
    href = _hub.browsable(uri, proxy)
    return href if href == uri or _is_web_address(href) else f"{href} {_texts.AT_HUB}"


def _is_web_address(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _qr(uri: str) -> str:
    """Return the link as a QR code, where a phone can follow it and segno is there."""
    if not _is_web_address(uri) or is_loopback(urlsplit(uri).hostname or ""):
        return ""
    try:
        import segno  # noqa: PLC0415 - an extra
    except ImportError:
        return ""
    try:
        svg = segno.make(uri, micro=False).svg_inline(scale=3, border=1)
    except segno.DataOverflowError:
        return ""
    return (
        f'<div class="parsec-nb-qr" role="img" aria-label="{escape(_texts.QR_LABEL)}">'
        f"{svg}</div>"
    )
