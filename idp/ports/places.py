"""Where networks are, as far as an operator's file tells."""

from typing import Protocol

from idp.domain.abuse.place import Place


class Places(Protocol):
    """Answers from memory: asked for every request that shows a page."""

    def find(self, address: str) -> Place | None:
        """The place of the narrowest network that an address (IPv4 or IPv6, or a network's) lies in, or None."""
        ...
