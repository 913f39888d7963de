import ipaddress
from pathlib import Path

import pytest
from pydantic import ValidationError

from idp.setting_forms import Argon2Parameters, OutboundRule
from idp.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in an empty folder, with no setting in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONFIG", *(field.upper() for field in Settings.model_fields)):
        monkeypatch.delenv(f"IDP_{name}", raising=False)


def refusal(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> SettingsError:
    monkeypatch.setenv(f"IDP_{name}", value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    text = str(refused.value)
    assert text.startswith(f"IDP_{name}: ")
    assert "\n" not in text
    return refused.value


def test_nothing_set_gives_the_defaults_of_the_contract() -> None:
    settings = load_settings()
    assert settings == Settings()
    assert settings.model_dump() == {
        "issuer": "http://localhost:8000",
        "database_url": "sqlite:///var/idp.db",
        "database_pool": 10,
        "database_timeout": 5.0,
        "state_url": "",
        "state_pool": 64,
        "state_timeout": 1.0,
        "store_retries": 2,
        "keystore": "file:keys/",
        "key_rotation_days": 90,
        "secret_file": Path("var/secret"),
        "client_ca": Path("keys/client-ca"),
        "passkey_metadata": Path("keys/passkey-metadata"),
        "trusted_proxies": (),
        "outbound_allow": (),
        "mail": "file:var/mail",
        "messages": "file:var/messages",
        "messages_secret": None,
        "audit_checkpoints": "file:var/audit-checkpoints.jsonl",
        "argon2": {"memory": 19456, "passes": 2, "lanes": 1},
        "usual_failures": 4,
        "legacy_response_types": False,
        "default_locale": "vi",
        "phone_sign_in": "on",
        "node": settings.node,
        "request_limit": 512,
        "client_request_limit": 256,
        "shutdown_delay": 0.0,
        "idle_account_days": 730,
        "traces": "",
        "network_places": None,
        "population_registry": "",
        "biometric_verifier": "",
        "biometric_verifier_name": "",
        "biometric_verifier_secret": "",
        "biometric_verifier_keys": None,
        "service_certificate": None,
        "service_key": None,
        "service_ca": None,
        "person_ca": None,
    }


def test_the_command_line_is_over_the_environment_over_the_file_over_the_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("idp.toml").write_text('issuer = "https://file.vn"\nmail = "file:file"\ndefault_locale = "en"\n')
    monkeypatch.setenv("IDP_ISSUER", "https://environment.vn")
    monkeypatch.setenv("IDP_MAIL", "file:environment")
    settings = load_settings(issuer="https://command.vn")
    assert (settings.issuer, settings.mail, settings.default_locale, settings.argon2.passes) == (
        "https://command.vn",
        "file:environment",
        "en",
        2,
    )


def test_the_file_may_stand_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("idp.toml").write_text('default_locale = "vi"\n')
    (tmp_path / "other.toml").write_text(
        'default_locale = "en"\nlegacy_response_types = false\ntrusted_proxies = ["10.0.0.1", "10.1.0.0/16"]\n'
        'outbound_allow = ["localhost:9000"]\nargon2 = "m=8,t=1,p=1"\n'
    )
    monkeypatch.setenv("IDP_CONFIG", str(tmp_path / "other.toml"))
    settings = load_settings()
    assert settings.default_locale == "en"
    assert not settings.legacy_response_types
    assert settings.trusted_proxies == (ipaddress.ip_network("10.0.0.1"), ipaddress.ip_network("10.1.0.0/16"))
    assert settings.outbound_allow == (OutboundRule("localhost", None, 9000),)
    assert settings.argon2 == Argon2Parameters(8, 1, 1)


def test_a_file_asked_for_by_name_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_CONFIG", "missing.toml")
    with pytest.raises(SettingsError, match="IDP_CONFIG names a file that is not there"):
        load_settings()


@pytest.mark.parametrize("content", [b"issuer", b"= 1", b"\xff\xfe", b'issuer = "a"\nissuer = "b"'])
def test_a_file_that_is_not_toml_is_refused_in_one_line(content: bytes) -> None:
    Path("idp.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"idp\.toml is not TOML") as refused:
        load_settings()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["isuer", "IDP_ISSUER", "idp_issuer"])
def test_a_name_that_is_no_setting_is_refused(name: str) -> None:
    Path("idp.toml").write_text(f'{name} = "https://id.vn"\n')
    with pytest.raises(SettingsError, match=f"{name} is not a setting"):
        load_settings()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("IDP_ISUER", "IDP_ISSUER"),
        ("IDP_TRUSTED_PROXY", "IDP_TRUSTED_PROXIES"),
        ("idp_database", "IDP_DATABASE_URL"),
        ("IDP_CONFIGS", "IDP_CONFIG"),
    ],
)
def test_a_variable_that_is_nearly_a_setting_is_refused_without_its_value(
    monkeypatch: pytest.MonkeyPatch, typed: str, meant: str
) -> None:
    monkeypatch.setenv(typed, "postgresql://idp:hidden@db/idp")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value) == f"{typed} is not a setting: rename it to {meant}, or unset it"


