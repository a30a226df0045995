"""Sessions in a real keyring: kept, found again, deleted, and never in a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.store import KeyringStore
from parsec_nb.errors import StoreError
from parsec_nb.simulator import Simulator
from support.builders import session
from support.http_server import ScriptedServer, respond
from support.kernel import Kernel
from support.keyring import SecretService, python, secret_service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "feedface" * 8
CONFIG = LoginConfig("https://parsec", "game", remember=True)
NOTICES = "' '.join(login._runner.snapshot().notices)"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[SecretService]:
    """An unlocked keyring."""
    with secret_service(tmp_path / "keyring") as running:
        yield running


@pytest.fixture
def approving_server() -> Iterator[ScriptedServer]:
    """A server that issues a code and approves it at the first poll."""
    code = {
        "hash": "hash",
        "user_code": "ABCD2345",
        "verification_uri": "https://parsec/activate",
        "expires_at": time.time() + 600,
        "interval": 0.05,
    }
    session = {"id": ID, "expires_at": time.time() + 600}
    approved = respond(201, {"data": session})
    with ScriptedServer(respond(201, {"data": code}), approved) as running:
        yield running


def remembered(url: str) -> str:
    """Return what logs in and remembers it."""
    return (
        "import parsec_nb\n"
        f"login = parsec_nb.login('game', api_url={url!r}, remember=True)"
    )


def user(url: str) -> str:
    """Return the name of the keyring's entry."""
    return json.dumps(["game", url])


def last_shown(kernel: Kernel) -> str:
    """Return the text of what the card's output shows in the end."""
    kernel.value("0")
    texts: list[str] = [
        message["content"]["data"]["text/plain"]
        for message in kernel.messages
        if message["msg_type"] in {"display_data", "update_display_data"}
    ]
    return texts[-1]


def test_a_new_kernel_is_logged_in_from_the_keyring(service: SecretService) -> None:
    """The first kernel asks Parsec, the second only the keyring, until a logout."""
    with Simulator(interval=0.2) as simulator, Kernel(**service.environment) as kernel:
        url = simulator.url
        kernel.run("import logging; logging.basicConfig(level=1)")
        kernel.run(remembered(url))
        kernel.wait_for_status("pending")
        assert service.entry(user(url)) is None
        simulator.approve(kernel.wait_for_code())
        kernel.wait_for(lambda: kernel.value("login.done()"))
        assert "kept in the system's keyring" in kernel.value(NOTICES)
        assert "kept in the system's keyring" in last_shown(kernel)
        kept = service.entry(user(url))
        assert kept is not None
        session_id = json.loads(kept)["data"]["id"]
        assert session_id not in json.dumps(kernel.messages, default=str)
        assert kernel.value(f"session_id == {session_id!r}")

    with Kernel(**service.environment) as kernel:
        # The simulator is gone: only the keyring can answer.
        kernel.run(remembered(url))
        kernel.wait_for_status("approved")
        assert kernel.value("login.session.expired, len(session_id)") == (False, 64)
        assert session_id not in json.dumps(kernel.messages, default=str)

        logout = kernel.run(f"parsec_nb.logout('game', api_url={url!r})")

        text = kernel.outputs(logout)[0]["content"]["data"]["text/plain"]
        assert "session_id is deleted" in text
        assert "keyring is deleted" in text
        assert "no revoke endpoint" in text
        assert not kernel.value("'session_id' in globals()")
    assert service.entry(user(url)) is None


def test_an_expired_session_is_ignored_and_deleted(
    service: SecretService, simulator: Simulator
) -> None:
    """A session whose time is over is not taken from the keyring, nor left in it."""
    printed = service.python(f"""
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from parsec_nb import Session, SessionID
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.store import KeyringStore
config = LoginConfig({simulator.url!r}, "game", remember=True)
for hours in (1, -1):
    then = datetime.now(timezone.utc) + timedelta(hours=hours)
    saved = Session(
        SessionID({ID!r}), 7, ("host",), "peer", then, config.api_url, "game"
    )
    KeyringStore().save(config, saved)
    found = KeyringStore().load(config)
    print(found == saved, found)
""")

    assert printed.startswith("True Session(id=SessionID(")
    assert printed.endswith("False None\n")
    assert service.entry(user(simulator.url)) is None


