import tomllib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from docker import compose_secrets
from idp.adapters.crypto.secret_file import load_secret
from idp.settings import Settings


def test_what_compose_mounts_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    compose_secrets.make(folder, "id.example.vn")
    first = {name: (folder / name).read_bytes() for name in compose_secrets.MOUNTED}
    compose_secrets.make(folder, "id.example.vn")
    assert {name: (folder / name).read_bytes() for name in compose_secrets.MOUNTED} == first


def test_the_folder_is_its_owner_s_and_containers_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    compose_secrets.make(folder, "localhost")
    assert folder.stat().st_mode & 0o777 == 0o700
    mounted = set(compose_secrets.MOUNTED)
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == (0o444 if path.name in mounted else 0o600), path.name


def test_the_provider_takes_them(tmp_path: Path) -> None:
    compose_secrets.make(tmp_path / "secrets", "localhost")
    settings = Settings.model_validate(tomllib.loads((tmp_path / "secrets/idp.toml").read_text(encoding="utf-8")))
    assert settings.state_store is not None
    assert (settings.state_store.kind, settings.state_store.service) == ("sentinel", "idp")
    copy = tmp_path / "secret"
    copy.write_bytes((tmp_path / "secrets/secret").read_bytes())
    copy.chmod(0o600)
    load_secret(copy, create=False)


def test_the_server_s_certificate_names_the_host(tmp_path: Path) -> None:
    compose_secrets.make(tmp_path, "id.example.vn")
    certificate = x509.load_pem_x509_certificate((tmp_path / "server.bundle").read_bytes())
    authority = x509.load_pem_x509_certificate((tmp_path / "authority.pem").read_bytes())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["id.example.vn"]
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
