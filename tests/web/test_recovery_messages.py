import pytest

from idp.domain.accounts.account import Contact, ContactKind
from idp.ports.mail import Mail
from idp.ports.messages import MessageError, ShortMessage
from idp.web.recovery_messages import SentRecoveryMessages
from idp.web.rendering import Renderer
from idp.web.static_files import StaticFiles
from idp.web.written_words import WrittenWords

URL = "https://id.example.vn/account/recovery"
EMAIL = Contact(ContactKind.EMAIL, "an@example.vn")
PHONE = Contact(ContactKind.PHONE, "+84912345678")


class Post:
    """Takes mails and messages alike."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    async def reaches_beyond_ascii(self) -> bool:
        return False

    async def send(self, sent: Mail | ShortMessage) -> None:
        self.taken.append((sent.recipient, sent.text))


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(StaticFiles())


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def messages(renderer: Renderer, post: Post) -> SentRecoveryMessages:
    return SentRecoveryMessages(renderer, WrittenWords(renderer, post, post), recovery_url=URL)


@pytest.mark.parametrize("contact", [EMAIL, PHONE])
async def test_a_code_stands_alone_on_a_line_wherever_it_goes(
    messages: SentRecoveryMessages, post: Post, contact: Contact
) -> None:
    await messages.recovery_code(contact, "123456", "vi")
    ((recipient, text),) = post.taken
    assert recipient == contact.address
    assert "123456" in text.splitlines()


async def test_without_a_contact_nothing_leaves(messages: SentRecoveryMessages, post: Post) -> None:
    await messages.recovery_code(None, "123456", "vi")
    assert post.taken == []


async def test_helpers_are_told_who_asks_and_where_to_answer(messages: SentRecoveryMessages, post: Post) -> None:
    await messages.help_asked(EMAIL, "Nguyễn Văn An", "request-1", "en")
    await messages.trust_asked(EMAIL, "Nguyễn Văn An", "vi")
    (_, asked), (_, named) = post.taken
    assert f"{URL}/requests/request-1" in asked.splitlines()
    assert URL in named.splitlines()
    assert "Nguyễn Văn An" in asked
    assert "Nguyễn Văn An" in named


async def test_what_is_long_does_not_go_to_a_telephone(messages: SentRecoveryMessages) -> None:
    with pytest.raises(MessageError):
        await messages.help_asked(PHONE, "Nguyễn Văn An " * 30, "request-1", "vi")
