"""No byte that a notebook produces holds the session ID or the hash of a code.

Run with `-s` to see what was searched, how much of it, and what was found.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from support import TESTS
from support.http_server import ScriptedServer, close_inside, hang, respond, send
from support.kernel import Kernel
from support.saved import search_saved
from support.secrets import (
    AUTH_CODE_HASH,
    LOG_IN,
    LOUD,
    SAVED,
    SESSION_ID,
    USER_CODE,
    Search,
    Told,
    cells,
    grant,
    issue_code,
)

# What people do while the code waits.
PENDING = """
login.auth_code
---
[login.auth_code, {"code": login.auth_code}, vars(login.auth_code)]
---
dataclasses.asdict(login.auth_code), dataclasses.astuple(login.auth_code)
---
login.auth_code.auth_code_hash
---
hash_ = login.auth_code.auth_code_hash
---
%whos
---
hash_?
---
print(login, login.auth_code, login._runner.snapshot(), f"{login.auth_code}")
---
rich.inspect(login, private=True)
---
frames = sys._current_frames().values()
traceback.StackSummary.extract(((f, f.f_lineno) for f in frames), capture_locals=True)
---
pickle.dumps(login.auth_code)
---
pickle.dumps(login)
---
def fail():
    code, hash_ = login.auth_code, login.auth_code.auth_code_hash
    everything = vars(login._runner), [code], {"hash": hash_}
    raise ValueError("while pending")
fail()
"""

# What people do with a session; print(session_id) alone is their own doing.
APPROVED = """
session_id
---
login
---
session = login.session
session
---
sid = session.id
ids = [sid, session_id]
---
[session_id], (session_id,), {session_id}, {"id": session_id}, {session_id: 1}
---
print([session_id], {"id": session_id}, session, vars(session), session.__dict__)
---
print(f"{session} {session!r} {session_id!r}", "%s" % session, "%r" % session_id)
---
print(login, str(login), repr(login), vars(login), login.result())
print(vars(login._runner), login._runner.snapshot())
---
dataclasses.asdict(session), dataclasses.astuple(session), dataclasses.replace(session)
---
copy.copy(session), copy.deepcopy(session), copy.deepcopy([session_id])
---
types.SimpleNamespace(id=session_id), Exception(session_id), iter([session_id])
---
pprint.pprint([{"id": session_id, "more": [session] * 5}])
---
reprlib.repr(session_id), reprlib.repr([session_id]), session_id[:40], session_id[9:]
---
display(session, session_id, [session_id])
---
%whos
---
%whos SessionID
---
%who_ls
---
session_id?
---
session_id??
---
session.id?
---
login?
---
%pdoc session_id
---
%pinfo2 session
---
{}[session_id]
---
int(session_id)
---
session_id.nothing
---
open(session_id)
---
subprocess.run(["false", session_id], check=True)
---
session.hosts()
---
session.hosts()
---
session.hosts()
---
try:
    session.hosts()
except parsec_nb.ParsecError:
    raise RuntimeError("chained")
---
session.hosts(mode="neither")
---
login.renew()
---
parsec_nb.Session.from_id(session_id + " ")
---
try:
    parsec_nb.Session.from_id(session_id + " x")
except ValueError:
    raise RuntimeError("chained")
---
parsec_nb.login("game", variable="login")
---
parsec_nb.login("game")
---
def fail():
    one, two, three, four = session_id, session, login, {"id": session.id}
    raise ValueError("with locals")
fail()
---
%tb
---
%tb Verbose
---
def in_a_thread():
    kept = [session_id, session]
    raise ValueError("in a thread")
thread = threading.Thread(target=in_a_thread)
thread.start()
thread.join()
---
faulthandler.dump_traceback(sys.__stderr__)
---
pickle.dumps(session_id)
---
pickle.dumps(session)
---
pickle.dumps({"session": session})
---
pickle.dump([login], open("pickled", "wb"))
---
%store session_id
---
%store session
---
%store ids
---
%history
---
%history -o -g session
---
%env
---
print(open("/proc/self/environ", "rb").read(), dict(__import__("os").environ))
---
[thread.name for thread in threading.enumerate()]
---
warnings.warn(f"about {session!r}")
---
logging.getLogger("user").info("session %r of %s", session_id, session)
"""

# rich replaces what shows values and errors, so its turn comes last.
RICH = """
import rich, rich.pretty, rich.traceback
---
rich.pretty.install()
---
[session_id, session, vars(session), vars(login)]
---
rich.print([session_id, session], session)
---
rich.inspect(session_id)
---
rich.inspect(session, private=True)
---
rich.traceback.install(show_locals=True, locals_max_string=30)
---
fail()
---
rich.traceback.install(show_locals=True)
---
fail()
---
session.hosts()
"""


@pytest.fixture
def canary_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file outside of all that is searched, for cells that look for the secrets."""
    file = tmp_path_factory.mktemp("canary") / "secrets"
    file.write_text(f"{SESSION_ID} {AUTH_CODE_HASH}")
    return file


def hosts_that_fail() -> list[Any]:
    """Return how a server fails at the story's four requests for hosts."""
    return [
        respond(401, {"error": "no session"}),
        respond(500, b"<html>"),
        send(b"what is this\r\n\r\n"),
        close_inside,
    ]


