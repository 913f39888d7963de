"""`idp doctor`: looks at the configuration and everything the provider depends on, and says what to do."""

from typing import TYPE_CHECKING

from idp.cli.output import JsonFlag, print_json, print_table
from idp.cli.refusal import Refusal
from idp.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from idp.cli.finding import Finding
    from idp.settings import Settings


def command(*, as_json: JsonFlag = False) -> None:
    """Check the configuration and everything the provider depends on; exit with 1 when something fails."""
    import asyncio

    from idp.cli.finding import Level

    try:
        settings = load_settings()
    except SettingsError as error:
        raise Refusal(error.problem, error.remedy) from None
    findings = asyncio.run(_examine(settings))
    failed = [finding for finding in findings if finding.level is Level.FAIL]
    if as_json:
        rows = [{"check": f.check, "level": f.level.value, "says": f.says, "remedy": f.remedy} for f in findings]
        print_json({"healthy": not failed, "findings": rows})
    else:
        rows_shown = [(f.level.value, f.check, f.says, f.remedy) for f in findings]
        print_table("Examination", ("", "check", "finding", "what to do"), rows_shown)
    if failed:
        raise Refusal(", ".join(dict.fromkeys(finding.check for finding in failed)), failed[0].remedy)


async def _examine(settings: "Settings") -> "list[Finding]":
    from idp.adapters.crypto.system import SystemClock
    from idp.cli.examination import examine

    return [finding async for finding in examine(settings, SystemClock())]
