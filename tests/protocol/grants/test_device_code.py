from idp.protocol.decoupled.request import Kind
from idp.protocol.discovery import GRANT_TYPES
from idp.protocol.grants.device_code import DEVICE_CODE, GRANT_TYPE
from tests.protocol.world import MACHINE, PHONE_APP


def test_the_grant_is_named_as_section_3_4_has_it() -> None:
    assert GRANT_TYPE == "urn:ietf:params:oauth:grant-type:device_code"
    assert DEVICE_CODE.parameter == "device_code"
    assert DEVICE_CODE.kind is Kind.DEVICE
    assert GRANT_TYPE in GRANT_TYPES


def test_public_and_confidential_clients_may_use_it() -> None:
    for client in (PHONE_APP, MACHINE):
        DEVICE_CODE.check_client(client)
