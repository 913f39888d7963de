"""Alerts: what the owner of an account is told, because somebody else may have done it."""

from dataclasses import field
from enum import StrEnum
from typing import Final

from idp.domain.accounts.account import Contact
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

KEPT: Final = 2 * 365 * 24 * 3600
"""Seconds for which an alert stands in the owner's list."""

MOST_TOLD: Final = 3
"""Alerts of one kind that leave as messages within `TOLD_WITHIN`: what is more stands in the list alone, but for what
strangers cannot cause."""

TOLD_WITHIN: Final = 3600
"""Seconds."""


class AlertKind(StrEnum):
    """What happened."""

    NEW_DEVICE = "new_device"
    RISK_RAISED = "risk_raised"
    PASSWORD_CHANGED = "password_changed"
    AUTHENTICATOR_ADDED = "authenticator_added"
    AUTHENTICATOR_REMOVED = "authenticator_removed"
    ALWAYS_ASK_OFF = "always_ask_off"
    PASSKEY_COPIED = "passkey_copied"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    RECOVERY_BEGUN = "recovery_begun"
    RECOVERY_CONFIRMED = "recovery_confirmed"
    RECOVERY_VETOED = "recovery_vetoed"
    RECOVERY_COMPLETED = "recovery_completed"
    TRUSTED_PERSON = "trusted_person"
    CONTACT_CHANGED = "contact_changed"
    CONTACT_RESTORED = "contact_restored"
    PHONE_REFUSED = "phone_refused"
    ACCOUNT_LOCKED = "account_locked"


class Channel(StrEnum):
    """How an alert leaves. `FORMER` goes to where a contact stood that was changed."""

    EMAIL = "email"
    MESSAGE = "message"
    FORMER = "former"


USUAL: Final = (Channel.EMAIL, Channel.MESSAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityAlert:
    """One alert. `place` is a code of country and province; `reference` names what can be undone, or nothing.

    `channels`: how it leaves, nothing when the person was told in another way already. `is_limited`: whether no more
    than `MOST_TOLD` of its kind leave, as of everything that strangers can cause.
    """

    alert_id: str
    account_id: AccountId
    kind: AlertKind
    at: Seconds
    place: str | None = None
    reference: str | None = None
    seen_at: Seconds | None = None
    channels: tuple[Channel, ...] = USUAL
    is_limited: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """One message to deliver. `address` is set for `Channel.FORMER`; `attempts` counts the one it is claimed for."""

    message_id: str
    channel: Channel
    alert: SecurityAlert
    attempts: int
    created_at: Seconds
    address: Contact | None = field(default=None, repr=False)
