"""Events of signing in on a computer with the yes of a phone."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSignInBegun(Event):
    """A computer shows a picture and a number; whose it is (`account_id`) may not be known yet."""

    name: ClassVar[str] = "phone_sign_in.begun"
    account_id: AccountId | None = None
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSignInOpened(Event):
    """Somebody opened the picture on a phone; `nearness` is how the two devices lie to each other."""

    name: ClassVar[str] = "phone_sign_in.opened"
    account_id: AccountId
    nearness: str
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSignInAllowed(Event):
    """The phone's owner typed the right number and allowed it; nobody is signed in yet."""

    name: ClassVar[str] = "phone_sign_in.allowed"
    account_id: AccountId
    nearness: str
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSignInRefused(Event):
    """A request came to nothing.

    `reason`: `denied` and `wrong_number` end it; `over`, `other_account`, `audience`, `apart` and `throttled` refuse
    whoever tried to open, answer or finish it; so does the name of what keeps the account from signing in there.
    """

    name: ClassVar[str] = "phone_sign_in.refused"
    reason: str
    account_id: AccountId | None = None
    client_id: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSignInUsed(Event):
    """The computer that showed the picture has its proof: somebody holds the phone of this account."""

    name: ClassVar[str] = "phone_sign_in.used"
    account_id: AccountId
    first_factor: bool
    client_id: ClientId | None = None
