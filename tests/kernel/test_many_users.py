"""Many threads that log in within one kernel, and what they leave behind."""

from __future__ import annotations

from support import TESTS
from support.kernel import Kernel


def test_many_users_of_one_kernel_leave_nothing_behind() -> None:
    """`login()` from many threads leaves at most one login going on."""
    with Kernel() as kernel:
        kernel.run(f"import sys; sys.path.insert(0, {str(TESTS)!r})")
        kernel.run(
            "from support import crowd\nimport parsec_nb\n"
            "from parsec_nb.simulator import Simulator\n"
            "simulator = Simulator(interval=0.05).start()\n"
            "warm = parsec_nb.login('warm', api_url=simulator.url)\n"
            "crowd.finish(warm, simulator)\n"
            "del session_id\n"
            "before = crowd.Held.now()"
        )

        ran = kernel.run(
            "logins = crowd.log_in_by_many(simulator, users=6, each=8, seed=1)"
        )
        going_on = kernel.value("sum(not login.done() for login in logins)")
        kernel.run(
            "for login in logins: crowd.finish(login, simulator)\n"
            "after = crowd.held_once_settled(before)"
        )

        assert ran.status == "ok", ran.content
        assert going_on <= 1
        assert kernel.value("after.no_more_than(before)")
        assert "error" not in {message["msg_type"] for message in kernel.messages}
