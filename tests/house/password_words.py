"""Makes the shipped list of what people choose as passwords: `python -m tests.house.password_words`.

From the leaked passwords, English words and names that come with zxcvbn (MIT licence), and for Vietnamese from the
syllables of the language, common names, and what stands in lists of leaked passwords of the country.
"""

from collections.abc import Iterator

from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

from idp.adapters.passwords.blocklist import FILE, fingerprint
from idp.cli.sample_names import FAMILY_NAMES, GIVEN_NAMES, MIDDLE_NAMES
from idp.domain.authenticators.guessing import plain

_SHORTEST = 3

_BEGINNINGS = "b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_ENDINGS = """
    a ac ach ai am an ang anh ao ap at au ay e ec em en eng eo ep et enh ech eu i ia ich iec iem ien ieng iep iet ieu im
    in inh ip it iu o oa oac oach oai oan oang oanh oat oay oc oe oen oet oi om on ong op ot oeo u ua uan uang uat uay
    uc ue uech uenh ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu uy uya uyen uyet uynh uyt uych y yen yeu
    ym yet
"""
_CHOSEN = """
    matkhau anhyeuem emyeuanh yeuanh yeuem yeuanhmai yeuemmai yeuemnhieu anhnhoem emnhoanh khongbiet khongco khongcopass
    vietnam hanoi saigon hochiminh haiphong danang cantho nguyenvan nguyenvana nguyenthi tranvan tranthi levan lethi
    phamvan hoangvan bachkhoa conyeu conyeume boyeu meyeu giadinh taikhoan dichvucong vneid canbo xinchao chaoban
    chucmung toiyeuvietnam vietnamvodich hoilamgi tinhyeu mottinhyeu hanhphuc nhoanh nhoem embe banbe haihuoc batngo
    quantri quantrivien congan chinhphu bokhoahoc thutuong cccd chungminh congdan zalo zalopay momo vietcombank
    vietinbank agribank techcombank viettel vinaphone mobifone liverpool manchester barcelona juventus chelsea ronaldo
    messi passw0rd passwort changeme letmein correcthorsebatterystaple iloveyou
"""


def words() -> Iterator[str]:
    """Yield every word, as it is compared."""
    for listed in FREQUENCY_LISTS.values():
        yield from map(plain, listed)
    yield from (beginning + ending for beginning in ("", *_BEGINNINGS.split()) for ending in _ENDINGS.split())
    yield from _CHOSEN.split()
    families = [plain(name) for name, _ in FAMILY_NAMES]
    yield from families
    for sex, given in GIVEN_NAMES.items():
        yield from map(plain, given)
        for middle in {plain(name) for name in MIDDLE_NAMES[sex]}:
            yield from (middle + plain(name) for name in given)
            yield from (family + middle for family in families)
    yield from (family + plain(name) for family in families for given in GIVEN_NAMES.values() for name in given)


def packed() -> bytes:
    """Return the content of the file."""
    return b"".join(sorted({fingerprint(word) for word in words() if len(word) >= _SHORTEST}))


if __name__ == "__main__":
    FILE.write_bytes(packed())
