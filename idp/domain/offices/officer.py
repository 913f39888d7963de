"""Officers: an account for the office, and the posts that its holder has, had and will have."""

from typing import Final

from idp.domain.accounts.account import AccountStatus
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.values import dataclass

NO_AGENCY: Final = ""
"""The agency of a post that belongs to none: of whoever looks after the provider itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """A post to be given; `held_to` None: without an end. `roles` are of `domain.offices.administration`, or others.

    `post_id` names it where whoever gives it has to know it again; empty: the record finds a name.
    """

    agency_code: str
    position: str
    roles: tuple[str, ...]
    held_from: Seconds
    held_to: Seconds | None = None
    post_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(NewPost):
    """A post as it stands in the record."""

    def continued(self, roles: tuple[str, ...], now: Seconds) -> NewPost:
        """The same post from now on with other roles."""
        return NewPost(
            agency_code=self.agency_code,
            position=self.position,
            roles=roles,
            held_from=Seconds(max(now, self.held_from)),
            held_to=self.held_to,
        )

    def gives_way_to(self, post: NewPost) -> bool:
        """Whether this post would not have begun when another begins that is given for good."""
        return self.held_from >= post.held_from

    def is_held(self, now: Seconds) -> bool:
        """Whether the post has begun and has not ended."""
        return self.held_from <= now and not self.is_over(now)

    def is_over(self, now: Seconds) -> bool:
        """Whether the post has ended."""
        return self.held_to is not None and self.held_to <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOfficer:
    """An officer to come. `person_id` None: an administrator without a personal number, known by the username alone."""

    account_id: AccountId
    username: str
    post: NewPost
    person_id: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerAccount:
    """An officer with every post that was, is or will be held, the newest first. `name` is personal data."""

    account_id: AccountId
    officer_id: str
    person_id: PersonId
    username: str
    name: str
    status: AccountStatus
    created_at: Seconds
    has_password: bool
    posts: tuple[Post, ...]
    given_name: str = ""
    taken_over_at: Seconds | None = None
    """When the account's link was used up; None where it has none, or one that is not."""

    @property
    def version(self) -> str:
        """What an administrator has seen: another post, another version."""
        return self.posts[0].post_id if self.posts else ""

    @property
    def holder_version(self) -> str:
        """The same, and who holds the account: once it is taken over anew, another version."""
        return f"{self.version}.{self.taken_over_at or ''}"

    def post_at(self, now: Seconds) -> Post | None:
        """The post held at `now`, or None: then the officer is no officer."""
        return next((post for post in self.posts if post.is_held(now)), None)

    def post_to_come(self, now: Seconds) -> Post | None:
        """The post that begins after `now`, or None."""
        return next((post for post in self.posts if post.held_from > now), None)

    def standing_post(self, now: Seconds) -> Post | None:
        """The post that says whose officer this is: the one held, else the one to come, else the last."""
        return self.post_at(now) or self.post_to_come(now) or next(iter(self.posts), None)