def test_a_notebook_that_does_what_people_do(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Echoes, containers, magics, tracebacks, logs, pickles, files: no secret."""
    search = Search()
    pending = [respond(202)] * 4
    with (
        ScriptedServer(
            *(issue_code(interval=1), *pending, grant(), *hosts_that_fail()),
            *(hang, respond(403), hang, issue_code(), grant()),
        ) as server,
        Kernel(PARSEC_API_URL=server.url) as kernel,
    ):
        told = Told(kernel)
        told.run(LOUD)
        told.run(LOG_IN)
        kernel.wait_for_status("pending")
        told.run(PENDING)
        kernel.wait_for_status("approved")
        ran = told.run(APPROVED)
        told.interrupt("session.hosts()", server)
        told.run(RICH)
        told.interrupt("session.hosts()", server)
        told.run("login = parsec_nb.login('game', fresh=True)")
        kernel.wait_for_status("approved")
        told.run("%whos\n---\nparsec_nb.logout()\n---\n%whos")
        told.search(search)
        kernel.shut_down()
    out, err = capfd.readouterr()
    search.text("stdout of the kernel's process", out)
    search.text("stderr of the kernel's process", err)
    search.tree("home, IPYTHONDIR, working directory", place)

    print(search.report())
    assert search.hits == []
    names = {cell.content.get("ename") for cell in ran}
    assert names >= {"SessionExpiredError", "UnreachableError", "TypeError"}
    assert search.searched["messages: error"] > 20_000
    assert (place / "ipython" / "profile_default" / "history.sqlite").exists()


def test_the_search_finds_what_is_printed_and_written(place: Path) -> None:
    """A search that finds nothing means nothing unless it can find something."""
    search = Search()
    with (
        ScriptedServer(issue_code(), grant()) as server,
        Kernel(PARSEC_API_URL=server.url) as kernel,
    ):
        told = Told(kernel)
        told.run(LOG_IN)
        kernel.wait_for_status("approved")
        told.run("print(session_id)\n---\n1 / len(session_id[:0] + 'x') + session_id")
        told.run("raise ValueError(str(session_id))")
        told.run("_ = open('cut', 'w').write(session_id[20:40])")
        told.search(search)
        kernel.shut_down()
    search.tree("files", place)

    found = {hit.split(": …")[0] for hit in search.hits}
    assert found == {"messages: stream", "messages: error", "replies to cells", "files"}


def test_no_object_of_the_process_shows_a_secret(
    place: Path, canary_file: Path
) -> None:
    """In all that a login reaches, no repr tells; and no plain copy stays behind."""
    with (
        ScriptedServer(
            issue_code(interval=1), *[respond(202)] * 2, grant(), *hosts_that_fail()
        ) as server,
        Kernel(PARSEC_API_URL=server.url) as kernel,
    ):
        kernel.run(
            f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
            "from support import heap\nimport threading"
        )
        kernel.run(LOG_IN)
        roots = (
            "[login, *threading.enumerate(), *[vars(module) for name, module in "
            "sys.modules.items() if name.startswith('parsec_nb')]]"
        )
        shown = f"heap.shown_from({roots}, {str(canary_file)!r})"
        plain = f"heap.plain_holders({str(canary_file)!r})"
        for status in ("pending", "approved"):
            kernel.wait_for_status(status)
            count, told = kernel.value(shown)
            assert count > 1000
            assert told == []
            assert kernel.value(plain) == []
        for _ in hosts_that_fail():
            assert kernel.run("login.session.hosts()").status == "error"
        assert kernel.value(f"{shown}[1]") == []
        assert kernel.value(plain) == []

        kernel.run(
            "login.told, login.kept = [str(session_id)], {1: session_id.encode()}"
        )
        assert "builtins.list" in kernel.value(shown)[1]
        assert kernel.value(plain) == ["dict with bytes", "list with str"]


def test_a_saved_notebook_and_its_html(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nbclient saves, widget state and all, and what nbconvert makes of it."""
    search = Search((SESSION_ID, AUTH_CODE_HASH, USER_CODE))
    story = [LOG_IN, *cells(SAVED)]
    with ScriptedServer(
        issue_code(), respond(202), grant(), respond(401, {"error": "no"})
    ) as server:
        monkeypatch.setenv("PARSEC_API_URL", server.url)
        notebook = search_saved(search, story, place)

    [state] = notebook.metadata.widgets.values()
    assert "parsec-nb" in json.dumps(state)
    assert "SessionExpiredError" in nbformat.writes(notebook)


def test_a_session_id_of_the_environment(place: Path) -> None:
    """One that is given stays where it is, and so does one that is mistyped."""
    search = Search()
    for given in (SESSION_ID, f"{SESSION_ID} x"):
        with Kernel(PARSEC_SESSION_ID=given) as kernel:
            told = Told(kernel)
            told.run(f"%xmode Verbose\n---\n{LOG_IN}")
            if given == SESSION_ID:
                kernel.wait_for_status("approved")
            told.run("login.result()\n---\nsession_id\n---\n%whos")
            told.search(search)
            kernel.shut_down()
    search.tree("home, IPYTHONDIR, working directory", place)

    print(search.report())
    assert search.hits == []


def test_the_command_line_prints_the_session_id_alone() -> None:
    """On stdout for `$(…)`, and nothing of it on stderr, in a traceback or a log."""
    search = Search()
    with ScriptedServer(issue_code(), respond(202), grant()) as server:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-m", "parsec_nb", "login", "game"],
            env=os.environ | {"PARSEC_API_URL": server.url},
            capture_output=True,
            text=True,
            check=True,
        )

    search.text("stderr", done.stderr)
    assert done.stdout == f"{SESSION_ID}\n"
    assert search.hits == []
    assert USER_CODE in done.stderr
