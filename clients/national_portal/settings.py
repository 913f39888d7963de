"""Settings of the national portal."""

from dataclasses import dataclass

from clients.relying_party.settings import ClientRegistration, Environment, RelyingPartySettings


@dataclass(frozen=True, slots=True)
class PortalSettings:
    relying_party: RelyingPartySettings
    citizens: ClientRegistration
    ministry_url: str
    ministry_audience: str
    gateway_url: str

    @classmethod
    def of(cls, environment: Environment) -> "PortalSettings":
        """Return the settings; raises SettingRefused."""
        ministry_url = environment.url("MINISTRY_URL")
        ministry_audience = environment.url("MINISTRY_API_AUDIENCE", f"{ministry_url}/api")
        return cls(
            relying_party=environment.relying_party(),
            citizens=environment.registration(
                scope="openid profile email phone identity authority dossier.read dossier.write",
                resources=(ministry_audience,),
            ),
            ministry_url=ministry_url,
            ministry_audience=ministry_audience,
            gateway_url=environment.url("GATEWAY_URL"),
        )
