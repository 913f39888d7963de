"""`/account/activity`: which service received what, when, how often, for what purpose and by which right."""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from idp.domain.clients.claims_policy import ClaimsPolicy, LegalBasis
from idp.domain.country_time import day_of
from idp.domain.grants.release import Release
from idp.domain.ids import AccountId, ClientId
from idp.ports.clients import Clients
from idp.ports.releases import Releases
from idp.protocol.claims.consent_receipt import SENSITIVE_CLAIMS
from idp.web.moments import moment_of
from idp.web.pages.account.data import PAGE, OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.common import Locale, SharedItem
from idp.web.views.own_data import ActivityPage, ReleaseDay, ReleaseRow

PATH: Final = "/account/activity"


class ActivityPages:
    """Shows releases to the person whom they were about."""

    def __init__(self, releases: Releases, clients: Clients, desk: OwnDataDesk) -> None:
        self._releases = releases
        self._clients = clients
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the page; `after` is the last release of the page before."""
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        after = visit.query.get("after", "")
        found = await self._releases.of_account(AccountId(current.account.account_id), after, PAGE + 1)
        page = ActivityPage(
            **self._desk.common(visit),
            days=await self._days(found[:PAGE], visit.locale),
            next_href=f"{PATH}?after={found[PAGE - 1].release_id}" if len(found) > PAGE else None,
            first=not after,
        )
        return self._desk.desk.page(visit, page)

    async def _days(self, releases: Iterable[Release], locale: Locale) -> tuple[ReleaseDay, ...]:
        days = []
        for day, group in groupby(releases, key=lambda one: day_of(one.last_at)):
            rows = [await self._row(release, locale) for release in sorted(group, key=lambda one: -one.last_at)]
            days.append(ReleaseDay(day, tuple(rows)))
        return tuple(days)

    async def _row(self, release: Release, locale: Locale) -> ReleaseRow:
        client = await self._clients.get(release.client_id)
        policy = await self._policy(release.client_id, release.terms)
        return ReleaseRow(
            service=client.name_in(locale) if client else release.client_id,
            items=purposed_items(release.plain_claims, policy, locale),
            times=release.count,
            last_at=moment_of(release.last_at),
            by_law=release.basis != LegalBasis.CONSENT,
        )

    async def _policy(self, client_id: ClientId, version: str | None) -> ClaimsPolicy | None:
        return None if version is None else await self._releases.terms(client_id, version)


def purposed_items(names: Iterable[str], policy: ClaimsPolicy | None, locale: Locale) -> tuple[SharedItem, ...]:
    """Return claims by name with the purpose and the legal basis that an allow-list said, where there was one."""
    items = []
    for name in names:
        terms = policy.terms(name) if policy else None
        items.append(
            SharedItem(
                name=name,
                purpose=(terms.purpose_in(locale) or None) if terms else None,
                basis=terms.legal_basis.value if terms else None,
                sensitive=name in SENSITIVE_CLAIMS,
            )
        )
    return tuple(items)
