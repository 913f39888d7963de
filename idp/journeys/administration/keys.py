"""The keys of the provider: seen by security administrators and auditors, changed by two of the former."""

from collections.abc import Mapping

from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest, ChangeState
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, NotFoundError
from idp.journeys.administration.four_eyes import FourEyes
from idp.ports.key_register import KeyFacts, KeyInUseError, KeyPurpose, KeyRegister

PUBLISHED = "published"
"""The state in which a signing key may be retired."""


class RotateKeys:
    """Implements `ChangeKind`: the next key goes to work. The subject is purpose and algorithm: `signing:ES256`."""

    name = "keys.rotate"
    asks = Action.KEYS_ASK
    decides = Action.KEYS_DECIDE

    def __init__(self, register: KeyRegister) -> None:
        self._register = register

    async def version(self, subject: str) -> str:
        """The keys of the algorithm and their states."""
        keys = [key for key in await self._register.listed() if subject and rotation_subject(key) == subject]
        if not keys:
            raise NotFoundError
        return " ".join(f"{key.key_id}:{key.state}" for key in keys)

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What the decider reads."""
        purpose, _, algorithm = change.subject.partition(":")
        return {"key.purpose": purpose, "key.algorithm": algorithm}

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Rotate, unless somebody did since; what a stopped process had rotated already is done."""
        now = await self.version(change.subject)
        if change.state is ChangeState.APPROVED and _handed_over(change.version, now):
            return
        if now != change.version:
            raise ChangedMeanwhileError
        purpose, _, algorithm = change.subject.partition(":")
        await self._register.rotate(KeyPurpose(purpose), algorithm, decider.origin)


class RetireKey:
    """Implements `ChangeKind`: what a published key signed is not believed any more. The subject is the key."""

    name = "keys.retire"
    asks = Action.KEYS_ASK
    decides = Action.KEYS_DECIDE

    def __init__(self, register: KeyRegister) -> None:
        self._register = register

    async def version(self, subject: str) -> str:
        """The state of the key."""
        key = next((key for key in await self._register.listed() if key.key_id == subject), None)
        if key is None or key.purpose is not KeyPurpose.SIGNING:
            raise NotFoundError
        return key.state

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What the decider reads."""
        return {"key.id": change.subject}

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Retire it."""
        try:
            await self._register.retire(change.subject, decider.origin)
        except KeyInUseError:
            raise ChangedMeanwhileError from None


class KeyDesk:
    """What the page of keys asks."""

    def __init__(self, register: KeyRegister, four_eyes: FourEyes) -> None:
        self._register = register
        self._four_eyes = four_eyes

    async def listed(self, admin: Administrator) -> tuple[KeyFacts, ...]:
        """Every key that is not gone. Raises `NotAllowedError`."""
        admin.must(Action.KEYS_VIEW)
        return await self._register.listed()

    async def ask_rotation(self, admin: Administrator, subject: str) -> ChangeRequest:
        """Ask that the next key goes to work. Raises `AdministrationError`."""
        return await self._four_eyes.ask(admin, RotateKeys.name, subject, {})

    async def ask_retirement(self, admin: Administrator, key_id: str) -> ChangeRequest:
        """Ask that a published key is believed no more. Raises `AdministrationError`."""
        key = next((key for key in await self._register.listed() if key.key_id == key_id), None)
        if key is None:
            raise NotFoundError
        if key.state != PUBLISHED:
            raise ChangedMeanwhileError
        return await self._four_eyes.ask(admin, RetireKey.name, key_id, {})


def _handed_over(before: str, now: str) -> bool:
    """Whether what stood `next` or `current` at `before` has taken its following place by `now`."""
    steps = {"next": "signing", "current": "former"}
    known = dict(part.rsplit(":", 1) for part in before.split())
    states = dict(part.rsplit(":", 1) for part in now.split())
    moving = {key: steps[state] for key, state in known.items() if state in steps}
    return bool(moving) and all(states.get(key) == state for key, state in moving.items())


def rotation_subject(key: KeyFacts) -> str:
    """Return what a rotation of the key would be about; empty where `idp keys rewrap` does it."""
    if key.purpose is KeyPurpose.WRAPPING:
        return ""
    return f"{key.purpose.value}:{key.algorithm if key.purpose is KeyPurpose.SIGNING else ''}"
