"""`idp migrate`: the database brought to the schema of this release."""

from idp.cli.output import JsonFlag, print_json


def command(*, as_json: JsonFlag = False) -> None:
    """Bring the database to the current schema; a new SQLite file is created, its secret file before it.

    Elsewhere the secret file has to be there, as for every command.
    """
    from idp.adapters.crypto.keystore import open_secret
    from idp.adapters.sql import schema
    from idp.cli.opening import told_as_refusals
    from idp.cli.refusal import Refusal
    from idp.ports.errors import StoreUnavailableError
    from idp.settings import load_settings

    try:
        with told_as_refusals():
            settings = load_settings()
            # A database that cannot be used is the first thing to hear of.
            schema.current_revision(settings.database_url)
            open_secret(settings)
            migration = schema.migrate(settings.database_url)
    except StoreUnavailableError:
        raise Refusal("the database does not answer", "check IDP_DATABASE_URL and that nothing else holds it") from None
    if as_json:
        print_json({"before": migration.before, "after": migration.after})
    elif migration.before == migration.after:
        print(f"The database has schema {migration.after} already.")
    else:
        print(f"The database went from schema {migration.before or 'none'} to {migration.after}.")
