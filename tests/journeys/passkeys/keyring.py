"""Passkeys on the stage: what signs in, what makes them, and a browser that carries the answers."""

from idp.adapters.webauthn.ceremonies import WebAuthnCeremonies
from idp.adapters.webauthn.trusted_models import TrustedModels
from idp.domain.authenticators.passkey import Passkey
from idp.domain.levels.assurance import Level
from idp.journeys.attempt import Loaded
from idp.journeys.passkeys.challenges import PasskeyChallenges
from idp.journeys.passkeys.registration import PasskeyRegistration, PasskeyRegistrationParts
from idp.journeys.passkeys.sign_in import PasskeySignIn, PasskeySignInParts
from idp.journeys.sessions import CurrentSession
from tests.authenticator import TRUE, Gesture, SoftwareAuthenticator
from tests.flows.provider import ISSUER, PASSWORD
from tests.journeys.stage import AN, VISITOR, Stage


class Keyring:
    """The passkey journeys of a stage."""

    def __init__(self, stage: Stage) -> None:
        stores = stage.stores
        self.stage = stage
        self.folder = stage.settings.secret_file.parent / "metadata"
        self.folder.mkdir(exist_ok=True)
        ceremonies = WebAuthnCeremonies(ISSUER, "Định danh quốc gia", TrustedModels(self.folder))
        self.challenges = PasskeyChallenges(stores.short_lived, stage.keys, stage.clock, stage.entropy)
        self.sign_in = PasskeySignIn(
            PasskeySignInParts(
                passkeys=stores.passkeys,
                ceremonies=ceremonies,
                challenges=self.challenges,
                accounts=stores.accounts,
                throttling=stage.throttling,
                devices=stage.devices,
                risk=stage.risk,
                floods=stage.floods,
                audit=stores.audit_trail,
                clock=stage.clock,
            )
        )
        self.registration = PasskeyRegistration(
            PasskeyRegistrationParts(
                passkeys=stores.passkeys,
                ceremonies=ceremonies,
                challenges=self.challenges,
                accounts=stores.accounts,
                authenticators=stores.authenticators,
                attempts=stage.attempts,
                throttling=stage.throttling,
                keys=stage.keys,
                audit=stores.audit_trail,
                clock=stage.clock,
                entropy=stage.entropy,
            )
        )

    async def session(self, username: str = AN, password: str = PASSWORD) -> CurrentSession:
        """A session of somebody, who may make passkeys as far as these journeys know."""
        return await self.stage.signed_in(username, password)

    async def make(
        self,
        authenticator: SoftwareAuthenticator,
        gesture: Gesture = TRUE,
        *,
        session: CurrentSession | None = None,
        name: str = "Điện thoại",
    ) -> Passkey:
        """Another passkey of An, or of whoever has the session."""
        current = session or await self.session()
        answer = authenticator.register(await self.registration.options_in_session(current), gesture)
        return await self.registration.submit_in_session(current, answer, name, VISITOR)

    async def ask(self) -> Loaded:
        """An attempt of somebody whom nobody knows yet."""
        return await self.stage.begin(Level.TWO)

    async def use(self, authenticator: SoftwareAuthenticator, gesture: Gesture = TRUE) -> Loaded:
        """Sign in with it, first of all."""
        loaded = await self.ask()
        return await self.sign_in.submit(
            loaded, authenticator.sign_in(self.sign_in.options(loaded.attempt), gesture), VISITOR
        )
