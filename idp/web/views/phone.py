"""Views of signing in on a computer with the yes of a phone: what the computer shows, and what the phone asks."""

from datetime import datetime
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage

REFRESH = 4
"""Seconds after which the page looks again by itself where no script runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonePage(FormPage):
    """Form `phone`: one button, which looks whether the phone said yes, or (`again`) shows a new picture.

    `open_url` goes into the picture while the request waits; `number` is shown once a phone has opened it. Both are
    empty when it is over. `state_href` answers with one word how far it came, which is `state` now.
    """

    template: ClassVar[str] = "phone.html"

    state: str
    state_href: str
    open_url: str = ""
    number: str = ""
    other_ways_href: str
    other_ways: bool
    refresh: int = REFRESH


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneOpenPage(FormPage):
    """Form `open-request` on the phone, for whoever was led here by another site: one button."""

    template: ClassVar[str] = "phone_open.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneApprovalPage(FormPage):
    """Form `approval` on the phone: fields `number` and `decision`, `allow` or `deny`.

    `browser` and `place` are the computer's, empty where they are not known, `nearness` how it lies to the phone
    (`domain.authenticators.phone_sign_in.Nearness`); `host` is where its address bar has to be.
    """

    template: ClassVar[str] = "phone_approval.html"

    browser: str
    place: str
    nearness: str
    host: str
    asked_at: datetime
    expires_at: datetime
