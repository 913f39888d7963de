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
    great_from: int  # dong
    great: StepUp

    @classmethod
    def of(cls, environment: Environment) -> "GatewaySettings":
        """Return the settings; raises SettingRefused."""
        ministry_url = environment.url("MINISTRY_URL")
        max_age = environment.seconds("STEP_UP_MAX_AGE", 300)
        return cls(
            relying_party=environment.relying_party(),
            payers=environment.registration(scope="openid profile"),
            ministry_url=ministry_url,
            ministry_audience=environment.url("MINISTRY_API_AUDIENCE", f"{ministry_url}/api"),
            portal_url=environment.url("PORTAL_URL"),
            step_up_above=environment.number("STEP_UP_ABOVE", 5_000_000),
            step_up=StepUp(_level(environment, "STEP_UP_ACR", "urn:vn:loa:2"), max_age),
            great_from=environment.number("GREAT_FROM", 10_000_000),
            great=StepUp(_level(environment, "GREAT_ACR", "urn:vn:loa:3"), max_age),
        )


def _level(environment: Environment, name: str, default: str) -> str:
    acr = environment.text(name, default)
    if acr not in LEVELS:
        raise SettingRefused(f"{name} is not an authentication level")
    return acr
