"""Leases as the port describes them, for races that a test decides turn by turn."""

from dataclasses import replace

from idp.ports.errors import StoreUnavailableError
from idp.ports.leases import NOBODY, Lease


class LeasesInMemory:
    """`Leases`; while `down`, nothing is answered.."""

    def __init__(self) -> None:
        self.leases: dict[str, Lease] = {}
        self.down = False

    async def look(self) -> tuple[Lease, ...]:
        self._answer()
        return tuple(self.leases.values())

    async def take(self, job: str, owner: str, seen: Lease | None) -> Lease | None:
        self._answer()
        if self.leases.get(job) != seen:
            return None
        self.leases[job] = Lease(job, owner, seen.fence + 1 if seen else 1, seen.beat + 1 if seen else 1)
        return self.leases[job]

    async def renew(self, owner: str) -> tuple[Lease, ...]:
        self._answer()
        mine = [replace(lease, beat=lease.beat + 1) for lease in self.leases.values() if lease.owner == owner]
        self.leases.update((lease.job, lease) for lease in mine)
        return tuple(mine)

    async def release(self, owner: str, job: str | None = None) -> None:
        self._answer()
        mine = [lease for lease in self.leases.values() if lease.owner == owner and job in {None, lease.job}]
        self.leases.update((lease.job, replace(lease, owner=NOBODY, beat=lease.beat + 1)) for lease in mine)

    def _answer(self) -> None:
        if self.down:
            raise StoreUnavailableError
