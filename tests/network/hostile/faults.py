"""Checks a login that was run against a row.

First what its row states; then what holds for every login: it leaks no secret, draws
nothing that a browser would run, sends no other request, and ends in a session or in
an error that a user can act on.
"""

from __future__ import annotations

import re
import threading
import traceback
import unicodedata
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from parsec_nb import errors
from parsec_nb.errors import ParsecError
from support.secrets import AUTH_CODE_HASH, SESSION_ID, Search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from network.hostile.world import World

_ADVICE = re.compile(
    r"[Gg]et a new code|Try again|Run the cell again|Use https|Check |Leave it out"
    r"|It looks like"
)
_TAGS = {"style", "p", "div", "span", "a", "code", "button", "br", "svg", "path"}
_RETRY = "Can't reach Parsec, trying again in "
_LONGEST_ERROR = 1000


def faults(world: World) -> list[str]:
    """Return all that is wrong with a login, as text; empty if nothing is."""
    return [
        *world.wrong,
        *_not_as_the_row_states(world),
        *_unkind_errors(world),
        *_leaks(world),
        *(fault for page in world.pages for fault in _Page(page).faults),
        *_strange_requests(world),
    ]


def _not_as_the_row_states(world: World) -> Iterator[str]:
    row = world.row
    arrive = len(row.requested_at) if row.arrive is None else row.arrive
    bound = {"session_id": SESSION_ID} if row.ends == "approved" else {}
    for what, actual, expected in (
        ("ends", world.status, row.ends),
        ("asks at", [round(at, 3) for at in world.requested_at], row.requested_at),
        ("lasts", round(world.clock.now, 3), row.ends_at),
        ("connects to the proxy so often:", world.proxied, row.proxied),
        ("sends so many requests:", len(world.server.requests), arrive),
        ("binds", world.bound, bound),
    ):
        if actual != expected:
            yield f"{what} {actual}, and not {expected}"
    if world.elapsed > row.at_most:
        yield f"takes {world.elapsed:.1f} s of real time"
    if world.runner is not None and world.runner.snapshot().auth_code is not None:
        yield "still holds the code"
    yield from _not_seen(world)


def _not_seen(world: World) -> Iterator[str]:
    shown = "\n".join([*world.texts, str(world.error or "")])
    for text in world.row.sees:
        _, found, shown = shown.partition(text)
        if not found:
            yield f"never shows {text!r}, but {list(world.sentences)}"
    retried = any(_RETRY in text for text in world.texts)
    if retried != any("again in " in text for text in world.row.sees):
        yield f"shows retries, or none: {list(world.sentences)}"


def _unkind_errors(world: World) -> Iterator[str]:
    error = world.error
    if error is None:
        return
    if not isinstance(error, ParsecError) or type(error).__module__ != errors.__name__:
        yield f"raises a foreign {type(error)}"
    if error.__cause__ or error.__context__:
        yield f"carries {error.__context__!r}"
    if not _ADVICE.search(str(error)):
        yield f"does not advise what to do: {error}"
    if len(str(error)) > _LONGEST_ERROR:
        yield f"is an error of {len(str(error))} characters"


def _leaks(world: World) -> Iterator[str]:
    runner = world.runner
    seen = {
        "text": [*world.texts, *world.sentences],
        "HTML": [*world.pages],
        "a log record": world.logged,
        "the error": [
            repr(world.error),
            "".join(traceback.format_exception(world.error)),
        ],
        "a repr": [str(runner), repr(runner and runner.snapshot())],
        "a thread's name": [thread.name for thread in threading.enumerate()],
    }
    search = Search()
    for where, strings in seen.items():
        search.text(where, "\n".join(strings))
    yield from search.hits
    for text in world.texts:
        for character in text:
            if unicodedata.category(character) in {"Cf", "Cs", "Zl", "Zp"}:
                yield f"text holds an invisible {character!r}"


class _Page(HTMLParser):
    """A part of the card's HTML, parsed as a browser does."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.faults.append(f"HTML holds a <{tag}>")
        attributes = dict(attrs)
        if "href" in attributes:
            href = attributes["href"] or ""
            if not re.match("https?://[^/]", href):
                self.faults.append(f"HTML links to {href!r}")
        for name, value in attributes.items():
            if name.startswith("on") and attributes.get("class") != "parsec-nb-copy":
                self.faults.append(f"HTML runs {value!r}")


def _strange_requests(world: World) -> Iterator[str]:
    """Only documented requests may arrive, with the hash only where it belongs."""
    for request in world.server.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        line = head.partition(b" HTTP/1.1\r\n")[0]
        if line not in {b"POST /auth/codes", b"POST /auth/sessions"}:
            yield f"sends {line!r}"
        code_hash, polls = AUTH_CODE_HASH.encode(), line.endswith(b"/auth/sessions")
        if code_hash in head or (code_hash in body) != polls:
            yield f"sends the hash elsewhere in {line!r}"
        if b"User-Agent: parsec-nb/" not in head:
            yield f"does not name itself in {line!r}"
        for header in (b"\r\ncookie:", b"\r\nauthorization:"):
            if header in head.lower():
                yield f"sends a header {header!r} with {line!r}"