def test_a_session_without_an_end_is_not_kept() -> None:
    """What could never be found expired would be kept for ever."""
    backend = SlowKeyring()

    notice = KeyringStore(backend=backend).save(CONFIG, session())

    assert notice is not None
    assert "did not tell when this session expires" in notice
    assert backend.entries == {}


def test_a_locked_keyring_is_waited_for_in_words_and_not_for_ever(
    service: SecretService, simulator: Simulator
) -> None:
    """While the keyring asks for its password, the kernel is responsive."""
    service.lock()
    with service.unanswered_prompt(), Kernel(**service.environment) as kernel:
        began = time.monotonic()
        kernel.run(remembered(simulator.url))
        kernel.wait_for(lambda: "asking for its password" in kernel.value(NOTICES))
        assert kernel.value("login.status.value") == "requesting"
        assert time.monotonic() - began < 10
        kernel.run("login.cancel()")
        assert kernel.value("login.done()")
        kernel.run(f"login = parsec_nb.login('other', api_url={simulator.url!r})")
        kernel.wait_for_status("pending")


def test_a_login_goes_on_without_a_keyring_that_does_not_answer(
    service: SecretService, approving_server: ScriptedServer
) -> None:
    """Once its patience is over, the login asks Parsec, and its session is there."""
    service.lock()

    with service.unanswered_prompt():
        printed = service.python(f"""
from parsec_nb._api.client import WebAPI
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.handle import Login
from parsec_nb._auth.runner import LoginRunner
from parsec_nb._auth.store import KeyringStore
waits, bound = [], []
config = LoginConfig({approving_server.url!r}, "game", remember=True)
runner = LoginRunner(
    config,
    lambda config: WebAPI(config.api_url),
    lambda config, session: bound.append(session),
    KeyringStore(waits.append, timeout=0.2),
)
runner.start()
Login(runner).result(20)
print(*runner.snapshot().notices, len(bound[0].id), waits)
""")

    assert "in memory only" in printed
    assert "has not responded" in printed
    assert "64 [True, False, True, False]" in printed


def test_a_logout_says_what_the_keyring_may_still_hold(service: SecretService) -> None:
    """A keyring that cannot be opened is told of, for its entry may be there."""
    service.lock()

    said = service.python("import parsec_nb; parsec_nb.logout('game')")

    assert "may still hold it" in said
    assert "KeyringLocked" in said


class SlowKeyring:
    """A keyring that writes once somebody unlocks it."""

    priority = 5

    def __init__(self) -> None:
        self.unlocked = threading.Event()
        self.entries: dict[str, str] = {}

    def get_password(self, _: str, user: str) -> str | None:
        return self.entries.get(user)

    def set_password(self, _: str, user: str, password: str) -> None:
        self.unlocked.wait(30)
        self.entries[user] = password

    def delete_password(self, _: str, user: str) -> None:
        del self.entries[user]


def test_what_is_deleted_is_not_written_afterwards() -> None:
    """A keyring unlocked long after a logout holds no session in the end."""
    backend = SlowKeyring()
    store = KeyringStore(backend=backend, timeout=0)
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    notice = store.save(CONFIG, session(expires_at=tomorrow))
    assert notice is not None
    assert "has not responded" in notice
    with pytest.raises(StoreError, match="has not responded"):
        store.delete(CONFIG)

    backend.unlocked.set()
    for thread in threading.enumerate():
        if thread.name == "parsec_nb-keyring":
            thread.join(5)

    assert backend.entries == {}
    assert store.load(CONFIG) is None


