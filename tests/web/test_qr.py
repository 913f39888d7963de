import re

from idp.web.qr import qr_svg


def test_the_picture_is_dark_on_light_with_a_quiet_zone_and_no_style() -> None:
    svg = str(qr_svg("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", "QR"))
    starts = [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h\d+v1h", svg)]
    assert min(x for x, _ in starts) == 4
    assert min(y for _, y in starts) == 4
    assert 'fill="#fff"' in svg
    assert "style" not in svg


def test_the_label_is_escaped() -> None:
    assert 'aria-label="&lt;b&gt;&#34;"' in qr_svg("x", '<b>"')


def test_the_picture_says_what_it_was_given() -> None:
    # The whole matrix again from the path, then the finder pattern in three corners.
    svg = str(qr_svg("x", "QR"))
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg)
    dark = {(int(x) + i, int(y)) for x, y, width in runs for i in range(int(width))}
    assert {(x, 4) for x in range(4, 11)} <= dark
    assert {(4, y) for y in range(4, 11)} <= dark
    assert (5, 5) not in dark
