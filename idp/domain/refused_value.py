"""The refusal of a value that breaks a rule of the domain.

    RefusedValue (ValueError)
    ├── RefusedIdentifier    a number, code or address that is none
    ├── RefusedName          a person's or an organisation's name
    └── InconsistentRecord   two values of one record that contradict each other

Neither the message nor any attribute repeats the refused value: it may be personal data or a secret.
"""


class RefusedValue(ValueError):
    """A value was refused.

    `code` is stable and meant for machines; `reason` is one plain English sentence, the same for every value that is
    refused for that reason, so that it can serve as a message id.
    """

    def __init__(self, code: str, reason: str) -> None:
        """Keep the machine code and the plain reason."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


class RefusedIdentifier(RefusedValue):
    """A personal number, tax code, agency code, phone number, e-mail address or username of no valid form."""


class RefusedName(RefusedValue):
    """A name that cannot be kept as it was given."""


class InconsistentRecord(RefusedValue):
    """Two values of one record that cannot both be true."""
