"""What `idp doctor` says of registered clients: whether there is a key for what their answers are to be signed by."""

from collections.abc import Collection

from idp.adapters.sql.clients.client_rows import walked_clients
from idp.adapters.sql.database import Database
from idp.cli.finding import Finding, failure, well

_AT_ONCE = 200


async def examine_clients(database: Database, signed_by: Collection[str]) -> Finding:
    """Return what there is to say, `signed_by` being the algorithms that have a key. Raises `StoreUnavailableError`."""
    looked_at, after, unanswered = 0, "", dict[str, list[str]]()
    while page := await database.run_read(walked_clients(after, _AT_ONCE)):
        after = page[-1].client_id
        for _, client in page:
            if client is None or client.disabled:
                continue
            looked_at += 1
            for algorithm in {*client.answer_algorithms.values()} - {*signed_by}:
                unanswered.setdefault(algorithm, []).append(client.client_id)
    if not unanswered:
        return well("clients", f"{looked_at} are registered, with a key for every answer")
    algorithm, (first, *others) = min(unanswered.items())
    whose = f"{first} and {len(others)} others name" if others else f"{first} names"
    remedy = f"run idp keys rotate --alg {algorithm}, or register another algorithm"
    return failure("clients", f"{whose} {algorithm} for answers, and no key signs with it", remedy)
