"""PKCS #11 URIs (RFC 7512): which token, through which library, with which PIN. None of it is ever repeated."""

import os
import stat
from dataclasses import field
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from idp.adapters.crypto.errors import KeyMaterialError
from idp.domain.values import dataclass

_TOKEN_ATTRIBUTES: Final = frozenset({"token", "serial", "manufacturer", "model"})
_QUERY_ATTRIBUTES: Final = frozenset({"module-path", "pin-source", "pin-value"})
_FORM: Final = "pkcs11:token=LABEL?module-path=LIBRARY&pin-source=file:PATH"
_LONGEST_PIN: Final = 256
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Pkcs11Uri:
    """A token and the way to it; `pin_value` and the file `pin_source` exclude each other."""

    token: str
    identity: tuple[tuple[str, str], ...]
    """Further attributes that the token must have: serial, manufacturer, model."""
    module_path: Path
    pin_source: Path | None
    pin_value: str = field(repr=False)

    def read_pin(self) -> str:
        """Return the PIN, read anew each time so that it can be changed. Raises `KeyMaterialError`."""
        return _read_pin_file(self.pin_source) if self.pin_source else self.pin_value


def parse_pkcs11_uri(text: str) -> Pkcs11Uri:
    """Return the parts of a URI. Raises `KeyMaterialError`, which never repeats it."""
    path, _, query = text.removeprefix("pkcs11:").partition("?")
    described = _attributes(path, ";", _TOKEN_ATTRIBUTES)
    way = _attributes(query, "&", _QUERY_ATTRIBUTES)
    module = way.get("module-path", "")
    if not described.get("token") or not module.startswith("/"):
        raise KeyMaterialError("IDP_KEYSTORE does not name a token and the path of its library", f"use {_FORM}")
    if ("pin-source" in way) == ("pin-value" in way):
        raise KeyMaterialError("IDP_KEYSTORE names no PIN, or two", f"use {_FORM}")
    source = way.get("pin-source")
    return Pkcs11Uri(
        token=described.pop("token"),
        identity=tuple(sorted(described.items())),
        module_path=Path(module),
        pin_source=None if source is None else _pin_file(source),
        pin_value=way.get("pin-value", ""),
    )


def _attributes(text: str, separator: str, known: frozenset[str]) -> dict[str, str]:
    """Return attributes by name (RFC 7512 section 2.3): each at most once, values percent-encoded."""
    found: dict[str, str] = {}
    for item in filter(None, text.split(separator)):
        name, _, value = item.partition("=")
        if name not in known or name in found:
            raise KeyMaterialError("IDP_KEYSTORE has an attribute too many or an unknown one", f"use {_FORM}")
        found[name] = unquote(value)
    return found


def _pin_file(source: str) -> Path:
    """Return the file that `pin-source` names. Section 2.4 also allows commands; nothing is run here."""
    path = source.removeprefix("file:").removeprefix("//")
    if not path.startswith("/"):
        raise KeyMaterialError("pin-source in IDP_KEYSTORE is not the absolute path of a file", f"use {_FORM}")
    return Path(path)


def _read_pin_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LONGEST_PIN + 1)
    except OSError as error:
        raise KeyMaterialError(
            f"the PIN file {path} cannot be read ({error.strerror})", "correct pin-source in IDP_KEYSTORE"
        ) from None
    if mode & _OTHERS:
        raise KeyMaterialError(f"the PIN file {path} is open to other users", f"run chmod 600 {path}")
    try:
        pin = content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        pin = ""
    if not pin or len(content) > _LONGEST_PIN:
        raise KeyMaterialError(f"the PIN file {path} does not hold a PIN on one line", "write it anew")
    return pin
