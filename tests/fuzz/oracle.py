"""What must hold of every answer, whatever was asked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from bench.connection import Answer

STRANGER = "stranger-zq.example"
"""A host that nobody registered."""

MARK = "<zq\"'>"
"""Would be a tag if it came back as it was sent."""

INJECTED = "x-zq-injected"
"""A header that only a line end in another one could bring about."""

_LEADS = re.compile(r"""\b(?:action|href|src|content)\s*=\s*["']([^"']*)""")


@dataclass(frozen=True, slots=True)
class Oracle:
    """`addresses` are those where an answer may be sent to; `secrets` never come back."""

    origin: str
    addresses: Sequence[str]
    secrets: Sequence[bytes]

    def faults(self, answer: Answer) -> Iterator[str]:
        """Yield what is wrong with an answer."""
        if answer.status >= 500:
            yield f"status {answer.status}"
        if not 200 <= answer.status < 600:
            yield f"no final status: {answer.status}"
        for place in answer.headers("location"):
            if not self.may_lead_to(place):
                yield f"redirects to {place[:200]}"
        if answer.header(INJECTED) is not None:
            yield "a header was injected"
        for secret in self.secrets:
            if secret in answer.body or secret in answer.head:
                yield f"a secret comes back: {secret[:6]!r}…"
        yield from self._faults_of_body(answer)

    def may_lead_to(self, place: str) -> bool:
        """Whether an address is the provider's own, or a registered one exactly, with an answer behind it or not."""
        if place.startswith("/") and not place.startswith(("//", "/\\")):
            return True
        if place == self.origin or place.startswith(f"{self.origin}/"):
            return True
        return any(
            place == address or place.startswith((f"{address}#", f"{address}{'&' if '?' in address else '?'}"))
            for address in self.addresses
        )

    def _faults_of_body(self, answer: Answer) -> Iterator[str]:
        if not answer.body:
            return
        kind = (answer.header("content-type") or "").partition(";")[0].strip()
        if not kind:
            yield "a body without a content type"
        if b"Traceback (most recent call last)" in answer.body:
            yield "a traceback comes back"
        if b"<zq" in answer.body:
            # In JSON it is data, as long as no browser takes it for a page.
            if not kind.endswith("json"):
                yield f"{kind} repeats what was sent without escaping it"
            elif answer.header("x-content-type-options") != "nosniff":
                yield "JSON that a browser may take for a page"
        if kind == "text/html":
            yield from self._faults_of_page(answer.body.decode("utf-8", "replace"))

    def _faults_of_page(self, page: str) -> Iterator[str]:
        for found in _LEADS.finditer(page):
            place = unescape(found[1])
            if host_of(place) == STRANGER:
                yield f"a page leads to {place[:200]}"
        for action in re.findall(r"<form\b[^>]*\baction=\"([^\"]*)\"", page):
            if not self.may_lead_to(unescape(action)):
                yield f"a form leads to {unescape(action)[:200]}"


def host_of(place: str) -> str | None:
    """The host of an address as a browser reads it, or None."""
    try:
        return urlsplit(place.replace("\\", "/")).hostname
    except ValueError:
        return None
