"""Says what was wrong with a login in a hostile world.

First what its row says; then what holds for every login, whatever happens: it
leaks no secret, draws nothing that a browser runs, sends nothing but what it was
asked for, and ends in an error for people or in a session.
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

    from hostile_world import World

_ADVICE = re.compile(
    r"[Gg]et a new code|Try again|Run the cell again|Use https|Check |Leave it out"
    r"|It looks like"
)
_TAGS = {"style", "p", "div", "span", "a", "code", "button", "br", "svg", "path"}
_TROUBLE = "Can't reach Parsec, trying again in "
_LONGEST_ERROR = 1000


def faults(world: World) -> list[str]:
    """Return all that was wrong with a login, in words; nothing if all was well."""
    return [
        *world.wrong,
        *_not_as_the_row_says(world),
        *_unkind_errors(world),
        *_leaks(world),
        *(fault for page in world.pages for fault in _Page(page).faults),
        *_strange_requests(world),
    ]


def _not_as_the_row_says(world: World) -> Iterator[str]:
    row = world.row
    asked = [round(moment, 3) for moment in world.asked]
    lasts = row.asked[-1] if row.lasts is None and row.asked else row.lasts or 0
    arrived = len(world.server.requests)
    for what, is_so, should_be in (
        ("ends", world.status, row.ends),
        ("asks at", asked, list(row.asked)),
        ("lasts", round(world.clock.now, 3), lasts),
        ("sends so many requests to the proxy:", world.proxied, row.proxied),
        ("sends so many requests:", arrived, _or(row.arrive, len(row.asked))),
        (
            "binds",
            world.bound,
            {"session_id": SESSION_ID} if row.ends == "approved" else {},
        ),
    ):
        if is_so != should_be:
            yield f"{what} {is_so}, and not {should_be}"
    if world.elapsed > row.at_most:
        yield f"takes {world.elapsed:.1f} s of real time"
    if world.login is not None and world.login.auth_code is not None:
        yield "still holds the code"
    yield from _not_seen(world)


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _not_seen(world: World) -> Iterator[str]:
    shown = "\n".join([*world.texts, str(world.error or "")])
    for words in world.row.sees:
        _, found, shown = shown.partition(words)
        if not found:
            yield f"never shows {words!r}, but {list(world.sentences)}"
    troubled = any(_TROUBLE in text for text in world.texts)
    if troubled != any("again in " in words for words in world.row.sees):
        yield f"tells of trouble: {list(world.sentences)}"


def _unkind_errors(world: World) -> Iterator[str]:
    error = world.error
    if error is None:
        return
    if not isinstance(error, ParsecError) or type(error).__module__ != errors.__name__:
        yield f"raises a foreign {type(error)}"
    if error.__cause__ or error.__context__:
        yield f"carries {error.__context__!r}"
    if not _ADVICE.search(str(error)):
        yield f"does not say what to do: {error}"
    if len(str(error)) > _LONGEST_ERROR:
        yield f"says too much: {len(str(error))} characters"


def _leaks(world: World) -> Iterator[str]:
    seen = {
        "text": [*world.texts, *world.sentences],
        "HTML": [*world.pages],
        "a log record": world.logged,
        "the error": [
            repr(world.error),
            "".join(traceback.format_exception(world.error)),
        ],
        "a repr": [str(world.login), repr(world.login and world.login.progress())],
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
    """A piece of the card's HTML, taken apart as a browser does."""

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
    """Nothing but what was asked for arrives, and the hash only where it belongs."""
    for request in world.server.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        line = head.partition(b" HTTP/1.1\r\n")[0]
        if line not in {b"POST /auth/codes", b"POST /auth/sessions"}:
            yield f"asks the server to {line!r}"
        code_hash, polls = AUTH_CODE_HASH.encode(), line.endswith(b"/auth/sessions")
        if code_hash in head or (code_hash in body) != polls:
            yield f"puts the hash elsewhere in {line!r}"
        if b"User-Agent: parsec-nb/" not in head:
            yield f"does not say who it is in {line!r}"
        for header in (b"\r\ncookie:", b"\r\nauthorization:"):
            if header in head.lower():
                yield f"sends a header {header!r} with {line!r}"
