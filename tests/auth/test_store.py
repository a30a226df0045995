"""Sessions in a keyring, whatever the keyring is and does."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb._api.models import Approved
from parsec_nb._auth.config import LoginConfig
from parsec_nb._auth.handle import Login
from parsec_nb._auth.store import KeyringStore, NoKeyringError
from parsec_nb.errors import StoreError
from support.builders import auth_code, session
from support.fakes import make_runner
from support.threads import no_more_threads

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime.now(timezone.utc)
CONFIG = LoginConfig("https://parsec.invalid", "game", remember=True)
KEPT = session(
    user_id=7,
    roles=("host",),
    host_peer_id="peer",
    expires_at=NOW + timedelta(days=1),
    api_url=CONFIG.api_url,
    game_id="game",
)
QUOTE = "the entry, which must not be shown"
OLD_NAME = "game at https://parsec.invalid"


class MemoryKeyring:
    """A keyring in memory, some of whose methods may fail."""

    def __init__(
        self, priority: float = 5, fault: type[Exception] = OSError, *failing: str
    ) -> None:
        self.priority = priority
        self.entries: dict[str, str] = {}
        for method in failing:
            setattr(self, method, _raising(fault))

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[username]


def _raising(fault: type[Exception]) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise fault(QUOTE)

    return fail


class Chain(MemoryKeyring):
    """A keyring that passes each call on to others, as keyring's chainer does."""

    def __init__(self, *members: MemoryKeyring) -> None:
        super().__init__(10)
        self.backends = members


def test_what_is_saved_is_loaded_for_the_same_login_only() -> None:
    """A session comes back whole, but for no other game_id and no other web API."""
    keyring = MemoryKeyring()
    others = [
        LoginConfig(CONFIG.api_url, "other", remember=True),
        LoginConfig("https://other.invalid", "game", remember=True),
    ]

    notice = KeyringStore(backend=keyring).save(CONFIG, KEPT)

    assert notice is not None
    assert "kept in the system's keyring" in notice
    assert KeyringStore(backend=keyring).load(CONFIG) == KEPT
    assert [KeyringStore(backend=keyring).load(other) for other in others] == [None] * 2


@pytest.mark.parametrize(
    "config",
    [
        LoginConfig(CONFIG.api_url, "game"),
        LoginConfig(CONFIG.api_url, "game", demo=True, remember=True),
    ],
)
def test_a_login_that_is_not_to_remember_uses_no_keyring(config: LoginConfig) -> None:
    """Neither without remember=True nor for a simulator."""
    keyring = MemoryKeyring()
    store = KeyringStore(backend=keyring)

    assert store.save(config, KEPT) is None
    assert keyring.entries == {}
    store.save(CONFIG, KEPT)
    assert store.load(config) is None


def test_a_fresh_login_saves_but_does_not_load() -> None:
    """fresh=True replaces the session that is kept."""
    config = LoginConfig(CONFIG.api_url, "game", remember=True, fresh=True)
    store = KeyringStore(backend=MemoryKeyring())

    assert store.save(config, KEPT) is not None
    assert store.load(config) is None
    assert store.load(CONFIG) == KEPT


def test_only_the_keyrings_own_session_is_not_saved_again() -> None:
    """A session that arrives while another one was loaded is saved over that one."""
    store = KeyringStore(backend=MemoryKeyring())
    store.save(CONFIG, KEPT)
    loaded = store.load(CONFIG)
    assert loaded is not None
    newer = session(id="f" * 64, expires_at=KEPT.expires_at)

    assert store.save(CONFIG, loaded) is None
    assert store.save(CONFIG, newer) is not None
    found = store.load(CONFIG)
    assert found is not None
    assert found.id == newer.id


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "x",
        "[]",
        "{}",
        "[" * 100_000,
        '{"data": {"id": 7}}',
        '{"data": {"id": "a"}}',
    ],
)
def test_an_entry_that_is_not_a_session_is_none(entry: str) -> None:
    """Another program may have written it."""
    keyring = MemoryKeyring()
    store = KeyringStore(backend=keyring)
    store.save(CONFIG, KEPT)
    keyring.entries = dict.fromkeys(keyring.entries, entry)

    assert store.load(CONFIG) is None


def test_an_entry_of_version_0_1_0_is_found_and_moved() -> None:
    """An update of parsec_nb does not log anyone out."""
    keyring = MemoryKeyring()
    KeyringStore(backend=keyring).save(CONFIG, KEPT)
    [(name, entry)] = keyring.entries.items()
    keyring.entries = {OLD_NAME: entry}

    assert KeyringStore(backend=keyring).load(CONFIG) == KEPT
    assert keyring.entries == {name: entry}

    keyring.entries = {OLD_NAME: entry}
    assert KeyringStore(backend=keyring).delete(CONFIG)
    assert keyring.entries == {}


@pytest.mark.parametrize(
    "spelling", ["HTTPS://Parsec.invalid", "https://parsec.invalid:443/"]
)
def test_an_old_entry_of_another_spelling_is_found_and_moved(spelling: str) -> None:
    """Version 0.1.0 named entries by the base URL as it was given."""
    config = LoginConfig.resolve("game", api_url=spelling, remember=True, environ={})
    keyring = MemoryKeyring()
    KeyringStore(backend=keyring).save(CONFIG, KEPT)
    [(name, entry)] = keyring.entries.items()
    keyring.entries = {f"game at {spelling.rstrip('/')}": entry}

    assert KeyringStore(backend=keyring).load(config) == KEPT
    assert keyring.entries == {name: entry}


