"""RFC 9449 section 4 and RFC 8705 section 3: what a request shows of the keys that its sender holds, unverified."""

from typing import Final

from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Possession:
    """What one request shows.

    `method` and `url` (without query) are its own; `proofs` the values of its `DPoP` headers; `certificate` the DER
    that the sender showed to a trusted proxy, which checked that it holds the key.
    """

    method: str = "POST"
    url: str = ""
    proofs: tuple[str, ...] = ()
    certificate: bytes | None = None


NOTHING_SHOWN: Final = Possession()
