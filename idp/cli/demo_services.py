"""The demo's simulated services of the state: the population register and the biometric verifier."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from idp.cli.demo_certificates import ServiceKeys
from idp.cli.demo_processes import MutualTls, Service
from idp.cli.demo_seed import write_private
from idp.cli.demo_topology import Topology, environment
from idp.domain.values import dataclass

REGISTER: Final = "population-registry"
"""The register's place in the demo's folder, and its `client_id` at the provider."""

VERIFIER: Final = "biometric-verifier"

NEWCOMERS: Final = (
    ("Đỗ Minh Hải", "001203000077", "30/04/2003"),
    ("Bùi Ngọc Khánh", "075195000088", "10/10/1995"),
    ("Trần Quốc Khang", "079211000101", "14/02/2011"),
)
"""Invented people whom the simulated register knows and who have no account: name, personal number, birthdate."""


@dataclass(frozen=True, slots=True)
class StateServices:
    """Both services, on the ports behind the mailbox."""

    topology: Topology

    @property
    def keys(self) -> ServiceKeys:
        """Their keys and certificates."""
        return ServiceKeys(self.topology.folder / "services")

    def make_secrets(self) -> None:
        """Make keys, certificates, and what the verifier knows the provider by, where they are missing."""
        self.keys.make()
        if not self._secret_file.exists():
            write_private(self._secret_file, secrets.token_urlsafe(32))

    def settings(self) -> Mapping[str, str]:
        """Return the provider's settings for both. Reads what `make_secrets` made."""
        keys = self.keys
        return {
            "population_registry": self.register_url,
            "biometric_verifier": self.topology.url(6),
            "biometric_verifier_name": "Dịch vụ so khuôn mặt (mô phỏng)",
            "biometric_verifier_secret": self._secret(),
            "biometric_verifier_keys": str(keys.outcomes_keys),
            "service_certificate": str(keys.certificate("provider")),
            "service_key": str(keys.key("provider")),
            "service_ca": str(keys.authority),
        }

    @property
    def register_url(self) -> str:
        """The register's address: over TLS, for whoever shows a certificate."""
        return f"https://localhost:{self.topology.ports[5]}"

    def clients_document(self) -> dict[str, Any]:
        """Return the import document of the register, as somebody who pushes events."""
        register = {
            "client_id": REGISTER,
            "client_name": {
                "vi": "Cơ sở dữ liệu quốc gia về dân cư (mô phỏng)",
                "en": "National population register (simulated)",
            },
            "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": ["client_credentials"],
            "scope": "registry_events",
            "jwks": self.keys.public_events_key(),
        }
        return {"clients": [register]}

    def services(self) -> list[Service]:
        """Return both as services. Reads what `make_secrets` made."""
        return [self._register(), self._verifier()]

    def _register(self) -> Service:
        keys, port = self.keys, self.topology.ports[5]
        told = {
            "PORT": str(port),
            "ISSUER": self.topology.url(0),
            "CLIENT_ID": REGISTER,
            "EVENTS_KEY": str(keys.events_key),
            "TLS_CERTIFICATE": str(keys.certificate("register")),
            "TLS_KEY": str(keys.key("register")),
            "TLS_CLIENT_CA": str(keys.authority),
        }
        tls = MutualTls(keys.certificate("provider"), keys.key("provider"), keys.authority)
        arguments = ("-m", "clients.population_registry")
        return Service(
            REGISTER, "Population register (simulated)", port, arguments, {**environment(), **told}, "/livez", tls
        )

    def _verifier(self) -> Service:
        told = {
            "PORT": str(self.topology.ports[6]),
            "ISSUER": self.topology.url(0),
            "PROVIDER_SECRET": self._secret(),
            "SIGNING_KEY": str(self.keys.outcomes_key),
        }
        arguments = ("-m", "clients.biometric_verifier")
        return Service(
            VERIFIER,
            "Biometric verifier (simulated)",
            self.topology.ports[6],
            arguments,
            {**environment(), **told},
            "/livez",
        )

    def _secret(self) -> str:
        return self._secret_file.read_text(encoding="ascii")

    @property
    def _secret_file(self) -> Path:
        return self.keys.folder / "verifier.secret"
