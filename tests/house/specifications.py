"""`docs/specifications.md`, made from what the code says of itself; run as a module it writes the page anew."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.house.plans import Plan, plans
from tests.house.source import ROOT, modules, name, tree
from tests.house.unsupported import UNSUPPORTED

PAGE: Final = ROOT / "docs/specifications.md"
TITLES: Final = {
    "RFC 3986": "Uniform Resource Identifiers",
    "RFC 5321": "Simple Mail Transfer Protocol",
    "RFC 6238": "Time-Based One-Time Passwords",
    "RFC 6585": "Additional HTTP Status Codes",
    "RFC 6749": "The OAuth 2.0 Authorization Framework",
    "RFC 6750": "Bearer Token Usage",
    "RFC 6819": "OAuth 2.0 Threat Model",
    "RFC 7009": "Token Revocation",
    "RFC 7239": "Forwarded HTTP Extension",
    "RFC 7512": "The PKCS #11 URI Scheme",
    "RFC 7515": "JSON Web Signature",
    "RFC 7516": "JSON Web Encryption",
    "RFC 7517": "JSON Web Key",
    "RFC 7518": "JSON Web Algorithms",
    "RFC 7519": "JSON Web Token",
    "RFC 7521": "Assertion Framework",
    "RFC 7522": "SAML 2.0 Profile for OAuth 2.0",
    "RFC 7523": "JWT Profile for Client Authentication and Grants",
    "RFC 7591": "Dynamic Client Registration",
    "RFC 7592": "Dynamic Client Registration Management",
    "RFC 7636": "Proof Key for Code Exchange",
    "RFC 7638": "JSON Web Key Thumbprint",
    "RFC 7643": "SCIM: Core Schema",
    "RFC 7644": "SCIM: Protocol",
    "RFC 7662": "Token Introspection",
    "RFC 7800": "Proof-of-Possession Key Semantics for JWTs",
    "RFC 8037": "CFRG Curves and Signatures in JOSE",
    "RFC 8252": "OAuth 2.0 for Native Apps",
    "RFC 8414": "Authorization Server Metadata",
    "RFC 8417": "Security Event Token",
    "RFC 8473": "Token Binding over HTTP",
    "RFC 8628": "Device Authorization Grant",
    "RFC 8693": "Token Exchange",
    "RFC 8705": "Mutual-TLS Client Authentication and Certificate-Bound Access Tokens",
    "RFC 8707": "Resource Indicators",
    "RFC 8725": "JSON Web Token Best Current Practices",
    "RFC 8935": "Push-Based Security Event Token Delivery Using HTTP",
    "RFC 9068": "JWT Profile for Access Tokens",
    "RFC 9101": "JWT-Secured Authorization Request",
    "RFC 9106": "Argon2",
    "RFC 9110": "HTTP Semantics",
    "RFC 9112": "HTTP/1.1",
    "RFC 9126": "Pushed Authorization Requests",
    "RFC 9207": "Authorization Server Issuer Identification",
    "RFC 9396": "Rich Authorization Requests",
    "RFC 9440": "Client-Cert HTTP Header Field",
    "RFC 9449": "Demonstrating Proof of Possession (DPoP)",
    "RFC 9470": "Step-Up Authentication Challenge",
    "RFC 9700": "Best Current Practice for OAuth 2.0 Security",
    "RFC 9701": "JWT Response for Token Introspection",
    "RFC 9728": "Protected Resource Metadata",
}
ALIASES: Final = {
    "OpenID Connect Registration": "OpenID Connect Dynamic Client Registration 1.0",
    "OpenID Connect Dynamic Client Registration": "OpenID Connect Dynamic Client Registration 1.0",
    "OpenID Connect Core": "OpenID Connect Core 1.0",
    "OpenID Connect Discovery": "OpenID Connect Discovery 1.0",
    "OpenID Connect Session Management": "OpenID Connect Session Management 1.0",
    "OpenID Connect Front-Channel Logout": "OpenID Connect Front-Channel Logout 1.0",
    "OpenID Connect Back-Channel Logout": "OpenID Connect Back-Channel Logout 1.0",
    "OpenID Connect RP-Initiated Logout": "OpenID Connect RP-Initiated Logout 1.0",
    "OpenID Connect CIBA Core": "OpenID Connect Client-Initiated Backchannel Authentication Core 1.0",
}
WHOLE: Final = {
    *("RFC 6238", "RFC 7239", "RFC 7512", "RFC 7515", "RFC 7591", "RFC 7592", "RFC 8725", "RFC 9106", "RFC 9207"),
    *("RFC 9440", "OAuth 2.0 Form Post Response Mode"),
}
"""Named without a section where the whole of it is meant."""

_NUMBER = r"[A-Z]?\.?\d+(?:\.\d+)*"
_CITED: Final = re.compile(
    r"(?P<specification>RFC \d{4}|(?:OpenID|OAuth 2\.0|FAPI)(?: (?:for |of )?[A-Z0-9][\w.-]*)*"
    r"|ISO/IEC(?: TS)? \d+|NIST SP [\d-]+\w)"
    rf"(?:,? (?:[Ss]ections?|[Aa]ppendix|§) (?P<sections>{_NUMBER}(?:(?:, | and |, and | to ){_NUMBER})*))?"
)


@dataclass(frozen=True, slots=True)
class Citation:
    """One specification that a module names in its first line."""

    specification: str
    sections: str
    path: Path
    about: str

    @property
    def tests(self) -> str:
        """The test that mirrors the module, and nothing where another one reaches it."""
        inside = self.path.relative_to(ROOT / "idp")
        mirrored = ROOT / "tests" / inside.parent / f"test_{inside.name}"
        return f"`{name(mirrored)}`" if mirrored.is_file() else ""

    @property
    def place(self) -> tuple[int, str, list[int], str]:
        """Where the line stands: OpenID's and OAuth's specifications first by name, then RFCs by number."""
        number = int(self.specification.removeprefix("RFC ")) if self.specification.startswith("RFC ") else 0
        return (
            number,
            self.specification,
            [int(digits) for digits in re.findall(r"\d+", self.sections)],
            name(self.path),
        )


def citations() -> Iterator[Citation]:
    """Yield what every module of the provider says it implements."""
    for path in modules("idp"):
        line = (ast.get_docstring(tree(path)) or "").partition("\n\n")[0].replace("\n", " ")
        head, _, rest = line.partition(": ")
        for cited in _CITED.finditer(line):
            specification = ALIASES.get(cited["specification"].strip(), cited["specification"].strip())
            if cited["sections"] or specification in WHOLE:
                about = rest if rest and cited.end() <= len(head) else line
                yield Citation(specification, cited["sections"] or "", path, about)


def page() -> str:
    """Return the page as it has to be now."""
    return "\n".join((*_head(), *_modules(), *_plans(), *_unsupported(), ""))


def _head() -> Iterator[str]:
    yield "# Specifications, and where each is implemented"
    yield ""
    yield "Made from the code by `make specifications`; a test fails where this page says otherwise. The first line"
    yield "of a module names what it implements; its test lies under the same name, with a refusal for each MUST."


def _modules() -> Iterator[str]:
    yield from ("", "## What is implemented", "")
    yield "| specification | section | file | tests | notes |"
    yield "|---|---|---|---|---|"
    for cited in sorted(set(citations()), key=lambda each: each.place):
        title = f"{cited.specification} ({TITLES[cited.specification]})" if cited.specification in TITLES else ""
        about = cited.about.replace("|", "\\|").rstrip(".")
        yield (
            f"| {title or cited.specification} | {cited.sections} | `{name(cited.path)}` | {cited.tests} | {about} |"
        )


_TO_RUN_FAPI_CIBA = (
    "Whoever runs fapi-ciba-id1-test-plan gives its clients `profile: default`: it was written for FAPI 1, and",
    "`fapi2` takes no assertion that is addressed to an endpoint. After a denial a client has to wait for ten minutes",
    "before it asks that person again ([why](relying-party-guide.md#11-for-some-services)): name another person for",
    "the modules behind the one in which the request is rejected. The client hears of a denial by ping, or at its next",
    "poll.",
)


def _plans() -> Iterator[str]:
    yield from ("", "## The OpenID Foundation's plans for providers", "")
    yield "A test of the same name stands for each module of each plan (`tests/conformance/plans.yaml`)."
    yield from ("", *_TO_RUN_FAPI_CIBA)
    yield from ("", "| plan | modules | tests | left out |", "|---|---|---|---|")
    for plan in plans():
        reasons = "; ".join(f"`{module}`: {why}" for module, why in plan.left_out.items())
        yield f"| {plan.name} | {_extent(plan)} | {', '.join(f'`{name(path)}`' for path in plan.files)} | {reasons} |"


def _extent(plan: Plan) -> str:
    return f"those of {plan.reruns}" if plan.reruns else str(len(plan.modules))


def _unsupported() -> Iterator[str]:
    yield from ("", "## What is not supported, on purpose", "", "| specification | part | why |", "|---|---|---|")
    for each in UNSUPPORTED:
        title = f" ({TITLES[each.specification]})" if each.specification in TITLES else ""
        yield f"| {each.specification}{title} | {each.part} | {each.why} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{name(PAGE)}: written")
