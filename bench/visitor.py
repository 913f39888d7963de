"""A person's browser as far as the provider's pages need one: cookies, redirects, forms by their identifiers."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Protocol
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from bench.connection import Answer

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_INPUT = re.compile(r"<(?:input|button)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
_REDIRECTS = frozenset({302, 303, 307})
_MOST_STEPS = 12


class Asks(Protocol):
    """Whatever carries a whole request to the provider and brings its answer."""

    async def ask(self, request: bytes) -> Answer:
        """Send a complete request and return its answer."""
        ...


class UnexpectedAnswer(Exception):
    """The provider did not answer as the contract says."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it goes, and the hidden fields that it carries."""

    action: str
    hidden: dict[str, str]


def find_form(answer: Answer, form_id: str) -> Form | None:
    """Return the form with this identifier, or None."""
    for match in _FORM.finditer(answer.body.decode()):
        attributes = _attributes(match[1])
        if attributes.get("id") == form_id:
            inputs = (_attributes(each) for each in _INPUT.findall(match[2]))
            hidden = {each["name"]: each.get("value", "") for each in inputs if each.get("type") == "hidden"}
            return Form(attributes.get("action", ""), hidden)
    return None


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(text)}


@dataclass
class Visitor:
    """One browser on one connection; `origin` is the provider's (`http://localhost:8000`).

    `address` is told to the provider as a proxy tells it; it counts only where loopback is trusted as a proxy.
    `language` is the one that the browser prefers.
    """

    connection: Asks
    origin: str
    cookies: dict[str, str] = field(default_factory=dict)
    address: str | None = None
    language: str | None = None

    async def get(self, path: str) -> Answer:
        """Open a page."""
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self._fields()}\r\n".encode())

    async def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        body = urlencode(fields)
        return await self._ask(
            f"POST {path} HTTP/1.1\r\n{self._fields()}origin: {self.origin}\r\n"
            f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()
        )

    async def follow(self, answer: Answer) -> Answer:
        """Follow redirects inside the provider; return a page, or the redirect that leads outside."""
        for _ in range(_MOST_STEPS):
            target = answer.header("location") if answer.status in _REDIRECTS else None
            if target is None or not self._is_inside(target):
                return answer
            answer = await self.get(target.removeprefix(self.origin))
        raise UnexpectedAnswer("redirects without end")

    async def submit(self, answer: Answer, form_id: str, fields: dict[str, str]) -> Answer:
        """Fill in the form of a page and follow where it leads. Raises `UnexpectedAnswer` when it has no such form."""
        form = find_form(answer, form_id)
        if form is None:
            raise UnexpectedAnswer(f"no form {form_id}: {answer.status}")
        return await self.follow(await self.post(form.action, {**form.hidden, **fields}))

    def _is_inside(self, target: str) -> bool:
        return target.startswith(("/", self.origin + "/"))

    def _fields(self) -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        host = self.origin.partition("://")[2]
        address = f"x-forwarded-for: {self.address}\r\n" if self.address else ""
        language = f"accept-language: {self.language}\r\n" if self.language else ""
        cookie = f"cookie: {cookies}\r\n" if cookies else ""
        return f"host: {host}\r\naccept: text/html\r\n{language}{address}{cookie}"

    async def _ask(self, request: bytes) -> Answer:
        answer = await self.connection.ask(request)
        for line in answer.headers("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if value and "max-age=0" not in line.lower():
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer


def query_of(answer: Answer) -> dict[str, str]:
    """Return the query of a redirect's target."""
    pairs = parse_qs(urlsplit(answer.header("location") or "").query)
    return {name: values[0] for name, values in pairs.items()}


def with_query(path: str, parameters: dict[str, str]) -> str:
    """Return `path` with a query string."""
    return path + "?" + "&".join(f"{name}={quote_plus(value)}" for name, value in parameters.items())
