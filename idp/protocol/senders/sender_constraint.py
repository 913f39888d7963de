"""RFC 9449 sections 5 to 7 and RFC 8705 section 3: the key that a token is bound to, and that its bearer holds it."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from idp.domain.clients.client import Client
from idp.domain.grants.confirmation import Confirmation
from idp.protocol.errors import InvalidDpopProofError, InvalidGrantError, InvalidRequestError, InvalidTokenError
from idp.protocol.senders.bearer import DPOP, SentToken
from idp.protocol.senders.dpop import DpopProofs
from idp.protocol.senders.possession import Possession


class SenderConstraints:
    """Binds tokens to keys, and sees to it that they are used under them."""

    def __init__(self, proofs: DpopProofs) -> None:
        self._proofs = proofs

    async def of_token_request(self, client: Client, shown: Possession) -> Confirmation | None:
        """Return what the tokens of a request are to be bound to; None leaves them bearer tokens.

        A proof decides where there is one, else a certificate where the client's tokens are bound to it or must be
        bound to something. Raises `InvalidDpopProofError`, `UseDpopNonceError`, and `InvalidRequestError` when nothing
        was shown that had to be.
        """
        if shown.proofs:
            return Confirmation(key_thumbprint=await self._proofs.verify(shown, client.policy))
        # RFC 9449 section 5.2: "If the value is true, the authorization server MUST reject token requests from the
        # client that do not contain the DPoP header."
        if client.binds_tokens_to_proof_key:
            raise InvalidDpopProofError(reason="no proof", client_id=client.client_id)
        if not client.needs_sender_constraint:
            return None
        # FAPI 2.0 section 5.3.2.1: "shall only issue sender-constrained access tokens".
        if shown.certificate is None:
            raise InvalidRequestError("A DPoP proof or a client certificate is required.", client_id=client.client_id)
        return Confirmation(certificate_thumbprint=certificate_thumbprint(shown.certificate))

    async def check_resource_request(
        self, bound_to: Confirmation | None, sent: SentToken, shown: Possession, client: Client
    ) -> None:
        """Check that a token is used as it was bound.

        Raises `InvalidTokenError` when it is not, `InvalidDpopProofError` and `UseDpopNonceError`.
        """
        key_thumbprint = bound_to.key_thumbprint if bound_to else None
        if (sent.scheme == DPOP) != (key_thumbprint is not None):
            # RFC 9449 section 7.2: who takes both "MUST reject a DPoP-bound access token received as a bearer token";
            # section 7.1: a token sent as DPoP is one that is bound to a key.
            error = InvalidTokenError(reason="bound otherwise than sent", client_id=client.client_id)
            error.scheme = DPOP
            raise error
        if key_thumbprint is not None:
            proved = await self._proofs.verify(shown, client.policy, access_token=sent.token)
            # RFC 9449 section 4.3: "confirm that the public key to which the access token is bound matches the public
            # key from the DPoP proof."
            if proved != key_thumbprint:
                raise InvalidTokenError(reason="proof under another key", client_id=client.client_id)
        elif bound_to is not None:
            # RFC 8705 section 3: "if they do not match, the resource access attempt MUST be rejected with an error, per
            # [RFC6750], using an HTTP 401 status code and the "invalid_token" error code."
            thumbprint = None if shown.certificate is None else certificate_thumbprint(shown.certificate)
            if thumbprint != bound_to.certificate_thumbprint:
                raise InvalidTokenError(reason="another certificate or none", client_id=client.client_id)


def check_held(bound_to: Confirmation | None, proved: Confirmation | None) -> None:
    """Check that a request was sent under the key that a refresh token is bound to, if it is to any.

    Raises `InvalidGrantError`.
    """
    # RFC 9449 section 5: "a client MUST present a DPoP proof for the same key that was used to obtain the refresh token
    # each time that refresh token is used to obtain a new access token."
    if bound_to is not None and bound_to != proved:
        raise InvalidGrantError(reason="the refresh token is bound to another key")


def certificate_thumbprint(certificate: bytes) -> str:
    """Return `x5t#S256` of a certificate in DER (RFC 8705 section 3.1)."""
    return urlsafe_b64encode(sha256(certificate).digest()).rstrip(b"=").decode()
