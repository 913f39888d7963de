"""`idp demo`: the provider and every relying party on this machine, seeded at the first start, stopped by Ctrl-C."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from idp.adapters.sql import schema
from idp.cli import demo_places, demo_seed
from idp.cli.demo_processes import Processes, Service, StopRequest, refuse_taken_ports
from idp.cli.demo_seed import ADMINISTRATORS, CITIZENS, OFFICERS, Credentials, SamplePerson
from idp.cli.demo_services import NEWCOMERS, StateServices
from idp.cli.demo_topology import CLIENTS, IDP, Topology, environment
from idp.cli.output import JsonFlag, print_json, print_table
from idp.cli.refusal import Refusal

FOLDER: Final = Path("var/demo")
HIGHEST_PORT: Final = 65529  # the seventh port must still be one


def command(
    port: Annotated[
        int, typer.Option(min=1024, max=HIGHEST_PORT, help="The provider's port; the others take the next six.")
    ] = 8000,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Start the provider and every relying party on this machine, with sample people; Ctrl-C stops all."""
    topology = Topology(port, FOLDER)
    refuse_missing_libraries()
    refuse_taken_ports(topology.ports)
    credentials = demo_seed.load_credentials(FOLDER / "credentials.json", CLIENTS)
    state = StateServices(topology)
    state.make_secrets()
    demo_seed.write_private(topology.folder / "places.csv", demo_places.NETWORK_PLACES)
    demo_seed.write_private(topology.configuration, topology.settings(state.settings()))
    others = [*topology.relying_parties(credentials), *state.services()]
    with StopRequest() as stop, Processes(FOLDER / "log", stop) as processes:
        for service in others:
            processes.start(service)
        load(topology, credentials)
        processes.start(topology.provider())
        if processes.wait_until_ready():
            show(topology, [topology.provider(), *others], credentials, as_json=as_json)
            processes.watch(lambda: show_codes(credentials))


def refuse_missing_libraries() -> None:
    """Raise `Refusal` when the relying parties or what they need are not installed."""
    missing = [name for name in ("clients", "authlib", "jose") if importlib.util.find_spec(name) is None]
    if missing:
        raise Refusal(
            f"the relying parties cannot start, {missing[0]} is missing",
            "install the demo's requirements: pip install 'national-identity-provider[demo]'",
        )


def load(topology: Topology, credentials: Credentials) -> None:
    """Bring the database to the current schema and import what has not been imported in this form."""
    marks = FOLDER / "imported.json"
    imported: dict[str, str] = json.loads(marks.read_text(encoding="utf-8")) if marks.exists() else {}
    documents = {
        "people.yaml": demo_seed.people_document(credentials),
        "clients.yaml": topology.clients_document(credentials),
        "registers.yaml": StateServices(topology).clients_document(),
    }
    digests = {name: demo_seed.write_import_file(FOLDER / name, document) for name, document in documents.items()}
    changed = [name for name, digest in digests.items() if imported.get(name) != digest]
    if schema.current_revision(topology.database_url) not in {None, schema.EXPECTED_REVISION}:
        run_idp(topology, "migrate")  # a new file gets the current schema from whoever opens it first
    if changed:
        run_idp(topology, "import", *(str(FOLDER / name) for name in changed))
        if "people.yaml" in changed:
            run_idp(topology, "person", "guardian", demo_seed.CHILD["personal_number"], demo_seed.GUARDIAN)
        demo_seed.write_private(marks, json.dumps(digests))


def run_idp(topology: Topology, *arguments: str) -> None:
    """Run another `idp` command on the demo's configuration; raise `Refusal` with its own words when it refuses."""
    done = subprocess.run(  # noqa: S603 - our own command, no shell
        [sys.executable, *IDP, *arguments],
        env={**environment(), "IDP_CONFIG": str(topology.configuration)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1].removeprefix("idp: ")
        raise Refusal(f"idp {arguments[0]} failed ({reason})", f"remove {FOLDER} to start afresh")


def show(topology: Topology, services: list[Service], credentials: Credentials, *, as_json: bool) -> None:
    """Print where everything is and who can sign in."""
    if as_json:
        print_json(
            {
                "urls": {service.name: service.url for service in services},
                "people": [_account(person, credentials) for person in CITIZENS],
                "officers": [_account(person, credentials) for person in OFFICERS],
                "administrators": [_account(person, credentials) for person in ADMINISTRATORS],
                "newcomers": [
                    dict(zip(("name", "personal_number", "birthdate"), each, strict=True)) for each in NEWCOMERS
                ],
                "config": str(topology.configuration),
            }
        )
        sys.stdout.flush()
        return
    print_table("Applications", ["", "Address"], [(service.title, service.url) for service in services])
    print_people("Citizens: sign in at the national portal", CITIZENS, credentials)
    print_people("Officers: sign in at the ministry portal, as an officer", OFFICERS, credentials)
    print_people(f"Administrators: sign in at {topology.provider().url}/admin", ADMINISTRATORS, credentials)
    print_table(
        f"Known to the population register, without an account: {topology.provider().url}/open-account",
        ["Who", "Personal number", "Born"],
        NEWCOMERS,
    )
    typer.echo(f"Messages arrive in the mailbox. Other commands: IDP_CONFIG={topology.configuration} {_command()} …")
    typer.echo(
        "Enter shows the current one-time codes. Ctrl-C stops everything; the data stays in " + str(FOLDER) + "."
    )
    sys.stdout.flush()


def _account(person: SamplePerson, credentials: Credentials) -> dict[str, str | None]:
    return {
        "name": person.name,
        "username": person.sign_in_name,
        "password": credentials.passwords[person.key],
        "totp_secret": credentials.totp_secrets.get(person.key),
        "purpose": person.purpose,
    }


def print_people(title: str, people: tuple[SamplePerson, ...], credentials: Credentials) -> None:
    """Print who signs in with what; whoever has no second factor yet has no secret either."""
    rows = [
        (
            f"{person.name}\n  {person.purpose}",
            person.sign_in_name,
            credentials.passwords[person.key],
            credentials.totp_secrets.get(person.key, "–"),
        )
        for person in people
    ]
    print_table(title, ["Who", "Username", "Password", "One-time-code secret"], rows)


def show_codes(credentials: Credentials) -> None:
    """Print every account's one-time code of this half minute."""
    import pyotp

    people = [person for person in (*CITIZENS, *OFFICERS, *ADMINISTRATORS) if person.second_factor]
    codes = [
        (person.name, person.sign_in_name, pyotp.TOTP(credentials.totp_secrets[person.key]).now()) for person in people
    ]
    print_table("One-time codes now", ["Who", "Username", "Code"], codes)
    sys.stdout.flush()


def _command() -> str:
    """Return how this program was called, as it can be called again."""
    program = Path(sys.argv[0])
    return f"{sys.executable} -m idp" if program.name == "__main__.py" else str(program)
