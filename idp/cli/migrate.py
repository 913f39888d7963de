"""`idp migrate`: the database brought to the schema of this release."""

from idp.cli.output import JsonFlag, print_json


def command(*, as_json: JsonFlag = False) -> None:
    """Bring the database to the current schema; a new SQLite file is created, its secret file before it.

    Elsewhere the secret file has to be there, as for every command.
    """
    from idp.adapters.crypto.errors import KeyMaterialError
    from idp.adapters.crypto.keystore import open_secret
    from idp.adapters.sql import schema
    from idp.cli.refusal import Refusal
    from idp.ports.errors import StoreUnavailableError
    from idp.settings import SettingsError, load_settings

    try:
        settings = load_settings()
        # A database that cannot be used is the first thing to hear of.
        schema.current_revision(settings.database_url)
        open_secret(settings)
        migration = schema.migrate(settings.database_url)
    except (SettingsError, KeyMaterialError) as error:
        raise Refusal(error.problem, error.remedy) from None
    except schema.SchemaMismatchError as error:
        raise Refusal(str(error), "use the release that made it, or a newer one") from None
    except schema.UnsupportedEngineError as error:
        raise Refusal(str(error), error.remedy) from None
    except schema.UnusableDatabaseError as error:
        raise Refusal(error.problem, error.remedy) from None
    except StoreUnavailableError:
        raise Refusal("the database does not answer", "check IDP_DATABASE_URL and that nothing else holds it") from None
    if as_json:
        print_json({"before": migration.before, "after": migration.after})
    elif migration.before == migration.after:
        print(f"The database has schema {migration.after} already.")
    else:
        print(f"The database went from schema {migration.before or 'none'} to {migration.after}.")
