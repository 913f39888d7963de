"""The local mailbox, put together. It has no accounts: it answers on loopback, under its own name only."""

import os
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from clients.mailbox.messages import newest_messages
from clients.relying_party.application import behind_edge
from clients.relying_party.cookies import Cookies
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.pages import Pages
from clients.relying_party.refusal_pages import install_refusal_pages
from clients.relying_party.settings import LOOPBACK, Environment, SettingRefused, SiteSettings


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    site: SiteSettings
    folder: Path
    messages: Path | None = None

    @classmethod
    def of(cls, environment: Environment) -> "MailboxSettings":
        """Return the settings; raises SettingRefused, also for an address that others can reach."""
        site = environment.site()
        if site.host not in LOOPBACK:
            raise SettingRefused("HOST must be loopback: the mailbox shows codes to whoever asks")
        messages = environment.text("MESSAGES_DIRECTORY", "")
        folder = Path(environment.text("MAIL_DIRECTORY"))
        return cls(site=site, folder=folder, messages=Path(messages) if messages else None)


def build_app(settings: MailboxSettings) -> HttpEdge:
    """Return the ASGI application; the folders are read when someone looks."""
    folders = tuple(folder for folder in (settings.folder, settings.messages) if folder)
    pages = Pages.of(Path(__file__).parent, Cookies("mailbox", settings.site), {})
    application = FastAPI(title="mailbox", openapi_url=None)
    install_refusal_pages(application, pages)

    @application.get("/")
    def inbox(request: Request) -> Response:
        return pages.render(request, "inbox.html", None, messages=newest_messages(*folders))

    @application.get("/style.css")
    def style() -> Response:
        return Response(pages.style, media_type="text/css")

    @application.get("/icon.svg")
    def icon() -> Response:
        return Response(pages.icon, media_type="image/svg+xml")

    @application.get("/livez")
    def livez() -> Response:
        return PlainTextResponse("ok")

    return behind_edge(application, settings.site)


def from_environment() -> HttpEdge:
    return build_app(MailboxSettings.of(Environment(os.environ)))
