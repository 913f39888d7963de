"""`/account/identity`: what is recorded of a person, how it was proved, and what would raise the levels."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level, has_second_factor
from idp.domain.people.ageing import ends_of, level_ends_at, proof_of, rules_at, standing
from idp.domain.people.identity_record import AttributeFacts, IdentityRecord
from idp.domain.people.predicates import RESIDENCE
from idp.domain.people.verification import DOCUMENT
from idp.ports.accounts import Authenticators
from idp.ports.clock import Clock
from idp.ports.identity_records import IdentityRecords
from idp.web.moments import moment_of
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.own_data import AttributeRow, EvidenceRow, IdentityPage

PATH: Final = "/account/identity"

_SHOWN: Final = ("name", "family_name", "middle_name", "given_name", "birthdate", "gender")


class IdentityPages:
    """Shows the record to the person whom it is about."""

    def __init__(
        self, records: IdentityRecords, authenticators: Authenticators, clock: Clock, desk: OwnDataDesk
    ) -> None:
        self._records = records
        self._authenticators = authenticators
        self._clock = clock
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the page."""
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        account_id = current.account.account_id
        record = await self._records.of_account(account_id)
        if record is None:
            return self._desk.desk.error(visit, "server_error", 500)
        recorded, now, proof = record.verification or {}, self._clock.now(), proof_of(record)
        enrolled = await self._authenticators.methods(account_id, now)
        level_ends = level_ends_at(proof, now)
        page = IdentityPage(
            **self._desk.common(visit),
            identity_level=standing(proof, now).identity_level,
            level_expires_at=None if level_ends is None else _last_moment(level_ends),
            proved_at=_read_moment(recorded.get("time")),
            evidence=tuple(_evidence(recorded)),
            # Who has the password alone sees what the services see with it, and not the whole number.
            attributes=tuple(_attributes(record, now, whole_number=current.session.level >= Level.TWO)),
            signed_in_level=int(current.session.level),
            has_second_factor=has_second_factor(enrolled),
        )
        return self._desk.desk.page(visit, page)


def _attributes(record: IdentityRecord, now: Seconds, *, whole_number: bool) -> Iterator[AttributeRow]:
    ends = {end.name: end.at for end in ends_of(proof_of(record), rules_at(now))}

    def row(name: str, value: str) -> AttributeRow:
        return _row(name, value, record.attributes.get(name), ends.get(name), now)

    number = (
        record.personal_number if whole_number else f"{record.personal_number[:3]}••••••{record.personal_number[-3:]}"
    )
    yield row("personal_number", number)
    for name in _SHOWN:
        value = record.claims.get(name)
        if value:
            yield row(name, str(value))
    residence = record.claims.get(RESIDENCE)
    if isinstance(residence, Mapping):
        codes = ", ".join(str(residence[part]) for part in ("province", "commune") if residence.get(part))
        yield row(RESIDENCE, codes)


def _row(name: str, value: str, facts: AttributeFacts | None, ends_at: Seconds | None, now: Seconds) -> AttributeRow:
    if facts is None or ends_at is None:
        return AttributeRow(name, value)
    return AttributeRow(
        name,
        value,
        facts.source,
        moment_of(facts.verified_at),
        expires_at=_last_moment(ends_at),
        has_ended=ends_at <= now,
    )


def _last_moment(ends_at: Seconds) -> datetime:
    """The last second before an end, whose day is the last one that counts."""
    return moment_of(Seconds(ends_at - 1))


def _evidence(recorded: Mapping[str, Any]) -> Iterator[EvidenceRow]:
    for element in recorded.get("evidence") or ():
        details = element.get("document_details" if element.get("type") == DOCUMENT else "record") or {}
        yield EvidenceRow(
            kind=str(details.get("type") or element.get("type")),
            checks=tuple(str(check.get("check_method")) for check in element.get("check_details") or ()),
            time=_read_moment(element.get("time")),
            number=str(details["document_number"])[-4:] if details.get("document_number") else None,
        )


def _read_moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