def test_an_expired_session_is_deleted() -> None:
    """It is not loaded, and does not stay."""
    keyring = MemoryKeyring()
    store = KeyringStore(backend=keyring)
    store.save(CONFIG, session(expires_at=NOW - timedelta(seconds=1)))
    assert keyring.entries

    assert store.load(CONFIG) is None
    assert keyring.entries == {}


class SharedKeyring(MemoryKeyring):
    """A keyring that another kernel changes right after an entry was read."""

    def __init__(self, change: Callable[[dict[str, str]], object]) -> None:
        super().__init__()
        self._change = change
        self.is_shared = False

    def get_password(self, service: str, username: str) -> str | None:
        entry = super().get_password(service, username)
        if self.is_shared:
            self.is_shared = False
            self._change(self.entries)
        return entry


def test_what_another_kernel_saves_is_not_deleted_as_expired() -> None:
    """Two kernels find an expired session, and one has a new one already."""
    other = MemoryKeyring()
    KeyringStore(backend=other).save(CONFIG, KEPT)
    keyring = SharedKeyring(lambda entries: entries.update(other.entries))
    store = KeyringStore(backend=keyring)
    store.save(CONFIG, session(expires_at=NOW - timedelta(seconds=1)))
    keyring.is_shared = True

    assert store.load(CONFIG) is None
    assert store.load(CONFIG) == KEPT


def test_two_kernels_may_log_out_at_the_same_time() -> None:
    """What the other one has deleted is not reported as still held."""
    keyring = SharedKeyring(dict.clear)
    store = KeyringStore(backend=keyring)
    store.save(CONFIG, KEPT)
    keyring.is_shared = True

    assert store.delete(CONFIG)
    assert keyring.entries == {}


def test_the_unsafe_members_of_a_chain_are_passed_over() -> None:
    """A readable file is neither written nor read, wherever in the chain it is."""
    for at in (0, 1):
        readable, safe = MemoryKeyring(0.5), MemoryKeyring()
        members = [safe]
        members.insert(at, readable)
        store = KeyringStore(backend=Chain(*members))

        notice = store.save(CONFIG, KEPT)

        assert notice is not None
        assert "kept in the system's keyring" in notice
        assert (len(readable.entries), len(safe.entries)) == (0, 1)
        assert store.load(CONFIG) == KEPT


def test_a_chain_whose_first_member_fails_uses_the_next() -> None:
    """A read-only keyring in front costs nothing; a logout deletes in all."""
    read_only = MemoryKeyring(5, NotImplementedError, "set_password")
    second = MemoryKeyring()
    store = KeyringStore(backend=Chain(read_only, second))

    store.save(CONFIG, KEPT)

    assert store.load(CONFIG) == KEPT
    read_only.entries = dict(second.entries)
    assert store.delete(CONFIG)
    assert (read_only.entries, second.entries) == ({}, {})
    assert not store.delete(CONFIG)


def test_a_member_that_cannot_be_reached_is_reported_by_a_logout() -> None:
    """The others are emptied, but the session may still be in that one."""
    locked = MemoryKeyring(5, RuntimeError, "get_password")
    second = MemoryKeyring()
    store = KeyringStore(backend=Chain(locked, second))
    second.entries = {json.dumps(["game", CONFIG.api_url]): "entry"}

    with pytest.raises(StoreError, match="RuntimeError") as caught:
        store.delete(CONFIG)

    assert second.entries == {}
    assert not isinstance(caught.value, NoKeyringError)


def test_without_a_safe_keyring_the_session_stays_in_memory() -> None:
    """The notice names what there is, and a logout has nothing to delete."""
    store = KeyringStore(backend=MemoryKeyring(0.5))

    notice = store.save(CONFIG, KEPT)

    assert notice is not None
    assert "in memory only" in notice
    assert "test_store.MemoryKeyring" in notice
    with pytest.raises(NoKeyringError):
        store.delete(CONFIG)


@pytest.mark.parametrize("fault", [RuntimeError, OSError, ValueError])
@pytest.mark.parametrize("method", ["get_password", "set_password"])
def test_a_broken_keyring_loses_no_session(method: str, fault: type[Exception]) -> None:
    """The login is approved; a notice names the fault, but not what it quotes."""
    store = KeyringStore(backend=MemoryKeyring(5, fault, method))
    issued, approved = auth_code(), Approved(KEPT)
    runner, api = make_runner(issued, approved, config=CONFIG, store=store)

    runner.start()

    assert Login(runner).result(timeout=5) is KEPT
    assert api.bound == [KEPT]
    [notice] = runner.snapshot().notices
    assert ("kept in memory only" in notice) is (method == "set_password")
    assert (fault.__name__ in notice) is (method == "set_password")
    assert QUOTE not in notice


@pytest.mark.serial
def test_without_another_thread_the_session_stays_in_memory() -> None:
    """A keyring is called in a thread, because it may wait for a password."""
    store = KeyringStore(backend=MemoryKeyring())

    with no_more_threads():
        notice = store.save(CONFIG, KEPT)

    assert notice is not None
    assert "in memory only" in notice
