"""RFC 5322 messages in a folder, one `.eml` file each, and messages to telephones, one `.txt` file each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path

LISTED = 50
LARGEST = 1_048_576  # bytes; a larger file is no message of ours
BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n){2,}")


@dataclass(frozen=True, slots=True)
class MailMessage:
    name: str  # of its file
    sender: str
    recipient: str
    subject: str
    sent_at: int
    text: str


def newest_messages(*folders: Path) -> list[MailMessage]:
    """Return the newest messages of the folders; a file that is no message, or gone meanwhile, is passed over."""
    found = (message for folder in folders for message in _messages(folder))
    return sorted(found, key=lambda message: (message.sent_at, message.name), reverse=True)[:LISTED]


def _messages(folder: Path) -> Iterator[MailMessage]:
    readers = {".eml": _message, ".txt": _telephone_message}
    for path in folder.glob("*.*"):
        try:
            stat = path.stat()
            if path.suffix in readers and stat.st_size <= LARGEST:
                yield readers[path.suffix](path.name, path.read_bytes(), stat.st_mtime)
        except (OSError, ValueError, LookupError):
            continue


def _telephone_message(name: str, content: bytes, modified: float) -> MailMessage:
    """Return what is behind the line that names the number; raises ValueError without one."""
    recipient, separator, text = content.decode().partition("\n\n")
    if not separator or not recipient.startswith("To: "):
        raise ValueError("not a message")
    number = recipient.removeprefix("To: ").strip()
    return MailMessage(name=name, sender="", recipient=number, subject="", sent_at=int(modified), text=text.strip())


def _message(name: str, content: bytes, modified: float) -> MailMessage:
    parsed = BytesParser(policy=policy.default).parsebytes(content)
    if not isinstance(parsed, EmailMessage):
        raise TypeError("not a message")
    return MailMessage(
        name=name,
        sender=str(parsed["From"] or ""),
        recipient=str(parsed["To"] or ""),
        subject=str(parsed["Subject"] or ""),
        sent_at=_sent_at(parsed, modified),
        text=_text(parsed),
    )


def _sent_at(parsed: EmailMessage, modified: float) -> int:
    try:
        date = parsedate_to_datetime(str(parsed["Date"]))
    except (TypeError, ValueError):
        return int(modified)
    return int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())


def _text(parsed: EmailMessage) -> str:
    """Return the text part, or the words of the HTML part; markup never reaches the page."""
    body = parsed.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    content = str(body.get_content())
    return content.strip() if body.get_content_subtype() == "plain" else _words(content)


def _words(html: str) -> str:
    reader = _WordReader()
    reader.feed(html)
    return BLANK_LINES.sub("\n\n", "".join(reader.pieces)).strip()


class _WordReader(HTMLParser):
    """Collects what a reader would see."""

    HIDDEN = frozenset({"script", "style", "head", "title"})
    BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's
        if tag in self.HIDDEN:
            self._hidden += 1
        elif tag in self.BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.HIDDEN and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
