"""What an officer typed at the counter, read into findings."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from idp.domain.enrolment.attachment import PAGE_KINDS, RefusedAttachment, attachment
from idp.domain.enrolment.proofing import CounterCheck, ExceptionGround, Findings
from idp.domain.people.identity_record import IdentityCard
from idp.domain.people.likeness import card_key
from idp.journeys.administration.errors import InvalidEntryError
from idp.web.views.console.proofing import PageEntry, TypedFindings

PAGES = 3
"""Scanned pages that the form takes."""

_LONGEST_CARD = 20


def read_findings(fields: Mapping[str, str]) -> Findings:
    """Return the findings of the form. Raises `InvalidEntryError` naming the field."""
    ground = fields.get("ground", "")
    if ground and ground not in set(ExceptionGround):
        raise InvalidEntryError("ground", "unknown")
    return Findings(
        checks=frozenset(check for check in CounterCheck if fields.get(f"check_{check.value}") == "yes"),
        card=_card(fields),
        attachments=tuple(_attachments(fields)),
        ground=ExceptionGround(ground) if ground else None,
    )


def typed_findings(fields: Mapping[str, str]) -> TypedFindings:
    """Return what was typed, to be shown again."""
    return TypedFindings(
        checks=frozenset(check.value for check in CounterCheck if fields.get(f"check_{check.value}") == "yes"),
        card_number=fields.get("card_number", ""),
        card_issued=fields.get("card_issued", ""),
        card_expires=fields.get("card_expires", ""),
        ground=fields.get("ground", ""),
        pages=tuple(_page(fields, number) for number in range(1, PAGES + 1)),
    )


def read_card(number: str, issued: str, expires: str) -> IdentityCard | None:
    """Return a card as typed, None when nothing was. Raises `InvalidEntryError`."""
    key = card_key(number)
    if not key:
        if issued or expires:
            raise InvalidEntryError("card_number", "missing")
        return None
    if len(key) > _LONGEST_CARD:
        raise InvalidEntryError("card_number", "too_long")
    return IdentityCard(key, _day("card_issued", issued), _day("card_expires", expires))


def _card(fields: Mapping[str, str]) -> IdentityCard | None:
    return read_card(fields.get("card_number", ""), fields.get("card_issued", ""), fields.get("card_expires", ""))


def _day(name: str, typed: str) -> str | None:
    try:
        return date.fromisoformat(typed).isoformat() if typed else None
    except ValueError:
        raise InvalidEntryError(name, "malformed") from None


def _attachments(fields: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for number in range(1, PAGES + 1):
        page = _page(fields, number)
        if not page.url and not page.digest:
            continue
        if page.kind not in PAGE_KINDS:
            raise InvalidEntryError(f"page_{number}_kind", "missing")
        try:
            yield attachment(page.url, page.digest, PAGE_KINDS[page.kind])
        except RefusedAttachment as refused:
            part = "url" if refused.code == "attachment_url" else "digest"
            raise InvalidEntryError(f"page_{number}_{part}", refused.code) from refused


def _page(fields: Mapping[str, str], number: int) -> PageEntry:
    kind, url, digest = (fields.get(f"page_{number}_{part}", "").strip() for part in ("kind", "url", "digest"))
    return PageEntry(kind=kind, url=url, digest=digest)
