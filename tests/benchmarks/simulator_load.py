"""Latency and memory of one simulator with a thousand clients.

Run `python tests/benchmarks/simulator_load.py`. It starts `python -m parsec_nb
simulator`, and every participant asks for a code, polls it at the interval, spread
over time and then all in the same instant, and is allowed or denied at the end on
the simulator's page. A response is late after 250 ms.

Bounds: of polls that are spread, 99 % are not late; all polls of one instant are
answered before the next ones are due, far below the 10 s after which parsec_nb gives
up on a request. A thousand of them take as long as a thousand requests do in one
Python thread, and nearly all of that is tornado's reading and writing of HTTP.

The latencies are those that participants see, from the instant of their request:
this process's own delays are in them, and its longest is printed beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import psutil

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

LATE_SECONDS = 0.25
DENIED_OF = 10
REQUESTS_AT_ONCE = 50


@dataclass
class Response:
    """One response, and the seconds since its request was due."""

    status: int
    headers: str
    body: bytes
    seconds: float

    @property
    def data(self) -> dict[str, Any]:
        """The `data` of a JSON response."""
        data: dict[str, Any] = json.loads(self.body)["data"]
        return data


class Connection:
    """An HTTP/1.1 connection to the simulator, kept alive or not."""

    def __init__(self, port: int, *, keep_alive: bool) -> None:
        self._port = port
        self._keep_alive = keep_alive
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, fields: dict[str, str]) -> Response:
        """Post JSON."""
        return await self.send(path, json.dumps(fields), "application/json")

    async def send(
        self, path: str, body: str | None, kind: str, headers: str = ""
    ) -> Response:
        """Send one request, a GET where there is no body, and return its response."""
        started = time.perf_counter()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        content = (body or "").encode()
        writer.write(
            f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self._port}\r\nContent-Type: {kind}\r\n"
            f"Connection: {'keep-alive' if self._keep_alive else 'close'}\r\n"
            f"{headers}Content-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"(?i)content-length: (\d+)", head)
        response = await reader.readexactly(int(length[1]) if length else 0)
        seconds = time.perf_counter() - started
        if not self._keep_alive:
            self.close()
        return Response(int(head.split(" ", 2)[1]), head, response, seconds)

    def close(self) -> None:
        """Close it, if it is open."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass
class Participant:
    """A client that logs in."""

    connection: Connection
    code: dict[str, Any] = field(default_factory=dict)

    async def ask_for_code(self) -> Response:
        """Ask for a code, and keep it."""
        response = await self.connection.post("/auth/codes", {"game_id": "load"})
        self.code = response.data
        return response

    async def poll(self) -> Response:
        """Poll the code once."""
        fields = {"grant_type": "auth_code", "auth_code_hash": self.code["hash"]}
        return await self.connection.post("/auth/sessions", fields)


