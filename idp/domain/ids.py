"""Names for the identifiers that travel between rooms, so that one is never passed for another."""

from typing import NewType

PersonId = NewType("PersonId", str)
"""A human being; never leaves the provider."""

AccountId = NewType("AccountId", str)
"""What signs in: a citizen's or an officer's account. A person may have both; relying parties cannot join them."""

ClientId = NewType("ClientId", str)
GrantId = NewType("GrantId", str)
"""One authorization given to one client; every token issued under it names it."""

SessionId = NewType("SessionId", str)
"""A browser's session at the provider; clients see only a value derived from it."""

AuthenticatorId = NewType("AuthenticatorId", str)
PasskeyId = NewType("PasskeyId", str)
RequestId = NewType("RequestId", str)

TokenHash = NewType("TokenHash", bytes)
"""SHA-256 of a bearer value of 256 random bits: what is stored instead of the value."""

Seconds = NewType("Seconds", int)
"""A point in time: whole seconds since 1970-01-01T00:00:00Z."""
