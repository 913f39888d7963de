"""Versions of the assurance policy as import files write them."""

from datetime import date, datetime, time
from typing import Any, Self

from pydantic import Field, model_validator

from idp.adapters.importing.fields import Entry
from idp.domain.country_time import COUNTRY_TIME
from idp.domain.ids import Seconds
from idp.domain.levels.assurance_policy import FIRST_POLICY, AssurancePolicy
from idp.domain.levels.assurance_policy_document import Document, document_of, policy_of
from idp.domain.moment import check_moment


class PolicyEntry(Entry):
    """One version: its rules are read by `domain.levels.assurance_policy_document`."""

    version: int = Field(gt=FIRST_POLICY.version, lt=1_000_000)
    effective_from: date | str
    accounts: dict[str, Any] = Field(default_factory=dict)
    clients: dict[str, Any] = Field(default_factory=dict)
    scopes: dict[str, Any] = Field(default_factory=dict)
    details: list[Any] = Field(default_factory=list)
    acts: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _makes_a_policy(self) -> Self:
        self.policy()
        return self

    def policy(self) -> AssurancePolicy:
        """Return the policy. Raises `ValueError` with the place and the reason."""
        rules = self.model_dump(exclude={"version", "effective_from"})
        return policy_of(rules, version=self.version, effective_from=_moment(self.effective_from))


def policy_entry(policy: AssurancePolicy) -> Document:
    """Return a version as an import file writes it."""
    moment = datetime.fromtimestamp(policy.effective_from, COUNTRY_TIME).isoformat()
    return {"version": policy.version, "effective_from": moment, **document_of(policy)}


def _moment(told: date | str) -> Seconds:
    """A day begins at midnight in Vietnam; a text names a moment with its offset."""
    if isinstance(told, str):
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            raise ValueError("effective_from: must be a day or a moment such as 2026-12-01T08:00:00+07:00") from None
    else:
        moment = datetime.combine(told, time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=COUNTRY_TIME)
    try:
        return check_moment(int(moment.timestamp()))
    except ValueError as refused:
        raise ValueError(f"effective_from: {refused}") from None
