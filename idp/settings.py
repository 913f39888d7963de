"""Settings: read once, validated once, frozen; nobody else reads the environment.

Command line over environment (`IDP_…`) over `idp.toml` over defaults. A wrong setting is refused in one line that names
it and says what to do; its value is never repeated, since some carry credentials.
"""

import ipaddress
import os
import re
import tomllib
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, TomlConfigSettingsSource
from pydantic_settings import PydanticBaseSettingsSource as Source

PREFIX: Final = "IDP_"
CONFIG_VARIABLE: Final = "IDP_CONFIG"
CONFIG_FILE: Final = "idp.toml"

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HOST_NAME: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?")
_ENDS_IN_NUMBER: Final = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)\.?$")
_TARGET_AND_PORT: Final = re.compile(r"(\[(?P<six>[^\]]+)\]|(?P<target>[^:\[\]]+))(:(?P<port>\d{1,5}))?")
_LOOPBACK: Final = re.compile(r"(.+\.)?localhost|127(\.\d+){3}|::1")
_UNWANTED: Final = re.compile(r"[^!-~]")
_FILE: Final = re.compile(r"file:[^\x00-\x1f\x7f]+")
_HIGHEST_PORT: Final = 65535
_MOST_MEMORY_KIB: Final = 1 << 20
_MOST_PASSES: Final = 64
_MOST_LANES: Final = 16


class SettingsError(Exception):
    """A setting that cannot be used; `problem` and `remedy` together are one line, without the value."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}: {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class OutboundRule:
    """A destination that outgoing calls may reach besides public https: a host name or a network, maybe one port."""

    host: str | None
    network: IPv4Network | IPv6Network | None
    port: int | None


@dataclass(frozen=True, slots=True)
class Argon2Parameters:
    """Cost of argon2id: memory in KiB, passes over it, lanes."""

    memory: int
    passes: int
    lanes: int


def parse_issuer(value: str) -> str:
    """Return the issuer as it is compared everywhere; raises ValueError (OpenID Connect Discovery 1.0 section 3)."""
    parts = _split(value, {"https", "http"}, "an http or https address such as https://id.example.vn")
    if parts.path or {"?", "#", "@"} & set(value):
        raise ValueError("the provider has its host to itself: leave path, slash at the end, query and user away")
    if parts.netloc != parts.netloc.lower() or parts.port == _DEFAULT_PORTS[parts.scheme]:
        raise ValueError("write the host in lower case and leave the default port away, as browsers do")
    if parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname or ""):
        raise ValueError("must be https; plain http is for loopback addresses only")
    return value


def parse_mail(value: str) -> str:
    """Return `file:FOLDER`, `smtp://…` or `smtps://…`; raises ValueError."""
    if _FILE.fullmatch(value):
        return value
    parts = _split(value, {"smtp", "smtps"}, "file:FOLDER, smtp://HOST[:PORT] or smtps://HOST[:PORT]")
    if parts.path not in {"", "/"} or parts.fragment or (parts.username is None) != (parts.password is None):
        raise ValueError("use smtp://[USER:PASSWORD@]HOST[:PORT][?from=ADDRESS], nothing behind it")
    if parts.query and not re.fullmatch(r"from=[^&=@\s]+@[^&=@\s]+", parts.query):
        raise ValueError("only ?from=ADDRESS, the sender's address, may follow the mail server")
    return value


def parse_audit_checkpoints(value: str) -> str:
    """Return `file:PATH` or an https address; raises ValueError."""
    if not _FILE.fullmatch(value):
        _split(value, {"https"}, "file:PATH or https://…")
    return value


def parse_networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return addresses or networks, comma-separated or listed; raises ValueError."""
    try:
        networks = tuple(ipaddress.ip_network(str(item)) for item in _items(value))
    except ValueError:
        raise ValueError("use addresses or networks such as 10.0.0.5 or 10.0.0.0/24, no host bits set") from None
    if any(network.prefixlen == 0 for network in networks):
        raise ValueError("names every address there is; list the addresses of your own proxies")
    return networks


def parse_outbound_rules(value: object) -> tuple[OutboundRule, ...]:
    """Return hosts, addresses or networks, each with an optional port; raises ValueError."""
    return tuple(_outbound_rule(item) for item in _items(value))


def parse_argon2(value: object) -> Argon2Parameters:
    """Return the parameters written as `m=KIB,t=PASSES,p=LANES`; raises ValueError."""
    if isinstance(value, Argon2Parameters):
        return value
    match = re.fullmatch(r"m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})", str(value))
    if match is None:
        raise ValueError("use m=KIB,t=PASSES,p=LANES, such as m=19456,t=2,p=1")
    memory, passes, lanes = (int(number) for number in match.groups())
    if not (1 <= lanes <= _MOST_LANES and 1 <= passes <= _MOST_PASSES and 8 * lanes <= memory <= _MOST_MEMORY_KIB):
        raise ValueError("needs m of 8 KiB a lane to 1 GiB, t of 1 to 64 and p of 1 to 16")
    return Argon2Parameters(memory, passes, lanes)


