"""One token of a PKCS #11 module: a session that is opened when it is needed, and again after the module failed.

There is one session for each process. It is opened lazily, so that a process that was forked initialises the module
itself (PKCS #11 section 6.6.1). A PIN that the token refused is never tried again: tokens
lock after a few.
"""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import pkcs11
from pkcs11 import exceptions

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.gate import MachineGate
from idp.adapters.crypto.pkcs11.uri import Pkcs11Uri

T = TypeVar("T")

_ONE_CALLER: Final = threading.RLock()
"""A module is initialised once in a process, and here without threads of its own: one caller at a time, whoever asks.

The state is the library's, and as wide as the process.
"""

_REST: Final = 1.0
"""Seconds for which a module that failed twice in a row is left alone: whoever waits for it holds up everybody else."""

_PIN_REFUSED: Final = (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange)
_NONE: Final = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.DATA, pkcs11.Attribute.LABEL: "there is none"}
_STALE_HANDLE: Final = (exceptions.ObjectHandleInvalid, exceptions.KeyHandleInvalid)
_NOT_THE_MODULE: Final = (
    exceptions.NoSuchKey,
    exceptions.AttributeSensitive,
    exceptions.KeyUnextractable,
    exceptions.MechanismInvalid,
)
"""Answers of a module that works."""


class Pkcs11Token:
    """A token as one process uses it; `generation` changes whenever handles of objects may have become void."""

    def __init__(self, uri: Pkcs11Uri) -> None:
        self._uri = uri
        self._gate = MachineGate(uri.module_path)
        self._process = os.getpid()
        self._session: pkcs11.Session | None = None
        self._refused_pin = b""
        self._rests_until = 0.0
        self.generation = 0

    @property
    def module_path(self) -> str:
        """The library."""
        return str(self._uri.module_path)

    def look(self, work: Callable[[pkcs11.Session], T]) -> T:
        """Return what `work` makes of the session, objects listed and read. Raises `KeyMaterialError`."""
        with _ONE_CALLER, self._gate.entered(writing=False):
            return self.use(work)

    def change(self, work: Callable[[pkcs11.Session], T]) -> T:
        """Return what `work` makes of the session, objects made and destroyed. Raises `KeyMaterialError`.

        Objects are listed first: SoftHSM2 takes the mark that it sets with a change of its own for having seen those of
        others, and would not look for them before somebody makes another.
        """

        def listed_first(session: pkcs11.Session) -> T:
            for _ in session.get_objects(_NONE):
                continue
            return work(session)

        with _ONE_CALLER, self._gate.entered(writing=True):
            return self.use(listed_first)

    def restart(self) -> None:
        """Have the module look at its tokens anew, as after one was taken out and put back."""
        with _ONE_CALLER, self._gate.entered(writing=False):
            self._drop()
            self._reinitialise()

    def use(self, work: Callable[[pkcs11.Session], T]) -> T:
        """Return what `work` makes of the session, objects neither listed nor changed; it may be called twice.

        Raises `KeyMaterialError`.
        """
        with _ONE_CALLER:
            try:
                return work(self._opened())
            except _STALE_HANDLE:
                self.generation += 1
            except _NOT_THE_MODULE as error:
                raise _failed(error) from None
            except exceptions.PKCS11Error:
                self._drop()
            try:
                return work(self._opened())
            except (*_STALE_HANDLE, *_NOT_THE_MODULE) as error:
                raise _failed(error) from None
            except exceptions.PKCS11Error as error:
                self._drop()
                self._reinitialise()
                self._rests_until = time.monotonic() + _REST
                raise _failed(error) from None

    def _opened(self) -> pkcs11.Session:
        if self._process != os.getpid():
            # Forked: what the parent opened is the parent's.
            self._process = os.getpid()
            self._session = None
            self.generation += 1
            self._reinitialise()
        if self._session is None:
            if time.monotonic() < self._rests_until:
                raise KeyMaterialError("the PKCS #11 module failed a moment ago", "see why it does not answer")
            with self._gate.entered(writing=False):
                self._session = self._open()
        return self._session

    def _open(self) -> pkcs11.Session:
        token = self._find()
        pin = self._uri.read_pin()
        digest = hashlib.sha256(pin.encode()).digest()
        if digest == self._refused_pin:
            raise _pin_refused()
        try:
            return token.open(rw=True, user_pin=pin)
        except exceptions.UserAlreadyLoggedIn:
            # By another keystore of this process: the log-in is the whole application's.
            return token.open(rw=True)
        except _PIN_REFUSED:
            self._refused_pin = digest
            raise _pin_refused() from None
        except exceptions.PinLocked:
            raise KeyMaterialError("the PIN of the token is locked", "have its security officer unlock it") from None
        except exceptions.PKCS11Error as error:
            raise _failed(error) from None

    def _find(self) -> pkcs11.Token:
        """Return the token; one that came after the module was initialised is seen when that is done again."""
        found = next(self._matching(), None)
        if found is None:
            self._reinitialise()
            found = next(self._matching(), None)
        if found is None:
            raise KeyMaterialError(
                f"the PKCS #11 module {self.module_path} has no token of that label", "correct IDP_KEYSTORE"
            )
        return found

    def _matching(self) -> Iterator[pkcs11.Token]:
        wanted = {"token": self._uri.token, **dict(self._uri.identity)}
        try:
            for slot in self._library().get_slots(token_present=True):
                with contextlib.suppress(exceptions.TokenNotPresent, exceptions.TokenNotRecognised):
                    token = slot.get_token()
                    known = {
                        "token": token.label,
                        "serial": token.serial.decode(errors="replace"),
                        "manufacturer": token.manufacturer_id,
                        "model": token.model,
                    }
                    if all(known[name].strip() == value for name, value in wanted.items()):
                        yield token
        except exceptions.PKCS11Error as error:
            raise _failed(error) from None

    def _library(self) -> Any:  # noqa: ANN401 -- the library keeps its type to itself
        try:
            return pkcs11.lib(self.module_path)
        except (exceptions.PKCS11Error, OSError):
            raise KeyMaterialError(
                f"the PKCS #11 module {self.module_path} cannot be loaded, or does not start",
                "install it, or correct module-path in IDP_KEYSTORE",
            ) from None

    def _reinitialise(self) -> None:
        with contextlib.suppress(exceptions.PKCS11Error, KeyMaterialError):
            self._library().reinitialize()

    def _drop(self) -> None:
        self.generation += 1
        if self._session is not None:
            with contextlib.suppress(exceptions.PKCS11Error):
                self._session.close()
            self._session = None


def _pin_refused() -> KeyMaterialError:
    return KeyMaterialError("the token refused the PIN", "correct it; the same one is not tried again")


def _failed(error: Exception) -> KeyMaterialError:
    return KeyMaterialError(
        f"the PKCS #11 module did not do its work ({type(error).__name__})", "see its own log, and idp doctor"
    )
