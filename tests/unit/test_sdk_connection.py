"""A connection's statuses, attempts and end, with a worker that is told what to say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from parsec_nb.errors import (
    SDKConnectionError,
    SDKError,
    SDKProcessError,
    SDKSetupError,
)
from parsec_nb.sdk._abi import ParsecClientConfig, ParsecClientStatus, ParsecMessage
from parsec_nb.sdk._client import Client
from parsec_nb.sdk._connection import Connection
from parsec_nb.sdk._states import TRANSITIONS, Change, ConnectionStatus

Say = Callable[[dict[str, Any]], None]
READY = {"event": "ready", "version": 0x60000}
SECONDS = 5.0


def status(code: int) -> dict[str, Any]:
    """Return the report of a status code."""
    return {
        "event": "status",
        "code": code,
        "status": bytes(ParsecClientStatus()).hex(),
    }


class FakeWorker:
    """Says what the script of its attempt has; then it is told by the test."""

    def __init__(
        self,
        start: dict[str, Any],
        *,
        python: str | None,
        on_event: Say,
        on_end: Callable[[int | None, str], None],
    ) -> None:
        self.start = start
        self.on_event = on_event
        self.on_end = on_end
        self.ended = threading.Event()
        self.requests: list[tuple[str, dict[str, object]]] = []

    @property
    def over(self) -> bool:
        return self.ended.is_set()

    def request(
        self, do: str, timeout: float = 5.0, **arguments: object
    ) -> dict[str, Any]:
        if self.ended.is_set():
            raise SDKProcessError
        self.requests.append((do, arguments))
        return {"status": 0, "guests": []}

    def end(self, timeout: float = 1.0) -> None:
        self.ended.set()


class Attempts:
    """Makes a connection whose workers say the scripted messages."""

    def __init__(self) -> None:
        self.workers: list[FakeWorker] = []
        self.made = threading.Semaphore(0)
        self.connections: list[Connection] = []
        self.delays: list[float | None] = []

    def connect(self, *scripts: list[dict[str, Any]], **options: Any) -> Connection:
        """Return a connection that has begun; attempt N follows script N."""

        def make_worker(start: dict[str, Any], **callbacks: Any) -> FakeWorker:
            worker = FakeWorker(start, **callbacks)
            self.workers.append(worker)
            self.made.release()
            for message in scripts[len(self.workers) - 1]:
                worker.on_event(message)
            return worker

        config = ParsecClientConfig()
        config.video[0].decoderH265 = config.video[1].decoderH265 = True
        start = {"simulated": None, "config": bytes(config).hex()}
        connection = Connection(start, make_worker=make_worker, **options)
        self.connections.append(connection)
        connection.observe(lambda: self.delays.append(connection.retry_delay))
        connection.begin()
        return connection

    def wait_for(self, connection: Connection, status: ConnectionStatus) -> None:
        """Wait until the connection has a status."""
        assert connection.wait_while(lambda: connection.status is not status, SECONDS)


@pytest.fixture
def attempts() -> Iterator[Attempts]:
    """Ends what it made."""
    made = Attempts()
    yield made
    for connection in made.connections:
        connection.disconnect()


def test_each_status_but_the_last_two_can_be_ended() -> None:
    """The table has a row for each status, and no way out of an end."""
    assert set(TRANSITIONS) == set(ConnectionStatus)
    for state, changes in TRANSITIONS.items():
        assert state.ended == (state in ("disconnected", "failed"))
        assert state.ended or {Change.END, Change.DISCONNECT} <= set(changes)


def test_a_connection_goes_through_its_statuses(attempts: Attempts) -> None:
    """Observers see each status once, in order."""
    seen: list[str] = []
    connection = attempts.connect([READY])
    connection.observe(lambda: seen.append(connection.status.value))
    attempts.wait_for(connection, ConnectionStatus.CONNECTING)
    worker = attempts.workers[0]
    seen.clear()

    for code in (20, 20, 6, 6, 20, 0, 0):
        worker.on_event(status(code))
    assert connection.future.done()
    worker.on_event(status(-3))
    attempts.wait_for(connection, ConnectionStatus.DISCONNECTED)

    assert seen == [
        *("waiting_for_approval", "connecting", "connected", "disconnected"),
    ]
    assert worker.ended.wait(SECONDS)
    assert "The host ended the connection" in str(connection.error)


@pytest.mark.parametrize(
    ("code", "words", "permanent"),
    [
        (11, "full", True),
        (8, "declined", True),
        (-3008, r"session ID\. Log in again", True),
        (-6101, "signal server", False),
        (-4242, "does not document", False),
    ],
)
def test_a_failed_attempt_says_why(
    attempts: Attempts, code: int, words: str, *, permanent: bool
) -> None:
    """The error has the code, its name, and whether it would happen again."""
    connection = attempts.connect([READY, status(20), status(code)])

    with pytest.raises(SDKConnectionError, match=words) as caught:
        Client(connection, "host").result(SECONDS)

    attempts.wait_for(connection, ConnectionStatus.FAILED)
    assert (caught.value.status, caught.value.permanent) == (code, permanent)
    assert str(code) in str(caught.value)
    assert isinstance(caught.value, ConnectionError)
    assert len(attempts.workers) == 1


@pytest.mark.parametrize(
    "reason",
    ["load", "function", "version", "init", "openssl", "memory", "simulated"],
)
def test_a_refusal_says_what_to_do(attempts: Attempts, reason: str) -> None:
    """What the worker refuses is a fault of the set-up, in words."""
    refused = {"event": "refused", "reason": reason, "detail": "THE DETAIL"}
    connection = attempts.connect([refused])

    with pytest.raises(SDKSetupError, match="THE DETAIL"):
        Client(connection, "host").result(SECONDS)


@pytest.mark.parametrize(
    ("returncode", "words"),
    [(-11, "SIGSEGV"), (1, "exit status 1")],
)
def test_the_worker_s_death_is_an_error(
    attempts: Attempts, returncode: int, words: str
) -> None:
    """It names the signal, the library's last words, and what to check."""
    connection = attempts.connect([READY, status(0)])
    client = Client(connection, "host")
    client.result(SECONDS)

    attempts.workers[0].on_end(returncode, "the last words\n")
    attempts.wait_for(connection, ConnectionStatus.DISCONNECTED)

    with pytest.raises(SDKProcessError, match=words) as caught:
        client.press("a")
    assert caught.value.returncode == returncode
    assert "the last words" in str(caught.value)
    assert "diagnose" in str(caught.value)


