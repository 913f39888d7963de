"""A provider beside the simulated population register and biometric verifier, which it reaches without sockets."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_string, policy
from pathlib import Path
from typing import Any

import httpx

from clients.population_registry.app import build_app
from clients.population_registry.faults import Faults
from clients.population_registry.settings import RegistrySettings
from clients.relying_party.settings import SiteSettings
from idp.cli.demo_certificates import ServiceKeys
from tests.adapters.registry.verifier import SECRET, URL, simulated_verifier
from tests.flows.provider import Page, Provider, running_provider
from tests.services import ServicesInProcess

REGISTER = "https://localhost:8005"


@dataclass
class Town:
    """The provider and what it asks."""

    provider: Provider
    services: ServicesInProcess

    def browser_at_verifier(self) -> httpx.AsyncClient:
        """A browser that speaks to the verifier alone."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.services.apps[8006]))


@asynccontextmanager
async def running_town(folder: Path, keys: ServiceKeys) -> AsyncIterator[Town]:
    """Everything of `folder`, at the time of day: the simulated services go by it."""
    register = build_app(RegistrySettings(SiteSettings(REGISTER, "127.0.0.1", 8005), Faults()))
    services = ServicesInProcess(at_8005=register, at_8006=simulated_verifier(keys))
    told: dict[str, Any] = {
        "population_registry": REGISTER,
        "biometric_verifier": URL,
        "biometric_verifier_secret": SECRET,
        "biometric_verifier_keys": keys.outcomes_keys,
        "service_certificate": keys.certificate("provider"),
        "service_key": keys.key("provider"),
        "service_ca": keys.authority,
    }
    async with running_provider(folder, services=services, **told) as provider:
        provider.clock.at = int(time.time())
        yield Town(provider, services)


def mails(provider: Provider) -> list[tuple[str, str, str]]:
    """Recipient, subject and text of every message, oldest first."""
    messages = [message_from_string(mail, policy=policy.default) for mail in provider.mails()]
    return [(str(each["to"]), str(each["subject"]), str(each.get_content())) for each in messages]


def code_in(text: str) -> str:
    """The code of a message, on a line of its own."""
    (code,) = (line for line in text.splitlines() if re.fullmatch(r"\d{6}", line))
    return code


def without_own_values(page: Page) -> str:
    """The page without what differs for each registration: its address, the token, the masked contact."""
    text = re.sub(r"/open-account/[\w-]+/", "/open-account/ID/", page.text)
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", text)
    return re.sub(r"\S•••@\S+?</strong>", "CONTACT", text)
