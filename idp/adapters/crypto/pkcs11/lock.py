"""One at a time among all machines that see a token, which itself knows no locks.

On one machine a lock on the module's file is enough. Between machines it is Lamport's bakery: take a number greater
than every other, and wait for those before. A number whose owner died is told by not going away: each contender
measures that with its own watch, so that clocks need not agree. Should a holder merely have been stopped, two change
keys at once, which leaves a usable keystore too.
"""

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Final

import pkcs11
from pkcs11 import Attribute, ObjectClass, Session

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.token import Pkcs11Token
from idp.domain.values import dataclass

PATIENCE: Final = 30.0
"""Seconds after which a number that does not go away belongs to the dead; a change takes two or three."""

_LONGEST_WAIT: Final = 300.0
_POLL: Final = 0.05
_APPLICATION: Final = "idp-lock"
_CHOOSING: Final = 0
_SLIPS: Final = {
    Attribute.CLASS: ObjectClass.DATA,
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.APPLICATION: _APPLICATION,
}


@dataclass(frozen=True, slots=True, order=True)
class _Slip:
    """A number drawn by one contender; 0 while it is still choosing."""

    number: int
    owner: str


class TokenLock:
    """The lock of one token."""

    def __init__(
        self,
        token: Pkcs11Token,
        *,
        watch: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._token = token
        self._watch = watch
        self._pause = pause

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock. Raises `KeyMaterialError` when it cannot be had in five minutes."""
        with _alone_on_this_machine(self._token.module_path):
            owner = secrets.token_hex(8)
            try:
                self._wait(self._draw(owner))
                yield
            finally:
                # Whoever cannot take its slips away is found dead by the others.
                with contextlib.suppress(KeyMaterialError):
                    self._remove(lambda slip: slip.owner == owner)

    def _draw(self, owner: str) -> _Slip:
        """Draw a number; while choosing, others wait, since it may turn out smaller than theirs."""
        choosing = _Slip(_CHOOSING, owner)
        self._put(choosing)
        mine = _Slip(1 + max(slip.number for slip in self._slips()), owner)
        self._put(mine)
        self._remove(lambda slip: slip == choosing)
        return mine

    def _wait(self, mine: _Slip) -> None:
        began = self._watch()
        first_seen: dict[_Slip, float] = {}
        choosing = {slip for slip in self._slips() if slip.number == _CHOOSING}
        clear = 0
        # A list is no snapshot: a slip may be missed that is exchanged meanwhile. It is there in the second list.
        while clear < 2:  # noqa: PLR2004 - lists in a row
            slips = self._slips()
            choosing &= slips
            before = choosing | {slip for slip in slips if slip.number > _CHOOSING and slip < mine}
            if not before:
                clear += 1
                continue
            clear = 0
            now = self._watch()
            dead = {slip for slip in before if now - first_seen.setdefault(slip, now) > PATIENCE}
            if dead:
                self._remove(dead.__contains__)
            elif now - began > _LONGEST_WAIT:
                raise KeyMaterialError("somebody else is changing the keystore", "try again when it is done")
            else:
                self._pause(_POLL)

    def _slips(self) -> set[_Slip]:
        return self._token.look(lambda session: {slip for _, slip in _listed(session)})

    def _put(self, slip: _Slip) -> None:
        self._token.change(
            lambda session: session.create_object(
                {**_SLIPS, Attribute.LABEL: slip.owner, Attribute.VALUE: str(slip.number).encode()}
            )
        )

    def _remove(self, unwanted: Callable[[_Slip], bool]) -> None:
        def remove(session: Session) -> None:
            for listed, slip in _listed(session):
                if unwanted(slip):
                    with contextlib.suppress(pkcs11.ObjectHandleInvalid):
                        listed.destroy()

        self._token.change(remove)


def _listed(session: Session) -> list[tuple[pkcs11.Object, _Slip]]:
    found = []
    for listed in list(session.get_objects(_SLIPS)):
        # Gone since it was listed: then nobody needs to wait for it.
        with contextlib.suppress(pkcs11.ObjectHandleInvalid, ValueError):
            found.append((listed, _Slip(int(listed[Attribute.VALUE]), listed[Attribute.LABEL])))
    return found


@contextlib.contextmanager
def _alone_on_this_machine(module_path: str) -> Iterator[None]:
    """Keep other processes of this machine waiting where its file system can."""
    descriptor = -1
    try:
        with contextlib.suppress(OSError):
            descriptor = os.open(module_path, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)
