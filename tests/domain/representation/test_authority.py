"""Over random histories no answer names a principal that the record does not support at that moment."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from idp.domain.country_time import beginning_of
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.people.ageing import Proof
from idp.domain.representation.authority import (
    NOBODY,
    Authority,
    AuthorityRecord,
    Basis,
    Organisation,
    OtherPerson,
    Permission,
    authorities,
    authority_for,
)
from idp.domain.representation.guardianship import Guardianship, GuardianshipKind, birthday
from idp.domain.representation.mandate import Function, Mandate
from idp.domain.representation.principal import Principal, PrincipalKind

ME = PersonId("me")
CLIENTS = (ClientId("portal"), ClientId("gateway"))
CODES = ("0100109106", "0100109107")
YEAR = 365 * 24 * 3600
START = 1_700_000_000

moments = st.integers(START, START + 20 * YEAR)


@dataclass
class History:
    """What happened, step by step; `supported` is decided by asking every step again, not by the code under test."""

    represents: set[str] = field(default_factory=set)
    dissolved: dict[str, int] = field(default_factory=dict)
    mandates: list[Mandate] = field(default_factory=list)
    guardianships: list[Guardianship] = field(default_factory=list)
    births: dict[str, date | None] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    acts: bool = True
    level: int = 2
    level_ends: int | None = None

    def record(self) -> AuthorityRecord:
        organisations = {code: Organisation(code, f"Tổ chức {code}", self._gone(code)) for code in CODES}
        references = [each.mandate_id for each in self.mandates] + [g.guardianship_id for g in self.guardianships]
        return AuthorityRecord(
            acts=self.acts,
            proof=Proof(self.level, None if self.level_ends is None else Seconds(self.level_ends)),
            represented=tuple(organisations[code] for code in sorted(self.represents)),
            mandates=tuple(self.mandates),
            guardianships=tuple(self.guardianships),
            organisations=organisations,
            people={
                reference: OtherPerson(
                    AccountId(f"account-{reference}"), "Ai đó", self.births.get(reference), reference not in self.locked
                )
                for reference in references
            },
        )

    def supported(self, client_id: ClientId, at: int) -> set[str]:
        if not self.acts:
            return set()
        proved = self.level >= 2 and (self.level_ends is None or at < self.level_ends)
        found = {f"organisation:{code}" for code in self.represents if proved and not self._is_gone(code, at)}
        for mandate in self.mandates:
            agreed = mandate.agreed_at is not None and mandate.accepted_at is not None and mandate.ended_at is None
            if not agreed or client_id not in mandate.services or not mandate.valid_from <= at < mandate.valid_to:
                continue
            if mandate.giver_kind is PrincipalKind.ORGANISATION and not self._is_gone(mandate.giver, at):
                found.add(f"organisation:{mandate.giver}")
            if mandate.giver_kind is PrincipalKind.PERSON and mandate.mandate_id not in self.locked:
                found.add(f"person:{mandate.mandate_id}")
        for each in self.guardianships if proved else ():
            if each.confirmed_at is None or each.ended_at is not None or each.guardianship_id in self.locked:
                continue
            born = self.births.get(each.guardianship_id)
            grown = born is None or at >= beginning_of(birthday(born, 14))
            if each.kind is GuardianshipKind.WARD or not grown:
                found.add(f"ward:{each.guardianship_id}")
        return found

    def _gone(self, code: str) -> Seconds | None:
        return Seconds(self.dissolved[code]) if code in self.dissolved else None

    def _is_gone(self, code: str, at: int) -> bool:
        return code in self.dissolved and at >= self.dissolved[code]


@st.composite
def mandates(draw: st.DrawFn, number: int) -> Mandate:
    kind = draw(st.sampled_from([PrincipalKind.PERSON, PrincipalKind.ORGANISATION]))
    begins = draw(moments)
    moment = st.none() | moments.map(Seconds)
    return Mandate(
        mandate_id=f"mandate-{number}",
        giver_kind=kind,
        giver=draw(st.sampled_from(CODES)) if kind is PrincipalKind.ORGANISATION else "giver",
        holder=ME,
        services=draw(st.frozensets(st.sampled_from(CLIENTS), min_size=1)),
        functions=draw(st.frozensets(st.sampled_from(Function), min_size=1)),
        valid_from=Seconds(begins),
        valid_to=Seconds(begins + draw(st.integers(1, 5 * YEAR))),
        created_by=PersonId("giver"),
        created_at=Seconds(START),
        agreed_at=draw(moment),
        accepted_at=draw(moment),
        ended_at=draw(moment),
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    history = History(
        represents=draw(st.sets(st.sampled_from(CODES))),
        dissolved=draw(st.dictionaries(st.sampled_from(CODES), moments)),
        mandates=[draw(mandates(number)) for number in range(draw(st.integers(0, 4)))],
        acts=draw(st.sampled_from([True, True, True, False])),
        level=draw(st.sampled_from([2, 2, 1, 0])),
        level_ends=draw(st.none() | moments),
    )
    for number in range(draw(st.integers(0, 3))):
        reference = f"ward-{number}"
        history.births[reference] = draw(st.none() | st.dates(date(2009, 1, 1), date(2035, 1, 1)))
        history.guardianships.append(
            Guardianship(
                reference,
                draw(st.sampled_from(GuardianshipKind)),
                ME,
                Seconds(START),
                PersonId(reference),
                confirmed_at=draw(st.none() | moments.map(Seconds)),
                ended_at=draw(st.none() | moments.map(Seconds)),
            )
        )
    references = [each.mandate_id for each in history.mandates] + list(history.births)
    if references:
        history.locked = draw(st.sets(st.sampled_from(references)))
    return history


def named(found: Iterable[Authority]) -> list[str]:
    return [str(authority.principal) for authority in found]


@settings(max_examples=300, deadline=None)
@given(histories(), st.sampled_from(CLIENTS), moments)
def test_exactly_what_the_record_supports_at_that_moment_is_answered(
    history: History, client_id: ClientId, at: int
) -> None:
    record = history.record()
    found = named(authorities(record, client_id, Seconds(at)))
    assert len(found) == len(set(found))
    assert set(found) == history.supported(client_id, at)
    for text in [*found, "organisation:0100109106", "ward:ward-0", "person:mandate-0", "ward:nobody"]:
        answered = authority_for(record, Principal.parse(text), client_id, Seconds(at))
        assert (answered is not None) == (text in history.supported(client_id, at))


@settings(max_examples=100, deadline=None)
@given(histories(), st.sampled_from(CLIENTS), moments)
def test_no_permission_reaches_further_than_the_mandates_behind_it(
    history: History, client_id: ClientId, at: int
) -> None:
    for authority in authorities(history.record(), client_id, Seconds(at)):
        if authority.basis is not Basis.MANDATE:
            continue
        given_by = [each for each in history.mandates if each.principal == authority.principal]
        assert len(authority.permissions) <= len(given_by)
        for permission in authority.permissions:
            assert any(
                permission == Permission(each.functions, each.valid_from, each.valid_to)
                and each.state(Seconds(at)) == "in_force"
                and client_id in each.services
                for each in given_by
            )


def test_a_legal_representative_needs_no_mandate_of_the_same_organisation() -> None:
    mandate = Mandate(
        "m",
        PrincipalKind.ORGANISATION,
        CODES[0],
        ME,
        frozenset(CLIENTS),
        frozenset({Function.VIEW}),
        Seconds(START),
        Seconds(START + YEAR),
        PersonId("other"),
        Seconds(START),
        agreed_at=Seconds(START),
        accepted_at=Seconds(START),
    )
    history = History(represents={CODES[0]}, mandates=[mandate])
    (authority,) = authorities(history.record(), CLIENTS[0], Seconds(START + 1))
    assert (authority.basis, authority.permissions) == (Basis.REPRESENTATIVE, (Permission(),))


def test_functions_of_several_mandates_are_allowed_together() -> None:
    view, pay = (Permission(frozenset({function})) for function in (Function.VIEW, Function.PAY))
    authority = Authority(Principal(PrincipalKind.PERSON, "m"), "Ai đó", Basis.MANDATE, (view, pay))
    assert authority.allows(frozenset({Function.VIEW, Function.PAY}))
    assert not authority.allows(frozenset({Function.SUBMIT}))
    assert authority.allows(frozenset())
    assert replace(authority, permissions=(Permission(),)).allows(frozenset(Function))


def test_an_account_that_is_gone_acts_for_nobody() -> None:
    assert authorities(NOBODY, CLIENTS[0], Seconds(START)) == ()


def test_who_is_not_proved_any_more_keeps_mandates_and_loses_what_takes_a_proof() -> None:
    mandate = Mandate(
        "m",
        PrincipalKind.ORGANISATION,
        CODES[0],
        ME,
        frozenset(CLIENTS),
        frozenset({Function.VIEW}),
        Seconds(START),
        Seconds(START + YEAR),
        PersonId("other"),
        Seconds(START),
        agreed_at=Seconds(START),
        accepted_at=Seconds(START),
    )
    ward = Guardianship("w", GuardianshipKind.WARD, ME, Seconds(START), PersonId("w"), confirmed_at=Seconds(START))
    history = History(
        represents=set(CODES), mandates=[mandate], guardianships=[ward], births={"w": None}, level_ends=START + 10
    )
    before = authorities(history.record(), CLIENTS[0], Seconds(START + 9))
    assert {str(each.principal): each.basis for each in before} == {
        f"organisation:{CODES[0]}": Basis.REPRESENTATIVE,
        f"organisation:{CODES[1]}": Basis.REPRESENTATIVE,
        "ward:w": Basis.GUARDIAN,
    }
    (left,) = authorities(history.record(), CLIENTS[0], Seconds(START + 10))
    assert (str(left.principal), left.basis) == (f"organisation:{CODES[0]}", Basis.MANDATE)
