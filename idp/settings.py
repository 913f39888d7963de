"""Settings: read once, validated once, frozen; nobody else reads the environment.

Command line over environment (`IDP_…`) over `idp.toml` over defaults. A wrong setting is refused in one line that names
it and says what to do; its value is never repeated, since some carry credentials.
"""

import os
import re
import socket
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, TomlConfigSettingsSource
from pydantic_settings import PydanticBaseSettingsSource as Source

from idp.setting_forms import (
    Argon2Parameters,
    OutboundRule,
    StateStore,
    TraceCollector,
    parse_argon2,
    parse_audit_checkpoints,
    parse_database_url,
    parse_issuer,
    parse_keystore,
    parse_mail,
    parse_messages,
    parse_networks,
    parse_outbound_rules,
    parse_secure_service,
    parse_service,
    parse_state_url,
    parse_traces,
)

PREFIX: Final = "IDP_"
CONFIG_VARIABLE: Final = "IDP_CONFIG"
CONFIG_FILE: Final = "idp.toml"


class SettingsError(Exception):
    """A setting that cannot be used; `problem` and `remedy` together are one line, without the value."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}: {remedy}")
        self.problem = problem
        self.remedy = remedy


def _matching(pattern: str, expected: str) -> AfterValidator:
    """Return a validator of printable text of one form, which says what was expected."""

    def check(value: str | Path) -> str | Path:
        if not re.fullmatch(pattern, str(value)) or not str(value).isprintable():
            raise ValueError(expected)
        return value

    return AfterValidator(check)


def _check_state_url(value: str) -> str:
    parse_state_url(value)
    return value


def _check_traces(value: str) -> str:
    parse_traces(value)
    return value


def _host_name() -> str:
    """Return a name for this node, from the machine's own."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", socket.gethostname()).strip("-._")[:63] or "node"


_KINDS: Final[dict[type[Any] | None, str]] = {int: "a whole number", float: "a number", bool: "true or false"}
_FILE_PATH: Final = _matching(r".*[^/.]", "use the path of a file")
_NODE_NAME: Final = _matching(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62})", "use letters, digits, dots, dashes; 63 at most")


class Settings(BaseModel):
    """Everything an operator decides. Constructing it validates and reads nothing; `load_settings` does."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    issuer: Annotated[str, AfterValidator(parse_issuer)] = "http://localhost:8000"
    database_url: Annotated[str, AfterValidator(parse_database_url), Field(repr=False)] = "sqlite:///var/idp.db"
    database_pool: Annotated[int, Field(ge=1, le=200)] = 10
    database_timeout: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    state_url: Annotated[str, AfterValidator(_check_state_url), Field(repr=False)] = ""
    state_pool: Annotated[int, Field(ge=1, le=1000)] = 64
    state_timeout: Annotated[float, Field(ge=0.05, le=30)] = 1.0
    store_retries: Annotated[int, Field(ge=0, le=5)] = 2
    keystore: Annotated[str, AfterValidator(parse_keystore), Field(repr=False)] = "file:keys/"
    key_rotation_days: Annotated[int, Field(ge=0, le=3650)] = 90
    secret_file: Annotated[Path, _FILE_PATH] = Path("var/secret")
    client_ca: Annotated[Path, _FILE_PATH] = Path("keys/client-ca")
    person_ca: Annotated[Path, _FILE_PATH] | None = None
    passkey_metadata: Annotated[Path, _FILE_PATH] = Path("keys/passkey-metadata")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(parse_networks)] = ()
    outbound_allow: Annotated[tuple[OutboundRule, ...], NoDecode, BeforeValidator(parse_outbound_rules)] = ()
    mail: Annotated[str, AfterValidator(parse_mail), Field(repr=False)] = "file:var/mail"
    messages: Annotated[str, AfterValidator(parse_messages), Field(repr=False)] = "file:var/messages"
    messages_secret: Annotated[Path, _FILE_PATH] | None = None
    audit_checkpoints: Annotated[str, AfterValidator(parse_audit_checkpoints), Field(repr=False)] = (
        "file:var/audit-checkpoints.jsonl"
    )
    argon2: Annotated[Argon2Parameters, NoDecode, BeforeValidator(parse_argon2)] = Argon2Parameters(19456, 2, 1)
    usual_failures: Annotated[int, Field(ge=1, le=1000)] = 4
    legacy_response_types: bool = False
    default_locale: Literal["vi", "en"] = "vi"
    phone_sign_in: Literal["on", "same-country", "same-connection", "off"] = "on"
    node: Annotated[str, _NODE_NAME] = Field(default_factory=_host_name)
    request_limit: Annotated[int, Field(ge=8, le=16_384)] = 512
    client_request_limit: Annotated[int, Field(ge=1, le=16_384)] = 256
    shutdown_delay: Annotated[float, Field(ge=0, le=120)] = 0.0
    idle_account_days: Annotated[int, Field(ge=0, le=36_500)] = 730
    traces: Annotated[str, AfterValidator(_check_traces), Field(repr=False)] = ""
    network_places: Annotated[Path, _FILE_PATH] | None = None
    population_registry: Annotated[str, AfterValidator(parse_secure_service)] = ""
    biometric_verifier: Annotated[str, AfterValidator(parse_service)] = ""
    biometric_verifier_name: Annotated[str, Field(max_length=80)] = ""
    biometric_verifier_secret: Annotated[str, Field(max_length=512, repr=False)] = ""
    biometric_verifier_keys: Annotated[Path, _FILE_PATH] | None = None
    service_certificate: Annotated[Path, _FILE_PATH] | None = None
    service_key: Annotated[Path, _FILE_PATH] | None = None
    service_ca: Annotated[Path, _FILE_PATH] | None = None

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the provider over TLS."""
        return self.issuer.startswith("https://")

    @property
    def issuer_host(self) -> str:
        """The host name of the issuer, without port."""
        return urlsplit(self.issuer).hostname or ""

    @property
    def sqlite_path(self) -> Path:
        """The database file."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def creates_secret(self) -> bool:
        """Whether a missing secret file is made: on one machine yes; copies must share one that somebody brings."""
        return self.database_url.startswith("sqlite:")

    @property
    def state_store(self) -> StateStore | None:
        """Where short-lived state is kept; None for the database."""
        return parse_state_url(self.state_url)

    @property
    def trace_collector(self) -> TraceCollector | None:
        """Where traces go; None for nowhere."""
        return parse_traces(self.traces)

    @property
    def keystore_path(self) -> Path:
        """The folder of the file keystore."""
        return Path(self.keystore.removeprefix("file:"))

    @property
    def audit_checkpoint_path(self) -> Path | None:
        """The file that signed checkpoints are appended to; None when they are posted."""
        return Path(self.audit_checkpoints.removeprefix("file:")) if self.audit_checkpoints[:5] == "file:" else None


class _Sources(BaseSettings, Settings):
    """The same settings, filled from the environment and the configuration file."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: Source, env_settings: Source, *_: object, **__: object
    ) -> tuple[Source, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _config_file())


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - validated here, whatever was typed
    """Return the settings in force; `overrides` come from the command line. Raises `SettingsError`, one line."""
    _refuse_misspelt(os.environ)
    try:
        found = _Sources(**overrides)
    except ValidationError as error:
        raise _first_problem(error) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{_config_file()} is not TOML", f"correct it ({error})") from None
    return Settings(**{name: getattr(found, name) for name in Settings.model_fields})


