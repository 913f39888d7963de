"""The keys that the biometric verifier's outcomes are believed by: a JWK set that the operator brings."""

import json
from pathlib import Path
from typing import Any

from idp.settings import SettingsError


def verifier_keys(path: Path | None) -> tuple[dict[str, Any], ...]:
    """Return the public keys of a JWK set (RFC 7517 section 5). Raises `SettingsError` when there are none."""
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))["keys"] if path else None
        if keys and all(isinstance(key, dict) and "kty" in key for key in keys):
            return tuple(keys)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise SettingsError(
        "IDP_BIOMETRIC_VERIFIER is set without keys to believe it by",
        "let IDP_BIOMETRIC_VERIFIER_KEYS name a JWK set with the verifier's public keys",
    )
