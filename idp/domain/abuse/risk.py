"""How much about a sign-in speaks against its being the owner's."""

from enum import IntEnum


class Risk(IntEnum):
    """`RAISED` asks a second factor of whoever has one; `HIGH` a code to a verified contact of whoever has none."""

    NONE = 0
    RAISED = 1
    HIGH = 2
