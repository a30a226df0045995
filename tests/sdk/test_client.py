"""The client from end to end: public calls, a worker process, and a stand-in."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import time
import wave
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import requests

from parsec_nb import sdk
from parsec_nb.errors import (
    InvalidArgumentError,
    SDKConnectionError,
    SDKError,
    SDKSetupError,
    SessionExpiredError,
)
from parsec_nb.sdk import Client, ConnectionStatus, CursorEvent, UserDataEvent
from parsec_nb.sdk._config import make_config
from parsec_nb.sdk._connection import Connection
from parsec_nb.sdk._shared.media import FrameHeader
from parsec_nb.simulator import Simulator
from support.approver import hidden_fields
from support.libparsec import (
    QUADRANTS,
    TEXT,
    TEXT_ID,
    environment,
    fingerprint,
    frame_number,
    quadrant_centres,
    read_record,
)
from support.secrets import SESSION_ID
from support.simulated_sdk import log_in
from support.worker import PEER_ID, start_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parsec_nb import Session

OWN, ASKS, OFFLINE, GAME, FULL, DROPS = range(6)


class Clock:
    """Unix seconds, which a test can move on."""

    ahead = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return time.time() + self.ahead


@pytest.fixture
def reach(session: Session) -> Iterator[Callable[..., Client]]:
    """Connect to one of the simulator's hosts."""
    clients = []

    def reach(host: int, **options: Any) -> Client:
        clients.append(sdk.connect(session, session.hosts()[host], **options))
        return clients[-1]

    yield reach
    for client in clients:
        client.disconnect()


@pytest.fixture(params=["simulated", "stand_in"])
def client(request: pytest.FixtureRequest) -> Client:
    """A connected client of each stand-in."""
    if request.param == "simulated":
        connected: Client = request.getfixturevalue("reach")(OWN).result(10)
        return connected
    guest: Callable[..., Client] = request.getfixturevalue("guest")
    return guest(events=1, size="640x360")


def entries(record: Path, *names: str) -> list[dict[str, str]]:
    """Return the fields of the calls with these names."""
    return [entry.fields for entry in read_record(record) if entry.name in names]


def newest(client: Client, is_good: Callable[[sdk.Frame], bool], **how: Any) -> Any:
    """Return the first frame that is good."""
    return next(frame for frame in client.frames(**how) if is_good(frame))


def assert_picture(frame: sdk.Frame, turn: int = 0) -> None:
    """The stand-in's four colours are where they belong, and the number is right."""
    picture = frame.array
    assert picture.shape == (frame.height, frame.width, 3)
    assert picture.dtype == np.uint8
    places = quadrant_centres(frame.width, frame.height)
    for number, (row, column) in enumerate(places):
        found = picture[row, column].astype(int)
        assert abs(found - QUADRANTS[(number + turn) % 4]).max() <= 3
    # Not a mixture of two frames.
    assert 0 <= frame_number(picture) < 256