SHARING = """
import sys
from datetime import datetime, timedelta, timezone
from parsec_nb._api.models import Session, SessionID
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.store import KeyringStore

config = LoginConfig("https://parsec", "game", remember=True)
session_id = SessionID(sys.argv[1] * 64)
ids = {number * 64 for number in "12"}
for _ in range(20):
    end = datetime.now(timezone.utc) + timedelta(days=1)
    session = Session(id=session_id, expires_at=end, api_url=config.api_url)
    KeyringStore().save(config, session)
    loaded = KeyringStore().load(config)
    assert loaded is None or str(loaded.id) in ids
    KeyringStore().delete(config)
print("done")
"""


def test_two_kernels_share_a_keyring(service: SecretService) -> None:
    """Logins and logouts at the same time neither fail nor mix their entries."""
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", SHARING, number],
            env=os.environ | service.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number in "12"
    ]

    printed = [kernel.communicate(timeout=60)[0] for kernel in kernels]

    assert printed == ["done\n"] * 2
    assert service.entry(user("https://parsec")) is None


PLAIN = """
from keyring.backend import KeyringBackend
class Plain(KeyringBackend):
    priority = 0.5
    def get_password(self, service, username):
        return None
    def set_password(self, service, username, password):
        open("secret", "w").write(password)
    def delete_password(self, service, username):
        raise RuntimeError
class Chain(Plain):
    priority = 10
    backends = [Plain()]
class ReadOnly(Plain):
    priority = 5
    def set_password(self, service, username, password):
        raise NotImplementedError
class Mixed(Chain):
    backends = [ReadOnly(), Plain()]
    def set_password(self, service, username, password):
        Plain().set_password(service, username, password)
class Broken(Plain):
    priority = 9
    def set_password(self, service, username, password):
        raise RuntimeError(password)
"""


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        ("", "no keyring that encrypts (there is only keyring.backends.fail.Keyring)"),
        ("keyring.backends.fail.Keyring", "there is only keyring.backends.fail"),
        ("keyring.backends.null.Keyring", "there is only keyring.backends.null"),
        ("plain.Plain", "there is only plain.Plain"),
        ("plain.Chain", "there is only plain.Plain"),
        ("plain.Mixed", "cannot be used (NotImplementedError)"),
        ("plain.Broken", "cannot be used (RuntimeError)"),
        ("nowhere.Keyring", "cannot be used (ModuleNotFoundError)"),
    ],
)
def test_without_a_keyring_the_session_is_in_memory_only(
    tmp_path: Path, approving_server: ScriptedServer, backend: str, why: str
) -> None:
    """A notice says why, and no file is written, whatever replaces the keyring."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "plain.py").write_text(PLAIN)
    environment = {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"PYTHON_KEYRING_BACKEND": backend} if backend else {}),
    }

    printed = python(
        f"""
import os, sys
os.chdir({str(home)!r})
sys.path.append({str(home)!r})
import parsec_nb
login = parsec_nb.login("game", api_url={approving_server.url!r}, remember=True)
session = login.result(20)
print(session_id == session.id, *login._runner.snapshot().notices)
parsec_nb.logout("game", api_url={approving_server.url!r})
print("session_id" in globals())
""",
        environment,
    )

    assert "True The session is kept in memory only. " in printed
    assert why in printed
    assert printed.endswith("False\n")
    assert "may still hold" not in printed
    assert ID not in printed
    assert [path.name for path in home.rglob("*")] == ["plain.py"]
    assert (home / "plain.py").read_text() == PLAIN


def test_without_the_package_the_session_is_in_memory_only(
    approving_server: ScriptedServer,
) -> None:
    """remember=True without the extra is a login all the same, and says what to do."""
    printed = python(
        f"""
import sys
sys.modules["keyring"] = None
import parsec_nb
login = parsec_nb.login("game", api_url={approving_server.url!r}, remember=True)
login.result(20)
print(*login._runner.snapshot().notices)
parsec_nb.logout("game", api_url={approving_server.url!r})
""",
        {},
    )

    assert "in memory only. remember=True needs the keyring package: pip" in printed
    assert "may still hold" not in printed