def test_no_answer_within_the_timeout(attempts: Attempts) -> None:
    """The attempt ends, and the message says how long it took."""
    connection = attempts.connect([READY, status(20)], timeout=0.05)

    with pytest.raises(SDKConnectionError, match=r"within 0\.05 s"):
        Client(connection, "host").result(SECONDS)

    assert attempts.workers[0].ended.wait(SECONDS)


def test_a_person_may_take_longer(attempts: Attempts) -> None:
    """The time in which somebody decides does not count."""
    connection = attempts.connect([READY, status(6)], timeout=0.05)
    client = Client(connection, "host")
    with pytest.raises(TimeoutError, match="waiting_for_approval"):
        client.result(0.2)

    attempts.workers[0].on_event(status(0))

    assert client.result(SECONDS) is client


class TestReconnecting:
    """Another attempt is made only when asked for, and if it can help."""

    def test_it_waits_longer_each_time(self, attempts: Attempts) -> None:
        """Each attempt is a new worker; the old one is ended first."""
        failing = [READY, status(-6101)]
        connection = attempts.connect(
            failing, failing, [READY, status(0)], delays=(0.01, 0.02)
        )
        client = Client(connection, "host")

        client.result(SECONDS)

        assert len(attempts.workers) == 3
        assert [worker.ended.is_set() for worker in attempts.workers] == [1, 1, 0]
        assert [delay for delay in attempts.delays if delay] == [0.01, 0.02]

    def test_it_gives_up(self, attempts: Attempts) -> None:
        """The last error is the result."""
        failing = [READY, status(-6101)]
        connection = attempts.connect(failing, failing, failing, delays=(0.01, 0.01))

        with pytest.raises(SDKConnectionError, match="signal server"):
            Client(connection, "host").result(SECONDS)

        assert len(attempts.workers) == 3

    def test_a_lost_connection_is_made_again(self, attempts: Attempts) -> None:
        """The count begins anew once there was a connection."""
        lost = [READY, status(0), status(-12007)]
        connection = attempts.connect(
            lost, lost, lost, [READY, status(0)], delays=(0.01,)
        )
        for _ in range(4):
            assert attempts.made.acquire(timeout=SECONDS)

        attempts.wait_for(connection, ConnectionStatus.CONNECTED)

        assert connection.worker() is attempts.workers[3]

    def test_whatever_cannot_be_shown_ends_nothing(self, attempts: Attempts) -> None:
        """Such as the status, where a front end is gone; others are told."""
        lost = [READY, status(0), status(-12007)]
        connection = attempts.connect(lost, [READY], delays=(0.1,))
        told: list[ConnectionStatus] = []

        def fail() -> None:
            raise OSError

        connection.observe(fail)
        connection.observe(lambda: told.append(connection.status))
        for _ in range(2):
            assert attempts.made.acquire(timeout=SECONDS)
        attempts.wait_for(connection, ConnectionStatus.CONNECTING)
        connection.disconnect()

        assert told[-1] is ConnectionStatus.DISCONNECTED

    def test_no_key_is_held_at_the_next_host(self, attempts: Attempts) -> None:
        """The one that was lost let go of it."""
        connection = attempts.connect(
            [READY, status(0)], [READY, status(0)], delays=(0.01,)
        )
        client = Client(connection, "host")
        client.result(SECONDS)
        client.key("lshift", down=True)

        attempts.workers[0].on_event(status(-12007))
        for _ in range(2):
            assert attempts.made.acquire(timeout=SECONDS)
        attempts.wait_for(connection, ConnectionStatus.CONNECTED)
        client.key("a", down=True)

        (sent,) = attempts.workers[1].requests[-1][1]["messages"]
        message = ParsecMessage.from_buffer_copy(bytes.fromhex(sent))
        assert message.keyboard.mod == 0

    @pytest.mark.parametrize("code", [4, 5, 8, 9, 11, 112, -3008, -13000, -3])
    def test_never_for_what_is_permanent(self, attempts: Attempts, code: int) -> None:
        """The same attempt would fail again, or the host does not want it."""
        connection = attempts.connect([READY, status(code)], delays=(0.01,))

        with pytest.raises(SDKConnectionError):
            Client(connection, "host").result(SECONDS)

        assert len(attempts.workers) == 1

    def test_never_after_a_crash(self, attempts: Attempts) -> None:
        """A library that crashed would crash again."""
        connection = attempts.connect([READY], delays=(0.01,))
        attempts.wait_for(connection, ConnectionStatus.CONNECTING)

        attempts.workers[0].on_end(-11, "")

        with pytest.raises(SDKProcessError):
            Client(connection, "host").result(SECONDS)
        assert len(attempts.workers) == 1

    def test_h264_follows_h265_once(self, attempts: Attempts) -> None:
        """A decoder's fault is permanent, unless it was H.265."""
        fault = [READY, status(-14)]
        connection = attempts.connect(fault, fault, delays=(0.01, 0.01))

        with pytest.raises(SDKConnectionError, match="could not be decoded"):
            Client(connection, "host").result(SECONDS)

        configs = [
            ParsecClientConfig.from_buffer_copy(bytes.fromhex(w.start["config"]))
            for w in attempts.workers
        ]
        assert [[v.decoderH265 for v in config.video] for config in configs] == [
            *([True, True], [False, False]),
        ]

    def test_a_disconnect_ends_the_wait(self, attempts: Attempts) -> None:
        """Nobody waits 40 s for it."""
        connection = attempts.connect([READY, status(-6101)], delays=(60.0,))
        assert connection.wait_while(lambda: connection.retry_delay is None, SECONDS)

        connection.disconnect()

        assert connection.status is ConnectionStatus.DISCONNECTED
        assert not connection._thread.is_alive()


