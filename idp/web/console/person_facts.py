"""A person's record as an officer compares it, and moments as pages show them."""

from datetime import UTC, datetime

from idp.domain.account import Account
from idp.domain.identity_record import IdentityRecord
from idp.domain.ids import Seconds
from idp.web.views.console.proofing import PersonFacts


def person_facts(record: IdentityRecord, account: Account) -> PersonFacts:
    """Return what is shown of a record."""
    told = {name: str(record.claims.get(name, "")) for name in ("name", "birthdate", "gender")}
    card = record.card
    return PersonFacts(
        **told,
        personal_number=record.personal_number,
        former_numbers=record.former_numbers,
        identity_level=record.identity_level,
        card_number=card.number if card else None,
        card_issued=card.issued if card else None,
        card_expires=card.expires if card else None,
        status=account.status.value,
    )


def moment(seconds: Seconds) -> datetime:
    """Return a moment for the `moment` filter."""
    return datetime.fromtimestamp(seconds, UTC)