def _refuse_misspelt(environment: Iterable[str]) -> None:
    """Raise `SettingsError` for a name that is nearly a setting's: it would be ignored, and its default be in force.

    Other names that begin alike are others': Kubernetes gives `IDP_SERVICE_HOST` to what runs beside a service `idp`.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {CONFIG_VARIABLE}
    forms = [name.removeprefix(PREFIX) for name in known]
    for name in sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known):
        if near := get_close_matches(name.upper().removeprefix(PREFIX), forms, n=1, cutoff=0.8):
            raise SettingsError(f"{name} is not a setting", f"rename it to {PREFIX}{near[0]}, or unset it")


def _config_file() -> Path:
    """Return the configuration file; one that was asked for by name has to be there."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named and not Path(named).is_file():
        raise SettingsError(f"{CONFIG_VARIABLE} names a file that is not there", "correct the path or unset it")
    return Path(named or CONFIG_FILE)


def _first_problem(error: ValidationError) -> SettingsError:
    """Return the first problem as one line; pydantic's own text repeats the value, which may carry a password."""
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = str(problem["loc"][0]) if problem["loc"] else ""
    if problem["type"] == "extra_forbidden":
        return SettingsError(f"{name} is not a setting", f"correct the name in {_config_file()}")
    own = problem["type"] == "value_error"
    return SettingsError(
        f"{PREFIX}{name.upper()}", problem["msg"].removeprefix("Value error, ") if own else _form(name)
    )


def _form(name: str) -> str:
    """Return what to write into a setting of a plain kind, with its bounds."""
    field = Settings.model_fields[name]
    bounds = {bound: value for each in field.metadata for bound, value in _bounds(each)}
    if field.annotation in _KINDS:
        ends = f" from {bounds['ge']} to {bounds['le']}" if bounds else ""
        return f"use {_KINDS[field.annotation]}{ends}"
    if get_origin(field.annotation) is Literal:
        return f"use one of: {', '.join(get_args(field.annotation))}"
    longest = bounds.get("max_length")
    return f"use text of {longest} characters at most" if longest else "use text, in quotation marks in a file"


def _bounds(metadata: object) -> Iterable[tuple[str, Any]]:
    return ((bound, getattr(metadata, bound)) for bound in ("ge", "le", "max_length") if hasattr(metadata, bound))
