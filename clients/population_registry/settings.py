"""What the simulated register is told."""

from dataclasses import dataclass
from pathlib import Path

from clients.population_registry.faults import Faults, Mode
from clients.relying_party.settings import Environment, SettingRefused, SiteSettings


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """`events_key` signs what is pushed to `provider`; nothing is pushed without it."""

    site: SiteSettings
    faults: Faults
    provider: str = ""
    client_id: str = "population-registry"
    events_key: Path | None = None

    @classmethod
    def of(cls, environment: Environment) -> "RegistrySettings":
        """Return the settings; raises SettingRefused."""
        key = environment.text("EVENTS_KEY", "-")
        return cls(
            site=environment.site(),
            faults=Faults(_mode(environment.text("FAILURE", Mode.NONE)), environment.number("LATENCY_MS", 0)),
            provider=environment.url("ISSUER", "http://localhost:8000"),
            client_id=environment.text("CLIENT_ID", "population-registry"),
            events_key=None if key == "-" else Path(key),
        )


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise SettingRefused(f"FAILURE is none of {', '.join(Mode)}") from None
