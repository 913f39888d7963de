"""What this provider leaves out on purpose, and why: the last table of `docs/specifications.md`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A part of a specification, or a whole one, that is not here."""

    specification: str
    part: str
    why: str


UNSUPPORTED = (
    Unsupported("RFC 6749", "section 4.3, the password grant", 'RFC 9700 section 2.4: it "MUST NOT be used"'),
    Unsupported(
        "RFC 6749",
        "section 4.2, the response type `token` alone",
        "RFC 9700 section 2.1.2: a token in an address leaks; no plan asks for it without an ID token",
    ),
    Unsupported(
        "RFC 6750", "section 2.3, the token in the query", "logs and histories keep addresses; FAPI 2.0 forbids it"
    ),
    Unsupported(
        "RFC 7518", "section 4.2, RSA1_5", 'RFC 8725 section 3.2: "Avoid all RSA-PKCS1 v1.5 encryption algorithms"'
    ),
    Unsupported("RFC 7518", "section 4.3, RSA-OAEP", "it needs SHA-1, and whoever has it has RSA-OAEP-256"),
    Unsupported(
        "RFC 7518", "sections 4.4 to 4.8, symmetric key encryption", "client secrets are hashes here, and no keys"
    ),
    Unsupported(
        "RFC 7591",
        "section 3, open registration",
        "anybody could show people a name of his choice; a token or a statement says who vouches",
    ),
    Unsupported("RFC 7636", "section 4.2, the method `plain`", "whoever reads the request could redeem the code"),
    Unsupported(
        "RFC 7518",
        "section 3.2, ID tokens and userinfo under a client's secret (`HS256`)",
        "who can verify could also write them",
    ),
    Unsupported(
        "RFC 7518",
        "sections 4.2 and 4.8, `RSA1_5` and passwords as keys",
        "RFC 8725 section 3.2: padding oracles, guessing",
    ),
    Unsupported("RFC 7522", "SAML assertions", "nobody here issues them; assertions are JWTs (RFC 7523)"),
    Unsupported(
        "RFC 8252",
        "section 7.3, any port of a loopback address",
        "redirect addresses are compared exactly, so that no other program of the machine can stand in",
    ),
    Unsupported(
        "RFC 7523", "section 2.1, assertions about people", "nobody but a person says here that a person is there"
    ),
    Unsupported(
        "RFC 8693",
        "sections 3 and 4.4, ID tokens and refresh tokens in exchange, `may_act`",
        "what is exchanged must end with its grant; a registered table says who may, and can be changed",
    ),
    Unsupported("RFC 8414", "section 2.1, signed metadata", "TLS vouches for the document; no plan reads a signature"),
    Unsupported("RFC 8473", "token binding", "browsers gave it up; DPoP and mutual TLS bind tokens instead"),
    Unsupported(
        "OpenID Connect Core 1.0", "section 2, ID tokens with the algorithm `none`", "a token that anybody could write"
    ),
    Unsupported(
        "OpenID Connect Core 1.0",
        "section 5.2, claims in several languages",
        "the register knows one of each; any `claims_locales` gets it, without a tag",
    ),
    Unsupported(
        "OpenID Connect Back-Channel Logout 1.0",
        "section 2.4, encrypted logout tokens",
        "they name a session and nobody; the specification leaves it to the provider",
    ),
    Unsupported(
        "OpenID Connect Core 1.0",
        "section 5.6.2, aggregated and distributed claims",
        "what is known of a person comes from here; no other source is passed on",
    ),
    Unsupported(
        "OpenID Connect Core 1.0",
        "section 6.1, request objects with the algorithm `none`",
        "whoever can change an address could change them too",
    ),
    Unsupported(
        "OpenID Connect Core 1.0", "section 7, self-issued providers", "who somebody is is proved, not said by himself"
    ),
    Unsupported(
        "OpenID Connect Discovery 1.0",
        "section 2, WebFinger",
        "there is one provider for everybody: services know its address",
    ),
    Unsupported(
        "Initiating User Registration via OpenID Connect 1.0",
        "`prompt=create`",
        "accounts are made from the population register, not by a form",
    ),
    Unsupported(
        "OpenID Attachments 1.0",
        "embedded attachments, and access tokens of their own",
        "no pictures of documents are kept here: the offices that scanned them give them out",
    ),
    Unsupported(
        "OpenID Connect Client-Initiated Backchannel Authentication Core 1.0",
        "section 7.1, `id_token_hint`, `login_hint_token` and `user_code`",
        "pairwise subjects cannot be turned back into people; whoever approves has signed in",
    ),
    Unsupported(
        "OpenID Connect Client-Initiated Backchannel Authentication Core 1.0",
        "section 10.3, refresh tokens in pushed answers",
        "what got lost is made again, and no token is kept for that",
    ),
    Unsupported("FAPI 1.0", "both parts", "FAPI 2.0 takes their place"),
    Unsupported("OpenID Federation 1.0", "all", "there is one operator, who registers every service himself"),
    Unsupported("Grant Management for OAuth 2.0", "all", "a draft that nobody here asks for"),
)
