"""The forms that settings are written in: each function reads one, or raises ValueError that says what to write."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from idp.setting_servers import HIGHEST_PORT, TARGET_AND_PORT, is_host, names_servers

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = re.compile(r"(.+\.)?localhost|127(\.\d+){3}|::1")
_UNWANTED: Final = re.compile(r"[^!-~]")
_FILE: Final = re.compile(r"file:[^\x00-\x1f\x7f]+")
_SQLITE_FILE: Final = re.compile(r"sqlite:///(?!:memory:)[^?#]*[^?#/]")
_POSTGRESQL: Final = re.compile(r"postgresql://([^@/\s?#]*@)?(?P<servers>[^/\s?#]*)/[^/\s?#]+(\?(?P<more>[^\s#]+))?")
_STATE: Final = re.compile(
    r"(?P<scheme>rediss?(\+(sentinel|cluster))?)://((?P<user>[^:@/\s]*):(?P<password>[^@/\s]+)@)?"
    r"(?P<nodes>[^@/\s?#]+)(?P<path>(/[^/\s?#]+){0,2})/?"
)
_PKCS11: Final = re.compile(r"pkcs11:[^\s#]*\btoken=[^\s#]+")
_RATIO: Final = re.compile(r"(ratio=(?P<ratio>0(\.\d+)?|1(\.0+)?))?")
_USUAL_RATIO: Final = "0.05"
_REDIS_PORTS: Final = {"single": 6379, "sentinel": 26379, "cluster": 6379}
_MOST_MEMORY_KIB: Final = 1 << 20
_MOST_PASSES: Final = 64
_MOST_LANES: Final = 16


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


@dataclass(frozen=True, slots=True)
class StateStore:
    """Where short-lived state is kept: one Redis or Valkey server, the sentinels that know it, or nodes of a cluster.

    `service` is the name that the sentinels watch, empty otherwise.
    """

    kind: Literal["single", "sentinel", "cluster"]
    nodes: tuple[tuple[str, int], ...]
    service: str
    database: int
    username: str | None
    password: str | None
    tls: bool


@dataclass(frozen=True, slots=True)
class TraceCollector:
    """Where traces go by OTLP over HTTP, and which share of the requests that nobody else decided about is traced."""

    endpoint: str
    ratio: float


def is_loopback(host: str) -> bool:
    """Whether the host of an address is this machine itself, in whichever of its names."""
    return bool(_LOOPBACK.fullmatch(host))


def parse_issuer(value: str) -> str:
    """Return the issuer as it is compared everywhere; raises ValueError (OpenID Connect Discovery 1.0 section 3)."""
    parts = _split(value, {"https", "http"}, "an http or https address such as https://id.example.vn")
    if parts.path or {"?", "#", "@"} & set(value):
        raise ValueError("the provider has its host to itself: leave path, slash at the end, query and user away")
    if parts.netloc != parts.netloc.lower() or parts.port == _DEFAULT_PORTS[parts.scheme]:
        raise ValueError("write the host in lower case and leave the default port away, as browsers do")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
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


def parse_messages(value: str) -> str:
    """Return `file:FOLDER` or the https address of a message gateway; raises ValueError."""
    if _FILE.fullmatch(value):
        return value
    parts = _split(value, {"https"}, "file:FOLDER or https://HOST[:PORT]/PATH, a message gateway")
    if parts.fragment or parts.username is not None:
        raise ValueError("leave user and fragment away; the gateway's secret stands in a file of its own")
    return value


def parse_secure_service(value: str) -> str:
    """Return the address of a service, https, without a slash at the end, or nothing; raises ValueError."""
    return _service(value, {"https"}) if value else ""


def parse_service(value: str) -> str:
    """Return the same, with plain http allowed on loopback; raises ValueError."""
    if value.startswith("http:") and not is_loopback(urlsplit(value).hostname or ""):
        raise ValueError("anything but loopback must be https")
    return _service(value, {"https", "http"}) if value else ""


def _service(value: str, schemes: set[str]) -> str:
    parts = _split(value, schemes, "the address of the service, such as https://register.example.vn")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("leave query, fragment and user away")
    return value.rstrip("/")


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


def parse_database_url(value: str) -> str:
    """Return `sqlite:///PATH` or `postgresql://…`; raises ValueError."""
    server = _POSTGRESQL.fullmatch(value)
    if not value.isprintable() or not (_SQLITE_FILE.fullmatch(value) or server):
        raise ValueError(
            "use sqlite:///PATH, the path of a file, or postgresql://[USER[:PASSWORD]@]HOST[:PORT][,HOST…]/DATABASE"
        )
    if re.search(r"[?&](ssl)?password=", value):
        raise ValueError("write the password before the host, as USER:PASSWORD@HOST; where it stands it would be shown")
    if server and not names_servers(value, server["servers"], server["more"]):
        raise ValueError(
            "names each server as HOST or HOST:PORT, an IPv6 address as [ADDRESS]:PORT before the names, marks in a "
            "password as %40, and what is more as NAME=VALUE"
        )
    return value


def parse_keystore(value: str) -> str:
    """Return `file:FOLDER` or a PKCS #11 URI (RFC 7512) that names a token; raises ValueError."""
    if not value.isprintable() or not (_FILE.fullmatch(value) or _PKCS11.fullmatch(value)):
        raise ValueError("use file:FOLDER or pkcs11:token=LABEL?module-path=LIBRARY&pin-source=file:PATH")
    return value