class TestFrames:
    """All that the SDK may deliver becomes the picture that the host has."""

    @pytest.mark.parametrize("pixels", range(1, 8))
    @pytest.mark.parametrize("rotation", [0, 1, 2, 3, 4])
    def test_every_format_upright(
        self, guest: Callable[..., Client], pixels: int, rotation: int
    ) -> None:
        """With padding, a size that changes on the way, and two streams."""
        settings = {"format": pixels, "rotation": rotation, "padding": "6x4"}
        client = guest(**settings, fps=100, resize="60:96x80")
        sideways = rotation in (2, 4)
        small, large = ((48, 64), (80, 96)) if sideways else ((64, 48), (96, 80))

        sizes = set()
        for frame in client.frames():
            assert_picture(frame)
            sizes.add((frame.width, frame.height))
            if frame.width == large[0]:
                break

        assert sizes == {small, large}
        assert frame.format == pixels
        assert_picture(client.frame(stream=1), turn=1)
        assert_picture(client.frame())

    def test_an_unknown_format(self, guest: Callable[..., Client]) -> None:
        """It is refused where it is read, and the connection goes on."""
        client = guest(format=9)

        with pytest.raises(TimeoutError, match=r"within 0\.1 s"):
            client.frame(timeout=0.1)
        assert client.guests()

    def test_pinned_frames_stay_as_they_are(self, guest: Callable[..., Client]) -> None:
        """Two at a time without a copy; a third is one; new ones come meanwhile."""
        client = guest(fps=200)
        held = [client.frame(copy=False)]
        for _ in range(3):
            number = held[-1].number
            following = newest(client, lambda f, n=number: f.number > n, copy=False)
            held.append(following)
        before = [frame.planes[0].tobytes() for frame in held]

        later = newest(client, lambda frame: frame.number > held[-1].number + 30)

        assert [frame.planes[0].tobytes() for frame in held] == before
        assert len(set(before)) == 4
        assert later.number > held[-1].number
        for frame in held:
            assert_picture(frame)
            frame.release()
        with pytest.raises(SDKError, match="released"):
            _ = held[0].planes

    def test_frames_iterates_over_the_newest(self, client: Client) -> None:
        """Numbers and times rise; a slow reader gets no old ones."""
        begin = time.time()
        frames = list(itertools.islice(client.frames(), 20))

        numbers = [frame.number for frame in frames]
        assert numbers == sorted(set(numbers))
        times = [frame.received_at for frame in frames]
        assert times == sorted(times)
        assert abs(times[0].timestamp() - begin) < 5
        iterator = client.frames()
        first = next(iterator)
        time.sleep(0.2)
        assert next(iterator).number > first.number + 2

    def test_a_frame_shows_what_was_sent_before(self, client: Client) -> None:
        """It arrived after the input did."""
        for _ in range(5):
            sent = time.time()
            client.press("a")
            assert client.frame().received_at.timestamp() >= sent


class TestSound:
    """The samples are the host's."""

    def test_it_is_bit_exact(self, guest: Callable[..., Client]) -> None:
        """Every sample tells its number."""
        sound = guest().sound(0.4)

        left, right = sound.array.T.astype(int)
        expected = (left[0] + np.arange(len(left)) + 2**15) % 2**16 - 2**15
        assert (left == expected).all()
        assert ((left + right) % 2**16 == 0).all()
        assert 0.3 < sound.seconds <= 0.4

    def test_a_key_makes_a_tone(self, reach: Callable[..., Client]) -> None:
        """The simulated host plays one for each key."""
        client = reach(OWN).result(10)
        client.key("a", down=True)

        assert abs(client.sound(0.3).array.astype(int)).max() > 100


class TestReports:
    """What the SDK tells of the connection."""

    def test_metrics_and_their_history(self, client: Client) -> None:
        """The history is a table for pandas."""
        pandas = pytest.importorskip("pandas")
        client.frame()
        deadline = time.monotonic() + 5
        while len(client.history) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)

        table = pandas.DataFrame(client.history)

        assert client.metrics().bitrate > 0
        assert client.metrics() in client.history
        assert table["packets_sent"].iloc[-1] > 0
        assert (table["network_latency"] > 0).all()
        assert (table["at"].diff().dropna().dt.total_seconds() < 2).all()
        assert not table["network_failure"].any()
        assert client.metrics(stream=1).at == client.metrics().at

    def test_guests(self, client: Client) -> None:
        """One of them is this client."""
        guests = client.guests()

        assert len(guests) == 2
        assert {guest.state.name for guest in guests} == {"GUEST_CONNECTED"}
        assert {guest.name for guest in guests} & {"you", "Zoë"}

    def test_events_come_once(self, client: Client) -> None:
        """Each with what belongs to it: the pointer's image, the text."""
        events = list(client.events(timeout=0.3))

        assert len(set(events)) == len(events)
        [cursor] = [event for event in events if isinstance(event, CursorEvent)]
        assert len(cursor.image) == cursor.size[0] * cursor.size[1] * 4 > 0
        [text] = [event for event in events if isinstance(event, UserDataEvent)]
        assert text.text
        # Those that are kept are told again to another reader.
        assert list(client.events(timeout=0.1)) == events

    def test_every_kind_of_event(self, guest: Callable[..., Client]) -> None:
        """With the host's values."""
        events = list(guest(events=1).events(timeout=0.3))

        cursor = events[0]
        assert isinstance(cursor, CursorEvent)
        assert cursor.image == bytes(i % 256 for i in range(16 * 16 * 4))
        assert (cursor.size, cursor.hot_spot) == ((16, 16), (3, 4))
        assert cursor.position == (100, 200)
        assert events[1:] == [
            UserDataEvent(id=TEXT_ID, text=TEXT),
            sdk.RumbleEvent(gamepad=1, big=200, small=100),
            sdk.BlockedEvent(blocked=True),
            sdk.BlockedEvent(blocked=False),
            sdk.StreamEvent(stream=0, status=sdk.ParsecStatus(1003)),
        ]

    def test_an_event_wakes_a_reader(self, reach: Callable[..., Client]) -> None:
        """The simulated host sends texts back."""
        client = reach(OWN).result(10)
        events = client.events(timeout=5)
        while not isinstance(next(events), UserDataEvent):
            pass

        client.send_text("grüße", id=7)

        assert next(events) == UserDataEvent(id=7, text="grüße")

    def test_the_log_has_no_secrets(self, guest: Callable[..., Client]) -> None:
        """The stand-in writes both IDs."""
        client = guest(log=6)
        deadline = time.monotonic() + 5
        while not any("session" in line for line in client.log):
            assert time.monotonic() < deadline
            time.sleep(0.01)

        assert "session ***, peer ***" in client.log
        assert PEER_ID not in str(client.log)


