"""RFC 7636 section 4.6: Proof Key for Code Exchange, with S256 only."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from idp.protocol.errors import InvalidGrantError

S256: Final = "S256"

# RFC 7636 section 4.1: code-verifier = 43*128unreserved
_CODE_VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def verify_code_verifier(code_challenge: str | None, code_verifier: str | None) -> None:
    """Raise `InvalidGrantError` unless the verifier is the one that the authorization request was made with."""
    if code_challenge is None:
        # RFC 9700 section 2.1.1: "Authorization servers MUST mitigate PKCE downgrade attacks by ensuring that a token
        # request containing a code_verifier parameter is accepted only if a code_challenge parameter was present in the
        # authorization request".
        if code_verifier is not None:
            raise InvalidGrantError(reason="code_verifier without code_challenge")
        return
    if code_verifier is None:
        raise InvalidGrantError(reason="code_verifier is missing")
    if not _CODE_VERIFIER.fullmatch(code_verifier):
        raise InvalidGrantError(reason="code_verifier is malformed")
    # RFC 7636 section 4.6: "If the values are not equal, an error response indicating "invalid_grant" [...] MUST be
    # returned."
    if not compare_digest(s256(code_verifier).encode(), code_challenge.encode()):
        raise InvalidGrantError(reason="code_verifier does not match")


def s256(code_verifier: str) -> str:
    """Return the code challenge of a verifier (section 4.2)."""
    return urlsafe_b64encode(sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