@pytest.mark.parametrize(
    "name",
    [
        *("IDP_SOMETHING_OF_OTHERS", "IDP_SERVICE_HOST", "IDP_SERVICE_PORT", "IDP_SERVICE_PORT_HTTPS", "IDP_PORT"),
        *("IDP_PORT_8000_TCP", "IDP_PORT_8000_TCP_ADDR", "IDP_PORT_8000_TCP_PROTO", "idp_issuer", "IDP"),
    ],
)
def test_other_variables_of_the_environment_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://localhost:8000")
    assert load_settings() == Settings()


def test_constructing_settings_reads_neither_environment_nor_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_ISSUER", "https://environment.vn")
    Path("idp.toml").write_text('mail = "file:file"\n')
    assert Settings().issuer == "http://localhost:8000"
    assert Settings().mail == "file:var/mail"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().issuer = "https://other.vn"


@pytest.mark.parametrize(
    "issuer",
    [
        "https://id.gov.vn",
        "https://id.gov.vn:8443",
        "http://localhost:8000",
        "http://id.localhost",
        "http://127.0.0.1:9000",
        "http://127.8.8.8",
        "http://[::1]:9000",
    ],
)
def test_an_issuer_is_https_or_on_loopback(issuer: str) -> None:
    assert Settings(issuer=issuer).issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "id.gov.vn",
        "ftp://id.gov.vn",
        "http://id.gov.vn",
        "http://localhost.gov.vn",
        "http://10.0.0.1",
        "http://127.1",
        "http://0x7f000001",
        "https://",
        "https:///path",
        "https://id.gov.vn/oidc",
        "https://id.gov.vn/",
        "https://id.gov.vn/oidc/",
        "https://id.gov.vn//oidc",
        "https://id.gov.vn/../oidc",
        "https://id.gov.vn/%6fidc",
        "https://id.gov.vn?",
        "https://id.gov.vn?a=b",
        "https://id.gov.vn#",
        "https://user@id.gov.vn",
        "https://user:password@id.gov.vn",
        "https://ID.gov.vn",
        "https://id.gov.vn:443",
        "http://localhost:80",
        "https://id.gov.vn:0",
        "https://id.gov.vn:99999",
        "https://id.gov.vn:port",
        "https://id gov.vn",
        "https://íd.vn",
        "https://-id.vn",
        "https://[::1",
        "https://id.gov.vn\nx",
    ],
)
def test_any_other_issuer_is_refused(issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal("ISSUER", issuer, monkeypatch)


def test_what_follows_from_the_issuer() -> None:
    public = Settings(issuer="https://id.gov.vn:8443")
    assert (public.is_https, public.issuer_host) == (True, "id.gov.vn")
    local = Settings(issuer="http://[::1]:9000")
    assert (local.is_https, local.issuer_host) == (False, "::1")


@pytest.mark.parametrize(
    ("url", "path"), [("sqlite:///var/idp.db", "var/idp.db"), ("sqlite:////srv/idp.db", "/srv/idp.db")]
)
def test_the_database_is_a_file(url: str, path: str) -> None:
    settings = Settings(database_url=url)
    assert settings.sqlite_path == Path(path)
    assert settings.creates_secret


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hidden@host/idp",
        "postgresql://a:5432,b:5433/idp?target_session_attrs=primary",
        "postgresql:///idp?host=/run/postgresql",
        "postgresql://idp:a%40b@[::1]:5433,postgresql_1/idp?port=5433,5432&sslmode=require",
        "postgresql://idp@%2Frun%2Fpostgresql/idp",
        "postgresql://idp@/idp",
    ],
)
def test_the_database_is_a_postgresql_server_whose_copies_share_a_secret(url: str) -> None:
    settings = Settings(database_url=url)
    assert settings.database_url == url
    assert not settings.creates_secret
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://user:hidden@host/idp",
        "postgresql://host",
        "postgresql://host/",
        "postgresql://host/idp/more",
        "mysql://host/idp",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///folder/",
        "sqlite:///file?mode=memory",
        "sqlite:///file#x",
        "var/idp.db",
        "",
    ],
)
def test_a_database_that_this_release_cannot_open_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "use sqlite:///PATH" in str(refusal("DATABASE_URL", url, monkeypatch))


