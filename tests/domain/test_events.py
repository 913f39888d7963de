"""Audit events are declared once, have stable names, and carry identifiers only."""

import dataclasses

import pytest

from idp.domain import events
from idp.domain.events import Event, Origin, PasswordRefused, TokensIssued
from idp.domain.ids import AccountId, ClientId, RequestId

ORIGIN = Origin(RequestId("request"), "pseudonym")
KINDS = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)]
PERSONAL = {"name", "email", "phone", "address", "username", "identifier", "password", "code", "secret", "token", "ip"}


def test_every_event_has_a_name_of_its_own() -> None:
    names = [kind.name for kind in KINDS if kind is not Event]

    assert len(names) > 20
    assert len(set(names)) == len(names)
    assert all(names)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_event_has_a_field_for_a_personal_value_or_a_secret(kind: type[Event]) -> None:
    assert PERSONAL.isdisjoint(field.name for field in dataclasses.fields(kind))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_says_what_happened(kind: type[Event]) -> None:
    assert kind.__doc__


def test_fields_are_plain_values_and_what_is_unknown_is_left_out() -> None:
    refused = PasswordRefused(origin=ORIGIN, reason="unknown")

    assert refused.fields() == {"request_id": "request", "source": "pseudonym", "reason": "unknown"}


def test_what_was_granted_is_kept_in_order() -> None:
    issued = TokensIssued(
        origin=ORIGIN,
        client_id=ClientId("portal"),
        grant_type="refresh_token",
        token_id="jti",
        scopes=("openid", "email"),
        audience=("https://issuer.example",),
        account_id=AccountId("account"),
    )

    assert [*issued.fields()["scopes"]] == ["openid", "email"]
