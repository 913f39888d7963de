"""Style sheet, emblem, script: bytes made once, under names that carry their content's hash and so never go stale."""

import hashlib
import re
from pathlib import Path

from idp.domain.values import dataclass

STATIC_FOLDER = Path(__file__).parent / "static"
STATIC_PREFIX = "/static/"

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_REFERENCE = re.compile(r'url\("([a-z0-9_.-]+)"\)')


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file ready to be sent with 200: its body and headers."""

    href: str
    body: bytes
    headers: tuple[tuple[str, str], ...]


class StaticFiles:
    """The files of a folder by the path they are served at. Built once at start; read-only after."""

    def __init__(self, folder: Path = STATIC_FOLDER) -> None:
        """Read every file of `folder`; style sheets last, since they name pictures by `url("…")`."""
        self._by_name: dict[str, StaticFile] = {}
        for path in sorted(folder.iterdir(), key=lambda path: (path.suffix == ".css", path.name)):
            if path.suffix in _MEDIA_TYPES:
                self._by_name[path.name] = self._load(path)
        self._by_href = {file.href: file for file in self._by_name.values()}

    def href(self, name: str) -> str:
        """Return the path that `name` (`pages.css`) is served at; raises KeyError when there is no such file."""
        return self._by_name[name].href

    def find(self, path: str) -> StaticFile | None:
        """Return the file served at `path`, or None."""
        return self._by_href.get(path)

    def _load(self, path: Path) -> StaticFile:
        body = path.read_bytes()
        if path.suffix == ".css":
            text = _REFERENCE.sub(lambda match: f'url("{self.href(match[1])}")', body.decode())
            body = text.encode()
        digest = hashlib.sha256(body).hexdigest()[:16]
        headers = (
            ("content-type", _MEDIA_TYPES[path.suffix]),
            ("content-length", str(len(body))),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("x-content-type-options", "nosniff"),
        )
        return StaticFile(f"{STATIC_PREFIX}{path.stem}-{digest}{path.suffix}", body, headers)