class TestInput:
    """What is pressed arrives as the SDK's messages."""

    def test_keys_and_text(self, guest: Callable[..., Client], record: Path) -> None:
        """By name, with the modifiers that are held, and as on a US keyboard."""
        client = guest()
        client.key("lshift", down=True)
        client.key("lshift", down=False)
        client.press("ctrl", "c")
        client.type("A\n")

        keys = [
            (int(key["code"]), int(key["mod"]), int(key["pressed"]))
            for key in entries(record, "keyboard")
        ]
        assert keys == [
            *((225, 1, 1), (225, 0, 0)),
            *((224, 64, 1), (6, 64, 1), (6, 64, 0), (224, 0, 0)),
            *((225, 1, 1), (4, 1, 1), (4, 1, 0), (225, 0, 0)),
            *((40, 0, 1), (40, 0, 0)),
        ]

    def test_mouse_wheel_and_pad(
        self, guest: Callable[..., Client], record: Path
    ) -> None:
        """All fields; positive wheel values are up."""
        client = guest()
        client.mouse_move(12, 34.6)
        client.mouse_move(-3, 4, relative=True, stream=1)
        client.mouse_button("x2", down=True)
        client.click("right")
        client.wheel(-5, 100)
        pad = client.gamepad(2)
        pad.button("dpad_up", down=True)
        pad.axis("ly", -1)
        pad.unplug()
        client.release_all()

        sent = [
            (name, fields)
            for name, fields in read_record(record)
            if name not in {"init", "connect", "setDimensions"}
        ]
        still = {"relative": "0", "scaleRelative": "0", "stream": "0"}
        assert sent == [
            ("mouseMotion", {"x": "12", "y": "35"} | still),
            (
                "mouseMotion",
                {"x": "-3", "y": "4", "scaleRelative": "0"}
                | {"relative": "1", "stream": "1"},
            ),
            ("mouseButton", {"button": "5", "pressed": "1"}),
            ("mouseButton", {"button": "3", "pressed": "1"}),
            ("mouseButton", {"button": "3", "pressed": "0"}),
            ("mouseWheel", {"x": "-5", "y": "100"}),
            ("gamepadButton", {"button": "11", "id": "2", "pressed": "1"}),
            ("gamepadAxis", {"axis": "1", "id": "2", "value": "-32768"}),
            ("gamepadUnplug", {"id": "2"}),
            ("release", {}),
        ]

    def test_positions_are_pixels_of_the_frame(
        self, guest: Callable[..., Client], record: Path
    ) -> None:
        """The SDK is told the frame's size before they are sent."""
        client = guest(size="640x360")
        client.frame()
        time.sleep(0.3)
        client.mouse_move(320, 180)

        names = [entry.name for entry in read_record(record)]
        assert names.index("setDimensions") < names.index("mouseMotion")
        [told] = entries(record, "setDimensions")
        assert told == {"stream": "0", "width": "640", "height": "360", "scale": "1"}

    def test_messages_and_pauses(
        self, guest: Callable[..., Client], record: Path
    ) -> None:
        """One setting does not change the other one."""
        client = guest()
        client.send_text("grüße ☃", id=9)
        client.pause(video=True)
        client.pause(sound=True)
        client.pause(video=False)

        assert entries(record, "userData") == [{"id": "9", "text": "grüße ☃"}]
        pauses = entries(record, "pause")
        assert [(p["pauseVideo"], p["pauseAudio"]) for p in pauses] == [
            *(("1", "0"), ("1", "1"), ("0", "1")),
        ]

    def test_a_pause_stops_frames_and_sound(self, client: Client) -> None:
        """Until it ends; meanwhile there is the last frame."""
        client.frame()
        client.pause(video=True, sound=True)
        time.sleep(0.25)
        number = client.frame().number
        assert client.sound(0.2).pcm == b""
        assert client.frame().number == number
        client.pause(video=False)
        assert newest(client, lambda frame: frame.number > number)


