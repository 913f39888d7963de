"""The file keystore: one folder, sealed under the secret file, from which everything that needs a key is made."""

from pathlib import Path

from idp.adapters.crypto.long_lived_keys import open_long_lived_keys
from idp.adapters.crypto.sealed_folder import SealedFolder
from idp.adapters.crypto.secret_file import Secret
from idp.adapters.crypto.signing_keys import SigningKeys
from idp.adapters.crypto.subject_keys import KeystoreSubjectKeys
from idp.adapters.crypto.token_signer import KeystoreTokenSigner
from idp.adapters.crypto.vault import KeystoreVault
from idp.ports.clock import Clock


class FileKeystore:
    """An open keystore. Opening makes what a new one lacks; any number of processes may open it at once."""

    def __init__(self, path: Path, secret: Secret, clock: Clock) -> None:
        """Raises `KeyMaterialError` when the folder, a file in it or the secret cannot be used."""
        folder = SealedFolder(path, secret.derive("keystore"))
        folder.prepare()
        self._clock = clock
        self._long_lived = open_long_lived_keys(folder, clock)
        self.signing_keys = SigningKeys(folder, clock)
        self.signing_keys.ensure()

    def token_signer(self) -> KeystoreTokenSigner:
        """Return a signer; one for the process is enough."""
        return KeystoreTokenSigner(self.signing_keys, self._clock)

    def subject_keys(self) -> KeystoreSubjectKeys:
        """Return what derives `sub`, `sid`, pseudonyms and tags."""
        return KeystoreSubjectKeys(self._long_lived)

    def vault(self) -> KeystoreVault:
        """Return the vault; one for the process is enough, it keeps unwrapped keys at hand."""
        return KeystoreVault(self._long_lived)
