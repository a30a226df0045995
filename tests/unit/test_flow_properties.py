"""What holds of every device flow, whatever Parsec responds and clocks do.

Hypothesis makes up the runs; `derandomize` makes them the same each time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from parsec_nb._api.models import (
    Approved,
    Denied,
    Pending,
)
from parsec_nb._auth.flow import REQUESTING_SECONDS, TRANSITIONS, DeviceFlow, Status
from support.builders import NO_RESPONSE, auth_code
from support.properties import (
    ASKING,
    FIXED,
    ROUNDING,
    Clocks,
    RequestRules,
    clock_moves,
    durations,
    fatal,
    poll_results,
    transient,
)

if TYPE_CHECKING:
    from parsec_nb._api.models import AuthCode

NO_JITTER, FULL_JITTER = 0.0, 0.999

codes = st.builds(
    auth_code,
    interval=st.sampled_from([1.0, 5.0, 5.0, 5.0, 7.5, 90.0, 1e9]),
    lifetime=st.sampled_from([1800.0, 1800.0, 1800.0, 90.0, 30.0, 0.5, 0.0]),
)
code_results = st.one_of(codes, transient, fatal)


class WatchedFlow(DeviceFlow):
    """A flow whose status may change by the table alone."""

    @property
    def status(self) -> Status:
        return self._status

    @status.setter
    def status(self, status: Status) -> None:
        before = getattr(self, "_status", None)
        assert before is None or status in TRANSITIONS[before].values()
        self._status = status


class FlowMachine(RuleBasedStateMachine):
    """A flow that is called as a login calls it, and in every other order."""

    @initialize(
        jitter=st.sampled_from([NO_JITTER, FULL_JITTER]),
        issued=st.one_of(st.none(), codes, codes),
    )
    def make(self, jitter: float, issued: AuthCode | None) -> None:
        self.clocks = Clocks()
        self.flow = WatchedFlow(lambda: jitter)
        self.request_rules = RequestRules(self.clocks)
        if issued is not None:
            self.begin()
            self.receive(issued)

    @rule(action=st.sampled_from(["begin", "renew", "renew", "renew", "cancel"]))
    def click(self, action: str) -> None:
        getattr(self, action)()

    def begin(self) -> None:
        expected = self.flow.status is Status.NEEDS_GAME_ID
        assert self.flow.begin(self.clocks.now) is expected

    def renew(self) -> None:
        renewable = self.flow.renewable
        assert self.flow.renew(self.clocks.now) is renewable
        if renewable:
            self.request_rules.start_over()
            assert self.flow.request_due(self.clocks.now)

    def cancel(self) -> None:
        ended = self.flow.status.ended
        assert self.flow.cancel() is not ended

    @rule(seconds=durations, clock=clock_moves)
    def move_the_clocks(self, seconds: float, clock: str) -> None:
        self.clocks.move(seconds, clock)
        pending = self.flow.status is Status.PENDING
        expires = pending and self.request_rules.seconds_left <= 0
        assert self.flow.tick(self.clocks.now) is expires

    @precondition(lambda self: self.flow.status is Status.PENDING)
    @rule(results=st.lists(poll_results, min_size=1, max_size=6))
    def poll(self, results: list[Any]) -> None:
        for result in results:
            if self.flow.status is Status.PENDING:
                self.request(result, 0.2)

    @precondition(lambda self: self.flow.status is Status.REQUESTING)
    @rule(result=code_results, takes=st.sampled_from([0.2, 10.0]))
    def request_a_code(self, result: Any, takes: float) -> None:
        self.request(result, takes)

    def request(self, result: Any, takes: float) -> None:
        """Wait as long as the flow returns, then request, if there is time left."""
        while not self.flow.request_due(self.clocks.now):
            if self.flow.tick(self.clocks.now):
                return
            seconds = self.flow.seconds_to_wait(self.clocks.now)
            self.clocks.both(max(seconds, ROUNDING))
        self.request_rules.check_request()
        self.clocks.both(takes)
        self.receive(result)

    @precondition(lambda self: self.flow.status.ended)
    @rule(result=st.one_of(code_results, poll_results))
    def a_late_result_changes_nothing(self, result: Any) -> None:
        before = vars(self.flow).copy()
        assert not self.flow.receive(result, self.clocks.now)
        assert before == vars(self.flow)

    def receive(self, result: Any) -> None:
        late = self.request_rules.seconds_left <= 0
        changed = self.flow.receive(result, self.clocks.now)
        self.request_rules.receive(result)
        if isinstance(result, Approved):
            assert self.flow.status is Status.APPROVED
        elif isinstance(result, Denied):
            assert self.flow.status is (Status.EXPIRED if late else Status.DENIED)
        elif isinstance(result, Pending):
            assert changed is late

    @invariant()
    def the_parts_fit(self) -> None:
        flow, now = self.flow, self.clocks.now
        failed = flow.status.ended and flow.status is not Status.APPROVED
        assert (flow.auth_code is not None) is (flow.status is Status.PENDING)
        assert (flow.error is not None) is failed
        assert flow.retry is None or flow.status in ASKING
        assert not (flow.status.ended and flow.request_due(now))

    @invariant()
    def a_wait_ends(self) -> None:
        if self.flow.status in ASKING:
            seconds = self.flow.seconds_to_wait(self.clocks.now)
            assert 0 <= seconds < math.inf
            if self.flow.status is Status.PENDING:
                assert seconds <= max(self.request_rules.seconds_left, 0)
                assert seconds <= 60

    def teardown(self) -> None:
        """Request on in vain, as long as the flow requests anything."""
        if self.flow.status not in ASKING:
            return
        began = self.clocks.now.monotonic
        limit = REQUESTING_SECONDS + 1800
        while self.flow.status in ASKING:
            assert self.clocks.now.monotonic - began <= limit
            self.request(NO_RESPONSE, 0.0)
        self.the_parts_fit()


FlowMachine.TestCase.settings = settings(FIXED, max_examples=300)
TestFlowMachine = FlowMachine.TestCase
