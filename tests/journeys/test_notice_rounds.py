import pytest

from idp.domain.accounts.account import Contact, ContactKind
from idp.journeys.notice_rounds import PATIENCE, NoticeRound
from idp.ports.mail import MailError, RecipientRefusedError

PHONE = Contact(ContactKind.PHONE, "+84912345678")
EMAIL = Contact(ContactKind.EMAIL, "an@example.vn")
BOTH = (PHONE, EMAIL)


class Post:
    """Takes letters, or fails as it is told."""

    def __init__(self, fails: type[MailError] | None = None) -> None:
        self.fails = fails
        self.taken: list[Contact] = []

    async def send(self, contact: Contact) -> None:
        if self.fails is not None:
            raise self.fails
        self.taken.append(contact)


async def test_whoever_has_an_address_is_told_there() -> None:
    post = Post()
    assert await NoticeRound().tell(BOTH, post.send, waited=0) is True
    assert post.taken == [EMAIL]


async def test_without_an_address_nobody_is_told() -> None:
    assert await NoticeRound().tell((PHONE,), Post().send, waited=0) is False


async def test_a_refused_address_is_not_tried_again() -> None:
    assert await NoticeRound().tell(BOTH, Post(RecipientRefusedError).send, waited=0) is False


async def test_what_the_server_does_not_take_is_tried_again_for_a_while() -> None:
    notices, post = NoticeRound(), Post(MailError)
    assert await notices.tell(BOTH, post.send, waited=PATIENCE - 1) is None
    assert await notices.tell(BOTH, post.send, waited=PATIENCE) is False


async def test_a_server_that_takes_nothing_ends_the_round_and_the_next_begins_anew() -> None:
    notices, post = NoticeRound(), Post(MailError)
    for _ in range(2):
        notices.begin()
        for _ in range(4):
            assert await notices.tell(BOTH, post.send, waited=0) is None
        with pytest.raises(MailError):
            await notices.tell(BOTH, post.send, waited=0)


async def test_one_letter_that_leaves_tells_that_the_server_works() -> None:
    notices, post = NoticeRound(), Post()
    for _ in range(3):
        post.fails = MailError
        for _ in range(4):
            assert await notices.tell(BOTH, post.send, waited=0) is None
        post.fails = None
        assert await notices.tell(BOTH, post.send, waited=0) is True
