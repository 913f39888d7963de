"""A computer and a phone on the stage of the journeys."""

from idp.domain.authenticators.phone_sign_in import Closeness
from idp.domain.clients.client import ClientAudience
from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.domain.levels.assurance import Method, Proof
from idp.journeys.attempt import Loaded
from idp.journeys.phone_sign_in.computer import Owners, PhoneSignIn, Picture
from idp.journeys.phone_sign_in.phone import PhoneApproval, PhoneApprovals
from idp.journeys.phone_sign_in.requests import PhoneRequests
from idp.journeys.sessions import CurrentSession
from idp.journeys.visitor import Visitor
from tests.journeys.stage import AN, VISITOR, Stage

PHONE_ORIGIN = Origin(RequestId("request-2"), "source-2")
PHONE = Visitor(PHONE_ORIGIN, "vi")


class Desk:
    """Both sides, put together as the site does it."""

    def __init__(self, stage: Stage, closeness: Closeness = Closeness.ANY) -> None:
        stores = stage.stores
        self.stage = stage
        self.requests = PhoneRequests(stores.short_lived, stage.vault)
        self.computer = PhoneSignIn(
            stage.attempts,
            Owners(stores.accounts, stores.session_records),
            self.requests,
            stage.throttling,
            stage.risk,
            stores.audit_trail,
            stage.clock,
            stage.entropy,
        )
        self.phone = PhoneApprovals(
            self.requests, stage.throttling, stores.audit_trail, stage.floods, stage.clock, stage.entropy, closeness
        )

    async def attempt(self, audience: ClientAudience = ClientAudience.BOTH) -> Loaded:
        """An attempt of nobody yet."""
        return await self.stage.begin(audience=audience)

    async def picture(self, loaded: Loaded) -> Picture:
        """What the computer shows."""
        return await self.computer.begin(loaded.attempt, VISITOR)

    async def session(self, identifier: str = AN, *methods: Method) -> CurrentSession:
        """A phone on which somebody proved this just now; by default a password and a one-time code."""
        proved = methods or (Method.PASSWORD, Method.ONE_TIME_CODE)
        proofs = tuple(Proof(method, self.stage.clock.now()) for method in proved)
        return await self.stage.sessions.begin(await self.stage.account(identifier), proofs, None)

    async def opened(self, picture: Picture, current: CurrentSession) -> PhoneApproval:
        """The approval that the picture leads to."""
        approval_id = await self.phone.open(picture.carried, current, PHONE)
        approval = await self.phone.get(current.account.account_id, approval_id)
        assert approval
        return approval

    async def allowed(self, loaded: Loaded, current: CurrentSession) -> Picture:
        """A picture that the phone said yes to."""
        picture = await self.picture(loaded)
        approval = await self.opened(picture, current)
        await self.phone.allow(approval, picture.request.number, current, PHONE_ORIGIN)
        return picture
