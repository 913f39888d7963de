import asyncio
import stat
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from idp.adapters.mail.file_mailer import FileMailer
from idp.ports.mail import Mail, MailError
from tests.adapters.turned_clock import START, CountedEntropy, TurnedClock

MAIL = Mail("nguyen@example.vn", "Mã xác nhận", "123456")


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def mailer(tmp_path: Path, clock: TurnedClock) -> FileMailer:
    return FileMailer(tmp_path / "var" / "mail", "no-reply@id.gov.vn", clock, CountedEntropy())


async def test_each_message_is_one_file_for_its_owner_only(mailer: FileMailer, tmp_path: Path) -> None:
    await mailer.send(MAIL)
    (file,) = (tmp_path / "var" / "mail").iterdir()
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert message["To"] == "nguyen@example.vn"
    assert message.get_content().strip() == "123456"


async def test_names_sort_by_time_and_never_collide(mailer: FileMailer, tmp_path: Path, clock: TurnedClock) -> None:
    for number in range(4):
        clock.seconds = START + number // 2
        await mailer.send(Mail("a@b.vn", f"number {number}", "text"))
    files = sorted((tmp_path / "var" / "mail").iterdir())
    subjects = [message_from_bytes(file.read_bytes(), policy=default)["Subject"] for file in files]
    assert subjects == [f"number {number}" for number in range(4)]


async def test_many_messages_at_once_are_all_there(mailer: FileMailer, tmp_path: Path) -> None:
    await asyncio.gather(*(mailer.send(MAIL) for _ in range(50)))
    assert len(list((tmp_path / "var" / "mail").glob("*.eml"))) == 50
    assert len(list((tmp_path / "var" / "mail").iterdir())) == 50


async def test_a_message_that_cannot_be_written_is_told(mailer: FileMailer, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")
    with pytest.raises(MailError, match="cannot be written"):
        await mailer.send(MAIL)


async def test_a_refused_message_leaves_no_file(mailer: FileMailer, tmp_path: Path) -> None:
    with pytest.raises(MailError):
        await mailer.send(Mail("a@b.vn\nBcc: c@d.vn", "subject", "text"))
    assert not (tmp_path / "var").exists()
