"""Keys and certificates of the demo's services, made at the first start into its folder, for its owner alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from idp.cli.demo_seed import write_private
from idp.domain.values import dataclass

DAYS: Final = 365
"""How long a certificate holds; it is made anew when less than a tenth of that is left."""


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """The files. An authority of the demo's own signs what register and provider show each other."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The authority's certificate."""
        return self.folder / "authority.pem"

    def certificate(self, name: str) -> Path:
        """The certificate of `register` or `provider`."""
        return self.folder / f"{name}.pem"

    def key(self, name: str) -> Path:
        """Its private key."""
        return self.folder / f"{name}.key"

    @property
    def events_key(self) -> Path:
        """What the register signs its events with."""
        return self.folder / "register-events.key"

    @property
    def outcomes_key(self) -> Path:
        """What the biometric verifier signs its outcomes with."""
        return self.folder / "verifier-outcomes.key"

    @property
    def outcomes_keys(self) -> Path:
        """The public half, as a JWK set: what the provider believes the verifier by."""
        return self.folder / "verifier-outcomes.json"

    def make(self, now: datetime | None = None) -> None:
        """Make what is missing or about to end."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._must_renew(now or datetime.now(UTC)):
            _make_certificates(self)
        for path, key_id in ((self.events_key, "events-1"), (self.outcomes_key, "outcomes-1")):
            if not path.exists():
                write_private(path, _new_key_pem())
                write_private(path.with_suffix(".json"), json.dumps({"keys": [_public_jwk(path, key_id)]}))

    def public_events_key(self) -> dict[str, Any]:
        """The JWK set of the register's events."""
        found: dict[str, Any] = json.loads(self.events_key.with_suffix(".json").read_text(encoding="utf-8"))
        return found

    def _must_renew(self, now: datetime) -> bool:
        from cryptography import x509

        paths = (self.authority, *(part(name) for name in NAMES for part in (self.certificate, self.key)))
        if not all(path.exists() for path in paths):
            return True
        certificate = x509.load_pem_x509_certificate(self.authority.read_bytes())
        return certificate.not_valid_after_utc < now + timedelta(days=DAYS // 10)


NAMES: Final = ("register", "provider")


def _make_certificates(files: ServiceKeys) -> None:
    """A new authority, which signs once and whose key is kept nowhere."""
    from cryptography.hazmat.primitives.asymmetric import ec

    authority = ec.generate_private_key(ec.SECP256R1())
    own = _sign("idp demo authority", authority.public_key(), authority, is_authority=True)
    write_private(files.authority, own)
    for name in NAMES:
        key = ec.generate_private_key(ec.SECP256R1())
        write_private(files.key(name), _pem(key))
        write_private(files.certificate(name), _sign(f"idp demo {name}", key.public_key(), authority))


def _sign(name: str, public_key: Any, authority: Any, *, is_authority: bool = False) -> str:  # noqa: ANN401 - imported lazily
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    now = datetime.now(UTC)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp demo authority")])
    local = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder(
            issuer,
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
            public_key,
            x509.random_serial_number(),
            now - timedelta(hours=1),
            now + timedelta(days=DAYS),
        )
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(local, critical=False)
        .add_extension(_usage(is_authority=is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
        .sign(authority, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _usage(*, is_authority: bool) -> Any:  # noqa: ANN401 - imported lazily
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _new_key_pem() -> str:
    from cryptography.hazmat.primitives.asymmetric import ec

    return _pem(ec.generate_private_key(ec.SECP256R1()))


def _pem(key: Any) -> str:  # noqa: ANN401 - imported lazily
    from cryptography.hazmat.primitives import serialization

    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pem: bytes = key.private_bytes(encoding, form, serialization.NoEncryption())
    return pem.decode("ascii")


def _public_jwk(path: Path, key_id: str) -> dict[str, Any]:
    from joserfc.jwk import ECKey

    public = ECKey.import_key(path.read_text(encoding="ascii")).as_dict(private=False)
    return {**public, "kid": key_id, "alg": "ES256", "use": "sig"}