def test_calls_before_and_after_the_connection(attempts: Attempts) -> None:
    """Each raises at once, and says what the status is, or why it ended."""
    connection = attempts.connect([READY, status(20)])
    client = Client(connection, "host")
    calls: list[Callable[[], object]] = [
        *(client.frame, client.guests, client.metrics, client.release_all),
        *(lambda: client.type("a"), lambda: client.send_text("a")),
        *(client.click, lambda: client.sound(1), lambda: client.record(1)),
        *(lambda: client.pause(video=True), lambda: client.gamepad(0).press("a")),
    ]
    attempts.wait_for(connection, ConnectionStatus.CONNECTING)
    for call in calls:
        with pytest.raises(SDKConnectionError, match="connecting"):
            call()

    client.disconnect()

    for call in calls:
        with pytest.raises(SDKConnectionError, match="was ended here"):
            call()
    assert list(client.events()) == []
    assert list(client.frames()) == []
    with pytest.raises(SDKError):
        client.result(0)
    client.disconnect()


def test_a_client_that_nobody_holds_is_ended(attempts: Attempts) -> None:
    """A cell that is run again leaves no connection behind."""
    connection = attempts.connect([READY, status(0)])
    client = Client(connection, "host")
    client.result(SECONDS)

    del client

    attempts.wait_for(connection, ConnectionStatus.DISCONNECTED)
    assert attempts.workers[0].ended.wait(SECONDS)
