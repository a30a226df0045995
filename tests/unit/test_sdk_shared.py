"""The shared memory: slots, pins, growth, the ring of sound, two threads at once."""

from __future__ import annotations

import array
import ctypes
import gc
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from parsec_nb.sdk._shared.media import _PIN, SOUND_PAIRS, SharedMedia, _base, _slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE = 6000


@pytest.fixture
def reader() -> Iterator[SharedMedia]:
    """The kernel's side."""
    media = SharedMedia.create()
    yield media
    media.close()


@pytest.fixture
def writer(reader: SharedMedia) -> Iterator[SharedMedia]:
    """The worker's side."""
    assert isinstance(reader.handle, int)
    media = SharedMedia.attach(os.dup(reader.handle))
    yield media
    media.close()


def write(media: SharedMedia, byte: int, size: int = SIZE, stream: int = 0) -> bool:
    """Write a frame that consists of one byte."""
    data = ctypes.create_string_buffer(bytes([byte]) * size, size)
    values = (1, 2, size, 80, 50, 96, 64)
    return media.write_frame(stream, values, ctypes.addressof(data), 1000 + byte)


def write_sound(media: SharedMedia, start: int, pairs: int) -> None:
    """Write pairs of samples that tell their number."""
    data = ctypes.create_string_buffer(numbered(start, pairs))
    media.write_sound(ctypes.addressof(data), pairs)


def numbered(start: int, pairs: int) -> bytes:
    """Return pairs of samples that tell their number."""
    return array.array("I", range(start, start + pairs)).tobytes()


def test_a_frame_arrives_with_all_that_is_known_of_it(
    reader: SharedMedia, writer: SharedMedia
) -> None:
    """Streams are apart, and the newest frame counts."""
    assert reader.newest(0) is None
    assert reader.pin(0) is None

    assert write(writer, 7)
    assert write(writer, 8)

    header = reader.newest(0)
    assert header == (2, 1, 2, SIZE, 80, 50, 96, 64, 1008)
    frame = reader.pin(0)
    assert frame is not None
    assert frame.header == header
    assert frame.data == bytes([8]) * SIZE
    assert frame.data.readonly
    assert reader.newest(1) is None
    assert write(writer, 9, stream=1)
    assert reader.newest(1) == (1, 1, 2, SIZE, 80, 50, 96, 64, 1009)
    assert reader.newest(0) == header


def test_pinned_frames_stay_as_they_are(
    reader: SharedMedia, writer: SharedMedia
) -> None:
    """Two frames are pinned, a third is a copy, and the writer goes on."""
    frames = []
    for byte in (1, 2, 3):
        write(writer, byte)
        frames.append(reader.pin(0))

    for byte in range(4, 20):
        assert write(writer, byte)

    assert [bytes(frame.data) for frame in frames if frame] == [
        bytes([byte]) * SIZE for byte in (1, 2, 3)
    ]
    assert reader.dropped(0) == 0


def test_a_pin_ends_by_its_release_or_with_its_last_view(
    reader: SharedMedia, writer: SharedMedia
) -> None:
    """A view that outlives the frame keeps the pin; a release gives it back once."""
    write(writer, 1)
    first, second = reader.pin(0), reader.pin(0)
    assert first
    assert second
    view = first.data[10:20]
    del first
    gc.collect()
    for byte in range(2, 9):
        write(writer, byte)
    assert view == bytes([1]) * 10

    del view
    second.release()
    second.release()
    third, fourth = reader.pin(0), reader.pin(0)
    second.release()

    # Copies do not have pins.
    assert third is not None
    assert fourth is not None
    for byte in range(9, 19):
        write(writer, byte)
    assert third.data == fourth.data == bytes([8]) * SIZE
    assert third.data.obj is not fourth.data.obj
    with pytest.raises(ValueError, match="released"):
        second.data[0]


def test_a_release_under_an_array_that_shows_the_frame_is_no_error(
    reader: SharedMedia, writer: SharedMedia
) -> None:
    """The array then shows what is written there."""
    write(writer, 1)
    frame = reader.pin(0)
    assert frame
    exported = memoryview(frame.data)

    frame.release()
    for byte in range(2, 9):
        write(writer, byte)

    assert exported[0] != 1


def test_larger_frames_get_larger_slots(
    reader: SharedMedia, writer: SharedMedia
) -> None:
    """The file grows at most twice as far as frames need, and pins outlive it."""
    assert isinstance(reader.handle, int)
    small_sizes = range(SIZE, 40 * SIZE, SIZE)
    write(writer, 1)
    pinned = reader.pin(0)
    for byte, size in enumerate(small_sizes):
        assert write(writer, byte, size)
        frame = reader.pin(0)
        assert frame
        assert frame.data == bytes([byte]) * size

    assert pinned
    assert pinned.data == bytes([1]) * SIZE
    length = os.fstat(reader.handle).st_size
    assert length < 4 * 4 * 40 * SIZE
    for _ in range(10):
        write(writer, 3, 40 * SIZE)
        write(writer, 3, SIZE)
    assert os.fstat(reader.handle).st_size <= length + 80 * SIZE


def test_frames_without_room_are_dropped_and_counted(
    reader: SharedMedia, writer: SharedMedia
) -> None:
    """The error is the system's, and smaller frames still arrive."""
    write(writer, 1)

    with pytest.raises(OSError, match=r"\[Errno"):
        write_header_only(writer, 2**62)

    assert reader.dropped(0) == 1
    assert reader.newest(0) == (1, 1, 2, SIZE, 80, 50, 96, 64, 1001)
    assert write(writer, 3)
    assert reader.newest(0) == (3, 1, 2, SIZE, 80, 50, 96, 64, 1003)