class TestRecording:
    """Frames and sound of some seconds, as files."""

    def test_a_recording_as_files(self, client: Client, tmp_path: Path) -> None:
        """Video and sound in one, or the sound alone."""
        av = pytest.importorskip("av")
        recording = client.record(0.6, fps=20)

        assert 6 <= len(recording.frames) <= 13
        film = recording.save(tmp_path / "film.mp4")
        with av.open(str(film)) as file:
            width, height = file.streams.video[0].width, file.streams.video[0].height
            pictures = list(file.decode(video=0))
            [sound] = file.streams.audio
            assert (sound.rate, sound.channels) == (48_000, 2)
        assert (width, height) == (
            recording.frames[0].width,
            recording.frames[0].height,
        )
        assert len(pictures) == len(recording.frames)
        first = recording.frames[0].array.astype(int)
        shown = pictures[0].to_ndarray(format="rgb24").astype(int)
        assert abs(first - shown).mean() < 12
        with wave.open(str(recording.save(tmp_path / "s.wav"))) as file:
            assert (file.getframerate(), file.getnchannels()) == (48_000, 2)
            assert file.readframes(10**6) == recording.sound.pcm
        with pytest.raises(InvalidArgumentError, match=r"\.mp4"):
            recording.save("film.avi")

    def test_frames_that_came_together(self, tmp_path: Path) -> None:
        """A kernel that was held up gets them so; each has its time in the film."""
        av = pytest.importorskip("av")
        milliseconds = 0, 50, 100, 100, 100, 150, 151, 152, 140
        size = 64 * 48 * 3 // 2
        frames = [
            sdk.Frame(
                FrameHeader(1, 1, 1, size, 64, 48, 64, 48, 10**18 + at * 10**6),
                bytes([at]) * size,
            )
            for at in milliseconds
        ]

        recording = sdk.Recording(frames, sdk.Sound(bytes(4800)), 20)

        with av.open(str(recording.save(tmp_path / "film.mp4"))) as file:
            times = [round(picture.time * 1000) for picture in file.decode(video=0)]
        assert times == [0, 50, 100, 100, 100, 150, 151, 152, 152]

    def test_a_size_that_changes(
        self, guest: Callable[..., Client], tmp_path: Path
    ) -> None:
        """The film keeps the first size."""
        av = pytest.importorskip("av")
        client = guest(fps=60, resize="30:96x80")

        recording = client.record(1.2, fps=20)

        assert len({frame.width for frame in recording.frames}) == 2
        with av.open(str(recording.save(tmp_path / "film.mp4"))) as file:
            sizes = {(p.width, p.height) for p in file.decode(video=0)}
        assert sizes == {(64, 48)}


