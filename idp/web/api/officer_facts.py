"""What `/api/admin/officers` tells of an officer, of posts and of what locks the account."""

from pydantic import BaseModel, Field

from idp.domain.accounts.account_lock import AccountLock, Lifter, lifter_of
from idp.domain.offices.officer import OfficerAccount, Post


class PostTold(BaseModel):
    """A post; moments are seconds since 1970, `held_to` the first one out of office."""

    agency: str
    position: str
    roles: list[str]
    held_from: int
    held_to: int | None


class OfficerTold(BaseModel):
    """An officer. `seen` is what a change has to name: another post makes it another."""

    account_id: str
    officer_id: str
    username: str
    name: str
    status: str
    posts: list[PostTold] = Field(description="The newest first.")
    seen: str


class LockTold(BaseModel):
    """What locks the account: since when, by which office, for what reason, and who may end it."""

    ground: str
    agency: str = Field(description="Of whoever suspended; empty for what came by itself.")
    reason: str
    since: int
    ended_by: Lifter


class OfficerShown(OfficerTold):
    """An officer with what locks the account."""

    locks: list[LockTold]


def officer_told(officer: OfficerAccount) -> OfficerTold:
    """Return what is told of an officer."""
    return OfficerTold(
        account_id=officer.account_id,
        officer_id=officer.officer_id,
        username=officer.username,
        name=officer.name,
        status=officer.status.value,
        posts=[_post_told(post) for post in officer.posts],
        seen=officer.version,
    )


def lock_told(lock: AccountLock) -> LockTold:
    """Return what is told of a lock."""
    return LockTold(
        ground=lock.ground.value,
        agency=lock.authority,
        reason=lock.reason,
        since=lock.since,
        ended_by=lifter_of(lock),
    )


def _post_told(post: Post) -> PostTold:
    return PostTold(
        agency=post.agency_code,
        position=post.position,
        roles=list(post.roles),
        held_from=post.held_from,
        held_to=post.held_to,
    )
