"""The frame of the console and of its JSON API: who is let in."""

from idp.web.console.rooms import CONSOLE
from tests.flows.provider import PASSWORD, Browser, Provider


async def test_nobody_enters_without_signing_in(provider: Provider) -> None:
    page = await provider.browser().get(CONSOLE)
    assert page.has_form("sign-in")