class Visitor:
    """Allows and denies codes on the page, as a browser does."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(port, keep_alive=True)
        self._cookie = ""

    async def decide(self, user_code: str, decision: str) -> None:
        """Enter a code, then press a button."""
        page = await self._send(None)
        cookie = re.search(r"(?i)set-cookie: ([^;]+)", page.headers)
        self._cookie = cookie[1] if cookie else self._cookie
        page = await self._send({"_xsrf": _token(page), "user_code": user_code})
        chosen = {"user_code": user_code, "decision": decision}
        response = await self._send({"_xsrf": _token(page), **chosen})
        assert response.status == 200, response.status

    async def _send(self, fields: dict[str, str] | None) -> Response:
        body = None if fields is None else urlencode(fields)
        kind = "application/x-www-form-urlencoded"
        cookie = f"Cookie: {self._cookie}\r\n" if self._cookie else ""
        return await self._connection.send("/activate", body, kind, cookie)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _token(page: Response) -> str:
    found = re.search(r'name="_xsrf" value="([^"]*)"', page.body.decode())
    assert found
    return found[1]


@contextmanager
def simulator(interval: float) -> Iterator[tuple[int, psutil.Process]]:
    """Run the simulator as its users do; yields its port and its process."""
    command = [sys.executable, "-m", "parsec_nb", "simulator"]
    command += ["--interval", str(interval)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            url = None
            while url is None:
                line = process.stdout.readline()
                assert line, "the simulator did not start"
                url = re.search(r"PARSEC_API_URL=(\S+)", line)
            port = urlsplit(url[1]).port
            assert port
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()


def allow_connections(count: int) -> None:
    """Let this process have so many connections, where the system lets us."""
    with suppress(ImportError):
        import resource  # noqa: PLC0415 - there is none on Windows

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = count + 100
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def megabytes(process: psutil.Process) -> float:
    """Return the memory that a process holds."""
    return float(process.memory_info().rss) / 2**20


def report(
    title: str,
    responses: Sequence[Response],
    expected: set[int],
    *,
    within: float | None = None,
) -> bool:
    """Print one line of numbers; True if the bound was kept and nothing failed.

    Args:
        title: What the participants did.
        responses: All responses.
        expected: The statuses that are right.
        within: The seconds in which all must be answered; None for the bound of
            requests that are spread.
    """
    ordered = sorted(response.seconds for response in responses)
    p50, p99 = (ordered[int(len(ordered) * part)] for part in (0.5, 0.99))
    late = sum(seconds > LATE_SECONDS for seconds in ordered)
    errors = Counter(a.status for a in responses if a.status not in expected)
    print(
        f"  {title:<34} {len(ordered):>6} responses  p50 {p50 * 1000:6.1f} ms  "
        f"p99 {p99 * 1000:6.1f} ms  max {ordered[-1] * 1000:6.1f} ms  late {late:>4}  "
        f"errors {dict(errors) or 0}"
    )
    kept = p99 < LATE_SECONDS if within is None else ordered[-1] < within
    return kept and not errors


async def watch_own_delay(delays: list[float]) -> None:
    """Note how late this process itself wakes up."""
    while True:
        wanted = time.perf_counter() + 0.01
        await asyncio.sleep(0.01)
        delays.append(time.perf_counter() - wanted)


async def all_at_once(
    asks: Sequence[Callable[[], Awaitable[Response]]],
) -> list[Response]:
    """Send all requests in the same instant."""
    started = time.perf_counter()

    async def timed(ask: Callable[[], Awaitable[Response]]) -> Response:
        response = await ask()
        response.seconds = time.perf_counter() - started
        return response

    return list(await asyncio.gather(*map(timed, asks)))


async def spread(
    participants: Sequence[Participant], interval: float, rounds: int
) -> list[Response]:
    """Poll for every participant at the interval, each from another instant on."""

    async def take_part(number: int, participant: Participant) -> list[Response]:
        await asyncio.sleep(interval * (1 + number / len(participants)))
        responses = [await participant.poll()]
        for _ in range(rounds - 1):
            await asyncio.sleep(interval)
            responses.append(await participant.poll())
        return responses

    taken = await asyncio.gather(
        *(
            take_part(number, participant)
            for number, participant in enumerate(participants)
        )
    )
    return [response for responses in taken for response in responses]


async def log_all_in(
    port: int, process: psutil.Process, given: argparse.Namespace, *, keep_alive: bool
) -> bool:
    """Take all participants from their codes to their sessions."""
    how = "connections kept alive" if keep_alive else "a connection for each request"
    print(f"{given.clients} participants, interval {given.interval:g} s, {how}")
    participants = [
        Participant(Connection(port, keep_alive=keep_alive))
        for _ in range(given.clients)
    ]
    before = megabytes(process)
    delays: list[float] = []
    watching = asyncio.create_task(watch_own_delay(delays))
    codes = await all_at_once([p.ask_for_code for p in participants])
    good = report("codes, all in one instant", codes, {201}, within=given.interval)
    polls = await spread(participants, given.interval, given.rounds)
    good &= report("polls, spread over the interval", polls, {202})
    at_once: list[Response] = []
    for _ in range(given.rounds):
        await asyncio.sleep(given.interval)
        at_once += await all_at_once([p.poll for p in participants])
    good &= report("polls, all in one instant", at_once, {202}, within=given.interval)

    visitor = Visitor(port)
    for number, participant in enumerate(participants):
        decision = "allow" if number % DENIED_OF else "deny"
        await visitor.decide(participant.code["user_code"], decision)
    visitor.close()
    await asyncio.sleep(given.interval)
    final = await all_at_once([p.poll for p in participants])
    good &= report(
        "polls when decided, in one instant", final, {201, 401}, within=given.interval
    )
    watching.cancel()
    for participant in participants:
        participant.connection.close()

    correct = all(
        response.status == (201 if number % DENIED_OF else 401)
        for number, response in enumerate(final)
    )
    session_ids = [a.data["id"] for a in final if a.status == 201]
    different = len(set(session_ids)) == len(session_ids)
    print(
        f"  {len(session_ids)} sessions, "
        f"{'all' if different else 'NOT all'} different; every login "
        f"{'answered as decided' if correct else 'NOT ANSWERED AS DECIDED'}"
    )
    print(
        f"  memory of the simulator {before:.1f} MB before, {megabytes(process):.1f} "
        f"MB after; longest delay of this process {max(delays) * 1000:.0f} ms"
    )
    return good and correct and different


async def request_codes(port: int, process: psutil.Process, count: int) -> None:
    """Ask for very many codes, and print what that does to the memory."""
    before, statuses = megabytes(process), Counter[int]()
    started = time.perf_counter()

    async def ask(number: int) -> None:
        connection = Connection(port, keep_alive=True)
        for _ in range(number):
            response = await connection.post("/auth/codes", {"game_id": "load"})
            statuses[response.status] += 1
        connection.close()

    for fifth in range(1, 6):
        each, rest = divmod(count // 5, REQUESTS_AT_ONCE)
        shares = [each + (number < rest) for number in range(REQUESTS_AT_ONCE)]
        await asyncio.gather(*map(ask, shares))
        print(
            f"  {fifth * (count // 5):>7} codes requested: {megabytes(process):.1f} MB "
            f"({before:.1f} MB before); answers {dict(statuses)}"
        )
    seconds = time.perf_counter() - started
    print(f"  {sum(statuses.values()) / seconds:.0f} requests a second")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it all; 0 if every bound was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=5.0, help="seconds")
    parser.add_argument("--rounds", type=int, default=3, help="polls of each kind")
    parser.add_argument("--codes", type=int, default=100_000)
    given = parser.parse_args(arguments)
    allow_connections(given.clients)
    good = True
    for keep_alive in (True, False):
        with simulator(given.interval) as (port, process):
            good &= asyncio.run(log_all_in(port, process, given, keep_alive=keep_alive))
    print(f"Memory, with {given.codes} codes requested of one simulator")
    with simulator(given.interval) as (port, process):
        asyncio.run(request_codes(port, process, given.codes))
    print(f"Every bound was {'kept' if good else 'NOT kept'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
