"""Both keystores, so that one suite of tests runs on each: a folder, and a token of a PKCS #11 module."""

import os
import shutil
from pathlib import Path
from typing import Protocol

import pkcs11
from pkcs11 import Attribute, ObjectClass, Session

from idp.adapters.crypto.documents import KeyDocuments
from idp.adapters.crypto.keystore import DocumentKeystore, FileKeystore
from idp.adapters.crypto.pkcs11.documents import TokenDocuments
from idp.adapters.crypto.pkcs11.keystore import Pkcs11Keystore
from idp.adapters.crypto.pkcs11.token import Pkcs11Token
from idp.adapters.crypto.pkcs11.uri import parse_pkcs11_uri
from idp.adapters.crypto.sealed_folder import SealedFolder
from idp.adapters.crypto.secret_file import Secret
from idp.ports.clock import Clock
from tests import softhsm2
from tests.adapters.turned_clock import TurnedClock

SECRET = Secret(bytes(range(32)))


class Place(Protocol):
    """Where a keystore is."""

    setting: str
    """Its `IDP_KEYSTORE`."""

    def open(self, clock: Clock) -> DocumentKeystore:
        """Open it as another process would."""
        ...

    def documents(self) -> KeyDocuments:
        """What it consists of, sealed under the same secret."""
        ...

    def hide(self) -> None:
        """Make it unreadable, as an outage would."""
        ...

    def bring_back(self) -> None:
        """End the outage."""
        ...

    def leave_empty(self) -> None:
        """Have an empty one where it was: the folder that another one is mounted over, and is not."""
        ...


class FolderPlace:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.setting = f"file:{path}"

    def open(self, clock: Clock) -> DocumentKeystore:
        return FileKeystore(self.path, SECRET, clock)

    def documents(self) -> KeyDocuments:
        folder = SealedFolder(self.path, SECRET.derive("keystore"))
        folder.prepare()
        return folder

    def hide(self) -> None:
        self.path.rename(self.path.with_name("elsewhere"))

    def bring_back(self) -> None:
        self.path.with_name("elsewhere").rename(self.path)

    def leave_empty(self) -> None:
        self.path.mkdir()


class TokenPlace:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.setting = softhsm2.uri(folder)
        self.configuration = softhsm2.configure(folder)
        self.enter()

    def enter(self) -> None:
        """Have the module of this process use the tokens in the folder: it reads its configuration once.

        Sessions that were open end.
        """
        os.environ[softhsm2.CONFIGURATION] = str(self.configuration)
        pkcs11.lib(softhsm2.module_path()).reinitialize()

    def open(self, clock: Clock) -> DocumentKeystore:
        return Pkcs11Keystore(self.setting, SECRET, clock)

    def token(self) -> Pkcs11Token:
        return Pkcs11Token(parse_pkcs11_uri(self.setting))

    def documents(self) -> TokenDocuments:
        return TokenDocuments(self.token(), SECRET.derive("keystore"))

    def hide(self) -> None:
        (self.folder / "tokens").rename(self.folder / "elsewhere")

    def bring_back(self) -> None:
        (self.folder / "elsewhere").rename(self.folder / "tokens")

    def leave_empty(self) -> None:
        (self.folder / "tokens").mkdir()


def empty_place(kind: str, folder: Path) -> Place:
    """A place in which nothing was made yet."""
    if kind == "file":
        return FolderPlace(folder / "keys")
    place = TokenPlace(folder)
    softhsm2.make_token(place.configuration)
    place.enter()
    return place


def prepared_place(kind: str, folder: Path, made: Path) -> Place:
    """A copy of the keystore that was made in `made`, since RSA keys take their time."""
    if kind == "file":
        shutil.copytree(made / "keys", folder / "keys")
        return FolderPlace(folder / "keys")
    shutil.copytree(made / "tokens", folder / "tokens")
    return TokenPlace(folder)


def make(kind: str, folder: Path) -> Path:
    """Make a new keystore once, to be copied."""
    empty_place(kind, folder).open(TurnedClock())
    return folder


def lose(place: Place, name: str) -> None:
    """Lose a document, as a mishap would."""
    if isinstance(place, FolderPlace):
        (place.path / f"{name}.json").unlink()
        return
    assert isinstance(place, TokenPlace)
    wanted = {Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: name}

    def destroy(session: Session) -> None:
        for listed in list(session.get_objects(wanted)):
            listed.destroy()

    place.token().change(destroy)


def spoil(place: Place, name: str) -> None:
    """Overwrite a document with rubbish."""
    if isinstance(place, FolderPlace):
        (place.path / f"{name}.json").write_text("spoilt")
        return
    lose(place, name)
    assert isinstance(place, TokenPlace)
    rubbish = {
        Attribute.CLASS: ObjectClass.DATA,
        Attribute.TOKEN: True,
        Attribute.PRIVATE: True,
        Attribute.APPLICATION: "idp",
        Attribute.LABEL: name,
        Attribute.VALUE: b"spoilt",
    }
    place.token().change(lambda session: session.create_object(rubbish))
