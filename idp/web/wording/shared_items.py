"""What a service receives, claim by claim or scope by scope: what we call it, and what it is generally used for."""

from collections.abc import Mapping
from types import MappingProxyType

from idp.domain.clients.claims_policy import LegalBasis
from idp.domain.people.predicates import PREDICATES
from idp.web.wording.words import Words, marked

_REACH_YOU = marked("To reach you about what you do there")
_ADDRESS_YOU = marked("To address you and fill in your forms")
_SHOW_IT_WELL = marked("To adapt the service to you")
_AGE = marked("To check a condition of age without your date of birth")
_PAYMENT = marked("Part of this payment")
_DOSSIER = marked("Part of this dossier")
_AUTHORISE = marked("To know what you may do there")

_ITEMS: Mapping[str, Words] = MappingProxyType(
    {
        "openid": Words(marked("Proof that it is you"), marked("Under a code that no other service knows")),
        "profile": Words(marked("Name and basic details"), _ADDRESS_YOU),
        "name": Words(marked("Full name"), _ADDRESS_YOU),
        "family_name": Words(marked("Family name"), _ADDRESS_YOU),
        "middle_name": Words(marked("Middle name"), _ADDRESS_YOU),
        "given_name": Words(marked("Given name"), _ADDRESS_YOU),
        "nickname": Words(marked("Nickname"), _ADDRESS_YOU),
        "preferred_username": Words(marked("User name"), _ADDRESS_YOU),
        "picture": Words(marked("Picture"), _SHOW_IT_WELL),
        "website": Words(marked("Website"), _SHOW_IT_WELL),
        "gender": Words(marked("Sex"), _ADDRESS_YOU),
        **{
            f"age_over_{years}": Words(title, _AGE)
            for years, title in (
                (14, marked("Whether you are 14 or older")),
                (16, marked("Whether you are 16 or older")),
                (18, marked("Whether you are 18 or older")),
                (21, marked("Whether you are 21 or older")),
            )
        },
        "residence": Words(marked("Place of residence"), marked("To know which office is yours")),
        "resident_of": Words(
            marked("Whether you live in its province or commune"),
            marked("To know whether it is responsible for you, without your address"),
        ),
        "birthdate": Words(marked("Date of birth"), marked("To check conditions of age and fill in your forms")),
        "zoneinfo": Words(marked("Time zone"), _SHOW_IT_WELL),
        "locale": Words(marked("Language"), _SHOW_IT_WELL),
        "updated_at": Words(marked("When your details last changed"), marked("To keep its own record up to date")),
        "email": Words(marked("E-mail"), _REACH_YOU),
        "email_verified": Words(marked("Whether the e-mail was confirmed"), _REACH_YOU),
        "phone": Words(marked("Phone number"), _REACH_YOU),
        "phone_number": Words(marked("Phone number"), _REACH_YOU),
        "phone_number_verified": Words(marked("Whether the phone number was confirmed"), _REACH_YOU),
        "address": Words(marked("Address"), marked("To know which office is yours and where to send results")),
        "offline_access": Words(
            marked("Access while you are away"), marked("To finish work for you after you have signed out")
        ),
        "identity": Words(
            marked("Personal number and identity level"),
            marked("To find your records and be certain that they are yours"),
        ),
        "personal_number": Words(
            marked("Personal number"), marked("To find your records and be certain that they are yours")
        ),
        "identity_level": Words(marked("Identity level"), _AUTHORISE),
        "attachments": Words(
            marked("Where the papers are kept that you were proved with"), marked("To fetch them from that office")
        ),
        "officer": Words(marked("Your office: agency, position and roles"), _AUTHORISE),
        "officer_id": Words(marked("Officer number"), _AUTHORISE),
        "agency": Words(marked("Agency"), _AUTHORISE),
        "position": Words(marked("Position"), _AUTHORISE),
        "roles": Words(marked("Roles"), _AUTHORISE),
        "authority": Words(marked("On whose behalf you act"), _AUTHORISE),
        "dossier.read": Words(marked("See your dossiers"), marked("To show you how far they have come")),
        "dossier.write": Words(marked("File dossiers for you"), marked("To hand in what you fill in there")),
        # Authorization details (RFC 9396): the type, its members, and each word of a list.
        "authorization_details:payment_initiation": Words(
            marked("One payment"), marked("To pay from your account what is listed next, once")
        ),
        "payment_initiation.actions.initiate": Words(marked("Start the payment"), _PAYMENT),
        "payment_initiation.actions.status": Words(marked("See how far the payment has come"), _PAYMENT),
        "payment_initiation.actions.cancel": Words(marked("Cancel the payment"), _PAYMENT),
        "payment_initiation.instructedAmount": Words(marked("Amount"), _PAYMENT),
        "payment_initiation.creditorName": Words(marked("Who is paid"), _PAYMENT),
        "payment_initiation.creditorAccount": Words(marked("Bank and account number"), _PAYMENT),
        "payment_initiation.remittanceInformation": Words(marked("Message with the payment"), _PAYMENT),
        "authorization_details:dossier_access": Words(
            marked("One dossier"), marked("To work on the dossier that is listed next, and no other")
        ),
        "dossier_access.actions.read": Words(marked("See the dossier"), _DOSSIER),
        "dossier_access.actions.write": Words(marked("Change the dossier"), _DOSSIER),
        "dossier_access.identifier": Words(marked("Dossier number"), _DOSSIER),
        "dossier_access.datatypes.status": Words(marked("How far the dossier has come"), _DOSSIER),
        "dossier_access.datatypes.documents": Words(marked("Documents in the dossier"), _DOSSIER),
        "dossier_access.datatypes.decision": Words(marked("The decision on the dossier"), _DOSSIER),
    }
)

_ANSWERS = (("true", marked("Yes")), ("false", marked("No")))
_VALUES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("gender", "male"): marked("Male"),
        ("gender", "female"): marked("Female"),
        **{(name, answer): word for name in PREDICATES for answer, word in _ANSWERS},
    }
)

_BASES: Mapping[str, str] = MappingProxyType(
    {
        LegalBasis.CONSENT: marked("Only because you agree"),
        LegalBasis.LAW: marked("A law requires it"),
        LegalBasis.PUBLIC_TASK: marked("Needed for a public task"),
        LegalBasis.CONTRACT: marked("Needed for a contract with you"),
        LegalBasis.EMERGENCY: marked("To protect life or health"),
    }
)

ITEM_NAMES = tuple(_ITEMS)


def item_words(name: str) -> Words | None:
    """Return label and general purpose of a claim or scope, None when it has no words here."""
    return _ITEMS.get(name)


def basis_words(basis: str) -> str | None:
    """Return the words for a legal basis, None for one without words."""
    return _BASES.get(basis)


def value_words(name: str, value: str) -> str | None:
    """Return the words for a value that is a code, None when the value speaks for itself."""
    return _VALUES.get((name, value))
