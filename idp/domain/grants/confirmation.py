"""RFC 7800 section 3: the key that a token's bearer must prove to hold, as the `cnf` claim names it."""

from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One of two: the thumbprint of a DPoP key (RFC 9449 section 6.1) or of a certificate (RFC 8705 section 3.1)."""

    key_thumbprint: str | None = None
    certificate_thumbprint: str | None = None

    def claim(self) -> dict[str, str]:
        """Return the members of the `cnf` claim."""
        if self.key_thumbprint is not None:
            return {"jkt": self.key_thumbprint}
        return {} if self.certificate_thumbprint is None else {"x5t#S256": self.certificate_thumbprint}

    @classmethod
    def of_claim(cls, claim: dict[str, str]) -> "Confirmation":
        """Return what a `cnf` claim of ours says."""
        return cls(claim.get("jkt"), claim.get("x5t#S256"))


def token_type(confirmation: Confirmation | None) -> str:
    """Return how a token that is bound so, or to nothing, is sent (RFC 9449 section 5): `DPoP` or `Bearer`."""
    return "Bearer" if confirmation is None or confirmation.key_thumbprint is None else "DPoP"
