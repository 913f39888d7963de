from sqlalchemy import LargeBinary

from idp.adapters.sql import stores
from idp.adapters.sql.rewrapping import KEEPERS
from idp.adapters.sql.tables.main import metadata


def test_every_wrapped_key_of_every_table_is_walked() -> None:
    assert stores.__doc__  # every table is known once every store is
    walked = {f"{column.table.name}.{column.name}" for keeper in KEEPERS for column in keeper.columns}
    kept = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name.endswith("_key") and column.name != "public_key"
    }
    assert kept == walked
