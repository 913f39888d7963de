"""A person's record and findings as an officer compares them, and moments as pages show them."""

from idp.domain.accounts.account import Account
from idp.domain.enrolment.proofing import CounterCheck, Findings
from idp.domain.people.identity_record import IdentityRecord
from idp.web.views.console.proofing import FoundFacts, PageEntry, PersonFacts


def person_facts(record: IdentityRecord, account: Account) -> PersonFacts:
    """Return what is shown of a record and its account."""
    return record_facts(record, account.status.value)


def record_facts(record: IdentityRecord, status: str) -> PersonFacts:
    """Return what is shown of a record; `status` is the account's, or merged."""
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
        status=status,
    )


def found_facts(findings: Findings) -> FoundFacts:
    """Return what is shown of findings."""
    card = findings.card
    return FoundFacts(
        checks=tuple(check.value for check in CounterCheck if check in findings.checks),
        ground=findings.ground.value if findings.ground else None,
        card_number=card.number if card else None,
        card_issued=card.issued if card else None,
        card_expires=card.expires if card else None,
        pages=tuple(
            PageEntry(kind=str(each.get("desc", "")), url=each["url"], digest=each["digest"]["value"])
            for each in findings.attachments
        ),
    )
