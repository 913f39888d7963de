"""`/account/services` and `/account/receipts`: consents in force, and the receipt of every decision about one."""

from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from idp.domain.accounts.account import Profile
from idp.domain.clients.claims_policy import ClaimsPolicy
from idp.domain.clients.client import Client
from idp.domain.grants.grant import Consent, ConsentDecision, ConsentEvidence
from idp.domain.ids import ClientId
from idp.protocol.claims.consent_receipt import agreed_claims, consent_receipt, named_claims, receipt_claims
from idp.protocol.claims.scopes import OPENID
from idp.protocol.claims.subject import subject_identifier
from idp.web.moments import moment_of
from idp.web.pages.account.activity import purposed_items
from idp.web.pages.account.data import PAGE, OwnData, OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.own_data import ReceiptPage, ReceiptRow, ServiceRow, ServicesPage

PATH: Final = "/account/services"
RECEIPTS: Final = "/account/receipts"
JSON: Final = b"application/json"


class ServicesPages:
    """Shows consents and receipts to whoever gave them."""

    def __init__(self, data: OwnData, desk: OwnDataDesk) -> None:
        self._data = data
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the services; `after` is the last receipt of the page before."""
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        account_id, data = current.account.account_id, self._data
        profile = await data.accounts.profile(account_id)
        consents = await data.consents.of_account(account_id)
        found = await data.consents.decisions(account_id, visit.query.get("after", ""), PAGE + 1)
        page = ServicesPage(
            **self._desk.common(visit),
            services=tuple([await self._service(visit, each, profile) for each in consents]),
            receipts=tuple([await self._receipt(visit, each) for each in found[:PAGE]]),
            next_href=f"{PATH}?after={found[PAGE - 1].evidence_id}" if len(found) > PAGE else None,
        )
        return self._desk.desk.page(visit, page)

    async def receipt(self, visit: Visit) -> Answer:
        """GET one receipt to be read."""
        found = await self._found(visit)
        if isinstance(found, Answer):
            return found
        evidence, client, policy = found
        page = ReceiptPage(
            **self._desk.common(visit),
            receipt_id=evidence.evidence_id,
            service=client.name_in(visit.locale) if client else evidence.client_id,
            at=moment_of(evidence.at),
            given=evidence.decision is ConsentDecision.GIVEN,
            items=purposed_items(receipt_claims(evidence, client, policy), policy, visit.locale),
            record_href=f"{RECEIPTS}/{quote(evidence.evidence_id, safe='')}/record",
        )
        return self._desk.desk.page(visit, page)

    async def record(self, visit: Visit) -> Answer:
        """GET the same receipt as a JSON file."""
        found = await self._found(visit)
        if isinstance(found, Answer):
            return found
        evidence, client, policy = found
        known = client or Client(evidence.client_id)
        subject = subject_identifier(self._data.keys, known, evidence.account_id)
        told = consent_receipt(evidence, client, policy, self._data.issuer, subject)
        body = msgspec.json.format(msgspec.json.encode(told), indent=2)
        name = f"consent-receipt-{evidence.evidence_id}.json"
        return self._desk.desk.file(visit, name, body, JSON)

    async def _found(self, visit: Visit) -> tuple[ConsentEvidence, Client | None, ClaimsPolicy | None] | Answer:
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        account_id = current.account.account_id
        evidence = await self._data.consents.decision(account_id, visit.parameter("receipt_id"))
        if evidence is None:
            return self._desk.desk.error(visit, "not_found", 404)
        client = await self._data.clients.get(evidence.client_id)
        return evidence, client, await self._policy(evidence.client_id, evidence.terms)

    async def _service(self, visit: Visit, consent: Consent, profile: Profile | None) -> ServiceRow:
        """A consent with what the page that asked for it named; a bare sign-in may have been asked for, too."""
        client = await self._data.clients.get(consent.client_id)
        policy = await self._policy(consent.client_id, consent.terms)
        names = named_claims(agreed_claims((consent.scopes, consent.claims), client, policy), profile)
        return ServiceRow(
            name=client.name_in(visit.locale) if client else consent.client_id,
            since=moment_of(consent.given_at),
            items=purposed_items(names or (OPENID,), policy, visit.locale),
            withdraw_action=f"{PATH}/withdraw?{urlencode({'service': consent.client_id})}",
        )

    async def _receipt(self, visit: Visit, evidence: ConsentEvidence) -> ReceiptRow:
        client = await self._data.clients.get(evidence.client_id)
        return ReceiptRow(
            href=f"{RECEIPTS}/{quote(evidence.evidence_id, safe='')}",
            service=client.name_in(visit.locale) if client else evidence.client_id,
            at=moment_of(evidence.at),
            given=evidence.decision is ConsentDecision.GIVEN,
        )

    async def _policy(self, client_id: ClientId, version: str | None) -> ClaimsPolicy | None:
        return None if version is None else await self._data.releases.terms(client_id, version)
