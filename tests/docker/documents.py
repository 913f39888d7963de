"""The deployment's files, read as they are."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
KUBERNETES = DOCKER / "kubernetes"
_DEFAULTED = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


def compose() -> dict[str, Any]:
    """Return `compose.yaml` with anchors merged and variables at their defaults."""
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(_DEFAULTED.sub(r"\1", text))
    return document


def manifests() -> list[tuple[Path, dict[str, Any]]]:
    """Return every Kubernetes document beside the file that holds it."""
    found = []
    for path in sorted(KUBERNETES.rglob("*.yaml")):
        found += [(path, document) for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
    return found


def manifest(kind: str, name: str) -> dict[str, Any]:
    """Return the one document of that kind and name."""
    (found,) = [each for _, each in manifests() if (each["kind"], each.get("metadata", {}).get("name")) == (kind, name)]
    return found
