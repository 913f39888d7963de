"""Cookies of one application; names differ between applications, since cookies do not tell ports apart."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from clients.relying_party.bearer_values import fingerprint
from clients.relying_party.pending_store import LIFETIME
from clients.relying_party.settings import SiteSettings

MAX_LENGTH = 128  # characters: anything longer is not a value of ours


@dataclass(frozen=True, slots=True)
class Cookies:
    """Sets and reads the cookies of the application `name`; all are HttpOnly and host-only."""

    name: str
    site: SiteSettings

    def read_session(self, request: Request) -> str | None:
        return self._read(request, "session")

    def set_session(self, response: Response, value: str) -> None:
        self._set(response, "session", value, max_age=None)

    def delete_session(self, response: Response) -> None:
        self._set(response, "session", "", max_age=0)

    def read_departure(self, request: Request, kind: str, state: str) -> str:
        """Return the browser's half of a sign-in or sign-out under way, or nothing."""
        return self._read(request, _departure(kind, state)) or ""

    def set_departure(self, response: Response, kind: str, state: str, value: str) -> None:
        """Each sign-in has a cookie of its own, so that several windows can sign in at once."""
        self._set(response, _departure(kind, state), value, max_age=LIFETIME)

    def delete_departure(self, response: Response, kind: str, state: str) -> None:
        self._set(response, _departure(kind, state), "", max_age=0)

    def read_language(self, request: Request) -> str | None:
        return self._read(request, "language")

    def set_language(self, response: Response, language: str) -> None:
        self._set(response, "language", language, max_age=365 * 86400)

    def _full_name(self, name: str) -> str:
        prefix = "__Host-" if self.site.is_https else ""
        return f"{prefix}{self.name}_{name}"

    def _read(self, request: Request, name: str) -> str | None:
        value = request.cookies.get(self._full_name(name))
        return value if value and len(value) <= MAX_LENGTH else None

    def _set(self, response: Response, name: str, value: str, *, max_age: int | None) -> None:
        response.set_cookie(
            self._full_name(name),
            value,
            max_age=max_age,
            path="/",
            secure=self.site.is_https,
            httponly=True,
            # Lax, not Strict: the person comes back from the provider by a cross-site link.
            samesite="lax",
        )


def _departure(kind: str, state: str) -> str:
    return f"{kind}_{fingerprint(state)[:16]}"
