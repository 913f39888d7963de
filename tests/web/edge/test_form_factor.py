import pytest

from idp.domain.sign_ins.journey_count import FormFactor
from idp.web.edge.form_factor import form_factor

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
COMPUTER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"user-agent": PHONE}, FormFactor.PHONE),
        ({"user-agent": COMPUTER}, FormFactor.COMPUTER),
        ({"user-agent": COMPUTER, "sec-ch-ua-mobile": "?1"}, FormFactor.PHONE),
        ({"user-agent": PHONE, "sec-ch-ua-mobile": "?0"}, FormFactor.COMPUTER),
        ({"user-agent": PHONE, "sec-ch-ua-mobile": "maybe"}, FormFactor.PHONE),
        ({"user-agent": "curl/8.5"}, FormFactor.UNKNOWN),
        ({}, FormFactor.UNKNOWN),
    ],
)
def test_a_phone_is_what_says_so(headers: dict[str, str], expected: FormFactor) -> None:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert form_factor({"type": "http", "headers": sent}) is expected
