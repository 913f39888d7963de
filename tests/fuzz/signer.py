"""The key of the fuzzed provider's client that signs: tampered tokens are signed again with it."""

from typing import Final

from tests.protocol.client_signer import ClientSigner

SIGNER: Final = ClientSigner("fuzz-1")
