"""Who runs where in the demo, which clients they are at the provider, and what each is told."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from idp.cli.demo_processes import Service
from idp.cli.demo_seed import Credentials
from idp.domain.values import dataclass

RELYING_PARTIES: Final = ("national-portal", "ministry-portal", "payment-gateway")
REGISTRATIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "national-portal": {
        "client_name": {"vi": "Cổng Dịch vụ công quốc gia", "en": "National Public Service Portal"},
        "scope": "openid profile email phone identity authority dossier.read dossier.write",
        "audience": "citizen",
        "minimum_acr": "urn:vn:loa:2",
        "skip_consent": True,
    },
    "ministry-portal": {
        "client_name": {"vi": "Cổng thông tin Bộ Tài nguyên và Môi trường", "en": "Ministry Portal"},
        "scope": "openid profile identity",
        "audience": "citizen",
        "skip_consent": True,
    },
    "ministry-portal-officers": {
        "client_name": {"vi": "Xử lý hồ sơ – Bộ Tài nguyên và Môi trường", "en": "Ministry Case Handling"},
        "scope": "openid profile officer",
        "audience": "officer",
        "minimum_acr": "urn:vn:loa:2",
        "skip_consent": True,
    },
    "payment-gateway": {
        "client_name": {"vi": "Cổng thanh toán quốc gia", "en": "National Payment Gateway"},
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "scope": "openid profile payment.report",
        "authorization_details_types": ["payment_initiation"],
        "audience": "citizen",
    },
}
CLIENTS: Final = tuple(REGISTRATIONS)


@dataclass(frozen=True, slots=True)
class Topology:
    """The ports of the demo, counted from the provider's, and the folder that holds its data."""

    port: int
    folder: Path

    @property
    def ports(self) -> range:
        """Every port of the demo.

        Provider, national portal, ministry portal, payment gateway, mailbox, population register, biometric verifier.
        """
        return range(self.port, self.port + 7)

    def url(self, place: int) -> str:
        """Return the origin of the application at that place in the row of ports."""
        return f"http://localhost:{self.ports[place]}"

    @property
    def dossier_api(self) -> str:
        """The ministry's interface for dossiers; its URL is the audience of the access tokens (RFC 8707)."""
        return f"{self.url(2)}/api"

    @property
    def configuration(self) -> Path:
        """The provider's settings: `IDP_CONFIG` for any other command that should see the demo."""
        return self.folder / "idp.toml"

    @property
    def database_url(self) -> str:
        """The provider's database."""
        return f"sqlite:///{self.folder / 'idp.db'}"

    def settings(self, services: Mapping[str, str]) -> str:
        """Return the text of the provider's `idp.toml`; `services` are the settings of the services that it asks."""
        reached = ",".join(f"localhost:{port}" for port in (*self.ports[1:4], *self.ports[5:7]))
        values = {
            "issuer": self.url(0),
            "database_url": self.database_url,
            "keystore": f"file:{self.folder / 'keys'}/",
            "secret_file": str(self.folder / "secret"),
            "mail": f"file:{self.folder / 'mail'}",
            "messages": f"file:{self.folder / 'messages'}",
            "network_places": str(self.folder / "places.csv"),
            "audit_checkpoints": f"file:{self.folder / 'audit-checkpoints.jsonl'}",
            "outbound_allow": reached,
            **services,
        }
        return "".join(f'{name} = "{value}"\n' for name, value in values.items())

    def clients_document(self, credentials: Credentials) -> dict[str, Any]:
        """Return the import document of the relying parties and the dossier interface."""
        scopes = ["dossier.read", "dossier.write", "payment.report"]
        return {
            "resources": [{"audience": self.dossier_api, "scopes": scopes}],
            "clients": [{**self._client(client_id, credentials), **more} for client_id, more in REGISTRATIONS.items()],
        }

    def _client(self, client_id: str, credentials: Credentials) -> dict[str, Any]:
        place = next(place for place, name in enumerate(RELYING_PARTIES, start=1) if client_id.startswith(name))
        origin = self.url(place)
        return {
            "client_id": client_id,
            "client_secret": credentials.client_secrets[client_id],
            "redirect_uris": [f"{origin}/callback"],
            "post_logout_redirect_uris": [f"{origin}/signed-out"],
            "backchannel_logout_uri": f"{origin}/backchannel-logout",
            "logo_uri": f"{origin}/icon.svg",
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code", "refresh_token"],
            "id_token_signed_response_alg": "ES256",
            "require_pkce": True,
        }

    def provider(self) -> Service:
        """Return the provider as a service."""
        return Service(
            name="provider",
            title="Identity provider",
            port=self.port,
            arguments=(*IDP, "serve", "--host", "127.0.0.1", "--port", str(self.port)),
            environment={**environment(), "IDP_CONFIG": str(self.configuration)},
            ready_path="/readyz",
        )

    def relying_parties(self, credentials: Credentials) -> list[Service]:
        """Return the three relying parties and the mailbox as services."""
        national, ministry, gateway = (self.url(place) for place in (1, 2, 3))
        officers = {
            "OFFICER_CLIENT_ID": "ministry-portal-officers",
            "OFFICER_CLIENT_SECRET": credentials.client_secrets["ministry-portal-officers"],
        }
        return [
            self._relying_party(1, "National portal", credentials, {"MINISTRY_URL": ministry, "GATEWAY_URL": gateway}),
            self._relying_party(2, "Ministry portal", credentials, {**officers, "GATEWAY_URL": gateway}),
            self._relying_party(3, "Payment gateway", credentials, {"PORTAL_URL": national, "MINISTRY_URL": ministry}),
            Service(
                name="mailbox",
                title="Mailbox",
                port=self.ports[4],
                arguments=("-m", "clients.mailbox"),
                environment={
                    **environment(),
                    "PORT": str(self.ports[4]),
                    "MAIL_DIRECTORY": str(self.folder / "mail"),
                    "MESSAGES_DIRECTORY": str(self.folder / "messages"),
                },
                ready_path="/livez",
            ),
        ]

    def _relying_party(self, place: int, title: str, credentials: Credentials, more: Mapping[str, str]) -> Service:
        name = RELYING_PARTIES[place - 1]
        told = {
            "ISSUER": self.url(0),
            "PORT": str(self.ports[place]),
            "BASE_URL": self.url(place),
            "DATABASE": str(self.folder / f"{name}.db"),
            "CLIENT_ID": name,
            "CLIENT_SECRET": credentials.client_secrets[name],
            **more,
        }
        arguments = ("-m", f"clients.{name.replace('-', '_')}")
        return Service(name, title, self.ports[place], arguments, {**environment(), **told}, "/livez")


IDP: Final = ("-c", "from idp.cli.main import main; main()")


def environment() -> dict[str, str]:
    """Return what every process of the demo starts from: nothing that happens to be set outside reaches it."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
