"""The keystore, from which everything that needs a key is made; `open_keystore` knows which one the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from idp.adapters.crypto.documents import KeyDocuments
from idp.adapters.crypto.encryption_keys import EncryptionKeys
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.folders import check_readable
from idp.adapters.crypto.long_lived_keys import are_made, open_long_lived_keys
from idp.adapters.crypto.private_keys import PrivateKeys, SoftwareKeys
from idp.adapters.crypto.sealed_folder import SealedFolder
from idp.adapters.crypto.secret_file import Secret, load_secret
from idp.adapters.crypto.signing_keys import SigningKeys
from idp.adapters.crypto.subject_keys import KeystoreSubjectKeys
from idp.adapters.crypto.token_encryption import KeystoreTokenEncryption
from idp.adapters.crypto.token_signer import KeystoreTokenSigner
from idp.adapters.crypto.vault import KeystoreVault, WrappingRing
from idp.adapters.crypto.wrapping_keys import WrappingKeys
from idp.ports.clock import Clock
from idp.settings import Settings

_PURPOSE: Final = "keystore"


class Keystore(Protocol):
    """What the provider needs of a keystore, wherever it keeps its keys."""

    @property
    def signing_keys(self) -> SigningKeys:
        """The keys that sign tokens, to be listed, rotated and retired."""
        ...

    @property
    def wrapping_keys(self) -> WrappingKeys:
        """The keys that seal the data keys of persons."""
        ...

    @property
    def encryption_keys(self) -> EncryptionKeys:
        """The keys that clients encrypt to."""
        ...

    def token_encryption(self) -> KeystoreTokenEncryption:
        """Return what encrypts to clients and decrypts for us; one for the process is enough."""
        ...

    def token_signer(self) -> KeystoreTokenSigner:
        """Return a signer; one for the process is enough."""
        ...

    def subject_keys(self) -> KeystoreSubjectKeys:
        """Return what derives `sub`, `sid`, pseudonyms and tags."""
        ...

    def vault(self) -> KeystoreVault:
        """Return the vault; one for the process is enough, it keeps unwrapped keys at hand."""
        ...


class DocumentKeystore:
    """`Keystore` over documents and private keys. Opening makes what a new one lacks; any number may do so at once."""

    def __init__(self, documents: KeyDocuments, private_keys: PrivateKeys, clock: Clock) -> None:
        """Raises `KeyMaterialError` when a document or a key cannot be used."""
        self._clock = clock
        self._long_lived = open_long_lived_keys(documents, clock)
        self.wrapping_keys = WrappingKeys(documents, clock)
        self.signing_keys = SigningKeys(documents, private_keys, clock)
        self.signing_keys.ensure()
        self.encryption_keys = EncryptionKeys(documents, clock)
        self.encryption_keys.ensure()

    def token_signer(self) -> KeystoreTokenSigner:
        return KeystoreTokenSigner(self.signing_keys, self._clock, self.encryption_keys)

    def token_encryption(self) -> KeystoreTokenEncryption:
        return KeystoreTokenEncryption(self.encryption_keys, self._clock)

    def subject_keys(self) -> KeystoreSubjectKeys:
        return KeystoreSubjectKeys(self._long_lived)

    def vault(self) -> KeystoreVault:
        return KeystoreVault(self._long_lived, WrappingRing(self.wrapping_keys, self._clock))


class FileKeystore(DocumentKeystore):
    """One folder, sealed under the secret file, with the private keys in it."""

    def __init__(self, path: Path, secret: Secret, clock: Clock) -> None:
        """Raises `KeyMaterialError` when the folder, a file in it or the secret cannot be used."""
        folder = keystore_folder(path, secret)
        folder.prepare()
        super().__init__(folder, SoftwareKeys(), clock)


def keystore_folder(path: Path, secret: Secret) -> SealedFolder:
    """Return the documents of a file keystore as they are, made or mended by nobody."""
    return SealedFolder(path, secret.derive(_PURPOSE))


def open_secret(settings: Settings) -> Secret:
    """Return the secret that the settings name, made first where a new provider begins on an SQLite file.

    Raises `KeyMaterialError` when it cannot be used, or is missing beside what was made with it.
    """
    refuse_lost_secret(settings)
    return load_secret(settings.secret_file, create=settings.creates_secret)


def refuse_lost_secret(settings: Settings) -> None:
    """Raise `KeyMaterialError` for a missing secret file beside a keystore or an SQLite file: a new one opens nothing.

    Whoever begins at the same time makes the secret first, so that the file is looked for once more at the end.
    """
    path = settings.secret_file
    if not settings.creates_secret or path.exists():
        return
    if (made_with_it := _made_with_a_secret(settings)) and not path.exists():
        raise KeyMaterialError(
            f"the secret file {path} is not there, and {made_with_it} was made with it", "bring it back from the backup"
        )


def _made_with_a_secret(settings: Settings) -> str:
    """Return what shows that a provider began here once; nothing where none did."""
    if holds_keys(settings):
        return place_of_keys(settings)
    database = settings.sqlite_path
    return f"the database {database}" if database.is_file() and database.stat().st_size else ""


def holds_keys(settings: Settings) -> bool:
    """Whether anything lies in the keystore; nothing is opened. Raises `KeyMaterialError` for a token out of reach."""
    if settings.keystore.startswith("file:"):
        folder = settings.keystore_path
        check_readable(folder, f"the keystore {folder}", "give it and what is in it to the user of idp (0700)")
        return any(folder.glob("*.json"))
    with _library_of_the_extra():
        from idp.adapters.crypto.pkcs11.keystore import holds_documents  # noqa: PLC0415 -- an optional extra

        return holds_documents(settings.keystore)


def place_of_keys(settings: Settings) -> str:
    """Where the keystore is, in words."""
    is_folder = settings.keystore.startswith("file:")
    return f"the keystore {settings.keystore_path}" if is_folder else "the keystore in the token"


def open_keystore(settings: Settings, clock: Clock) -> Keystore:
    """Return the keystore that the settings name, under the secret that they name.

    Raises `KeyMaterialError` when the secret, the folder, the module or anything in them cannot be used.
    """
    secret = open_secret(settings)
    if settings.keystore.startswith("file:"):
        return FileKeystore(settings.keystore_path, secret, clock)
    with _library_of_the_extra():
        from idp.adapters.crypto.pkcs11.keystore import Pkcs11Keystore  # noqa: PLC0415 -- an optional extra

        return Pkcs11Keystore(settings.keystore, secret, clock)


def signing_keys_as_they_are(settings: Settings, secret: Secret, clock: Clock) -> SigningKeys:
    """Return the signing keys without making or mending anything, for whoever only looks."""
    if settings.keystore.startswith("file:"):
        folder = keystore_folder(settings.keystore_path, secret)
        return SigningKeys(folder, SoftwareKeys(), clock)
    with _library_of_the_extra():
        from idp.adapters.crypto.pkcs11.keystore import pkcs11_signing_keys  # noqa: PLC0415 -- an optional extra

        return pkcs11_signing_keys(settings.keystore, secret, clock)


def vault_as_it_is(settings: Settings, secret: Secret, clock: Clock) -> KeystoreVault | None:
    """Return the vault for whoever only looks; None where keys are still to be made."""
    if settings.keystore.startswith("file:"):
        return _vault_of(keystore_folder(settings.keystore_path, secret), clock)
    with _library_of_the_extra():
        from idp.adapters.crypto.pkcs11.keystore import pkcs11_documents  # noqa: PLC0415 -- an optional extra

        return _vault_of(pkcs11_documents(settings.keystore, secret), clock)


def _vault_of(documents: KeyDocuments, clock: Clock) -> KeystoreVault | None:
    if not are_made(documents):
        return None
    return KeystoreVault(open_long_lived_keys(documents, clock), WrappingRing(WrappingKeys(documents, clock), clock))


@contextmanager
def _library_of_the_extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError:
        raise KeyMaterialError(
            "this installation knows no PKCS #11", 'install it with its extra: pip install ".[pkcs11]"'
        ) from None
