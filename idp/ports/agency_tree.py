"""Which agency stands under which."""

from typing import Protocol


class AgencyTree(Protocol):
    """The tree as it is now."""

    async def is_within(self, code: str, root: str) -> bool:
        """Whether the agency `code` is `root` itself or stands somewhere under it.

        Under no agency (an empty `root`) stands nothing, not even what belongs to none.
        """
        ...
