"""A real Secret Service: GNOME Keyring on a separate session bus, unlocked."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class SecretService:
    """A running keyring, and how programs are run that find it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self._bus = environment["DBUS_SESSION_BUS_ADDRESS"]

    def python(self, program: str) -> str:
        """Run a Python program to its end; returns what it printed."""
        return python(program, self.environment)

    def entry(self, user: str) -> str | None:
        """Return what `keyring get` finds, or None if it finds nothing."""
        found = subprocess.run(
            [sys.executable, "-m", "keyring", "get", "parsec_nb", user],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode in {0, 1}, found.stderr
        return found.stdout.strip() if found.returncode == 0 else None

    def lock(self) -> None:
        """Lock the keyring, as a desktop does at times."""
        self.python(
            "import secretstorage\n"
            "bus = secretstorage.dbus_init()\n"
            "secretstorage.get_default_collection(bus).lock()"
        )

    @contextlib.contextmanager
    def unanswered_prompt(self) -> Iterator[None]:
        """Replace the window that asks for the password by one that never answers."""
        with open_dbus_connection(self._bus) as connection:
            name = "org.gnome.keyring.SystemPrompter"
            connection.send_and_get_reply(message_bus.RequestName(name))
            yield


def python(program: str, environment: dict[str, str]) -> str:
    """Run a Python program to its end; returns what it printed."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    ).stdout


@contextlib.contextmanager
def secret_service(folder: Path) -> Iterator[SecretService]:
    """Run a session bus and an unlocked keyring on it, kept in *folder*."""
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        assert shutil.which(program), (
            f"{program} is missing: bash tests/run installs it"
        )
    home, runtime = folder / "home", folder / "runtime"
    home.mkdir(parents=True)
    runtime.mkdir(mode=0o700)
    environment = os.environ | {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
    for display in ("DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(display, None)
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((folder / "log").open("w"))
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        stack.callback(_end, bus)
        assert bus.stdout is not None
        stack.enter_context(bus.stdout)
        address = {"DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip()}
        keyring = subprocess.Popen(
            [
                "gnome-keyring-daemon",
                "--foreground",
                "--unlock",
                "--components=secrets",
            ],
            env=environment | address,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            text=True,
        )
        stack.callback(_end, keyring)
        assert keyring.stdin is not None
        keyring.stdin.write("password")
        keyring.stdin.close()
        _wait_for_owner(address["DBUS_SESSION_BUS_ADDRESS"], "org.freedesktop.secrets")
        yield SecretService({"HOME": str(home), **address})


def _wait_for_owner(bus: str, name: str) -> None:
    until = time.monotonic() + 20
    with open_dbus_connection(bus) as connection:
        query = message_bus.NameHasOwner(name)
        while connection.send_and_get_reply(query).body != (True,):
            assert time.monotonic() < until, f"{name} did not start"
            time.sleep(0.02)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(10)
