"""What ends by itself is closed, and those concerned are told: mandates after their last day, children who grow up.

Nothing waits for these rounds: whether somebody may act for another is decided at the moment of asking. They end the
grants that stand on it, so that services hear of it, and tell guardians.
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final

from idp.domain.country_time import beginning_of
from idp.domain.events import GuardianshipEnded, GuardianshipReviewed, Origin
from idp.domain.ids import RequestId
from idp.domain.representation.guardianship import END_AGE, GuardianshipEnd, birthday
from idp.domain.representation.mandate import MandateEnd
from idp.journeys.mandates import ended_by_itself
from idp.journeys.notice_rounds import NoticeRound
from idp.ports.accounts import Accounts
from idp.ports.authorities import Guardianships, Mandates, Wardship
from idp.ports.clock import Clock, Entropy
from idp.ports.notifications import Notifications

BATCH: Final = 100


class AuthorityRounds:
    """Does what is due."""

    def __init__(
        self,
        mandates: Mandates,
        guardianships: Guardianships,
        accounts: Accounts,
        notices: Notifications,
        clock: Clock,
        entropy: Entropy,
        *,
        default_locale: str,
    ) -> None:
        self._mandates = mandates
        self._guardianships = guardianships
        self._accounts = accounts
        self._notices = notices
        self._clock = clock
        self._entropy = entropy
        self._default_locale = default_locale
        self._rounds = NoticeRound()

    async def go(self, may_go_on: Callable[[], bool]) -> int:
        """Do everything that is due, asking `may_go_on` before each step; how many were closed, and told.

        Raises `MailError` when the mail server takes nothing: the next round tells those whom this one did not.
        """
        origin = Origin(RequestId(self._entropy.identifier()), "rule")
        return await self._end_mandates(origin, may_go_on) + await self._look_at_wards(origin, may_go_on)

    async def _end_mandates(self, origin: Origin, may_go_on: Callable[[], bool]) -> int:
        done = 0
        while expired := await self._mandates.expired(self._clock.now(), BATCH):
            for mandate_id in expired:
                if not may_go_on():
                    return done
                parties = await self._mandates.get(mandate_id)
                if parties is not None:
                    event = ended_by_itself(parties, origin)
                    await self._mandates.end(mandate_id, MandateEnd.EXPIRED, self._clock.now(), event)
                    done += 1
        return done

    async def _look_at_wards(self, origin: Origin, may_go_on: Callable[[], bool]) -> int:
        """End what is over before anybody is told of it: that does not wait for a mail server."""
        done, to_tell = 0, list[Wardship]()
        async for wardship in self._due(may_go_on):
            found, now = wardship.guardianship, self._clock.now()
            age = found.review_due(wardship.birthdate, now)
            if age is None:
                await self._guardianships.looked_at(wardship, found.look_again_at(wardship.birthdate, now))
                continue
            if age == END_AGE and found.end is None:
                if not await self._end(found.guardianship_id, origin):
                    continue
                done += 1
            to_tell.append(wardship)
        self._rounds.begin()
        for wardship in to_tell:
            if not may_go_on():
                return done
            done += await self._review(wardship, origin)
        return done

    async def _due(self, may_go_on: Callable[[], bool]) -> AsyncIterator[Wardship]:
        """What is due stays so until a look finds nothing to do: what was told is looked at once more."""
        last: Wardship | None = None
        while batch := await self._guardianships.due(self._clock.now(), last, BATCH):
            for wardship in batch:
                if not may_go_on():
                    return
                yield wardship
            last = batch[-1]

    async def _end(self, guardianship_id: str, origin: Origin) -> bool:
        end = GuardianshipEnd.GROWN_UP
        event = GuardianshipEnded(origin=origin, guardianship_id=guardianship_id, end=end.value)
        return await self._guardianships.end(guardianship_id, end, self._clock.now(), event) is not None

    async def _review(self, wardship: Wardship, origin: Origin) -> bool:
        """Tell first, then note it: a stop in between tells twice, and never notes what was not told."""
        found, now = wardship.guardianship, self._clock.now()
        age = found.review_due(wardship.birthdate, now)
        if age is None or wardship.birthdate is None:
            return False
        delivered = await self._tell(wardship, age, waited=now - beginning_of(birthday(wardship.birthdate, age)))
        if delivered is None:
            return False
        event = GuardianshipReviewed(origin=origin, guardianship_id=found.guardianship_id, age=age, delivered=delivered)
        return await self._guardianships.reviewed(found.guardianship_id, age, event)

    async def _tell(self, wardship: Wardship, age: int, waited: int) -> bool | None:
        """Whether the guardian was told; None when that has to be tried again."""
        if wardship.guardian_account is None:
            return False
        account = await self._accounts.get(wardship.guardian_account)
        if account is None:
            return False
        contacts = await self._accounts.contacts(wardship.guardian_account)
        send = partial(self._notices.ward_turned, age=age, locale=account.locale or self._default_locale)
        return await self._rounds.tell(contacts, send, waited=waited)
