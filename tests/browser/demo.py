"""The whole demo as one process tree, and people who use it in Chromium."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Page

READY_WITHIN = 60
"""Seconds."""

PORTS = 7
"""Applications of the demo."""

_FOR_DEMOS = 1_700 * PORTS

_typed: dict[str, int] = {}
"""The last time step of each secret that was typed in this process."""


@dataclass(frozen=True)
class Person:
    """Somebody whom the demo has made, with what he or she signs in with."""

    name: str
    username: str
    password: str
    totp_secret: str | None


@dataclass(frozen=True)
class Demo:
    """A running demo: addresses by application, people in the order in which they are printed."""

    urls: dict[str, str]
    people: list[Person]
    officers: list[Person]
    administrators: list[Person]

    def url(self, name: str) -> str:
        """The address of the application whose name contains `name`."""
        return next(url for key, url in self.urls.items() if name in key.replace("_", "-"))


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Start `idp demo` in an empty folder, and stop it as Ctrl-C does."""
    command = [sys.executable, "-c", "from idp.cli.main import main; main()"]
    process = subprocess.Popen(
        [*command, "demo", "--port", str(_free_ports()), "--json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "IDP_ARGON2": "m=8,t=1,p=1"},
    )
    try:
        yield _read(process)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert process.stdout
        process.stdout.close()


def _read(process: "subprocess.Popen[str]") -> Demo:
    """Read the JSON that the demo prints once everything is ready."""
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        try:
            told = json.loads(text)
        except json.JSONDecodeError:
            continue
        people, officers, administrators = (
            [_person(one) for one in told[group]] for group in ("people", "officers", "administrators")
        )
        return Demo(told["urls"], people, officers, administrators)
    raise AssertionError(f"the demo did not start: {text}")


def _person(told: dict[str, Any]) -> Person:
    return Person(told["name"], told["username"], told["password"], told["totp_secret"])


def _free_ports() -> int:
    # Neighbouring processes begin apart, and below the ports that the system gives to connections.
    mine = os.getpid() * PORTS % _FOR_DEMOS
    for first in (20_000 + (mine + after) % _FOR_DEMOS for after in range(0, _FOR_DEMOS, PORTS)):
        sockets: list[socket.socket] = []
        try:
            sockets.extend(socket.create_server(("127.0.0.1", port)) for port in range(first, first + PORTS))
        except OSError:
            continue
        else:
            return first
        finally:
            for one in sockets:
                one.close()
    raise AssertionError(f"no {PORTS} free ports in a row")


def sign_in(page: Page, person: Person) -> None:
    """Fill in the provider's pages: password, and the one-time code where it is asked."""
    page.fill("#sign-in [name=username]", person.username)
    page.fill("#sign-in [name=password]", person.password)
    # A click does not wait for the page that it leads to.
    with page.expect_navigation():
        page.click("#submit")
    if page.locator("form#otp").count():
        assert person.totp_secret
        enter_code(page, "otp", person.totp_secret)
    if page.locator("form#biometric").count():
        show_face(page)


def show_face(page: Page) -> None:
    """Agree to a comparison, and let the simulated verifier find that it is the same person."""
    page.click("#biometric #submit")
    page.click("#check #submit")
    # The page that says so goes on by itself.
    page.wait_for_function("!document.getElementById('check') && !document.getElementById('continue')")


def enter_code(page: Page, form_id: str, secret: str) -> None:
    """Enter the code of the moment; one that was just used is followed by the next one."""
    _type_code(page, form_id, secret)
    while page.locator("#error").count():
        _type_code(page, form_id, secret)


def _type_code(page: Page, form_id: str, secret: str) -> None:
    page.fill(f"#{form_id} [name=code]", _unused_code(secret))
    with page.expect_navigation():
        page.click(f"#{form_id} #submit")


def _unused_code(secret: str) -> str:
    """Return a code that was not typed before: the provider takes that of the next half minute too."""
    totp = pyotp.TOTP(secret)
    step = max(_time_step(), _typed.get(secret, 0) + 1)
    while step > _time_step() + 1:
        wait_for_next_step()
    _typed[secret] = step
    return totp.generate_otp(step)


def _time_step() -> int:
    return int(time.time()) // 30


def wait_for_next_step() -> None:
    """Real applications in real processes have the real time: wait until the code changes."""
    time.sleep(30 - time.time() % 30 + 0.2)
