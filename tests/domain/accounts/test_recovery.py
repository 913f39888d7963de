from dataclasses import replace

import pytest

from idp.domain.accounts.account import AccountKind
from idp.domain.accounts.recovery import (
    ACQUAINTANCE,
    BOTH,
    COOLING_OFF,
    LADDER,
    MOST_PEOPLE,
    PASSWORD,
    SECOND_FACTOR,
    Credential,
    Evidence,
    RecoveryRequest,
    RecoveryState,
    Rung,
    TrustedPerson,
    Way,
    counter_waits,
    people_needed,
)
from idp.domain.ids import AccountId, Seconds
from tests.house.source import ROOT

NOW = Seconds(1_790_000_000)
HOUR = 3600
REQUEST = RecoveryRequest(
    request_id="r",
    account_id=AccountId("a"),
    way=Way.PEOPLE,
    lost=BOTH,
    asked_at=NOW,
    expires_at=Seconds(NOW + 100),
    needed=2,
)


def test_the_ladder_is_the_table_of_the_documentation() -> None:
    text = (ROOT / "docs/recovery.md").read_text(encoding="utf-8").partition("\n## The ladder\n")[2]
    lines = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("|")]
    told = [tuple(cell.strip().strip("`") for cell in line.strip("|").split("|")) for line in lines[2:]]
    assert told == [
        (
            way.value,
            rule.rung.value,
            ", ".join(sorted(rule.kinds)),
            ", ".join(sorted(rule.needs)),
            ", ".join(sorted(rule.resets)),
            str(rule.cooling_off // HOUR),
            str(rule.held // HOUR),
            ", ".join(sorted(rule.told)),
            ", ".join(sorted(rule.vetoed_by)),
        )
        for way, rule in LADDER.items()
    ]


def test_whoever_began_is_told_that_it_waits_where_somebody_stopped_it_before_the_last_word() -> None:
    stopped = replace(REQUEST, ended=RecoveryState.STOPPED, ended_at=Seconds(NOW + 1))
    moments = [Seconds(NOW + after) for after in (2, 99, 100, 1000)]
    assert [stopped.told(now) for now in moments] == [REQUEST.told(now) for now in moments]
    assert stopped.told(moments[0]) is RecoveryState.WAITING


def test_whoever_began_is_told_of_the_end_where_it_was_stopped_after_the_last_word() -> None:
    confirmed = replace(REQUEST, confirmed=2, ready_at=Seconds(NOW + 50))
    assert confirmed.told(NOW) is RecoveryState.COOLING
    assert replace(confirmed, ended=RecoveryState.STOPPED).told(NOW) is RecoveryState.OVER
    assert replace(confirmed, ended=RecoveryState.DONE).told(NOW) is RecoveryState.DONE


def test_every_way_has_its_row_the_stronger_before_the_weaker() -> None:
    assert list(LADDER) == list(Way)
    rungs = list(Rung)
    assert [rungs.index(rule.rung) for rule in LADDER.values()] == sorted(
        rungs.index(rule.rung) for rule in LADDER.values()
    )


def test_whatever_waits_can_be_stopped_and_whatever_others_vouch_for_holds_level_2_back() -> None:
    for rule in LADDER.values():
        assert not rule.cooling_off or rule.vetoed_by
        assert (Evidence.PEOPLE in rule.needs) == bool(rule.held)
        assert not rule.held or rule.cooling_off


def test_the_word_of_others_alone_opens_no_citizen_s_account_at_once() -> None:
    alone = ({Evidence.PEOPLE}, {Evidence.COUNTER})
    assert all(rule.cooling_off == COOLING_OFF for rule in LADDER.values() if rule.needs in alone)


@pytest.mark.parametrize(
    ("lost", "has_second_factor", "waits"),
    [
        (PASSWORD, True, 0),
        (PASSWORD, False, COOLING_OFF),
        (SECOND_FACTOR, True, COOLING_OFF),
        (BOTH, True, COOLING_OFF),
        (BOTH, False, COOLING_OFF),
    ],
)
def test_a_counter_s_code_waits_unless_a_second_factor_is_left(
    lost: frozenset[Credential], has_second_factor: bool, waits: int
) -> None:
    assert counter_waits(lost, has_second_factor=has_second_factor) == waits


def test_a_password_alone_and_a_mailbox_alone_reset_nothing() -> None:
    alone = ({Evidence.PASSWORD}, {Evidence.CONTACT_CODE})
    assert all(rule.needs not in alone for rule in LADDER.values())


def test_officers_get_back_in_by_a_passkey_or_at_their_office() -> None:
    resets = {way for way, rule in LADDER.items() if AccountKind.OFFICER in rule.kinds}
    assert {way for way in resets if Credential.PASSWORD in LADDER[way].resets} == {Way.PASSKEY, Way.OFFICE}


@pytest.mark.parametrize(("people", "needed"), [(0, None), (1, None), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_more_than_half_of_the_people_have_to_agree(people: int, needed: int | None) -> None:
    assert people_needed(people) == needed
    assert people <= MOST_PEOPLE


def test_a_request_moves_with_time_until_it_is_ended() -> None:
    late = Seconds(NOW + 100)
    assert (REQUEST.state(NOW), REQUEST.state(late)) == (RecoveryState.WAITING, RecoveryState.OVER)
    confirmed = replace(REQUEST, ready_at=Seconds(NOW + 50))
    states = [confirmed.state(Seconds(NOW + after)) for after in (49, 50, 100)]
    assert states == [RecoveryState.COOLING, RecoveryState.READY, RecoveryState.OVER]
    for end in (RecoveryState.DONE, RecoveryState.STOPPED):
        assert replace(confirmed, ended=end).state(late) is end


def test_a_word_counts_a_week_after_the_person_agreed() -> None:
    named = TrustedPerson(AccountId("a"), AccountId("b"), Seconds(NOW - 2 * ACQUAINTANCE))
    assert not named.counts_at(NOW, Seconds(0))
    willing = replace(named, accepted_at=Seconds(NOW - ACQUAINTANCE))
    assert willing.counts_at(NOW, Seconds(0))
    assert not willing.counts_at(Seconds(NOW - 1), Seconds(0))


def test_the_week_begins_again_whenever_every_session_was_ended() -> None:
    agreed = Seconds(NOW - 5 * ACQUAINTANCE)
    willing = TrustedPerson(AccountId("a"), AccountId("b"), agreed, agreed)
    ended = Seconds(NOW - ACQUAINTANCE + 1)
    assert not willing.counts_at(NOW, ended)
    assert willing.counts_at(Seconds(NOW + 1), ended)
    assert willing.counts_from(ended) == NOW + 1
    assert TrustedPerson(AccountId("a"), AccountId("b"), agreed).counts_from(ended) is None
