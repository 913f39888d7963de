from dataclasses import replace

from idp.domain.clients.client import SubjectType
from idp.protocol.claims.subject import subject_identifier
from tests.protocol.world import OTHER, PHONE_APP, PORTAL, World


def test_clients_of_one_sector_see_the_same_subject(world: World) -> None:
    portal = subject_identifier(world.keys, PORTAL, world.citizen)
    assert portal == subject_identifier(world.keys, PHONE_APP, world.citizen)


def test_clients_of_different_sectors_cannot_join_people(world: World) -> None:
    portal = subject_identifier(world.keys, PORTAL, world.citizen)
    assert portal != subject_identifier(world.keys, OTHER, world.citizen)


def test_clients_without_a_sector_stand_for_themselves(world: World) -> None:
    without = [replace(client, sector="") for client in (PORTAL, OTHER)]
    assert len({subject_identifier(world.keys, client, world.citizen) for client in without}) == 2


def test_public_subjects_are_the_same_for_every_client_and_not_the_account(world: World) -> None:
    clients = [replace(client, subject_type=SubjectType.PUBLIC) for client in (PORTAL, OTHER)]
    subjects = {subject_identifier(world.keys, client, world.citizen) for client in clients}
    assert len(subjects) == 1
    assert world.citizen not in subjects
    assert subject_identifier(world.keys, PORTAL, world.citizen) not in subjects


def test_two_accounts_are_two_subjects(world: World) -> None:
    assert subject_identifier(world.keys, PORTAL, world.citizen) != subject_identifier(
        world.keys, PORTAL, world.officer
    )
