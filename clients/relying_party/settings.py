"""Settings of a relying party, read once from environment variables and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SIGNATURE_ALGORITHMS = frozenset({"ES256", "RS256"})


class SettingRefused(ValueError):
    """A variable is missing or does not hold what it should; the message names it and never its value."""


@dataclass(frozen=True, slots=True)
class ClientRegistration:
    """One client of the provider, as the provider registered it."""

    client_id: str
    client_secret: str
    scope: str
    resources: tuple[str, ...] = ()
    id_token_algorithm: str = "ES256"


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Where an application listens and what it is called from outside."""

    base_url: str
    host: str
    port: int

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


@dataclass(frozen=True, slots=True)
class RelyingPartySettings:
    """What every relying party is told."""

    site: SiteSettings
    issuer: str
    database: Path
    session_lifetime: int  # seconds
    session_idle: int  # seconds


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of a service that shows a certificate, and lets in who shows one of `authorities`."""

    certificate: Path
    key: Path
    authorities: Path

    @classmethod
    def of(cls, environment: "Environment") -> "TlsFiles":
        """Return the files; raises SettingRefused."""
        return cls(
            certificate=Path(environment.text("TLS_CERTIFICATE")),
            key=Path(environment.text("TLS_KEY")),
            authorities=Path(environment.text("TLS_CLIENT_CA")),
        )


class Environment:
    """Reads variables; every refusal names the variable."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str, default: str | None = None) -> str:
        value = self._variables.get(name, "").strip() or default
        if value is None:
            raise SettingRefused(f"{name} is not set")
        return value

    def seconds(self, name: str, default: int) -> int:
        return self.number(name, default)

    def number(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit():
            raise SettingRefused(f"{name} is not a whole number")
        return int(value)

    def url(self, name: str, default: str | None = None) -> str:
        """Return an absolute URL without trailing slash, query or fragment; https unless its host is loopback."""
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise SettingRefused(f"{name} is not an absolute URL")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise SettingRefused(f"{name} must be https outside loopback")
        return value

    def registration(self, prefix: str = "", *, scope: str, resources: tuple[str, ...] = ()) -> ClientRegistration:
        algorithm = self.text("ID_TOKEN_ALG", "ES256")
        if algorithm not in SIGNATURE_ALGORITHMS:
            raise SettingRefused("ID_TOKEN_ALG is neither ES256 nor RS256")
        return ClientRegistration(
            client_id=self.text(f"{prefix}CLIENT_ID"),
            client_secret=self.text(f"{prefix}CLIENT_SECRET"),
            scope=self.text(f"{prefix}SCOPE", scope),
            resources=resources,
            id_token_algorithm=algorithm,
        )

    def site(self) -> SiteSettings:
        port = self.number("PORT", 0)
        if not 0 < port < 65536:  # noqa: PLR2004 - the range of TCP ports
            raise SettingRefused("PORT is not a port between 1 and 65535")
        base_url = self.url("BASE_URL", f"http://localhost:{port}")
        return SiteSettings(base_url=base_url, host=self.text("HOST", "127.0.0.1"), port=port)

    def relying_party(self) -> RelyingPartySettings:
        return RelyingPartySettings(
            site=self.site(),
            issuer=self.url("ISSUER"),
            database=Path(self.text("DATABASE")),
            session_lifetime=self.seconds("SESSION_LIFETIME", 8 * 3600),
            session_idle=self.seconds("SESSION_IDLE", 1800),
        )