def _matching(pattern: str, expected: str) -> AfterValidator:
    """Return a validator of printable text of one form, which says what was expected."""

    def check(value: str | Path) -> str | Path:
        if not re.fullmatch(pattern, str(value)) or not str(value).isprintable():
            raise ValueError(expected)
        return value

    return AfterValidator(check)


def _refuse_legacy(value: bool) -> bool:  # noqa: FBT001 - pydantic hands over the value alone
    if value:
        raise ValueError("this release answers response_type code only; leave it off")
    return value


_SQLITE_FILE: Final = _matching(
    r"sqlite:///(?!:memory:)[^?#]*[^?#/]", "this release runs on SQLite; use sqlite:///PATH, the path of a file"
)
_EMPTY: Final = _matching("", "this release keeps short-lived state in its SQLite database; leave it empty")
_FILE_PATH: Final = _matching(r".*[^/.]", "use the path of a file")
_FILE_KEYSTORE: Final = _matching(r"file:.+", "this release runs on a file keystore; use file:FOLDER")


class Settings(BaseModel):
    """Everything an operator decides. Constructing it validates and reads nothing; `load_settings` does."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    issuer: Annotated[str, AfterValidator(parse_issuer)] = "http://localhost:8000"
    database_url: Annotated[str, _SQLITE_FILE, Field(repr=False)] = "sqlite:///var/idp.db"
    state_url: Annotated[str, _EMPTY, Field(repr=False)] = ""
    keystore: Annotated[str, _FILE_KEYSTORE] = "file:keys/"
    secret_file: Annotated[Path, _FILE_PATH] = Path("var/secret")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(parse_networks)] = ()
    outbound_allow: Annotated[tuple[OutboundRule, ...], NoDecode, BeforeValidator(parse_outbound_rules)] = ()
    mail: Annotated[str, AfterValidator(parse_mail), Field(repr=False)] = "file:var/mail"
    audit_checkpoints: Annotated[str, AfterValidator(parse_audit_checkpoints), Field(repr=False)] = (
        "file:var/audit-checkpoints.jsonl"
    )
    argon2: Annotated[Argon2Parameters, NoDecode, BeforeValidator(parse_argon2)] = Argon2Parameters(19456, 2, 1)
    legacy_response_types: Annotated[bool, AfterValidator(_refuse_legacy)] = False
    default_locale: Literal["vi", "en"] = "vi"

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
    try:
        found = _Sources(**overrides)
    except ValidationError as error:
        raise _first_problem(error) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{_config_file()} is not TOML", f"correct it ({error})") from None
    return Settings(**{name: getattr(found, name) for name in Settings.model_fields})


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
    return SettingsError(f"{PREFIX}{name.upper()}", problem["msg"].removeprefix("Value error, "))


def _split(url: str, schemes: set[str], expected: str) -> SplitResult:
    """Return the parts of an absolute ASCII URL with a host; raises ValueError that says what was expected."""
    try:
        parts = urlsplit(url)
        if parts.scheme in schemes and _is_host(parts.hostname or "") and parts.port != 0 and not _UNWANTED.search(url):
            return parts
    except ValueError:
        pass
    raise ValueError(f"use {expected}")


def _is_host(text: str) -> bool:
    """Whether this is an address, or a name that no resolver takes for a number (`127.1`, `0x7f000001`)."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(text)) and not _ENDS_IN_NUMBER.search(text)
    return True


def _items(value: object) -> list[Any] | tuple[Any, ...]:
    """Return the items of a comma-separated string or of a list, as the environment and TOML write them."""
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    if not isinstance(value, list | tuple):
        raise ValueError("use a comma-separated list")  # noqa: TRY004 - pydantic turns only ValueError into a problem
    return value


def _outbound_rule(item: object) -> OutboundRule:
    """Read `host`, `host:port`, `address`, `[address]:port`, `network` or `[network]:port` (brackets for IPv6)."""
    if isinstance(item, OutboundRule):
        return item
    match = _TARGET_AND_PORT.fullmatch(str(item))
    target = (match["six"] or match["target"]) if match else str(item)
    port = int(match["port"]) if match and match["port"] else None
    if port is not None and not 1 <= port <= _HIGHEST_PORT:
        raise ValueError("a port is a number from 1 to 65535")
    try:
        return OutboundRule(None, ipaddress.ip_network(target), port)
    except ValueError:
        name = (match["target"] or "").lower().rstrip(".") if match else ""
    if not _is_host(name):
        raise ValueError("use hosts, addresses or networks, each with an optional port, such as 10.0.0.0/8:443")
    return OutboundRule(name, None, port)
