"""Which clients numbers name: registered ones, and no more of them than a monitoring system bears."""

from typing import Final

MOST_CLIENTS: Final = 200
"""Clients that one process names; those that come later are counted together."""

NOBODY: Final = "_none"
OTHERS: Final = "_other"


class ClientLabels:
    """Gives the label of a client. First come, first named: a label keeps its meaning while the process runs."""

    def __init__(self, most: int = MOST_CLIENTS) -> None:
        self._most = most
        self._named: set[str] = set()

    def label(self, client_id: str | None) -> str:
        """Return the identifier of a registered client, `_other` for one too many, `_none` where there is no client."""
        if client_id is None:
            return NOBODY
        if client_id in self._named:
            return client_id
        if len(self._named) >= self._most:
            return OTHERS
        self._named.add(client_id)
        return client_id
