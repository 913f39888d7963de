from email.message import EmailMessage
from pathlib import Path
from time import process_time

import httpx
import pytest

from clients.mailbox.app import MailboxSettings, build_app
from clients.mailbox.messages import newest_messages
from clients.relying_party.settings import Environment


def put(folder: Path, name: str, subject: str, date: str, text: str, html: str | None = None) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "no-reply@example.vn", "an@example.vn"
    message["Subject"], message["Date"] = subject, date
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    (folder / name).write_bytes(bytes(message))


async def inbox(folder: Path, path: str = "/", host: str = "localhost") -> httpx.Response:
    app = build_app(MailboxSettings.of(Environment({"PORT": "9004", "MAIL_DIRECTORY": str(folder)})))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}:9004") as browser:
        return await browser.get(path)


async def test_messages_are_listed_newest_first_as_text(tmp_path: Path) -> None:
    put(tmp_path, "a.eml", "Cũ", "Sun, 22 Nov 2026 08:00:00 +0700", "Mã của bạn:\n\n111111\n")
    put(tmp_path, "b.eml", "Mới", "Sun, 22 Nov 2026 09:00:00 +0700", "Mã của bạn:\n\n222222\n", "<p>khác</p>")
    page = await inbox(tmp_path)
    assert page.status_code == 200
    assert page.text.index("222222") < page.text.index("111111")
    assert "khác" not in page.text
    assert 'data-to="an@example.vn"' in page.text


async def test_messages_to_telephones_stand_among_the_others(tmp_path: Path) -> None:
    mails, messages = tmp_path / "mail", tmp_path / "messages"
    mails.mkdir()
    messages.mkdir()
    put(mails, "a.eml", "Thư", "Sun, 22 Nov 2020 08:00:00 +0700", "111111")
    (messages / "b.txt").write_text("To: +84912345678\n\nMã:\n222222\n", encoding="utf-8")
    (messages / "c.txt").write_text("no message", encoding="utf-8")
    variables = {"PORT": "9004", "MAIL_DIRECTORY": str(mails), "MESSAGES_DIRECTORY": str(messages)}
    app = build_app(MailboxSettings.of(Environment(variables)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:9004") as browser:
        page = await browser.get("/")
    assert page.text.count("<article") == 2
    assert 'data-to="+84912345678"' in page.text
    assert page.text.index("222222") < page.text.index("111111")


async def test_markup_in_a_message_is_never_markup_on_the_page(tmp_path: Path) -> None:
    evil = '<script>alert(1)</script><a href="javascript:alert(2)">x</a> http://localhost:8000/ok'
    put(tmp_path, "a.eml", "<b>x</b>", "Sun, 22 Nov 2026 08:00:00 +0700", evil)
    page = await inbox(tmp_path)
    assert "<script" not in page.text
    assert "<b>x" not in page.text
    assert 'href="javascript' not in page.text
    assert '<a href="http://localhost:8000/ok"' in page.text


def test_a_message_with_html_alone_is_shown_as_its_words(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "HTML"
    message.set_content("<head><title>t</title></head><style>x{}</style><p>Xin chào</p><p>123456</p>", subtype="html")
    (tmp_path / "a.eml").write_bytes(bytes(message))
    [found] = newest_messages(tmp_path)
    assert found.text == "Xin chào\n123456"


def test_a_message_of_many_empty_lines_is_shown_as_soon_as_any_other(tmp_path: Path) -> None:
    message = EmailMessage()
    message.set_content(
        f"<p>a</p>{' ' * 900}<br> ".replace(" ", "<br> ") + "<p>b</p>" + "<br>" * 20_000, subtype="html"
    )
    (tmp_path / "a.eml").write_bytes(bytes(message))
    started = process_time()
    [found] = newest_messages(tmp_path)
    assert found.text == "a\n\nb"
    assert process_time() - started < 5


def test_files_that_are_no_messages_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no")
    (tmp_path / "folder.eml").mkdir()
    (tmp_path / "large.eml").write_bytes(b"x" * 1_048_577)
    (tmp_path / "charset.eml").write_bytes(b"Content-Type: text/plain; charset=no-such\n\nx")
    (tmp_path / "binary.eml").write_bytes(b"\xff\xfe\x00")
    put(tmp_path, "date.eml", "Không ngày", "yesterday", "x")
    assert "Không ngày" in [message.subject for message in newest_messages(tmp_path)]


async def test_an_empty_or_missing_folder_is_an_empty_page(tmp_path: Path) -> None:
    assert 'id="empty"' in (await inbox(tmp_path / "none")).text
    assert '<html lang="en">' in (await inbox(tmp_path, "/?lang=en")).text


@pytest.mark.parametrize("path", ["/livez", "/style.css", "/icon.svg"])
async def test_the_rest_of_the_mailbox_answers(tmp_path: Path, path: str) -> None:
    assert (await inbox(tmp_path, path)).status_code == 200


async def test_a_page_elsewhere_cannot_read_the_mailbox_under_its_own_name(tmp_path: Path) -> None:
    assert (await inbox(tmp_path, host="evil.example")).status_code == 400
