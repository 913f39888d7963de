"""Who may issue software statements: one file each in `keys/software-statements/`, put there by an operator.

    {"issuer": "https://registry.example.vn", "jwks": {"keys": [...]}}

They are read at start: whoever may write there decides who registers clients, as with the keystore beside them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.folders import check_readable
from idp.adapters.importing.client_keys import check_key_set
from idp.ports.foreign_tokens import Jwk

FOLDER: Final = Path("keys/software-statements")

_LARGEST: Final = 64 * 1024


def read_statement_issuers(folder: Path) -> Mapping[str, tuple[Jwk, ...]]:
    """Return the public keys of each issuer; none without the folder.

    Raises `KeyMaterialError` for a file that is not one, for two about the same issuer, and for a folder out of reach.
    """
    issuers: dict[str, tuple[Jwk, ...]] = {}
    for path in _files(folder):
        issuer, keys = _read(path)
        if issuer in issuers:
            raise KeyMaterialError(f"{path} is the second file about its issuer", "keep all its keys in one")
        issuers[issuer] = keys
    return MappingProxyType(issuers)


def _files(folder: Path) -> list[Path]:
    check_readable(folder, str(folder), "give it to the user of idp")
    return sorted(folder.glob("*.json"))


def _read(path: Path) -> tuple[str, tuple[Jwk, ...]]:
    try:
        return _parsed(path.read_bytes())
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise KeyMaterialError(
            f"{path} names no issuer of software statements", 'it needs "issuer" and "jwks" with public keys'
        ) from error


def _parsed(content: bytes) -> tuple[str, tuple[Jwk, ...]]:
    document: Any = json.loads(content) if len(content) <= _LARGEST else None
    issuer, keys = document["issuer"], check_key_set(document["jwks"])["keys"]
    if not isinstance(issuer, str) or not issuer:
        raise TypeError("the issuer is no text")
    return issuer, tuple(keys)
