"""What the simulated verifier is told."""

from dataclasses import dataclass
from pathlib import Path

from clients.relying_party.settings import Environment, SiteSettings


@dataclass(frozen=True, slots=True)
class VerifierSettings:
    """`secret` is what the provider shows, `signing_key` a PEM file (EC, P-256), `provider` its issuer."""

    site: SiteSettings
    provider: str
    secret: str
    signing_key: Path

    @classmethod
    def of(cls, environment: Environment) -> "VerifierSettings":
        """Return the settings; raises SettingRefused."""
        return cls(
            site=environment.site(),
            provider=environment.url("ISSUER"),
            secret=environment.text("PROVIDER_SECRET"),
            signing_key=Path(environment.text("SIGNING_KEY")),
        )
