import pytest

from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.ports.keys import UnreadableTokenError
from idp.protocol.clients.decoy_keys import DECOY_KEYS
from tests.protocol.client_signer import ClientSigner


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "RS256", "EdDSA"])
def test_there_is_a_key_to_fail_under_for_every_algorithm(algorithm: str) -> None:
    token = ForeignJws().read(ClientSigner(algorithm=algorithm).sign({}))
    # A key that does not fit would be refused as unknown before anything is computed.
    with pytest.raises(UnreadableTokenError, match="wrong signature"):
        ForeignJws().verify(token, DECOY_KEYS, {algorithm})