class TestTheEnd:
    """Connections end by `disconnect`, by a context, by the host, or by a reason."""

    def test_a_disconnect_lets_go_of_keys(
        self, guest: Callable[..., Client], record: Path
    ) -> None:
        """Before it disconnects; nothing that was lent is left."""
        client = guest(events=1)
        client.key("a", down=True)
        list(client.events(timeout=0.1))
        client.guests()

        client.disconnect()

        last = read_record(record)[-2:]
        assert [entry.name for entry in last] == ["release", "disconnect"]
        assert last[-1].fields == {"unfreed": "0"}
        assert client.status is ConnectionStatus.DISCONNECTED
        with pytest.raises(SDKConnectionError, match="was ended here"):
            client.frame()
        client.disconnect()

    def test_contexts_end_it(self, reach: Callable[..., Client]) -> None:
        """The block begins once it is connected."""
        with reach(OWN) as client:
            assert client.status is ConnectionStatus.CONNECTED
        assert client.status is ConnectionStatus.DISCONNECTED

    @pytest.mark.parametrize("how", ["await", "async with"])
    def test_in_an_event_loop(self, reach: Callable[..., Client], how: str) -> None:
        """The loop goes on meanwhile."""

        async def connect() -> Client:
            ticks = 0

            async def tick() -> None:
                nonlocal ticks
                while True:
                    await asyncio.sleep(0.005)
                    ticks += 1

            ticking = asyncio.create_task(tick())
            if how == "await":
                client = await reach(OWN)
                assert client.status is ConnectionStatus.CONNECTED
                client.disconnect()
            else:
                async with reach(OWN) as client:
                    assert client.status is ConnectionStatus.CONNECTED
            assert ticks > 3
            ticking.cancel()
            return client

        client = asyncio.run(connect())

        assert client.status is ConnectionStatus.DISCONNECTED

    def test_result(self, guest: Callable[..., Client]) -> None:
        """It waits, gives the client itself, and does not end what goes on."""
        client = guest(wait=False, connect=400)

        with pytest.raises(TimeoutError, match="not connected yet"):
            client.result(0.05)
        assert not client.done()
        assert client.result(10) is client
        assert client.done()
        assert client.result() is client

    @pytest.mark.parametrize(
        ("host", "code", "words", "permanent"),
        [(OFFLINE, 99, "online", False), (FULL, 11, "full", True)],
    )
    def test_hosts_that_do_not_connect(
        self,
        reach: Callable[..., Client],
        host: int,
        code: int,
        words: str,
        permanent: bool,  # noqa: FBT001
    ) -> None:
        """The error says why, and whether another try may help."""
        client = reach(host)

        with pytest.raises(SDKConnectionError, match=words) as caught:
            client.result(10)

        assert (caught.value.status, caught.value.permanent) == (code, permanent)
        assert client.status is ConnectionStatus.FAILED
        with pytest.raises(SDKConnectionError, match=words):
            client.press("a")

    @pytest.mark.parametrize("allow", [True, False])
    @pytest.mark.parametrize("how", ["card", "page"])
    def test_an_approval(
        self,
        reach: Callable[..., Client],
        simulator: Simulator,
        how: str,
        allow: bool,  # noqa: FBT001
    ) -> None:
        """By the card's button, or by the simulator's page, as a browser does it."""
        client = reach(ASKS)
        connection = client._connection
        waiting = ConnectionStatus.WAITING_FOR_APPROVAL
        assert connection.wait_while(lambda: client.status is not waiting, 10)

        if how == "card":
            connection.decide(allow=allow)
        else:
            with requests.Session() as browser:
                page = browser.get(f"{simulator.url}/connections", timeout=5).text
                fields = hidden_fields(page)
                fields["decision"] = "allow" if allow else "deny"
                url = f"{simulator.url}/connections"
                browser.post(url, data=fields, timeout=5).raise_for_status()

        if allow:
            assert client.result(10).frame().width == 1280
        else:
            with pytest.raises(SDKConnectionError, match="declined") as caught:
                client.result(10)
            assert caught.value.permanent

    def test_a_line_that_drops(self) -> None:
        """What waits ends with the reason, and so does each later call."""
        clock = Clock()
        with Simulator(interval=0.05, clock=clock) as simulator:
            session = log_in(simulator)
            client = sdk.connect(session, session.hosts()[DROPS]).result(10)
            frames = client.frames()
            next(frames)
            clock.ahead = 9

            assert len(list(frames)) < 300
            with pytest.raises(SDKConnectionError, match="Connect again") as caught:
                client.frame()

        assert caught.value.status == -12007
        assert client.status is ConnectionStatus.DISCONNECTED
        assert list(client.events()) != []

    def test_calls_that_wait_get_the_reason(self, guest: Callable[..., Client]) -> None:
        """Never a TimeoutError, which would tell to wait longer."""
        for call in (
            lambda client: [client.frame() for _ in itertools.count()],
            lambda client: client.sound(20),
            lambda client: client.record(20),
            lambda client: [client.guests() for _ in itertools.count()],
            lambda client: [client.press("a") for _ in itertools.count()],
        ):
            client = guest(drop="300:-12007", fps=30)
            with pytest.raises(SDKConnectionError) as caught:
                call(client)
            assert caught.value.status == -12007


