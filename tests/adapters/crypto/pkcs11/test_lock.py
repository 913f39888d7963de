import threading
from collections.abc import Iterator

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.lock import PATIENCE, TokenLock
from idp.adapters.crypto.pkcs11.token import Pkcs11Token


class Watch:
    """Time as one contender measures it; pausing makes it pass."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def read(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture(autouse=True)
def other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contenders on machines of their own: nothing but the token tells them of each other."""
    monkeypatch.setattr("idp.adapters.crypto.pkcs11.lock.fcntl.flock", lambda _descriptor, _operation: None)


def lock(token: Pkcs11Token, watch: Watch | None = None) -> TokenLock:
    watch = watch or Watch()
    return TokenLock(token, watch=watch.read, pause=watch.pause)


def slips(token: Pkcs11Token) -> int:
    wanted = {Attribute.CLASS: ObjectClass.DATA, Attribute.APPLICATION: "idp-lock"}
    return token.look(lambda session: len(list(session.get_objects(wanted))))


def leave_slip(token: Pkcs11Token, owner: str, number: int) -> None:
    token.change(
        lambda session: session.create_object(
            {
                Attribute.CLASS: ObjectClass.DATA,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: True,
                Attribute.APPLICATION: "idp-lock",
                Attribute.LABEL: owner,
                Attribute.VALUE: str(number).encode(),
            }
        )
    )


def test_one_at_a_time_and_nothing_is_left(empty_token: Pkcs11Token) -> None:
    inside = 0
    most = 0

    def change() -> None:
        nonlocal inside, most
        for _ in range(4):
            with TokenLock(empty_token).held():
                inside += 1
                most = max(most, inside)
                slips(empty_token)
                inside -= 1

    threads = [threading.Thread(target=change) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert slips(empty_token) == 0


def test_it_is_let_go_of_when_the_change_fails(empty_token: Pkcs11Token) -> None:
    with pytest.raises(ZeroDivisionError), lock(empty_token).held():
        raise ZeroDivisionError
    assert slips(empty_token) == 0


@pytest.mark.parametrize("number", [0, 1])
def test_a_slip_of_the_dead_is_taken_away_after_a_while(empty_token: Pkcs11Token, number: int) -> None:
    leave_slip(empty_token, "0" * 16, number)
    watch = Watch()
    with lock(empty_token, watch).held():
        assert watch.seconds > PATIENCE
        assert slips(empty_token) == 1
    assert slips(empty_token) == 0


def test_whoever_draws_later_is_not_waited_for(empty_token: Pkcs11Token) -> None:
    leave_slip(empty_token, "f" * 16, 1)
    watch = Watch()
    held = lock(empty_token, watch)
    mine = held._draw("a" * 16)
    assert mine.number == 2
    leave_slip(empty_token, "0" * 16, 3)
    held._remove(lambda slip: slip.owner == "f" * 16)
    held._wait(mine)
    assert watch.seconds == 0.0


def test_the_living_that_follow_each_other_are_waited_for_up_to_an_end(empty_token: Pkcs11Token) -> None:
    watch = Watch()
    names: Iterator[int] = iter(range(10_000))

    def pause(seconds: float) -> None:
        """Somebody before us is always there, and always somebody else."""
        watch.pause(seconds * 100)
        contender._remove(lambda slip: slip.owner.startswith("other"))
        leave_slip(empty_token, f"other-{next(names)}", 1)

    contender = TokenLock(empty_token, watch=watch.read, pause=pause)
    leave_slip(empty_token, "other", 1)
    with pytest.raises(KeyMaterialError, match="somebody else is changing"), contender.held():
        pass
    contender._remove(lambda slip: slip.owner.startswith("other"))
    assert slips(empty_token) == 0


def test_foreign_objects_are_no_slips(empty_token: Pkcs11Token) -> None:
    def create(session: pkcs11.Session) -> None:
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.DATA,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: True,
                Attribute.APPLICATION: "idp-lock",
                Attribute.LABEL: "x",
                Attribute.VALUE: b"no number",
            }
        )

    empty_token.change(create)
    with lock(empty_token).held():
        assert slips(empty_token) == 2
