"""RFC 7644 section 3: create, read, search, replace, modify and delete officers."""

from collections.abc import Callable
from typing import Any, Final

from idp.domain.accounts.sign_in_identifier import parse_username
from idp.domain.events import ProvisioningRefused
from idp.domain.ids import AccountId
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.values import dataclass
from idp.journeys.joining import EntryRefusedError
from idp.journeys.provisioning import OutOfReachError, Provisioner, Provisioning
from idp.journeys.throttling import SlowDownError
from idp.ports.agencies import Agencies
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.officers import Officers, PostChangedError, Provisioned, ProvisionedOfficers
from idp.protocol.scim.errors import ScimError, changed, invalid_value, not_found, too_often
from idp.protocol.scim.filter import Filter, matches, named, parse_filter
from idp.protocol.scim.patch import patched
from idp.protocol.scim.schemas import MOST_RESULTS, MOST_SEARCHED, listed
from idp.protocol.scim.users import Written, read_changed, read_new, user_of

_TAKEN: Final = frozenset({"taken", "already_officer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Section 3.4.2: what is searched for. `start` begins at 1; `count` None: as many as one answer holds."""

    filter: str | None = None
    start: int = 1
    count: int | None = None


class ScimUsers:
    """The resource type User."""

    def __init__(
        self,
        *,
        issuer: str,
        provisioning: Provisioning,
        provisioned: ProvisionedOfficers,
        officers: Officers,
        agencies: Agencies,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._issuer = issuer
        self._provisioning = provisioning
        self._provisioned = provisioned
        self._officers = officers
        self._agencies = agencies
        self._audit = audit
        self._clock = clock

    async def read(self, by: Provisioner, user_id: str) -> Written:
        """Section 3.4.1. Raises `ScimError`."""
        return await self._written(by, await self._known(by, user_id))

    async def search(self, by: Provisioner, search: Search) -> dict[str, Any]:
        """Section 3.4.2: a page of what fits. Raises `ScimError`."""
        # "A value less than 1 SHALL be interpreted as 1"; "A negative value SHALL be interpreted as "0"."
        start = max(search.start, 1)
        count = min(MOST_RESULTS if search.count is None else max(search.count, 0), MOST_RESULTS)
        if search.filter is None:
            total, page = await self._provisioned.page(by.root, start - 1, count)
            return listed([(await self._written(by, one)).body for one in page], total, start)
        wanted = parse_filter(search.filter)
        users = [(await self._written(by, one)).body for one in await self._candidates(by, wanted)]
        found = [user for user in users if matches(wanted, user)]
        return listed(found[start - 1 : start - 1 + count], len(found), start)

    async def create(self, by: Provisioner, body: dict[str, Any]) -> Written:
        """Section 3.3. Raises `ScimError`."""
        wanted = read_new(body)
        async with _Told(self._audit, by, "create"):
            account_id = await self._provisioning.join(by, wanted)
        return await self.read(by, account_id)

    async def replace(self, by: Provisioner, user_id: str, body: dict[str, Any], seen: str | None) -> Written:
        """Section 3.5.1. `seen` is the version named, if one was. Raises `ScimError`."""
        return await self._change(by, user_id, seen, lambda _: body)

    async def modify(self, by: Provisioner, user_id: str, body: dict[str, Any], seen: str | None) -> Written:
        """Section 3.5.2. Raises `ScimError`."""
        return await self._change(by, user_id, seen, lambda known: patched(known, body))

    async def delete(self, by: Provisioner, user_id: str, seen: str | None) -> None:
        """Section 3.6: the officer leaves; the record stays. Raises `ScimError`."""
        one = await self._known(by, user_id)
        _check_version(await self._written(by, one), seen)
        async with _Told(self._audit, by, "delete"):
            await self._provisioning.leave(by, one)

    async def _change(
        self, by: Provisioner, user_id: str, seen: str | None, change: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> Written:
        one = await self._known(by, user_id)
        known = await self._written(by, one)
        _check_version(known, seen)
        wanted = read_changed(change(known.body), known)
        async with _Told(self._audit, by, "change"):
            await self._provisioning.change(by, one, wanted)
        after = await self._provisioning.find(by, one.officer.account_id)
        # Whoever was ended by it is beyond reach from then on: the answer is the last that is told.
        return known if after is None else await self._written(by, after)

    async def _candidates(self, by: Provisioner, wanted: Filter) -> tuple[Provisioned, ...]:
        """Those who can fit at all: one, where the filter names an identifier."""
        for attribute, find in (("id", _same), ("userName", self._by_username), ("externalId", self._by_external_id)):
            if (value := named(wanted, attribute)) is not None:
                account_id = await find(by, value)
                one = await self._provisioning.find(by, account_id) if account_id else None
                return () if one is None else (one,)
        total, everybody = await self._provisioned.page(by.root, 0, MOST_SEARCHED)
        if total > MOST_SEARCHED:
            raise ScimError(400, "Too many officers to search; name userName, externalId or id.", "tooMany")
        return everybody

    async def _by_username(self, _: Provisioner, value: str) -> AccountId | None:
        try:
            return await self._officers.find(parse_username(value))
        except RefusedIdentifier:
            return None

    async def _by_external_id(self, by: Provisioner, value: str) -> AccountId | None:
        return await self._provisioned.find_external(by.client_id, value)

    async def _known(self, by: Provisioner, user_id: str) -> Provisioned:
        one = await self._provisioning.find(by, AccountId(user_id))
        if one is None:
            raise not_found()
        return one

    async def _written(self, by: Provisioner, one: Provisioned) -> Written:
        now = self._clock.now()
        post = one.officer.post_to_come(now) or one.officer.standing_post(now)
        agency = await self._agencies.get(post.agency_code) if post else None
        return user_of(one, agency.name if agency else "", self._issuer, by.client_id, now)


class _Told:
    """Turns what provisioning refuses into errors of the interface, recorded."""

    def __init__(self, audit: AuditTrail, by: Provisioner, operation: str) -> None:
        self._audit = audit
        self._by = by
        self._operation = operation

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, EntryRefusedError):
            await self._record(f"{error.field}_{error.reason}")
            if error.reason in _TAKEN:
                raise ScimError(409, f"{error.field} is taken.", "uniqueness") from None
            raise invalid_value(f"{error.field}: {error.reason.replace('_', ' ')}.") from None
        if isinstance(error, OutOfReachError):
            await self._record("out_of_reach")
            raise ScimError(403, "This agency or officer is beyond what the client speaks for.") from None
        if isinstance(error, SlowDownError):
            await self._record("too_often")
            raise too_often(error.wait) from None
        if isinstance(error, PostChangedError):
            raise changed() from None

    async def _record(self, reason: str) -> None:
        event = ProvisioningRefused(
            origin=self._by.origin, client_id=self._by.client_id, operation=self._operation, reason=reason
        )
        await self._audit.record(event)


async def _same(_: Provisioner, value: str) -> AccountId | None:
    return AccountId(value)


def _check_version(known: Written, seen: str | None) -> None:
    """Section 3.14: an `If-Match` that names another version ends it."""
    if seen is not None and seen.strip() != "*" and known.version not in {each.strip() for each in seen.split(",")}:
        raise changed()
