"""`/admin/keys`: every key by name and state, and changes asked for."""

from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.keys import PUBLISHED, KeyDesk, rotation_subject
from idp.ports.key_register import KeyFacts, KeyPurpose
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.frame import Frame
from idp.web.console.rooms import Room
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.keys import KeyRow, KeysPage

PATH = Room.KEYS.value.path


class KeyPages:
    """Shows keys, and asks that they are changed."""

    def __init__(self, desk: KeyDesk, frame: Frame) -> None:
        self._desk = desk
        self._frame = frame

    async def listed(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/keys`."""
        keys = await self._desk.listed(admin)
        may_ask = admin.may(Action.KEYS_ASK)
        subjects = {rotation_subject(key): None for key in keys if may_ask and rotation_subject(key)}
        page = KeysPage(
            **self._frame.common(visit, admin, Room.KEYS),
            action=PATH,
            rows=tuple(_row(key, may_ask=may_ask) for key in keys),
            rotations=tuple((subject, *_parts(subject)) for subject in subjects),
        )
        return self._frame.desk.page(visit, page)

    async def ask(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/keys`: `change` is `rotate` with a `subject`, or `retire` with a `key`."""
        fields = await visit.form()
        match fields.get("change"):
            case "rotate":
                change = await self._desk.ask_rotation(admin, fields.get("subject", ""))
            case "retire":
                change = await self._desk.ask_retirement(admin, fields.get("key", ""))
            case _:
                raise InvalidEntryError("change", "missing")
        return self._frame.desk.redirect(visit, f"{CHANGES}/{change.change_id}?notice=asked")


def _row(key: KeyFacts, *, may_ask: bool) -> KeyRow:
    return KeyRow(
        key_id=key.key_id,
        purpose=key.purpose.value,
        algorithm=key.algorithm,
        state=key.state,
        state_since=moment_of(key.state_since),
        rotates_at=None if key.rotates_at is None else moment_of(key.rotates_at),
        may_retire=may_ask and key.purpose is KeyPurpose.SIGNING and key.state == PUBLISHED,
    )


def _parts(subject: str) -> tuple[str, str]:
    """Purpose and algorithm of a rotation."""
    purpose, _, algorithm = subject.partition(":")
    return purpose, algorithm
