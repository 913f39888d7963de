"""Security headers by kind of answer, made once at start.

Every answer: `X-Content-Type-Options`, `Referrer-Policy`, and `Strict-Transport-Security` where the issuer is https.
"""

from urllib.parse import urlsplit

Headers = tuple[tuple[bytes, bytes], ...]

_LOCKED_DOWN = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_FEATURES = (
    b"accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
    b"midi=(), payment=(), serial=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
)
_TWO_YEARS = b"max-age=63072000; includeSubDomains"


class SecurityHeaders:
    """Header tuples for an issuer; a handler adds its own content type, length and cookies.

    `page`: HTML, with the `Content-Security-Policy` of that page put in front (`page_headers`).
    `protocol`: tokens, userinfo, introspection and their errors, redirects too: never stored.
    `document`: discovery and JWKS: public, cached for five minutes, readable from any origin.
    `static`: style sheets and pictures; their caching comes with the file.
    """

    def __init__(self, issuer: str) -> None:
        common: Headers = ((b"x-content-type-options", b"nosniff"),)
        if urlsplit(issuer).scheme == "https":
            common += ((b"strict-transport-security", _TWO_YEARS),)
        # `same-origin`, not `no-referrer`: the latter turns the Origin of our own forms into `null`.
        self.page: Headers = (
            *common,
            (b"cache-control", b"no-store"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", _FEATURES),
            (b"x-frame-options", b"DENY"),
        )
        locked: Headers = (
            *common,
            (b"referrer-policy", b"no-referrer"),
            (b"content-security-policy", _LOCKED_DOWN),
        )
        # RFC 6749 section 5.1: "Cache-Control" with "no-store" as well as "Pragma" with "no-cache".
        self.protocol: Headers = (*locked, (b"cache-control", b"no-store"), (b"pragma", b"no-cache"))
        self.document: Headers = (
            *locked,
            (b"cache-control", b"public, max-age=300"),
            (b"access-control-allow-origin", b"*"),
        )
        self.static: Headers = (
            *common,
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-resource-policy", b"same-origin"),
        )

    def page_headers(self, policy: str) -> Headers:
        """Return the headers of an HTML page under `policy` (`idp.web.page_policy`)."""
        return ((b"content-security-policy", policy.encode("ascii")), *self.page)
