"""Settings of the ministry's portal."""

import re
from dataclasses import dataclass

from clients.relying_party.assurance import LEVELS, StepUp
from clients.relying_party.settings import ClientRegistration, Environment, RelyingPartySettings, SettingRefused

AGENCY_CODE = re.compile(r"[A-Y][0-9]{2}(\.[A-Z0-9]+)*")


@dataclass(frozen=True, slots=True)
class MinistrySettings:
    relying_party: RelyingPartySettings
    citizens: ClientRegistration
    officers: ClientRegistration
    api_audience: str
    agency_code: str
    gateway_url: str
    filing: StepUp

    @classmethod
    def of(cls, environment: Environment) -> "MinistrySettings":
        """Return the settings; raises SettingRefused."""
        relying_party = environment.relying_party()
        agency_code = environment.text("AGENCY_CODE", "G10")
        if not AGENCY_CODE.fullmatch(agency_code):
            raise SettingRefused("AGENCY_CODE is not an agency code")
        filing_acr = environment.text("FILING_ACR", "urn:vn:loa:2")
        if filing_acr not in LEVELS:
            raise SettingRefused("FILING_ACR is not an authentication level")
        return cls(
            relying_party=relying_party,
            citizens=environment.registration(scope="openid profile identity"),
            officers=environment.registration("OFFICER_", scope="openid profile officer"),
            api_audience=environment.url("API_AUDIENCE", f"{relying_party.site.base_url}/api"),
            agency_code=agency_code,
            gateway_url=environment.url("GATEWAY_URL"),
            filing=StepUp(filing_acr, environment.seconds("FILING_MAX_AGE", 12 * 3600)),
        )