@pytest.fixture
def attempts(
    libparsec: Path, openssl: Path, record: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Client]]:
    """Connect to the stand-in, and again after the given delays."""
    clients = []

    def attempts(*delays: float, h265: bool = False, **settings: Any) -> Client:
        for name, value in environment(record, **settings).items():
            monkeypatch.setenv(name, value)
        start = start_line(libparsec, openssl)
        start["config"] = make_config("", "software", h265=h265)
        connection = Connection(start, delays=delays)
        clients.append(Client(connection, "host"))
        connection.begin()
        return clients[-1]

    yield attempts
    for client in clients:
        client.disconnect()


class TestReconnecting:
    """Another attempt goes on where the last one ended."""

    def test_frames_go_on(self, attempts: Callable[..., Client]) -> None:
        """Of both streams, although the new worker counts from 1."""
        client = attempts(
            0.05, connect=10, drop="600:-12007", fps=60, size="64x48"
        ).result(10)
        attempt = client._connection.worker()
        assert client.frame(stream=1)
        frames = client.frames()
        numbers = []
        deadline = time.monotonic() + 10
        while client._connection._worker in {attempt, None} or len(numbers) < 60:
            assert time.monotonic() < deadline
            numbers.append(next(frames).number)

        assert client.frame(timeout=2, stream=1)
        assert numbers.index(max(numbers)) < len(numbers) - 1

    def test_without_it_there_is_one_attempt(
        self, guest: Callable[..., Client], record: Path
    ) -> None:
        """It is only done when asked for."""
        client = guest(drop="100:-12007")
        connection = client._connection
        assert connection.wait_while(lambda: not client.status.ended, 5)

        assert client.status is ConnectionStatus.DISCONNECTED
        assert len(entries(record, "connect")) == 1

    def test_h264_follows_h265(
        self,
        attempts: Callable[..., Client],
        record: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Once a picture could not be decoded."""
        client = attempts(0.3, h265=True, connect=10, status=-14)
        connection = client._connection
        assert connection.wait_while(lambda: connection.retry_delay is None, 5)
        for name, value in environment(record, connect=10).items():
            monkeypatch.setenv(name, value)

        assert client.result(10) is client

        asked = [fields["video0.decoderH265"] for fields in entries(record, "connect")]
        assert asked == ["1", "0"]


class TestConnecting:
    """What `connect()` hands to the SDK."""

    def test_its_options(self, guest: Callable[..., Client], record: Path) -> None:
        """Nothing more is asked for than what was given."""
        options = {"secret": "s3cret", "decoder": "hardware", "h265": True}
        guest(options | {"signal_host": "signal.example", "upnp": True})

        [init], [connect] = entries(record, "init"), entries(record, "connect")
        assert init["upnp"] == "1"
        assert init["reserved"] == '{"ssHost": "signal.example"}'
        assert connect["session"] == fingerprint(SESSION_ID)
        assert connect["secret"] == fingerprint("s3cret")
        assert connect["peer"] == PEER_ID
        assert connect["protocol"] == "1"
        for stream in "01":
            assert connect[f"video{stream}.decoderIndex"] == "1"
            assert connect[f"video{stream}.decoderH265"] == "1"
            assert connect[f"video{stream}.decoder444"] == "0"

    def test_a_real_session_needs_a_library(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is refused at the call, with what to do."""
        monkeypatch.delenv("PARSEC_SDK_PATH", raising=False)
        with pytest.raises(SDKSetupError, match="PARSEC_SDK_PATH"):
            sdk.connect(SESSION_ID, PEER_ID)

    def test_an_expired_session(self, session: Session) -> None:
        """It is refused at the call."""
        long_ago = datetime(2020, 1, 1, tzinfo=timezone.utc)
        old = dataclasses.replace(session, expires_at=long_ago)
        with pytest.raises(SessionExpiredError):
            sdk.connect(old, session.hosts()[OWN])
