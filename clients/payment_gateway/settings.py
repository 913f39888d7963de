"""Settings of the payment gateway."""

from dataclasses import dataclass

from clients.relying_party.assurance import LEVELS, StepUp
from clients.relying_party.settings import ClientRegistration, Environment, RelyingPartySettings, SettingRefused


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    relying_party: RelyingPartySettings
    payers: ClientRegistration
    ministry_url: str
    ministry_audience: str
    portal_url: str
    step_up_above: int  # dong
    step_up: StepUp

    @classmethod
    def of(cls, environment: Environment) -> "GatewaySettings":
        """Return the settings; raises SettingRefused."""
        ministry_url = environment.url("MINISTRY_URL")
        acr = environment.text("STEP_UP_ACR", "urn:vn:loa:2")
        if acr not in LEVELS:
            raise SettingRefused("STEP_UP_ACR is not an authentication level")
        return cls(
            relying_party=environment.relying_party(),
            payers=environment.registration(scope="openid profile"),
            ministry_url=ministry_url,
            ministry_audience=environment.url("MINISTRY_API_AUDIENCE", f"{ministry_url}/api"),
            portal_url=environment.url("PORTAL_URL"),
            step_up_above=environment.number("STEP_UP_ABOVE", 5_000_000),
            step_up=StepUp(acr, environment.seconds("STEP_UP_MAX_AGE", 300)),
        )
