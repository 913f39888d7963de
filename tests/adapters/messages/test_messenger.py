"""The contract of `Messenger`, on both ways, and which of them a setting opens."""

import json
import stat
from pathlib import Path
from typing import cast

import httpx
import pytest

from idp.adapters.messages.file_messenger import FileMessenger
from idp.adapters.messages.gateway_messenger import GatewayMessenger
from idp.adapters.messages.messenger import open_messenger
from idp.ports.http import OutgoingHttp
from idp.ports.messages import MessageError, Messenger, ShortMessage
from idp.settings import Settings, SettingsError
from tests.adapters.turned_clock import CountedEntropy, TurnedClock
from tests.services import ServicesInProcess

CODE = ShortMessage("+84912345678", "Mã xác nhận:\n123456\n")
GATEWAY = "https://127.0.0.1:9400/send"


class Gateway:
    """A gateway that answers with `status`."""

    def __init__(self, status: int = 202) -> None:
        self.status = status
        self.got: list[tuple[str, dict[str, str]]] = []
        self.services = ServicesInProcess(at_9400=self)

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 -- ASGI
        request = httpx.Headers(scope["headers"])
        self.got.append((request["authorization"], json.loads((await receive())["body"])))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def gateway_messenger(gateway: Gateway) -> GatewayMessenger:
    return GatewayMessenger(GATEWAY, "secret", cast("OutgoingHttp", gateway.services))


def file_messenger(folder: Path) -> FileMessenger:
    return FileMessenger(folder, TurnedClock(), CountedEntropy())


async def test_each_message_is_one_file_for_its_owner_only(tmp_path: Path) -> None:
    messenger = file_messenger(tmp_path / "messages")
    await messenger.send(CODE)
    await messenger.send(CODE)
    first, second = sorted((tmp_path / "messages").iterdir())
    assert first.suffix == second.suffix == ".txt"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert first.read_text(encoding="utf-8").splitlines()[:4] == ["To: +84912345678", "", "Mã xác nhận:", "123456"]


async def test_a_gateway_gets_number_and_text_under_its_secret() -> None:
    gateway = Gateway()
    await gateway_messenger(gateway).send(CODE)
    assert gateway.got == [("Bearer secret", {"to": "+84912345678", "text": CODE.text})]


@pytest.mark.parametrize("way", ["file", "refusing gateway", "silent gateway"])
async def test_a_message_that_did_not_leave_is_said_to_without_the_number(way: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    gateway = Gateway(503)
    if way == "silent gateway":
        gateway.services.down.add(9400)
    messenger: Messenger = file_messenger(tmp_path / "taken") if way == "file" else gateway_messenger(gateway)
    with pytest.raises(MessageError) as raised:
        await messenger.send(CODE)
    assert "912345678" not in str(raised.value)


def test_the_setting_decides(tmp_path: Path) -> None:
    gateway, secret = Gateway(), tmp_path / "secret"
    secret.write_text(" from-a-file\n")

    def opened(**settings: object) -> Messenger:
        made = Settings.model_validate(settings)
        return open_messenger(made, cast("OutgoingHttp", gateway.services), TurnedClock(), CountedEntropy())

    assert isinstance(opened(), FileMessenger)
    assert isinstance(opened(messages=GATEWAY, messages_secret=secret), GatewayMessenger)


@pytest.mark.parametrize("content", [None, "", "khóa"])
def test_a_gateway_without_a_secret_is_refused_at_start(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "secret").write_text(content)
    for path in (None, tmp_path / "secret"):
        settings = Settings(messages=GATEWAY, messages_secret=path)
        with pytest.raises(SettingsError, match="IDP_MESSAGES_SECRET"):
            open_messenger(settings, cast("OutgoingHttp", Gateway().services), TurnedClock(), CountedEntropy())
