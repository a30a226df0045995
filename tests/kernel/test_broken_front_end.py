"""An approval reaches its variable whatever fails in the kernel meanwhile."""

from __future__ import annotations

from support.kernel import Kernel

# What fails while a login waits: a context manager each.
BREAKS = {
    "the_card_is_closed": "nullcontext(ipywidgets.Widget.close_all())",
    "comms_raise": "patch.object(Comm, 'publish_msg', side_effect=LookupError)",
    "outputs_raise": "patch.object(ip.display_pub, 'publish', side_effect=LookupError)",
    "sockets_raise": "patch.object(ip.kernel.session, 'send', side_effect=OSError)",
    "push_raises": "patch.object(ip, 'push', side_effect=TypeError)",
}


def test_a_kernel_in_which_things_break_has_the_variable() -> None:
    """Whatever the front end has lost when the code is approved, the name is bound."""
    with Kernel() as kernel:
        kernel.run(
            "from contextlib import nullcontext\n"
            "from unittest.mock import patch\n"
            "import ipywidgets, parsec_nb\n"
            "from ipykernel.comm import Comm\n"
            "from parsec_nb.simulator import Simulator\n"
            "ip = get_ipython()\n"
            "simulator = Simulator(interval=0.1).start()\n"
            "def launch(variable):\n"
            "    login = parsec_nb.login('game', api_url=simulator.url,\n"
            "                            variable=variable, fresh=True)\n"
            "    while login.auth_code is None: pass\n"
            "    return login"
        )
        for name, breaking in BREAKS.items():
            cell = kernel.run(
                f"login = launch({name!r})\n"
                f"with {breaking}:\n"
                "    simulator.approve(login.auth_code.user_code)\n"
                "    session = login.result(timeout=10)"
            )

            assert cell.status == "ok", (name, cell.content)
            assert kernel.value(f"session.id is {name}"), name