def parse_state_url(value: str) -> StateStore | None:
    """Return where short-lived state is kept, None for the database; raises ValueError."""
    if not value:
        return None
    match = _STATE.fullmatch(value)
    if match is None:
        raise ValueError(
            "use redis://HOST[:PORT][/DB], rediss://…, redis+sentinel://HOST:PORT,HOST:PORT/SERVICE[/DB] or "
            "redis+cluster://HOST:PORT,HOST:PORT, with USER:PASSWORD@ before the host where needed"
        )
    return _state_store(match.groupdict())


def parse_traces(value: str) -> TraceCollector | None:
    """Return where traces go, None for nowhere; raises ValueError."""
    if not value:
        return None
    expected = "http(s)://HOST[:PORT][/PATH][?ratio=0.05], the address of an OTLP collector and a share from 0 to 1"
    parts = _split(value, {"http", "https"}, expected)
    match = _RATIO.fullmatch(parts.query)
    if match is None or parts.fragment or parts.username is not None:
        raise ValueError(f"use {expected}; credentials belong into OTEL_EXPORTER_OTLP_HEADERS")
    path = parts.path if parts.path.strip("/") else "/v1/traces"
    return TraceCollector(f"{parts.scheme}://{parts.netloc}{path}", float(match["ratio"] or _USUAL_RATIO))


def _state_store(parts: Mapping[str, str | None]) -> StateStore:
    scheme, _, way = (parts["scheme"] or "").partition("+")
    kind: Literal["single", "sentinel", "cluster"] = (
        "sentinel" if way == "sentinel" else "cluster" if way == "cluster" else "single"
    )
    nodes = tuple(_node(item, _REDIS_PORTS[kind]) for item in (parts["nodes"] or "").split(","))
    path = [item for item in (parts["path"] or "").split("/") if item]
    service = path.pop(0) if kind == "sentinel" and path else ""
    database = path.pop(0) if path else "0"
    if path or not database.isdigit() or (kind == "sentinel" and not service):
        raise ValueError("ends in /DB, a number; with sentinels in /SERVICE[/DB]")
    if kind == "cluster" and database != "0":
        raise ValueError("a cluster has no databases by number; leave the end away")
    if kind == "single" and len(nodes) > 1:
        raise ValueError("name one server, or use redis+sentinel:// or redis+cluster://")
    return StateStore(
        kind=kind,
        nodes=nodes,
        service=service,
        database=int(database),
        username=unquote(parts["user"]) if parts["user"] else None,
        password=unquote(parts["password"]) if parts["password"] else None,
        tls=scheme == "rediss",
    )


def _node(item: str, default_port: int) -> tuple[str, int]:
    match = TARGET_AND_PORT.fullmatch(item)
    host = (match["six"] or match["target"]) if match else ""
    port = int(match["port"]) if match and match["port"] else default_port
    if not is_host(host.lower()) or not 1 <= port <= HIGHEST_PORT:
        raise ValueError("names each server as HOST or HOST:PORT, brackets around an IPv6 address")
    return host, port


def _split(url: str, schemes: set[str], expected: str) -> SplitResult:
    """Return the parts of an absolute ASCII URL with a host; raises ValueError that says what was expected."""
    try:
        parts = urlsplit(url)
        if parts.scheme in schemes and is_host(parts.hostname or "") and parts.port != 0 and not _UNWANTED.search(url):
            return parts
    except ValueError:
        pass
    raise ValueError(f"use {expected}")


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
    match = TARGET_AND_PORT.fullmatch(str(item))
    target = (match["six"] or match["target"]) if match else str(item)
    port = int(match["port"]) if match and match["port"] else None
    if port is not None and not 1 <= port <= HIGHEST_PORT:
        raise ValueError("a port is a number from 1 to 65535")
    try:
        return OutboundRule(None, ipaddress.ip_network(target), port)
    except ValueError:
        name = (match["target"] or "").lower().rstrip(".") if match else ""
    if not is_host(name):
        raise ValueError("use hosts, addresses or networks, each with an optional port, such as 10.0.0.0/8:443")
    return OutboundRule(name, None, port)
