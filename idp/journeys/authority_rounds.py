"""What ends by itself is closed, and those concerned are told: mandates after their last day, children who grow up.

Nothing waits for these rounds: whether somebody may act for another is decided at the moment of asking. They end the
grants that stand on it, so that services hear of it, and tell guardians.
"""

from collections.abc import Callable
from typing import Final

from idp.domain.account import mailbox
from idp.domain.events import GuardianshipEnded, GuardianshipReviewed, Origin
from idp.domain.guardianship import END_AGE, GuardianshipEnd
from idp.domain.ids import RequestId
from idp.domain.mandate import MandateEnd
from idp.journeys.mandates import ended_by_itself
from idp.ports.accounts import Accounts
from idp.ports.authorities import Guardianships, Mandates, Wardship
from idp.ports.clock import Clock, Entropy
from idp.ports.mail import MailError
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

    async def go(self, may_go_on: Callable[[], bool]) -> int:
        """Do everything that is due, asking `may_go_on` before each step; how many were closed or told."""
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
        done, after = 0, ""
        while page := await self._guardianships.listed(waiting=False, after=after, limit=BATCH):
            for wardship in page:
                if not may_go_on():
                    return done
                done += await self._review(wardship, origin)
            after = page[-1].guardianship.guardianship_id
        return done

    async def _review(self, wardship: Wardship, origin: Origin) -> bool:
        """Tell first, then note it: a stop in between tells twice, and never notes what was not told."""
        found = wardship.guardianship
        age = found.review_due(wardship.birthdate, self._clock.now())
        if age is None:
            return False
        reference = found.guardianship_id
        delivered = await self._tell(wardship, age)
        event = GuardianshipReviewed(origin=origin, guardianship_id=reference, age=age, delivered=delivered)
        await self._guardianships.reviewed(reference, age, event)
        if age == END_AGE:
            end = GuardianshipEnd.GROWN_UP
            ended = GuardianshipEnded(origin=origin, guardianship_id=reference, end=end.value)
            await self._guardianships.end(reference, end, self._clock.now(), ended)
        return True

    async def _tell(self, wardship: Wardship, age: int) -> bool:
        if wardship.guardian_account is None:
            return False
        account = await self._accounts.get(wardship.guardian_account)
        contacts = await self._accounts.contacts(wardship.guardian_account)
        contact = mailbox(contacts)
        if account is None or contact is None:
            return False
        try:
            await self._notices.ward_turned(contact, age, account.locale or self._default_locale)
        except MailError:
            return False
        return True