@pytest.mark.parametrize(
    "server",
    [
        "idp:hidden@[::1", "[::1]x", "[hidden]", "127.0.0.1:99999", "host:0", "host:x", "a,,b", "a..b", "idp:hid@den@x",
        "idp:hid[den@host", "127.1", "a,[::1]:5433", "[::1],a",
    ],
)  # fmt: skip
def test_a_server_that_nothing_can_be_is_refused_where_it_is_read(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = str(refusal("DATABASE_URL", f"postgresql://{server}/idp", monkeypatch))
    assert "names each server as HOST" in refused
    assert "den" not in refused


@pytest.mark.parametrize("more", ["port=99999", "port=x", "host=a..b", "sslmode", "a=b&&c=d", "port=" + "9" * 5000])
def test_what_is_more_than_a_server_can_be_is_refused_too(more: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "what is more as NAME=VALUE" in str(refusal("DATABASE_URL", f"postgresql://host/idp?{more}", monkeypatch))


@pytest.mark.parametrize("url", ["http://localhost", "redis://", "redis://a,b", "redis+sentinel://a:1", "x"])
def test_a_store_for_short_lived_state_of_another_form_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal("STATE_URL", url, monkeypatch)


def test_an_empty_store_for_short_lived_state_is_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_STATE_URL", " ")
    assert load_settings().state_url == ""


def test_the_keystore_is_a_folder() -> None:
    assert Settings(keystore="file:/srv/keys/").keystore_path == Path("/srv/keys")


@pytest.mark.parametrize("keystore", ["pkcs11:", "pkcs11:object=x", "file:", "keys/", ""])
def test_another_keystore_is_refused(keystore: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "use file:FOLDER" in str(refusal("KEYSTORE", keystore, monkeypatch))


@pytest.mark.parametrize("path", ["", ".", "folder/..", "/"])
def test_a_secret_file_has_a_name(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal("SECRET_FILE", path, monkeypatch)


def test_paths_with_control_characters_are_refused() -> None:
    for name in ("secret_file", "mail", "keystore", "database_url", "audit_checkpoints"):
        with pytest.raises(SettingsError):
            load_settings(**{name: "file:a\x00b"})


def test_trusted_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_TRUSTED_PROXIES", "10.0.0.1, 192.168.0.0/24,fd00::/8,")
    networks = load_settings().trusted_proxies
    assert [str(network) for network in networks] == ["10.0.0.1/32", "192.168.0.0/24", "fd00::/8"]


@pytest.mark.parametrize("proxies", ["localhost", "10.0.0.1/24", "10.0.0.1:80", "*", "0.0.0.0/0", "::/0", "10.0.0"])
def test_trusted_proxies_that_name_nobody_or_everybody_are_refused(
    proxies: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal("TRUSTED_PROXIES", proxies, monkeypatch)


def test_outbound_rules_are_hosts_addresses_and_networks_each_with_or_without_a_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(
        "IDP_OUTBOUND_ALLOW",
        "portal.local, Portal.Local.:8001,10.0.0.5,10.0.0.0/8:443,fd00::/8,::1,[::1]:9000,[fd00::/8]:443",
    )
    network = ipaddress.ip_network
    assert load_settings().outbound_allow == (
        OutboundRule("portal.local", None, None),
        OutboundRule("portal.local", None, 8001),
        OutboundRule(None, network("10.0.0.5"), None),
        OutboundRule(None, network("10.0.0.0/8"), 443),
        OutboundRule(None, network("fd00::/8"), None),
        OutboundRule(None, network("::1"), None),
        OutboundRule(None, network("::1"), 9000),
        OutboundRule(None, network("fd00::/8"), 443),
    )


@pytest.mark.parametrize(
    "rules",
    ["http://host", "host/path", "host:0", "host:99999", "host:port", "*.vn", "a b", "user@host", "127.1", "[x]"],
)
def test_outbound_rules_of_another_form_are_refused(rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal("OUTBOUND_ALLOW", rules, monkeypatch)


@pytest.mark.parametrize("name", ["trusted_proxies", "outbound_allow"])
def test_a_list_is_a_string_or_a_list(name: str) -> None:
    Path("idp.toml").write_text(f"{name} = 1\n")
    with pytest.raises(SettingsError, match=f"IDP_{name.upper()}"):
        load_settings()


@pytest.mark.parametrize("messages", ["file:var/messages", "https://sms.gov.vn", "https://sms.gov.vn:8443/v1?from=VN"])
def test_messages_leave_as_files_or_through_a_gateway(messages: str) -> None:
    assert Settings(messages=messages).messages == messages


@pytest.mark.parametrize("messages", ["", "file:", "var/messages", "http://sms.gov.vn", "https://u:p@sms.gov.vn"])
def test_another_way_for_messages_is_refused(messages: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal("MESSAGES", messages, monkeypatch)


@pytest.mark.parametrize(
    "mail",
    [
        "file:var/mail",
        "smtp://localhost",
        "smtp://mail.gov.vn:587",
        "smtp://user:p%40ss@mail.gov.vn",
        "smtps://user:pass@mail.gov.vn:465?from=no-reply@id.gov.vn",
        "smtp://10.0.0.5:25/",
    ],
)
def test_mail_leaves_as_files_or_by_smtp(mail: str) -> None:
    assert Settings(mail=mail).mail == mail


@pytest.mark.parametrize(
    "mail",
    [
        "",
        "file:",
        "var/mail",
        "http://mail.gov.vn",
        "smtp://",
        "smtp://user@mail.gov.vn",
        "smtp://mail.gov.vn/path",
        "smtp://mail.gov.vn#x",
        "smtp://mail.gov.vn:0",
        "smtp://mail.gov.vn?to=a@b.vn",
        "smtp://mail.gov.vn?from=nobody",
        "smtp://mail.gov.vn?from=a@b.vn&from=c@d.vn",
        "smtp://user:hidden@ma il.gov.vn",
    ],
)
def test_any_other_way_to_send_mail_is_refused(mail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal("MAIL", mail, monkeypatch)


def test_checkpoints_go_to_a_file_or_to_an_https_address() -> None:
    assert Settings().audit_checkpoint_path == Path("var/audit-checkpoints.jsonl")
    assert Settings(audit_checkpoints="https://log.gov.vn/idp").audit_checkpoint_path is None


@pytest.mark.parametrize("checkpoints", ["", "file:", "http://log.gov.vn", "https://", "log"])
def test_checkpoints_anywhere_else_are_refused(checkpoints: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal("AUDIT_CHECKPOINTS", checkpoints, monkeypatch)


def test_argon2_parameters_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_ARGON2", "m=65536,t=3,p=4")
    assert load_settings().argon2 == Argon2Parameters(memory=65536, passes=3, lanes=4)


@pytest.mark.parametrize(
    "argon2",
    [
        "",
        "19456,2,1",
        "m=19456",
        "t=2,m=19456,p=1",
        "m=7,t=1,p=1",
        "m=8,t=0,p=1",
        "m=8,t=1,p=0",
        "m=8,t=1,p=2",
        "m=1048577,t=1,p=1",
        "m=8,t=65,p=1",
        "m=1024,t=1,p=17",
        "m=-8,t=1,p=1",
        "m=8,t=1,p=1,v=19",
        "m=99999999,t=1,p=1",
    ],
)
def test_argon2_parameters_that_are_no_cost_or_an_absurd_one_are_refused(
    argon2: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal("ARGON2", argon2, monkeypatch)


@pytest.mark.parametrize("text", ["off", "false", "0"])
def test_legacy_response_types_are_off(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_LEGACY_RESPONSE_TYPES", text)
    assert not load_settings().legacy_response_types


def test_legacy_response_types_are_switched_on_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_LEGACY_RESPONSE_TYPES", "on")
    assert load_settings().legacy_response_types


@pytest.mark.parametrize(("name", "value"), [("LEGACY_RESPONSE_TYPES", "maybe"), ("DEFAULT_LOCALE", "fr")])
def test_choices_are_held_to(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal(name, value, monkeypatch)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABASE_POOL", "many", "use a whole number from 1 to 200"),
        ("DATABASE_POOL", "1.5", "use a whole number from 1 to 200"),
        ("DATABASE_POOL", "0", "use a whole number from 1 to 200"),
        ("DATABASE_POOL", "9" * 5000, "use a whole number from 1 to 200"),
        ("DATABASE_TIMEOUT", "61", "use a number from 0.1 to 60"),
        ("STATE_TIMEOUT", "nan", "use a number from 0.05 to 30"),
        ("LEGACY_RESPONSE_TYPES", "maybe", "use true or false"),
        ("DEFAULT_LOCALE", "fr", "use one of: vi, en"),
        ("BIOMETRIC_VERIFIER_NAME", "x" * 81, "use text of 80 characters at most"),
    ],
)
def test_what_is_expected_is_said_in_plain_words(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert str(refusal(name, value, monkeypatch)) == f"IDP_{name}: {expected}"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_no_setting_is_refused_in_words_that_are_not_ours(name: str) -> None:
    Path("idp.toml").write_text(f"{name} = {{x = 1}}\n")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).startswith(f"IDP_{name.upper()}: ")
    assert "nput should" not in str(refused.value)


def test_a_value_of_another_kind_in_the_file_is_refused() -> None:
    Path("idp.toml").write_text("issuer = 1\n")
    with pytest.raises(SettingsError, match="IDP_ISSUER"):
        load_settings()


def test_no_credential_shows_in_a_refusal_or_a_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hidden" not in repr(Settings(mail="smtp://user:hidden@mail.gov.vn"))
    for name, value in (
        ("MAIL", "smtp://user:hidden@mail.gov.vn/x"),
        ("DATABASE_URL", "postgresql://user:hidden@host/"),
        ("STATE_URL", "redis://:hidden@host/0/1"),
        ("KEYSTORE", "pkcs11:object=x?pin-value=hidden"),
    ):
        with monkeypatch.context() as patched:
            assert "hidden" not in str(refusal(name, value, patched))
    shown = repr(Settings(database_url="postgresql://user:hidden@host/idp", state_url="redis://:hidden@host"))
    assert "hidden" not in shown


def test_a_node_has_the_machine_s_name_unless_it_is_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "máy chủ_1.gov.vn")
    assert load_settings().node == "m-y-ch-_1.gov.vn"
    monkeypatch.setattr("socket.gethostname", lambda: "…")
    assert load_settings().node == "node"
    monkeypatch.setenv("IDP_NODE", "hanoi-3")
    assert load_settings().node == "hanoi-3"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_POOL", "0"),
        ("DATABASE_TIMEOUT", "0"),
        ("STATE_TIMEOUT", "soon"),
        ("STORE_RETRIES", "-1"),
        ("REQUEST_LIMIT", "7"),
        ("SHUTDOWN_DELAY", "-1"),
        ("KEY_ROTATION_DAYS", "1.5"),
        ("NODE", "a/b"),
        ("TRACES", "localhost:4318"),
    ],
)
def test_limits_that_make_no_sense_are_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal(name, value, monkeypatch)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POPULATION_REGISTRY", "http://localhost:8005"),
        ("POPULATION_REGISTRY", "https://user:secret@register.vn"),
        ("POPULATION_REGISTRY", "https://register.vn/?key=secret"),
        ("BIOMETRIC_VERIFIER", "http://verifier.vn"),
        ("BIOMETRIC_VERIFIER", "verifier.vn"),
    ],
)
def test_a_service_of_the_state_is_reached_over_tls(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "secret" not in str(refusal(name, value, monkeypatch))


def test_only_the_verifier_may_be_plain_and_only_on_loopback() -> None:
    settings = Settings(biometric_verifier="http://localhost:8006/", population_registry="https://register.vn/v1/")
    assert settings.biometric_verifier == "http://localhost:8006"
    assert settings.population_registry == "https://register.vn/v1"
