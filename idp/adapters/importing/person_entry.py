"""People and officers as import files write them, with the standard claims of OpenID Connect Core section 5.1."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from idp.adapters.importing.fields import (
    AgencyCodeField,
    BirthdateField,
    DateField,
    EmailField,
    Entry,
    LanguageTag,
    LongText,
    NameField,
    PasswordField,
    PasswordHashField,
    PersonalNumberField,
    PhoneNumberField,
    ShortText,
    TimeZoneField,
    TotpSecretField,
    UsernameField,
    WebAddress,
)
from idp.adapters.importing.verification_entry import VerificationEntry
from idp.domain.moment import check_day, check_end_day
from idp.domain.people.personal_number import PersonalNumber, birth_year_of, check_consistency
from idp.domain.people.predicates import RESIDENCE

Role = Literal["proofing_officer", "agency_admin", "identity_admin", "client_admin", "security_admin", "auditor"]

_PROFILE_CLAIMS: Final = (
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
)


class Address(Entry):
    """OpenID Connect Core section 5.1.1; lines are separated by line feeds."""

    formatted: LongText | None = None
    street_address: LongText | None = None
    locality: ShortText | None = None
    region: ShortText | None = None
    postal_code: ShortText | None = None
    country: ShortText | None = None


class Residence(Entry):
    """Where the population register says that the person lives: codes of the country's list of units."""

    province: Annotated[str, Field(pattern=r"^[0-9]{2}$")]
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$")] | None = None


class Credentials(Entry):
    """What an account signs in with: a password or its hash, and a one-time-code secret."""

    password: PasswordField | None = Field(default=None, repr=False)
    password_hash: PasswordHashField | None = Field(default=None, repr=False)
    totp_secret: TotpSecretField | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if self.password is not None and self.password_hash is not None:
            raise ValueError("give password or password_hash, not both")
        return self


class PersonEntry(Credentials):
    """One human; imported contacts count as verified."""

    personal_number: PersonalNumberField
    name: NameField
    family_name: NameField | None = None
    middle_name: NameField | None = None
    given_name: NameField | None = None
    nickname: ShortText | None = None
    preferred_username: ShortText | None = None
    profile: WebAddress | None = None
    picture: WebAddress | None = None
    website: WebAddress | None = None
    gender: ShortText | None = None
    birthdate: BirthdateField | None = None
    zoneinfo: TimeZoneField | None = None
    locale: LanguageTag | None = None
    updated_at: int | None = Field(default=None, ge=0, le=2**53)
    email: EmailField | None = None
    email_verified: Literal[True] | None = None
    phone_number: PhoneNumberField | None = None
    phone_number_verified: Literal[True] | None = None
    address: Address | None = None
    residence: Residence | None = None
    level: int = Field(default=0, ge=0, le=2)
    verification: VerificationEntry | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.verification is not None and not self.level:
            raise ValueError("verification is for whoever was proved: give a level, 1 or 2")
        number, born = PersonalNumber(self.personal_number), birth_year_of(self.birthdate)
        check_consistency(number, gender=self.gender, birth_year=born)
        return self

    def claims(self) -> dict[str, Any]:
        """Return the claims of scopes profile and address that were told; contacts stand apart."""
        told = {name: value for name in _PROFILE_CLAIMS if (value := getattr(self, name)) is not None}
        if self.address is not None and (address := self.address.model_dump(exclude_none=True)):
            told["address"] = address
        if self.residence is not None:
            told[RESIDENCE] = self.residence.model_dump(exclude_none=True)
        return told


class OfficerEntry(Credentials):
    """One officer's account; the human is a person in the same file or loaded before."""

    personal_number: PersonalNumberField
    agency: AgencyCodeField
    position: ShortText
    roles: list[Role] = Field(default_factory=list)
    username: UsernameField
    held_from: Annotated[DateField, AfterValidator(check_day)] | None = None
    held_to: Annotated[DateField, AfterValidator(check_end_day)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.held_from and self.held_to and self.held_to <= self.held_from:
            raise ValueError("held_to does not lie after held_from")
        return self