def test_room_is_reserved_before_it_is_used(reader: SharedMedia) -> None:
    """A write where there is none would end the process by SIGBUS."""
    assert isinstance(reader.handle, int)

    reader._memory.allocate(10 * SIZE)

    status = os.fstat(reader.handle)
    assert status.st_size > 10 * SIZE
    assert status.st_blocks * 512 >= 10 * SIZE


def write_header_only(media: SharedMedia, size: int) -> None:
    """Write a frame whose bytes cannot be copied."""
    media.write_frame(0, (1, 0, size, 1, 1, 1, 1), 0, 0)


def test_a_folder_that_cannot_be_used_is_the_systems_error() -> None:
    """No file is left open."""
    before = os.dup(0)
    os.close(before)

    with pytest.raises(FileNotFoundError):
        SharedMedia.create("/nowhere")

    after = os.dup(0)
    os.close(after)
    assert after == before


def test_sound_is_read_by_its_number(reader: SharedMedia, writer: SharedMedia) -> None:
    """What is not written yet is left out."""
    assert reader.sound(0, 10) == b""

    write_sound(writer, 0, 480)
    write_sound(writer, 480, 480)

    assert reader.sound_written == 960
    assert reader.sound(470, 20) == numbered(470, 20)
    assert reader.sound(950, 20) == numbered(950, 10)
    assert reader.sound(960, 20) == b""


def test_the_ring_of_sound_wraps(reader: SharedMedia, writer: SharedMedia) -> None:
    """What was overwritten is silence, so that all else keeps its time."""
    step = 44_100
    written = 0
    while written < SOUND_PAIRS + 3 * step:
        write_sound(writer, written, step)
        written += step

    oldest = written - SOUND_PAIRS
    assert reader.sound(oldest, SOUND_PAIRS) == numbered(oldest, SOUND_PAIRS)
    assert reader.sound(oldest - 2, 5) == bytes(8) + numbered(oldest, 3)
    assert reader.sound(0, 3) == bytes(12)
    assert reader.sound(SOUND_PAIRS - 2, 4) == numbered(SOUND_PAIRS - 2, 4)


def test_after_the_end_only_pinned_frames_can_be_read(
    reader: SharedMedia, writer: SharedMedia
) -> None:
    """Closing twice is no error, nor is a release afterwards."""
    write(writer, 1)
    write_sound(writer, 0, 10)
    frame = reader.pin(0)
    assert frame

    reader.close()
    reader.close()

    assert reader.pin(0) is None
    assert reader.sound(0, 10) == b""
    assert reader.sound_written == 10
    assert frame.data == bytes([1]) * SIZE
    frame.release()


class PausedTable:
    """A table that calls a function before it stores a number at one position."""

    def __init__(
        self, media: SharedMedia, position: int, before: Callable[[], object]
    ) -> None:
        self.table = media._memory.table
        self.position = position
        self.before = before
        media._memory.table = self  # type: ignore[assignment]

    def __getitem__(self, position: int | slice) -> Any:
        return self.table[position]

    def __setitem__(self, position: int, value: int) -> None:
        if position == self.position:
            self.position = -1
            self.before()
        self.table[position] = value


@pytest.mark.parametrize(
    ("word", "number"), [(0, 1), (1, 2)], ids=["before-the-writer", "too-late"]
)
def test_a_pin_and_a_write_of_the_same_slot_exclude_each_other(
    reader: SharedMedia, writer: SharedMedia, word: int, number: int
) -> None:
    """A reader chose the first slot; it pins it when the writer has chosen it, too."""
    write(writer, 1)
    chosen, pin, pinned = threading.Event(), threading.Event(), threading.Event()
    frames = []

    def read() -> None:
        frames.append(reader.pin(0))
        pinned.set()

    def pause_reader() -> None:
        chosen.set()
        assert pin.wait(5)

    def resume_reader() -> None:
        pin.set()
        assert pinned.wait(5)

    real = reader._memory.table, writer._memory.table
    PausedTable(reader, _base(0) + _PIN, pause_reader)
    thread = threading.Thread(target=read)
    thread.start()
    assert chosen.wait(5)
    write(writer, 2)
    PausedTable(writer, _slot(_base(0), 1) + word, resume_reader)
    write(writer, 3)
    thread.join()
    reader._memory.table, writer._memory.table = real

    assert pinned.is_set()
    (frame,) = frames
    assert frame
    assert frame.header.number == number
    assert frame.data == bytes([number]) * SIZE
    newest = reader.pin(0)
    assert newest
    assert newest.data == bytes([3]) * SIZE


def test_no_frame_is_torn(reader: SharedMedia, writer: SharedMedia) -> None:
    """A thread writes as fast as it can; frames of one byte stay frames of one byte."""
    stop = threading.Event()

    def write_on() -> None:
        byte = 0
        while not stop.is_set():
            byte = byte % 255 + 1
            assert write(writer, byte)

    thread = threading.Thread(target=write_on)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread.start()
    try:
        kept = []
        for _ in range(10_000):
            frame = reader.pin(0)
            if frame is not None:
                byte = frame.header.received_ns - 1000
                assert frame.data == bytes([byte]) * SIZE
                kept = [*kept[-2:], frame]
    finally:
        stop.set()
        thread.join()
        sys.setswitchinterval(interval)
    assert reader.dropped(0) == 0
