"""Views of passkeys: use one, make one. Both need script, since only script can ask a browser for a passkey."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage

PASSKEY_SCRIPT = "passkeys.js"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyPage(FormPage):
    """Form `passkey`: field `credential`, filled by script from `options` (JSON of WebAuthn).

    `begins`: the browser asks at once; after a refusal the person presses the button first.
    """

    template: ClassVar[str] = "passkey.html"

    options: str
    other_ways_href: str
    begins: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskeyPage(FormPage):
    """Form `add-passkey`: fields `name` and `credential`, filled by script from `options`.

    `must`: the sign-in goes on only with a passkey, with `hardware` only with a security key. `asks_maker`: its maker
    is asked. `codes_href` leads to one-time codes in its place.
    """

    template: ClassVar[str] = "new_passkey.html"

    options: str
    name: str = ""
    must: bool = False
    hardware: bool = False
    asks_maker: bool = False
    codes_href: str | None = None
    back_href: str | None = None
