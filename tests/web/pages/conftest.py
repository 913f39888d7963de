"""The provider of the flow tests, and one page endpoint on its own."""

from pathlib import Path

import pytest

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.places.network_file import NetworkPlaces
from idp.web.edge.cookies import Cookies
from idp.web.edge.headers import SecurityHeaders
from idp.web.pages.desk import Desk
from idp.web.pages.visit import Reception
from idp.web.rendering import Renderer
from idp.web.static_files import StaticFiles
from tests.flows.conftest import browser, prepared, provider, shared_templates
from tests.flows.provider import ISSUER, SettableClock, settings_for

__all__ = ["browser", "prepared", "provider", "shared_templates"]


@pytest.fixture(scope="session")
def desk() -> Desk:
    """Renders pages."""
    return Desk(Renderer(StaticFiles()), SecurityHeaders(ISSUER), Cookies(ISSUER))


@pytest.fixture(scope="session")
def reception(prepared: Path) -> Reception:
    """Reads visits."""
    settings = settings_for(prepared, {})
    keystore = FileKeystore(settings.keystore_path, load_secret(settings.secret_file, create=False), SettableClock())
    return Reception(Cookies(ISSUER), keystore.subject_keys(), SystemEntropy(), NetworkPlaces(()), "vi")
